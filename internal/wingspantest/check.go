package wingspantest

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
)

const accountHeader = "X-Wingspan-User"

// maxBody is far above what a preference needs.
const maxBody = 1 << 20

// call is a request on its way through the server.
type call struct {
	Request

	id    string // of a RouteItem
	query string
}

// refuse returns an answer with the documented body of an error. The message never quotes a secret.
func refuse(status int, format string, args ...any) *answer {
	return &answer{status: status, body: errorBody(fmt.Sprintf(format, args...))}
}

func errorBody(message string) []byte {
	return encode(struct {
		Error string `json:"error"`
	}{message})
}

// check returns the acting account, or the answer that refuses the request.
func (c *call) check(conf settings) (string, *answer) {
	if refused := c.checkToken(conf.token); refused != nil {
		return "", refused
	}
	if c.Route == RouteOther {
		return "", refuse(http.StatusNotFound, "there is no endpoint %s", c.Path)
	}
	if allow, ok := c.Route.methods(c.Method); !ok {
		refused := refuse(http.StatusMethodNotAllowed, "%s is not possible here, only %s", c.Method, allow)
		refused.header = http.Header{"Allow": {allow}}
		return "", refused
	}
	account, refused := c.checkAccount(conf.accounts)
	if refused != nil {
		return "", refused
	}
	if !c.accepts("application/json") {
		return "", refuse(http.StatusNotAcceptable, "the Accept header must contain application/json")
	}
	if c.query != "" {
		return "", refuse(http.StatusBadRequest, "no endpoint takes a query")
	}
	return account, c.checkBody()
}

func (c *call) checkToken(token string) *answer {
	values := c.Header["Authorization"]
	if len(values) != 1 {
		return refuse(http.StatusUnauthorized, "one Authorization header is needed, got %d", len(values))
	}
	sent, ok := strings.CutPrefix(values[0], "Bearer ")
	if !ok || sent == "" || strings.ContainsAny(sent, " \t") {
		return refuse(http.StatusUnauthorized, "the Authorization header must be: Bearer <token>")
	}
	if sent != token {
		return refuse(http.StatusForbidden, "Session expired")
	}
	return nil
}

func (c *call) checkAccount(known map[string]bool) (string, *answer) {
	if !c.HasAccount {
		return OwnAccount, nil
	}
	if len(c.Header[accountHeader]) != 1 || strings.TrimSpace(c.Account) == "" {
		return "", refuse(http.StatusBadRequest, "X-WINGSPAN-USER must name one account")
	}
	if !known[c.Account] {
		return "", refuse(http.StatusForbidden, "the token has no access to account %q", c.Account)
	}
	return c.Account, nil
}

func (c *call) accepts(mediaType string) bool {
	for _, value := range c.Header["Accept"] {
		for item := range strings.SplitSeq(value, ",") {
			if got, _, err := mime.ParseMediaType(item); err == nil && got == mediaType {
				return true
			}
		}
	}
	return false
}

func (c *call) checkBody() *answer {
	if c.Method != http.MethodPost && c.Method != http.MethodPatch {
		if len(c.Body) > 0 {
			return refuse(http.StatusBadRequest, "a %s has no body", c.Method)
		}
		return nil
	}
	if len(c.Body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", maxBody)
	}
	types := c.Header["Content-Type"]
	if len(types) == 1 {
		got, params, err := mime.ParseMediaType(types[0])
		charset, given := params["charset"]
		if err == nil && got == "application/json" && (!given || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return refuse(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
}
