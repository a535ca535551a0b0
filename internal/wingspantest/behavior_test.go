package wingspantest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestRewriteChangesEachPreferenceOfAResponse(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetRewrite(func(r wingspantest.Request, preference map[string]any) {
		preference["labels"] = []string{}
		preference["createdAt"] = 1700000000000
		preference["route"] = fmt.Sprint(r.Method, " ", r.Route)
		delete(preference, "userId")
	})
	for method, object := range objects(t, s) {
		wantEqual(t, method+" labels", string(object["labels"]), "[]")
		wantEqual(t, method+" createdAt", string(object["createdAt"]), "1700000000000")
		wantEqual(t, method+" userId", string(object["userId"]), "")
		wantEqual(t, method+" route", string(object["route"]), map[string]string{
			"POST": `"POST create"`, "GET": `"GET item"`, "list": `"GET list"`, "PATCH": `"PATCH item"`, "DELETE": `"DELETE item"`,
		}[method])
	}
	s.SetRewrite(nil)
	create(t, s)
}

func TestClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{5 * time.Hour, -5 * time.Hour} {
		s := wingspantest.New(t)
		s.Configure(func(c *wingspantest.Settings) { c.Clock = ahead })
		earliest := time.Now().Add(ahead).Truncate(time.Second)
		got := call(t, s, "POST", collection, validBody)
		latest := time.Now().Add(ahead)
		p := decode[documented](t, got)
		for name, at := range map[string]string{"Date": got.header.Get("Date"), "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt} {
			parsed, err := http.ParseTime(at)
			if name != "Date" {
				parsed, err = time.Parse(time.RFC3339, at)
			}
			if err != nil || parsed.Before(earliest) || parsed.After(latest) {
				t.Errorf("%s %s with a clock %s ahead: %v", name, at, ahead, err)
			}
		}
	}
}

func TestDateHeader(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	wantEqual(t, "by default", call(t, s, "GET", collection, "").header.Get("Date") != "", true)
	s.Configure(func(c *wingspantest.Settings) { c.Date = func(time.Time) string { return "" } })
	_, given := call(t, s, "GET", collection, "").header["Date"]
	wantEqual(t, "left out", given, false)
	s.Configure(func(c *wingspantest.Settings) { c.Date = func(time.Time) string { return "yesterday" } })
	wantEqual(t, "odd", call(t, s, "GET", collection, "").header.Get("Date"), "yesterday")
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2022, 9, 3, 19, 46, 40, 748_000_000, time.UTC)
	for want, format := range map[string]func(time.Time) any{
		`"2022-09-03T19:46:40Z"`:      func(t time.Time) any { return t.Format(time.RFC3339) },
		`"2022-09-03T21:46:40+02:00"`: func(t time.Time) any { return t.In(time.FixedZone("", 7200)).Format(time.RFC3339) },
		`1662234400748`:               func(t time.Time) any { return t.UnixMilli() },
		``:                            func(time.Time) any { return nil },
	} {
		s := wingspantest.New(t)
		s.Put(wingspantest.Preference{ID: "known", CreatedAt: at, UpdatedAt: at})
		s.Configure(func(c *wingspantest.Settings) { c.Times = format })
		object := decode[map[string]json.RawMessage](t, call(t, s, "GET", collection+"/known", ""))
		wantEqual(t, "createdAt", string(object["createdAt"]), want)
		wantEqual(t, "updatedAt", string(object["updatedAt"]), want)
	}
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	s.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
	first := create(t, s)
	const again = `{"url":"HTTPS://HOOKS.example.com:443/a","sharedSecret":"another-fake-secret","subscribedEvents":["Payee.Created"]}`
	second := decode[documented](t, wantStatus(t, call(t, s, "POST", collection, again), 200))
	wantEqual(t, "id", second.PreferenceID, first.PreferenceID)
	wantEqual(t, "events", strings.Join(second.SubscribedEvents, ""), "Payee.Created")
	wantEqual(t, "createdAt", second.CreatedAt, first.CreatedAt)
	wantEqual(t, "preferences", len(s.Preferences()), 1)
	child := decode[documented](t, callAs(t, s, childAccount, "POST", collection, again))
	wantEqual(t, "another account's is another", child.PreferenceID == first.PreferenceID, false)
}

func TestEquivalentURLs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"https://a.example.com", "HTTPS://A.example.com:443/", 1},
		{"http://a.example.com/x", "http://a.example.com:80/x", 1},
		{"http://a.example.com/x", "https://a.example.com/x", 2},
		{"https://a.example.com/x", "https://a.example.com/X", 2},
	} {
		s := wingspantest.New(t)
		s.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
		for _, url := range []string{tt.a, tt.b} {
			wantStatus(t, call(t, s, "POST", collection, `{"url":"`+url+`","sharedSecret":"`+fakeSecret+`"}`), 200)
		}
		wantEqual(t, tt.a+" "+tt.b, len(s.Preferences()), tt.want)
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Configure(func(c *wingspantest.Settings) {
		c.Normalize = func(p *wingspantest.Preference) {
			p.URL = strings.ToUpper(p.URL)
			for i, event := range p.SubscribedEvents {
				p.SubscribedEvents[i] = strings.ReplaceAll(event, ".", "")
			}
		}
	})
	p := create(t, s)
	wantEqual(t, "created", p.URL+strings.Join(p.SubscribedEvents, ""), "HTTPS://HOOKS.EXAMPLE.COM/AInvoiceSentInvoicePaid")
	p = decode[documented](t, call(t, s, "PATCH", collection+"/"+p.PreferenceID, `{"subscribedEvents":["Payee.Created"]}`))
	wantEqual(t, "changed", strings.Join(p.SubscribedEvents, ""), "PayeeCreated")
	wantEqual(t, "kept", s.Preferences()[0].URL, p.URL)
}

func TestLag(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: 1, Writes: 2, Lists: 3} })
	s.Put(wingspantest.Preference{ID: "seeded"})
	wantStatus(t, call(t, s, "GET", collection+"/seeded", ""), 200)
	item := collection + "/" + create(t, s).PreferenceID
	statuses := ""
	for range 3 {
		statuses += fmt.Sprint(call(t, s, "GET", item, "").status, call(t, s, "PATCH", item, `{"sharedSecret":"another-fake-secret"}`).status, " ")
	}
	wantEqual(t, "statuses", statuses, "404 404 200 404 200 200 ")
	for i, n := range []int{1, 1, 1, 2} {
		wantEqual(t, fmt.Sprintf("length of list %d", i), len(decode[[]documented](t, call(t, s, "GET", collection, ""))), n)
	}
	item = collection + "/" + create(t, s).PreferenceID
	s.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{} })
	wantStatus(t, call(t, s, "DELETE", item, ""), 200)
	s.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: 1, Lists: 1} })
	item = collection + "/" + create(t, s).PreferenceID
	wantStatus(t, call(t, s, "GET", item, ""), 404)
	wantStatus(t, call(t, s, "GET", item, ""), 200)
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
