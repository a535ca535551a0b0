// Command demo shows the provider's main job with a real CLI against the test server on this machine, and checks from
// outside that each step did what it shows.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	keep := flag.Bool("keep", false, "leave the server running at the end, and say how to use it")
	flag.Parse()

	// A second signal finds the same handler, so that it cannot cut the clean-up short. The clean-up is bounded.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, options{keep: *keep, out: os.Stdout, find: findCLI})
	interrupted := ctx.Err() != nil
	stop()

	switch {
	case err == nil:
	case interrupted && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nInterrupted. Everything that the demo made is removed.")
		os.Exit(130)
	default:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}
