package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const changelogName = "CHANGELOG.md"

// preflight checks, before anything is built or published, what a release of the tag needs.
func preflight(ctx context.Context, log progress, repo repository, key signer, o options) error {
	version, err := versionOf(o.tag)
	if err != nil {
		return err
	}
	log.ok("%s is a version", o.tag)

	if err := repo.clean(ctx); err != nil {
		return err
	}
	head, err := repo.head(ctx)
	if err != nil {
		return err
	}
	exists, err := repo.tagged(ctx, o.tag)
	if err != nil {
		return err
	}
	log.ok("the tree is clean at commit %.12s", head)
	if !exists {
		log.note("there is no tag %s yet: it would name this commit", o.tag)
	}

	notes, err := notesFor(filepath.Join(repo.root, changelogName), version)
	if err != nil {
		return err
	}
	log.ok("%s tells what is in %s", changelogName, version)

	if err := key.check(ctx); err != nil {
		return err
	}
	log.ok("the signing key %s is there and signs", key.fingerprint)

	if o.notes == "" {
		return nil
	}
	if err := os.WriteFile(o.notes, []byte(notes), 0o600); err != nil {
		return fmt.Errorf("write the release notes: %w", err)
	}
	log.ok("the release notes are in %s", o.notes)

	return nil
}

// versionPattern is what both registries take. They allow no build metadata.
var versionPattern = regexp.MustCompile(`^v((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)$`)

func versionOf(tag string) (string, error) {
	match := versionPattern.FindStringSubmatch(tag)
	if match == nil {
		return "", fmt.Errorf("the tag %q is no version that the registries take: they want v1.2.3 or v1.2.3-beta1\n"+
			"Delete it (git tag -d %[1]s; git push --delete origin %[1]s) and push a tag of that form", tag)
	}

	return match[1], nil
}

// notesFor returns what stands below the version's heading: "## 1.2.3", "## [1.2.3]" or "## v1.2.3", with anything after it.
func notesFor(path, version string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the changelog: %w\nThe release notes come from it", err)
	}
	heading := regexp.MustCompile(`^## \[?v?` + regexp.QuoteMeta(version) + `\]?(\s|$)`)
	var notes strings.Builder
	var inside, found bool
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") {
			inside = heading.MatchString(strings.TrimSpace(line))
			found = found || inside

			continue
		}
		if inside {
			notes.WriteString(line)
		}
	}

	switch body := strings.TrimSpace(notes.String()); {
	case !found:
		return "", fmt.Errorf("%s has no section for %s\nGive what is unreleased the heading \"## %[2]s - YYYY-MM-DD\", and commit that before the tag",
			changelogName, version)
	case body == "":
		return "", fmt.Errorf("the section for %s in %s is empty\nSay there what a user sees and has to do, and commit that before the tag", version, changelogName)
	default:
		return body + "\n", nil
	}
}
