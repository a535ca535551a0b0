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
	r := newRig(t)
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
		step{before: setenv(nil), block: none, config: hookValues(), says: []string{"error: Missing Wingspan API token"}},
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

// TestRetriesAndTimeoutAreAsSet: each has an effect, from the block and from the environment.
func TestRetriesAndTimeoutAreAsSet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		block values
		env   map[string]string
		tries int
	}{
		{"default", nil, nil, 5},
		{"block", values{"max_retries": 1}, nil, 2},
		{"environment", nil, map[string]string{"WINGSPAN_MAX_RETRIES": "2"}, 3},
		{"both: the block wins, and 0 turns them off", values{"max_retries": 0}, map[string]string{"WINGSPAN_MAX_RETRIES": "2"}, 1},
	} {
		t.Run("retries/"+test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.env = test.env
			fault := wingspantest.ErrorStatus(503, "down")
			fault.Times = -1
			r.Fail(fault)
			_, told := r.wire(test.block).data("wingspan_event_names", values{})
			told.want(t, saysDown)
			if n := len(r.Requests()); n != test.tries {
				t.Errorf("sent %d times, want %d", n, test.tries)
			}
		})
	}
	for _, test := range []struct {
		name  string
		block values
		env   map[string]string
		want  string
	}{
		{"block", values{"request_timeout": "50ms"}, nil, "50ms"},
		{"environment", nil, map[string]string{"WINGSPAN_REQUEST_TIMEOUT": "60ms"}, "60ms"},
	} {
		t.Run("timeout/"+test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.env = test.env
			r.Fail(wingspantest.Fault{Delay: time.Minute})
			_, told := r.wire(test.block, values{"max_retries": 0}).data("wingspan_event_names", values{})
			told.want(t, saysUnreached)
			if !strings.Contains(told[0].Detail, test.want) {
				t.Errorf("it says %s", told[0].Detail)
			}
		})
	}
}

// TestTokenThatIsKnownOnlyAfterApply passes a first plan, as nothing has to be read yet, and is used as soon as it is known.
func TestTokenThatIsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(step{
		block: values{"api_token": unknown{}}, lateBlock: values{"api_token": wingspantest.Token}, config: hookValues(),
		plan: toCreate, state: hookValues(), writes: []string{create},
		// Not during planning, where there was no token; at apply, before the write.
		after: func() { r.wantAsked(wingspantest.RouteEventNames, 1) },
	})
}
