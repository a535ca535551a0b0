package provider

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

func FuzzWebhookURL(f *testing.F) {
	for _, seed := range []string{
		"https://hooks.example.com/wingspan", "HTTP://h", "http://localhost:1", "https://u:fake-password@h/", "https://h:0", "https://h:65536", "https://h:080/", "https://[::1]:443",
		"https://[fe80::1%25eth0]/", "https://%41.example", "//h", "/path", "https:///a", "https:a", "mailto:a@b", "", " ", "https://h/a b", "https://h/\u00a0", "https://h\n", "\x00", "https://\xff/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var resp validator.StringResponse
		urlValidator().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("url"), ConfigValue: types.StringValue(raw)}, &resp)
		if resp.Diagnostics.HasError() {
			return
		}

		u, err := url.Parse(raw)
		switch {
		case err != nil:
			t.Fatalf("accepted %q, which cannot be parsed: %v", raw, err)
		case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Opaque != "":
			t.Fatalf("accepted %q", raw)
		case strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			t.Fatalf("accepted whitespace or control characters in %q", raw)
		case u.User != nil && resp.Diagnostics.WarningsCount() == 0:
			t.Fatalf("no warning of the user info in %q", raw)
		case u.Scheme == "http" && !wingspan.IsLoopback(u.Hostname()) && resp.Diagnostics.WarningsCount() == 0:
			t.Fatalf("no warning of plain http in %q", raw)
		}
		if password, ok := u.User.Password(); ok && len(password) > 8 {
			for _, d := range resp.Diagnostics {
				if strings.Contains(d.Summary()+d.Detail(), password) && !strings.Contains(u.Host, password) {
					t.Fatalf("the diagnostic %q shows the password of %q", d.Detail(), raw)
				}
			}
		}
		// What is accepted must still be accepted in the canonical form, which is what is compared.
		if _, problem := parseWebhookURL(wingspan.CanonicalURL(raw)); problem != "" {
			t.Fatalf("%q is accepted, but its canonical form %q %s", raw, wingspan.CanonicalURL(raw), problem)
		}
	})
}

func FuzzImportID(f *testing.F) {
	for _, seed := range []string{"id1", "usr/id1", "/", "/id1", "usr/", "a/b/c", "", " ", "usr /id", "usr\r\nX: 1/id", "../eventnames", "usr/..", ".", "\x7f", "\xff/\xfe", "ü/ü", "usr\u00a0/id"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		m, problem := parseImportID(raw)
		if problem != "" {
			if !m.ID.IsNull() || !m.UserID.IsNull() || strings.Contains(problem, "\n") {
				t.Fatalf("refused %q (%q) with %+v", raw, problem, m)
			}

			return
		}

		whole := m.ID.ValueString()
		if !m.UserID.IsNull() {
			whole = m.UserID.ValueString() + "/" + whole
		}
		switch {
		case whole != raw:
			t.Fatalf("%q was read as %q", raw, whole)
		case m.ID.ValueString() == "" || strings.Contains(m.ID.ValueString(), "/"):
			t.Fatalf("accepted the id %q", m.ID.ValueString())
		case !m.UserID.IsNull() && !wingspan.ValidHeaderValue(m.UserID.ValueString()):
			t.Fatalf("accepted the user_id %q", m.UserID.ValueString())
		}
	})
}
