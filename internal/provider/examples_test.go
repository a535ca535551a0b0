package provider

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
)

const (
	hookExamples = "resources/wingspan_webhook_preference/"

	// The ids that the examples name.
	exampleID      = "5fKq2mZt8RwXcV1nB7yLdA"
	exampleAccount = "3hJp9sUe4QaGkT6xM0vWrC"
	createFields   = "sharedSecret,subscribedEvents,url"
)

// exampleTest is what is done with some files of examples/.
type exampleTest struct {
	name  string
	files []string
	// since is the minor version of the CLI that the files need.
	since int
	run   func(*exampleRun)
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
	kit, version := builtKit(t)
	for _, example := range allExamples() {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			wantWellFormed(t, kit, example.files)
			version.skipBelow(t, example.since, example.files[0])
			example.run(runExample(t, kit, example.files...))
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

// wantWellFormed has the CLI parse and format-check the files of HCL, whichever version they were written for.
func wantWellFormed(t *testing.T, kit *acctest.Kit, files []string) {
	t.Helper()
	texts := map[string]string{}
	for _, name := range files {
		if ext := path.Ext(name); ext != ".tf" && ext != ".hcl" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(examplesDir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		texts["examples/"+name] = string(data)
	}
	wantFormatted(t, kit, texts)
}

// wantFormatted takes any texts in HCL by their names: with the extension .tf every CLI parses them.
func wantFormatted(t *testing.T, kit *acctest.Kit, texts map[string]string) {
	t.Helper()
	w, err := kit.Workspace(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(w.Dir, strings.ReplaceAll(name, "/", "-")+".tf"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	result, err := w.Run(t.Context(), "fmt", "-check", "-diff", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	if result.Code != 0 {
		t.Errorf("not well-formed:\n%s", result.Output)
	}
}

func TestExamplesNameThisProvider(t *testing.T) {
	t.Parallel()
	for _, name := range exampleFiles(t) {
		data, err := os.ReadFile(filepath.Join(examplesDir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.Contains(line, "source ") && strings.Contains(line, "/wingspan\"") && !strings.Contains(line, `"`+namespace+"/wingspan\"") {
				t.Errorf("examples/%s takes the provider from elsewhere than %s: %s", name, Address, strings.TrimSpace(line))
			}
		}
	}
}

func TestModuleReadmeNamesItsVariablesAndOutputs(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(examplesDir, "modules", "webhook", name))
		if err != nil {
			t.Fatal(err)
		}

		return string(data)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` ").FindAllStringSubmatch(read("README.md"), -1)
	var told, declared []string
	for _, row := range rows {
		told = append(told, row[1])
	}
	for _, d := range regexp.MustCompile(`(?m)^(?:variable|output) "([a-z_]+)"`).FindAllStringSubmatch(read("variables.tf")+read("outputs.tf"), -1) {
		declared = append(declared, d[1])
	}
	if !slices.Equal(told, declared) {
		t.Errorf("the README tells of %q, and the module has %q", told, declared)
	}
}
