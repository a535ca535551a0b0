package wingspantest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

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

func TestSecretModes(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(fakeSecret))
	for mode, want := range map[wingspantest.SecretMode]string{
		wingspantest.Echo: `"` + fakeSecret + `"`,
		wingspantest.Mask: `"********"`,
		wingspantest.Hash: `"` + hex.EncodeToString(sum[:]) + `"`,
		wingspantest.Omit: "",
	} {
		s := wingspantest.New(t)
		s.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
		for method, object := range objects(t, s) {
			wantEqual(t, method, string(object["sharedSecret"]), want)
			wantEqual(t, method+" has all fields", len(object) == 11 || want == "" && len(object) == 10, true)
		}
		create(t, s)
		wantEqual(t, "kept secret", s.Preferences()[0].SharedSecret, fakeSecret)
	}
}

func TestEventsModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[wingspantest.EventsMode]string{
		wingspantest.AsSent:   `["Invoice.Sent","Invoice.Paid"]`,
		wingspantest.Shuffled: `["Invoice.Paid","Invoice.Sent"]`,
		wingspantest.Null:     "null",
		wingspantest.Missing:  "",
	} {
		s := wingspantest.New(t)
		s.Configure(func(c *wingspantest.Settings) { c.Events = mode })
		for method, object := range objects(t, s) {
			wantEqual(t, method, string(object["subscribedEvents"]), want)
		}
	}
}

func TestShuffledIsAnotherOrderEachTime(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	sent := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	s.Put(wingspantest.Preference{ID: "many", SubscribedEvents: sent})
	s.Configure(func(c *wingspantest.Settings) { c.Events = wingspantest.Shuffled })
	seen := map[string]bool{}
	for range 10 {
		got := decode[documented](t, call(t, s, "GET", collection+"/many", "")).SubscribedEvents
		seen[strings.Join(got, "")] = true
		wantEqual(t, "order as sent", slices.Equal(got, sent), false)
		slices.Sort(got)
		wantEqual(t, "same events", slices.Equal(got, sent), true)
	}
	wantEqual(t, "several orders", len(seen) > 1, true)
}

func TestEventNames(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	names := func() string { return call(t, s, "GET", eventNames, "").body }
	wantEqual(t, "default list", strings.Count(names(), `"eventName":"`) > 10 && strings.Contains(names(), `"Invoice.Paid"`), true)
	s.Configure(func(c *wingspantest.Settings) { c.EventNames = []string{"InvoicePaid"} })
	const object = `[{"addedLater":"a field that no documentation mentions","eventName":"InvoicePaid","userId":%q}]`
	wantEqual(t, "objects", names(), fmt.Sprintf(object, wingspantest.OwnAccount))
	s.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrOther" })
	wantEqual(t, "of another account", names(), fmt.Sprintf(object, "usrOther"))
	s.Configure(func(c *wingspantest.Settings) { c.PlainEventNames = true })
	wantEqual(t, "strings", names(), `["InvoicePaid"]`)
	s.Configure(func(c *wingspantest.Settings) { c.EventNames = nil })
	wantEqual(t, "no strings", names(), `[]`)
	s.Configure(func(c *wingspantest.Settings) { c.PlainEventNames = false })
	wantEqual(t, "no objects", names(), `[]`)
}

func TestNoContent(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Configure(func(c *wingspantest.Settings) { c.DeleteNoContent = true })
	item := collection + "/" + create(t, s).PreferenceID
	got := wantStatus(t, call(t, s, "DELETE", item, ""), 204)
	wantEqual(t, "body and Content-Type", got.body+got.header.Get("Content-Type"), "")
	wantStatus(t, call(t, s, "DELETE", item, ""), 404)
}

func TestListLimit(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	for _, id := range []string{"a", "b", "c"} {
		s.Put(wingspantest.Preference{ID: id})
	}
	for limit, want := range map[int]string{0: "abc", 1: "a", 2: "ab", 3: "abc", 4: "abc", -1: "c", -2: "bc", -3: "abc", -4: "abc"} {
		s.Configure(func(c *wingspantest.Settings) { c.ListLimit = limit })
		got := ""
		for _, p := range decode[[]documented](t, call(t, s, "GET", collection, "")) {
			got += p.PreferenceID
		}
		wantEqual(t, fmt.Sprintf("limit %d", limit), got, want)
	}
}
