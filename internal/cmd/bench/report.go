package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the Markdown table, the sizes' rows in the order of the options.
func report(opts options, version string, samples map[key][]sample, starts []time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s/%s, %d CPUs, medians of %d. The ratios are to terraform_data in the same run.\n\n",
		version, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), opts.runs)
	b.WriteString("| resources | step | subject | wall s | ratio | CPU s | ratio | requests | of them reads | provider's peak MiB |\n")
	b.WriteString("|---:|---|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, size := range opts.sizes {
		for _, step := range steps {
			for _, s := range subjects {
				writeRow(&b, key{size: size, step: step.name, subject: s.name}, s, samples)
			}
		}
	}
	fmt.Fprintf(&b, "\nFrom the start of the provider to its schema: %s, median of %d (fastest %s).\n",
		milliseconds(median(starts)), len(starts), milliseconds(slices.Min(starts)))
	b.WriteString("\n" + targets(opts, samples, median(starts)))

	return b.String()
}

func writeRow(b *strings.Builder, k key, s subject, samples map[key][]sample) {
	taken, floor := samples[k], samples[key{size: k.size, step: k.step, subject: floorName}]
	wall, cpu := median(walls(taken)), median(cpus(taken))
	requests, reads, peak := "", "", ""
	if s.plugin {
		requests = fmt.Sprint(medianOf(taken, func(s sample) int { return s.requests }))
		reads = fmt.Sprint(medianOf(taken, func(s sample) int { return s.reads }))
		peak = "n/a"
		if most := medianOf(taken, func(s sample) int64 { return s.peak }); most > 0 {
			peak = fmt.Sprint(most >> 20)
		}
	}
	fmt.Fprintf(b, "| %d | %s | %s | %.2f | %.2f | %.2f | %.2f | %s | %s | %s |\n", k.size, k.step, k.subject,
		wall.Seconds(), ratio(wall, median(walls(floor))), cpu.Seconds(), ratio(cpu, median(cpus(floor))), requests, reads, peak)
}

// targets compares the largest size with what this provider sets out to reach. They are aims, not verdicts: a busy machine misses them.
func targets(opts options, samples map[key][]sample, start time.Duration) string {
	size := slices.Max(opts.sizes)
	at := func(step string, subject int) []sample {
		return samples[key{size: size, step: step, subject: subjects[subject].name}]
	}
	wall := func(step string, subject int) time.Duration { return median(walls(at(step, subject))) }
	peak := int64(0)
	for _, step := range steps {
		for subject := range subjects {
			peak = max(peak, medianOf(at(step.name, subject), func(s sample) int64 { return s.peak }))
		}
	}

	rows := []struct {
		what     string
		got, aim float64
	}{
		{"requests of a plan", float64(medianOf(at("plan", 2), func(s sample) int { return s.requests })), 5},
		{"plan at 50 ms, to the plan at 0 ms", ratio(wall("plan", 2), wall("plan", 1)), 1.1},
		{"plan, to terraform_data's", ratio(wall("plan", 1), wall("plan", 0)), 3},
		{"create, to terraform_data's", ratio(wall("create", 1), wall("create", 0)), 1.5},
		{"provider's peak memory, MiB", float64(peak >> 20), 150},
		{"start to schema, ms", float64(start.Microseconds()) / 1000, 30},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| aim at %d resources | at most | measured |\n|---|---:|---:|\n", size)
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.4g | %.4g |\n", r.what, r.aim, r.got)
	}

	return b.String()
}

func walls(samples []sample) []time.Duration {
	return collect(samples, func(s sample) time.Duration { return s.wall })
}

func cpus(samples []sample) []time.Duration {
	return collect(samples, func(s sample) time.Duration { return s.cpu })
}

func collect[T any](samples []sample, of func(sample) T) []T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}

	return values
}

func medianOf[T cmp.Ordered](samples []sample, of func(sample) T) T {
	return median(collect(samples, of))
}

// median is the middle of the values, the lower one of two; of none it is zero.
func median[T cmp.Ordered](values []T) T {
	if len(values) == 0 {
		var zero T

		return zero
	}
	sorted := slices.Sorted(slices.Values(values))

	return sorted[(len(sorted)-1)/2]
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}

	return float64(a) / float64(b)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
