package provider

import (
	"net/http"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// listNames has the server show another list of event names than the one that it accepts.
func (r *harness) listNames(body string) func() {
	return func() {
		r.ClearFaults()
		r.Fail(wingspantest.Fault{Route: wingspantest.RouteEventNames, Times: -1, Status: http.StatusOK, Body: body})
	}
}

// TestMisspelledEvent is refused during planning, at create and at update, and nothing is written.
func TestMisspelledEvent(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	config := func(events ...string) values { return hookValues(values{"subscribed_events": events}) }
	unknown := func(name string) []string {
		return []string{"error at subscribed_events[" + name + "]: Unknown event name"}
	}
	r.run(
		step{config: config("Invoice.Paid", "Invoice.PaymentFaild"), diags: unknown("Invoice.PaymentFaild"), text: `"Invoice.PaymentFaild" isn't a known event name. Did you mean "Invoice.PaymentFailed"?` +
			"\n\nIf the name is valid, set event_name_validation = \"warning\" in the provider configuration."},
		step{config: config("Invoice.Paid", "Invoice.Sent"), writes: []string{create}},
		step{config: config("Invoice.Paid", "InvoiceSent"), diags: unknown("InvoiceSent"), text: `Did you mean "Invoice.Sent"?`},
		// A name in the state stays good although Wingspan does not list it any more, and a new one is checked.
		step{
			before: r.listNames(`["Payee.Created"]`), config: config("Invoice.Paid", "Invoice.Sent", "Payee.Creatd"),
			diags: unknown("Payee.Creatd"), text: `Did you mean "Payee.Created"?`,
		},
		step{config: config("Invoice.Paid", "Invoice.Sent", "Payee.Created"), plan: toUpdate, writes: []string{patchEvents}},
		step{
			config: with(config("Invoice.Paid"), values{"url": changedURL}), plan: toUpdate, writes: []string{"PATCH subscribedEvents,url"},
			after: func() { r.wantAsked(wingspantest.RouteEventNames, 0) },
		},
	)
}

// TestEventNamesUnderWarningAndOff: a name that only the server knows can be used.
func TestEventNamesUnderWarningAndOff(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	asked := func(times int) func() {
		return func() { r.wantAsked(wingspantest.RouteEventNames, times) }
	}
	unknown := []string{"warning at subscribed_events[Invoice.Sent]: Unknown event name"}
	r.run(
		// The names are asked for once by the process that plans and once by the one that applies.
		step{
			before: r.listNames(`["Invoice.Paid"]`), block: values{"event_name_validation": "warning"}, config: hookValues(),
			diags: unknown, text: `"Invoice.Sent" isn't a known event name.`, writes: []string{create}, after: asked(2),
		},
		step{
			block: values{"event_name_validation": "off"}, config: hookValues(values{"subscribed_events": []string{"Invoice.Paid", "Payout.Failed"}}),
			writes: []string{patchEvents}, after: asked(0),
		},
	)
}

// TestWhatCannotBeCheckedIsAWarning, and only one, however many webhooks there are, and stops no create. A rejected token is the error that it is.
func TestWhatCannotBeCheckedIsAWarning(t *testing.T) {
	t.Parallel()
	const noNames, noDuplicates = "warning: Event names not validated", "warning: Duplicates not checked"
	down := wingspantest.ErrorStatus(http.StatusInternalServerError, "down")
	for name, test := range map[string]struct {
		route wingspantest.Route
		fault wingspantest.Fault
		line  string
		text  string
	}{
		"names, down":            {wingspantest.RouteEventNames, down, noNames, ""},
		"names, empty list":      {wingspantest.RouteEventNames, wingspantest.Fault{Body: "[]"}, noNames, ""},
		"names, list of nothing": {wingspantest.RouteEventNames, wingspantest.Fault{Body: `[{"eventName":""},{}]`}, noNames, ""},
		"names, HTML":            {wingspantest.RouteEventNames, wingspantest.HTML(http.StatusOK), noNames, ""},
		"list, down":             {wingspantest.RouteList, down, noDuplicates, "could not retrieve"},
		"list, 401":              {wingspantest.RouteList, wingspantest.ErrorStatus(http.StatusUnauthorized, "no"), noDuplicates, "could not retrieve"},
		"list, 403":              {wingspantest.RouteList, wingspantest.ErrorStatus(http.StatusForbidden, "no"), noDuplicates, "could not retrieve"},
		"list, no list":          {wingspantest.RouteList, wingspantest.Fault{Body: `{"more": true}`}, noDuplicates, "could not decode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			test.fault.Route, test.fault.Times = test.route, -1
			r.Fail(test.fault)
			w := r.configured(values{"max_retries": 1})
			_, diags := w.plan(instance{}, hookValues())
			diags.want(t, test.line)
			diags.wantText(t, test.text)
			for _, url := range []string{changedURL, changedURL + "/c"} {
				w.planned(instance{}, hookValues(values{"url": url}))
			}
			if h := w.applied(instance{}, hookValues(values{"url": changedURL + "/d"})); w.values(h)["id"] == nil {
				t.Errorf("state: %v", w.values(h))
			}
			r.wantWrites(create)
		})
	}
}

// TestAccessIsCheckedDuringPlanning: neither a token without access to the account nor a rejected one makes a plan.
func TestAccessIsCheckedDuringPlanning(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"error", "off"} {
		r := newHarness(t)
		w := r.configured(values{"event_name_validation": mode})
		_, diags := w.plan(instance{}, hookValues(values{"user_id": "usrElsewhere"}))
		diags.want(t, "error: Account access denied")
		r.SetToken("fake-new-token")
		_, diags = w.plan(instance{}, hookValues())
		diags.want(t, "error: API token rejected")
		r.wantWrites()
	}

	// The token expires after the first response, which was a list of names.
	r := newHarness(t)
	r.FailBy(func(request wingspantest.Request) (wingspantest.Fault, bool) {
		return wingspantest.ErrorStatus(http.StatusForbidden, "Session expired"),
			request.Route == wingspantest.RouteList || r.Count("", wingspantest.RouteEventNames) > 0
	})
	_, diags := r.configured().plan(instance{}, hookValues())
	diags.want(t, "error: API token rejected")
}
