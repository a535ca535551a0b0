package wingspantest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	accountHeader = "X-Wingspan-User"
	// maxBody is far above what a preference needs.
	maxBody = 1 << 20
)

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

var endpoint = regexp.MustCompile(`^/integrations/webhooks/(?:eventnames|(preference)(?:/([^/]+))?)$`)

// resolve reads the escaped path, so that an id may hold slashes. A bare "." or ".." is no id:
// proxies on the way to the real server would resolve it.
func resolve(method, escapedPath string) (Route, string) {
	parts := endpoint.FindStringSubmatch(escapedPath)
	if parts == nil {
		return RouteOther, ""
	}
	id, err := url.PathUnescape(parts[2])
	switch {
	case err != nil || parts[2] == "." || parts[2] == "..":
		return RouteOther, ""
	case id != "":
		return RouteItem, id
	case parts[1] == "":
		return RouteEventNames, ""
	case method == http.MethodPost:
		return RouteCreate, ""
	}

	return RouteList, ""
}

// Request is one request as the server saw it, and what became of it. Header and Body are the server's own: do not change them.
type Request struct {
	Method string
	Path   string // escaped, as it was sent
	Route  Route
	Header http.Header

	Account    string // the value of X-WINGSPAN-USER
	HasAccount bool   // whether that header was sent

	Body      []byte
	Status    int  // of the response; 0 while none is known and when the connection was cut
	Fault     bool // whether a fault struck it
	Committed bool // whether a write was carried out

	id, query string
}

// receive reads the whole body before anything else, so that a delayed request does not need its
// client any more. An unfinished body is refused later: it is not valid JSON.
func receive(in *http.Request) *Request {
	body, _ := io.ReadAll(io.LimitReader(in.Body, maxBody+1))
	r := &Request{
		Method: in.Method, Path: in.URL.EscapedPath(), Header: in.Header, Account: in.Header.Get(accountHeader), Body: body, query: in.URL.RawQuery,
	}
	r.Route, r.id = resolve(r.Method, r.Path)
	_, r.HasAccount = r.Header[accountHeader]

	return r
}

// hasBody reports whether the method sends a preference, or a part of one.
func (r Request) hasBody() bool { return r.Method == http.MethodPost || r.Method == http.MethodPatch }

// Fields returns the sorted top-level keys of the JSON body, nil when that is not an object.
func (r Request) Fields() []string {
	var object map[string]json.RawMessage
	if json.Unmarshal(r.Body, &object) != nil || object == nil {
		return nil
	}

	return slices.Sorted(maps.Keys(object))
}

// apply does to a preference what the body says, which was checked.
func (r Request) apply(p *Preference, conf Settings) {
	_ = json.Unmarshal(r.Body, &struct {
		URL              *string   `json:"url"`
		SharedSecret     *string   `json:"sharedSecret"`
		SubscribedEvents *[]string `json:"subscribedEvents"`
	}{&p.URL, &p.SharedSecret, &p.SubscribedEvents})
	if conf.Normalize != nil {
		conf.Normalize(p)
	}
}

// allowed are the methods of each route.
var allowed = map[Route]string{
	RouteEventNames: "GET", RouteList: "GET, POST", RouteCreate: "GET, POST", RouteItem: "DELETE, GET, PATCH",
}

// refuse returns a response with the documented body of an error. The message never quotes a secret.
func refuse(status int, format string, args ...any) *response {
	return &response{status: status, body: errorBody(fmt.Sprintf(format, args...))}
}

func errorBody(message string) []byte { return encode(map[string]string{"error": message}) }

// check returns the account on behalf of which the request is made, or the response that refuses it.
func (s *Server) check(r *Request) (string, *response) {
	token, bearer := strings.CutPrefix(strings.Join(r.Header["Authorization"], ", "), "Bearer ")
	accounts := s.accounts[token]
	account := r.Account
	if !r.HasAccount && len(accounts) > 0 {
		account = accounts[0]
	}
	switch {
	case !bearer || token == "" || strings.ContainsAny(token, " \t"):
		return "", refuse(http.StatusUnauthorized, "one Authorization header is needed: Bearer <token>")
	case len(accounts) == 0:
		return "", refuse(http.StatusForbidden, "Session expired")
	case r.Route == RouteOther:
		return "", refuse(http.StatusNotFound, "there is no endpoint %s", r.Path)
	case !slices.Contains(strings.Split(allowed[r.Route], ", "), r.Method):
		refused := refuse(http.StatusMethodNotAllowed, "%s is not possible here, only %s", r.Method, allowed[r.Route])
		refused.header = http.Header{"Allow": {allowed[r.Route]}}

		return "", refused
	case len(r.Header[accountHeader]) > 1 || strings.TrimSpace(account) == "":
		return "", refuse(http.StatusBadRequest, "X-WINGSPAN-USER must name one account")
	case !slices.Contains(accounts, account):
		return "", refuse(http.StatusForbidden, "the token has no access to account %q", account)
	case !r.accepts("application/json"):
		return "", refuse(http.StatusNotAcceptable, "the Accept header must contain application/json")
	case r.query != "":
		return "", refuse(http.StatusBadRequest, "no endpoint takes a query")
	case r.hasBody():
		return account, r.checkBody(s.settings.EventNames)
	case len(r.Body) > 0:
		return "", refuse(http.StatusBadRequest, "a %s has no body", r.Method)
	}

	return account, nil
}

func (r *Request) accepts(mediaType string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(r.Header["Accept"], ","), ","), func(item string) bool {
		got, _, err := mime.ParseMediaType(item)

		return err == nil && got == mediaType
	})
}

// checkBody works by tokens because encoding/json accepts keys in another case and repeated ones.
func (r *Request) checkBody(known []string) *response {
	kind, params, err := mime.ParseMediaType(strings.Join(r.Header["Content-Type"], ","))
	charset, given := params["charset"]
	switch {
	case len(r.Body) > maxBody:
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", maxBody)
	case err != nil || kind != "application/json" || given && !strings.EqualFold(charset, "utf-8"):
		return refuse(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
	case !utf8.Valid(r.Body) || !json.Valid(r.Body):
		return refuse(http.StatusBadRequest, "the body is not valid JSON in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	if start, _ := decoder.Token(); start != json.Delim('{') {
		return refuse(http.StatusBadRequest, "the body must be a JSON object")
	}
	seen := map[string]bool{}
	for decoder.More() {
		key, _ := decoder.Token()
		var value any
		_ = decoder.Decode(&value)
		name, _ := key.(string)
		problem := wrong(name, value, known)
		switch {
		case name != "url" && name != "sharedSecret" && name != "subscribedEvents":
			problem = "is an unknown field"
		case seen[name]:
			problem = "is given twice"
		}
		if problem != "" {
			return refuse(http.StatusBadRequest, "%s %s", name, problem)
		}
		seen[name] = true
	}
	switch {
	case r.Method == http.MethodPost && !(seen["url"] && seen["sharedSecret"]):
		return refuse(http.StatusBadRequest, "url and sharedSecret are required")
	case len(seen) == 0:
		return refuse(http.StatusBadRequest, "at least one of url, sharedSecret and subscribedEvents is required")
	}

	return nil
}

// wrong returns what is wrong with a field of the body, or with an event in one, or nothing.
func wrong(name string, value any, known []string) string {
	text, isText := value.(string)
	u, notURL := url.Parse(text)
	switch {
	case value == nil:
		return "must not be null"
	case name == "subscribedEvents":
		return wrongEvents(value, known)
	case !isText:
		return "must be a string"
	case strings.TrimSpace(text) == "":
		return "must not be empty"
	case name == "url" && (notURL != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == ""):
		return "must be an absolute http or https URL with a host"
	}

	return ""
}

func wrongEvents(value any, known []string) string {
	events, ok := value.([]any)
	if !ok {
		return "must be an array of strings"
	}
	for i, event := range events {
		name, _ := event.(string)
		switch problem := wrong("", event, nil); {
		case problem != "":
			return fmt.Sprintf("has an event %d that %s", i, problem)
		case slices.Contains(events[:i], event):
			return fmt.Sprintf("names %q twice", name)
		case len(known) > 0 && !slices.Contains(known, name):
			return fmt.Sprintf("names the unknown event %q", name)
		}
	}

	return ""
}

func (s *Server) selected(want func(*Request) bool) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	selection := []Request{}
	for _, request := range s.requests {
		if want(request) {
			selection = append(selection, *request)
		}
	}

	return selection
}

// Requests returns all requests since the start or ResetRequests, in the order of their arrival, also those that still wait
// for a response.
func (s *Server) Requests() []Request {
	return s.selected(func(*Request) bool { return true })
}

// Writes returns the requests whose method is POST, PATCH or DELETE, carried out or not.
func (s *Server) Writes() []Request {
	return s.selected(func(r *Request) bool { return r.hasBody() || r.Method == http.MethodDelete })
}

// Count counts requests; "" and RouteAny mean any.
func (s *Server) Count(method string, route Route) int {
	return len(s.selected(func(r *Request) bool { return (&Fault{Method: method, Route: route}).matches(*r) }))
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() { s.locked(func() { s.requests = nil }) }
