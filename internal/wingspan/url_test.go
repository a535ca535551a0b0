package wingspan

import "testing"

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
		{"unreserved characters", "https://hooks.example.com/%7e%41%2D%2fb", "https://hooks.example.com/~A-%2Fb"},
		{"in a query and a fragment", "https://hooks.example.com/?%7e=%2b&x=%zz#%7E%c3", "https://hooks.example.com/?~=%2B&x=%zz#~%C3"},
		{"dot segments", "https://hooks.example.com/a/./b/../c", "https://hooks.example.com/a/c"},
		{"dot segments at the end", "https://hooks.example.com/a/b/..", "https://hooks.example.com/a/"},
		{"dot segments above the root", "https://hooks.example.com/../../a/.", "https://hooks.example.com/a/"},
		{"encoded dot segments", "https://hooks.example.com/a/%2E%2e/b", "https://hooks.example.com/b"},
		{"empty segments", "https://hooks.example.com//a//b", "https://hooks.example.com//a//b"},
		{"a question mark", "https://hooks.example.com/a?", "https://hooks.example.com/a?"},
		{"an internationalized host", "https://KÄSE.example/", "https://xn--kse-qla.example/"},
		{"its ASCII form", "https://XN--kse-qla.example/", "https://xn--kse-qla.example/"},
		{"letters beyond ASCII", "https://hooks.example.com/käse", "https://hooks.example.com/k%C3%A4se"},
		{"relative", "/just/a/path", "/just/a/path"},
		{"opaque", "mailto:A@B", "mailto:A@B"},
		{"no host", "https:///a", "https:///a"},
		{"not a URL", "https://a b/%zz", "https://a b/%zz"},
		{"nothing", "", ""},
	}
	for _, test := range tests {
		wantEqual(t, test.name, CanonicalURL(test.raw), test.want)
		wantEqual(t, test.name+", again", CanonicalURL(test.want), test.want)
		wantEqual(t, test.name+", same", SameURL(test.raw, test.want), true)
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
		{"https://hooks.example.com/a/..%2Fb", "https://hooks.example.com/b"},
		{"https://hooks.example.com/a?x=1&y=2", "https://hooks.example.com/a?y=2&x=1"},
		{"https://a@hooks.example.com/", "https://b@hooks.example.com/"},
		{"https://hooks.example.com/", "https://a@hooks.example.com/"},
		{"https://%FF.example/", "https://%FE.example/"},
		{"not a url", "not a URL"},
	}
	for _, test := range tests {
		wantEqual(t, test[0]+" and "+test[1], SameURL(test[0], test[1]), false)
	}
}
