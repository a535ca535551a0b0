// Command wingspan-test-server runs package wingspantest by itself: a stand-in for Wingspan's webhook
// API on this machine, for demonstrations and for authors of Terraform modules.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "wingspan-test-server:", err)
		os.Exit(1)
	}
}
