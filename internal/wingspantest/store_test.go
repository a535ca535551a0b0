package wingspantest_test

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func ids(preferences []wingspantest.Preference) string {
	list := ""
	for _, p := range preferences {
		list += p.ID + " "
	}
	return list
}

func TestPutFillsWhatIsEmpty(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	p := s.Put(wingspantest.Preference{URL: "https://hooks.example.com/a"})
	wantEqual(t, "length of the id", len(p.ID), 22)
	wantEqual(t, "account", p.Account, wingspantest.OwnAccount)
	wantEqual(t, "times", time.Since(p.CreatedAt) < time.Minute && time.Since(p.UpdatedAt) < time.Minute, true)
	wantEqual(t, "maps", p.Labels != nil && p.EventActors != nil, true)
	held, ok := s.Preference(p.ID)
	wantEqual(t, "held", ok && reflect.DeepEqual(held, p), true)
	decode[documented](t, wantStatus(t, call(t, s, "GET", collection+"/"+p.ID, ""), 200))
}

func TestPutKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	given := wingspantest.Preference{
		ID: "given", Account: childAccount, URL: "https://hooks.example.com/a", SharedSecret: fakeSecret,
		SubscribedEvents: []string{"Never.Listed"},
		CreatedAt:        time.Date(2022, 9, 3, 21, 46, 40, 748_999_999, time.FixedZone("", 2*3600)),
		UpdatedAt:        time.Date(2022, 9, 4, 0, 0, 0, 0, time.UTC),
		Labels:           map[string]string{"team": "payments"}, EventActors: map[string]string{"created": "usrX"},
		OwnerIDs: []string{"usrO"}, ViewerIDs: []string{"usrV"},
	}
	s.AddAccounts(childAccount)
	s.Put(given)
	got := decode[documented](t, callAs(t, s, childAccount, "GET", collection+"/given", ""))
	wantEqual(t, "createdAt", got.CreatedAt, "2022-09-03T19:46:40.748Z")
	wantEqual(t, "updatedAt", got.UpdatedAt, "2022-09-04T00:00:00.000Z")
	wantEqual(t, "labels", got.Labels["team"], "payments")
	wantEqual(t, "actors", got.EventActors["created"], "usrX")
	wantEqual(t, "owner", got.UserRoles.OwnerIDs[0], "usrO")
	wantEqual(t, "viewer", got.UserRoles.ViewerIDs[0], "usrV")
	wantEqual(t, "event", got.SubscribedEvents[0], "Never.Listed")
}

func TestPreferencesAreInOrderOfCreation(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	for i := range 6 {
		account := wingspantest.OwnAccount
		if i%2 == 1 {
			account = childAccount
		}
		s.Put(wingspantest.Preference{ID: strconv.Itoa(i), Account: account})
	}
	wantEqual(t, "all", ids(s.Preferences()), "0 1 2 3 4 5 ")
	s.Put(wingspantest.Preference{ID: "2", URL: "https://hooks.example.com/replaced"})
	s.Put(wingspantest.Preference{ID: "3"})
	wantEqual(t, "replaced in place", ids(s.Preferences()), "0 1 2 3 4 5 ")
	list := decode[[]documented](t, call(t, s, "GET", collection, ""))
	wantEqual(t, "moved account in its place", len(list) == 4 && list[2].PreferenceID == "3", true)
	wantEqual(t, "replaced", list[1].URL, "https://hooks.example.com/replaced")
	wantEqual(t, "remove", s.Remove("0") && s.Remove("4") && !s.Remove("4"), true)
	wantEqual(t, "left", ids(s.Preferences()), "1 2 3 5 ")
	wantStatus(t, call(t, s, "GET", collection+"/4", ""), 404)
}

func TestCopiesAreDeep(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	seed := wingspantest.Preference{
		ID: "a", SubscribedEvents: []string{"Invoice.Paid"}, OwnerIDs: []string{"usrO"}, ViewerIDs: []string{"usrV"},
		Labels: map[string]string{}, EventActors: map[string]string{},
	}
	returned := s.Put(seed)
	held := func() wingspantest.Preference {
		p, _ := s.Preference("a")
		return p
	}
	var edited wingspantest.Preference
	s.Edit("a", func(p *wingspantest.Preference) { edited = *p })
	want := fmt.Sprint(held())
	for name, p := range map[string]wingspantest.Preference{
		"given to Put": seed, "returned by Put": returned, "Preferences": s.Preferences()[0], "Preference": held(), "Edit": edited,
	} {
		p.SubscribedEvents[0], p.OwnerIDs[0], p.ViewerIDs[0] = "spoilt", "spoilt", "spoilt"
		p.Labels["spoilt"], p.EventActors["spoilt"] = "", ""
		wantEqual(t, "held after a change of what was "+name, fmt.Sprint(held()), want)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	created := create(t, s)
	id := created.PreferenceID
	item := collection + "/" + id
	wantEqual(t, "unknown", s.Edit("unknown", func(*wingspantest.Preference) { t.Error("edited nothing") }), false)

	wantEqual(t, "known", s.Edit(id, func(p *wingspantest.Preference) {
		p.ID = "other"
		p.URL = "https://hooks.example.com/edited"
		p.Labels = nil
	}), true)
	got := decode[documented](t, call(t, s, "GET", item, ""))
	wantEqual(t, "url", got.URL, "https://hooks.example.com/edited")
	wantEqual(t, "updatedAt moves", got.UpdatedAt > created.UpdatedAt, true)
	wantEqual(t, "labels", got.Labels != nil, true)

	set := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	s.Edit(id, func(p *wingspantest.Preference) { p.UpdatedAt = set; p.Account = childAccount })
	held, ok := s.Preference(id)
	wantEqual(t, "updatedAt that was set", ok && held.UpdatedAt.Equal(set), true)
	wantStatus(t, call(t, s, "GET", item, ""), 404)
	wantStatus(t, callAs(t, s, childAccount, "GET", item, ""), 200)
	wantEqual(t, "old account's list", call(t, s, "GET", collection, "").body, "[]")
}
