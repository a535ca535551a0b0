package wingspan

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// fuzzed is a client that is answered with one body, in one attempt and without a network.
func fuzzed(f *testing.F) (*Client, *script) {
	f.Helper()
	s := &script{}
	c := newTestClient(f, Config{BaseURL: ProductionURL, Token: fakeToken})
	c.pace = newUnlimitedPace()
	c.setTransport(s)

	return c, s
}

// wantUsable checks that an error is one of the client's own, short, on one line and about the answer.
func wantUsable(t *testing.T, err error) {
	t.Helper()
	var (
		apiErr    *APIError
		answerErr *ResponseError
	)
	if !errors.As(err, &apiErr) && !errors.As(err, &answerErr) {
		t.Fatalf("a %T: %v", err, err)
	}
	text := err.Error()
	if len(text) > 1000 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, fakeToken) {
		t.Fatalf("error %q", text)
	}
}

func FuzzPreferenceAnswer(f *testing.F) {
	for _, seed := range []string{
		documentedJSON("id1"), "", "null", "{}", "[]", `{"preferenceId":"id1","url":"x"}`, `{"preferenceId":"id2","url":"x"}`,
		`{"preferenceId":"id1","url":"x","subscribedEvents":null,"labels":null,"userRoles":null,"sharedSecret":null}`,
		`{"preferenceId":"id1","url":"x","labels":{"a":1}}`, `{"PREFERENCEID":"id1","URL":"x"}`, "\xef\xbb\xbf{}", `{"preferenceId":"\ud800"}`, "<html>",
	} {
		f.Add(seed)
	}
	c, s := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		p, err := c.GetPreference(t.Context(), "", "id1")
		if err != nil {
			wantUsable(t, err)

			return
		}
		if p.ID != "id1" || p.URL == "" {
			t.Fatalf("accepted %+v", p)
		}
		again, err := json.Marshal(p)
		wantNoError(t, err)
		s.play(step{body: string(again)})
		same, err := c.GetPreference(t.Context(), "", "id1")
		wantNoError(t, err)
		wantEqual(t, "read again", same, p)
	})
}

func FuzzPreferenceList(f *testing.F) {
	for _, seed := range []string{
		"[" + documentedJSON("id1") + "," + documentedJSON("id2") + "]", "[]", "null", "{}", "", "[null]", "[{}]", "[[]]", `["id1"]`, "[" + documentedJSON("id1"),
	} {
		f.Add(seed)
	}
	c, s := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		list, err := c.ListPreferences(t.Context(), "")
		if err != nil {
			wantUsable(t, err)

			return
		}
		if list == nil || slices.ContainsFunc(list, func(p Preference) bool { return p.ID == "" }) {
			t.Fatalf("accepted %+v", list)
		}
		snapshot := newSnapshot(list)
		for _, p := range list {
			if snapshot.byID[p.ID].ID != p.ID || len(snapshot.byURL[CanonicalURL(p.URL)]) == 0 {
				t.Fatalf("the index lost %+v", p)
			}
		}
	})
}

func FuzzEventNames(f *testing.F) {
	for _, seed := range []string{
		`[{"eventName":"Invoice.Paid","userId":"u"},"Invoice.Sent"]`, `["A","A"]`, "[]", "null", "{}", "", `[null,"",{}]`, `[1]`, `[{"eventName":{}}]`, `["\ud800"]`, `[ "A" ]`,
	} {
		f.Add(seed)
	}
	c, s := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		names, err := c.EventNames(t.Context(), "")
		if err != nil {
			wantUsable(t, err)

			return
		}
		if names == nil || !slices.IsSorted(names) || slices.Contains(names, "") || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Fatalf("accepted %q", names)
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"error":"Session expired"}`, `{"error":{"message":"x"}}`, `{"message":"x"}`, `{"error":null}`, `{"error":[]}`, "", "null", "<html>",
		"text \x1b[31m\r\n\x00", "\xff\xfe", "\u202e\u2028", `{"error":"` + fakeToken + `"}`, "Bearer " + fakeToken, strings.Repeat("é", 400),
	} {
		f.Add(400, "application/json", seed)
	}
	f.Add(307, "text/html", "")
	f.Add(599, "\x00", "x")
	c, s := fuzzed(f)
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 300 || status > 999 {
			return
		}
		s.play(step{
			status: status, body: body,
			header: http.Header{"Content-Type": {contentType}, "X-Request-Id": {body}, "Location": {body}},
		})
		_, err := c.GetPreference(t.Context(), "", "id1")
		wantUsable(t, err)
		e := wantError[*APIError](t, err)
		if e.Status != status || e.Message == "" {
			t.Fatalf("%+v", e)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "7", " 7 ", "-1", "+5", "61", "99999999999999999999", "1.5", "1e9", "Mon, 04 May 2026 03:02:11 GMT", "Monday, 04-May-26 03:02:21 GMT", "Mon May  4 03:02:31 2026", "soon", "\x00"} {
		f.Add(seed, int64(1777863721))
	}
	f.Fuzz(func(t *testing.T, value string, unix int64) {
		got := parseRetryAfter(value, time.Unix(unix, 0))
		if got < 0 || got > maxRetryAfter {
			t.Fatalf("parseRetryAfter(%q) = %s", value, got)
		}
		if padded := parseRetryAfter(" "+value+"\t", time.Unix(unix, 0)); padded != got {
			t.Fatalf("with blanks around it %q is %s instead of %s", value, padded, got)
		}
	})
}

func FuzzSameURL(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://hooks.example.com", "HTTPS://Hooks.Example.com:443/"},
		{"http://a:80", "http://a/"},
		{"https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"},
		{"https://[fe80::1%25eth0]/", "https://[FE80::1%25eth0]:443/"},
		{"https://%FF.example/", "https://%FE.example/"},
		{"https://u:p@h/%2f?#", "https://u:p@H/%2F?"},
		{"//host/path", "host/path"},
		{"https:///a", "https:a"},
		{"https://h/a b", "https://h/a%20b"},
		{"https://@h", "https://h"},
		{"", "/"},
		{"https://k.example", "https://\u212a.example"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, raw := range []string{a, b} {
			canonical := CanonicalURL(raw)
			if again := CanonicalURL(canonical); again != canonical {
				t.Fatalf("%q becomes %q becomes %q", raw, canonical, again)
			}
			if !SameURL(raw, canonical) || !SameURL(raw, raw) {
				t.Fatalf("%q is not the same as itself", raw)
			}
			wantSameTarget(t, raw, canonical)
		}
		if same := SameURL(a, b); same != SameURL(b, a) {
			t.Fatalf("%q and %q are the same in one direction only", a, b)
		} else if same {
			wantSameTarget(t, a, b)
		}
	})
}

// wantSameTarget checks by net/url alone, without any canonical form, that two URLs reach the same.
func wantSameTarget(t *testing.T, a, b string) {
	t.Helper()
	if a == b {
		return
	}
	one, err := url.Parse(a)
	wantNoError(t, err)
	two, err := url.Parse(b)
	wantNoError(t, err)

	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}

		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	path := func(u *url.URL) string {
		if p := u.EscapedPath(); p != "" {
			return p
		}

		return "/"
	}
	user := func(u *url.URL) string {
		if u.User == nil {
			return "none"
		}

		return u.User.String() + "@"
	}
	switch {
	case one.Scheme != two.Scheme, !sameASCII(one.Hostname(), two.Hostname()), port(one) != port(two), path(one) != path(two),
		one.RawQuery != two.RawQuery, one.ForceQuery != two.ForceQuery, one.Fragment != two.Fragment, user(one) != user(two):
		t.Fatalf("%q and %q are said to be the same", a, b)
	}
}

func sameASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		letter := x|0x20 >= 'a' && x|0x20 <= 'z'
		if x != y && (x^y != 0x20 || !letter) {
			return false
		}
	}

	return true
}

func FuzzRedactor(f *testing.F) {
	f.Add("fake-secret", "fake-secret-and-more", "x fake-secret-and-more y fake-secret")
	f.Add(`a"b&c<d>`, "ünï\ncode", `{"a":"a\"b&c<d>","b":"a\"b\u0026c\u003cd\u003e","c":"\u00fcn\u00ef\ncode"}`)
	f.Add("abcd", "bcde", "abcde")
	f.Add("redacted", "edac", "redacted [redacted]")
	f.Add("\xff\xfe\xfd\xfc", "a b/c", "a+b%2Fc a%20b%2Fc \xff\xfe\xfd\xfc")
	f.Fuzz(func(t *testing.T, one, two, text string) {
		var r redactor
		r.add(one, two)
		got := r.redact(text)
		for _, v := range r.list() {
			if !strings.Contains(text, v) && !strings.ContainsAny(v, "[]") && !strings.Contains(redacted, v) && strings.Contains(got, v) {
				t.Fatalf("%q came into %q only by redaction: %q", v, text, got)
			}
		}
		for _, v := range []string{one, two} {
			if len(v) < minRedactedLength || strings.ContainsAny(v, "[]") || strings.Contains(redacted, v) {
				continue // what the placeholder itself holds cannot be told from it
			}
			for _, spelling := range spellings(v) {
				if strings.Contains(got, spelling) && len(spelling) >= minRedactedLength {
					t.Fatalf("%q is left in %q", spelling, got)
				}
			}
			if whole := r.redact("<" + v + ">"); strings.Contains(whole, v) {
				t.Fatalf("%q is left in %q", v, whole)
			}
		}
	})
}
