package wingspan

import (
	"cmp"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCanonicalURL(t *testing.T) {
	t.Parallel()

	tests := []struct{ name, raw, want string }{
		{"as it is", "https://hooks.example.com/a?b=c#d", "https://hooks.example.com/a?b=c#d"},
		{"scheme and host", "HTTPS://Hooks.EXAMPLE.com/Path?Query=X", "https://hooks.example.com/Path?Query=X"},
		{"empty path", "https://hooks.example.com", "https://hooks.example.com/"},
		{"empty path and query", "https://hooks.example.com?a=b", "https://hooks.example.com/?a=b"},
		{"https port", "https://hooks.example.com:443/a", "https://hooks.example.com/a"},
		{"http port", "http://hooks.example.com:80/a", "http://hooks.example.com/a"},
		{"empty port", "https://hooks.example.com:/a", "https://hooks.example.com/a"},
		{"another scheme's port", "https://hooks.example.com:80/a", "https://hooks.example.com:80/a"},
		{"own port", "https://Hooks.example.com:8443/a", "https://hooks.example.com:8443/a"},
		{"IPv6", "https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"},
		{"IPv6 and port", "https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443/"},
		{"user info keeps its case", "https://User:Pass@HOST.example/", "https://User:Pass@host.example/"},
		{"slash at the end", "https://hooks.example.com/a/", "https://hooks.example.com/a/"},
		{"unreserved characters", "https://hooks.example.com/%7E%61%2d?%7e#%7E", "https://hooks.example.com/~a-?~#~"},
		{"case of percent-encoding", "https://u%3a:p@hooks.example.com/a%2fb?c=%c3%a9", "https://u%3A:p@hooks.example.com/a%2Fb?c=%C3%A9"},
		{"characters that need encoding", "https://hooks.example.com/é?é", "https://hooks.example.com/%C3%A9?%C3%A9"},
		{"a percent sign that encodes nothing", "https://hooks.example.com/a?50%&%7E", "https://hooks.example.com/a?50%&%7E"},
		{"dot segments", "https://hooks.example.com/a/./b/%2e%2E/../c/.", "https://hooks.example.com/c/"},
		{"dot segments above the root", "https://hooks.example.com/../a/..", "https://hooks.example.com/"},
		{"empty segments", "https://hooks.example.com//a//", "https://hooks.example.com//a//"},
		{"internationalized host", "https://BÜCHER.example/", "https://xn--bcher-kva.example/"},
		{"punycode", "https://XN--bcher-KVA.example/", "https://xn--bcher-kva.example/"},
		{"long IPv6", "https://[2001:0db8:0000:0000:0000:0000:0000:0001]/", "https://[2001:db8::1]/"},
		{"IPv4 in IPv6", "https://[::FFFF:102:304]/", "https://[::ffff:1.2.3.4]/"},
		{"a question mark", "https://hooks.example.com/a?", "https://hooks.example.com/a?"},
		{"a host that is not UTF-8", "https://%FF.Example/", "https://%ff.example/"},
		{"relative", "/just/a/path", "/just/a/path"},
		{"opaque", "mailto:A@B", "mailto:A@B"},
		{"no host", "https:///a", "https:///a"},
		{"not a URL", "https://a b/%zz", "https://a b/%zz"},
		{"nothing", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "canonical", CanonicalURL(test.raw), test.want)
			wantEqual(t, "canonical again", CanonicalURL(test.want), test.want)
			wantEqual(t, "same", SameURL(test.raw, test.want), true)
		})
	}
}

func TestURLsThatDifferInWhatTheyReach(t *testing.T) {
	t.Parallel()

	tests := [][2]string{
		{"https://hooks.example.com/", "http://hooks.example.com/"},
		{"https://hooks.example.com/", "https://hook.example.com/"},
		{"https://hooks.example.com/", "https://hooks.example.com./"},
		{"https://hooks.example.com/", "https://hooks.example.com:8443/"},
		{"https://hooks.example.com:443/", "http://hooks.example.com:443/"},
		{"https://hooks.example.com/a", "https://hooks.example.com/A"},
		{"https://hooks.example.com/a", "https://hooks.example.com/a/"},
		{"https://hooks.example.com/a", "https://hooks.example.com/a?"},
		{"https://hooks.example.com/a%2Fb", "https://hooks.example.com/a/b"},
		{"https://hooks.example.com/a?x=1&y=2", "https://hooks.example.com/a?y=2&x=1"},
		{"https://a@hooks.example.com/", "https://b@hooks.example.com/"},
		{"https://hooks.example.com/", "https://a@hooks.example.com/"},
		{"https://%FF.example/", "https://%FE.example/"},
		{"https://bücher.example/", "https://bucher.example/"},
		{"https://a\uff1a80.example/", "https://a:80.example/"}, // a full-width colon
		{"not a url", "not a URL"},
	}
	for _, test := range tests {
		wantEqual(t, test[0]+" and "+test[1], SameURL(test[0], test[1]), false)
	}
}

func TestDisplayURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://bob:pass@Hooks.example.com:8443/a%2Fb?key=1#f": "https://Hooks.example.com:8443/a%2Fb",
		"https://hooks.example.com?key=1":                       "https://hooks.example.com",
		"https://bob:pass@hooks.example.com/%zz":                "(invalid URL)",
		"key=1":                                                 "(invalid URL)",
	} {
		wantEqual(t, raw, DisplayURL(raw), want)
	}
}

func FuzzSameURL(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://hooks.example.com", "HTTPS://Hooks.Example.com:443/"},
		{"http://a:80", "http://a/"},
		{"https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"},
		{"https://[fe80::1%25eth0]/", "https://[FE80::1%25eth0]:443/"},
		{"https://%FF.example/", "https://%FE.example/"},
		{"https://u:p@h/%2f?#", "https://u:p@H/%2F?"},
		{"//host/path", "host/path"},
		{"https:///a", "https:a"},
		{"https://h/a b", "https://h/a%20b"},
		{"https://@h", "https://h"},
		{"", "/"},
		{"https://k.example", "https://\u212a.example"},
		{"https://B\u00dccher.example/a/../%7e%2f", "https://xn--bcher-kva.example/~%2F"},
		{"https://h/%2%44E?%2%44E", "https://h/%252DE?%252DE"},
		{"https://[::ffff:1.2.3.4]/..//.", "https://[0:0:0:0:0:FFFF:102:304]/"},
		{"http://\"0\xaa/", "http://%aa/"},
		{"https://%25/", "https://%/"},
		{"https://\uff1a.example", "https://\uff0f.example/"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, raw := range []string{a, b} {
			canonical := CanonicalURL(raw)
			if again := CanonicalURL(canonical); again != canonical {
				t.Fatalf("%q becomes %q becomes %q", raw, canonical, again)
			}
			if !SameURL(raw, canonical) || !SameURL(raw, raw) {
				t.Fatalf("%q is not the same as itself", raw)
			}
			wantSameTarget(t, raw, canonical)
		}
		if same := SameURL(a, b); same != SameURL(b, a) {
			t.Fatalf("%q and %q are the same in one direction only", a, b)
		} else if same {
			wantSameTarget(t, a, b)
		}
	})
}

// wantSameTarget checks by net/url alone, without any canonical form, that two URLs reach the same. Of dot segments and of hosts
// beyond ASCII, which net/url does not resolve, it says nothing.
func wantSameTarget(t *testing.T, a, b string) {
	t.Helper()
	if a == b {
		return
	}
	one, err := url.Parse(a)
	wantNoError(t, err)
	two, err := url.Parse(b)
	wantNoError(t, err)

	port := func(u *url.URL) string {
		return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	user := func(u *url.URL) string {
		if u.User == nil {
			return "none"
		}

		return u.User.String() + "@"
	}
	decoded := func(s string) string {
		if text, err := url.PathUnescape(s); err == nil {
			return text
		}

		return s
	}
	if one.Scheme != two.Scheme || port(one) != port(two) || user(one) != user(two) || one.Fragment != two.Fragment ||
		decoded(one.RawQuery) != decoded(two.RawQuery) || one.ForceQuery != two.ForceQuery {
		t.Fatalf("%q and %q are said to be the same", a, b)
	}
	host, other := one.Hostname(), two.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip != netip.MustParseAddr(other) {
			t.Fatalf("%q and %q are said to be the same", a, b)
		}
	} else if isASCII(host) && isASCII(other) && !strings.EqualFold(host, other) {
		t.Fatalf("%q and %q are said to be the same", a, b)
	}
	if dots := strings.Contains(one.Path+two.Path, "/."); !dots && cmp.Or(one.Path, "/") != cmp.Or(two.Path, "/") {
		t.Fatalf("%q and %q are said to be the same", a, b)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
