package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// descListUserID describes user_id where an account is listed.
const descListUserID = "ID of the account to list. Defaults to the provider's `user_id`, or the token's own account."

// list reads the account's webhook preferences in the order of their creation. Without an error there may be a warning.
func (d *providerData) list(ctx context.Context, userID types.String) ([]wingspan.Preference, diag.Diagnostics) {
	account := d.accountFor(userID)
	list, err := d.webhooks.List(ctx, account)
	if err != nil {
		return nil, d.diagnose(listOp(account), err)
	}
	sortByCreation(list.Preferences)

	return list.Preferences, warnOfIncomplete(list)
}

// warnOfIncomplete is for a list with entries that couldn't be decoded.
func warnOfIncomplete(list wingspan.List) diag.Diagnostics {
	missing := len(list.Unreadable)
	if missing == 0 {
		return nil
	}

	return warningDiag(path.Empty(), "Incomplete list of webhook preferences",
		fmt.Sprintf("%d of %d entries in the list of webhook preferences could not be decoded. The result, and any bulk import from it, is incomplete.",
			missing, missing+len(list.Preferences)),
		"Check Wingspan for webhook preferences that the result doesn't contain, and report this issue: "+issuesURL)
}

// listOp is listing an account, for its errors.
func listOp(account string) operation {
	return operation{verb: "list", object: "the webhook preferences", account: account}
}

// sortByCreation compares times as times: the API promises no fixed number of digits. What has no time comes first.
func sortByCreation(list []wingspan.Preference) {
	at := func(p wingspan.Preference) time.Time {
		t, _ := time.Parse(time.RFC3339, p.CreatedAt)

		return t
	}
	slices.SortFunc(list, func(a, b wingspan.Preference) int {
		return cmp.Or(at(a).Compare(at(b)), strings.Compare(a.ID, b.ID))
	})
}
