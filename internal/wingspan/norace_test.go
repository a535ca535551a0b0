//go:build !race

package wingspan

const raceDetector = false
