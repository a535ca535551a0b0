// Command wingspan-test-server runs package wingspantest by itself: a mock of Wingspan's webhook API on this machine,
// for demonstrations and for authors of Terraform modules.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
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

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("wingspan-test-server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	token := flags.String("token", wingspantest.Token, "the only bearer `token` to accept; it is printed, so never use a real one")
	accounts := flags.String("accounts", "", "comma-separated `ids` of child accounts that X-WINGSPAN-USER may name")
	secrets := wingspantest.Echo
	flags.Func("secrets", "how responses return shared secrets, a `mode`: echo, mask, hash or omit (default echo)", func(mode string) error {
		modes := map[string]wingspantest.SecretMode{
			"echo": wingspantest.Echo, "mask": wingspantest.Mask, "hash": wingspantest.Hash, "omit": wingspantest.Omit,
		}
		var ok bool
		if secrets, ok = modes[mode]; !ok {
			return errors.New("must be echo, mask, hash or omit")
		}

		return nil
	})
	latency := flags.Duration("latency", 0, "`time` to wait before each response, like 50ms")
	preferences := flags.Uint("seed", 0, "`number` of webhook preferences to preload")
	urlFile := flags.String("url-file", "", "`file` to write the URL to once the server listens")
	quiet := flags.Bool("quiet", false, "print no line for each request")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stdout)
		fmt.Fprintln(stdout, "Runs a mock of Wingspan's webhook API on this machine.")
		flags.PrintDefaults()

		return nil
	}
	if err = cmp.Or(err, check(*addr, *token, flags.Args())); err != nil {
		return err
	}

	server, err := wingspantest.Start(*addr)
	if err != nil {
		return err
	}
	defer server.Close()
	server.SetToken(*token)
	server.AddAccounts(strings.FieldsFunc(*accounts, func(r rune) bool { return r == ',' || r == ' ' })...)
	server.Configure(func(c *wingspantest.Settings) { c.Secrets, c.Latency = secrets, *latency })
	for i := range *preferences {
		server.Put(wingspantest.Preference{
			URL:              fmt.Sprintf("https://hooks.example.com/wingspan/%d", i+1),
			SharedSecret:     fmt.Sprintf("seeded-secret-not-a-real-one-%d", i+1),
			SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"},
		})
	}

	// A log.Logger, because requests are reported by many goroutines.
	out := log.New(stdout, "", 0)
	server.OnRequest(func(r wingspantest.Request) {
		// No one reads the recorded requests here, and a demonstration may run for days.
		server.ResetRequests()
		if !*quiet {
			out.Print(line(r))
		}
	})
	out.Printf("Wingspan test server on %s, with %d webhook preferences in memory. Stop it with Ctrl-C.", server.URL(), *preferences)
	out.Printf("export WINGSPAN_BASE_URL=%s", server.URL())
	out.Printf("export WINGSPAN_API_TOKEN=%s", *token)
	if *urlFile != "" {
		if err := writeFile(*urlFile, server.URL()+"\n"); err != nil {
			return fmt.Errorf("write -url-file: %w", err)
		}
	}
	<-ctx.Done()

	return nil
}

// check returns what is wrong with the arguments.
func check(addr, token string, rest []string) error {
	host, _, err := net.SplitHostPort(addr)
	ip, notIP := netip.ParseAddr(host)
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: there are only flags", rest[0])
	case err != nil:
		return fmt.Errorf("-addr must be host:port: %w", err)
	case host != "localhost" && (notIP != nil || !ip.IsLoopback()):
		return fmt.Errorf("-addr %s is not a loopback address: this server has no protection, so use 127.0.0.1, [::1] or localhost", addr)
	// What a shell and a header take without quotes.
	case !regexp.MustCompile(`^[A-Za-z0-9._~+/=-]+$`).MatchString(token):
		return errors.New("-token may contain only letters, digits and . _ ~ + / = -")
	}

	return nil
}

// line contains no header and no body but for the account, whose control characters are escaped.
func line(r wingspantest.Request) string {
	account := wingspantest.OwnAccount
	if r.HasAccount {
		account = strings.Trim(strconv.QuoteToASCII(r.Account), `"`)
	}

	return fmt.Sprintf("%s %s %d %s", r.Method, r.Path, r.Status, account)
}

// writeFile renames a finished file into place, so that a script which waits for it never reads half of it.
func writeFile(path, content string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.WriteString(content)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}

	return nil
}
