package wingspantest_test

import (
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestFailByStrikesWhatNoArmedFaultStrikes(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.FailBy(func(r wingspantest.Request) (wingspantest.Fault, bool) {
		return wingspantest.ErrorStatus(503, "chosen"), r.Method == "POST"
	})
	s.Fail(wingspantest.ErrorStatus(500, "armed"))

	wantStatus(t, call(t, s, "POST", collection, validBody), 500)
	wantStatus(t, call(t, s, "POST", collection, validBody), 503)
	wantStatus(t, call(t, s, "POST", collection, validBody), 503)
	wantStatus(t, call(t, s, "GET", collection, ""), 200)
	wantEqual(t, "recorded as a fault", s.Requests()[2].Fault, true)
	s.ClearFaults()
	wantStatus(t, call(t, s, "POST", collection, validBody), 200)
	wantEqual(t, "recorded after the faults", s.Requests()[4].Fault, false)
}
