package wingspan

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// lostResponses are the ways in which the response to a create gets lost. After those of slow the server may still be at work.
func lostResponses(commit bool) (fast, slow, unreadable map[string]wingspantest.Fault) {
	fast = map[string]wingspantest.Fault{
		"cut connection": {Cut: wingspantest.CutConnection}, "cut body": {Cut: wingspantest.CutBody},
		"500": wingspantest.ErrorStatus(500, "oops"), "502": wingspantest.HTML(502), "503": {Status: 503}, "too much": wingspantest.Spaces(8<<20 + 1),
	}
	slow = map[string]wingspantest.Fault{"504": wingspantest.ErrorStatus(504, "upstream timeout"), "408": wingspantest.ErrorStatus(408, "too slow")}
	unreadable = map[string]wingspantest.Fault{
		"a page": wingspantest.HTML(200), "broken JSON": wingspantest.BrokenJSON(), "nothing": wingspantest.EmptyBody(),
		"an error with 200": {Body: `{"error":"oops"}`}, "an id of another type": {Body: `{"preferenceId":7}`},
	}
	for _, faults := range []map[string]wingspantest.Fault{fast, slow, unreadable} {
		for name, f := range faults {
			f.Commit = commit
			faults[name] = onPosts(f)
		}
	}

	return fast, slow, unreadable
}

func TestEachCreateIsOneRequestAndAllShareAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Latency = time.Millisecond })
		var hooks []CreatePreferenceRequest
		for i := range 100 {
			hook := newHook()
			hook.URL = fmt.Sprintf("%s/%d", hookURL, i)
			hooks = append(hooks, hook)
		}
		created, errs := createAll(t, webhooks, []string{""}, hooks, false)
		wantOneEach(t, server, nil, hooks, created, errs)
		wantEqual(t, "requests", len(server.Requests()), 101)
	})
}

func TestACreateThatWasCarriedOutIsAdopted(t *testing.T) {
	t.Parallel()

	shapes := map[string]struct {
		secrets wingspantest.SecretMode
		events  wingspantest.EventsMode
	}{
		"as it was sent":          {wingspantest.Echo, wingspantest.AsSent},
		"masked, shuffled":        {wingspantest.Mask, wingspantest.Shuffled},
		"hashed, null events":     {wingspantest.Hash, wingspantest.Null},
		"omitted, without events": {wingspantest.Omit, wingspantest.Missing},
	}
	fast, slow, unreadable := lostResponses(true)
	for _, faults := range []map[string]wingspantest.Fault{fast, slow, unreadable} {
		for name, fault := range faults {
			for shown, shape := range shapes {
				bubble(t, name+", "+shown, func(t *testing.T) {
					webhooks, server := serverStore(t)
					server.Configure(func(c *wingspantest.Settings) { c.Secrets, c.Events = shape.secrets, shape.events })
					before := seed(server, 3)
					server.Fail(fault)
					created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
					wantNoError(t, err)
					wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))
					wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)
					wantEqual(t, "creates that were sent", posts(server), 1)
				})
			}
		}
	}
}

func TestACreateThatWasNotProcessedIsRetriedWhereNothingIsPending(t *testing.T) {
	t.Parallel()

	fast, slow, unreadable := lostResponses(false)
	for i, faults := range []map[string]wingspantest.Fault{fast, slow, unreadable} {
		for name, fault := range faults {
			for shown, secrets := range secretModes {
				bubble(t, name+", secrets "+shown, func(t *testing.T) {
					webhooks, server := serverStore(t)
					server.Configure(func(c *wingspantest.Settings) { c.Secrets = secrets })
					before := seed(server, 3)
					server.Fail(fault)
					created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
					if i == 0 {
						wantNoError(t, err)
						wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))
						wantEqual(t, "creates that were sent", posts(server), 2)

						return
					}
					e := wantError[*AmbiguousCreateError](t, err)
					wantEqual(t, "outcome", e.Outcome, NotListed)
					wantEqual(t, "searched long enough", e.Searched >= webhooks.client.settle, true)
					wantHeld(t, server, before)
					wantEqual(t, "creates that were sent", posts(server), 1)
				})
			}
		}
	}
}

func TestALateCommitIsNotDuplicated(t *testing.T) {
	t.Parallel()

	for _, status := range []int{504, 408} {
		bubble(t, fmt.Sprint(status), func(t *testing.T) {
			webhooks, server := serverStore(t)
			server.Fail(onPosts(wingspantest.Fault{Status: status, Late: true}))
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantError[*AmbiguousCreateError](t, err)
			wantEqual(t, "late", server.CommitLate(), 1)
			wantHeld(t, server, nil, newHook())
		})
	}
	bubble(t, "timeout", func(t *testing.T) {
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
		created, err := NewWebhooks(scripted(t, api)).Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "id", created.ID, "id1")
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
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "creates and a list", len(server.Requests()), 5)

		// A retry that is refused says both.
		webhooks, server = serverStore(t)
		server.Fail(lostCreate(false))
		server.Fail(onPosts(wingspantest.ErrorStatus(403, "Session expired")))
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "refused", IsUnauthorized(err), true)
		wantError[*TransportError](t, err)
	})
}

// TestACreateIsRetriedAgainWhereTheListIsNotCutOff: it was longer before, so that it would show what the create made.
func TestACreateIsRetriedAgainWhereTheListIsNotCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, longer := range []bool{true, false} {
			webhooks, server := serverStore(t)
			before := seed(server, 3)
			if longer {
				_, err := webhooks.List(t.Context(), "")
				wantNoError(t, err)
				wantNoError(t, webhooks.Delete(t.Context(), Target{ID: before[0].ID}))
				time.Sleep(2 * listLifetime)
			}
			lost := lostCreate(false)
			lost.Times = 2
			server.Fail(lost)
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			if longer {
				wantNoError(t, err)
				wantEqual(t, "creates that were sent", posts(server), 3)
			} else {
				wantEqual(t, "outcome", wantError[*AmbiguousCreateError](t, err).Outcome, NotListed)
				wantEqual(t, "creates that were sent", posts(server), 2)
			}
		}
	})
}

func TestRetriesOfACreateAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, retries := range []int{0, 2} {
			webhooks, server := serverStore(t)
			webhooks.client.policy.maxRetries = retries
			server.Fail(always(lostCreate(false)))
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantEqual(t, "outcome", wantError[*AmbiguousCreateError](t, err).Outcome, NotListedComplete)
			wantEqual(t, "creates that were sent", posts(server), retries+1)
		}
	})
}
