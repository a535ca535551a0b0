// Command release-check finds out whether a release would be one that the registries take and users can install.
//
// By itself it builds a snapshot with goreleaser and .goreleaser.yml, signs it with a throw-away key, verifies it,
// and installs it with the real CLI. With -tag it checks what a release of that tag needs before it is built, and
// with -verify what goreleaser made of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "release-check:", err)
		os.Exit(1)
	}
}

type options struct {
	goreleaser, dist   string
	all                bool
	tag, notes, verify string
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("release-check", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.goreleaser, "goreleaser", "", "`path` of goreleaser; without it, make's or the one on PATH")
	flags.BoolVar(&o.all, "all", false, "build for every platform, not for this machine's only")
	flags.StringVar(&o.dist, "dist", "", "empty or new `directory` to leave the snapshot in; without it, nothing is left")
	flags.StringVar(&o.tag, "tag", "", "check that this `tag` can be released, and build nothing")
	flags.StringVar(&o.notes, "notes", "", "with -tag: `file` to write the version's section of CHANGELOG.md to")
	flags.StringVar(&o.verify, "verify", "", "with -tag: `directory` in which goreleaser built the tag, to verify")
	if err := flags.Parse(args); err != nil {
		return o, err
	}

	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: there are only flags", flags.Arg(0))
	case o.tag == "" && (o.notes != "" || o.verify != ""):
		return o, errors.New("-notes and -verify are about a tag: name it with -tag")
	case o.tag != "" && (o.all || o.dist != "" || o.goreleaser != ""):
		return o, errors.New("-all, -dist and -goreleaser are about a snapshot: leave them out with -tag")
	}

	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	repo, err := openRepository(ctx, ".")
	if err != nil {
		return err
	}
	log := progress{out}
	// GnuPG's own variable, GNUPGHOME, says where the key is.
	key := signer{fingerprint: os.Getenv(fingerprintVariable)}

	switch {
	case o.verify != "":
		return verifyTag(ctx, log, repo, key, o)
	case o.tag != "":
		return preflight(ctx, log, repo, key, o)
	default:
		return checkSnapshot(ctx, log, repo, o)
	}
}

// progress prints one line for each thing that was found to be right.
type progress struct{ out io.Writer }

func (p progress) ok(format string, args ...any) {
	fmt.Fprintf(p.out, "ok  "+format+"\n", args...)
}

func (p progress) note(format string, args ...any) {
	fmt.Fprintf(p.out, "--  "+format+"\n", args...)
}
