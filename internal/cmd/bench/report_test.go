package main

import (
	"strings"
	"testing"
	"time"
)

func TestMedianIsTheMiddleOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		values []int
		want   int
	}{
		{"none", nil, 0},
		{"one", []int{7}, 7},
		{"odd", []int{9, 1, 5}, 5},
		{"even: the lower of both", []int{4, 1, 3, 2}, 2},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestReportComparesWithTheFloorOfTheSameSizeAndStep(t *testing.T) {
	t.Parallel()
	opts := options{runs: 1, sizes: []int{10}}
	samples := map[key][]sample{}
	for _, step := range steps {
		for i, s := range subjects {
			samples[key{size: 10, step: step.name, subject: s.name}] = []sample{{
				wall: time.Duration(i+1) * time.Second, cpu: time.Duration(i+1) * 100 * time.Millisecond,
				peak: int64(i) * 40 << 20, requests: 10 * i, reads: i,
			}}
		}
	}
	got := report(opts, "Terraform v1.2.3", samples, []time.Duration{25 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond})
	for _, want := range []string{
		"Terraform v1.2.3, ",
		"| 10 | plan | terraform_data | 1.00 | 1.00 | 0.10 | 1.00 |  |  |  |\n",
		"| 10 | plan | wingspan, 0 ms | 2.00 | 2.00 | 0.20 | 2.00 | 10 | 1 | 40 |\n",
		"| 10 | destroy | wingspan, 50 ms | 3.00 | 3.00 | 0.30 | 3.00 | 20 | 2 | 80 |\n",
		"to its schema: 25.0 ms, median of 3 (fastest 20.0 ms)",
		"| requests of a plan | 5 | 20 |\n",
		"| plan at 50 ms, to the plan at 0 ms | 1.1 | 1.5 |\n",
		"| provider's peak memory, MiB | 150 | 80 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestSizesAreNumbersAboveZero(t *testing.T) {
	t.Parallel()
	good := options{runs: 1}
	if err := good.parseSizes("10, 200"); err != nil || len(good.sizes) != 2 || good.sizes[1] != 200 {
		t.Errorf("got %v and %v", good.sizes, err)
	}
	for _, list := range []string{"", "0", "ten", "10,", "-1"} {
		if err := (&options{runs: 1}).parseSizes(list); err == nil {
			t.Errorf("%q was accepted", list)
		}
	}
	if err := (&options{}).parseSizes("10"); err == nil {
		t.Error("no runs were accepted")
	}
}
