package wingspan

import (
	"net"
	"net/url"
	"strings"
)

// CanonicalURL spells an absolute http or https URL in one way: scheme and host in lower case, no default
// port, "/" for an empty path. Anything else comes back as it is.
func CanonicalURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return raw
	}

	host, port := lowerASCII(u.Hostname()), u.Port() // url.Parse has lowered the scheme
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
	} else {
		u.Host = net.JoinHostPort(host, port)
	}
	if u.Path == "" {
		u.Path = "/"
	}

	return u.String()
}

// lowerASCII leaves all else alone. Unicode's lower case makes one of different hosts: bytes that are not UTF-8
// turn into one and the same, and the Kelvin sign into a k.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}

	return string(b)
}

// SameURL tells whether two spellings mean the same URL. RFC 3986, section 6.2, allows no more
// than this without asking the server.
func SameURL(a, b string) bool { return a == b || CanonicalURL(a) == CanonicalURL(b) }
