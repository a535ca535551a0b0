package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

var (
	fence      = regexp.MustCompile("(?ms)^ *```.*?^ *```\\s*$")
	codeSpan   = regexp.MustCompile("`[^`\n]*`")
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)(?:\s+"[^"]*")?\)`)
	refLink    = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s*(\S+)`)
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	anchorTag  = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	linkText   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// registryDocs and repositoryFiles are where the pages and the files of this repository can be read. The registry serves
// nothing else of the repository, so that pages have to name other files by their full address.
func registryDocs() string {
	host, rest, _ := strings.Cut(provider.Address, "/")

	return "https://" + host + "/providers/" + rest + "/latest/docs"
}

func repositoryFiles() string {
	return "https://github.com/" + path.Base(path.Dir(provider.Address)) + "/terraform-provider-wingspan/blob/main"
}

// brokenLinks follows the links of the pages, of the examples' texts and of the texts at the root, as far as they lead to this repository.
func brokenLinks(root string) ([]string, error) {
	pages, err := markdownFiles(root)
	if err != nil {
		return nil, err
	}

	var problems []string
	for _, page := range slices.Sorted(slices.Values(pages)) {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
		if err != nil {
			return nil, err
		}
		for _, link := range linksIn(string(data)) {
			if problem := checkLink(root, page, link); problem != "" {
				problems = append(problems, fmt.Sprintf("%s links to %s, %s", page, link, problem))
			}
		}
	}

	return problems, nil
}

func markdownFiles(root string) ([]string, error) {
	pages, err := fs.Glob(os.DirFS(root), "*.md")
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{docsDir, "examples", ".github"} {
		files, err := readTree(filepath.Join(root, folder))
		if err != nil {
			return nil, err
		}
		for name := range files {
			if strings.HasSuffix(name, ".md") {
				pages = append(pages, path.Join(folder, name))
			}
		}
	}

	return pages, nil
}

func linksIn(text string) []string {
	text = codeSpan.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
	var links []string
	for _, pattern := range []*regexp.Regexp{inlineLink, refLink} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			links = append(links, match[1])
		}
	}

	return links
}

// checkLink returns a problem that finishes the sentence "… links to …,".
func checkLink(root, page, link string) string {
	target, anchor, _ := strings.Cut(link, "#")
	// GitHub shows folders at another address than files.
	target = strings.Replace(target, strings.Replace(repositoryFiles(), "/blob/", "/tree/", 1)+"/", repositoryFiles()+"/", 1)
	inDocs := strings.HasPrefix(page, docsDir+"/")
	var file string
	switch docs, repository := registryDocs(), repositoryFiles(); {
	case target == "":
		file = page
	case target == docs:
		file = docsDir + "/index.md"
	case strings.HasPrefix(target, docs+"/"):
		file = docsDir + "/" + strings.TrimPrefix(target, docs+"/") + ".md"
	case strings.HasPrefix(target, repository+"/"):
		file = strings.TrimPrefix(target, repository+"/")
	case strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:"):
		return ""
	case page == docsDir+"/index.md":
		return "and the registry resolves relative links of the index one folder too high: begin it with " + docs
	default:
		unescaped, err := url.PathUnescape(target)
		if err != nil {
			return "which is no URL"
		}
		file = path.Join(path.Dir(page), unescaped)
		if inDocs && !strings.HasPrefix(file, docsDir+"/") {
			return "which the registry does not serve: begin it with " + repository
		}
	}

	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		if info, statErr := os.Stat(filepath.Join(root, filepath.FromSlash(file))); statErr == nil && info.IsDir() {
			return ""
		}

		return "and there is no file " + file
	}
	if anchor != "" && strings.HasSuffix(file, ".md") && !slices.Contains(anchorsIn(string(data)), anchor) {
		return fmt.Sprintf("and %s has no heading for #%s", file, anchor)
	}

	return ""
}

// anchorsIn makes anchors of headings as GitHub does; the registries do the same.
func anchorsIn(text string) []string {
	var anchors []string
	for _, match := range anchorTag.FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, match[1])
	}
	seen := map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := slugOf(linkText.ReplaceAllString(match[1], "$1"))
		n := seen[slug]
		seen[slug]++
		if n > 0 {
			slug = fmt.Sprintf("%s-%d", slug, n)
		}
		anchors = append(anchors, slug)
	}

	return anchors
}

func slugOf(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, title)
}
