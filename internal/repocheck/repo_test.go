// Package repocheck has checks of the repository that no tool makes.
package repocheck

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func git(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Skipf("This is not a git checkout: %v", err)
	}

	return string(out)
}

// machinePath is a place below someone's home, or in a directory that only some machines have.
var machinePath = regexp.MustCompile(`(^|[^A-Za-z0-9_.$}\-])/(work|root|home/\w+|Users/\w+)(/|\b)`)

func TestNoFileContainsAPathOfOneMachine(t *testing.T) {
	t.Parallel()
	if place := "/" + "work/main"; !machinePath.MatchString("cd "+place) || machinePath.MatchString("https://example.com"+place) {
		t.Error("the pattern does not find such a place, or finds other things")
	}
	for name := range strings.SplitSeq(git(t, "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // It was removed, and not from git yet.
		}
		for i, line := range bytes.Split(content, []byte("\n")) {
			if found := machinePath.Find(line); found != nil {
				t.Errorf("%s:%d names %q, which is a place of one machine", name, i+1, bytes.TrimSpace(found))
			}
		}
	}
}

func TestPagesMentionOnlyMakeTargetsThatExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"README.md", "CONTRIBUTING.md"} {
		content, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		commands := regexp.MustCompile("(?m)(?:^|`)make ([a-z -]+)").FindAllSubmatch(content, -1)
		if len(commands) == 0 {
			t.Errorf("%s names no make target: are they still found?", page)
		}
		for _, command := range commands {
			for target := range strings.FieldsSeq(string(command[1])) {
				if !bytes.Contains(makefile, []byte("\n"+target+":")) {
					t.Errorf("%s names make %s, and GNUmakefile has no such target", page, target)
				}
			}
		}
	}
}
