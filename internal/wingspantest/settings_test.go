package wingspantest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

type settings = wingspantest.Settings

// Each row is about one field, which is the same in each response that contains a preference.
func TestResponses(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(fakeSecret))
	for _, tt := range []struct {
		name  string
		set   func(*settings)
		field string
		want  string // a pattern of its JSON; "" means that it is missing
	}{
		{"secret", func(*settings) {}, "sharedSecret", `"` + fakeSecret + `"`},
		{"masked", func(c *settings) { c.Secrets = wingspantest.Mask }, "sharedSecret", `"\*{8}"`},
		{"hashed", func(c *settings) { c.Secrets = wingspantest.Hash }, "sharedSecret", `"` + hex.EncodeToString(sum[:]) + `"`},
		{"no secret", func(c *settings) { c.Secrets = wingspantest.Omit }, "sharedSecret", ""},
		{"events", func(*settings) {}, "subscribedEvents", `\["Invoice.Sent","Invoice.Paid"\]`},
		{"shuffled", func(c *settings) { c.Events = wingspantest.Shuffled }, "subscribedEvents", `\["Invoice.Paid","Invoice.Sent"\]`},
		{"null", func(c *settings) { c.Events = wingspantest.Null }, "subscribedEvents", `null`},
		{"no events", func(c *settings) { c.Events = wingspantest.Missing }, "subscribedEvents", ""},
		{"account", func(*settings) {}, "userId", `"` + wingspantest.OwnAccount + `"`},
		{"another account", func(c *settings) { c.AnswerAs = "usrOther" }, "userId", `"usrOther"`},
		{"times", func(*settings) {}, "createdAt", `"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`},
		{"numbers", func(c *settings) { c.Times = func(t time.Time) any { return t.UnixMilli() } }, "updatedAt", `\d{13}`},
		{"no times", func(c *settings) { c.Times = func(time.Time) any { return nil } }, "updatedAt", ""},
		{"normalized", func(c *settings) {
			c.Normalize = func(p *wingspantest.Preference) {
				for i, event := range p.SubscribedEvents {
					p.SubscribedEvents[i] = strings.ReplaceAll(event, ".", "")
				}
			}
		}, "subscribedEvents", `\["InvoiceSent","InvoicePaid"\]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.Configure(tt.set)
			for method, object := range objects(t, s) {
				value, given := object[tt.field]
				if given != (tt.want != "") || !regexp.MustCompile("^(?:"+tt.want+")$").Match(value) {
					t.Errorf("%s: got %s, want %s", method, value, tt.want)
				}
			}
			call(t, s, "POST", collection, validBody)
			wantEqual(t, "kept secret", s.Preferences()[0].SharedSecret, fakeSecret)
		})
	}
}

// objects are the preference in each response that contains one, by method, that of a list as "list".
func objects(t *testing.T, s *wingspantest.Server) map[string]map[string]json.RawMessage {
	t.Helper()
	replies := map[string]reply{"POST": call(t, s, "POST", collection, validBody)}
	item := collection + "/" + s.Preferences()[0].ID
	replies["GET"] = call(t, s, "GET", item, "")
	list := decode[[]map[string]json.RawMessage](t, call(t, s, "GET", collection, ""))
	replies["PATCH"] = call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`)
	replies["DELETE"] = call(t, s, "DELETE", item, "")
	objects := map[string]map[string]json.RawMessage{"list": list[0]}
	for method, r := range replies {
		objects[method] = decode[map[string]json.RawMessage](t, wantStatus(t, r, 200))
	}

	return objects
}

func TestRewriteChangesEachPreferenceOfAResponse(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetRewrite(func(r wingspantest.Request, preference map[string]any) {
		preference["labels"] = fmt.Sprint(r.Method, " ", r.Route)
		delete(preference, "userId")
	})
	for method, object := range objects(t, s) {
		wantEqual(t, method+" userId", string(object["userId"]), "")
		wantEqual(t, method+" labels", string(object["labels"]), map[string]string{
			"POST": `"POST create"`, "GET": `"GET item"`, "list": `"GET list"`, "PATCH": `"PATCH item"`, "DELETE": `"DELETE item"`,
		}[method])
	}
	s.SetRewrite(nil)
	create(t, s)
}

func TestEventNames(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	const other = `{"url":"https://hooks.example.com/a","sharedSecret":"` + fakeSecret + `","subscribedEvents":["payoutFailedAt"]}`
	want := func(what, names string, status int) {
		t.Helper()
		wantEqual(t, what, call(t, s, "GET", eventNames, "").body, names)
		wantStatus(t, call(t, s, "POST", collection, other), status)
	}
	names := call(t, s, "GET", eventNames, "").body
	wantEqual(t, "default list", strings.Count(names, `"eventName":"`) > 10 && strings.Contains(names, `"Invoice.Paid"`), true)
	s.Configure(func(c *settings) { c.EventNames = []string{"InvoicePaid"} })
	const object = `[{"addedLater":"a field that no documentation mentions","eventName":%q,"userId":%q}]`
	want("objects", fmt.Sprintf(object, "InvoicePaid", wingspantest.OwnAccount), 400)
	s.Configure(func(c *settings) { c.AnswerAs, c.EventNames = "usrOther", []string{"payoutFailedAt"} })
	want("of another account", fmt.Sprintf(object, "payoutFailedAt", "usrOther"), 200)
	s.Configure(func(c *settings) { c.EventNames = nil })
	want("no names", `[]`, 200)
}

func TestClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{5 * time.Hour, -5 * time.Hour} {
		s := wingspantest.New(t)
		s.Configure(func(c *settings) { c.Clock = ahead })
		earliest := time.Now().Add(ahead).Truncate(time.Second)
		got := call(t, s, "POST", collection, validBody)
		latest := time.Now().Add(ahead)
		p := s.Preferences()[0]
		date, err := http.ParseTime(got.header.Get("Date"))
		for name, at := range map[string]time.Time{"Date": date, "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt} {
			if err != nil || at.Before(earliest) || at.After(latest) {
				t.Errorf("%s %s with a clock %s ahead: %v", name, at, ahead, err)
			}
		}
		s.Configure(func(c *settings) { c.Date = func(time.Time) string { return "yesterday" } })
		wantEqual(t, "odd date", call(t, s, "GET", collection, "").header.Get("Date"), "yesterday")
		s.Configure(func(c *settings) { c.Date = func(time.Time) string { return "" } })
		wantEqual(t, "dates", len(call(t, s, "GET", collection, "").header["Date"]), 0)
	}
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	s.Configure(func(c *settings) { c.Upsert = true })
	first := create(t, s)
	post := func(account, url string) documented {
		t.Helper()
		body := `{"url":"` + url + `","sharedSecret":"another-fake-secret","subscribedEvents":["Payee.Created"]}`

		return decode[documented](t, wantStatus(t, callAs(t, s, account, "POST", collection, body), 200))
	}
	second := post(wingspantest.OwnAccount, "HTTPS://HOOKS.example.com:443/a")
	wantEqual(t, "id, time, events", fmt.Sprint(second.PreferenceID, second.CreatedAt, second.SubscribedEvents),
		fmt.Sprint(first.PreferenceID, first.CreatedAt, "[Payee.Created]"))
	wantEqual(t, "preferences", len(s.Preferences()), 1)
	wantEqual(t, "another account's", post(childAccount, "https://hooks.example.com/a").PreferenceID == first.PreferenceID, false)
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example.com", "https://a.example.com/", true},
		{"http://a.example.com:80/x", "http://a.example.com/x", true},
		{"http://b.example.com/x", "https://b.example.com/x", false},
		{"https://c.example.com/x", "https://c.example.com/X", false},
	} {
		wantEqual(t, tt.a+" "+tt.b, post(wingspantest.OwnAccount, tt.a).PreferenceID == post(wingspantest.OwnAccount, tt.b).PreferenceID, tt.same)
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Configure(func(c *settings) { c.Lag = wingspantest.Lag{Reads: 1, Writes: 2, Lists: 3} })
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
	s.Configure(func(c *settings) { c.Lag = wingspantest.Lag{} })
	wantStatus(t, call(t, s, "DELETE", item, ""), 200)
}

func TestNoContent(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Configure(func(c *settings) { c.DeleteNoContent = true })
	item := collection + "/" + create(t, s).PreferenceID
	got := wantStatus(t, call(t, s, "DELETE", item, ""), 204)
	wantEqual(t, "body and Content-Type", got.body+got.header.Get("Content-Type"), "")
	wantStatus(t, call(t, s, "DELETE", item, ""), 404)
}
