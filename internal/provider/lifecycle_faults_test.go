package provider

import (
	"net/http"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestStateSurvivesFailures: between the commands of which some fail, nothing is lost, sent twice, or forgotten.
func TestStateSurvivesFailures(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.env["WINGSPAN_MAX_RETRIES"] = "1"
	failing := func(method string, times int, f wingspantest.Fault) func() {
		return func() {
			f.Method, f.Times = method, times
			if f.Route = wingspantest.RouteItem; method == http.MethodPost {
				f.Route = wingspantest.RouteCreate
			}
			r.ClearFaults()
			r.Fail(f)
		}
	}
	const forEver = -1
	lost := wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: true}
	changed := hookValues(values{"url": changedURL})
	r.run(
		// A create whose response is lost is found.
		step{before: failing(http.MethodPost, 1, lost), config: hookValues(), plan: toCreate, state: hookValues(), writes: []string{create}},
		step{
			before: failing(http.MethodGet, forEver, wingspantest.ErrorStatus(500, "down")), config: hookValues(), diags: []string{apiUnavailable},
			text: `Wingspan responded with 500 Internal Server Error: "down". GET failed after 2 attempts`,
		},
		step{before: r.ClearFaults, config: hookValues(), plan: noChange},
		// Both attempts are carried out, although neither gets a response: the next run finds nothing left to do.
		step{
			before: failing(http.MethodPatch, forEver, lost), config: changed, applyDiags: []string{notReached}, writes: []string{patchURL, patchURL},
			text: `The change may have been applied. Run the same command again; it reads the current state first.`,
		},
		step{before: r.ClearFaults, config: changed, plan: noChange, state: changed},
		step{
			before: failing(http.MethodDelete, forEver, wingspantest.ErrorStatus(403, "Session expired")), applyDiags: []string{tokenRejected},
			text: `Could not delete webhook preference`, writes: []string{"DELETE"},
		},
		step{before: r.ClearFaults, config: changed, plan: noChange, state: changed},
	)
}
