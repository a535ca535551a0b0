package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

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
