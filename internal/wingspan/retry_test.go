package wingspan

import (
	"math"
	"testing"
	"time"
)

func TestWaitIsDrawnEvenlyBelowACappedExponential(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		base, limit time.Duration
		n           int
		want        time.Duration // the ceiling
	}{
		{0, 0, 0, 400 * time.Millisecond},
		{0, 0, 1, 800 * time.Millisecond},
		{0, 0, 5, 12800 * time.Millisecond},
		{0, 0, 6, 20 * time.Second},
		{0, 0, 64, 20 * time.Second},
		{0, 0, math.MaxInt32, 20 * time.Second},
		{10 * time.Millisecond, 15 * time.Millisecond, 0, 10 * time.Millisecond},
		{10 * time.Millisecond, 15 * time.Millisecond, 1, 15 * time.Millisecond},
	} {
		p := newPolicy(DefaultMaxRetries, test.base, test.limit)
		for _, drawn := range []float64{0, 0.25, 0.5, math.Nextafter(1, 0)} {
			p.rand = func() float64 { return drawn }
			wantEqual(t, "wait", p.wait(test.n, 0), time.Duration(drawn*float64(test.want)))
			wantEqual(t, "wait after Retry-After", p.wait(test.n, 30*time.Second), 30*time.Second+time.Duration(drawn*float64(test.want)))
			wantEqual(t, "wait after a long Retry-After", p.wait(test.n, time.Hour), time.Minute+time.Duration(drawn*float64(test.want)))
		}
		if got := newPolicy(0, test.base, test.limit).wait(test.n, 0); got < 0 || got >= test.want {
			t.Errorf("a drawn wait of %s, want less than %s", got, test.want)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	const day = 24 * time.Hour
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7\t": 7 * time.Second, "0007": 7 * time.Second, "60": time.Minute, "3600": time.Hour,
		"9223372037": day, "99999999999999999999999999": day, "-5": 0, "-99999999999999999999999999": 0,
		"1.5": 0, "0x10": 0, "1e3": 0, "soon": 0, "5, 10": 0,
		"Mon, 04 May 2026 03:02:11 GMT":     10 * time.Second,
		"Mon, 04 May 2026 03:01:00 GMT":     0,
		"Mon, 04 May 2026 03:02:01 GMT":     0,
		"Fri, 31 Dec 9999 23:59:59 GMT":     day,
		"Mon, 01 Jan 0001 00:00:00 GMT":     0,
		"Monday, 04-May-26 03:02:21 GMT":    20 * time.Second,
		"Mon May  4 03:02:31 2026":          30 * time.Second,
		"2026-05-04T03:02:11Z":              0,
		"Mon, 04 May 2026 03:02:11 GMT, 10": 0,
	} {
		wantEqual(t, value, parseRetryAfter(value, now), want)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "7", " 7 ", "-1", "+5", "99999999999999999999", "1.5", "1e9", "Mon, 04 May 2026 03:02:11 GMT", "Monday, 04-May-26 03:02:21 GMT", "Mon May  4 03:02:31 2026", "soon", "\x00"} {
		f.Add(seed, int64(1777863721))
	}
	f.Fuzz(func(t *testing.T, value string, unix int64) {
		got := parseRetryAfter(value, time.Unix(unix, 0))
		if got < 0 || got > 24*time.Hour {
			t.Fatalf("parseRetryAfter(%q) = %s", value, got)
		}
		if padded := parseRetryAfter(" "+value+"\t", time.Unix(unix, 0)); padded != got {
			t.Fatalf("with whitespace around it %q is %s instead of %s", value, padded, got)
		}
	})
}
