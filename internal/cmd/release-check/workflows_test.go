package main

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type step struct {
	Uses string
	With map[string]any
}

type job struct {
	Permissions map[string]string
	Timeout     int `yaml:"timeout-minutes"`
	Uses        string
	Strategy    struct {
		Matrix struct {
			Include []map[string]string
			OS      []string
		}
	}
	Steps []step
}

type workflow struct {
	Permissions map[string]string
	Concurrency struct{ Group string }
	Jobs        map[string]job
}

// workflows are those of .github, by their file names.
func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(here(t).root, ".github", "workflows", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]workflow{}
	for _, path := range paths {
		var w workflow
		readYAML(t, path, &w)
		all[filepath.Base(path)] = w
	}
	for _, name := range []string{"test.yml", "snapshot.yml", "release.yml"} {
		if len(all[name].Jobs) == 0 {
			t.Fatalf("there is no workflow %s with jobs", name)
		}
	}

	return all
}

// A tag can be moved to other code, a commit cannot. The comment is what dependabot and readers go by.
func TestActionsArePinnedByCommitAndNameTheirVersion(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+\.\d+)?$`)
	commits := map[string]string{}
	lines := 0
	for _, pattern := range []string{"workflows/*.yml", "actions/*/action.yml"} {
		paths, err := filepath.Glob(filepath.Join(here(t).root, ".github", filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			for line := range strings.Lines(read(t, path)) {
				_, uses, ok := strings.Cut(strings.TrimSpace(line), "uses: ")
				if !ok || strings.HasPrefix(uses, "./") {
					continue
				}
				lines++
				if !pinned.MatchString(uses) {
					t.Errorf("%s: %s is not pinned as owner/name@<40 hex digits> # v<version>", filepath.Base(path), uses)
				}
				action, commit, _ := strings.Cut(uses, "@")
				if other, ok := commits[action]; ok && other != commit {
					t.Errorf("%s: %s is used at %s and at %s", filepath.Base(path), action, commit, other)
				}
				commits[action] = commit
			}
		}
	}
	if lines == 0 {
		t.Error("found no action at all")
	}
}

func TestWorkflowsMayNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	for name, w := range workflows(t) {
		if diff := cmp.Diff(map[string]string{"contents": "read"}, w.Permissions); diff != "" {
			t.Errorf("%s: permissions of the workflow (-want +got):\n%s", name, diff)
		}
		if w.Concurrency.Group == "" {
			t.Errorf("%s: no concurrency group", name)
		}
		for id, j := range w.Jobs {
			if j.Uses == "" && j.Timeout == 0 {
				t.Errorf("%s: job %s has no timeout-minutes", name, id)
			}
			// The one job that publishes.
			want := map[string]string{}
			if name == "release.yml" && id == "release" {
				want = map[string]string{"contents": "write", "id-token": "write", "attestations": "write"}
			}
			for permission, access := range j.Permissions {
				if access != "read" && want[permission] != access {
					t.Errorf("%s: job %s has the permission %s: %s", name, id, permission, access)
				}
			}
		}
	}
}

func TestForksCanRunEveryTestWithoutSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"test.yml", "snapshot.yml"} {
		if text := read(t, filepath.Join(here(t).root, ".github", "workflows", name)); strings.Contains(text, "secrets.") ||
			strings.Contains(text, "pull_request_target") {
			t.Errorf("%s needs secrets, or hands them to forks", name)
		}
	}
}

func TestWorkflowsTakeTheGoVersionFromGoMod(t *testing.T) {
	t.Parallel()
	found := 0
	for name, w := range workflows(t) {
		for id, j := range w.Jobs {
			for _, s := range j.Steps {
				if action, _, _ := strings.Cut(s.Uses, "@"); action == "actions/setup-go" {
					found++
					if s.With["go-version-file"] != "go.mod" || s.With["go-version"] != nil {
						t.Errorf("%s: job %s sets Go up with %v", name, id, s.With)
					}
				}
				if action, _, _ := strings.Cut(s.Uses, "@"); action == "actions/checkout" && s.With["persist-credentials"] != false {
					t.Errorf("%s: job %s leaves the token in the checkout", name, id)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no job sets Go up")
	}
}

func TestRaceTestsRunOnEverySystem(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"ubuntu-latest", "macos-latest", "windows-latest"}, workflows(t)["test.yml"].Jobs["race"].Strategy.Matrix.OS); diff != "" {
		t.Error(diff)
	}
}

// tested are the versions of each CLI in the matrix, in its order.
func tested(t *testing.T) map[string][]string {
	t.Helper()
	versions := map[string][]string{}
	for _, entry := range workflows(t)["test.yml"].Jobs["cli"].Strategy.Matrix.Include {
		versions[entry["cli"]] = append(versions[entry["cli"]], strings.TrimSuffix(entry["version"], ".*"))
	}

	return versions
}

func TestTheMatrixHasWhatIsPromised(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"Terraform": {"1.8", "1.11", "1.12", "1.14", "latest"},
		"OpenTofu":  {"1.8", "1.11", "1.12", "latest"},
	}
	if diff := cmp.Diff(want, tested(t)); diff != "" {
		t.Errorf("the matrix (-want +got):\n%s", diff)
	}
}

func TestIssueFormsAskForVersionsAndNeverForSecrets(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(here(t).root, ".github", "ISSUE_TEMPLATE")
	var form struct {
		Body []struct {
			ID, Type    string
			Validations struct{ Required bool }
		}
	}
	readYAML(t, filepath.Join(dir, "bug.yml"), &form)
	required := map[string]bool{}
	for _, field := range form.Body {
		required[field.ID] = field.Validations.Required
	}
	for _, id := range []string{"provider-version", "cli-version", "configuration"} {
		if !required[id] {
			t.Errorf("the bug form does not require %s", id)
		}
	}
	for _, name := range []string{"bug.yml", "feature.yml"} {
		if text := read(t, filepath.Join(dir, name)); !regexp.MustCompile(`(?i)never paste a(n API)? token`).MatchString(text) {
			t.Errorf("%s does not warn of tokens and secrets", name)
		}
	}
}

func TestDependencyUpdatesAreGrouped(t *testing.T) {
	t.Parallel()
	var config struct {
		Updates []struct {
			Ecosystem string `yaml:"package-ecosystem"`
			Groups    map[string]struct{ Patterns []string }
		}
	}
	readYAML(t, filepath.Join(here(t).root, ".github", "dependabot.yml"), &config)
	seen := map[string]bool{}
	for _, update := range config.Updates {
		seen[update.Ecosystem] = slices.ContainsFunc(slices.Collect(maps.Values(update.Groups)), func(g struct{ Patterns []string }) bool {
			return slices.Contains(g.Patterns, "*")
		})
	}
	if !seen["gomod"] || !seen["github-actions"] {
		t.Errorf("ecosystems of which every update is in a group: %v", seen)
	}
}
