package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferencesNamePageAndLine(t *testing.T) {
	t.Parallel()
	want := map[string]string{"index.md": "a\nb\n", "guides/new.md": "x", "guides/same.md": "s"}
	got := map[string]string{"index.md": "a\nc\n", "guides/same.md": "s", "resources/old.md": "o"}

	problems := differences(want, got)
	expected := []string{
		"docs/guides/new.md is missing: " + regenerate,
		"docs/index.md is not what its template, the examples and the schema give, from line 2 on: " + regenerate,
		"docs/resources/old.md has no template and no schema: remove it",
	}
	if diff := cmp.Diff(expected, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestFirstDifference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"a", "b", 1}, {"a\nb", "a\nc", 2}, {"a\n", "a\nb\n", 2}, {"a\nb", "a", 2}} {
		if got := firstDifference(c.a, c.b); got != c.want {
			t.Errorf("firstDifference(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestReadTreeWithoutFolderIsEmpty(t *testing.T) {
	t.Parallel()
	files, err := readTree(filepath.Join(t.TempDir(), "none"))
	if err != nil || len(files) != 0 {
		t.Errorf("readTree = %v, %v", files, err)
	}
}

func TestFindToolPrefersWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	name := toolName
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	root := tree(t, map[string]string{"bin/tfplugindocs-v9.9.9/" + name: "", "elsewhere/" + name: ""})
	installed := filepath.Join(root, "bin", "tfplugindocs-v9.9.9", name)
	asked := filepath.Join(root, "elsewhere", name)
	for _, tool := range []string{installed, asked} {
		if err := os.Chmod(tool, 0o700); err != nil {
			t.Fatal(err)
		}
	}

	if got, err := findTool(root, ""); err != nil || got != installed {
		t.Errorf("findTool = %q, %v, want %q", got, err, installed)
	}
	if got, err := findTool(root, asked); err != nil || got != asked {
		t.Errorf("findTool = %q, %v, want %q", got, err, asked)
	}
	if _, err := findTool(root, filepath.Join(root, "gone")); err == nil || !strings.Contains(err.Error(), "make generate") {
		t.Errorf("the error for a tool that is not there says %v, and not how to get one", err)
	}
}

func TestReportCountsAndNames(t *testing.T) {
	t.Parallel()
	if err := report(nil); err != nil {
		t.Errorf("report(nil) = %v", err)
	}
	if got := report([]string{"one"}).Error(); got != "1 problem:\n- one" {
		t.Errorf("one problem reads %q", got)
	}
	if got := report([]string{"one", "two"}).Error(); got != "2 problems:\n- one\n- two" {
		t.Errorf("two problems read %q", got)
	}
}
