package wingspan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

const redacted = "[redacted]"

// A shorter value would tear words that have nothing to do with it out of every message.
const minRedactedLength = 4

// Secret is text that fmt and loggers do not show. JSON carries it, so only requests do.
type Secret string

// String hides the value.
func (Secret) String() string { return redacted }

// Format hides the value from every verb. fmt asks String for some of them only.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// redactor replaces values in text, in the spellings in which a server may quote them.
type redactor struct {
	mu     sync.RWMutex
	values map[string]struct{}
	// longest first, so that a value which contains another is replaced whole.
	ordered []string
}

func (r *redactor) add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	known := len(r.ordered)
	for _, v := range values {
		for _, s := range spellings(v) {
			if len(s) < minRedactedLength {
				continue
			}
			if _, there := r.values[s]; there {
				continue
			}
			if r.values == nil {
				r.values = map[string]struct{}{}
			}
			r.values[s] = struct{}{}
			r.ordered = append(r.ordered, s)
		}
	}
	if len(r.ordered) == known {
		return
	}
	slices.SortFunc(r.ordered, func(a, b string) int { return len(b) - len(a) })
}

func (r *redactor) redact(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()

	for _, v := range r.ordered {
		s = strings.ReplaceAll(s, v, redacted)
	}

	return s
}

func (r *redactor) list() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()

	return slices.Clone(r.ordered)
}

// spellings are the ways in which a server may write a value: as it is, in a URL, and in JSON as JavaScript,
// Go and Python write it.
func spellings(v string) []string {
	plain := inJSON(v, false)

	return []string{v, plain, inJSON(v, true), inASCII(plain), url.QueryEscape(v), url.PathEscape(v)}
}

func inJSON(s string, escapeHTML bool) string {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(escapeHTML)
	if err := encoder.Encode(s); err != nil {
		return s
	}

	return string(bytes.TrimSuffix(quoted.Bytes()[1:], []byte("\"\n")))
}

func inASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
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

// secretField is a shared secret by its name, in JSON and in what programs print like it.
var secretField = regexp.MustCompile(`(?i)(shared_?secret["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)`)

// withoutSecretFields hides the secrets that only the server knows: an error may come with the whole preference.
func withoutSecretFields(message string) string {
	return secretField.ReplaceAllString(message, `${1}"`+redacted+`"`)
}
