package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const changelog = `# Changelog

## Unreleased

## 1.2.3 - 2030-01-31

- Something that a user sees.

### Fixes

- Another thing.

## [1.2.2] - 2029-12-01

- Older.

## 1.2.1

`

func TestTagsThatAreNoVersionAreRefused(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"v0.1.0": "0.1.0", "v1.2.3": "1.2.3", "v10.20.30": "10.20.30", "v1.2.3-beta1": "1.2.3-beta1", "v1.2.3-rc.1": "1.2.3-rc.1",
	} {
		if got, err := versionOf(tag); err != nil || got != want {
			t.Errorf("%s: version %q and error %v, want %q", tag, got, err, want)
		}
	}
	for _, tag := range []string{
		"", "v", "1.2.3", "v1", "v1.2", "v1.2.3.4", "V1.2.3", "v01.2.3", "v1.2.3-", "v1.2.3+build", "v1.2.3 ", "v1.2.x", "vnext", "release-1.2.3",
	} {
		_, err := versionOf(tag)
		wantError(t, err, "no version that the registries take", "v1.2.3", "git tag -d")
	}
}

func TestNotesAreTheVersionsSectionOfTheChangelog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), changelogName)
	write(t, path, changelog)
	for version, want := range map[string]string{
		"1.2.3": "- Something that a user sees.\n\n### Fixes\n\n- Another thing.\n", "1.2.2": "- Older.\n",
	} {
		if got, err := notesFor(path, version); err != nil || got != want {
			t.Errorf("%s: %q and error %v, want %q", version, got, err, want)
		}
	}

	_, err := notesFor(path, "1.2.4")
	wantError(t, err, "no section for 1.2.4", `the heading "## 1.2.4 - YYYY-MM-DD"`)
	_, err = notesFor(path, "1.2")
	wantError(t, err, "no section for 1.2\n")
	_, err = notesFor(path, "1.2.1")
	wantError(t, err, "section for 1.2.1", "is empty")
	_, err = notesFor(filepath.Join(t.TempDir(), changelogName), "1.2.3")
	wantError(t, err, "read the changelog")
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "rsa2048", "")
	ready := func(t *testing.T) madeRepository {
		t.Helper()

		return makeRepository(t, map[string]string{changelogName: changelog})
	}

	t.Run("passes before and after the tag is made, and writes the notes", func(t *testing.T) {
		t.Parallel()
		repo, notes := ready(t), filepath.Join(t.TempDir(), "notes.md")
		var out strings.Builder
		if err := preflight(t.Context(), progress{&out}, repo.repository, key, options{tag: "v1.2.3"}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "no tag v1.2.3 yet") {
			t.Errorf("printed\n%s", out.String())
		}

		repo.tag("v1.2.3")
		out.Reset()
		if err := preflight(t.Context(), progress{&out}, repo.repository, key, options{tag: "v1.2.3", notes: notes}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "yet") || !strings.HasPrefix(read(t, notes), "- Something that a user sees.") {
			t.Errorf("printed\n%s\nand wrote %q", out.String(), read(t, notes))
		}
	})

	for _, tt := range []struct {
		name   string
		tag    string
		key    signer
		spoil  func(madeRepository)
		advice []string
	}{
		{
			name: "a tag that is no version", tag: "v1.2", key: key,
			advice: []string{`"v1.2" is no version`, "git tag -d v1.2"},
		},
		{
			name: "a changed file", tag: "v1.2.3", key: key,
			spoil:  func(r madeRepository) { r.write(changelogName, changelog+"more\n") },
			advice: []string{"the work tree is dirty", changelogName, "Commit these files, or remove them"},
		},
		{
			name: "a file that git does not know", tag: "v1.2.3", key: key,
			spoil:  func(r madeRepository) { r.write("stray.go", "package stray\n") },
			advice: []string{"the work tree is dirty", "stray.go"},
		},
		{
			name: "a tag on another commit", tag: "v1.2.3", key: key,
			spoil: func(r madeRepository) {
				r.tag("v1.2.3")
				r.commit()
			},
			advice: []string{"the tag v1.2.3 names commit", "git checkout v1.2.3"},
		},
		{
			name: "a version that the changelog does not have", tag: "v1.3.0", key: key,
			advice: []string{"no section for 1.3.0"},
		},
		{
			name: "no signing key", tag: "v1.2.3", key: signer{keyring: key.keyring},
			advice: []string{"there is no signing key", fingerprintVariable, "Cut a release"},
		},
	} {
		t.Run("stops at "+tt.name, func(t *testing.T) {
			t.Parallel()
			repo := ready(t)
			if tt.spoil != nil {
				tt.spoil(repo)
			}
			notes := filepath.Join(t.TempDir(), "notes.md")
			err := preflight(t.Context(), progress{io.Discard}, repo.repository, tt.key, options{tag: tt.tag, notes: notes})
			wantError(t, err, tt.advice...)
		})
	}
}

func TestASnapshotOfADirtyTreeIsRefusedBeforeAnythingIsBuilt(t *testing.T) {
	t.Parallel()
	repo := makeRepository(t, map[string]string{"a.go": "package a\n"})
	repo.write("b.go", "package a\n")
	var out strings.Builder
	// Any program will do for goreleaser: it must not come to be run.
	err := checkSnapshot(t.Context(), progress{&out}, repo.repository, options{goreleaser: os.Args[0]})
	wantError(t, err, "dirty", "?? b.go", "Commit these files")
	if out.Len() > 0 {
		t.Errorf("printed %q", out.String())
	}
}

func TestWithoutGoreleaserItSaysHowToGetIt(t *testing.T) {
	t.Parallel()
	err := checkSnapshot(t.Context(), progress{io.Discard}, repository{t.TempDir()}, options{goreleaser: filepath.Join(t.TempDir(), "gone")})
	wantError(t, err, "found no goreleaser", "`make release-check` installs", "-goreleaser")
}

func TestALongListOfChangedFilesIsCut(t *testing.T) {
	t.Parallel()
	repo := makeRepository(t, nil)
	for _, name := range strings.Split("abcdefghijklm", "") {
		repo.write(name, "")
	}
	err := repo.clean(t.Context())
	wantError(t, err, "?? j", "… and 3 more")
	if strings.Contains(err.Error(), "?? k") {
		t.Error(err)
	}
}

func TestItSaysWhereToRunIt(t *testing.T) {
	t.Parallel()
	_, err := openRepository(t.Context(), t.TempDir())
	wantError(t, err, "Run this inside a git checkout")
}

func TestARepositoryWithoutARemoteGetsOneForGoreleaserAlone(t *testing.T) {
	t.Parallel()
	repo := makeRepository(t, nil)
	git := exec.CommandContext(t.Context(), "git", "ls-remote", "--get-url")
	git.Dir, git.Env = repo.root, append(os.Environ(), repo.withOrigin(t.Context())...)
	if out, err := git.Output(); err != nil || string(out) != "https://github.com/example/terraform-provider-wingspan.git\n" {
		t.Errorf("%v: %q", err, out)
	}
	repo.do("remote", "add", "origin", "https://example.invalid/ours.git")
	if env := repo.withOrigin(t.Context()); env != nil {
		t.Errorf("hides the remote that there is: %q", env)
	}
}
