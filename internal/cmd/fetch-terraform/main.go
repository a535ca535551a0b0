// Command fetch-terraform installs Terraform below the directory that it is given, unless it is there already, and
// prints its path. It is for machines that have neither terraform nor tofu.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: fetch-terraform directory")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	path, err := cli.Fetch(ctx, os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch-terraform:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
