package wingspan

import (
	"net"
	"net/url"
	"strings"
)

// CanonicalURL spells an absolute URL in one way: scheme and host in lower case, no default
// port, "/" for an empty path. What cannot be parsed comes back as it is.
func CanonicalURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}

	u.Scheme = strings.ToLower(u.Scheme)
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
	} else {
		u.Host = net.JoinHostPort(host, port)
	}
	if u.Path == "" && u.Opaque == "" {
		u.Path = "/"
	}

	return u.String()
}

// SameURL tells whether two spellings mean the same URL. RFC 3986, section 6.2, allows no more
// than this without asking the server.
func SameURL(a, b string) bool { return a == b || CanonicalURL(a) == CanonicalURL(b) }
