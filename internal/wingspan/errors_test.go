package wingspan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestPredicates(t *testing.T) {
	t.Parallel()

	lost := &TransportError{Uncertain: true, Err: errors.New("cut")}
	outage := &OutageError{Err: &APIError{Status: 503, Uncertain: true}}
	tests := []struct {
		name string
		err  error
		want string // the predicates that are true
	}{
		{"none", nil, ""},
		{"a text", errors.New("404 not found"), ""},
		{"no token", ErrNoToken, ""},
		{"an id", &IDError{ID: "x"}, ""},
		{"the caller's end", context.Canceled, ""},
		{"not sent", &TransportError{Err: errors.New("404")}, ""},
		{"lost", lost, "MayHaveSucceeded"},
		{"an unusable response", &ResponseError{Status: 404}, "MayHaveSucceeded"},
		{"400", &APIError{Status: 400}, "BadRequest"},
		{"401", &APIError{Status: 401}, "Unauthorized"},
		{"403", &APIError{Status: 403}, "Unauthorized"},
		{"404", &APIError{Status: 404}, "NotFound"},
		{"404 after a lost attempt", &APIError{Status: 404, Uncertain: true}, "NotFound MayHaveSucceeded"},
		{"408", &APIError{Status: 408}, "MayHaveSucceeded"},
		{"422", &APIError{Status: 422}, "BadRequest"},
		{"429", &APIError{Status: 429}, "RateLimited"},
		{"500", &APIError{Status: 500}, "MayHaveSucceeded"},
		{"599", &APIError{Status: 599}, "MayHaveSucceeded"},
		{"an outage", outage, "Outage"},
		{"an outage of 429s", &OutageError{Err: &APIError{Status: 429}}, "RateLimited Outage"},
		{"joined", errors.Join(errors.New("x"), lost), "MayHaveSucceeded"},
		{"lost, then an outage", fmt.Errorf("%w; and before that: %w", outage, lost), "Outage MayHaveSucceeded"},
	}
	for _, test := range tests {
		for _, err := range []error{test.err, fmt.Errorf("wrapped: %w", test.err)} {
			var got []string
			for _, p := range []struct {
				name string
				is   bool
			}{
				{"NotFound", IsNotFound(err)}, {"Unauthorized", IsUnauthorized(err)}, {"BadRequest", IsBadRequest(err)},
				{"RateLimited", IsRateLimited(err)}, {"Outage", isOutage(err)}, {"MayHaveSucceeded", MayHaveSucceeded(err)},
			} {
				if p.is {
					got = append(got, p.name)
				}
			}
			wantEqual(t, test.name, strings.Join(got, " "), test.want)
		}
	}
}

func TestTextsOfErrors(t *testing.T) {
	t.Parallel()

	tests := []struct {
		err  error
		want string
	}{
		{&APIError{Method: "GET", Path: "/x", Status: 404, Message: "no such id"}, "GET /x: 404 Not Found: no such id"},
		{&APIError{Method: "GET", Path: "/x", Status: 520, Message: "odd"}, "GET /x: 520: odd"},
		{&TransportError{Method: "POST", Path: "/x", Err: errors.New("cut")}, "POST /x: cut"},
		{&OutageError{Method: "POST", Path: "/x", Err: &APIError{Method: "GET", Path: "/y", Status: 503, Message: "down"}}, "POST /x: not sent, because an earlier request failed: GET /y: 503 Service Unavailable: down"},
		{&ResponseError{Method: "GET", Path: "/x", Status: 200, Size: 7, ContentType: "text/html", Reason: "the response is not JSON"}, `GET /x: 200 with 7 bytes of "text/html": the response is not JSON`},
		{&IDError{ID: ".."}, `".." cannot be an id`},
		{&IDError{ID: "\x1b" + strings.Repeat("x", 1<<20)}, `"?` + strings.Repeat("x", maxPath-1) + ` …" cannot be an id`},
	}
	for _, test := range tests {
		wantEqual(t, fmt.Sprintf("text of a %T", test.err), test.err.Error(), test.want)
	}
}

// A connection that ends while it is used is the same, whoever notices it first.
func TestAConnectionThatEndsIsDescribedInOneWay(t *testing.T) {
	t.Parallel()

	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, errors.New("http: server closed idle connection")} {
		wantEqual(t, err.Error(), describe(fmt.Errorf("wrapped: %w", err)).Error(), lostConnection)
	}
}
