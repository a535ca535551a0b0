package wingspan

import (
	"net/http"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// Every answer is lost and every create is carried out. A list that could be cut allows one repeat, one that is known to be whole as many as the settings do.
func TestAListThatMayBeCutAllowsOneRepeat(t *testing.T) {
	t.Parallel()

	for name, cut := range map[string]bool{"cut": true, "whole": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			seed := func(path string) wingspantest.Preference {
				return server.Put(wingspantest.Preference{
					URL: "https://hooks.example.com/" + path, SharedSecret: "fake-seeded-secret", SubscribedEvents: []string{"Invoice.Paid"},
				})
			}
			seed("one")
			seed("two")
			server.Fail(wingspantest.Fault{Method: http.MethodPost, Cut: wingspantest.CutConnection, Times: -1, Commit: cut})
			wantPosts := 2
			if cut {
				server.SetListLimit(2)
			} else {
				// A longer list was seen before: the one that does not show the webhook is not cut.
				third := seed("three")
				_, err := store.Create(t.Context(), "", CreatePreferenceRequest{URL: third.URL, SharedSecret: "fake-secret", SubscribedEvents: third.SubscribedEvents}, false)
				wantError[*DuplicateError](t, err)
				if err := store.Delete(t.Context(), Target{Account: "", ID: third.ID}); err != nil {
					t.Fatal(err)
				}
				wantPosts = DefaultMaxRetries + 1
			}

			_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			e := wantError[*AmbiguousCreateError](t, err)
			wantEqual(t, "unseen", e.Unseen, true)
			wantEqual(t, "whole", e.Whole, !cut)
			wantEqual(t, "creates that were sent", posts(server), wantPosts)
		})
	}
}
