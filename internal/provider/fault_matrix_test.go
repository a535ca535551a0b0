package provider

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	changedURL = "https://hooks.example.com/b"

	tokenRejected          = "error: API token rejected"
	requestRejected        = "error: Request rejected"
	rateLimitExceeded      = "error: Rate limit exceeded"
	notReached             = "error: Could not reach Wingspan"
	apiUnavailable         = "error: Wingspan API unavailable"
	unexpectedResponse     = "error: Unexpected API response"
	unexpectedRedirect     = "error: Unexpected redirect"
	contradictoryResponses = "error: Contradictory responses"
	endpointNotFound       = "error: API endpoint not found"
)

// verb is one kind of call, as Terraform causes it.
type verb struct {
	name   string
	method string
	route  wingspantest.Route
	// object is how an error names what the request was for.
	object string
	// config is the resource then, nil for none. A create begins without one.
	config values
	// does causes the call; nil applies config.
	does func(w *providerServer, before instance) (instance, diagnostics)
}

func verbs() []verb {
	data := func(typeName string) func(*providerServer, instance) (instance, diagnostics) {
		return func(w *providerServer, before instance) (instance, diagnostics) {
			return before, second(w.data(typeName, values{}))
		}
	}

	return []verb{
		{"create", http.MethodPost, wingspantest.RouteCreate, "Could not create a webhook preference for https://hooks.example.com/a.", hookValues(), nil},
		{"read", http.MethodGet, wingspantest.RouteItem, "Could not read webhook preference", hookValues(), (*providerServer).read},
		{"update", http.MethodPatch, wingspantest.RouteItem, "Could not update webhook preference", hookValues(values{"url": changedURL}), nil},
		{"delete", http.MethodDelete, wingspantest.RouteItem, "Could not delete webhook preference", nil, nil},
		{"names", http.MethodGet, wingspantest.RouteEventNames, "Could not read the list of event names.", hookValues(), data("wingspan_event_names")},
		{"list", http.MethodGet, wingspantest.RouteList, "Could not list the webhook preferences", hookValues(), data("wingspan_webhook_preferences")},
	}
}

// faultRow is something that goes wrong, and what each verb makes of it. The key "" is for the verbs that are not named.
type faultRow struct {
	name  string
	fault wingspantest.Fault
	once  bool
	// also are the verbs that meet it, beside the create.
	also []string
	// lines is the one diagnostic, "" for none: the verb is through nevertheless.
	lines map[string]string
	// tries is how often the call is sent, 0 for once.
	tries map[string]int
}

func faultRows(elsewhere string) []faultRow {
	every := func(line string) map[string]string { return map[string]string{"": line} }
	twice := map[string]int{"": 2}
	everyVerb := []string{"read", "update", "delete", "names", "list"}
	committed := func(f wingspantest.Fault) wingspantest.Fault {
		f.Commit = true

		return f
	}

	return []faultRow{
		{name: "400", fault: wingspantest.ErrorStatus(400, "bad request"), lines: every(requestRejected)},
		{name: "401", fault: wingspantest.ErrorStatus(401, "no usable token"), lines: every(tokenRejected)},
		{name: "403", also: everyVerb, fault: wingspantest.ErrorStatus(403, "Session expired"), lines: every(tokenRejected)},
		{
			name: "404 although it is listed", also: everyVerb, fault: wingspantest.ErrorStatus(404, "not found"),
			lines: map[string]string{"": endpointNotFound, "read": contradictoryResponses, "update": contradictoryResponses, "delete": contradictoryResponses},
		},
		{name: "409", fault: wingspantest.ErrorStatus(409, "conflict"), lines: every(requestRejected)},
		{name: "422", fault: wingspantest.ErrorStatus(422, "cannot be processed"), lines: every(requestRejected)},
		{name: "429 once", also: everyVerb, fault: wingspantest.TooMany("0"), once: true, tries: twice},
		{name: "429 for ever", fault: wingspantest.TooMany(""), lines: every(rateLimitExceeded), tries: twice},
		{name: "500 once", fault: wingspantest.ErrorStatus(500, "down"), once: true, tries: twice},
		{name: "500 for ever", fault: wingspantest.ErrorStatus(500, "down"), lines: every(apiUnavailable), tries: twice},
		{name: "500 once after it was carried out", also: everyVerb, fault: committed(wingspantest.ErrorStatus(500, "down")), once: true, tries: map[string]int{"": 2, "create": 1}},
		{name: "503 for ever", fault: wingspantest.ErrorStatus(503, "down"), lines: every(apiUnavailable), tries: twice},
		{name: "HTML 502 for ever", fault: wingspantest.HTML(502), lines: every(apiUnavailable), tries: twice},
		{name: "HTML 200", also: everyVerb, fault: wingspantest.HTML(200), lines: every(unexpectedResponse), tries: map[string]int{"delete": 2}},
		{name: "broken JSON", fault: wingspantest.BrokenJSON(), lines: every(unexpectedResponse), tries: map[string]int{"delete": 2}},
		{name: "empty body after it was carried out", fault: committed(wingspantest.EmptyBody())},
		{name: "cut for ever", also: everyVerb, fault: wingspantest.Fault{Cut: wingspantest.CutConnection}, lines: every(notReached), tries: twice},
		{name: "cut once after it was carried out", fault: wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: true}, once: true, tries: map[string]int{"": 2, "create": 1}},
		{
			name: "cut for ever after it was carried out", fault: wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: true}, also: []string{"update"},
			lines: map[string]string{"update": notReached}, tries: map[string]int{"update": 2},
		},
		{name: "cut in the body for ever", fault: wingspantest.Fault{Cut: wingspantest.CutBody}, lines: every(notReached), tries: twice},
		{name: "redirect", fault: wingspantest.Fault{Status: 307, Header: http.Header{"Location": {elsewhere + "/integrations/webhooks/preference"}}}, lines: every(unexpectedRedirect)},
	}
}

// TestFaultMatrix goes along its axes: every verb meets one fault of each kind, and a create, whose retries are dangerous, meets all. It
// asserts the diagnostic, how often the request was sent, that the state is as it was or as it has to be, and that the next
// run, with the fault gone, ends with what is configured, once.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	elsewhere := wingspantest.New(t)
	for _, row := range faultRows(elsewhere.URL()) {
		for _, v := range verbs() {
			if v.name != "create" && !slices.Contains(row.also, v.name) {
				continue
			}
			t.Run(v.name+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				meetFault(t, v, row)
			})
		}
	}
	t.Cleanup(func() {
		if n := len(elsewhere.Requests()); n > 0 {
			t.Errorf("%d requests followed a redirect", n)
		}
	})
}

func meetFault(t *testing.T, v verb, row faultRow) {
	t.Helper()
	r := newHarness(t)
	var before instance
	if v.name != "create" {
		before = r.createdAnHourAgo()
	}
	w := r.configured(values{"max_retries": 1, "event_name_validation": "off"})
	kept := w.values(before)
	r.ResetRequests()

	fault := row.fault
	fault.Method, fault.Route = v.method, v.route
	if !row.once {
		fault.Times = -1
	}
	r.Fail(fault)
	does := v.does
	if does == nil {
		does = func(w *providerServer, before instance) (instance, diagnostics) { return w.apply(before, v.config) }
	}
	after, diags := does(w, before)

	line, named := row.lines[v.name]
	if !named {
		line = row.lines[""]
	}
	diags.want(t, line)
	wantTries(t, r, v, row)
	if diags.failed() {
		diags.wantText(t, v.object)
		if diff := cmp.Diff(kept, w.values(after)); diff != "" {
			t.Errorf("state after the failure (-want +got):\n%s", diff)
		}
	} else {
		wantConfigured(t, r, w, v, after)
	}

	r.ClearFaults()
	r.ResetRequests()
	wantRecovery(t, r, v, after)
}

// createdAnHourAgo creates the resource, an hour ago as far as anyone can tell, so that a 404 is believed at once.
func (r *harness) createdAnHourAgo() instance {
	r.t.Helper()
	w := r.configured()
	h := w.applied(instance{}, hookValues())
	r.edit(func(p *wingspantest.Preference) { p.CreatedAt = p.CreatedAt.Add(-time.Hour) })()

	return w.refreshed(h)
}

func wantTries(t *testing.T, r *harness, v verb, row faultRow) {
	t.Helper()
	want, named := row.tries[v.name]
	if !named {
		want = max(row.tries[""], 1)
	}
	// A 404 is doubted, and net/http repeats a GET on a connection that it used before, on top of that.
	if got := r.Count(v.method, v.route); got < want || got > want && v.method == http.MethodPost {
		t.Errorf("%s was sent %d times, want %d", v.method, got, want)
	}
	for _, write := range r.Writes() {
		if write.Method != v.method {
			t.Errorf("a %s was sent as well", write.Method)
		}
	}
}

// wantConfigured asserts that the state and the server have what the verb's configuration sets, once.
func wantConfigured(t *testing.T, r *harness, w *providerServer, v verb, h instance) {
	t.Helper()
	state := w.values(h)
	if v.config == nil {
		if left := len(r.Preferences()); state != nil || left > 0 {
			t.Errorf("state %v, the server has %d preferences", state, left)
		}

		return
	}
	if p := r.only(); state["id"] != p.ID || state["url"] != v.config["url"] || p.URL != v.config["url"] || p.SharedSecret != fakeSecret {
		t.Errorf("state %v, the server has %q with url %q", state, p.ID, p.URL)
	}
}

// wantRecovery is the next run, in a process of its own.
func wantRecovery(t *testing.T, r *harness, v verb, h instance) {
	t.Helper()
	w := r.configured()
	if w.exists(h) {
		h = w.refreshed(h)
	}
	if w.exists(h) || v.config != nil {
		h = w.applied(h, v.config)
	}
	wantConfigured(t, r, w, v, h)
	if v.config != nil {
		w.wantSame(h, w.planned(h, v.config).instance)
	}
}
