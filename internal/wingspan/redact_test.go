package wingspan

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()

	p := newHook()
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{p.SharedSecret, &p.SharedSecret, p, &p, Preference{SharedSecret: &p.SharedSecret}, []Secret{p.SharedSecret}, map[string]Secret{"a": p.SharedSecret}} {
			text := strings.ToLower(fmt.Sprintf(format, v))
			if strings.Contains(text, fakeSecret) || strings.Contains(text, hex.EncodeToString([]byte(fakeSecret))) {
				t.Errorf("Sprintf(%q, %T) shows the secret", format, v)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("create", "preference", p, "secret", p.SharedSecret)
	if strings.Contains(log.String(), fakeSecret) {
		t.Error("a log shows the secret")
	}
	body, err := json.Marshal(p)
	wantNoError(t, err)
	wantEqual(t, "sent", strings.Contains(string(body), `"sharedSecret":"`+fakeSecret+`"`), true)
}

// encodings are the ways in which programs write text, each by itself; they may stand around each other.
var encodings = []struct {
	name   string
	encode func(string) string
}{
	{"as it is", func(s string) string { return s }},
	{"trimmed", strings.TrimSpace},
	{"JSON as Go writes it", inJSON},
	{"JSON in ASCII", inASCII},
	{"JSON as PHP writes it", func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) }},
	{"Go", func(s string) string { q := fmt.Sprintf("%+q", s); return q[1 : len(q)-1] }},
	{"query", url.QueryEscape},
	{"path", url.PathEscape},
	{"encodeURIComponent", func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }},
	{"lower-case percent", func(s string) string { return percentAll(s, "%%%02x") }},
	{"upper-case percent", func(s string) string { return percentAll(s, "%%%02X") }},
	{"HTML", html.EscapeString},
	{"HTML by name", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace},
	{"HTML in numbers", func(s string) string { return references(s, "&#%d;") }},
	{"XML in hexadecimal", func(s string) string { return references(s, "&#x%X;") }},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64url", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"basic authentication", func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) }},
	{"hexadecimal", func(s string) string { return hex.EncodeToString([]byte(s)) }},
}

func inJSON(s string) string {
	quoted, _ := json.Marshal(s) // A string has JSON.

	return string(quoted[1 : len(quoted)-1])
}

func inASCII(s string) string {
	var b strings.Builder
	for _, r := range inJSON(s) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)

			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}

	return b.String()
}

func percentAll(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}

	return b.String()
}

func references(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}

	return b.String()
}

func TestSecretsAreHiddenInEveryEncodingAndInTwoOfThem(t *testing.T) {
	t.Parallel()

	for i, secret := range []string{"fake-secret-0123", `fake "sec&ret" <ünï> a+b/c\d%20 'x' ` + "\n\U0001f600", " fake secret\n", `{"fake":"\u0041&amp;%41"}`, "abcd", "fa/ke+=="} {
		var r redactor
		r.add(secret, "fake-other-secret")
		wantEqual(t, "as it is", r.redact("a <"+secret+"> b"), "a <[redacted]> b")
		for _, inner := range encodings {
			for _, outer := range encodings {
				written := outer.encode(inner.encode(secret))
				// Every secret meets every pair of encodings, and every pair of encodings meets one of the texts around it.
				for _, text := range []string{"a " + written + " b.", "a/" + written + "?b", "Authorization:" + written}[i%3 : i%3+1] {
					got := r.redact(text)
					if got != redacted && (strings.Contains(got, written) || !strings.Contains(got, redacted)) {
						t.Errorf("%s in %s: %q", inner.name, outer.name, got)
					}
				}
			}
		}
	}
}

func TestRedactionKeepsWhatIsNoSecret(t *testing.T) {
	t.Parallel()

	var none redactor
	wantEqual(t, "without secrets", none.redact("as it is"), "as it is")
	var r redactor
	r.add("", " ", "fake-secret", "fake-secret-and-more", "secret-and", "fake-secret")
	for text, want := range map[string]string{
		"":                         "",
		"ünï %41 \\n &amp; c3VyZQ": "ünï %41 \\n &amp; c3VyZQ",
		"x fake-secret-and-more fake-secret secret-and y": "x [redacted] [redacted] [redacted] y",
		"x %66ake-secret":                  redacted,
		"x fake-secret and %66ake-secret":  redacted,
		"fake-secre, %66ake":               "fake-secre, %66ake",
		strings.Repeat("x", maxRedacted):   strings.Repeat("x", maxRedacted),
		strings.Repeat("x", maxRedacted+1): redacted,
		strings.Repeat(base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("%2541&amp;"))))+"%25+", 120): redacted, // There is too much to decode.
		"The event Invoice.Paid (64f0c1d2e3a4b5c6d7e8f901) of https://h.example.com/a%20b isn't \"new\"":                               "The event Invoice.Paid (64f0c1d2e3a4b5c6d7e8f901) of https://h.example.com/a%20b isn't \"new\"",
	} {
		wantEqual(t, text, r.redact(text), want)
	}
}

func TestAShortSecretHidesEverything(t *testing.T) {
	t.Parallel()

	for secret, hides := range map[string]bool{"": false, " \n": false, "abcd": false, "abc": true, " abc\n ": true, "é": true} {
		var r redactor
		r.add(secret)
		wantEqual(t, fmt.Sprintf("%q", secret), r.redact("a message") == redacted, hides)
	}
}

func TestSecretsCanComeWhileOthersAreMasked(t *testing.T) {
	t.Parallel()

	var r redactor
	inParallel(50, 0, func(i int) {
		secret := fmt.Sprintf("fake-secret-%02d-x", i)
		r.add(secret)
		wantEqual(t, "redacted", r.redact("<"+secret+">"), "<[redacted]>")
	})
}

func TestSecretsThatOnlyTheServerKnowsAreHiddenByTheirName(t *testing.T) {
	t.Parallel()

	var r redactor
	for _, words := range []string{
		`{"url":"u","sharedSecret":"fake","x":1}`, `conflict: { "sharedSecret" : "fa\"k\\e" }`, `{'shared_secret': 'fake "quoted"', 'x': 1}`, `SharedSecret="fake and cut o`,
		`"{\"sharedSecret\":\"fake\"}"`, "sharedSecret%22%3A%22fake", "&quot;sharedSecret&quot;:&quot;fake", `shared secret: "fake"`,
	} {
		wantEqual(t, words, r.redact(words), redacted)
	}
	for _, words := range []string{`{"sharedSecret":null}`, `sharedSecret must be a "string"`, "sharedSecret: must have 16 characters"} {
		wantEqual(t, words, r.redact(words), words)
	}
}

func TestPrintableTextIsShortAndHarmless(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 10, ""},
		{" a\r\n\tb\u2028c\u00a0 ", 100, "a   b c"},
		{"\x1b[31mred\x07 \u202e1\x00", 100, "?[31mred? ?1?"},
		{"caf\xe9 é", 100, "caf? é"},
		{"0123456789", 10, "0123456789"},
		{"0123456789x", 10, "0123456789 …"},
		{"012345678é", 10, "012345678? …"},
	} {
		wantEqual(t, fmt.Sprintf("%q", test.text), printable(test.text, test.limit), test.want)
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("fake-secret", "fake-secret-and-more", "x fake-secret-and-more y fake-secret", "z", byte(1), byte(2))
	f.Add(`a"b&c<d>`, "ünï\ncode", `{"a":"a\"b&c<d>","b":"a\"b\u0026c\u003cd\u003e","c":"\u00fcn\u00ef\ncode"}`, "%", byte(6), byte(3))
	f.Add("abcd", "bcde", "abcde", "&amp;", byte(11), byte(15))
	f.Add("redacted", "edac", "redacted [redacted]", `\`, byte(18), byte(9))
	f.Fuzz(func(t *testing.T, secret, other, before, after string, inner, outer byte) {
		trimmed := strings.TrimSpace(secret)
		if len(trimmed) < minSecret || !utf8.ValidString(secret) || strings.ContainsRune(secret, utf8.RuneError) || strings.Contains(redacted, trimmed) {
			return // What the placeholder itself contains cannot be distinguished from it.
		}
		if strings.ContainsFunc(secret, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
			return // HTML has no numbers for them.
		}
		written := encodings[int(outer)%len(encodings)].encode(encodings[int(inner)%len(encodings)].encode(secret))
		var r redactor
		r.add(secret, other)
		got := r.redact(before + " " + written + " " + after)
		for _, v := range []string{secret, trimmed, written} {
			if got != redacted && strings.Contains(got, v) {
				t.Fatalf("%q is left in %q", v, got)
			}
		}
	})
}
