package provider

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// resolved is what a provider is configured with by the block and the environment, and nothing if that fails.
func resolved(t *testing.T, block values, env map[string]string) (settings, diagnostics) {
	t.Helper()
	tested := &wingspanProvider{getenv: func(name string) string { return env[name] }}
	diags := newProviderServer(t, tested).configure(block)
	if data := tested.configured.Load(); data != nil {
		return data.settings, diags
	}

	return settings{}, diags
}

// TestSettingComesFromBlockOrEnvironment goes through every setting and every place that it can come from.
func TestSettingComesFromBlockOrEnvironment(t *testing.T) {
	t.Parallel()
	const (
		production = "https://api.wingspan.app https://my.wingspan.app"
		staging    = "https://stagingapi.wingspan.app https://staging-my.wingspan.app"
	)
	for _, setting := range []struct {
		argument string
		get      func(settings) string
		// neither is what applies where it is set nowhere. What is set comes with what it comes to.
		neither        string
		block          any
		wantBlock      string
		variable, want string
	}{
		{"api_token", func(s settings) string { return s.token }, "", " fake-block-token\n", "fake-block-token", "\tfake-env-token ", "fake-env-token"},
		{"environment", func(s settings) string { return s.baseURL + " " + s.webURL }, production, "production", production, "staging", staging},
		{"base_url", func(s settings) string { return s.baseURL }, wingspan.ProductionURL, "https://a.example.com", "https://a.example.com", "http://127.0.0.1:1", "http://127.0.0.1:1"},
		{"user_id", func(s settings) string { return s.userID }, "", "usrBlock", "usrBlock", "usrEnv", "usrEnv"},
		{"max_retries", func(s settings) string { return strconv.Itoa(s.maxRetries) }, "4", 0, "0", " 7 ", "7"},
		{"request_timeout", func(s settings) string { return s.requestTimeout.String() }, "30s", "1m30s", "1m30s", "250ms", "250ms"},
		{"event_name_validation", func(s settings) string { return string(s.eventNames) }, "error", "off", "off", "warning", "warning"},
	} {
		argument, open := setting.argument, setting.neither
		if argument == "event_name_validation" {
			open = "off"
		}
		for _, test := range []struct {
			name  string
			block any
			env   string
			want  string
		}{
			{"block", setting.block, "", setting.wantBlock},
			{"environment", nil, setting.variable, setting.want},
			{"both: the block wins", setting.block, setting.variable, setting.wantBlock},
			{"neither", nil, "", setting.neither},
			{"empty variable is treated as unset", nil, "  ", setting.neither},
			{"unknown", unknown{}, "", open},
			{"unknown in the block beats the environment", unknown{}, setting.variable, open},
		} {
			t.Run(argument+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				s, diags := resolved(t, values{argument: test.block}, map[string]string{variableOf(argument): test.env})
				diags.want(t)
				if got := setting.get(s); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				// No call is made before these are known.
				needed := slices.Contains([]string{"api_token", "base_url", "environment", "user_id"}, argument)
				if unknown := test.block == any(unknown{}); slices.Contains(s.unknown, argument) != (unknown && needed) {
					t.Errorf("unknown: %q", s.unknown)
				}
			})
		}
		if _, text := setting.block.(string); !text || argument == "api_token" {
			continue // A number is never empty, and that a token is missing only a call may find out.
		}
		_, diags := resolved(t, values{argument: ""}, map[string]string{variableOf(argument): setting.variable})
		diags.want(t, "error at "+argument+": Invalid "+argument)
	}
}

func TestSettingsTogether(t *testing.T) {
	t.Parallel()
	const other = "https://other.example.com"
	conflict := []string{"error at base_url: Conflicting provider configuration"}
	exported := []string{"error: Conflicting provider configuration"}
	staging, otherServer := map[string]string{"WINGSPAN_ENVIRONMENT": "staging"}, map[string]string{"WINGSPAN_BASE_URL": " " + other + "\n"}
	for _, test := range []struct {
		name  string
		block values
		env   map[string]string
		lines []string
		text  string
	}{
		{"the server named in both places", values{"base_url": other}, staging, conflict, "both the environment variable WINGSPAN_ENVIRONMENT and base_url in the provider configuration are"},
		{"the other way round", values{"environment": "production"}, otherServer, exported, "both environment in the provider configuration and the environment variable WINGSPAN_BASE_URL are"},
		{"both exported", nil, map[string]string{"WINGSPAN_ENVIRONMENT": "staging", "WINGSPAN_BASE_URL": other}, exported, ""},
		{"both in the block", values{"environment": "staging", "base_url": other}, nil, conflict, ""},
		{"one not known yet", values{"environment": unknown{}, "base_url": other}, nil, conflict, ""},
		{
			"every problem at once", values{"environment": "prod", "user_id": " ", "max_retries": -1}, nil,
			[]string{"error at environment: Invalid environment", "error at user_id: Invalid user_id", "error at max_retries: Invalid max_retries"}, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, diags := resolved(t, with(nil, test.block), test.env)
			diags.want(t, test.lines...)
			diags.wantText(t, test.text)
		})
	}

	s, diags := resolved(t, values{"api_token": "fake-token", "base_url": unknown{}, "user_id": unknown{}}, nil)
	diags.want(t)
	if s.token != "" || !cmp.Equal(s.unknown, []string{"base_url", "user_id"}) {
		t.Errorf("settings that each call needs aren't known: token %q, unknown %q", s.token, s.unknown)
	}
	s, diags = resolved(t, values{"api_token": "fake-token", "max_retries": unknown{}, "request_timeout": unknown{}}, nil)
	diags.want(t)
	if s.token != "fake-token" || s.unknown != nil {
		t.Errorf("settings that no call needs aren't known: token %q, unknown %q", s.token, s.unknown)
	}
	// It is missing, which only a call may find out; and it hides the variable's.
	s, diags = resolved(t, values{"api_token": ""}, map[string]string{"WINGSPAN_API_TOKEN": "fake-env-token"})
	diags.want(t)
	if s.token != "" || !s.emptyToken {
		t.Errorf("token %q, emptyToken %t", s.token, s.emptyToken)
	}
}

// TestSettingProblem has the whole text of each complaint, once about the block, where `validate` sees it, and once about the variable.
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
			var block any = test.value
			if n, err := strconv.ParseFloat(test.value, 64); err == nil && test.argument == "max_retries" {
				block = n
			}
			diags := newProviderServer(t, newProvider("1.2.3", "abcdef0")).validateBlock(values{test.argument: block})
			at := " at " + test.argument
			if test.argument == "api_token" || strings.ContainsAny(test.value, "@?#") {
				at = "" // Terraform would print the source line, with what is secret or may be credentials.
			}
			wantProblem(t, diags, at, test.argument, test.want)
			if strings.TrimSpace(test.value) == test.value { // Whitespace around a variable is removed.
				_, diags = resolved(t, values{}, map[string]string{variableOf(test.argument): test.value})
				wantProblem(t, diags, "", variableOf(test.argument), test.want)
			}
		})
	}
	_, diags := resolved(t, values{}, map[string]string{"WINGSPAN_MAX_RETRIES": "many"})
	diags.want(t, "error: Invalid WINGSPAN_MAX_RETRIES")
}

func wantProblem(t *testing.T, diags diagnostics, at, name, want string) {
	t.Helper()
	diags.want(t, "error"+at+": Invalid "+name)
	if got := diags[0].Detail; got != name+" "+want {
		t.Errorf("\n got %q\nwant %q", got, name+" "+want)
	}
}

// TestRetriesAndTimeoutAreAsSet: TestSettingComesFromBlockOrEnvironment has where they come from.
func TestRetriesAndTimeoutAreAsSet(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	fault := wingspantest.ErrorStatus(503, "down")
	fault.Times = -1
	r.Fail(fault)
	_, diags := r.configured(values{"max_retries": 1}).data("wingspan_event_names", values{})
	diags.want(t, apiUnavailable)
	r.wantAsked(wingspantest.RouteEventNames, 2)

	r = newHarness(t)
	r.Fail(wingspantest.Fault{Delay: time.Minute})
	_, diags = r.configured(values{"request_timeout": "50ms", "max_retries": 0}).data("wingspan_event_names", values{})
	diags.want(t, notReached)
	if !strings.Contains(diags[0].Detail, "50ms") {
		t.Errorf("got %s", diags[0].Detail)
	}
}
