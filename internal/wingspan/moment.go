package wingspan

import "time"

// Moment is a point in time by two clocks, which need not agree: each is compared only with itself. Either may be zero.
type Moment struct {
	// API is the Date of the API's response, in whole seconds.
	API time.Time `json:"api,omitzero"`
	// Local is this machine's time.
	Local time.Time `json:"local,omitzero"`
}

// parseTime reads a time that the API wrote. It is zero for anything but RFC 3339.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}

	return t
}
