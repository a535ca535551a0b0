package provider

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// blockWith is a provider block with one argument.
func blockWith(argument string, v types.String) providerModel {
	number := types.NumberNull()
	if v.IsUnknown() {
		number = types.NumberUnknown()
	} else if n, err := strconv.ParseFloat(v.ValueString(), 64); err == nil {
		number = types.NumberValue(big.NewFloat(n))
	}
	var m providerModel
	switch argument {
	case "max_retries":
		m.MaxRetries = number
	default:
		*map[string]*types.String{
			"api_token": &m.APIToken, "environment": &m.Environment, "base_url": &m.BaseURL, "user_id": &m.UserID,
			"request_timeout": &m.RequestTimeout, "event_name_validation": &m.EventNameValidation,
		}[argument] = v
	}

	return m
}

func variableOf(argument string) string { return "WINGSPAN_" + strings.ToUpper(argument) }

// environ is getenv over a map.
func environ(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// lines has one line for each diagnostic, like "error at url: Invalid webhook URL".
func lines(diags diag.Diagnostics) []string {
	out := make([]string, len(diags))
	for i, d := range diags {
		at := ""
		if p, ok := d.(diag.DiagnosticWithPath); ok {
			at = " at " + p.Path().String()
		}
		severity := "error"
		if d.Severity() == diag.SeverityWarning {
			severity = "warning"
		}
		out[i] = severity + at + ": " + d.Summary()
	}

	return out
}

func wantLines(t *testing.T, diags diag.Diagnostics, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), lines(diags)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s%v", diff, diags)
	}
}

// TestSettingComesFromBlockOrEnvironment goes through every setting and every place that it can come from.
func TestSettingComesFromBlockOrEnvironment(t *testing.T) {
	t.Parallel()
	for _, setting := range []struct {
		argument   string
		get        func(settings) string
		block      string
		wantBlock  string
		env        string
		wantEnv    string
		neither    string
		emptyBlock string // the error's summary
		unknown    string // what applies as long as the block's value is not known
		needed     bool   // by every call, so that none is made before it is known
	}{
		{
			argument: "api_token",
			get:      func(s settings) string { return s.token },
			block:    " fake-block-token\n", wantBlock: "fake-block-token", env: "\tfake-env-token ", wantEnv: "fake-env-token", needed: true,
		},
		{
			argument: "environment",
			get:      func(s settings) string { return s.baseURL + " " + s.webURL },
			block:    "production", wantBlock: "https://api.wingspan.app https://my.wingspan.app",
			env: "staging", wantEnv: "https://stagingapi.wingspan.app https://staging-my.wingspan.app",
			neither:    "https://api.wingspan.app https://my.wingspan.app",
			emptyBlock: "Invalid environment", unknown: "https://api.wingspan.app https://my.wingspan.app", needed: true,
		},
		{
			argument: "base_url",
			get:      func(s settings) string { return s.baseURL },
			block:    "https://block.example.com", wantBlock: "https://block.example.com",
			env: "http://127.0.0.1:8080", wantEnv: "http://127.0.0.1:8080", neither: wingspan.ProductionURL,
			emptyBlock: "Invalid base_url", unknown: wingspan.ProductionURL, needed: true,
		},
		{
			argument: "user_id",
			get:      func(s settings) string { return s.userID },
			block:    "usrBlock", wantBlock: "usrBlock", env: "usrEnv", wantEnv: "usrEnv", emptyBlock: "Invalid user_id", needed: true,
		},
		{
			argument: "max_retries",
			get:      func(s settings) string { return strconv.Itoa(s.maxRetries) },
			block:    "0", wantBlock: "0", env: " 7 ", wantEnv: "7", neither: "4", unknown: "4",
		},
		{
			argument: "request_timeout",
			get:      func(s settings) string { return s.requestTimeout.String() },
			block:    "1m30s", wantBlock: "1m30s", env: "250ms", wantEnv: "250ms", neither: "30s",
			emptyBlock: "Invalid request_timeout", unknown: "30s",
		},
		{
			argument: "event_name_validation",
			get:      func(s settings) string { return string(s.eventNames) },
			block:    "off", wantBlock: "off", env: "warning", wantEnv: "warning", neither: "error",
			emptyBlock: "Invalid event_name_validation", unknown: "off",
		},
	} {
		variable := variableOf(setting.argument)
		for _, test := range []struct {
			name  string
			block types.String
			env   string
			want  string
		}{
			{"block", types.StringValue(setting.block), "", setting.wantBlock},
			{"environment", types.StringNull(), setting.env, setting.wantEnv},
			{"both: the block wins", types.StringValue(setting.block), setting.env, setting.wantBlock},
			{"neither", types.StringNull(), "", setting.neither},
			{"empty variable is treated as unset", types.StringNull(), "  ", setting.neither},
			{"unknown", types.StringUnknown(), "", setting.unknown},
			{"unknown in the block beats the environment", types.StringUnknown(), setting.env, setting.unknown},
		} {
			t.Run(setting.argument+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				s, diags := resolveSettings(blockWith(setting.argument, test.block), environ(map[string]string{variable: test.env}))
				wantLines(t, diags)
				if got := setting.get(s); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				var unknown []string
				if test.block.IsUnknown() && setting.needed {
					unknown = []string{setting.argument}
				}
				if diff := cmp.Diff(unknown, s.unknown); diff != "" {
					t.Errorf("unknown (-want +got):\n%s", diff)
				}
			})
		}
		t.Run(setting.argument+"/empty in the block", func(t *testing.T) {
			t.Parallel()
			if setting.argument == "max_retries" {
				t.Skip("a number is never empty")
			}
			s, diags := resolveSettings(blockWith(setting.argument, types.StringValue("")), environ(map[string]string{variable: setting.env}))
			if setting.argument == "api_token" {
				// It is missing, which only a call may find out; and it hides the variable's.
				wantLines(t, diags)
				if s.token != "" || !s.emptyToken {
					t.Errorf("token %q, emptyToken %t", s.token, s.emptyToken)
				}

				return
			}
			wantLines(t, diags, "error at "+setting.argument+": "+setting.emptyBlock)
		})
	}
}

func TestSettingsTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		block     providerModel
		env       map[string]string
		wantURL   string
		wantWeb   string
		wantToken string
		unknown   []string
		lines     []string
		contains  string
	}{
		{
			name:    "the server named in both places",
			block:   providerModel{BaseURL: types.StringValue("https://other.example.com")},
			env:     map[string]string{"WINGSPAN_ENVIRONMENT": "staging"},
			wantURL: "https://other.example.com", wantWeb: wingspan.StagingWebURL,
			lines: []string{"error at base_url: Conflicting provider configuration"}, contains: "both the environment variable WINGSPAN_ENVIRONMENT and base_url in the provider configuration are",
		},
		{
			name:    "the other way round",
			block:   providerModel{Environment: types.StringValue("production")},
			env:     map[string]string{"WINGSPAN_BASE_URL": " https://other.example.com\n"},
			wantURL: "https://other.example.com", wantWeb: wingspan.ProductionWebURL,
			lines: []string{"error: Conflicting provider configuration"}, contains: "both environment in the provider configuration and the environment variable WINGSPAN_BASE_URL are",
		},
		{
			name:    "both exported",
			env:     map[string]string{"WINGSPAN_ENVIRONMENT": "staging", "WINGSPAN_BASE_URL": "https://other.example.com"},
			wantURL: "https://other.example.com", wantWeb: wingspan.StagingWebURL,
			lines: []string{"error: Conflicting provider configuration"},
		},
		{
			name:    "both in the block",
			block:   providerModel{Environment: types.StringValue("staging"), BaseURL: types.StringValue("https://other.example.com")},
			wantURL: "https://other.example.com", wantWeb: wingspan.StagingWebURL,
			lines: []string{"error at base_url: Conflicting provider configuration"},
		},
		{
			name:    "one unknown setting keeps the token from every call",
			block:   providerModel{APIToken: types.StringValue("fake-token"), BaseURL: types.StringUnknown(), UserID: types.StringUnknown()},
			wantURL: wingspan.ProductionURL, wantWeb: wingspan.ProductionWebURL,
			unknown: []string{"base_url", "user_id"},
		},
		{
			name:    "settings that no call needs may be unknown",
			block:   providerModel{APIToken: types.StringValue("fake-token"), MaxRetries: types.NumberUnknown(), RequestTimeout: types.StringUnknown()},
			wantURL: wingspan.ProductionURL, wantWeb: wingspan.ProductionWebURL, wantToken: "fake-token",
		},
		{
			name:    "every problem is reported at once",
			block:   providerModel{Environment: types.StringValue("prod"), UserID: types.StringValue(" "), MaxRetries: types.NumberValue(big.NewFloat(-1))},
			wantURL: wingspan.ProductionURL, wantWeb: wingspan.ProductionWebURL,
			lines: []string{"error at environment: Invalid environment", "error at user_id: Invalid user_id", "error at max_retries: Invalid max_retries"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, diags := resolveSettings(test.block, environ(test.env))
			wantLines(t, diags, test.lines...)
			if test.contains != "" && !strings.Contains(diags[0].Detail(), test.contains) {
				t.Errorf("got %s", diags[0].Detail())
			}
			if s.baseURL != test.wantURL || s.webURL != test.wantWeb || s.token != test.wantToken {
				t.Errorf("server %q, web app %q, token %q", s.baseURL, s.webURL, s.token)
			}
			if diff := cmp.Diff(test.unknown, s.unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSettingProblem has the whole text of each complaint, once about the block and once about the variable.
func TestSettingProblem(t *testing.T) {
	t.Parallel()
	const characters = "contains characters that can't be part of a token, such as a line break, a space, or an invisible character. Copy the token again. (The value isn't shown.)"
	for _, test := range []struct{ argument, value, want string }{
		{"api_token", "fake-tok\nen", characters},
		{"api_token", "fake\x00token", characters},
		{"api_token", "fake\u200btoken", characters},
		{"api_token", `"fake-token"`, "begins or ends with a quotation mark, which isn't part of a token. Set the token without quotes. (The value isn't shown.)"},
		{"api_token", "bearer fake-token", `begins with "Bearer", which isn't part of a token. Set the token alone. (The value isn't shown.)`},
		{"max_retries", "1.5", `must be an integer between 0 and 100, got: "1.5".`},
		{"environment", "Staging", `must be "production" or "staging", got: "Staging". To use a different server, set base_url.`},
		{"base_url", "api.example.com", "must begin with https://."},
		{"base_url", "https://", "must include a host."},
		{"base_url", "http://api.example.com", `must use https: over http to "api.example.com" the token and the secrets would be sent unencrypted (http is for loopback hosts only).`},
		{"base_url", "https://me:fake-token@api.example.com", "must not contain credentials; use api_token."},
		{"base_url", "https://api.example.com?x=1", "must not contain a query or a fragment."},
		{"base_url", "https://api.example.com\x7f", "is not a URL."},
		{"user_id", "usr\r\nX-Evil: 1", "contains whitespace or characters that aren't allowed in an HTTP header."},
		{"user_id", "usr1 ", "contains whitespace or characters that aren't allowed in an HTTP header."},
		{"max_retries", "101", `must be an integer between 0 and 100, got: "101".`},
		{"request_timeout", "30", `must be a positive duration such as "30s", got: "30".`},
		{"request_timeout", "0s", `must be a positive duration such as "30s", got: "0s".`},
		{"event_name_validation", "warn", `must be "error", "warning", or "off", got: "warn".`},
	} {
		t.Run(strconv.Quote(test.value), func(t *testing.T) {
			t.Parallel()
			_, diags := resolveSettings(blockWith(test.argument, types.StringValue(test.value)), environ(nil))
			at := " at " + test.argument
			if strings.ContainsAny(test.value, "@?#") {
				at = "" // Terraform would print the source line, with what may be credentials.
			}
			wantLines(t, diags, "error"+at+": Invalid "+test.argument)
			if want := test.argument + " " + test.want; diags[0].Detail() != want {
				t.Errorf("in the block:\n got %q\nwant %q", diags[0].Detail(), want)
			}

			if strings.TrimSpace(test.value) != test.value {
				return // Whitespace around a variable is removed.
			}
			s, diags := resolveSettings(providerModel{}, environ(map[string]string{variableOf(test.argument): test.value}))
			wantLines(t, diags, "error: Invalid "+variableOf(test.argument))
			if want := variableOf(test.argument) + " " + test.want; diags[0].Detail() != want {
				t.Errorf("in the environment:\n got %q\nwant %q", diags[0].Detail(), want)
			}
			if test.argument == "api_token" && s.token != "" {
				t.Error("a token that cannot be sent was kept")
			}
		})
	}

	_, diags := resolveSettings(providerModel{}, environ(map[string]string{"WINGSPAN_MAX_RETRIES": "many"}))
	wantLines(t, diags, "error: Invalid WINGSPAN_MAX_RETRIES")
}

// TestBadProviderBlock: `validate` sees it, without a token and without a request. TestSettingProblem has each problem.
func TestBadProviderBlock(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.unconfigured().configure(r.block(values{"environment": "staging"})).want(t, "error at base_url: Conflicting provider configuration")
	r.unconfigured().configure(r.block(values{"api_token": wingspantest.Token + "\nmore", "max_retries": -1})).want(t,
		"error: Invalid api_token", "error at max_retries: Invalid max_retries")
	r.unconfigured().configure(r.block(values{"base_url": "https://bob:fake-token@api.example.com"})).want(t, "error: Invalid base_url")
	r.env["WINGSPAN_API_TOKEN"] = wingspantest.Token + "\nmore"
	r.unconfigured().configure(values{}).want(t, "error: Invalid WINGSPAN_API_TOKEN")
	r.wantAsked(wingspantest.RouteAny, 0)
}
