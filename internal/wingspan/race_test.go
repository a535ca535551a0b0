//go:build race

package wingspan

// raceDetector multiplies the time of what only computes.
const raceDetector = true
