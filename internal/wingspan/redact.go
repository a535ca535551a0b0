package wingspan

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
)

const redacted = "[redacted]"

// A shorter value would tear words that have nothing to do with it out of every message.
const minRedactedLength = 4

// Secret is text that fmt and loggers do not show. JSON carries it, so only requests do.
type Secret string

// String hides the value.
func (Secret) String() string { return redacted }

// GoString hides the value from %#v.
func (Secret) GoString() string { return redacted }

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
		for _, s := range []string{v, inJSON(v), url.QueryEscape(v), url.PathEscape(v)} {
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

func inJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return s
	}

	return string(quoted[1 : len(quoted)-1])
}
