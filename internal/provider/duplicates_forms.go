package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// warnOfOtherForms is for webhooks that may be what an earlier run created, in Wingspan's own form of the URL. It is no error: by RFC 3986
// the URLs aren't equivalent, and may be two endpoints.
func (d *providerData) warnOfOtherForms(ctx context.Context, w *wanted) diag.Diagnostics {
	var unmanaged []wingspan.Preference
	for _, p := range d.webhooks.InOtherForms(ctx, w.account, w.url, w.events) {
		if managed, _ := d.run.isManaged(ctx, p.ID); !managed && p.ID != w.id {
			unmanaged = append(unmanaged, p)
		}
	}
	if len(unmanaged) == 0 {
		return nil
	}

	return warnOfSimilar(unmanaged, w, d.run.wasRefreshed())
}

func warnOfSimilar(found []wingspan.Preference, w *wanted, refreshed bool) diag.Diagnostics {
	advice := "Before you apply, check whether they do."
	if refreshed {
		advice += " If one of them was created by an earlier run, import it instead of creating another one."
	}
	list := firstFew(5, found, func(p wingspan.Preference) string {
		return preferenceLabel(p.ID) + " (" + wingspan.DisplayURL(p.URL) + ")"
	})

	return warningDiag(path.Empty(), "Similar webhook preference", fmt.Sprintf(
		"The URL %s differs in nothing but punctuation and case from the URL of: %s. They share events, which are delivered twice if the URLs lead to one endpoint.",
		wingspan.DisplayURL(w.url), list), advice)
}
