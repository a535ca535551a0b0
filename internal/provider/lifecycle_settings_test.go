package provider

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestSettingsFromEnvironment needs no block at all, and a block's argument takes precedence over its variable.
func TestSettingsFromEnvironment(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	setenv := func(env map[string]string) func() {
		return func() {
			clear(r.env)
			maps.Copy(r.env, env)
		}
	}
	actedForChild := func() {
		for _, request := range r.Requests() {
			if request.Account != childA {
				t.Errorf("%s %s was sent for the account %q", request.Method, request.Path, request.Account)
			}
		}
	}
	none := values{"base_url": nil, "api_token": nil}
	exported := map[string]string{"WINGSPAN_BASE_URL": r.URL(), "WINGSPAN_API_TOKEN": wingspantest.Token + "\n", "WINGSPAN_USER_ID": childA}
	r.run(
		step{before: setenv(nil), block: none, config: hookValues(), diags: []string{"error: Missing Wingspan API token"}},
		step{before: setenv(exported), block: none, config: hookValues(), after: actedForChild, writes: []string{create}},
		step{
			// The block has the right ones, and the environment wrong ones.
			before: setenv(map[string]string{
				"WINGSPAN_BASE_URL": "https://wrong.example.com", "WINGSPAN_API_TOKEN": "fake-wrong-token", "WINGSPAN_USER_ID": "usrWrong",
				"WINGSPAN_MAX_RETRIES": "wrong", "WINGSPAN_REQUEST_TIMEOUT": "wrong", "WINGSPAN_EVENT_NAME_VALIDATION": "wrong",
			}),
			block:  values{"user_id": childA, "max_retries": 0, "request_timeout": "5s", "event_name_validation": "off"},
			config: hookValues(), plan: noChange, after: actedForChild,
		},
		step{before: setenv(exported), block: none, config: hookValues(), plan: noChange, after: actedForChild},
	)
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
