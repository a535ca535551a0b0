// Command terraform-provider-wingspan is the Terraform provider for Wingspan's webhooks.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/startup"
)

// The release sets these with -ldflags.
var (
	version = "dev"
	commit  = "none"
)

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger; prints how to point Terraform at this process (TF_REATTACH_PROVIDERS)")
	showVersion := flag.Bool("version", false, "print version and commit, and end")
	flag.Parse()

	if *showVersion {
		fmt.Println(version, commit)

		return
	}

	startup.Tune(*debug)
	var options []tf6server.ServeOpt
	if *debug {
		// The default of two seconds is less than a breakpoint on the way there takes, or a busy machine.
		options = append(options, tf6server.WithManagedDebug(), tf6server.WithManagedDebugReattachConfigTimeout(time.Minute))
	}
	err := tf6server.Serve(provider.Address, provider.NewServer(version, commit), options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
