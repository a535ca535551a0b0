// Command demo shows the provider's main job with a real CLI against a local test server, and checks on the server
// that each command did what it shows.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"text/template"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	hookURL    = "https://hooks.example.com/wingspan"
	timeFormat = "2006-01-02 15:04:05.000 MST"
)

//go:embed configuration.tf.tmpl
var configurationText string

//go:embed kept.txt.tmpl
var keptText string

func main() {
	signal.Ignore(syscall.SIGPIPE) // A closed output, as in `make demo | head`, must not cut the clean-up short either.
	// A second signal finds the same handler, so that it cannot cut the clean-up short. The clean-up is bounded.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, "", os.Getenv("KEEP") != "")
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err == nil:
	case interrupted && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nInterrupted. Everything that the demo created is removed.")
		os.Exit(130)
	default:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}

// demo is what the commands share. A logger, because requests are printed by many goroutines.
type demo struct {
	out    *log.Logger
	server *wingspantest.Server
	kit    *acctest.Kit
	work   *acctest.Workspace
	secret string
	// id is the webhook's, from the first command on.
	id string
	// writeOnly: the CLI has write-only arguments, which came in 1.11.
	writeOnly bool
}

// run leaves nothing behind, whatever way it ends. An empty parent is the system's place for temporary directories.
func run(ctx context.Context, out io.Writer, parent string, keep bool) (err error) {
	d := &demo{out: log.New(out, "", 0), secret: "fake-" + rand.Text()}
	d.out.Print("This demo registers a webhook with Wingspan's API, changes it, and removes it again.\n" +
		"A test server on this machine stands in for Wingspan, so that no account is needed, and\n" +
		"everything is in a temporary directory that is removed at the end.\n\n" +
		"Building the provider from this checkout.")
	path, err := acctest.Find()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, "wingspan-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if d.server, err = wingspantest.Start("127.0.0.1:0"); err != nil {
		return err
	}
	defer d.server.Close()
	if d.kit, err = acctest.Build(ctx, path, dir); err != nil {
		return err
	}
	// Arguments that a person would not type are set here, so that each command is shown as it is run.
	d.work, err = d.kit.Workspace(filepath.Join(dir, "webhooks"), "", "TF_CLI_ARGS=-no-color", "TF_VAR_signing_secret="+d.secret,
		"WINGSPAN_API_TOKEN="+wingspantest.Token, "WINGSPAN_BASE_URL="+d.server.URL())
	if err != nil {
		return err
	}
	d.writeOnly = !regexp.MustCompile(`^1\.([89]|10)\.`).MatchString(d.kit.Version)
	d.out.Printf("The test server listens on %s.", d.server.URL())

	for _, c := range commands {
		if c.title != "" {
			d.out.Print("\n" + c.title)
		}
		if err := d.do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(c.title, c.args), err)
		}
	}
	if !keep {
		d.out.Print("\nEvery step went as shown. Nothing is left behind.")

		return nil
	}

	return d.serve(ctx)
}

// do configures the events, runs the command, and compares what it did with what is expected.
func (d *demo) do(ctx context.Context, c command) error {
	config := render(configurationText, map[string]any{"Events": c.events, "URL": hookURL, "WriteOnly": d.writeOnly})
	if err := d.work.Configure(config); err != nil {
		return err
	}
	creating := d.id == ""
	if creating {
		d.out.Print()
		d.quote(config[strings.Index(config, "resource "):])
	}
	d.server.ResetRequests()
	if c.args == "" {
		d.out.Print()
		d.showServer()
	} else if err := d.command(ctx, c); err != nil {
		return err
	}
	if err := d.check(c); err != nil {
		return err
	}
	d.out.Print("  ok: " + c.ok)
	switch {
	case !creating:
		return nil
	case !d.writeOnly:
		d.out.Print("  ok: Versions before 1.11 have no write-only arguments: the secret is in the state.")

		return nil
	}
	if err := d.wantNoSecretIn(os.DirFS(d.work.Dir)); err != nil {
		return err
	}
	d.out.Print("  ok: The secret isn't in any file in the working directory, including the state.")

	return nil
}

func (d *demo) command(ctx context.Context, c command) error {
	d.out.Printf("\n  $ %s %s", filepath.Base(d.kit.Path), c.args)
	result, err := d.work.Run(ctx, strings.Fields(c.args)...)
	if err != nil {
		return err
	}
	if strings.Contains(result.Output, d.secret) || strings.Contains(result.Output, wingspantest.Token) {
		return errors.New("its output, which is not shown here, contains the secret or the token")
	}
	d.quote(trim(result.Output))
	// Terraform and OpenTofu break lines where they like.
	if text := strings.Join(strings.Fields(result.Output), " "); result.Code != c.code || !strings.Contains(text, c.says) {
		return fmt.Errorf("exited with code %d, want %d and %q in the output above", result.Code, c.code, c.says)
	}

	return nil
}

// check compares the server's contents, and the writes that it received since the command began.
func (d *demo) check(c command) error {
	var writes, contents, want []string
	for _, w := range d.server.Writes() {
		writes = append(writes, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	if got := strings.Join(writes, "; "); got != c.write {
		return fmt.Errorf("the server received the writes %q, want %q", got, c.write)
	}
	describe := func(id, url, account string, events []string, sameSecret bool) string {
		return fmt.Sprintf("%s of %s at %s with %q, as configured: %t", id, account, url, slices.Sorted(slices.Values(events)), sameSecret)
	}
	for _, p := range d.server.Preferences() {
		d.id = cmp.Or(d.id, p.ID)
		contents = append(contents, describe(p.ID, p.URL, p.Account, p.SubscribedEvents, p.SharedSecret == d.secret))
	}
	if c.live != nil {
		want = []string{describe(d.id, hookURL, wingspantest.OwnAccount, c.live, true)}
	}
	if !slices.Equal(contents, want) {
		return fmt.Errorf("the server has %q, want %q", contents, want)
	}

	return nil
}

func (d *demo) wantNoSecretIn(dir fs.FS) error {
	if _, err := fs.Stat(dir, "terraform.tfstate"); err != nil {
		return err
	}

	return fs.WalkDir(dir, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(dir, path)
		if strings.Contains(string(content), d.secret) {
			return fmt.Errorf("%s contains the secret", path)
		}

		return err
	})
}

func (d *demo) showServer() {
	for _, p := range d.server.Preferences() {
		d.quote(fmt.Sprintf("id       %s\naccount  %s\nurl      %s\nevents   %s\nsecret   (%d characters, hidden)\ncreated  %s\nchanged  %s\n",
			p.ID, p.Account, p.URL, strings.Join(p.SubscribedEvents, ", "), len(p.SharedSecret),
			p.CreatedAt.Format(timeFormat), p.UpdatedAt.Format(timeFormat)))
	}
}

// serve prints how to use what the demo created, and then each request, until ctx ends.
func (d *demo) serve(ctx context.Context) error {
	d.server.OnRequest(func(r wingspantest.Request) {
		d.server.ResetRequests() // No one reads the recorded requests, and this may run for days.
		d.out.Printf("  %-6s %s %d", r.Method, r.Path, r.Status)
	})
	d.out.Print(render(keptText, map[string]string{
		"ConfigFile": d.kit.ConfigFile, "ServerURL": d.server.URL(), "Token": wingspantest.Token, "Dir": d.work.Dir, "CLI": d.kit.Path,
	}))
	<-ctx.Done()
	d.out.Print("\nStopped. Nothing is left behind.")

	return nil
}

func render(text string, data any) string {
	var b strings.Builder
	if err := template.Must(template.New("").Parse(text)).Execute(&b, data); err != nil {
		return err.Error() // Only a template that does not fit its data; the tests render both.
	}

	return b.String()
}

// quote sets the text apart from the demo's own words.
func (d *demo) quote(text string) {
	for line := range strings.Lines(text) {
		d.out.Print(strings.TrimRight("  | "+line, " \n"))
	}
}

// noise is what every run prints alike: the warning of dev_overrides, progress, and paragraphs about the CLI itself.
var noise = regexp.MustCompile(`Warning: Provider development overrides are in effect(?:.*\n)*?.*published\s+releases\.\n*` +
	`|(?m)^.*: (?:Refreshing state|Reading)\.\.\..*\n` +
	`|(?m)^.*(?:used the selected providers to generate|will perform the following actions:|has compared your real infrastructure` +
	`|Planning failed\.|Saved the plan to:|To perform exactly these actions|─────).*\n(?:.+\n)*\n*`)

func trim(output string) string {
	return regexp.MustCompile(`\n{3,}`).ReplaceAllString(strings.Trim(noise.ReplaceAllString(output, ""), "\n"), "\n\n") + "\n"
}
