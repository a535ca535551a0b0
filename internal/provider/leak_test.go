package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// Everything about these values is awkward to quote, so that each spelling of them is another text.
const (
	oddToken   = `fake-token"with&odd/characters+and=signs`
	oddPlain   = `fake plain "secret" \ & <é> 1`
	oddPlain2  = `fake plain "secret" \ & <é> 2`
	oddWO      = `fake write-only "secret" / + é 1`
	oddWO2     = `fake write-only "secret" / + é 2`
	oddForeign = `fake foreign "secret" & é`
)

// The CLI and the provider run as processes of their own here, so that the log is the one that a user would send to somebody.
func TestRealProcesses(t *testing.T) {
	t.Parallel()
	kit := acctest.Get(t)
	t.Run("nothing leaks", func(t *testing.T) {
		t.Parallel()
		testNothingLeaks(t, kit)
	})
}

// required is what a configuration needs outside of the testing library.
const required = `terraform {
  required_providers {
    wingspan = {
      source = "` + namespace + `/wingspan"
    }
  }
}

`

const leakConfig = required + `
variable "plain" {
  type      = string
  sensitive = true
}

variable "wo" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wingspan_webhook_preference" "plain" {
  url               = "https://hooks.example.com/plain"
  subscribed_events = ["Invoice.Paid"]
  shared_secret     = var.plain
}

resource "wingspan_webhook_preference" "wo" {
  url               = "https://hooks.example.com/wo"
  subscribed_events = ["Invoice.Paid"]
  shared_secret_wo  = var.wo
}

data "wingspan_webhook_preferences" "all" {
  depends_on = [wingspan_webhook_preference.plain, wingspan_webhook_preference.wo]
}

output "all" {
  value = data.wingspan_webhook_preferences.all.preferences
}

output "wo" {
  value     = wingspan_webhook_preference.wo
  sensitive = true
}
`

// leaks runs commands and searches all that they leave.
type leaks struct {
	t         *testing.T
	rig       *rig
	workspace *acctest.Workspace
}

// run runs a command and returns what it printed. It has to end with the code.
func (l *leaks) run(code int, args ...string) string {
	l.t.Helper()
	result, err := l.workspace.Run(l.t.Context(), args...)
	if err != nil {
		l.t.Fatal(err)
	}
	if result.Code != code {
		l.t.Fatalf("%v ended with code %d, want %d:\n%s", args, result.Code, code, result.Output)
	}

	return result.Output
}

// set chooses the secrets of the configuration.
func (l *leaks) set(plain, writeOnly string) {
	l.workspace.Env = []string{
		"WINGSPAN_API_TOKEN=" + oddToken, "WINGSPAN_BASE_URL=" + l.rig.URL(), "WINGSPAN_MAX_RETRIES=0",
		"TF_VAR_plain=" + plain, "TF_VAR_wo=" + writeOnly,
		"TF_LOG=TRACE", "TF_LOG_PATH=" + filepath.Join(l.workspace.Dir, "trace.log"),
	}
}

// apply saves a plan, shows it in both forms and applies it.
func (l *leaks) apply() {
	l.t.Helper()
	l.run(0, "plan", "-no-color", "-out=saved.tfplan")
	shown := l.run(0, "show", "-no-color", "saved.tfplan")
	l.t.Log(shown)
	l.search("the plan as JSON", l.run(0, "show", "-json", "saved.tfplan"))
	l.run(0, "apply", "-no-color", "saved.tfplan")
	l.search("the outputs as JSON", l.run(0, "output", "-json"))
}

// search looks for what must not be in anything.
func (l *leaks) search(where, text string) {
	l.t.Helper()
	if found := find([]byte(text), oddToken, oddWO, oddWO2, oddForeign); found != "" {
		l.t.Errorf("%s: %s", where, found)
	}
}

// files searches all files of the workspace, and returns them.
func (l *leaks) files() map[string][]byte {
	l.t.Helper()
	files := filesOf(l.t, l.workspace.Dir)
	for name, content := range files {
		l.search(name, string(content))
	}

	return files
}

func testNothingLeaks(t *testing.T, kit *acctest.Kit) {
	versionOf(t, kit).skipBelow(t, 11, "a write-only secret")
	r := newRig(t)
	r.SetToken(oddToken)
	workspace, err := kit.Workspace(t.TempDir(), leakConfig)
	if err != nil {
		t.Fatal(err)
	}
	l := &leaks{t: t, rig: r, workspace: workspace}

	l.set(oddPlain, oddWO)
	l.apply() // create
	l.set(oddPlain2, oddWO2)
	l.apply() // rotation
	r.editSecrets(oddForeign)
	l.apply() // drift
	for _, p := range r.Preferences() {
		if want := map[string]string{hookURL("plain"): oddPlain2, hookURL("wo"): oddWO2}[p.URL]; p.SharedSecret != want {
			t.Errorf("the server holds %q for %s, want %q", p.SharedSecret, p.URL, want)
		}
	}
	// A plain secret is in state and plan, which shows that the search finds what is there, and nowhere else.
	for _, name := range []string{"terraform.tfstate", "saved.tfplan/tfplan"} {
		if find(l.files()[name], oddPlain2) == "" {
			t.Errorf("the search does not even find the plain secret in %s", name)
		}
	}
	quoted := l.failures()

	files := l.files()
	if log := string(files["trace.log"]); !strings.Contains(log, "Wingspan API request") {
		t.Error("the log has nothing of the provider")
	}
	for where, text := range map[string]string{"the log": string(files["trace.log"]), "errors": quoted} {
		if found := find([]byte(text), oddToken, oddPlain, oddPlain2, oddWO, oddWO2, oddForeign); found != "" {
			t.Errorf("%s: %s", where, found)
		}
	}
}

// failures has each verb fail with every secret in the server's words, and returns what the CLI printed of it.
func (l *leaks) failures() string {
	var printed strings.Builder
	fail := func(why string, args []string, faults ...wingspantest.Fault) {
		l.t.Helper()
		for _, f := range faults {
			f.Times = -1
			l.rig.Fail(f)
		}
		out := l.run(1, args...)
		l.rig.ClearFaults()
		// What isn't the API's documented error is described, and quoted not even in part.
		shown := strings.Contains(out, "[redacted]") || strings.Contains(strings.Join(strings.Fields(out), " "), "was not the API's JSON error")
		if !strings.Contains(out, "Error:") || (faults[0].Status != http.StatusOK && !shown) {
			l.t.Errorf("%s: the server's words are neither redacted nor described:\n%s", why, out)
		}
		printed.WriteString(out)
	}
	// The words about a write may quote what was sent with it. The words about a read or a delete may quote the token, and
	// what the server holds: as a field of the preference, or the secret in plain that the state has too.
	quoting := func(method string, route wingspantest.Route, status int, secrets ...string) wingspantest.Fault {
		var words []string
		for _, s := range secrets {
			words = append(words, spelledOut(s)[:5]...)
		}
		f := wingspantest.ErrorStatus(status, strings.Join(words, " , "))
		f.Method, f.Route, f.Header = method, route, http.Header{"X-Request-Id": {oddToken}}

		return f
	}
	object := func(method string, route wingspantest.Route, status int) wingspantest.Fault {
		return wingspantest.Fault{
			Method: method, Route: route, Status: status,
			Body: `{"preferenceId":"x","sharedSecret":` + spelledJSON(oddWO2) + `,"was":{"sharedSecret":` + spelledJSON(oddForeign) + `},"token":` + spelledJSON(oddToken) + `}`,
		}
	}
	const item, list, names = wingspantest.RouteItem, wingspantest.RouteList, wingspantest.RouteEventNames

	plan := []string{"plan", "-no-color"}
	apply := []string{"apply", "-no-color", "-auto-approve"}
	destroy := []string{"apply", "-no-color", "-auto-approve", "-destroy"}
	fail("read", plan, l.of("plain", quoting("GET", item, 403, oddToken, oddPlain2)))
	fail("read with an object", plan, object("GET", item, 409))
	fail("read of broken JSON", plan, wingspantest.Fault{Method: "GET", Route: item, Status: 200, Body: `{"sharedSecret":` + spelledJSON(oddWO2)})
	fail("list", plan, quoting("GET", list, 500, oddToken))

	l.set(oddPlain, oddWO)
	fail("update", apply, l.of("plain", quoting("PATCH", item, 400, oddToken, oddPlain, oddPlain2)), l.of("wo", quoting("PATCH", item, 400, oddToken, oddWO)))
	fail("update with an object", apply, object("PATCH", item, 422))
	fail("delete", destroy, l.of("plain", quoting("DELETE", item, 403, oddToken, oddPlain2)), quoting("DELETE", item, 403, oddToken))
	fail("delete with an object", destroy, object("DELETE", item, 409))

	l.run(0, destroy...)
	refused := func(secret string) wingspantest.Fault {
		f := quoting("POST", wingspantest.RouteCreate, 422, oddToken, secret)
		f.Match = func(r wingspantest.Request) bool { return strings.Contains(string(r.Body), spelledJSON(secret)) }

		return f
	}
	fail("create", apply, refused(oddPlain), refused(oddWO))
	fail("create with an object", apply, object("POST", wingspantest.RouteCreate, 409))
	l.rig.Fail(quoting("GET", names, 400, oddToken))
	l.run(0, plan...)
	l.rig.ClearFaults()

	return printed.String()
}

// of has the fault strike only the hook of that name.
func (l *leaks) of(name string, f wingspantest.Fault) wingspantest.Fault {
	for _, p := range l.rig.Preferences() {
		if p.URL == hookURL(name) {
			f.Match = func(r wingspantest.Request) bool { return strings.HasSuffix(r.Path, "/"+p.ID) }
		}
	}

	return f
}

// spelledJSON is the value as a JSON text.
func spelledJSON(value string) string { return `"` + spelledOut(value)[1] + `"` }
