// Command demo shows the provider's main job with a real CLI against a local test server, and checks on the server
// that each command did what it shows.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
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

//go:embed *.tmpl steps.json
var files embed.FS

var texts = template.Must(template.ParseFS(files, "*.tmpl"))

func main() {
	signal.Ignore(syscall.SIGPIPE) // A closed output, as in `make demo | head`, must not cut the clean-up short either.
	// A second signal finds the same handler, so that it cannot cut the clean-up short. The clean-up is bounded.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, "", os.Getenv("KEEP") != "")
	stop()
	switch {
	case errors.Is(err, context.Canceled): // Only a signal cancels ctx.
		fmt.Fprintln(os.Stderr, "\nInterrupted. Everything that the demo created is removed.")
		os.Exit(130)
	case err != nil:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}

// step is one command, which leaves the webhook as the next one expects it, and what has to be true after it.
type step struct {
	Title  string   // begins a new part
	Events []string // configured before it
	Args   string   // none: show the server's contents
	Code   int
	Says   string   // a part of its output, with whitespace collapsed
	Want   []string // what the server has to get, as "METHOD field,field", and to have, as the events of each webhook
	OK     string
}

// demo is what the steps share, and what the templates show.
type demo struct {
	step

	out                    *log.Logger // because requests are printed by many goroutines
	Server                 *wingspantest.Server
	Kit                    *acctest.Kit
	Work                   *acctest.Workspace
	URL, Token, Secret, ID string // ID is the webhook's, from the first command on
}

// run leaves nothing behind, whatever way it ends. An empty parent is the system's place for temporary directories.
func run(ctx context.Context, out io.Writer, parent string, keep bool) (err error) {
	d := &demo{out: log.New(out, "", 0), URL: "https://hooks.example.com/wingspan", Token: wingspantest.Token, Secret: "fake-" + rand.Text()}
	d.out.Print(d.render("intro"))
	dir, err := os.MkdirTemp(parent, "wingspan-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if d.Server, err = wingspantest.Start("127.0.0.1:0"); err != nil {
		return err
	}
	defer d.Server.Close()
	if d.Kit, err = acctest.Build(ctx, dir); err != nil {
		return err
	}
	// Arguments that a person would not type are set here, so that each command is shown as it is run.
	d.Work, err = d.Kit.Workspace(filepath.Join(dir, "webhooks"), "", "TF_CLI_ARGS=-no-color", "TF_VAR_signing_secret="+d.Secret,
		"WINGSPAN_API_TOKEN="+d.Token, "WINGSPAN_BASE_URL="+d.Server.URL())
	if err != nil {
		return err
	}
	d.out.Printf("The test server listens on %s.", d.Server.URL())
	var steps []step
	content, err := files.ReadFile("steps.json")
	if err = cmp.Or(err, json.Unmarshal(content, &steps)); err != nil {
		return err
	}
	for _, d.step = range steps {
		if err := d.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(d.Title, d.Args), err)
		}
	}
	if keep {
		d.serve(ctx)
	} else {
		d.out.Print("\nEvery step went as shown. Nothing is left behind.")
	}

	return nil
}

// WriteOnly reports whether the CLI has write-only arguments, which came in 1.11.
func (d *demo) WriteOnly() bool {
	return !regexp.MustCompile(`^1\.([89]|10)\.`).MatchString(d.Kit.Version)
}

// do configures the events, runs the command or shows the server's contents, and checks what came of it.
func (d *demo) do(ctx context.Context) error {
	if d.Title != "" {
		d.out.Print("\n" + d.Title)
	}
	d.Server.ResetRequests()
	config, creating := d.render("configuration"), d.ID == ""
	if err := d.Work.Configure(config); err != nil {
		return err
	}
	d.out.Print()
	if creating {
		d.quote(config[strings.Index(config, "resource "):])
		d.out.Print()
	}
	if d.Args == "" {
		d.quote(d.render("contents"))
	} else if err := d.command(ctx); err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	d.out.Print("  ok: " + d.OK)
	if creating {
		d.out.Print("  ok: " + d.render("secret"))
	}

	return nil
}

func (d *demo) command(ctx context.Context) error {
	d.out.Printf("  $ %s %s", filepath.Base(d.Kit.Path), d.Args)
	result, err := d.Work.Run(ctx, strings.Fields(d.Args)...)
	if err != nil {
		return err
	}
	if strings.Contains(result.Output, d.Secret) || strings.Contains(result.Output, d.Token) {
		return errors.New("its output, which is not shown here, contains the secret or the token")
	}
	d.quote(regexp.MustCompile(`\n{3,}`).ReplaceAllString(strings.Trim(noise.ReplaceAllString(result.Output, ""), "\n"), "\n\n"))
	// Terraform and OpenTofu break lines where they like.
	if text := strings.Join(strings.Fields(result.Output), " "); result.Code != d.Code || !strings.Contains(text, d.Says) {
		return fmt.Errorf("exited with code %d, want %d and %q in the output above", result.Code, d.Code, d.Says)
	}

	return nil
}

// check compares the writes since the command began, and the webhooks on the server, with what is expected, and searches the files for the secret.
func (d *demo) check() error {
	var got []string
	for _, w := range d.Server.Writes() {
		got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	for _, p := range d.Server.Preferences() {
		d.ID = cmp.Or(d.ID, p.ID)
		webhook := strings.Join(slices.Sorted(slices.Values(p.SubscribedEvents)), ",")
		if p.ID != d.ID || p.Account != wingspantest.OwnAccount || p.URL != d.URL || p.SharedSecret != d.Secret {
			webhook = fmt.Sprintf("%s of %s at %s with the configured secret: %t", p.ID, p.Account, p.URL, p.SharedSecret == d.Secret)
		}
		got = append(got, webhook)
	}
	if !slices.Equal(got, d.Want) {
		return fmt.Errorf("the server received and has %q, want %q", got, d.Want)
	}
	if !d.WriteOnly() {
		return nil
	}
	// Without a state, the search would prove nothing.
	if _, err := os.Stat(filepath.Join(d.Work.Dir, "terraform.tfstate")); err != nil {
		return err
	}

	return filepath.WalkDir(d.Work.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), d.Secret) {
			return fmt.Errorf("%s contains the secret", path)
		}

		return err
	})
}

// serve prints how to use what the demo created, and then each request, until ctx ends.
func (d *demo) serve(ctx context.Context) {
	d.Server.OnRequest(func(r wingspantest.Request) {
		d.Server.ResetRequests() // No one reads the recorded requests, and this may run for days.
		d.out.Printf("  %-6s %s %d", r.Method, r.Path, r.Status)
	})
	d.out.Print(d.render("kept"))
	<-ctx.Done()
	d.out.Print("\nStopped. Nothing is left behind.")
}

func (d *demo) render(name string) string {
	var b strings.Builder
	_ = texts.ExecuteTemplate(&b, name+".tmpl", d) // An error is one of a template that does not fit; the tests render each.

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
