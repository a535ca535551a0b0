package wingspan

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

const (
	redacted = "[redacted]"
	// minSecret is the length in bytes of the shortest secret that is searched for. A shorter one stands in too many words: while one is
	// in use, nothing that came from outside is quoted.
	minSecret = 4
	// maxRedacted bounds what is searched for secrets, in bytes. Longer text isn't quoted.
	maxRedacted = 4 << 10
	// maxDecoded bounds the work for one text, in bytes of what it decodes to. One that decodes to more isn't quoted.
	maxDecoded = 32 * maxRedacted
	// maxNesting is how many encodings around each other are undone: JSON in JSON in a URL.
	maxNesting = 3
	// maxPath bounds a path or an id in errors and logs, in bytes.
	maxPath = 300
)

// Secret is text that fmt and loggers do not show. JSON carries it, so only requests do.
type Secret string

// String hides the value.
func (Secret) String() string { return redacted }

// Format hides the value from every verb. fmt asks String for some of them only.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// redactor keeps secrets out of text that came from outside.
type redactor struct {
	mu     sync.RWMutex
	values map[string]bool
	short  bool
}

// add takes secrets, and each without the whitespace around it, as a server may trim it.
func (r *redactor) add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.values == nil {
		r.values = map[string]bool{}
	}
	for _, v := range values {
		trimmed := strings.TrimSpace(v)
		r.short = r.short || (trimmed != "" && len(trimmed) < minSecret)
		if len(trimmed) >= minSecret {
			r.values[v], r.values[trimmed] = true, true
		}
	}
}

// redact is mask for text that came from outside: none of it is left while a secret is in use that is too short to be searched for.
func (r *redactor) redact(s string) string {
	r.mu.RLock()
	short := r.short
	r.mu.RUnlock()
	if short {
		return redacted
	}

	return r.mask(s)
}

// mask replaces secrets that are written as they are. It replaces the complete text if that shows one in an encoding, shows one that only
// the server knows, or can't be searched.
func (r *redactor) mask(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()

	if len(s) > maxRedacted {
		return redacted
	}
	var found []string
	for v := range r.values {
		if strings.Contains(s, v) {
			found = append(found, v)
		}
	}
	// The longest first: one may contain another.
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, v := range found {
		s = strings.ReplaceAll(s, v, redacted)
	}
	if r.reveals(s) {
		return redacted
	}

	return s
}

// reveals reports whether the text shows a secret as it is, or when its encodings are undone in any order.
func (r *redactor) reveals(s string) bool {
	depths, size := map[string]int{s: 0}, 0
	for queue := []string{s}; len(queue) > 0; queue = queue[1:] {
		text := queue[0]
		if size += len(text); size > maxDecoded || secretField.MatchString(text) {
			return true
		}
		for v := range r.values {
			if strings.Contains(text, v) {
				return true
			}
		}
		if depths[text] == maxNesting {
			continue
		}
		for _, decode := range decoders {
			decoded := decode(text)
			if _, seen := depths[decoded]; !seen {
				depths[decoded] = depths[text] + 1
				queue = append(queue, decoded)
			}
		}
	}

	return false
}

// secretField is a shared secret by its name, in JSON and in what programs print like it: an error may contain the complete preference.
var secretField = regexp.MustCompile(`(?i)shared[-_ ]?secret["']?\s*[:=]\s*["']`)

// decoders undo encodings wherever a text contains them, in every way in which a server may write a value.
var decoders = []func(string) string{
	percent,
	func(s string) string { return percent(strings.ReplaceAll(s, "+", " ")) },
	unescape,
	html.UnescapeString,
	func(s string) string { return decodeWords(s, base64Word, 4, fromBase64) },
	func(s string) string { return decodeWords(s, hexWord, 2, fromHex) },
}

var (
	percentDigits = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	escapes       = regexp.MustCompile(`(?:\\u[0-9A-Fa-f]{4})+|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\.`)
	base64Word    = regexp.MustCompile(`[0-9A-Za-z+/_-]{6,}`)
	hexWord       = regexp.MustCompile(`[0-9A-Fa-f]{8,}`)
)

func percent(s string) string {
	return percentDigits.ReplaceAllStringFunc(s, func(p string) string { return fromHex(p[1:]) })
}

// unescape undoes the escapes of JSON, JavaScript, Go and Python.
func unescape(s string) string {
	return escapes.ReplaceAllStringFunc(s, func(escape string) string {
		quoted, text := `"`+escape+`"`, ""
		if json.Unmarshal([]byte(quoted), &text) == nil {
			return text
		}
		if text, err := strconv.Unquote(quoted); err == nil {
			return text
		}

		return escape[1:]
	})
}

// decodeWords decodes each word from as many starting points as an encoded group has digits: what is in front of the encoded value may
// look like a part of it.
func decodeWords(s string, word *regexp.Regexp, group int, decode func(string) string) string {
	return word.ReplaceAllStringFunc(s, func(w string) string {
		var b strings.Builder
		for start := range group {
			b.WriteString(decode(w[start:]) + " ")
		}

		return b.String()
	})
}

var standardAlphabet = strings.NewReplacer("-", "+", "_", "/")

func fromBase64(s string) string {
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	decoded, _ := base64.RawStdEncoding.DecodeString(standardAlphabet.Replace(s)) // All of them are digits.

	return string(decoded)
}

func fromHex(s string) string {
	decoded, _ := hex.DecodeString(s[:len(s)&^1]) // All of them are digits.

	return string(decoded)
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
