package wingspan

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// lookupProfile maps an internationalized host to the form that is looked up (UTS #46, as browsers do). It refuses what would
// map to something that is not a host name, such as a full-width colon.
var lookupProfile = idna.New(idna.MapForLookup(), idna.StrictDomainName(true), idna.Transitional(false))

// CanonicalURL normalizes an absolute http or https URL by RFC 3986, sections 6.2.2 and 6.2.3: case of scheme, host and
// percent-encoding, unreserved characters, dot segments, default port and empty path. An internationalized host becomes its
// punycode, an IPv6 address its short form. Anything else is returned unchanged.
func CanonicalURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return raw
	}

	// The text is taken apart here because url.URL decodes what has to be compared encoded.
	_, rest, _ := strings.Cut(raw, "//")
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")

	var b strings.Builder
	b.WriteString(u.Scheme + "://")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		b.WriteString(normalizeEncoding(authority[:at]) + "@")
	}
	b.WriteString(canonicalHost(u.Hostname()))
	if port := u.Port(); port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		b.WriteString(":" + port)
	}
	b.WriteString(removeDotSegments("/" + normalizeEncoding(path)))
	if hasQuery {
		b.WriteString("?" + normalizeEncoding(query))
	}
	if hasFragment {
		b.WriteString("#" + normalizeEncoding(fragment))
	}

	return b.String()
}

// SameURL reports whether two URLs are equivalent.
func SameURL(a, b string) bool { return a == b || CanonicalURL(a) == CanonicalURL(b) }

// IsFormOfURL reports whether two URLs differ in nothing but the punctuation and the case of what follows the host.
func IsFormOfURL(a, b string) bool {
	one, other := parseCanonical(a), parseCanonical(b)

	return one != nil && other != nil && one.Scheme == other.Scheme && one.Port() == other.Port() &&
		isSameInLetters(one, other) && LettersAndDigits(one.RawQuery) == LettersAndDigits(other.RawQuery)
}

// mayBeRewritten reports whether one URL can be the other in the server's own form: the same host, and the same letters and digits in
// the path. What a server may do to a query can't be foreseen.
func mayBeRewritten(a, b string) bool {
	one, other := parseCanonical(a), parseCanonical(b)

	return one == nil || other == nil || isSameInLetters(one, other)
}

func parseCanonical(raw string) *url.URL {
	u, err := url.Parse(CanonicalURL(raw))
	if err != nil {
		return nil
	}

	return u
}

func isSameInLetters(a, b *url.URL) bool {
	return strings.TrimSuffix(a.Hostname(), ".") == strings.TrimSuffix(b.Hostname(), ".") && LettersAndDigits(a.Path) == LettersAndDigits(b.Path)
}

// DisplayURL is a URL for messages: short, and without userinfo, query and fragment, which may contain credentials.
func DisplayURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "(invalid URL)"
	}

	return printable((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String(), maxPath)
}

func canonicalHost(host string) string {
	if strings.Contains(host, ":") {
		if ip, err := netip.ParseAddr(host); err == nil {
			host = ip.String()
		}

		return "[" + strings.ReplaceAll(host, "%", "%25") + "]"
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) && utf8.ValidString(host) {
		if ascii, err := lookupProfile.ToASCII(host); err == nil && ascii != "" {
			host = ascii
		}
	}
	encoded := (&url.URL{Host: host}).String() // encodes what url.Parse decoded, so that all is ASCII

	return strings.ToLower(strings.TrimPrefix(encoded, "//"))
}

// normalizeEncoding decodes what needs no percent-encoding, encodes what does, and writes the digits in upper case. A component
// with an invalid encoding is left alone, because decoding a part of it could make it a valid one with another meaning.
func normalizeEncoding(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, encoded := s[i], s[i] == '%'
		if encoded {
			if i+2 >= len(s) {
				return s
			}
			decoded, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return s
			}
			c = byte(decoded)
			i += 2
		}
		if unreserved(c) || (!encoded && strings.IndexByte(":/?#[]@!$&'()*+,;=", c) >= 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}

	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// removeDotSegments is RFC 3986, section 5.2.4, for a path that begins with a slash.
func removeDotSegments(path string) string {
	segments := strings.Split(path, "/")[1:]
	kept := make([]string, 0, len(segments))
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".", "..":
			if s == ".." && len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
			if last {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, s)
		}
	}

	return "/" + strings.Join(kept, "/")
}

// ParseBaseURL checks the address of an API server: https, or http to a loopback host, with
// nothing but a host, a port and a path. Its errors finish the sentence "base_url …".
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the whole input, and someone may have pasted a token into it.
		return nil, errors.New("is not a URL")
	}

	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("must include a host")
	case u.User != nil:
		return nil, errors.New("must not contain credentials; use api_token")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("must not contain a query or a fragment")
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("must use https: over http to %q the token and the secrets would be sent unencrypted (http is for loopback hosts only)", u.Hostname())
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")

	return u, nil
}

// IsLoopback reports whether the host is this machine, by its name or its address.
func IsLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}
