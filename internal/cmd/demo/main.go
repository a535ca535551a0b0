// Command demo shows the provider's main job with a real CLI against a local test server, and checks on the server
// that each command did what it shows.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
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

const hookURL = "https://hooks.example.com/wingspan"

//go:embed *.tmpl
var files embed.FS

var texts = template.Must(template.ParseFS(files, "*.tmpl"))

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
	d.out.Print(render("intro", nil))
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
	if keep {
		d.serve(ctx)

		return nil
	}
	d.out.Print("\nEvery step went as shown. Nothing is left behind.")

	return nil
}

// do configures the events, runs the command, and compares what it did with what is expected.
func (d *demo) do(ctx context.Context, c command) error {
	config := render("configuration", map[string]any{"Events": c.events, "URL": hookURL, "WriteOnly": d.writeOnly})
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
		d.quote(render("contents", d.server.Preferences()))
	} else if err := d.command(ctx, c); err != nil {
		return err
	}
	if err := d.check(c); err != nil {
		return err
	}
	d.out.Print("  ok: " + c.ok)
	switch {
	case !creating:
	case !d.writeOnly:
		d.out.Print("  ok: Versions before 1.11 have no write-only arguments: the secret is in the state.")
	default:
		if err := d.wantNoSecretIn(os.DirFS(d.work.Dir)); err != nil {
			return err
		}
		d.out.Print("  ok: The secret isn't in any file in the working directory, including the state.")
	}

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

// check compares the writes that the server received since the command began, and its contents.
func (d *demo) check(c command) error {
	describe := func(p wingspantest.Preference) string {
		slices.Sort(p.SubscribedEvents)

		return fmt.Sprintf("%s of %s at %s with %q and the configured secret: %t", p.ID, p.Account, p.URL, p.SubscribedEvents, p.SharedSecret == d.secret)
	}
	var got, want []string
	for _, w := range d.server.Writes() {
		got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	for _, p := range d.server.Preferences() {
		d.id = cmp.Or(d.id, p.ID)
		got = append(got, describe(p))
	}
	if c.write != "" {
		want = append(want, c.write)
	}
	if c.live != nil {
		want = append(want, describe(wingspantest.Preference{
			ID: d.id, URL: hookURL, Account: wingspantest.OwnAccount, SubscribedEvents: slices.Clone(c.live), SharedSecret: d.secret,
		}))
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the server received and has %q, want %q", got, want)
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

// serve prints how to use what the demo created, and then each request, until ctx ends.
func (d *demo) serve(ctx context.Context) {
	d.server.OnRequest(func(r wingspantest.Request) {
		d.server.ResetRequests() // No one reads the recorded requests, and this may run for days.
		d.out.Printf("  %-6s %s %d", r.Method, r.Path, r.Status)
	})
	d.out.Print(render("kept", map[string]string{
		"ConfigFile": d.kit.ConfigFile, "ServerURL": d.server.URL(), "Token": wingspantest.Token, "Dir": d.work.Dir, "CLI": d.kit.Path,
	}))
	<-ctx.Done()
	d.out.Print("\nStopped. Nothing is left behind.")
}

func render(name string, data any) string {
	var b strings.Builder
	if err := texts.ExecuteTemplate(&b, name+".tmpl", data); err != nil {
		return err.Error() // Only a template that does not fit its data; the tests render each.
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
