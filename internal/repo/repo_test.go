package repo

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	root = "../.."

	maxGoLines = 400
)

// files returns what git keeps, or would keep when it is added, by path below the root.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	git := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	list, err := git.Output()
	if err != nil {
		t.Skipf("This is no git checkout, so that nothing tells the files of the repository: %v", err)
	}
	contents := map[string][]byte{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil || !info.Mode().IsRegular() {
			continue // It was removed just now, and not from git yet; or it is a link to another file.
		}
		if contents[name], err = os.ReadFile(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if len(contents) == 0 {
		t.Fatal("git knows no file")
	}

	return contents
}

// file returns one file of the repository.
func file(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}

	return string(content)
}

func TestGoFilesAreShort(t *testing.T) {
	t.Parallel()
	for name, content := range files(t) {
		if lines := bytes.Count(content, []byte("\n")); filepath.Ext(name) == ".go" && lines > maxGoLines {
			t.Errorf("%s has %d lines, and %d are the most: split it by the question that a reader has", name, lines, maxGoLines)
		}
	}
}

// machinePath is a place below somebody's home, or in a directory that only some machines have.
var machinePath = regexp.MustCompile(`(^|[^A-Za-z0-9_.$}\-])/(work|root|home/\w+|Users/\w+)(/|\b)`)

func TestNoFileNamesAPlaceOfOneMachine(t *testing.T) {
	t.Parallel()
	for name, content := range files(t) {
		for i, line := range bytes.Split(content, []byte("\n")) {
			if found := machinePath.Find(line); found != nil {
				t.Errorf("%s:%d names %q, which is a place of one machine", name, i+1, bytes.TrimSpace(found))
			}
		}
	}
}

func TestPlacesOfOneMachineAreTold(t *testing.T) {
	t.Parallel()
	// With % for the first slash, so that this file is not one that names such a place.
	for line, want := range map[string]bool{
		"cd %work/main":                       true,
		`"%root/go/bin"`:                      true,
		"%home/anna/src":                      true,
		"(%Users/Anna/src)":                   true,
		"%root":                               true,
		"https://example.com/work/x":          false,
		"internal/work/x":                     false,
		"$HOME/work":                          false,
		"GET /integrations/webhooks":          false,
		"the /tmp directory of every machine": false,
		"a/homely/place, /worker":             false,
	} {
		if got := machinePath.MatchString(strings.Replace(line, "%", "/", 1)); got != want {
			t.Errorf("%q: %t, want %t", line, got, want)
		}
	}
}

func TestTheReadmeNamesTheTwoCommands(t *testing.T) {
	t.Parallel()
	readme, makefile := file(t, "README.md"), file(t, "GNUmakefile")
	for _, target := range []string{"demo", "test"} {
		if !regexp.MustCompile(`(?m)^make ` + target + `\b`).MatchString(readme) {
			t.Errorf("README.md has no line `make %s`", target)
		}
		if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(makefile) {
			t.Errorf("GNUmakefile has no target %s", target)
		}
	}
}

// direct are the modules that go.mod requires, without those marked as indirect.
func direct(mod string) []string {
	var modules []string
	for _, match := range regexp.MustCompile(`(?m)^(?:require )?\t?([a-z0-9.-]+\.[a-z]+/\S+) v\S+$`).FindAllStringSubmatch(mod, -1) {
		modules = append(modules, match[1])
	}

	return modules
}

func TestEachDependencyHasItsReason(t *testing.T) {
	t.Parallel()
	section := headed(file(t, "CONTRIBUTING.md"), "## Dependencies")
	row := regexp.MustCompile("(?m)^\\| `(\\S+)` \\| \\S.* \\| \\S.* \\|$")
	reasons := map[string]bool{}
	for _, match := range row.FindAllStringSubmatch(section, -1) {
		reasons[match[1]] = true
	}
	modules := direct(file(t, "go.mod"))
	if len(modules) == 0 {
		t.Fatal("found no requirement in go.mod")
	}
	for _, module := range modules {
		if !reasons[module] {
			t.Errorf("go.mod requires %s, and CONTRIBUTING.md gives no reason and licence for it under Dependencies", module)
		}
		delete(reasons, module)
	}
	for module := range reasons {
		t.Errorf("CONTRIBUTING.md gives a reason for %s, which go.mod does not require itself", module)
	}
}

// headed returns the section with the heading.
func headed(text, heading string) string {
	_, section, _ := strings.Cut(text, "\n"+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")

	return section
}

func TestTheMakefileExplainsEachTarget(t *testing.T) {
	t.Parallel()
	makefile := file(t, "GNUmakefile")
	for _, match := range regexp.MustCompile(`(?m)^\.PHONY: (\S+)\n(.*)$`).FindAllStringSubmatch(makefile, -1) {
		if !strings.HasPrefix(match[2], match[1]+":") {
			t.Errorf("GNUmakefile: .PHONY: %s is not followed by its target, but by %q", match[1], match[2])
		}
		// release is for the workflow alone.
		if explained := strings.Contains(match[2], " ## "); !explained && match[1] != "release" {
			t.Errorf("GNUmakefile: %s has no explanation for make help", match[1])
		}
	}
}
