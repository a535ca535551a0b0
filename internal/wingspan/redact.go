package wingspan

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
)

const (
	redacted = "[redacted]"
	// minSecret is the length in bytes of the shortest secret that is masked. A shorter one would tear words that have
	// nothing to do with it out of every message: while one is in use, nothing that a server sent is quoted.
	minSecret = 4
	// maxRedacted bounds what is searched for secrets, in bytes. Longer text is described instead of quoted.
	maxRedacted = 4 << 10
	// maxDecodings bounds the work for one text. One that can be read in more ways is masked as a whole.
	maxDecodings = 100
	// maxNesting is how many encodings around each other are undone: JSON in JSON in a URL.
	maxNesting = 3
)

// Secret is text that fmt and loggers do not show. JSON carries it, so only requests do.
type Secret string

// String hides the value.
func (Secret) String() string { return redacted }

// Format hides the value from every verb. fmt asks String for some of them only.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// redactor masks secrets in text, in every encoding in which a server may quote them.
type redactor struct {
	mu sync.RWMutex
	// values are in the order in which they came, each once.
	values []string
	known  map[string]bool
	short  bool
}

// add takes secrets, and each without the whitespace around it, as a server may trim it.
func (r *redactor) add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for _, v := range values {
		trimmed := strings.TrimSpace(v)
		r.short = r.short || (trimmed != "" && len(trimmed) < minSecret)
		for _, v := range []string{v, trimmed} {
			if len(v) < minSecret || r.known[v] {
				continue
			}
			if r.known == nil {
				r.known = map[string]bool{}
			}
			r.known[v] = true
			r.values = append(r.values, v)
		}
	}
}

func (r *redactor) list() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()

	return slices.Clone(r.values)
}

// hidesText reports whether a secret is in use that is too short to be masked.
func (r *redactor) hidesText() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()

	return r.short
}

// redact replaces every secret in s by a placeholder. What is too long to be searched is replaced as a whole.
func (r *redactor) redact(s string) string {
	values := r.list()
	if len(values) == 0 {
		return s
	}
	if len(s) > maxRedacted {
		return redacted
	}
	m := masking{values: values, edges: make([]int, len(s)+1), seen: map[string]int{}}
	m.mask(plainText(s), 0)
	if len(m.seen) > maxDecodings {
		return redacted
	}

	var b strings.Builder
	for i, depth, before := 0, 0, 0; i < len(s); i, before = i+1, depth {
		depth += m.edges[i]
		switch {
		case depth == 0:
			b.WriteByte(s[i])
		case before == 0:
			b.WriteString(redacted)
		}
	}

	return b.String()
}

// masking finds secrets in one text.
type masking struct {
	values []string
	// edges count where masked spans begin (1) and end (-1).
	edges []int
	// seen are the texts that were searched, and inside how many encodings each stood.
	seen map[string]int
}

// decodedText is text of which each byte knows the span of the original that it stands for.
type decodedText struct {
	text     []byte
	from, to []int
}

func plainText(s string) decodedText {
	t := decodedText{text: []byte(s), from: make([]int, len(s)), to: make([]int, len(s))}
	for i := range len(s) {
		t.from[i], t.to[i] = i, i+1
	}

	return t
}

// mask marks where the values stand in the text, or in what is left of it when its encodings are undone.
func (m *masking) mask(t decodedText, depth int) {
	text := string(t.text)
	if at, done := m.seen[text]; (done && at <= depth) || len(m.seen) > maxDecodings {
		return
	}
	m.seen[text] = depth
	for _, v := range m.values {
		for at := 0; ; at++ {
			next := strings.Index(text[at:], v)
			if next < 0 {
				break
			}
			at += next
			m.edges[t.from[at]]++
			m.edges[t.to[at+len(v)-1]]--
		}
	}
	for _, d := range decoders {
		if depth < d.depth && (d.marks == "" || strings.Contains(text, d.marks)) {
			m.mask(t.decode(d.next), depth+1)
		}
	}
}

// decoders are the encodings that are undone, each for the whole text, in every order.
var decoders = []struct {
	// marks is what encoded text contains.
	marks string
	// depth is how many of them around each other are undone.
	depth int
	next  decoder
}{
	{"%", maxNesting, percent}, {"+", maxNesting, query}, {`\`, maxNesting, escape}, {"&", maxNesting, entity},
	{"", 2, base}, {"", 2, hexadecimal},
}

// decoder reads one encoded sequence at the beginning of s, and returns what it stands for and its length. Length 0 means that there is none.
type decoder func(s string) (decoded string, length int)

func (t decodedText) decode(next decoder) decodedText {
	out := decodedText{text: make([]byte, 0, len(t.text)), from: make([]int, 0, len(t.text)), to: make([]int, 0, len(t.text))}
	text := string(t.text)
	for i := 0; i < len(text); {
		decoded, length := next(text[i:])
		if length == 0 {
			decoded, length = text[i:i+1], 1
		}
		for j := range len(decoded) {
			out.text = append(out.text, decoded[j])
			out.from, out.to = append(out.from, t.from[i]), append(out.to, t.to[i+length-1])
		}
		i += length
	}

	return out
}

// percent undoes encodeURIComponent and every other percent-encoding, in either case.
func percent(s string) (string, int) {
	if len(s) < 3 || s[0] != '%' {
		return "", 0
	}
	b, err := hex.DecodeString(s[1:3])
	if err != nil {
		return "", 0
	}

	return string(b), 3
}

// query undoes percent-encoding in which a space is a plus sign.
func query(s string) (string, int) {
	if s[0] == '+' {
		return " ", 1
	}

	return percent(s)
}

// escape undoes the escapes of JSON, JavaScript, Go and Python.
func escape(s string) (string, int) {
	if len(s) < 2 || s[0] != '\\' {
		return "", 0
	}
	if at := strings.IndexByte(`nrtbf"'\/`, s[1]); at >= 0 {
		return "\n\r\t\b\f\"'\\/"[at : at+1], 2
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	if digits == 0 || len(s) < 2+digits {
		return "", 0
	}
	code, err := strconv.ParseInt(s[2:2+digits], 16, 32)
	if err != nil {
		return "", 0
	}
	if first := rune(code); utf16.IsSurrogate(first) && len(s) >= 12 && s[6:8] == `\u` {
		if second, err := strconv.ParseInt(s[8:12], 16, 32); err == nil {
			return string(utf16.DecodeRune(first, rune(second))), 12
		}
	}

	return string(rune(code)), 2 + digits
}

// entity undoes the character references of HTML and XML.
func entity(s string) (string, int) {
	if s[0] != '&' {
		return "", 0
	}
	end := strings.IndexByte(s[:min(len(s), 32)], ';')
	if end < 0 {
		return "", 0
	}
	decoded := html.UnescapeString(s[:end+1])
	if decoded == s[:end+1] {
		return "", 0
	}

	return decoded, end + 1
}

// run is the beginning of s that consists of letters, digits and others.
func run(s, letters, others string) string {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > letters[0]) && (c < 'A' || c > letters[1]) && strings.IndexByte(others, c) < 0 {
			return s[:i]
		}
	}

	return s
}

var standardAlphabet = strings.NewReplacer("-", "+", "_", "/")

// base undoes base64 in either alphabet, for example in the credentials of HTTP's basic authentication.
func base(s string) (string, int) {
	digits := run(s, "zZ", "+/-_")
	length := len(digits)
	for range 2 {
		if length < len(s) && s[length] == '=' {
			length++
		}
	}
	if len(digits)%4 == 1 {
		digits = digits[:len(digits)-1]
	}
	decoded, err := base64.RawStdEncoding.DecodeString(standardAlphabet.Replace(digits))
	if err != nil || len(decoded) < minSecret {
		return "", 0
	}

	return string(decoded), length
}

func hexadecimal(s string) (string, int) {
	digits := run(s, "fF", "")
	decoded, err := hex.DecodeString(digits[:len(digits)&^1])
	if err != nil || len(decoded) < minSecret {
		return "", 0
	}

	return string(decoded), len(digits)
}

// secretField is a shared secret by its name, in JSON and in what programs print like it.
var secretField = regexp.MustCompile(`(?i)(shared_?secret\\*["']?\s*[:=]\s*)(\\*"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)`)

// withoutSecretFields hides the secrets that only the server knows: an error may contain the complete preference.
func withoutSecretFields(message string) string {
	return secretField.ReplaceAllString(message, `${1}"`+redacted+`"`)
}

// printable keeps text on one line and free of control characters, and cuts it after limit bytes.
func printable(s string, limit int) string {
	cut := len(s) > limit
	if cut {
		s = s[:limit]
	}
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return '?'
		default:
			return r
		}
	}, s))
	if cut {
		s += " …"
	}

	return s
}
