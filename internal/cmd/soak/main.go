// Command soak changes many webhooks at random while the API fails at random, and then asks the server, not the provider,
// what was lost, doubled or orphaned. It ends with code 1 if anything was.
//
// The same seed gives the same configurations and chances. What meets what also depends on the scheduler.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options bound the soak.
type options struct {
	seed   uint64
	writes int64
	time   time.Duration
	rounds int
	lanes  int
}

var errFound = errors.New("the soak found what must not happen")

func main() {
	var opts options
	flag.Uint64Var(&opts.seed, "seed", 1, "`number` that the configurations and the chances of faults come from")
	flag.Int64Var(&opts.writes, "writes", 10_000, "`number` of writes to send, at least, unless the time is over before")
	flag.DurationVar(&opts.time, "time", 15*time.Minute, "`time` after which no new round begins")
	flag.IntVar(&opts.rounds, "cli", 2, "`number` of rounds with the real CLI after that; 0 needs no CLI")
	flag.IntVar(&opts.lanes, "lanes", 24, "`number` of servers, each with a provider of its own")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	start := time.Now()
	sum, err := soak(ctx, opts)
	stop()
	if sum != nil {
		fmt.Print(sum.report(opts, time.Since(start)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// soak runs the lanes side by side until the writes are sent, and the rounds with the CLI after them.
func soak(ctx context.Context, opts options) (*tally, error) {
	if opts.lanes < 1 {
		return nil, fmt.Errorf("-lanes must be above zero, got %d", opts.lanes)
	}
	sum := newTally()
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	deadline := time.Now().Add(opts.time)

	failures := make(chan error, opts.lanes)
	for i := range opts.lanes {
		go func() {
			err := runLane(bounded, i, opts, deadline, sum)
			if err != nil {
				cancel() // One lane that cannot go on ends all.
			}
			failures <- err
		}()
	}
	var errs []error
	for range opts.lanes {
		if err := <-failures; err != nil && (ctx.Err() != nil || !errors.Is(err, context.Canceled)) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return sum, err
	}
	if err := runCLI(ctx, opts, sum); err != nil {
		return sum, err
	}
	if sum.failed() {
		return sum, errFound
	}

	return sum, nil
}
