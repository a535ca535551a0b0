package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	fakeSecret  = "fake-secret-0123456789abcdef"
	otherSecret = "fake-other-secret-0123456789"
)

// harness is a test server and a provider that sends its requests there, with waits short enough for tests.
type harness struct {
	*wingspantest.Server

	t *testing.T
	// env is what the provider sees as its environment, in place of the process's.
	env map[string]string
	// cacheDir is the provider's in place of the user's.
	cacheDir string
	// settle is how long the client waits for what may show up late. It is short, for what never does; a test in which something does
	// show up sets untilSettled, so that its verdict depends on no time.
	settle time.Duration
	vault  *vault
}

// untilSettled is a settle time that no test reaches.
const untilSettled = 10 * time.Minute

func newHarness(t *testing.T) *harness {
	t.Helper()

	return &harness{Server: wingspantest.New(t), t: t, env: map[string]string{}, settle: 300 * time.Millisecond, cacheDir: t.TempDir()}
}

// provider returns the provider under test. Each CLI command gets one of its own.
func (r *harness) provider() *wingspanProvider {
	return &wingspanProvider{
		version: "1.2.3", commit: "abcdef0", cacheDir: r.cacheDir,
		getenv: func(name string) string { return r.env[name] },
		configOverride: func(c *wingspan.Config) {
			c.BackoffBase, c.BackoffCap = time.Millisecond, 5*time.Millisecond
			c.SettleTime = r.settle
		},
	}
}

// hookBlock declares the resource by that name.
func hookBlock(name string, lines ...string) string {
	body := strings.Join(lines, "\n  ")
	for argument, value := range map[string]string{
		"url": `"https://hooks.example.com/a"`, "subscribed_events": `["Invoice.Paid", "Invoice.Sent"]`,
	} {
		if !strings.Contains(body, argument+" ") {
			body += fmt.Sprintf("\n  %s = %s", argument, value)
		}
	}
	if !strings.Contains(body, "shared_secret") {
		body += fmt.Sprintf("\n  shared_secret = %q", fakeSecret)
	}

	return fmt.Sprintf("resource \"wingspan_webhook_preference\" %q {\n  %s\n}\n", name, body)
}

// wantWrites asserts that just these writes were sent since the last such check, in this order, each as "METHOD field,field".
func (r *harness) wantWrites(want ...string) {
	r.t.Helper()
	got := []string{}
	for _, w := range r.Writes() {
		got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	r.ResetRequests()
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		r.t.Errorf("writes (-want +got):\n%s", diff)
	}
}

// only returns the one preference that the server has.
func (r *harness) only() wingspantest.Preference {
	r.t.Helper()
	all := r.Preferences()
	if len(all) != 1 {
		r.t.Fatalf("the server has %d preferences, want 1", len(all))
	}

	return all[0]
}

// hookURL is where the hook of that name sends its events.
func hookURL(name string) string { return "https://hooks.example.com/" + name }
