package wingspan

import (
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// CanonicalURL writes an absolute http or https URL in one way, by what RFC 3986 calls equivalent in sections 6.2.2 and 6.2.3: the case of
// scheme, host and percent-encoding, percent-encoded unreserved characters, dot segments, the default port and the empty path; and an
// internationalized host in its ASCII form. Anything else is returned as it is.
func CanonicalURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return raw
	}

	host, port := canonicalHost(u.Hostname()), u.Port() // url.Parse has lowered the scheme.
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
	} else {
		u.Host = net.JoinHostPort(host, port)
	}
	u.RawQuery = normalizeEscapes(u.RawQuery)
	fragment := normalizeEscapes(u.EscapedFragment())
	path := removeDotSegments(normalizeEscapes(u.EscapedPath()))
	// String would escape these anew, from their decoded forms.
	u.Path, u.RawPath, u.Fragment, u.RawFragment = "", "", "", ""
	before, query, hasQuery := strings.Cut(u.String(), "?")
	canonical := before + path
	if hasQuery {
		canonical += "?" + query
	}
	if fragment != "" {
		canonical += "#" + fragment
	}

	return canonical
}

// SameURL reports whether two URLs are equivalent. RFC 3986, section 6.2, allows no more than CanonicalURL does without
// asking the server.
func SameURL(a, b string) bool { return a == b || CanonicalURL(a) == CanonicalURL(b) }

// canonicalHost is the ASCII form of a host as HTTP clients look it up. One that has none only gets its ASCII letters lowered: Unicode's
// lower case would make one of different hosts, as bytes that aren't UTF-8 become one and the same.
func canonicalHost(host string) string {
	if !isASCII(host) && utf8.ValidString(host) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
	}

	return lowerASCII(host)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}

	return string(b)
}

// normalizeEscapes decodes percent-encoded unreserved characters and writes the digits of the others in upper case.
func normalizeEscapes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			b.WriteByte(s[i])

			continue
		}
		if c := unhex(s[i+1])<<4 | unhex(s[i+2]); isUnreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}

	return b.String()
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}

	return c | 0x20 - 'a' + 10
}

// isUnreserved is RFC 3986, section 2.3.
func isUnreserved(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte("-._~", c) >= 0
}

// removeDotSegments is RFC 3986, section 5.2.4, for a path that is empty or begins with a slash. An empty one becomes a slash.
func removeDotSegments(path string) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	kept := make([]string, 0, len(segments))
	for i, segment := range segments {
		last := i == len(segments)-1
		switch {
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		case segment != "." && segment != "..":
			kept = append(kept, segment)

			continue
		}
		if last {
			kept = append(kept, "")
		}
	}

	return "/" + strings.Join(kept, "/")
}
