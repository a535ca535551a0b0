package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestEquivalentURLs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"equal", "https://hooks.example.com/a", "https://hooks.example.com/a", true},
		{"case of the scheme", "HTTPS://hooks.example.com/a", "https://hooks.example.com/a", true},
		{"case of the host", "https://Hooks.EXAMPLE.com/a", "https://hooks.example.com/a", true},
		{"default port of https", "https://hooks.example.com:443/a", "https://hooks.example.com/a", true},
		{"default port of http", "http://127.0.0.1:80/a", "http://127.0.0.1/a", true},
		{"empty path", "https://hooks.example.com", "https://hooks.example.com/", true},
		{"empty path before a query", "https://hooks.example.com?a=b", "https://hooks.example.com/?a=b", true},
		{"IPv6", "https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a", true},
		{"port of the other scheme", "https://hooks.example.com:80/a", "https://hooks.example.com/a", false},
		{"scheme", "http://hooks.example.com/a", "https://hooks.example.com/a", false},
		{"case of the path", "https://hooks.example.com/A", "https://hooks.example.com/a", false},
		{"slash at the end", "https://hooks.example.com/a/", "https://hooks.example.com/a", false},
		{"order of the query", "https://hooks.example.com/?a=1&b=2", "https://hooks.example.com/?b=2&a=1", false},
		{"escapes", "https://hooks.example.com/%2f", "https://hooks.example.com//", false},
		{"fragment", "https://hooks.example.com/#a", "https://hooks.example.com/", false},
		{"not parsable", "https://[", "https://[", true},
		{"not parsable and not equal", "https://[", "HTTPS://[", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
				same, diags := newURL(pair[0]).StringSemanticEquals(t.Context(), newURL(pair[1]))
				if diags.HasError() || same != test.same {
					t.Errorf("%q and %q: same %t, want %t; %v", pair[0], pair[1], same, test.same, diags)
				}
			}
		})
	}
	if same, _ := newURL("a").StringSemanticEquals(t.Context(), types.StringValue("a")); same {
		t.Error("a value of another type is equal")
	}
}

func TestURLPlanKeepsEquivalentURLOfState(t *testing.T) {
	t.Parallel()
	const spelled, respelled, other = "https://hooks.example.com/", "HTTPS://hooks.example.com:443", "https://other.example.com/"
	for _, test := range []struct {
		name              string
		state, plan, want types.String
	}{
		{"created", types.StringNull(), types.StringValue(respelled), types.StringValue(respelled)},
		{"not known yet", types.StringValue(spelled), types.StringUnknown(), types.StringUnknown()},
		{"null", types.StringValue(spelled), types.StringNull(), types.StringNull()},
		{"another spelling", types.StringValue(spelled), types.StringValue(respelled), types.StringValue(spelled)},
		{"another URL", types.StringValue(spelled), types.StringValue(other), types.StringValue(other)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp := planmodifier.StringResponse{PlanValue: test.plan}
			suppressEquivalentURL{}.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: test.state, PlanValue: test.plan}, &resp)
			if !resp.PlanValue.Equal(test.want) {
				t.Errorf("planned %s, want %s", resp.PlanValue, test.want)
			}
		})
	}
}

func TestURLTypeConvertsOnlyText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   tftypes.Value
		want urlValue
	}{
		{tftypes.NewValue(tftypes.String, "https://a.example.com"), newURL("https://a.example.com")},
		{tftypes.NewValue(tftypes.String, ""), newURL("")},
		{tftypes.NewValue(tftypes.String, nil), urlValue{basetypes.NewStringNull()}},
		{tftypes.NewValue(tftypes.String, tftypes.UnknownValue), urlValue{basetypes.NewStringUnknown()}},
	} {
		got, err := urlType{}.ValueFromTerraform(t.Context(), test.in)
		if err != nil || !got.Equal(test.want) || !got.Type(t.Context()).Equal(urlType{}) {
			t.Errorf("%s became %v, want %v; %v", test.in, got, test.want, err)
		}
		s, ok := got.(urlValue)
		if !ok {
			t.Fatalf("%T is no urlValue", got)
		}
		if again, diags := (urlType{}).ValueFromString(t.Context(), s.StringValue); diags.HasError() || !again.Equal(got) {
			t.Errorf("%s became %v from a string; %v", test.in, again, diags)
		}
	}
	if _, err := (urlType{}).ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Bool, true)); err == nil {
		t.Error("a truth value became a URL")
	}
	if (urlType{}).Equal(types.StringType) || newURL("a").Equal(types.StringValue("a")) || newURL("a").Equal(newURL("b")) {
		t.Error("values of different types or texts are equal")
	}
	if got := (urlType{}).ValueType(t.Context()); !got.Type(t.Context()).Equal(urlType{}) {
		t.Errorf("the type's values have the type %s", got.Type(t.Context()))
	}
	if got := (urlType{}).String(); got != "urlType" {
		t.Errorf("the type is called %q", got)
	}
}

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
			urlValidator{}.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("url"), ConfigValue: test.url}, &resp)
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
	urlValidator{}.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("url"), ConfigValue: types.StringValue("http://me@hooks.example.com")}, &resp)
	wantLines(t, resp.Diagnostics, "warning: Insecure webhook URL", userin)
}
