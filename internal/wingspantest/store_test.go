package wingspantest_test

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestLifecycle(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	earliest := time.Now().Truncate(time.Millisecond)
	created := create(t, s)
	latest := time.Now()
	want := documented{
		PreferenceID: created.PreferenceID, UserID: wingspantest.OwnAccount, URL: "https://hooks.example.com/a", SharedSecret: fakeSecret,
		SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"}, CreatedAt: created.CreatedAt, UpdatedAt: created.CreatedAt,
		Labels: map[string]string{}, EventActors: map[string]string{}, AddedLater: created.AddedLater,
	}
	want.UserRoles.OwnerIDs, want.UserRoles.ViewerIDs = []string{wingspantest.OwnAccount}, []string{}
	wantEqual(t, "created", fmt.Sprintf("%#v", created), fmt.Sprintf("%#v", want))
	wantEqual(t, "id", regexp.MustCompile(`^[0-9A-Za-z]{22}$`).MatchString(created.PreferenceID), true)
	at, err := time.Parse("2006-01-02T15:04:05.000Z", created.CreatedAt)
	if err != nil || at.Before(earliest) || at.After(latest) || created.AddedLater == "" {
		t.Errorf("created at %q with %q: %v", created.CreatedAt, created.AddedLater, err)
	}

	item := collection + "/" + created.PreferenceID
	for _, tt := range []struct {
		body   string
		change func()
	}{
		{`{"url":"http://hooks.example.com/b?x=1&y=<2>"}`, func() { want.URL = "http://hooks.example.com/b?x=1&y=<2>" }},
		{`{"sharedSecret":"another-fake-secret"}`, func() { want.SharedSecret = "another-fake-secret" }},
		{`{"subscribedEvents":["Payee.Created"]}`, func() { want.SubscribedEvents = []string{"Payee.Created"} }},
		{`{"subscribedEvents":[]}`, func() { want.SubscribedEvents = []string{} }},
	} {
		got := decode[documented](t, wantStatus(t, call(t, s, "PATCH", item, tt.body), 200))
		if got.UpdatedAt <= want.UpdatedAt {
			t.Errorf("updatedAt went from %s to %s", want.UpdatedAt, got.UpdatedAt)
		}
		tt.change()
		want.UpdatedAt = got.UpdatedAt
		wantEqual(t, "patched", reflect.DeepEqual(got, want), true)
	}
	wantEqual(t, "read", reflect.DeepEqual(decode[documented](t, call(t, s, "GET", item, "")), want), true)
	wantEqual(t, "list", reflect.DeepEqual(decode[[]documented](t, call(t, s, "GET", collection, "")), []documented{want}), true)
	wantEqual(t, "deleted", reflect.DeepEqual(decode[documented](t, wantStatus(t, call(t, s, "DELETE", item, ""), 200)), want), true)
	for _, method := range []string{"GET", "DELETE"} {
		wantError(t, call(t, s, method, item, ""), 404, created.PreferenceID)
	}
	wantError(t, call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`), 404, created.PreferenceID)
	wantEqual(t, "empty list", call(t, s, "GET", collection, "").body, "[]")
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	s.AddAccounts("usrChild00000000000002")
	own := create(t, s)
	child := decode[documented](t, callAs(t, s, childAccount, "POST", collection, validBody))
	wantEqual(t, "owner", child.UserID+child.UserRoles.OwnerIDs[0], childAccount+childAccount)
	for _, tt := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"sharedSecret":"stolen-fake"}`}, {"DELETE", ""}} {
		wantError(t, call(t, s, tt.method, collection+"/"+child.PreferenceID, tt.body), 404, child.PreferenceID)
		wantError(t, callAs(t, s, childAccount, tt.method, collection+"/"+own.PreferenceID, tt.body), 404, own.PreferenceID)
	}
	for account, want := range map[string]string{wingspantest.OwnAccount: own.PreferenceID, childAccount: child.PreferenceID} {
		list := decode[[]documented](t, callAs(t, s, account, "GET", collection, ""))
		wantEqual(t, "list of "+account, len(list) == 1 && list[0].PreferenceID == want, true)
	}
	wantEqual(t, "event names of the child", strings.Contains(callAs(t, s, childAccount, "GET", eventNames, "").body, childAccount), true)
	wantEqual(t, "list of the other child", callAs(t, s, "usrChild00000000000002", "GET", collection, "").body, "[]")
}

func TestAwkwardIDs(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	for _, id := range []string{"a/b", "/", ".", "..", "a/../b", "100%", "%2F", "a b", "a+b", "a?b#c", "ü", "a;b:c@d"} {
		s.Put(wingspantest.Preference{ID: id})
		path := collection + "/" + url.PathEscape(id)
		if strings.Trim(id, ".") == "" {
			path = collection + "/" + strings.ReplaceAll(id, ".", "%2E")
		}
		wantEqual(t, "id", decode[documented](t, wantStatus(t, call(t, s, "GET", path, ""), 200)).PreferenceID, id)
		requests := s.Requests()
		wantEqual(t, "recorded as it was sent", requests[len(requests)-1].Path, path)
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	p := s.Put(wingspantest.Preference{URL: "https://hooks.example.com/a"})
	held, _ := s.Preference(p.ID)
	wantEqual(t, "kept", reflect.DeepEqual(held, p), true)
	got := decode[documented](t, wantStatus(t, call(t, s, "GET", collection+"/"+p.ID, ""), 200))
	wantEqual(t, "filled", len(p.ID) == 22 && got.Labels != nil && got.EventActors != nil && got.CreatedAt != "" && got.UserID == wingspantest.OwnAccount, true)

	p = s.Put(wingspantest.Preference{
		ID: "given", URL: "https://hooks.example.com/a", SubscribedEvents: []string{"Never.Listed"},
		CreatedAt: time.Date(2022, 9, 3, 21, 46, 40, 748_999_999, time.FixedZone("", 2*3600)), UpdatedAt: time.Date(2022, 9, 4, 0, 0, 0, 0, time.UTC),
		Labels: map[string]string{"team": "payments"}, EventActors: map[string]string{"created": "usrX"},
		ViewerIDs: []string{"usrV"},
	})
	got = decode[documented](t, call(t, s, "GET", collection+"/given", ""))
	wantEqual(t, "given", fmt.Sprint(got.CreatedAt, got.UpdatedAt, got.Labels, got.EventActors, got.UserRoles, got.SubscribedEvents),
		"2022-09-03T19:46:40.748Z2022-09-04T00:00:00.000Zmap[team:payments] map[created:usrX] {[usrOwn0000000000000001] [usrV]} [Never.Listed]")

	want := fmt.Sprint(s.Preferences())
	p.SubscribedEvents[0], p.ViewerIDs[0], p.Labels["spoilt"], p.EventActors["spoilt"] = "spoilt", "spoilt", "", ""
	wantEqual(t, "kept after a change of a copy", fmt.Sprint(s.Preferences()), want)
}

func TestPreferencesChangeInTheirPlace(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	seen := func() (all, own string) {
		for _, p := range s.Preferences() {
			all += p.ID
		}
		for _, p := range decode[[]documented](t, call(t, s, "GET", collection, "")) {
			own += p.PreferenceID
		}

		return all, own
	}
	want := func(what, all, own string) {
		t.Helper()
		gotAll, gotOwn := seen()
		wantEqual(t, what, gotAll+" "+gotOwn, all+" "+own)
	}
	for i, account := range []string{wingspantest.OwnAccount, childAccount, wingspantest.OwnAccount, childAccount, wingspantest.OwnAccount} {
		s.Put(wingspantest.Preference{ID: fmt.Sprint(i), Account: account})
	}
	want("put", "01234", "024")
	s.Put(wingspantest.Preference{ID: "3"})
	want("replaced", "01234", "0234")
	wantEqual(t, "removed", s.Remove("0") && s.Remove("4") && !s.Remove("4"), true)
	want("removed", "123", "23")

	before, _ := s.Preference("3")
	wantEqual(t, "edited", s.Edit("3", func(p *wingspantest.Preference) {
		p.ID, p.URL, p.Labels = "other", "https://hooks.example.com/edited", nil
	}), true)
	got := decode[documented](t, call(t, s, "GET", collection+"/3", ""))
	after, _ := s.Preference("3")
	wantEqual(t, "edited", got.URL == "https://hooks.example.com/edited" && after.UpdatedAt.After(before.UpdatedAt) && got.Labels != nil, true)
	s.Edit("2", func(p *wingspantest.Preference) { p.UpdatedAt, p.Account = time.Unix(0, 0), childAccount })
	after, _ = s.Preference("2")
	wantEqual(t, "updatedAt that was set", after.UpdatedAt.Equal(time.Unix(0, 0)), true)
	want("edited", "123", "3")
	wantEqual(t, "unknown", s.Edit("unknown", func(*wingspantest.Preference) { t.Error("edited nothing") }), false)
}

func TestViewers(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Put(wingspantest.Preference{ID: "theirs", Account: "usrOther", ViewerIDs: []string{wingspantest.OwnAccount}})
	own := create(t, s)
	list := decode[[]documented](t, call(t, s, "GET", collection, ""))
	wantEqual(t, "list", fmt.Sprint(len(list), list[0].UserID, list[1].PreferenceID), fmt.Sprint(2, "usrOther", own.PreferenceID))
	wantStatus(t, call(t, s, "GET", collection+"/theirs", ""), 200)
	wantError(t, call(t, s, "DELETE", collection+"/theirs", ""), 403, "only read")
	wantError(t, call(t, s, "PATCH", collection+"/theirs", `{"sharedSecret":"stolen-fake"}`), 403, "only read")
}

func TestTokensOfOtherUsers(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddToken("second-test-token", "usrSecond", childAccount, wingspantest.OwnAccount)
	item := collection + "/" + create(t, s).PreferenceID
	as := func(account, path string) reply {
		r := request(t, s, "GET", path, "")
		r.Header.Set("Authorization", "Bearer second-test-token")
		if account != "" {
			r.Header.Set("X-WINGSPAN-USER", account)
		}

		return do(t, r)
	}
	wantError(t, as("", item), 404, "no webhook preference")
	wantEqual(t, "own list", as("", collection).body, "[]")
	wantStatus(t, as(wingspantest.OwnAccount, item), 200)
	wantStatus(t, as(childAccount, collection), 200)
	wantStatus(t, as("usrSecond", collection), 200)
	wantError(t, as("usrThird", collection), 403, "usrThird")
	wantError(t, callAs(t, s, childAccount, "GET", collection, ""), 403, childAccount)
	s.SetToken("another-test-token")
	wantStatus(t, as("", collection), 200)
	wantStatus(t, call(t, s, "GET", collection, ""), 403)
}
