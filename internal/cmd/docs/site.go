package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

const (
	docsDir     = "docs"
	toolName    = "tfplugindocs"
	regenerate  = "run `make generate` and commit the result"
	howToGetOne = "run `make generate` or `make docs-check`, which install the right version, or pass -tfplugindocs PATH"
)

// findTool prefers what was asked for, then what make installed, then PATH.
func findTool(root, asked string) (string, error) {
	candidates := []string{asked}
	if asked == "" {
		installed, err := filepath.Glob(filepath.Join(root, "bin", toolName+"*", toolName+"*"))
		if err != nil {
			return "", err
		}
		slices.Sort(installed)
		slices.Reverse(installed)
		candidates = append(installed, filepath.Join(root, "bin", toolName), toolName)
	}
	for _, c := range candidates {
		path, err := exec.LookPath(c)
		if err != nil {
			continue
		}

		return filepath.Abs(path)
	}
	if asked != "" {
		return "", fmt.Errorf("there is no program at %s: %s", asked, howToGetOne)
	}

	return "", fmt.Errorf("%s is neither in bin/ nor on PATH: %s", toolName, howToGetOne)
}

// site is docs/ and what makes it.
type site struct {
	root, tool string
	temporary  string
}

func (s *site) schemaFile() string { return filepath.Join(s.temporary, "schema.json") }

func (s *site) writeSchemas(schemas *tfjson.ProviderSchemas) error {
	data, err := json.MarshalIndent(schemas, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the schema: %w", err)
	}
	if s.temporary, err = os.MkdirTemp("", "wingspan-docs-"); err != nil {
		return err
	}

	return os.WriteFile(s.schemaFile(), data, 0o600)
}

func (s *site) close() {
	if s.temporary != "" {
		_ = os.RemoveAll(s.temporary) // The system empties its temporary folder anyway.
	}
}

// generate writes into a folder that is relative to the root, as tfplugindocs takes no other.
func (s *site) generate(ctx context.Context, into string) error {
	return s.call(ctx, "generate", "--rendered-provider-name", "Wingspan", "--rendered-website-dir", into)
}

// validate applies the registry's own rules to docs/.
func (s *site) validate(ctx context.Context) error { return s.call(ctx, "validate") }

func (s *site) call(ctx context.Context, command string, args ...string) error {
	args = append([]string{
		command, "--provider-dir", s.root, "--provider-name", schemaKey, "--providers-schema", s.schemaFile(),
	}, args...)
	cmd := exec.CommandContext(ctx, s.tool, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		said := out.String()
		// What comes before is its progress, a page long.
		if _, after, found := strings.Cut(said, "Error executing command: "); found {
			said = after
		}

		return fmt.Errorf("%s %s: %w\n%s", toolName, command, err, strings.TrimSpace(said))
	}

	return nil
}

// compare generates elsewhere and names each page that differs. It needs no git, so that it sees untracked pages too.
func (s *site) compare(ctx context.Context) ([]string, error) {
	root, err := filepath.Abs(s.root)
	if err != nil {
		return nil, err
	}
	into := filepath.Join(s.temporary, docsDir)
	relative, err := filepath.Rel(root, into)
	if err != nil {
		return nil, fmt.Errorf("the temporary folder must be on the disk of the repository: %w", err)
	}
	if err := s.generate(ctx, relative); err != nil {
		return nil, err
	}

	want, err := readTree(into)
	if err != nil {
		return nil, err
	}
	got, err := readTree(filepath.Join(s.root, docsDir))
	if err != nil {
		return nil, err
	}

	return differences(want, got), nil
}

func differences(want, got map[string]string) []string {
	var problems []string
	for _, page := range slices.Sorted(maps.Keys(want)) {
		text, there := got[page]
		switch {
		case !there:
			problems = append(problems, fmt.Sprintf("%s/%s is missing: %s", docsDir, page, regenerate))
		case text != want[page]:
			problems = append(problems, fmt.Sprintf("%s/%s is not what its template, the examples and the schema give, from line %d on: %s",
				docsDir, page, firstDifference(want[page], text), regenerate))
		}
	}
	for _, page := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[page]; !there {
			problems = append(problems, fmt.Sprintf("%s/%s has no template and no schema: remove it", docsDir, page))
		}
	}

	return problems
}

func firstDifference(a, b string) int {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return i + 1
		}
	}

	return min(len(left), len(right)) + 1
}

// readTree returns the files below a folder by their slash-separated paths; without the folder there are none.
func readTree(folder string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		files[filepath.ToSlash(relative)] = string(data)

		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}

	return files, err
}
