package wingspantest

import (
	"net/http"
	"net/url"
	"strings"
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

// resolve reads the escaped path, so that an id may hold slashes. A bare "." or ".." is no id:
// proxies on the way to the real server would resolve it.
func resolve(method, escapedPath string) (Route, string) {
	rest, ok := strings.CutPrefix(escapedPath, "/integrations/webhooks/")
	if !ok {
		return RouteOther, ""
	}
	switch {
	case rest == "eventnames":
		return RouteEventNames, ""
	case rest == "preference" && method == http.MethodPost:
		return RouteCreate, ""
	case rest == "preference":
		return RouteList, ""
	}
	segment, ok := strings.CutPrefix(rest, "preference/")
	if !ok || segment == "" || segment == "." || segment == ".." || strings.Contains(segment, "/") {
		return RouteOther, ""
	}
	id, err := url.PathUnescape(segment)
	if err != nil {
		return RouteOther, ""
	}
	return RouteItem, id
}

func (r Route) methods() []string {
	switch r {
	case RouteEventNames:
		return []string{http.MethodGet}
	case RouteItem:
		return []string{http.MethodDelete, http.MethodGet, http.MethodPatch}
	}
	return []string{http.MethodGet, http.MethodPost}
}
