// Command bench measures, with the real CLI and the test server, what many webhooks cost: each step against the same
// step of as many terraform_data, which no plugin serves. It prints a Markdown table.
//
// Times depend on the machine and on what else it does. The ratios within one run are what can be compared.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options is what a run of the bench measures.
type options struct {
	runs, starts int
	sizes        []int
	progress     bool
}

func main() {
	var opts options
	var sizes string
	var quick bool
	flag.IntVar(&opts.runs, "runs", 3, "how often everything is measured; the table has the medians")
	flag.StringVar(&sizes, "sizes", "10,200,1000", "comma-separated `numbers` of resources")
	flag.BoolVar(&quick, "quick", false, "measure 10 and 200 resources once, in half a minute")
	flag.Parse()
	opts.starts, opts.progress = 20, true
	if quick {
		opts.runs, sizes = 1, "10,200"
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := opts.parseSizes(sizes)
	var report string
	if err == nil {
		report, err = bench(ctx, opts)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Print(report)
}

func (o *options) parseSizes(list string) error {
	for field := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 {
			return fmt.Errorf("-sizes must be numbers above zero with commas between, got %q", list)
		}
		o.sizes = append(o.sizes, n)
	}
	if o.runs < 1 {
		return fmt.Errorf("-runs must be above zero, got %d", o.runs)
	}

	return nil
}

// say keeps the person at the terminal company; the report goes to standard output alone.
func (o options) say(format string, args ...any) {
	if o.progress {
		fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
	}
}
