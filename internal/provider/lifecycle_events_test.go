package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// listNames has the server show another list of event names than the one that it accepts.
func (r *rig) listNames(body string) func() {
	return func() {
		r.ClearFaults()
		r.Fail(wingspantest.Fault{Route: wingspantest.RouteEventNames, Times: -1, Status: http.StatusOK, Body: body})
	}
}

// TestMisspelledEvent is refused at plan, at create and at update, and nothing is written.
func TestMisspelledEvent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(
		resource.TestStep{
			Config:      r.hook(`subscribed_events = ["Invoice.Paid", "Invoice.PaymentFaild"]`),
			PlanOnly:    true,
			ExpectError: says(`Unknown event name`),
		},
		resource.TestStep{
			Config:      r.hook(`subscribed_events = ["Invoice.Paid", "Invoice.PaymentFaild"]`),
			ExpectError: says(`"Invoice.PaymentFaild" isn't a known event name. Did you mean "Invoice.PaymentFailed"?`),
		},
		resource.TestStep{Config: r.hook(), Check: r.writes("POST sharedSecret,subscribedEvents,url")},
		resource.TestStep{
			Config:      r.hook(`url = "https://hooks.example.com/b"`, `subscribed_events = ["Invoice.Paid", "InvoiceSent"]`),
			ExpectError: says(`"InvoiceSent" isn't a known event name. Did you mean "Invoice.Sent"?`),
		},
		resource.TestStep{Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
		resource.TestStep{
			// A name in the state stays good although Wingspan does not list it any more, and a new one is checked.
			PreConfig:   r.listNames(`["Payee.Created"]`),
			Config:      r.hook(`subscribed_events = ["Invoice.Paid", "Invoice.Sent", "Payee.Creatd"]`),
			ExpectError: says(`"Payee.Creatd" isn't a known event name. Did you mean "Payee.Created"?`),
		},
		resource.TestStep{
			Config:           r.hook(`subscribed_events = ["Invoice.Paid", "Invoice.Sent", "Payee.Created"]`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            r.writes("PATCH subscribedEvents"),
		},
		resource.TestStep{
			Config:           r.hook(`url = "https://hooks.example.com/b"`, `subscribed_events = ["Invoice.Paid"]`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            all(r.asked(wingspantest.RouteEventNames, 0), r.writes("PATCH subscribedEvents,url")),
		},
	)
	r.wantWrites("DELETE")
}

// TestEventNamesUnderWarningAndOff: a name that only the server knows can be used.
func TestEventNamesUnderWarningAndOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	config := func(mode string, events ...string) string {
		return strings.Replace(r.hook(`subscribed_events = ["`+strings.Join(events, `", "`)+`"]`), "api_token", "event_name_validation = \""+mode+"\"\n  api_token", 1)
	}
	r.run(
		resource.TestStep{
			PreConfig: r.listNames(`["Invoice.Paid"]`), Config: config("warning", "Invoice.Paid", "Invoice.Sent"),
			Check: all(r.asked(wingspantest.RouteEventNames, 2), r.writes("POST sharedSecret,subscribedEvents,url")),
		},
		resource.TestStep{
			Config: config("off", "Invoice.Paid", "Invoice.Sent", "Payout.Failed"),
			Check:  all(r.asked(wingspantest.RouteEventNames, 0), r.writes("PATCH subscribedEvents")),
		},
	)
	r.wantWrites("DELETE")
}

// TestEventNameDiagnostics has the texts, which the CLI breaks into lines, whole, and the paths.
func TestEventNameDiagnostics(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	config := hookValues(values{"subscribed_events": []string{"Invoice.Paid", "Invoice.Payd", "payoutFailedAt"}})
	const paid = `"Invoice.Payd" isn't a known event name. Did you mean "Invoice.Paid"?`

	w := r.wire()
	_, told := w.plan(held{}, config)
	told.want(t, "error at subscribed_events[Invoice.Payd]: Unknown event name", "error at subscribed_events[payoutFailedAt]: Unknown event name")
	if want := paid + "\n\nIf the name is valid, set event_name_validation = \"warning\" in the provider configuration."; told[0].Detail != want {
		t.Errorf("\n got %q\nwant %q", told[0].Detail, want)
	}

	_, told = r.wire(values{"event_name_validation": "warning"}).plan(held{}, config)
	told.want(t, "warning at subscribed_events[Invoice.Payd]: Unknown event name", "warning at subscribed_events[payoutFailedAt]: Unknown event name")
	if told[0].Detail != paid {
		t.Errorf("\n got %q\nwant %q", told[0].Detail, paid)
	}

	if n := r.Count("GET", wingspantest.RouteEventNames); n != 2 {
		t.Errorf("%d requests for the names, want one for each provider", n)
	}
	_, told = r.wire(values{"event_name_validation": "off"}).plan(held{}, config)
	told.want(t)
	if n := r.Count("GET", wingspantest.RouteEventNames); n != 2 {
		t.Error("the names were asked for although they are not checked")
	}
	r.wantWrites()
}

// TestEventNamesUnavailable is one warning, however many webhooks there are. A rejected token is the error that it is.
func TestEventNamesUnavailable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault wingspantest.Fault
	}{
		{"down", wingspantest.ErrorStatus(http.StatusInternalServerError, "down")},
		{"empty list", wingspantest.Fault{Body: "[]"}},
		{"list of nothing", wingspantest.Fault{Body: `[{"eventName":""},{}]`}},
		{"HTML", wingspantest.HTML(http.StatusOK)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			test.fault.Route, test.fault.Times = wingspantest.RouteEventNames, -1
			r.Fail(test.fault)
			w := r.wire(values{"max_retries": 1})
			_, told := w.plan(held{}, hookValues())
			told.want(t, "warning: Event names not validated")
			for _, url := range []string{changedURL, changedURL + "/c"} {
				_, told = w.plan(held{}, hookValues(values{"url": url}))
				told.want(t)
			}
			h, told := w.apply(held{}, hookValues(values{"url": changedURL + "/d"}))
			told.want(t)
			if w.values(h)["id"] == nil {
				t.Errorf("state: %v", w.values(h))
			}
			r.wantWrites("POST sharedSecret,subscribedEvents,url")
		})
	}
}

// TestAccessIsCheckedDuringPlanning: neither a token without access to the account nor a rejected one makes a plan.
func TestAccessIsCheckedDuringPlanning(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"error", "off"} {
		r := newRig(t)
		w := r.wire(values{"event_name_validation": mode})
		_, told := w.plan(held{}, hookValues(values{"user_id": "usrElsewhere"}))
		told.want(t, "error: Account access denied")
		r.SetToken("fake-new-token")
		_, told = w.plan(held{}, hookValues())
		told.want(t, "error: API token rejected")
		r.wantWrites()
	}
}

// TestEventNamesDataSource reads both forms that the list may have.
func TestEventNamesDataSource(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetEventNames("Payout.Failed", "Invoice.Paid")
	names := func(want ...string) []statecheck.StateCheck {
		checks := make([]knownvalue.Check, len(want))
		for i, w := range want {
			checks[i] = knownvalue.StringExact(w)
		}

		return []statecheck.StateCheck{statecheck.ExpectKnownValue("data.wingspan_event_names.all", tfjsonpath.New("names"), knownvalue.ListExact(checks))}
	}
	config := r.config(`data "wingspan_event_names" "all" {}`)
	r.run(
		resource.TestStep{Config: config, ConfigStateChecks: names("Invoice.Paid", "Payout.Failed")},
		resource.TestStep{
			PreConfig: func() {
				r.SetEventNamesForm(wingspantest.Strings)
				r.SetEventNames("Payee.Created", "Invoice.Paid", "Payee.Created")
			},
			Config: config, ConfigStateChecks: names("Invoice.Paid", "Payee.Created"),
		},
		resource.TestStep{
			PreConfig: r.listNames(`["b", {"eventName": "a", "userId": "u", "more": [1]}, "", {"eventName": "b"}]`),
			Config:    config, ConfigStateChecks: names("a", "b"),
		},
		resource.TestStep{
			PreConfig: func() { r.ClearFaults(); r.SetToken("fake-new-token") }, Config: config,
			ExpectError: says(`API token rejected`),
		},
	)
	r.wantWrites()
	for _, request := range r.Requests() {
		if request.Method != http.MethodGet || request.Route != wingspantest.RouteEventNames {
			t.Errorf("sent %s %s", request.Method, request.Path)
		}
	}
}

// TestNamesAsStringsAreChecked: the check understands the other form as well.
func TestNamesAsStringsAreChecked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetEventNamesForm(wingspantest.Strings)
	w := r.wire()
	_, told := w.plan(held{}, hookValues(values{"subscribed_events": []string{"Invoice.Paid", "Invoice.Snt"}}))
	told.want(t, "error at subscribed_events[Invoice.Snt]: Unknown event name")
	h, told := w.apply(held{}, hookValues())
	told.want(t)
	if diff := cmp.Diff([]any{"Invoice.Paid", "Invoice.Sent"}, w.values(h)["subscribed_events"]); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	r.wantWrites("POST sharedSecret,subscribedEvents,url")
}
