package wingspan

import (
	"testing"
	"time"
)

// A slow machine or API gets as many responses as proof takes; one that fails is not waited for longer.
func TestRetriesOfALimitedTimeDoNotDependOnSpeed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit, takes time.Duration
		fails        bool
		want         int
	}{
		"fast":           {5 * time.Second, 0, false, 8},
		"slow":           {5 * time.Second, time.Minute, false, leastRetries},
		"slow and fails": {5 * time.Second, time.Minute, true, 0},
		"fast and fails": {5 * time.Second, 0, true, 8},
		"no time":        {0, 0, false, 0},
		"over":           {-time.Second, 0, false, 0},
	} {
		bubble(t, name, func(t *testing.T) {
			retries, retry := 0, newBackoff(test.limit)
			next := retry.wait
			if test.fails {
				next = retry.failed
			}
			time.Sleep(test.takes)
			for next(t.Context()) {
				retries++
				time.Sleep(test.takes)
			}
			wantEqual(t, "retries", retries, test.want)
		})
	}
}
