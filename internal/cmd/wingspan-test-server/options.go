package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

type options struct {
	addr     string
	token    string
	accounts []string
	secrets  wingspantest.SecretMode
	latency  time.Duration
	seed     int
	urlFile  string
	quiet    bool
}

// parse prints the usage to stdout when it is asked for and returns flag.ErrHelp then.
func parse(args []string, stdout io.Writer) (options, error) {
	var opts options
	var accounts, secrets string
	flags := flag.NewFlagSet("wingspan-test-server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	flags.StringVar(&opts.token, "token", wingspantest.Token, "the one bearer `token` to accept; it is printed, so never a real one")
	flags.StringVar(&accounts, "accounts", "", "comma-separated `ids` of child accounts that X-WINGSPAN-USER may name")
	flags.StringVar(&secrets, "secrets", "echo", "what answers tell of shared secrets, a `mode`: echo, mask, hash or omit")
	flags.DurationVar(&opts.latency, "latency", 0, "`time` to wait before each answer, like 50ms")
	flags.IntVar(&opts.seed, "seed", 0, "`number` of webhook preferences to begin with")
	flags.StringVar(&opts.urlFile, "url-file", "", "`file` to write the URL to once the server listens")
	flags.BoolVar(&opts.quiet, "quiet", false, "print no line for each request")

	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(stdout)
			fmt.Fprintln(stdout, "Runs a stand-in for Wingspan's webhook API on this machine.")
			flags.PrintDefaults()
		}
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q: there are only flags", flags.Arg(0))
	}
	var err error
	if opts.secrets, err = secretMode(secrets); err != nil {
		return options{}, err
	}
	if opts.accounts, err = splitAccounts(accounts); err != nil {
		return options{}, err
	}
	return opts, opts.check()
}

func (o options) check() error {
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return fmt.Errorf("-addr must be host:port: %w", err)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return fmt.Errorf("-addr %s is not a loopback address: this server has no protection, so use 127.0.0.1, [::1] or localhost", o.addr)
	}
	// What a shell and a header take without quoting.
	if !regexp.MustCompile(`^[A-Za-z0-9._~+/=-]+$`).MatchString(o.token) {
		return errors.New("-token may hold only letters, digits and . _ ~ + / = -")
	}
	if o.latency < 0 {
		return fmt.Errorf("-latency must not be negative, got %s", o.latency)
	}
	if o.seed < 0 {
		return fmt.Errorf("-seed must not be negative, got %d", o.seed)
	}
	return nil
}

func secretMode(name string) (wingspantest.SecretMode, error) {
	switch name {
	case "echo":
		return wingspantest.Echo, nil
	case "mask":
		return wingspantest.Mask, nil
	case "hash":
		return wingspantest.Hash, nil
	case "omit":
		return wingspantest.Omit, nil
	}
	return 0, fmt.Errorf("-secrets must be echo, mask, hash or omit, got %q", name)
}

func splitAccounts(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	accounts := strings.Split(list, ",")
	for i, account := range accounts {
		accounts[i] = strings.TrimSpace(account)
		if accounts[i] == "" {
			return nil, fmt.Errorf("-accounts %q names a blank account", list)
		}
	}
	return accounts, nil
}
