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
)

// fencedBlock is a code block of a page.
type fencedBlock struct{ page, language, text string }

var fencedPattern = regexp.MustCompile("(?ms)^( *)```(\\w*)[^\\n]*\\n(.*?)^ *```")

// fencedBlocks are those of the generated pages and of the texts beside the examples.
func fencedBlocks(t *testing.T) []fencedBlock {
	t.Helper()
	var blocks []fencedBlock
	for _, folder := range []string{"docs", "examples"} {
		err := fs.WalkDir(os.DirFS(repository), folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
				return err
			}
			data, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
			for _, match := range fencedPattern.FindAllStringSubmatch(string(data), -1) {
				text := strings.ReplaceAll("\n"+match[3], "\n"+match[1], "\n")[1:]
				blocks = append(blocks, fencedBlock{page: name, language: match[2], text: text})
			}

			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(blocks) == 0 {
		t.Fatal("found no code blocks: is docs/ generated?")
	}

	return blocks
}

// TestDocsConfigurations runs what readers paste: a block marked terraform is a whole configuration and is applied, one
// marked hcl is a fragment, or needs what tests cannot install. Those that are examples are left to TestExamples.
func TestDocsConfigurations(t *testing.T) {
	t.Parallel()
	examples := map[string]bool{}
	for _, name := range exampleFiles(t) {
		examples[strings.TrimSpace(readExample(t, name))] = true
	}
	applied := map[string]bool{}
	for _, block := range fencedBlocks(t) {
		switch {
		case examples[strings.TrimSpace(block.text)], applied[block.text]:
		case block.language == "terraform":
			applied[block.text] = true
			first, _, _ := strings.Cut(block.text, "\n")
			t.Run(block.page+" "+first, func(t *testing.T) {
				t.Parallel()
				e := runFiles(t, "docs", map[string]string{"docs/main.tf": block.text})
				e.apply()
				e.wantEmptyPlan()
			})
		case !slices.Contains([]string{"hcl", "shell", "text"}, block.language):
			t.Errorf("%s has a code block marked %q, of which no test knows what to do", block.page, block.language)
		}
	}
	if len(applied) == 0 {
		t.Error("no page has a configuration of its own")
	}
}

// TestTheLoggingCommandLogsRequests runs what Troubleshooting recommends: Terraform discards a provider's log unless the right variable is set.
func TestTheLoggingCommandLogsRequests(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`^(TF_LOG\w*=\w+) terraform (plan)\n$`)
	runs := 0
	for _, block := range fencedBlocks(t) {
		match := command.FindStringSubmatch(block.text)
		if match == nil {
			continue
		}
		runs++
		e := runFiles(t, "docs", map[string]string{"docs/main.tf": `data "wingspan_event_names" "all" {}`})
		e.w.Env = append(e.w.Env, match[1])
		e.wantOutput(mustExit(t, e.w, 0, match[2]).Output, "Wingspan API request: ")
	}
	if runs == 0 {
		t.Error("no page has a command that logs requests")
	}
}
