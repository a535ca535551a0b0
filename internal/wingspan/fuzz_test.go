package wingspan

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// wantUsable checks that an error is about the response, short and on one line.
func wantUsable(t *testing.T, err error) {
	t.Helper()
	if text := wantError[*ResponseError](t, err).Error(); len(text) > 300 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		t.Fatalf("error %q", text)
	}
}

func FuzzPreferenceResponse(f *testing.F) {
	for _, seed := range []string{
		documentedJSON("id1"), "", "null", "{}", "[]", `{"preferenceId":"id1","url":"x"}`, `{"preferenceId":"id2","url":"x"}`,
		`{"preferenceId":"id1","url":"x","subscribedEvents":null,"labels":null,"userRoles":null,"sharedSecret":null}`,
		`{"preferenceId":"id1","url":"x","labels":{"a":1}}`, `{"PREFERENCEID":"id1","URL":"x"}`, "\xef\xbb\xbf{}", `{"preferenceId":"\ud800"}`, "<html>",
		`{"preferenceId":"id1","url":"x","subscribedEvents":["a\\","b\"," , "\u00e9\ud83d",[]]}`, `{"preferenceId":"id1","url":"x","subscribedEvents":[ ]}`,
	} {
		f.Add(seed)
	}
	c, s := oneAttempt(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		p, err := c.GetPreference(t.Context(), "", "id1")
		if err != nil {
			wantUsable(t, err)

			return
		}
		if p.ID != "id1" || p.URL == "" || len(p.SubscribedEvents) > maxEvents {
			t.Fatalf("accepted %+v", p)
		}
		s.play(step{body: "[" + body + "]"})
		list, err := c.listPreferences(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, "in a list", list.Preferences, []Preference{*p})
	})
}

func FuzzPreferenceList(f *testing.F) {
	for _, seed := range []string{
		"[" + documentedJSON("id1") + "," + documentedJSON("id2") + "]", "[]", "null", "{}", "", "[null]", "[{}]", "[[]]", `["id1"]`, "[" + documentedJSON("id1"),
	} {
		f.Add(seed)
	}
	c, s := oneAttempt(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		webhooks := NewWebhooks(c)
		l, err := webhooks.list(t.Context(), "", func(*listing) bool { return true })
		wantNoError(t, err)
		if l.err != nil {
			wantUsable(t, l.err)
		}
		for _, p := range l.Preferences {
			if p.ID == "" || !l.shows(p.ID) || len(l.byURL[CanonicalURL(p.URL)]) == 0 {
				t.Fatalf("the index has lost %+v", p)
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
	c, s := oneAttempt(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.play(step{body: body})
		names, _, err := c.eventNames(t.Context(), "")
		if err != nil {
			wantUsable(t, err)

			return
		}
		if names == nil || !slices.IsSorted(names) || slices.Contains(names, "") || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Fatalf("accepted %q", names)
		}
	})
}
