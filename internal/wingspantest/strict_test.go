package wingspantest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestRejectsHeaders(t *testing.T) {
	t.Parallel()
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	const user = "X-WINGSPAN-USER"
	for _, tt := range []struct {
		name    string
		spoil   func(*http.Request)
		status  int
		message string
	}{
		{"as it should be", set("X-Harmless", "1"), 200, ""},
		{"no token", set("Authorization"), 401, "Authorization"},
		{"two tokens", set("Authorization", "Bearer "+wingspantest.Token, "Bearer "+wingspantest.Token), 401, "one Authorization"},
		{"wrong token", set("Authorization", "Bearer wrong"), 403, "Session expired"},
		{"no Accept", set("Accept"), 406, "Accept"},
		{"another Accept", set("Accept", "text/html, */*"), 406, "Accept"},
		{"Accept among others", set("Accept", "text/html, application/json;q=0.9"), 200, ""},
		{"no Content-Type", set("Content-Type"), 415, "Content-Type"},
		{"another Content-Type", set("Content-Type", "text/plain"), 415, "Content-Type"},
		{"another charset", set("Content-Type", "application/json; charset=latin1"), 415, "Content-Type"},
		{"Content-Type with charset", set("Content-Type", "application/json; charset=UTF-8"), 200, ""},
		{"own account", set(user, wingspantest.OwnAccount), 200, ""},
		{"child account", set(user, childAccount), 200, ""},
		{"unknown account", set(user, "usrOther"), 403, `"usrOther"`},
		{"empty account", set(user, "  "), 400, user},
		{"two accounts", set(user, childAccount, childAccount), 400, user},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.AddAccounts(childAccount)
			r := request(t, s, "POST", collection, validBody)
			tt.spoil(r)
			got := do(t, r)
			if tt.status == 200 {
				wantStatus(t, got, 200)
				wantEqual(t, "preferences", len(s.Preferences()), 1)

				return
			}
			wantError(t, got, tt.status, tt.message)
			wantEqual(t, "preferences", len(s.Preferences()), 0)
			wantEqual(t, "recorded status", s.Requests()[0].Status, tt.status)
			wantEqual(t, "committed", s.Requests()[0].Committed, false)
		})
	}
}

func TestRejectsBodies(t *testing.T) {
	t.Parallel()
	const u, sec = `"url":"https://hooks.example.com/b"`, `"sharedSecret":"` + fakeSecret + `"`
	for _, tt := range []struct {
		name, method, body, message string
	}{
		{"full", "POST", validBody, ""},
		{"no events", "POST", `{` + u + `,` + sec + `}`, ""},
		{"no url", "POST", `{` + sec + `}`, "url"},
		{"no secret", "POST", `{` + u + `}`, "sharedSecret"},
		{"empty object", "POST", `{}`, "required"},
		{"empty body", "POST", ``, "valid JSON"},
		{"null", "POST", `null`, "JSON object"},
		{"array", "POST", `[` + validBody + `]`, "JSON object"},
		{"cut JSON", "POST", validBody[:len(validBody)-1], "valid JSON"},
		{"not UTF-8", "POST", `{` + sec + `,"url":"https://hooks.example.com/` + "\xff" + `"}`, "UTF-8"},
		{"trailing object", "POST", validBody + `{}`, "valid JSON"},
		{"unknown field", "POST", `{` + u + `,` + sec + `,"name":"n"}`, "name is an unknown field"},
		{"field in another case", "POST", `{"URL":"https://hooks.example.com/b",` + sec + `}`, "URL is an unknown field"},
		{"url twice", "POST", `{` + u + `,` + u + `,` + sec + `}`, "url is given twice"},
		{"null url", "POST", `{"url":null,` + sec + `}`, "url must not be null"},
		{"null events", "POST", `{"subscribedEvents":null,` + u + `,` + sec + `}`, "subscribedEvents must not be null"},
		{"null event", "PATCH", `{"subscribedEvents":["Invoice.Paid",null]}`, "event 1 that must not be null"},
		{"url of another type", "PATCH", `{"url":1}`, "url must be a string"},
		{"events of another type", "PATCH", `{"subscribedEvents":"Invoice.Paid"}`, "array of strings"},
		{"event of another type", "PATCH", `{"subscribedEvents":[1]}`, "event 0 that must be a string"},
		{"empty url", "PATCH", `{"url":" "}`, "url must not be empty"},
		{"empty secret", "PATCH", `{"sharedSecret":"\t"}`, "sharedSecret must not be empty"},
		{"empty event", "PATCH", `{"subscribedEvents":[""]}`, "event 0 that must not be empty"},
		{"relative url", "PATCH", `{"url":"/hooks"}`, "absolute"},
		{"url with a port only", "PATCH", `{"url":"https://:443/hooks"}`, "absolute"},
		{"url that is none", "PATCH", `{"url":"https://hooks.example.com/%zz"}`, "absolute"},
		{"url with another scheme", "PATCH", `{"url":"ftp://hooks.example.com"}`, "absolute"},
		{"duplicate event", "PATCH", `{"subscribedEvents":["Invoice.Paid","Invoice.Sent","Invoice.Paid"]}`, `"Invoice.Paid" twice`},
		{"unknown event", "PATCH", `{"subscribedEvents":["Invoice.Payed"]}`, `subscribedEvents names the unknown event "Invoice.Payed"`},
		{"nothing to change", "PATCH", `{}`, "at least one"},
		{"huge", "PATCH", `{"url":"` + strings.Repeat("x", 1<<20) + `"}`, "larger"},
		{"reading with a body", "GET", `{}`, "no body"},
	} {
		t.Run(tt.method+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			path := collection
			if tt.method != "POST" {
				path += "/" + s.Put(wingspantest.Preference{URL: "https://hooks.example.com/a"}).ID
			}
			r := request(t, s, tt.method, path, tt.body)
			r.Header.Set("Content-Type", "application/json")
			before := s.Preferences()
			got := do(t, r)
			if tt.message == "" {
				wantStatus(t, got, 200)

				return
			}
			status := 400
			if tt.name == "huge" {
				status = 413
			}
			wantError(t, got, status, tt.message)
			if strings.Contains(got.body, fakeSecret) {
				t.Error("the error holds the secret")
			}
			after := s.Preferences()
			wantEqual(t, "preferences", len(after), len(before))
			if len(before) == 1 && !after[0].UpdatedAt.Equal(before[0].UpdatedAt) {
				t.Error("the refused request changed the preference")
			}
		})
	}
}

func TestRejectsPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	const item = collection + "/known"
	s.Put(wingspantest.Preference{ID: "known", URL: "https://hooks.example.com/a"})
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", collection + "/", 404, ""},
		{"GET", collection + "/known/more", 404, ""},
		{"GET", collection + "/.", 404, ""},
		{"GET", collection + "/unknown", 404, ""},
		{"POST", eventNames, 405, "GET"},
		{"PUT", collection, 405, "GET, POST"},
		{"PUT", item, 405, "DELETE, GET, PATCH"},
		{"GET", collection + "?limit=1", 400, ""},
		{"GET", item, 200, ""},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			got := call(t, s, tt.method, tt.path, "")
			if tt.status == 200 {
				wantStatus(t, got, 200)

				return
			}
			wantError(t, got, tt.status, "")
			wantEqual(t, "Allow", got.header.Get("Allow"), tt.allow)
		})
	}
}
