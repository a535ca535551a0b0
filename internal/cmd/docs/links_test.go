package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree writes files below a folder of the test's own.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return root
}

func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"README.md":                  "[guide](docs/guides/start.md) [gone](docs/guides/gone.md) [folder](examples)",
		"examples/modules/x/main.tf": "",
		"examples/modules/x/README.md": "[up](../../../README.md)\n[ref]\n\n[ref]: main.tf\n[other]: missing.tf\n" +
			"```md\n[in code](nowhere.md)\n```\nand `[code](nowhere.md)` too",
		"docs/index.md": "# Wingspan\n[relative](guides/start.md) [full](" + registryDocs() + "/guides/start#two-words) " +
			"[not there](" + registryDocs() + "/guides/gone)",
		"docs/guides/start.md": "# Start\n## Two words\n## Two words\n### `code` and [link](https://example.com/), too!\n<a id=\"nested\"></a>\n" +
			"[self](#two-words) [second](#two-words-1) [mixed](#code-and-link-too) [tag](#nested) [bad](#two-word)\n" +
			"[page](../resources/hook.md#schema) [no anchor](../resources/hook.md#import)\n" +
			"[outside](https://example.com/gone) [file](../../examples/modules/x/main.tf) [ours](" + repositoryFiles() + "/examples/modules/x/main.tf) " +
			"[folder](https://github.com/wingspanhq/terraform-provider-wingspan/tree/main/examples/gone)",
		"docs/resources/hook.md": "# Hook\n## Schema\n",
	})

	got, err := brokenLinks(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"README.md links to docs/guides/gone.md, and there is no file docs/guides/gone.md",
		"docs/guides/start.md links to #two-word, and docs/guides/start.md has no heading for #two-word",
		"docs/guides/start.md links to ../resources/hook.md#import, and docs/resources/hook.md has no heading for #import",
		"docs/guides/start.md links to ../../examples/modules/x/main.tf, which the registry does not serve: begin it with " + repositoryFiles(),
		"docs/guides/start.md links to https://github.com/wingspanhq/terraform-provider-wingspan/tree/main/examples/gone, and there is no file examples/gone",
		"docs/index.md links to guides/start.md, and the registry resolves relative links of the index one folder too high: begin it with " + registryDocs(),
		"docs/index.md links to " + registryDocs() + "/guides/gone, and there is no file docs/guides/gone.md",
		"examples/modules/x/README.md links to missing.tf, and there is no file examples/modules/x/missing.tf",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	t.Parallel()
	got := anchorsIn("# Secret, and how to rotate it\n\n## `shared_secret_wo`\n\n```hcl\n# no heading\n```\n\n## What's 1.11?\n")
	want := []string{"secret-and-how-to-rotate-it", "shared_secret_wo", "whats-111"}
	if !slices.Equal(got, want) {
		t.Errorf("anchors = %q, want %q", got, want)
	}
}
