package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// keepServing prints how to use what the demo made, and then each request, until ctx ends.
func (d *demo) keepServing(ctx context.Context) {
	d.server.OnRequest(func(r wingspantest.Request) {
		// Nobody reads the recorded requests any more, and this may run for days.
		d.server.ResetRequests()
		d.out.text(fmt.Sprintf("  %-6s %s %d", r.Method, r.Path, r.Status))
	})
	d.out.text("",
		"Every step went as shown. The test server stays up, empty, until you press Ctrl-C.",
		"In another terminal, these lines point your own configuration at it and at the provider that was built:",
		"",
		"  export TF_CLI_CONFIG_FILE="+shellQuote(d.kit.ConfigFile()),
		"  export WINGSPAN_BASE_URL="+d.server.URL(),
		"  export WINGSPAN_API_TOKEN="+wingspantest.Token,
		"",
		"They replace terraform init, which would look for a release. The demo's own configuration is there, too:",
		"",
		"  cd "+shellQuote(d.work.Dir),
		"  export TF_VAR_signing_secret=any-text-of-16-characters-or-more",
		"  "+shellQuote(d.kit.Path)+" plan",
		"",
		"Requests:",
		"")

	<-ctx.Done()
	d.out.text("", "Stopped. Nothing is left behind.")
}

// shellQuote is for the shells that know export.
func shellQuote(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(plainInShells, r) }) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}

	return s
}

const plainInShells = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%="
