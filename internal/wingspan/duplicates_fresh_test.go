package wingspan

import (
	"net/http"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// A create that was killed, or whose answer was lost, leaves a webhook that the list shows while its id may still answer 404.
func TestAFreshSuspectIsNotBelievedToBeGone(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	left := server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	early := wingspantest.ErrorStatus(http.StatusNotFound, "there is no such preference")
	early.Method, early.Route, early.Times = http.MethodGet, wingspantest.RouteItem, 2
	server.Fail(early)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*DuplicateError](t, err)
	wantEqual(t, "id", e.ID, left.ID)
	wantEqual(t, "creates that were sent", posts(server), 0)
}

func TestASuspectThatOnlyAGatewayCallsGoneIsNotBelievedToBe(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	left := server.Put(wingspantest.Preference{
		URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}, CreatedAt: time.Now().Add(-time.Hour),
	})
	page := wingspantest.HTML(http.StatusNotFound)
	page.Method, page.Times = http.MethodGet, -1
	page.Skip = 1 // the list of before
	server.Fail(page)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*DuplicateError](t, err)
	wantEqual(t, "id", e.ID, left.ID)
	wantEqual(t, "creates that were sent", posts(server), 0)
}

func TestFreshIsWhatMayBeTooNew(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for createdAt, want := range map[string]bool{
		"2026-03-01T11:59:30.123Z": true,
		"2026-03-01T12:00:30.123Z": true, // a clock that is behind
		"2026-03-01T11:58:59Z":     false,
		"":                         true,
		"yesterday":                true,
	} {
		wantEqual(t, "fresh "+createdAt, fresh(Preference{CreatedAt: createdAt}, now), want)
	}
}
