package wingspan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Bounds on what one response may contain. The API documents none; these are far above what an account needs, and
// keep a hostile response from costing time and memory: the framework compares sets in quadratic time.
const (
	maxListEntries = 20_000
	maxEventNames  = 10_000
	maxMapEntries  = 1_000
	// maxEvents is the largest number of events that one webhook preference may subscribe to.
	maxEvents = 1_000
)

var errNotJSON = errors.New("the response isn't JSON")

// eachElement calls visit with every element of a JSON array of at most limit elements. The element is valid only
// during the call. Its errors quote nothing of the body.
func eachElement(body []byte, limit int, visit func(json.RawMessage)) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	switch opening, err := decoder.Token(); {
	case err != nil:
		return errNotJSON
	case opening == nil:
		return errors.New("null isn't a list")
	case opening != json.Delim('['):
		return errors.New("the JSON isn't a list")
	}
	var element json.RawMessage
	for n := 0; decoder.More(); n++ {
		if n == limit {
			return fmt.Errorf("the list has more than %d entries", limit)
		}
		element = element[:0]
		if err := decoder.Decode(&element); err != nil {
			return errNotJSON
		}
		visit(element)
	}
	if _, err := decoder.Token(); err != nil {
		return errNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the response continues after the list")
	}

	return nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

// jsonString returns the text of a JSON string; of any other valid JSON, null included, it returns false.
func jsonString(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), true
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", false
	}

	return s, true
}

// jsonStringMap is nil for anything but an object of at most maxMapEntries strings.
func jsonStringMap(raw json.RawMessage) map[string]string {
	var m map[string]string
	if json.Unmarshal(raw, &m) != nil || len(m) > maxMapEntries {
		return nil
	}

	return m
}

// describeJSON explains why a body isn't the object that was expected.
func describeJSON(body []byte, err error) error {
	var syntax *json.SyntaxError

	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return errors.New("empty response body")
	case errors.As(err, &syntax):
		return errNotJSON
	default:
		return errors.New("unexpected JSON type")
	}
}
