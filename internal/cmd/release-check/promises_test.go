package main

import (
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promise is how the documentation says from which version on something works: "Terraform 1.11 or later",
// "OpenTofu >= 1.8", "Terraform or OpenTofu 1.11 or later".
var promise = regexp.MustCompile(`(Terraform|OpenTofu)(?:,? (?:and|or|and of|or of) (Terraform|OpenTofu))?,?(?: both)? (?:(?:>=|≥) ?v?(1\.\d+)|v?(1\.\d+) or (?:later|newer))`)

// promises are the versions from which on a page says that something works, as "Terraform 1.11".
func promises(text string) []string {
	found := map[string]bool{}
	plain := strings.Join(strings.Fields(regexp.MustCompile("[*`|_]").ReplaceAllString(text, " ")), " ")
	for _, match := range promise.FindAllStringSubmatch(plain, -1) {
		for _, cli := range match[1:3] {
			if cli != "" {
				found[cli+" "+match[3]+match[4]] = true
			}
		}
	}

	// Tables with a column for each CLI.
	var columns []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			columns = nil

			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " *`\n")
		}
		if columns == nil {
			columns = cells
		}
		for i, cell := range cells {
			if version, ok := strings.CutPrefix(cell, ">= "); ok && i < len(columns) && (columns[i] == "Terraform" || columns[i] == "OpenTofu") {
				found[columns[i]+" "+version] = true
			}
		}
	}

	return slices.Sorted(maps.Keys(found))
}

func TestPromisesAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"needs **Terraform** 1.11 or later":           {"Terraform 1.11"},
		"Terraform >= 1.8 and OpenTofu >= 1.8":        {"OpenTofu 1.8", "Terraform 1.8"},
		"Terraform or OpenTofu\n1.12 or later":        {"OpenTofu 1.12", "Terraform 1.12"},
		"| Terraform | >= 1.14 |":                     {"Terraform 1.14"},
		"Terraform and OpenTofu, both 1.11 or newer":  {"OpenTofu 1.11", "Terraform 1.11"},
		"as Terraform 1.10 and OpenTofu before 1.11":  {},
		"Terraform 1.12 or later and OpenTofu 1.13.1": {"Terraform 1.12"},
		"| | Terraform | OpenTofu |\n|---|---|---|\n| a | >= 1.8 | >= 1.9 |\n| b | >= 1.14 | no |": {
			"OpenTofu 1.9", "Terraform 1.14", "Terraform 1.8",
		},
	} {
		if got := promises(text); !slices.Equal(got, want) {
			t.Errorf("%q promises %q, want %q", text, got, want)
		}
	}
}

func TestTheMatrixTestsWhatTheDocumentationPromises(t *testing.T) {
	t.Parallel()
	root := here(t).root
	promised := map[string]string{} // the page that says so
	pages, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(entry.Name(), ".md") {
			pages = append(pages, path)
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		name, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range promises(read(t, page)) {
			promised[p] = name
		}
	}

	want := map[string]bool{}
	for cli, versions := range tested(t) {
		for _, version := range versions {
			if version != "latest" {
				want[cli+" "+version] = true
			}
		}
	}
	for p, page := range promised {
		if !want[p] {
			t.Errorf("%s says that something works from %s on, which the matrix of test.yml does not test", page, p)
		}
	}
	for p := range want {
		if promised[p] == "" {
			t.Errorf("the matrix of test.yml tests %s, but no page says that anything works from there on; they name %v",
				p, slices.Sorted(maps.Keys(promised)))
		}
	}
}
