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

// answers are all the answers that hold a preference, a list unwrapped.
func answers(t *testing.T, s *wingspantest.Server) map[string]map[string]json.RawMessage {
	t.Helper()
	s.SetDeleteAnswer(wingspantest.DeletedBody)
	created := call(t, s, "POST", collection, validBody)
	item := collection + "/" + decode[struct{ PreferenceID string }](t, reduce(t, created, "preferenceId")).PreferenceID
	replies := map[string]reply{
		"POST":  created,
		"GET":   call(t, s, "GET", item, ""),
		"PATCH": call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`),
	}
	list := call(t, s, "GET", collection, "")
	list.body = strings.TrimSuffix(strings.TrimPrefix(list.body, "["), "]")
	list.length = int64(len(list.body))
	replies["list"] = list
	replies["DELETE"] = call(t, s, "DELETE", item, "")
	objects := map[string]map[string]json.RawMessage{}
	for name, r := range replies {
		objects[name] = decode[map[string]json.RawMessage](t, wantStatus(t, r, 200))
	}
	return objects
}

// reduce keeps one field of an object.
func reduce(t *testing.T, r reply, field string) reply {
	t.Helper()
	object := decode[map[string]json.RawMessage](t, r)
	r.body = fmt.Sprintf(`{%q:%s}`, field, object[field])
	r.length = int64(len(r.body))
	return r
}

func TestSecretModes(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(fakeSecret))
	for _, tt := range []struct {
		name string
		mode wingspantest.SecretMode
		want string
	}{
		{"echo", wingspantest.Echo, `"` + fakeSecret + `"`},
		{"mask", wingspantest.Mask, `"********"`},
		{"hash", wingspantest.Hash, `"` + hex.EncodeToString(sum[:]) + `"`},
		{"omit", wingspantest.Omit, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.SetSecrets(tt.mode)
			for method, object := range answers(t, s) {
				wantEqual(t, method, string(object["sharedSecret"]), tt.want)
				wantEqual(t, method+" fields", len(object) == 11 || tt.want == "" && len(object) == 10, true)
			}
			create(t, s)
			wantEqual(t, "held secret", s.Preferences()[0].SharedSecret, fakeSecret)
		})
	}
}

func TestEventsModes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		mode wingspantest.EventsMode
		want string
	}{
		{"as sent", wingspantest.AsSent, `["Invoice.Sent","Invoice.Paid"]`},
		{"shuffled", wingspantest.Shuffled, `["Invoice.Paid","Invoice.Sent"]`},
		{"null", wingspantest.Null, "null"},
		{"missing", wingspantest.Missing, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.SetEvents(tt.mode)
			for method, object := range answers(t, s) {
				wantEqual(t, method, string(object["subscribedEvents"]), tt.want)
			}
		})
	}
}

func TestShuffledIsAnotherOrderEachTime(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	sent := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	s.Put(wingspantest.Preference{ID: "many", SubscribedEvents: sent})
	s.SetEvents(wingspantest.Shuffled)
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
	type eventName struct {
		EventName  string `json:"eventName"`
		UserID     string `json:"userId"`
		AddedLater string `json:"addedLater"`
	}
	byDefault := decode[[]eventName](t, wantStatus(t, call(t, s, "GET", eventNames, ""), 200))
	wantEqual(t, "default list", len(byDefault) >= 10, true)
	wantEqual(t, "holds Invoice.Paid", slices.ContainsFunc(byDefault, func(e eventName) bool { return e.EventName == "Invoice.Paid" }), true)
	wantEqual(t, "extra field", byDefault[0].AddedLater != "", true)

	s.SetEventNames("InvoicePaid", "payoutFailedAt")
	got := decode[[]eventName](t, call(t, s, "GET", eventNames, ""))
	wantEqual(t, "own list", len(got) == 2 && got[0].EventName == "InvoicePaid" && got[0].UserID == wingspantest.OwnAccount, true)
	s.AnswerAs("usrOther")
	got = decode[[]eventName](t, call(t, s, "GET", eventNames, ""))
	wantEqual(t, "userId", got[0].UserID, "usrOther")

	s.SetEventNamesForm(wingspantest.Strings)
	wantEqual(t, "strings", call(t, s, "GET", eventNames, "").body, `["InvoicePaid","payoutFailedAt"]`)
	s.SetEventNames()
	wantEqual(t, "no strings", call(t, s, "GET", eventNames, "").body, `[]`)
	s.SetEventNamesForm(wingspantest.Objects)
	wantEqual(t, "no objects", call(t, s, "GET", eventNames, "").body, `[]`)
}

func TestDeleteAnswers(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetDeleteAnswer(wingspantest.NoContent)
	item := collection + "/" + create(t, s).PreferenceID
	got := wantStatus(t, call(t, s, "DELETE", item, ""), 204)
	wantEqual(t, "body", got.body, "")
	wantEqual(t, "Content-Type", got.header.Get("Content-Type"), "")
	wantEqual(t, "preferences", len(s.Preferences()), 0)
	wantStatus(t, call(t, s, "DELETE", item, ""), 404)
	s.SetDeleteAnswer(wingspantest.DeletedBody)
	item = collection + "/" + create(t, s).PreferenceID
	decode[documented](t, wantStatus(t, call(t, s, "DELETE", item, ""), 200))
}

func TestListLimit(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	for _, id := range []string{"a", "b", "c"} {
		s.Put(wingspantest.Preference{ID: id})
	}
	for limit, want := range map[int]string{0: "abc", 1: "a", 2: "ab", 3: "abc", 4: "abc", -1: "c", -2: "bc", -3: "abc", -4: "abc"} {
		s.SetListLimit(limit)
		got := ""
		for _, p := range decode[[]documented](t, call(t, s, "GET", collection, "")) {
			got += p.PreferenceID
		}
		wantEqual(t, fmt.Sprintf("limit %d", limit), got, want)
	}
}
