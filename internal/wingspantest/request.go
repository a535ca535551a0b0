package wingspantest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

const accountHeader = "X-Wingspan-User"

// maxBody is far above what a preference needs.
const maxBody = 1 << 20

// Route is an endpoint of the API. The method tells reading, changing and deleting of RouteItem apart.
type Route string

// The routes. RouteAny is for a Fault and for Count.
const (
	RouteAny        Route = ""           // all of them
	RouteEventNames Route = "eventnames" // .../eventnames
	RouteList       Route = "list"       // .../preference, unless it is a POST
	RouteCreate     Route = "create"     // POST .../preference
	RouteItem       Route = "item"       // .../preference/{id}
	RouteOther      Route = "other"      // no endpoint
)

// resolve reads the escaped path, so that an id may hold slashes. A bare "." or ".." is no id:
// proxies on the way to the real server would resolve it.
func resolve(method, escapedPath string) (Route, string) {
	rest, ok := strings.CutPrefix(escapedPath, "/integrations/webhooks/")
	switch {
	case !ok:
		return RouteOther, ""
	case rest == "eventnames":
		return RouteEventNames, ""
	case rest == "preference" && method == http.MethodPost:
		return RouteCreate, ""
	case rest == "preference":
		return RouteList, ""
	}
	segment, ok := strings.CutPrefix(rest, "preference/")
	id, err := url.PathUnescape(segment)
	if !ok || err != nil || segment == "" || segment == "." || segment == ".." || strings.Contains(segment, "/") {
		return RouteOther, ""
	}
	return RouteItem, id
}

// allowed are the methods of each route.
var allowed = map[Route]string{
	RouteEventNames: "GET", RouteList: "GET, POST", RouteCreate: "GET, POST", RouteItem: "DELETE, GET, PATCH",
}

// incoming is a request on its way through the server. Request is the record of it.
type incoming struct {
	*Request

	id      string // of a RouteItem
	query   string
	changes changes
}

// changes is what the body of a POST or PATCH does to a preference.
type changes []func(*Preference)

func (c changes) apply(p *Preference, conf Settings) {
	for _, change := range c {
		change(p)
	}
	if conf.Normalize != nil {
		conf.Normalize(p)
	}
}

// receive reads the whole body before anything else, so that a delayed request does not need its
// client any more. An unfinished body is refused later: it is not valid JSON.
func receive(r *http.Request) *incoming {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	path := r.URL.EscapedPath()
	route, id := resolve(r.Method, path)
	_, hasAccount := r.Header[accountHeader]
	return &incoming{
		Request: &Request{
			Method: r.Method, Path: path, Route: route, Header: r.Header, Body: body,
			Account: r.Header.Get(accountHeader), HasAccount: hasAccount,
		},
		id:    id,
		query: r.URL.RawQuery,
	}
}

// refuse returns a response with the documented body of an error. The message never quotes a secret.
func refuse(status int, format string, args ...any) *response {
	return &response{status: status, body: errorBody(fmt.Sprintf(format, args...))}
}

func errorBody(message string) []byte { return encode(map[string]string{"error": message}) }

// check returns the account on behalf of which the request is made, or the response that refuses it.
func (s *Server) check(in *incoming) (string, *response) {
	token, bearer := strings.CutPrefix(strings.Join(in.Header["Authorization"], ", "), "Bearer ")
	accounts := s.accounts[token]
	account := in.Account
	if !in.HasAccount && len(accounts) > 0 {
		account = accounts[0]
	}
	hasBody := in.Method == http.MethodPost || in.Method == http.MethodPatch
	switch {
	case !bearer || token == "" || strings.ContainsAny(token, " \t"):
		return "", refuse(http.StatusUnauthorized, "one Authorization header is needed: Bearer <token>")
	case len(accounts) == 0:
		return "", refuse(http.StatusForbidden, "Session expired")
	case in.Route == RouteOther:
		return "", refuse(http.StatusNotFound, "there is no endpoint %s", in.Path)
	case !slices.Contains(strings.Split(allowed[in.Route], ", "), in.Method):
		refused := refuse(http.StatusMethodNotAllowed, "%s is not possible here, only %s", in.Method, allowed[in.Route])
		refused.header = http.Header{"Allow": {allowed[in.Route]}}
		return "", refused
	case len(in.Header[accountHeader]) > 1 || strings.TrimSpace(account) == "":
		return "", refuse(http.StatusBadRequest, "X-WINGSPAN-USER must name one account")
	case !slices.Contains(accounts, account):
		return "", refuse(http.StatusForbidden, "the token has no access to account %q", account)
	case !in.accepts("application/json"):
		return "", refuse(http.StatusNotAcceptable, "the Accept header must contain application/json")
	case in.query != "":
		return "", refuse(http.StatusBadRequest, "no endpoint takes a query")
	case !hasBody && len(in.Body) > 0:
		return "", refuse(http.StatusBadRequest, "a %s has no body", in.Method)
	case !hasBody:
		return account, nil
	}
	return account, in.decode(s.settings.EventNames)
}

func (in *incoming) accepts(mediaType string) bool {
	for item := range strings.SplitSeq(strings.Join(in.Header["Accept"], ","), ",") {
		if got, _, err := mime.ParseMediaType(item); err == nil && got == mediaType {
			return true
		}
	}
	return false
}

// decode works by tokens because encoding/json accepts keys in another case and repeated ones.
func (in *incoming) decode(known []string) *response {
	if len(in.Body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", maxBody)
	}
	kind, params, err := mime.ParseMediaType(strings.Join(in.Header["Content-Type"], ","))
	if charset, given := params["charset"]; err != nil || kind != "application/json" || given && !strings.EqualFold(charset, "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
	}
	if !utf8.Valid(in.Body) || !json.Valid(in.Body) {
		return refuse(http.StatusBadRequest, "the body is not valid JSON in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(in.Body))
	if start, _ := decoder.Token(); start != json.Delim('{') {
		return refuse(http.StatusBadRequest, "the body must be a JSON object")
	}
	in.changes = nil
	seen := map[string]bool{}
	for decoder.More() {
		key, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		name, _ := key.(string)
		change, problem := field(name, value, known)
		if seen[name] {
			problem = "is given twice"
		}
		if problem != "" {
			return refuse(http.StatusBadRequest, "%s %s", name, problem)
		}
		seen[name] = true
		in.changes = append(in.changes, change)
	}
	switch {
	case in.Method == http.MethodPost && !(seen["url"] && seen["sharedSecret"]):
		return refuse(http.StatusBadRequest, "url and sharedSecret are required")
	case len(seen) == 0:
		return refuse(http.StatusBadRequest, "at least one of url, sharedSecret and subscribedEvents is required")
	}
	return nil
}

// field returns what a field of the body changes, or what is wrong with it.
func field(name string, value json.RawMessage, known []string) (change func(*Preference), problem string) {
	switch name {
	case "url":
		text, problem := nonEmpty(value)
		if u, err := url.Parse(text); problem == "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") {
			problem = "must be an absolute http or https URL with a host"
		}
		return func(p *Preference) { p.URL = text }, problem
	case "sharedSecret":
		text, problem := nonEmpty(value)
		return func(p *Preference) { p.SharedSecret = text }, problem
	case "subscribedEvents":
		events, problem := eventsIn(value, known)
		return func(p *Preference) { p.SubscribedEvents = slices.Clone(events) }, problem
	}
	return nil, "is an unknown field"
}

func nonEmpty(value json.RawMessage) (text, problem string) {
	var sent *string
	switch {
	case json.Unmarshal(value, &sent) != nil:
		return "", "must be a string"
	case sent == nil:
		return "", "must not be null"
	case strings.TrimSpace(*sent) == "":
		return "", "must not be empty"
	}
	return *sent, ""
}

func eventsIn(value json.RawMessage, known []string) (events []string, problem string) {
	var sent []json.RawMessage
	switch {
	case json.Unmarshal(value, &sent) != nil:
		return nil, "must be an array of strings"
	case sent == nil:
		return nil, "must not be null"
	}
	events = []string{}
	for i, raw := range sent {
		event, problem := nonEmpty(raw)
		switch {
		case problem != "":
			return nil, fmt.Sprintf("has an event %d that %s", i, problem)
		case slices.Contains(events, event):
			return nil, fmt.Sprintf("names %q twice", event)
		case len(known) > 0 && !slices.Contains(known, event):
			return nil, fmt.Sprintf("names the unknown event %q", event)
		}
		events = append(events, event)
	}
	return events, ""
}
