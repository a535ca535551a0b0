package provider

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	repository  = "../.."
	examplesDir = repository + "/examples"

	// requirement is what short examples leave out.
	requirement = "terraform {\n  required_providers {\n    wingspan = {\n      source = \"" + namespace + "/wingspan\"\n    }\n  }\n}\n"
)

// testedCLI is which CLI the shared kit has.
func testedCLI(t *testing.T) cliVersion {
	t.Helper()
	kit := sharedKit(t)
	version := cliVersion{tofu: strings.HasPrefix(filepath.Base(kit.Path), "tofu")}
	if _, err := fmt.Sscanf(kit.Version, "%d.%d", &version.major, &version.minor); err != nil {
		t.Fatalf("the CLI has version %q: %v", kit.Version, err)
	}

	return version
}

type cliVersion struct {
	major, minor int
	tofu         bool
}

// sinceQuery is the version of Terraform that brought `terraform query`. OpenTofu has nothing like it.
const sinceQuery = 14

// skipBelow skips what needs a newer CLI. Up to sinceQuery, both CLIs brought what is used here in versions of the same number.
func skipBelow(t *testing.T, minor int, what string) {
	t.Helper()
	v := testedCLI(t)
	if v.tofu && minor == sinceQuery {
		t.Skipf("%s needs Terraform, and this is OpenTofu: only its syntax was checked", what)
	}
	if v.major == 1 && v.minor < minor {
		t.Skipf("%s needs version 1.%d of the CLI, and this is %d.%d", what, minor, v.major, v.minor)
	}
}

// exampleRun is a test server and a folder in which the real CLI runs the built provider.
type exampleRun struct {
	*harness
	w *acctest.Workspace
	// attached are other providers that the CLI finds, as attach returns them.
	attached []string
}

// runExample puts files of examples/ into a folder of the test's own, in the same tree unless they are to be flat. The CLI runs where
// the first one is.
func runExample(t *testing.T, example exampleTest) *exampleRun {
	t.Helper()
	texts, folder := map[string]string{}, path.Dir(example.files[0])
	for _, name := range example.files {
		text := readExample(t, name)
		if example.flat {
			name = path.Join(folder, strings.ReplaceAll(name, "/", "-"))
		}
		texts[name] = text
	}

	return runFiles(t, folder, texts)
}

// environmentLine is where a file selects an environment, in whose place the test server stands. Both are an error.
var environmentLine = regexp.MustCompile(`(?m)^\s*environment\s*=\s*"(staging|production)".*\n`)

// runFiles writes the files, with the requirement where none has it, and runs the CLI in the folder that is named.
func runFiles(t *testing.T, folder string, texts map[string]string) *exampleRun {
	t.Helper()
	root, required := t.TempDir(), false
	for name, text := range texts {
		texts[name] = environmentLine.ReplaceAllString(text, "")
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(texts[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		required = required || path.Dir(name) == folder && strings.Contains(texts[name], "required_providers")
	}
	main := texts[path.Join(folder, "main.tf")]
	if !required {
		main = requirement + main
	}

	r := newHarness(t)
	w, err := sharedKit(t).Workspace(filepath.Join(root, filepath.FromSlash(folder)), main,
		"WINGSPAN_BASE_URL="+r.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token)
	if err != nil {
		t.Fatal(err)
	}

	return &exampleRun{harness: r, w: w}
}

// read returns a file of the folder in which the CLI runs.
func (e *exampleRun) read(name string) string {
	e.t.Helper()
	data, err := os.ReadFile(filepath.Join(e.w.Dir, name))
	if err != nil {
		e.t.Fatal(err)
	}

	return string(data)
}

// remove removes files from there.
func (e *exampleRun) remove(names ...string) {
	e.t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(e.w.Dir, name)); err != nil {
			e.t.Fatal(err)
		}
	}
}

// set gives an input variable its value for the commands that follow.
func (e *exampleRun) set(name, value string) {
	e.w.Env = append(e.w.Env, "TF_VAR_"+name+"="+value)
}

// exits runs a command that has to end with the code, with a provider process of its own, and returns what it printed.
func (e *exampleRun) exits(code int, args ...string) string {
	e.t.Helper()
	defer e.attach()()

	return mustExit(e.t, e.w, code, append(args, "-no-color")...).Output
}

// wantOutput asserts that a command printed each of the parts.
func (e *exampleRun) wantOutput(out string, parts ...string) {
	e.t.Helper()
	for _, part := range parts {
		if !strings.Contains(out, part) {
			e.t.Errorf("it doesn't contain %q:\n%s", part, out)
		}
	}
}

// unframed is a message of the CLI without its frame, and without its line breaks.
func unframed(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", " ")), " ")
}

// cli runs a command that has to succeed.
func (e *exampleRun) cli(args ...string) string {
	e.t.Helper()

	return e.exits(0, args...)
}

// attach has the CLI use one process of the provider until the returned function is called.
func (e *exampleRun) attach() (end func()) {
	e.t.Helper()
	kit, env := sharedKit(e.t), e.w.Env
	built := filepath.Join(filepath.Dir(kit.ConfigFile), "plugins", acctest.Executable)
	process := exec.CommandContext(e.t.Context(), built, "-debug")
	process.Dir = e.w.Dir // as if the CLI had started it
	provider, stop := attach(e.t, process, kit.Environ(env...))
	e.w.Env = append(env[:len(env):len(env)], "TF_REATTACH_PROVIDERS={"+strings.Join(append(e.attached, provider), ",")+"}")

	return func() {
		stop()
		e.w.Env = env
	}
}

func (e *exampleRun) apply() string {
	e.t.Helper()

	return e.cli("apply", "-auto-approve")
}

// wantEmptyPlan also wants that nothing was written for it.
func (e *exampleRun) wantEmptyPlan() {
	e.t.Helper()
	e.cli("plan", "-detailed-exitcode")
	e.wantWrites()
}

// wantDestroyed destroys, and wants that the server is empty.
func (e *exampleRun) wantDestroyed() {
	e.t.Helper()
	e.cli("destroy", "-auto-approve")
	if left := e.Preferences(); len(left) > 0 {
		e.t.Errorf("left behind: %d preferences", len(left))
	}
}

// wantSecrets compares what the server signs with, in the order of creation.
func (e *exampleRun) wantSecrets(want ...string) {
	e.t.Helper()
	got := []string{}
	for _, p := range e.Preferences() {
		got = append(got, p.SharedSecret)
	}
	if !slices.Equal(got, want) {
		e.t.Errorf("the server signs with %q, want %q", got, want)
	}
}

// wantNoSecretInState searches every file that the CLI left.
func (e *exampleRun) wantNoSecretInState(secrets ...string) {
	e.t.Helper()
	files, err := filepath.Glob(filepath.Join(e.w.Dir, "*.tfstate*"))
	if err != nil || len(files) == 0 {
		e.t.Fatalf("found no state: %v", err)
	}
	for _, file := range files {
		state := e.read(filepath.Base(file))
		for _, secret := range secrets {
			if strings.Contains(state, secret) {
				e.t.Errorf("%s contains the secret", filepath.Base(file))
			}
		}
	}
}
