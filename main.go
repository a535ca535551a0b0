// Command terraform-provider-wingspan is the Terraform provider for Wingspan's webhooks.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

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
	err := providerserver.Serve(context.Background(), provider.New(version, commit), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
