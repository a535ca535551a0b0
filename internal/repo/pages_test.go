package repo

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestThePagesNameWhatExists holds the make targets, files and tests that stand in code spans against the tree.
func TestThePagesNameWhatExists(t *testing.T) {
	t.Parallel()
	tree, makefile := files(t), file(t, "GNUmakefile")
	span, command := regexp.MustCompile("`([^`\n]+)`"), regexp.MustCompile(`^make ([a-z -]+)`)
	for _, page := range []string{"README.md", "CONTRIBUTING.md"} {
		seen := 0
		for _, match := range span.FindAllStringSubmatch(file(t, page), -1) {
			name := match[1]
			switch {
			case command.MatchString(name):
				seen++
				for target := range strings.FieldsSeq(command.FindStringSubmatch(name)[1]) {
					if !strings.Contains(makefile, "\n"+target+":") {
						t.Errorf("%s names make %s, and GNUmakefile has no such target", page, target)
					}
				}
			case strings.HasPrefix(name, "internal/") || strings.HasSuffix(name, ".go") && !strings.Contains(name, " "):
				seen++
				if !anyFile(tree, name) {
					t.Errorf("%s names %s, and there is no such file", page, name)
				}
			case regexp.MustCompile(`^Test\w+$`).MatchString(name):
				seen++
				if !anyTest(tree, name) {
					t.Errorf("%s names %s, and there is no such test", page, name)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s names nothing that can be checked: are its code spans still read?", page)
		}
	}
}

// anyFile takes a directory, a path, or the pattern of a name.
func anyFile(tree map[string][]byte, pattern string) bool {
	for name := range tree {
		whole, err := path.Match(pattern, name)
		base, _ := path.Match(pattern, path.Base(name))
		if err == nil && (whole || base) || strings.HasPrefix(name, pattern+"/") {
			return true
		}
	}

	return false
}

func anyTest(tree map[string][]byte, name string) bool {
	for file, content := range tree {
		if strings.HasSuffix(file, "_test.go") && bytes.Contains(content, []byte("\nfunc "+name+"(")) {
			return true
		}
	}

	return false
}
