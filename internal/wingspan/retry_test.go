package wingspan

import (
	"math"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestPolicyRepeatsOnlyWhatCannotDoHarm(t *testing.T) {
	t.Parallel()

	idempotent := []string{http.MethodGet, http.MethodPatch, http.MethodDelete}
	tests := []struct {
		name     string
		outcome  outcome
		statuses []int
		repeated []string
	}{
		{"never written", unsent, []int{0}, allMethods},
		{"lost after it may have been written", lost, []int{0}, idempotent},
		{"too large, or an untrusted certificate", hopeless, []int{0}, nil},
		{"the caller gave up", ended, []int{0}, nil},
		{"limited", answered, []int{429}, allMethods},
		{"a server's passing trouble", answered, []int{500, 502, 503, 504}, idempotent},
		{"success", answered, []int{200, 201, 202, 204, 206}, nil},
		{"redirects", answered, []int{300, 301, 302, 303, 304, 307, 308}, nil},
		{"refusals", answered, []int{400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 425, 428, 431, 451}, nil},
		{"a server that cannot", answered, []int{501, 505, 507, 508, 511, 520, 599}, nil},
	}
	p := newPolicy(DefaultMaxRetries, 0, 0)
	for _, test := range tests {
		for _, status := range test.statuses {
			for _, method := range allMethods {
				if got, want := p.again(method, test.outcome, status), slices.Contains(test.repeated, method); got != want {
					t.Errorf("%s: again(%s, %d, %d) = %t, want %t", test.name, method, test.outcome, status, got, want)
				}
			}
		}
	}
}

func TestWaitIsDrawnEvenlyBelowACappedDoubling(t *testing.T) {
	t.Parallel()

	// 400 ms, doubled each time, at most 20 s.
	ceilings := []time.Duration{
		400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond, 3200 * time.Millisecond, 6400 * time.Millisecond,
		12800 * time.Millisecond, 20 * time.Second, 20 * time.Second,
	}
	p := newPolicy(DefaultMaxRetries, 0, 0)
	for n, ceiling := range ceilings {
		for _, chance := range []float64{0, 0.25, 0.5, math.Nextafter(1, 0)} {
			p.chance = func() float64 { return chance }
			if got, want := p.wait(n, 0), time.Duration(chance*float64(ceiling)); got != want {
				t.Errorf("wait(%d) = %s at chance %g, want %s", n, got, chance, want)
			}
		}
	}
	for _, n := range []int{63, 64, 1024, math.MaxInt32} {
		p.chance = func() float64 { return 0.5 }
		if got := p.wait(n, 0); got != 10*time.Second {
			t.Errorf("wait(%d) = %s, want half of the cap", n, got)
		}
	}
}

func TestWaitOfTheRealChanceStaysInBoundsAndSpreads(t *testing.T) {
	t.Parallel()

	p := newPolicy(DefaultMaxRetries, time.Second, time.Minute)
	var below, above int
	for range 1000 {
		switch got := p.wait(1, 0); {
		case got < 0 || got >= 2*time.Second:
			t.Fatalf("wait(1) = %s, want it below 2s", got)
		case got < time.Second:
			below++
		default:
			above++
		}
	}
	// A fair coin falls so unevenly once in 10^80 runs.
	if below < 200 || above < 200 {
		t.Errorf("%d waits in the lower half and %d in the upper one", below, above)
	}
}

func TestRetryAfterComesBeforeTheDrawnWait(t *testing.T) {
	t.Parallel()

	p := newPolicy(DefaultMaxRetries, time.Second, time.Minute)
	p.chance = func() float64 { return 0.5 }
	if got := p.wait(0, 30*time.Second); got != 30*time.Second+500*time.Millisecond {
		t.Errorf("wait = %s, want 30.5s", got)
	}
}

func TestBackoffSettingsReplaceTheDefaults(t *testing.T) {
	t.Parallel()

	p := newPolicy(1, 10*time.Millisecond, 15*time.Millisecond)
	p.chance = func() float64 { return 0.5 }
	wantEqual(t, "waits", []time.Duration{p.wait(0, 0), p.wait(1, 0), p.wait(2, 0)},
		[]time.Duration{5 * time.Millisecond, 7500 * time.Microsecond, 7500 * time.Microsecond})
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	tests := []struct {
		name, value string
		want        time.Duration
	}{
		{"missing", "", 0},
		{"zero", "0", 0},
		{"seconds", "7", 7 * time.Second},
		{"blanks around", " 7\t", 7 * time.Second},
		{"leading zeros", "0007", 7 * time.Second},
		{"a minute", "60", time.Minute},
		{"above the cap", "61", time.Minute},
		{"an hour", "3600", time.Minute},
		{"more than a duration holds", "9223372037", time.Minute},
		{"more than an integer holds", "99999999999999999999999999", time.Minute},
		{"negative", "-5", 0},
		{"less than an integer holds", "-99999999999999999999999999", 0},
		{"a fraction", "1.5", 0},
		{"another base", "0x10", 0},
		{"an exponent", "1e3", 0},
		{"words", "soon", 0},
		{"a list", "5, 10", 0},
		{"a date", "Mon, 04 May 2026 03:02:11 GMT", 10 * time.Second},
		{"a date in the past", "Mon, 04 May 2026 03:01:00 GMT", 0},
		{"this moment", "Mon, 04 May 2026 03:02:01 GMT", 0},
		{"a far date", "Tue, 04 May 2027 03:02:01 GMT", time.Minute},
		{"the farthest date", "Fri, 31 Dec 9999 23:59:59 GMT", time.Minute},
		{"the oldest date", "Mon, 01 Jan 0001 00:00:00 GMT", 0},
		{"RFC 850", "Monday, 04-May-26 03:02:21 GMT", 20 * time.Second},
		{"asctime", "Mon May  4 03:02:31 2026", 30 * time.Second},
		{"an ISO date", "2026-05-04T03:02:11Z", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := parseRetryAfter(test.value, now); got != test.want {
				t.Errorf("parseRetryAfter(%q) = %s, want %s", test.value, got, test.want)
			}
		})
	}
}
