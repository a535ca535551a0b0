package wingspan

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()

	p := newHook()
	change := UpdatePreferenceRequest{SharedSecret: &p.SharedSecret}
	config := &Preference{SharedSecret: &p.SharedSecret}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{p.SharedSecret, &p.SharedSecret, p, &p, change, *config, []Secret{p.SharedSecret}, map[string]Secret{"a": p.SharedSecret}} {
			text := fmt.Sprintf(format, v)
			if strings.Contains(text, fakeSecret) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", fakeSecret)) {
				t.Errorf("Sprintf(%q, %T) shows the secret", format, v)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("create", "preference", p, "secret", p.SharedSecret)
	if strings.Contains(log.String(), fakeSecret) {
		t.Error("a log shows the secret")
	}
}

func TestSecretsAreSent(t *testing.T) {
	t.Parallel()

	body, err := json.Marshal(newHook())
	wantNoError(t, err)
	wantEqual(t, "sent", strings.Contains(string(body), `"sharedSecret":"`+fakeSecret+`"`), true)
}

func TestRedactorFindsEverySpellingOfAValue(t *testing.T) {
	t.Parallel()

	const value = `fake "sec&ret" <ünï> a+b/c\d%20` + "\n\U0001f600"
	var r redactor
	r.add(value)
	spellings := map[string]string{
		"raw":                  value,
		"Go's JSON":            `fake \"sec\u0026ret\" \u003cünï\u003e a+b/c\\d%20\n` + "\U0001f600",
		"JSON with plain HTML": `fake \"sec&ret\" <ünï> a+b/c\\d%20\n` + "\U0001f600",
		"JSON in ASCII":        `fake \"sec&ret\" <\u00fcn\u00ef> a+b/c\\d%20\n\ud83d\ude00`,
		"a query":              `fake+%22sec%26ret%22+%3C%C3%BCn%C3%AF%3E+a%2Bb%2Fc%5Cd%2520%0A%F0%9F%98%80`,
		"a path":               `fake%20%22sec&ret%22%20%3C%C3%BCn%C3%AF%3E%20a+b%2Fc%5Cd%2520%0A%F0%9F%98%80`,
		"Go's %q":              `fake \"sec&ret\" <ünï> a+b/c\\d%20\n😀`,
	}
	for name, s := range spellings {
		wantEqual(t, name, r.redact("a "+s+" b "+s+"."), "a [redacted] b [redacted].")
	}
}

func TestRedactorReplacesTheLongestValueFirst(t *testing.T) {
	t.Parallel()

	var r redactor
	r.add("fake-secret", "fake-secret-and-more", "secret-and")
	wantEqual(t, "text", r.redact("x fake-secret-and-more fake-secret secret-and y"), "x [redacted] [redacted] [redacted] y")
}

func TestRedactorLeavesShortValuesAlone(t *testing.T) {
	t.Parallel()

	var r redactor
	r.add("", "a", "abc", "abcd")
	wantEqual(t, "text", r.redact("a abc abcd"), "a abc [redacted]")
	wantEqual(t, "list", r.list(), []string{"abcd"})
}

func TestRedactorKeepsEachValueOnce(t *testing.T) {
	t.Parallel()

	var r redactor
	for range 3 {
		r.add("fake-secret", "fake-secret")
	}
	list := r.list()
	wantEqual(t, "list", list, []string{"fake-secret"})
	list[0] = "changed"
	wantEqual(t, "list after a caller changed its copy", r.list(), []string{"fake-secret"})
}

func TestRedactorOfNothingChangesNothing(t *testing.T) {
	t.Parallel()

	var r redactor
	wantEqual(t, "text", r.redact("as it is"), "as it is")
}

func TestRedactorServesManyAtOnce(t *testing.T) {
	t.Parallel()

	var r redactor
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			secret := fmt.Sprintf("fake-secret-%02d-x", i)
			r.add(secret)
			if got := r.redact("<" + secret + ">"); got != "<[redacted]>" {
				t.Errorf("redact: %s", got)
			}
			_ = r.list()
		})
	}
	all.Wait()
	wantEqual(t, "values", len(r.list()), 50)
	wantEqual(t, "longest first", slices.IsSortedFunc(r.list(), func(a, b string) int { return len(b) - len(a) }), true)
}
