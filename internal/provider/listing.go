package provider

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// descListUserID describes user_id where an account is listed.
const descListUserID = "ID of the account to list. Defaults to the provider's `user_id`, or the token's own account."

// listOp is listing an account, for its errors.
func listOp(account string) operation {
	return operation{verb: "list", object: "the webhook preferences", account: account}
}

// sortByCreation compares times as times: the API promises no fixed number of digits. What has no time comes first.
func sortByCreation(list []wingspan.Preference) {
	at := func(p wingspan.Preference) time.Time {
		t, err := time.Parse(time.RFC3339, p.CreatedAt)
		if err != nil {
			return time.Time{}
		}

		return t
	}
	slices.SortFunc(list, func(a, b wingspan.Preference) int {
		return cmp.Or(at(a).Compare(at(b)), strings.Compare(a.ID, b.ID))
	})
}
