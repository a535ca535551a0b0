package wingspantest_test

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestLifecycle(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)

	created := create(t, s)
	wantEqual(t, "id", regexp.MustCompile(`^[0-9A-Za-z]{22}$`).MatchString(created.PreferenceID), true)
	wantEqual(t, "userId", created.UserID, wingspantest.OwnAccount)
	wantEqual(t, "url", created.URL, "https://hooks.example.com/a")
	wantEqual(t, "sharedSecret", created.SharedSecret, fakeSecret)
	wantEqual(t, "events", slices.Equal(created.SubscribedEvents, []string{"Invoice.Sent", "Invoice.Paid"}), true)
	wantEqual(t, "times", created.CreatedAt, created.UpdatedAt)
	wantEqual(t, "maps and lists are there", created.Labels != nil && created.EventActors != nil && created.UserRoles.ViewerIDs != nil, true)
	wantEqual(t, "owners", slices.Equal(created.UserRoles.OwnerIDs, []string{wingspantest.OwnAccount}), true)
	wantEqual(t, "extra field", created.AddedLater != "", true)
	at, err := time.Parse("2006-01-02T15:04:05.000Z", created.CreatedAt)
	if err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("createdAt %q: %v", created.CreatedAt, err)
	}

	item := collection + "/" + created.PreferenceID
	read := decode[documented](t, wantStatus(t, call(t, s, "GET", item, ""), 200))
	wantEqual(t, "read is what was created", reflect.DeepEqual(read, created), true)
	list := decode[[]documented](t, wantStatus(t, call(t, s, "GET", collection, ""), 200))
	wantEqual(t, "list is what was created", reflect.DeepEqual(list, []documented{created}), true)

	deleted := decode[documented](t, wantStatus(t, call(t, s, "DELETE", item, ""), 200))
	wantEqual(t, "answer is what was deleted", reflect.DeepEqual(deleted, created), true)
	wantStatus(t, call(t, s, "GET", item, ""), 404)
	wantStatus(t, call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`), 404)
	wantStatus(t, call(t, s, "DELETE", item, ""), 404)
	wantEqual(t, "list", call(t, s, "GET", collection, "").body, "[]")
}

func TestPatchReplacesWhatIsSentAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		change     func(*documented)
	}{
		{"url", `{"url":"http://hooks.example.com/b?x=1&y=<2>"}`, func(d *documented) { d.URL = "http://hooks.example.com/b?x=1&y=<2>" }},
		{"secret", `{"sharedSecret":"another-fake-secret"}`, func(d *documented) { d.SharedSecret = "another-fake-secret" }},
		{"events", `{"subscribedEvents":["Payee.Created"]}`, func(d *documented) { d.SubscribedEvents = []string{"Payee.Created"} }},
		{"no events", `{"subscribedEvents":[]}`, func(d *documented) { d.SubscribedEvents = []string{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			want := create(t, s)
			before := want.UpdatedAt
			item := collection + "/" + want.PreferenceID
			for range 3 {
				got := decode[documented](t, wantStatus(t, call(t, s, "PATCH", item, tt.body), 200))
				if got.UpdatedAt <= before {
					t.Errorf("updatedAt went from %s to %s", before, got.UpdatedAt)
				}
				before = got.UpdatedAt
				tt.change(&want)
				want.UpdatedAt = got.UpdatedAt
				wantEqual(t, "patched", reflect.DeepEqual(got, want), true)
			}
			read := decode[documented](t, call(t, s, "GET", item, ""))
			wantEqual(t, "read", reflect.DeepEqual(read, want), true)
		})
	}
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	s.AddAccounts("usrChild00000000000002")
	own := create(t, s)
	child := decode[documented](t, callAs(t, s, childAccount, "POST", collection, validBody))
	wantEqual(t, "userId", child.UserID, childAccount)
	wantEqual(t, "owners", slices.Equal(child.UserRoles.OwnerIDs, []string{childAccount}), true)

	for _, tt := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"sharedSecret":"stolen-fake"}`}, {"DELETE", ""}} {
		wantError(t, call(t, s, tt.method, collection+"/"+child.PreferenceID, tt.body), 404, child.PreferenceID)
		wantError(t, callAs(t, s, childAccount, tt.method, collection+"/"+own.PreferenceID, tt.body), 404, own.PreferenceID)
	}
	for account, want := range map[string]string{wingspantest.OwnAccount: own.PreferenceID, childAccount: child.PreferenceID} {
		list := decode[[]documented](t, callAs(t, s, account, "GET", collection, ""))
		wantEqual(t, "list of "+account, len(list) == 1 && list[0].PreferenceID == want, true)
	}
	names := decode[[]struct{ EventName, UserID, AddedLater string }](t, callAs(t, s, childAccount, "GET", eventNames, ""))
	wantEqual(t, "userId of an event name", names[0].UserID, childAccount)
	wantEqual(t, "list of the other child", callAs(t, s, "usrChild00000000000002", "GET", collection, "").body, "[]")
	wantEqual(t, "all", len(s.Preferences()), 2)
}

func TestAwkwardIDs(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	for _, id := range []string{"a/b", "/", ".", "..", "a/../b", "100%", "%2F", "a b", "a+b", "a?b#c", "ü", "a;b:c@d"} {
		s.Put(wingspantest.Preference{ID: id, URL: "https://hooks.example.com/" + url.PathEscape(id)})
	}
	for _, p := range s.Preferences() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			segment := url.PathEscape(p.ID)
			if strings.Trim(p.ID, ".") == "" {
				segment = strings.ReplaceAll(p.ID, ".", "%2E")
			}
			got := decode[documented](t, wantStatus(t, call(t, s, "GET", collection+"/"+segment, ""), 200))
			wantEqual(t, "id", got.PreferenceID, p.ID)
			wantEqual(t, "url", got.URL, p.URL)
			paths := []string{}
			for _, r := range s.Requests() {
				paths = append(paths, r.Path)
			}
			wantEqual(t, "recorded as it was sent", slices.Contains(paths, collection+"/"+segment), true)
		})
	}
}
