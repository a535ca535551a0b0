package provider

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// ciExamples are the workflows, whose commands run here as they would there.
func ciExamples() []exampleTest {
	return []exampleTest{
		{name: "CI", files: []string{"ci-cd/main.tf", "ci-cd/terraform.yml"}, since: 11, run: func(e *exampleRun) {
			commands := regexp.MustCompile(`(?m)- run: terraform (.+)$`).FindAllStringSubmatch(e.read("terraform.yml"), -1)
			if len(commands) != 5 {
				e.t.Fatalf("terraform.yml has %d commands, want 5", len(commands))
			}
			run := func(at int) string { return e.cli(strings.Fields(commands[at][1])...) }
			placeholder := regexp.MustCompile(`TF_VAR_webhook_secret: (\w\S+)`).FindStringSubmatch(e.read("terraform.yml"))[1]

			// `init` comes first in both jobs, and the test's provider needs none.
			e.set("webhook_secret", placeholder)
			out := run(1)
			if e.wantOutput(out, "1 to add"); strings.Count(out, "Warning:") > 1 {
				e.t.Errorf("the plan of a pull request warns of more than the placeholder:\n%s", out)
			}
			e.set("webhook_secret", fakeSecret)
			run(3)
			withSecret := e.w.Env
			e.w.Env = withSecret[:len(withSecret)-2]
			e.exits(1, strings.Fields(commands[4][1])...) // The secret is missing.
			e.w.Env = withSecret
			run(4)
			e.wantWrites(create)
			e.wantSecrets(fakeSecret)
			e.wantNoSecretInState(fakeSecret)

			e.wantOutput(e.exits(1, "destroy", "-auto-approve"), "prevent_destroy")
			e.wantWrites()
		}},
		{name: "CI drift", files: []string{"ci-cd/main.tf", "ci-cd/drift.yml"}, since: 11, run: drift},
	}
}

// drift runs the workflow's script night after night, with a gh of the test's own that keeps the open issue in a file.
func drift(e *exampleRun) {
	if runtime.GOOS == "windows" {
		e.t.Skip("the drift job's script is for a POSIX shell: only its syntax was checked")
	}
	_, script, found := strings.Cut(e.read("drift.yml"), "        run: |\n")
	if !found {
		e.t.Fatal("drift.yml has no script")
	}
	kit, bin := sharedKit(e.t), e.t.TempDir()
	const gh = "#!/bin/sh\ncase \"$2\" in\nlist) cat issue 2>/dev/null || true ;;\ncreate) echo 7 > issue; echo create >> log ;;\nclose) test \"$3\" = 7 && rm issue; echo close >> log ;;\nesac\n"
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(gh), 0o700); err != nil {
		e.t.Fatal(err)
	}
	if err := os.Symlink(kit.Path, filepath.Join(bin, "terraform")); err != nil {
		e.t.Fatal(err)
	}
	night := func(ok bool, log string, env ...string) {
		e.t.Helper()
		cmd := exec.CommandContext(e.t.Context(), "bash", "-e", "-c", script)
		cmd.Dir = e.w.Dir
		before := e.w.Env
		e.w.Env = append(before[:len(before):len(before)], env...)
		end := e.attach()
		cmd.Env = append(kit.Environ(e.w.Env...), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		end()
		e.w.Env = before
		if (err == nil) != ok {
			e.t.Errorf("the job ended with %v:\n%s", err, out)
		}
		got, _ := os.ReadFile(filepath.Join(e.w.Dir, "log"))
		if strings.Join(strings.Fields(string(got)), " ") != log {
			e.t.Errorf("the job did %q, want %q:\n%s", got, log, out)
		}
	}

	e.set("webhook_secret", fakeSecret)
	e.apply()
	e.set("webhook_secret", "placeholder-for-plans-only")
	night(true, "")
	e.Edit(e.only().ID, func(p *wingspantest.Preference) { p.URL = "https://hooks.example.com/elsewhere" })
	night(true, "create")
	night(false, "create", "WINGSPAN_API_TOKEN=refused")
	e.Edit(e.only().ID, func(p *wingspantest.Preference) { p.URL = "https://hooks.example.com/wingspan" })
	night(true, "create close")
}
