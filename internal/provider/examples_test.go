package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	hookExamples = "resources/wingspan_webhook_preference/"

	// The ids that the examples name.
	exampleID      = "5fKq2mZt8RwXcV1nB7yLdA"
	exampleAccount = "3hJp9sUe4QaGkT6xM0vWrC"
)

// exampleTest is what is done with some files of examples/.
type exampleTest struct {
	name  string
	files []string
	// since is the minor version of the CLI that the files need.
	since int
	// flat puts the files into one folder.
	flat bool
	run  func(*exampleRun)
}

func allExamples() []exampleTest {
	return slices.Concat(objectExamples(), scenarioExamples(), migrationExamples(), []exampleTest{
		{name: "module", files: []string{
			"modules/webhook/main.tf", "modules/webhook/variables.tf", "modules/webhook/outputs.tf", "modules/webhook/versions.tf",
			"modules/webhook/tests/mock.tftest.hcl", "modules/webhook/tests/server.tftest.hcl",
		}, since: 11, run: testModule},
	}, receiverExamples(), ciExamples())
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, example := range allExamples() {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			skipBelow(t, example.since, example.files[0])
			example.run(runExample(t, example))
		})
	}
}

func TestEveryExampleHasATest(t *testing.T) {
	t.Parallel()
	var tested []string
	for _, example := range allExamples() {
		tested = append(tested, example.files...)
	}
	for _, name := range exampleFiles(t) {
		if path.Ext(name) != ".md" && !slices.Contains(tested, name) {
			t.Errorf("examples/%s is run by no test: name it in allExamples", name)
		}
	}
}

// exampleFiles are the files that git would keep, by their slash-separated paths below examples/.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(examplesDir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".terraform" || entry.Name() == "__pycache__"):
			return fs.SkipDir
		case !entry.IsDir() && !strings.Contains(entry.Name(), ".tfstate") && entry.Name() != ".terraform.lock.hcl":
			files = append(files, name)
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return files
}

// TestWhatReadersPasteIsWellFormed has the CLI parse and format-check all HCL, whichever version it was written for.
func TestWhatReadersPasteIsWellFormed(t *testing.T) {
	t.Parallel()
	w, err := sharedKit(t).Workspace(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range exampleFiles(t) {
		if ext := path.Ext(name); ext == ".tf" || ext == ".hcl" {
			texts[name] = readExample(t, name)
		}
	}
	for i, block := range fencedBlocks(t) {
		if block.language == "hcl" || block.language == "terraform" {
			texts[fmt.Sprint(block.page, i)] = block.text
		}
	}
	for name, text := range texts {
		// With the extension .tf every CLI parses them.
		if err := os.WriteFile(filepath.Join(w.Dir, strings.ReplaceAll(name, "/", "-")+".tf"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustExit(t, w, 0, "fmt", "-check", "-diff", "-no-color")
}

// readExample returns a file of examples/.
func readExample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examplesDir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}

	return string(data)
}
