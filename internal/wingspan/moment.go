package wingspan

import "time"

// Moment is a point in time by two clocks, which need not agree: each is compared only with itself. Either may be zero.
type Moment struct {
	// API is the Date of the API's response, in whole seconds.
	API time.Time `json:"api,omitzero"`
	// Local is this machine's time.
	Local time.Time `json:"local,omitzero"`
}

// recently is the age below which a preference may still return 404 by its id although it exists.
const recently = time.Minute

// isRecent reports whether the moment was less than a minute ago, and whether a clock can show it; now is the API's current time, or zero.
// Local may be another machine's time, so that it proves no age.
func (m Moment) isRecent(now time.Time) (recent, known bool) {
	if !m.Local.IsZero() && time.Since(m.Local) < recently {
		return true, true
	}
	known = !m.API.IsZero() && !now.IsZero()

	return known && now.Sub(m.API) < recently, known
}

// parseTime reads a time that the API wrote. It is zero for anything but RFC 3339.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}

	return t
}
