package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	opts, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	server, err := wingspantest.Start(opts.addr)
	if err != nil {
		return err
	}
	defer server.Close()

	server.SetToken(opts.token)
	server.AddAccounts(opts.accounts...)
	server.SetSecrets(opts.secrets)
	server.SetLatency(opts.latency)
	seed(server, opts.seed)

	// A log.Logger, because requests are reported by many goroutines.
	out := log.New(stdout, "", 0)
	server.OnRequest(func(r wingspantest.Request) {
		// Nobody reads the recorded requests here, and a demonstration may run for days.
		server.ResetRequests()
		if !opts.quiet {
			out.Print(line(r))
		}
	})

	out.Printf("Wingspan test server on %s, holding %d webhook preferences in memory. Stop it with Ctrl-C.", server.URL(), opts.seed)
	out.Printf("export WINGSPAN_BASE_URL=%s", server.URL())
	out.Printf("export WINGSPAN_API_TOKEN=%s", opts.token)
	if opts.urlFile != "" {
		if err := writeFile(opts.urlFile, server.URL()+"\n"); err != nil {
			return fmt.Errorf("write -url-file: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// line never holds a header or a body but for the account, whose control characters are escaped.
func line(r wingspantest.Request) string {
	account := wingspantest.OwnAccount
	if r.HasAccount {
		account = strings.Trim(strconv.QuoteToASCII(r.Account), `"`)
	}
	return fmt.Sprintf("%s %s %d %s", r.Method, r.Path, r.Status, account)
}

func seed(server *wingspantest.Server, n int) {
	for i := range n {
		server.Put(wingspantest.Preference{
			URL:              fmt.Sprintf("https://hooks.example.com/wingspan/%d", i+1),
			SharedSecret:     fmt.Sprintf("seeded-secret-not-a-real-one-%d", i+1),
			SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"},
		})
	}
}

// writeFile renames a finished file into place, so that a script which waits for it never reads half of it.
func writeFile(path, content string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.WriteString(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
