package repo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	released = regexp.MustCompile(`^## v?\[?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\]? - \d{4}-\d{2}-\d{2}$`)

	kinds = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
)

// changelogProblems holds a changelog against the form that releases and readers rely on.
func changelogProblems(text string) []string {
	var problems []string
	complain := func(line int, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("CHANGELOG.md:%d: ", line)+fmt.Sprintf(format, args...))
	}
	sections, kind := 0, ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			sections++
			kind = ""
			if line == "## Unreleased" && sections > 1 {
				complain(i+1, "what is unreleased comes first")
			}
			if line != "## Unreleased" && !released.MatchString(line) {
				complain(i+1, `%q is neither "## Unreleased" nor like "## 1.2.3 - 2026-01-31"`, line)
			}
		case strings.HasPrefix(line, "### "):
			kind = strings.TrimPrefix(line, "### ")
			if !slices.Contains(kinds, kind) {
				complain(i+1, "%q is none of %s", kind, strings.Join(kinds, ", "))
			}
		case strings.HasPrefix(line, "- ") && kind == "":
			complain(i+1, "an entry stands below none of %s", strings.Join(kinds, ", "))
		case strings.HasPrefix(line, "- ") && sections == 0:
			complain(i+1, "an entry stands before the first version")
		}
	}
	if sections == 0 {
		complain(1, `there is no "## Unreleased" and no version`)
	}

	return problems
}

func TestTheChangelogHasItsForm(t *testing.T) {
	t.Parallel()
	for _, problem := range changelogProblems(file(t, "CHANGELOG.md")) {
		t.Error(problem)
	}
}

func TestAWrongChangelogIsTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"# Changelog\n": `no "## Unreleased"`,
		"## Unreleased\n\n### Added\n\n- A.\n\n## 1.0.0 - 2026-01-31\n### Fixed\n- B": "",
		"## 1.0.0-beta1 - 2026-01-31\n":                                               "",
		"## 1.0.0\n":                                                                  `"## 1.0.0" is neither`,
		"## 1.0 - 2026-01-31\n":                                                       "is neither",
		"## 1.0.0 - 31.1.2026\n":                                                      "is neither",
		"## (Unreleased)\n":                                                           "is neither",
		"## 1.0.0 - 2026-01-31\n## Unreleased\n":                                      "comes first",
		"## Unreleased\n### New\n":                                                    `"New" is none of Added`,
		"## Unreleased\n- A.\n":                                                       "below none of",
	} {
		problems := changelogProblems(text)
		switch {
		case want == "" && len(problems) > 0:
			t.Errorf("%q: %q", text, problems)
		case want != "" && (len(problems) != 1 || !strings.Contains(problems[0], want)):
			t.Errorf("%q: got %q, want one problem with %q", text, problems, want)
		}
	}
}
