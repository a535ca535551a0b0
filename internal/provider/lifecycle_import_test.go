package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestImportReadsEverythingButTheSecret, and compares with what was created.
func TestImportReadsEverythingButTheSecret(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	h := r.createdAnHourAgo()
	r.edit(func(p *wingspantest.Preference) { p.Labels = map[string]string{"team": "pay"} })()
	r.ResetRequests()
	w := r.configured()
	h, diags := w.read(h)
	diags.want(t)
	for _, id := range []string{r.only().ID, wingspantest.OwnAccount + "/" + r.only().ID} {
		imported, diags := w.importID(id)
		diags.want(t)
		if diff := cmp.Diff(with(w.values(h), values{"shared_secret": nil}), w.values(imported)); diff != "" {
			t.Errorf("import of %s (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff(w.identityOf(h.identity), w.identityOf(imported.identity)); diff != "" {
			t.Errorf("identity of %s (-want +got):\n%s", id, diff)
		}
	}
	r.wantWrites()
}
