package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestURLValidator(t *testing.T) {
	t.Parallel()
	const (
		invalid = "error at url: Invalid webhook URL"
		plain   = "warning at url: Insecure webhook URL"
		userin  = "warning: Webhook URL contains credentials"
	)
	for _, test := range []struct {
		name    string
		url     types.String
		line    string
		problem string // the last sentence of an error
	}{
		{"null", types.StringNull(), "", ""},
		{"unknown", types.StringUnknown(), "", ""},
		{"https", types.StringValue("https://hooks.example.com/a?b=c"), "", ""},
		{"upper case", types.StringValue("HTTPS://HOOKS.EXAMPLE.COM"), "", ""},
		{"http to a loopback name", types.StringValue("http://localhost:8080/a"), "", ""},
		{"http to a loopback address", types.StringValue("http://[::1]/a"), "", ""},
		{"http", types.StringValue("http://hooks.example.com/a"), plain, ""},
		{"http with a misleading host", types.StringValue("http://localhost.example.com/a"), plain, ""},
		{"user name", types.StringValue("https://me:fake-pass@hooks.example.com/a"), userin, ""},
		{"empty", types.StringValue(""), invalid, "The url must not be empty."},
		{"empty", types.StringValue(" \t"), invalid, "The url must not be empty."},
		{"whitespace around it", types.StringValue(" https://hooks.example.com"), invalid, "The url contains whitespace, control, or invisible characters."},
		{"line break", types.StringValue("https://hooks.example.com/\na"), invalid, "The url contains whitespace, control, or invisible characters."},
		{"zero-width space", types.StringValue("https://hooks.example.com/\u200ba"), invalid, "The url contains whitespace, control, or invisible characters."},
		{"relative", types.StringValue("hooks/a"), invalid, "The url must start with https:// or http://."},
		{"only a path", types.StringValue("/hooks/a"), invalid, "The url must start with https:// or http://."},
		{"host without a scheme", types.StringValue("hooks.example.com/a"), invalid, "The url must start with https:// or http://."},
		{"no scheme", types.StringValue("//hooks.example.com/a"), invalid, `The url must use http or https, got: "".`},
		{"other scheme", types.StringValue("ftp://hooks.example.com/a"), invalid, `The url must use http or https, got: "ftp".`},
		{"host and port without a scheme", types.StringValue("localhost:8080/a"), invalid, `The url must use http or https, got: "localhost".`},
		{"no host", types.StringValue("https:///a"), invalid, "The url must include a host."},
		{"only a port", types.StringValue("https://:443/a"), invalid, "The url must include a host."},
		{"opaque", types.StringValue("https:hooks.example.com"), invalid, "The url must include a host."},
		{"port too high", types.StringValue("https://hooks.example.com:65536/"), invalid, "The url has an invalid port: \"65536\"."},
		{"port 0", types.StringValue("https://hooks.example.com:0/"), invalid, "The url has an invalid port: \"0\"."},
		{"port that is no number", types.StringValue("https://me:fake-pass@hooks.example.com:x/"), "error: Invalid webhook URL", "The url isn't a valid URL."},
		{"broken", types.StringValue("https://[::1/"), invalid, "The url isn't a valid URL."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var resp validator.StringResponse
			urlValidator().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("url"), ConfigValue: test.url}, &resp)
			if test.line == "" {
				wantLines(t, resp.Diagnostics)

				return
			}
			wantLines(t, resp.Diagnostics, test.line)
			detail := resp.Diagnostics[0].Detail()
			if !strings.HasPrefix(detail, test.problem) {
				t.Errorf("\n got %q\nwant %q", detail, test.problem)
			}
			if strings.Contains(detail, "fake-pass") {
				t.Errorf("the detail shows the password: %s", detail)
			}
		})
	}

	var resp validator.StringResponse
	urlValidator().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("url"), ConfigValue: types.StringValue("http://me@hooks.example.com")}, &resp)
	wantLines(t, resp.Diagnostics, "warning: Insecure webhook URL", userin)
}
