package wingspan

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// document is documentedJSON with fields set to raw JSON, or left out where that is "".
func document(t testing.TB, fields map[string]string) string {
	t.Helper()
	var object map[string]json.RawMessage
	wantNoError(t, json.Unmarshal([]byte(documentedJSON("id1")), &object))
	for name, value := range fields {
		if value == "" {
			delete(object, name)
		} else {
			object[name] = json.RawMessage(value)
		}
	}
	var b strings.Builder
	b.WriteString("{")
	for i, name := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "%q:%s", name, object[name])
	}
	b.WriteString("}")

	return b.String()
}

func documented() Preference {
	secret := Secret(fakeSecret)

	return Preference{
		ID: "id1", UserID: wingspantest.OwnAccount, URL: hookURL, SharedSecret: &secret,
		SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
		CreatedAt:        "2022-09-03T19:46:40.748Z", UpdatedAt: "2022-09-04T19:46:40.748Z",
		Labels: map[string]string{"team": "payments"}, EventActors: map[string]string{"Invoice.Paid": "usr2"},
		UserRoles: UserRoles{OwnerIDs: []string{"usr1"}, ViewerIDs: []string{}},
	}
}

func TestEveryDocumentedShapeOfAPreferenceIsRead(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		fields map[string]string
		change func(*Preference)
	}{
		{"as documented", nil, func(*Preference) {}},
		{"unknown fields", map[string]string{"addedLater": `{"deep":[1,null,{"url":"x"}]}`, "sharedSecretHint": `"x"`}, func(*Preference) {}},
		{"no events", map[string]string{"subscribedEvents": `[]`}, func(p *Preference) { p.SubscribedEvents = []string{} }},
		{"null events", map[string]string{"subscribedEvents": `null`}, func(p *Preference) { p.SubscribedEvents = nil }},
		{"missing events", map[string]string{"subscribedEvents": ``}, func(p *Preference) { p.SubscribedEvents = nil }},
		{"null labels", map[string]string{"labels": `null`}, func(p *Preference) { p.Labels = nil }},
		{"no labels", map[string]string{"labels": `{}`}, func(p *Preference) { p.Labels = map[string]string{} }},
		{"missing maps", map[string]string{"labels": ``, "eventActors": ``}, func(p *Preference) { p.Labels, p.EventActors = nil, nil }},
		{"null roles", map[string]string{"userRoles": `null`}, func(p *Preference) { p.UserRoles = UserRoles{} }},
		{"missing secret", map[string]string{"sharedSecret": ``}, func(p *Preference) { p.SharedSecret = nil }},
		{"null secret", map[string]string{"sharedSecret": `null`}, func(p *Preference) { p.SharedSecret = nil }},
		{"masked secret", map[string]string{"sharedSecret": `"********"`}, func(p *Preference) { mask := Secret("********"); p.SharedSecret = &mask }},
		{"empty times", map[string]string{"createdAt": ``, "updatedAt": `null`}, func(p *Preference) { p.CreatedAt, p.UpdatedAt = "", "" }},
		{"text in all alphabets", map[string]string{"url": `"https://k\u00e4se.example/\ud83d\ude00"`}, func(p *Preference) { p.URL = "https://käse.example/😀" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := documented()
			test.change(&want)
			body := document(t, test.fields)

			c, _ := answering(t, http.StatusOK, "application/json", body)
			got, err := c.GetPreference(t.Context(), "", "id1")
			wantNoError(t, err)
			wantEqual(t, "get", *got, want)
			got, err = c.CreatePreference(t.Context(), "", newHook())
			wantNoError(t, err)
			wantEqual(t, "create", *got, want)
			got, err = c.UpdatePreference(t.Context(), "", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
			wantNoError(t, err)
			wantEqual(t, "update", *got, want)

			c, _ = answering(t, http.StatusOK, "application/json", "["+body+",null,{}]")
			list, err := c.ListPreferences(t.Context(), "")
			wantNoError(t, err)
			wantEqual(t, "list, without what has no id", list, []Preference{want})
		})
	}
}

func TestAFieldOfAnotherTypeIsNamedAndNeverQuoted(t *testing.T) {
	t.Parallel()

	kinds := map[string]string{"number": `74656`, "bool": `true`, "string": `"leak-me"`, "array": `["leak-me"]`, "object": `{"leak":{"me":["leak-me"]}}`}
	fields := map[string][]string{ // the kinds that each field may not be
		"preferenceId": {"number", "bool", "array", "object"}, "userId": {"number", "bool", "array", "object"},
		"url": {"number", "bool", "array", "object"}, "sharedSecret": {"number", "bool", "array", "object"},
		"subscribedEvents": {"number", "bool", "string", "object"}, "createdAt": {"number", "bool", "array", "object"},
		"updatedAt": {"number", "bool", "array", "object"}, "labels": {"number", "bool", "string", "array", "object"},
		"eventActors": {"number", "bool", "string", "array", "object"}, "userRoles": {"number", "bool", "string", "array"},
	}
	for field, wrong := range fields {
		for _, kind := range wrong {
			t.Run(field+" "+kind, func(t *testing.T) {
				t.Parallel()
				body := document(t, map[string]string{field: kinds[kind]})
				c, _ := answering(t, http.StatusOK, "application/json", body)
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch} {
					e := wantError[*ResponseError](t, callAs(t.Context(), c, method))
					wantEqual(t, "status", e.Status, http.StatusOK)
					wantEqual(t, "size", e.Size, len(body))
					if !strings.Contains(e.Reason, "the field "+field) {
						t.Errorf("%s: %q does not name the field", method, e)
					}
					for _, value := range []string{"leak", "74656"} {
						if strings.Contains(strings.ReplaceAll(e.Error(), field, ""), value) {
							t.Errorf("%s: %q quotes the value", method, e)
						}
					}
				}

				c, _ = answering(t, http.StatusOK, "application/json", "["+documentedJSON("id0")+","+body+"]")
				_, err := c.ListPreferences(t.Context(), "")
				wantError[*ResponseError](t, err)
			})
		}
	}
}

func TestAnAnswerThatIsNoPreferenceSaysWhy(t *testing.T) {
	t.Parallel()

	tests := []struct{ name, contentType, body, reason string }{
		{"nothing", "application/json", "", "the answer had no body"},
		{"blanks", "application/json", " \n\t", "the answer had no body"},
		{"a page", "text/html", "<!DOCTYPE html><title>Welcome</title>", "the answer is not JSON"},
		{"cut JSON", "application/json", `{"preferenceId":"id1","url":"https://ho`, "the answer is not JSON"},
		{"two values", "application/json", documentedJSON("id1") + documentedJSON("id1"), "the answer is not JSON"},
		{"null", "application/json", "null", "it holds no preferenceId"},
		{"an object of something else", "application/json", `{"error":"in fact it failed"}`, "it holds no preferenceId"},
		{"an empty id", "application/json", document(t, map[string]string{"preferenceId": `""`}), "it holds no preferenceId"},
		{"no url", "application/json", document(t, map[string]string{"url": ``}), "it holds no url"},
		{"a list", "application/json", "[" + documentedJSON("id1") + "]", "the JSON is of another kind (array)"},
		{"text", "application/json", `"id1"`, "the JSON is of another kind (string)"},
		{"a number", "application/json", `1`, "the JSON is of another kind (number)"},
		{"UTF-16", "application/json", "{\x00}\x00", "the answer is not JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, test.contentType, test.body)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				err := callAs(t.Context(), c, method)
				e := wantError[*ResponseError](t, err)
				wantEqual(t, "reason", e.Reason, test.reason)
				wantEqual(t, "content type", e.ContentType, test.contentType)
				wantEqual(t, "may have happened", MayHaveSucceeded(err), true)
			}
		})
	}
}

func TestAnAnswerAboutAnotherPreferenceIsUnauthorized(t *testing.T) {
	t.Parallel()

	c, _ := answering(t, http.StatusOK, "application/json", documentedJSON("id2"))
	for _, method := range []string{http.MethodGet, http.MethodPatch} {
		e := wantError[*ResponseError](t, callAs(t.Context(), c, method))
		wantEqual(t, "reason", e.Reason, "it is about another preference")
	}
}

func TestAJSONAnswerIsReadWhateverItsContentType(t *testing.T) {
	t.Parallel()

	for _, contentType := range []string{"", "text/plain", "text/html; charset=utf-8", "application/octet-stream", "application/problem+json", ";;;"} {
		c, _ := answering(t, http.StatusOK, contentType, documentedJSON("id1"))
		wantNoError(t, callAs(t.Context(), c, http.MethodGet))
	}
}

func TestAListThatIsNoListIsAnError(t *testing.T) {
	t.Parallel()

	for _, body := range []string{"", "null", "{}", `"x"`, documentedJSON("id1"), `[[]]`, `["id1"]`, `[1]`, `[` + documentedJSON("id1"), "<html>"} {
		c, _ := answering(t, http.StatusOK, "application/json", body)
		_, err := c.ListPreferences(t.Context(), "")
		wantError[*ResponseError](t, err)
	}
	c, _ := answering(t, http.StatusOK, "application/json", "[]")
	list, err := c.ListPreferences(t.Context(), "")
	wantNoError(t, err)
	wantEqual(t, "an empty list", list, []Preference{})
}

func TestEventNamesAreReadInEveryForm(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, body string
		want       []string
	}{
		{"objects", `[{"eventName":"B","userId":"u"},{"eventName":"A","userId":"u"}]`, []string{"A", "B"}},
		{"strings", `["B","A"]`, []string{"A", "B"}},
		{"mixed", `["B",{"eventName":"A"},"C"]`, []string{"A", "B", "C"}},
		{"unknown fields", `[{"eventName":"A","description":{"en":"x"},"group":[1]}]`, []string{"A"}},
		{"doubles", `["A",{"eventName":"A"},"B","A"]`, []string{"A", "B"}},
		{"case matters", `["invoice.paid","Invoice.Paid"]`, []string{"Invoice.Paid", "invoice.paid"}},
		{"escapes", `["\u0049nvoice.Paid","a\"b"]`, []string{"Invoice.Paid", `a"b`}},
		{"nulls, empty and nameless ones", `[null,"",{},{"eventName":null},{"userId":"u"},"A"]`, []string{"A"}},
		{"none", `[]`, []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, "application/json", test.body)
			names, err := c.EventNames(t.Context(), "")
			wantNoError(t, err)
			wantEqual(t, "names", names, test.want)
		})
	}
	for _, body := range []string{``, `null`, `{}`, `{"eventNames":["A"]}`, `[1]`, `[true]`, `[["A"]]`, `[{"eventName":1}]`, `["A"`, `<html>`} {
		t.Run("not "+body, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, "application/json", body)
			_, err := c.EventNames(t.Context(), "")
			wantError[*ResponseError](t, err)
		})
	}
}
