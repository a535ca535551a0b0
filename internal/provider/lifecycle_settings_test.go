package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// hookOnly is rig.hook without a provider block, or with these lines in it.
func (r *rig) hookOnly(block ...string) string {
	_, hook, _ := strings.Cut(r.hook(), "}\n\n")
	if len(block) == 0 {
		return hook
	}

	return "provider \"wingspan\" {\n  " + strings.Join(block, "\n  ") + "\n}\n\n" + hook
}

// TestSettingsFromEnvironment needs no block at all, and a block's argument takes precedence over its variable.
func TestSettingsFromEnvironment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts("usrChild")
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	setenv := func(env map[string]string) func() {
		return func() {
			clear(r.env)
			for name, v := range env {
				r.env[name] = v
			}
		}
	}
	actedFor := func(account string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			for _, request := range r.Requests() {
				if request.Account != account {
					return fmt.Errorf("%s %s was sent for the account %q, want %q", request.Method, request.Path, request.Account, account)
				}
			}

			return nil
		}
	}
	exported := map[string]string{"WINGSPAN_BASE_URL": r.URL(), "WINGSPAN_API_TOKEN": wingspantest.Token + "\n", "WINGSPAN_USER_ID": "usrChild"}
	r.run(
		resource.TestStep{
			PreConfig: setenv(nil), Config: r.hookOnly(),
			ExpectError: says("Missing Wingspan API token"),
		},
		resource.TestStep{
			PreConfig: setenv(map[string]string{"WINGSPAN_BASE_URL": r.URL(), "WINGSPAN_API_TOKEN": "fake\ntoken"}), Config: r.hookOnly(),
			ExpectError: says("Invalid WINGSPAN_API_TOKEN"),
		},
		resource.TestStep{
			PreConfig: setenv(map[string]string{"WINGSPAN_BASE_URL": "http://api.example.com", "WINGSPAN_API_TOKEN": wingspantest.Token}), Config: r.hookOnly(),
			ExpectError: says("WINGSPAN_BASE_URL must use https"),
		},
		resource.TestStep{
			PreConfig: setenv(exported), Config: r.hookOnly(),
			Check: all(actedFor("usrChild"), r.writes("POST sharedSecret,subscribedEvents,url")),
		},
		resource.TestStep{
			// The block has the right ones, and the environment wrong ones.
			PreConfig: setenv(map[string]string{
				"WINGSPAN_BASE_URL": "https://wrong.example.com", "WINGSPAN_API_TOKEN": "fake-wrong-token", "WINGSPAN_USER_ID": "usrWrong",
				"WINGSPAN_MAX_RETRIES": "wrong", "WINGSPAN_REQUEST_TIMEOUT": "wrong", "WINGSPAN_EVENT_NAME_VALIDATION": "wrong",
			}),
			Config: r.hookOnly(
				`base_url = "`+r.URL()+`"`, `api_token = "`+wingspantest.Token+`"`, `user_id = "usrChild"`,
				`max_retries = 0`, `request_timeout = "5s"`, `event_name_validation = "off"`),
			ConfigPlanChecks: empty, Check: all(actedFor("usrChild"), r.writes()),
		},
		resource.TestStep{
			PreConfig: setenv(map[string]string{"WINGSPAN_BASE_URL": "", "WINGSPAN_API_TOKEN": ""}),
			Config:    r.hookOnly(`base_url = "`+r.URL()+`"`, `api_token = ""`), ExpectError: says("api_token in the provider configuration is set to an empty string"),
		},
		resource.TestStep{
			PreConfig: setenv(map[string]string{"WINGSPAN_BASE_URL": r.URL(), "WINGSPAN_API_TOKEN": wingspantest.Token, "WINGSPAN_USER_ID": "usrChild"}),
			Config:    r.hookOnly(), ConfigPlanChecks: empty, Check: all(actedFor("usrChild"), r.writes()),
		},
	)
	r.wantWrites("DELETE")
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

// TestTokenThatIsKnownOnlyAfterApply passes validate and a first plan, as nothing has to be read yet, and is used as soon as it is known.
func TestTokenThatIsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	config := func(token string) string {
		return late("token", `"`+token+`"`) + r.hookOnly(`base_url = "`+r.URL()+`"`, `api_token = terraform_data.late_token.output`)
	}
	r.run(
		resource.TestStep{
			Config:            config(wingspantest.Token),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Invoice.Paid", "Invoice.Sent")},
			// Not at plan, where there was no token; at apply, before the write.
			Check: all(r.asked(wingspantest.RouteEventNames, 1), r.writes("POST sharedSecret,subscribedEvents,url")),
		},
		resource.TestStep{Config: config(wingspantest.Token), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
	)
	r.wantWrites("DELETE")
}
