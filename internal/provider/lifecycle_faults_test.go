package provider

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// failing is a step's preparation: from now on these faults strike, and no others.
func (r *rig) failing(faults ...wingspantest.Fault) func() {
	return func() {
		r.ClearFaults()
		for _, f := range faults {
			r.Fail(f)
		}
	}
}

// forEver has a fault strike every call of a method to a route.
func forEver(method string, route wingspantest.Route, f wingspantest.Fault) wingspantest.Fault {
	f.Method, f.Route, f.Times = method, route, -1

	return f
}

// TestFailedUpdateKeepsState is a selection of the fault matrix with the real CLI, between whose commands the state has to survive.
func TestFailedUpdateKeepsState(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env["WINGSPAN_MAX_RETRIES"] = "1"
	changed := r.hook(`url = "` + changedURL + `"`)
	item := wingspantest.RouteItem
	r.run(
		resource.TestStep{Config: r.hook(), Check: r.writes("POST sharedSecret,subscribedEvents,url")},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodGet, item, wingspantest.ErrorStatus(403, "Session expired"))), Config: r.hook(),
			ExpectError: says(`Wingspan responded with 403 Forbidden: "Session expired"`),
		},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodGet, item, wingspantest.ErrorStatus(500, "down"))), Config: r.hook(),
			ExpectError: says(`Wingspan responded with 500 Internal Server Error: "down". GET failed after 2 attempts`),
		},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodGet, item, wingspantest.HTML(200))), Config: r.hook(),
			ExpectError: says(`Unexpected API response`),
		},
		resource.TestStep{PreConfig: r.failing(), Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodPatch, item, wingspantest.ErrorStatus(422, "url: no such host"))), Config: changed,
			ExpectError: says(`Invalid url`),
		},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodPatch, item, wingspantest.TooMany(""))), Config: changed,
			ExpectError: says(`Rate limit exceeded`),
		},
		resource.TestStep{
			// Both attempts are carried out, although neither is answered: the next run finds nothing left to do.
			PreConfig:   r.failing(forEver(http.MethodPatch, item, wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: true})),
			Config:      changed,
			ExpectError: says(`The change may have been applied. Run the same command again; it reads the current state first.`),
		},
		resource.TestStep{
			PreConfig: func() { r.ClearFaults(); r.ResetRequests() }, Config: changed,
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{urlIs(changedURL)},
			Check:             r.writes(),
		},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodDelete, item, wingspantest.ErrorStatus(403, "Session expired"))), Config: changed, Destroy: true,
			ExpectError: says(`Could not delete webhook preference`),
		},
		resource.TestStep{
			PreConfig: func() { r.ClearFaults(); r.ResetRequests() }, Config: changed,
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes(),
		},
	)
	r.wantWrites("DELETE")
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

// TestFailedCreateIsNeitherLostNorDuplicated through the CLI: refused, lost before it was carried out, and lost afterwards.
func TestFailedCreateIsNeitherLostNorDuplicated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env["WINGSPAN_MAX_RETRIES"] = "1"
	create := wingspantest.RouteCreate
	r.run(
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodPost, create, wingspantest.ErrorStatus(400, "sharedSecret is too weak"))), Config: r.hook(),
			ExpectError: says(`Invalid shared secret`),
		},
		resource.TestStep{
			PreConfig: r.failing(forEver(http.MethodPost, create, wingspantest.HTML(502))), Config: r.hook(),
			ExpectError: says(`was most likely not created`),
		},
		resource.TestStep{
			PreConfig:   r.failing(forEver(http.MethodPost, create, wingspantest.Redirect("https://elsewhere.example.com/"))),
			Config:      r.hook(),
			ExpectError: says(`a redirect to https://elsewhere.example.com, which is not followed`),
		},
		resource.TestStep{
			PreConfig: func() {
				r.failing(wingspantest.Fault{Method: http.MethodPost, Route: create, Cut: wingspantest.CutConnection, Commit: true})()
				r.ResetRequests()
			},
			Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/a")},
			Check:             r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
	)
	r.wantWrites("DELETE")
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}
