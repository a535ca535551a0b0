package wingspan

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// createResult is what came of one create.
type createResult struct {
	// outcome is an *AmbiguousCreateError's; made is no error.
	outcome AmbiguousOutcome
	// returned and candidates are the ids that the caller learns. That of the only webhook which is what was asked for is written "it".
	returned, candidates string
	// live is how many webhooks there are that are what was asked for.
	live           int
	posts, deletes int
}

const made AmbiguousOutcome = -1

var (
	adopted  = createResult{outcome: made, returned: "it", live: 1, posts: 1}
	repeated = createResult{outcome: made, returned: "it", live: 1, posts: 2}
)

// createCase is a create on a server of its own.
type createCase struct {
	name    string
	setups  []setup
	account string
	want    createResult
}

func (c createCase) run(t *testing.T) {
	t.Helper()
	webhooks, server := serverStore(t)
	for _, w := range c.setups {
		w(t, webhooks, server)
	}
	before := server.Preferences()
	server.ResetRequests()
	hook := newHook()
	created, err := webhooks.Create(t.Context(), c.account, hook, CreateOptions{AllowDuplicate: true})

	got := createResult{outcome: made, posts: posts(server), deletes: server.Count(http.MethodDelete, wingspantest.RouteItem)}
	var candidates []string
	if err != nil {
		e := wantError[*AmbiguousCreateError](t, err)
		got.outcome, candidates = e.Outcome, idsOf(e.Candidates)
		wantEqual(t, "searched long enough", e.Searched >= webhooks.client.settle, true)
		wantEqual(t, "refused lists", IsUnauthorized(e.ListErr), e.Outcome == Unlistable)
	}
	if created != nil {
		got.returned = created.ID
		wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)
	}
	server.CommitLate()
	for _, p := range server.Preferences() {
		if SameURL(p.URL, hook.URL) && p.SharedSecret == string(hook.SharedSecret) && sameEvents(p.SubscribedEvents, hook.SubscribedEvents) {
			got.live++
			got.returned = strings.ReplaceAll(got.returned, p.ID, "it")
			if i := slices.Index(candidates, p.ID); i >= 0 {
				candidates[i] = "it"
			}
		}
	}
	slices.Sort(candidates)
	got.candidates = strings.Join(candidates, " ")
	if got != c.want {
		t.Errorf("%+v, want %+v: %v", got, c.want, err)
	}
	for _, p := range before {
		_, there := server.Preference(p.ID)
		wantEqual(t, "what was there before is there", there, true)
	}
}

func runCreates(t *testing.T, cases []createCase) {
	t.Helper()
	for _, c := range cases {
		bubble(t, c.name, c.run)
	}
}

// lostResponses are the ways in which the response to a create gets lost, and whether the server can't be at work on it any more.
func lostResponses(commit bool) (faults map[string]wingspantest.Fault, over map[string]bool) {
	faults = map[string]wingspantest.Fault{
		"a cut connection": {Cut: wingspantest.CutConnection}, "a cut body": {Cut: wingspantest.CutBody},
		"500": wingspantest.ErrorStatus(500, "oops"), "502": wingspantest.HTML(502), "503": {Status: 503},
		"too much": {Body: "[", Header: http.Header{"Content-Length": {"8388609"}}},
		"504":      wingspantest.ErrorStatus(504, "upstream timeout"), "408": wingspantest.ErrorStatus(408, "too slow"),
		"a page": wingspantest.HTML(200), "broken JSON": wingspantest.BrokenJSON(), "nothing": wingspantest.EmptyBody(),
		"an error with 200": {Body: `{"error":"oops"}`}, "an id of another type": {Body: `{"preferenceId":7}`},
	}
	for name, f := range faults {
		f.Commit = commit
		faults[name] = onPosts(f)
	}

	return faults, map[string]bool{"a cut connection": true, "a cut body": true, "500": true, "502": true, "503": true, "too much": true}
}

func TestALostCreateIsAdoptedOrRepeatedWhereNothingIsPending(t *testing.T) {
	t.Parallel()

	var cases []createCase
	add := func(name string, want createResult, setups ...setup) {
		cases = append(cases, createCase{name: name, setups: append([]setup{holding(3)}, setups...), want: want})
	}
	carriedOut, over := lostResponses(true)
	for name, fault := range carriedOut {
		add(name+", carried out", adopted, failing(fault))
	}
	notCarriedOut, _ := lostResponses(false)
	for name, fault := range notCarriedOut {
		if over[name] {
			add(name+", not carried out", repeated, failing(fault))
		} else {
			add(name+", perhaps pending", createResult{outcome: NotListed, posts: 1}, failing(fault))
		}
	}
	for _, status := range []int{504, 408} {
		late := onPosts(wingspantest.Fault{Status: status, Late: true})
		add(fmt.Sprintf("%d, carried out later", status), createResult{outcome: NotListed, live: 1, posts: 1}, failing(late))
	}
	for shown, events := range map[string]wingspantest.EventsMode{
		"echoed": wingspantest.AsSent, "masked": wingspantest.Shuffled, "hashed": wingspantest.Null, "omitted": wingspantest.Missing,
	} {
		form := settings(func(c *wingspantest.Settings) { c.Secrets, c.Events = secretModes[shown], events })
		add("secrets "+shown+", carried out", adopted, form, failing(lostCreate(true)))
		add("secrets "+shown+", not carried out", repeated, form, failing(lostCreate(false)))
	}
	for _, retries := range []int{0, 2} {
		cases = append(cases, createCase{fmt.Sprintf("at most %d retries", retries), []setup{
			func(_ testing.TB, w *Webhooks, _ *wingspantest.Server) { w.client.policy.maxRetries = retries },
			failing(always(lostCreate(false))),
		}, "", createResult{outcome: NotListedComplete, posts: retries + 1}})
	}
	twice := lostCreate(false)
	twice.Times = 2
	add("lost twice in a list that may be cut off", createResult{outcome: NotListed, posts: 2}, failing(twice))
	// It was longer before, so that it would show what the create made.
	add("lost twice in a list that isn't cut off", createResult{outcome: made, returned: "it", live: 1, posts: 3}, func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
		t.Helper()
		_, err := w.List(t.Context(), "")
		wantNoError(t, err)
		wantNoError(t, w.Delete(t.Context(), Target{ID: s.Preferences()[0].ID}))
		time.Sleep(2 * listLifetime)
	}, failing(twice))
	runCreates(t, cases)
}

func TestATimeoutIsSearchedForAsLongAsAnAttemptMayTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := &script{answer: func(r *http.Request) step {
			switch {
			case r.Method == http.MethodPost:
				return step{delay: time.Hour}
			case time.Since(start) < 55*time.Second: // Long after the attempt has timed out, and after the settle time.
				return step{body: "[]"}
			default:
				return step{body: "[" + documentedJSON("id1") + "]"}
			}
		}}
		wantEqual(t, "id", create(t, NewWebhooks(scripted(t, api)), "", newHook()).ID, "id1")
		wantEqual(t, "seconds", time.Since(start).Truncate(time.Second), 55*time.Second)
	})
}

func TestARejectedCreateIsJustAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{400, 401, 403, 404, 409, 413, 422, 307} {
			webhooks, server := serverStore(t)
			server.Fail(onPosts(always(wingspantest.ErrorStatus(status, "no"))))
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantEqual(t, "status", wantError[*APIError](t, err).Status, status)
			wantEqual(t, "requests", len(server.Requests()), 2)
		}

		webhooks, server := serverStore(t)
		limited := onPosts(wingspantest.TooMany("0"))
		limited.Times = 3
		server.Fail(limited)
		create(t, webhooks, "", newHook())
		wantEqual(t, "creates and a list", len(server.Requests()), 5)

		// A retry that is refused says both.
		webhooks, server = serverStore(t)
		server.Fail(lostCreate(false))
		server.Fail(onPosts(wingspantest.ErrorStatus(403, "Session expired")))
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "refused", IsUnauthorized(err), true)
		wantError[*TransportError](t, err)
	})
}
