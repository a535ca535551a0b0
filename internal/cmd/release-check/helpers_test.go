package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// here is the repository that these tests are part of.
func here(t *testing.T) repository {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}

	return repository{root}
}

// newRepository makes a git repository with one commit that holds these files.
func newRepository(t *testing.T, files map[string]string) repository {
	t.Helper()
	repo := repository{t.TempDir()}
	git(t, repo, "init", "-q")
	for name, content := range files {
		write(t, filepath.Join(repo.root, name), content)
	}
	git(t, repo, "add", "-A")
	commit(t, repo)

	return repo
}

func commit(t *testing.T, repo repository) {
	t.Helper()
	git(t, repo, "-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid", "-c", "commit.gpgsign=false",
		"commit", "-q", "--allow-empty", "-m", "Change something")
}

func git(t *testing.T, repo repository, args ...string) string {
	t.Helper()
	out, err := repo.git(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}

	return out
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return string(content)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// needGPG skips where releases are not made: Git for Windows brings a gpg that wants other paths than Go's.
func needGPG(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("releases are not made on Windows")
	}
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip("needs gpg, which is not on PATH")
	}
}

// newSigner makes a throw-away key of that kind. The options go to gpg.
func newSigner(t *testing.T, kind, passphrase string, options ...string) signer {
	t.Helper()
	needGPG(t)
	ring := emptyKeyring(t)
	fingerprint, err := ring.generate(t.Context(), kind, passphrase, options...)
	if err != nil {
		t.Fatal(err)
	}

	return signer{ring, fingerprint}
}

func emptyKeyring(t *testing.T) keyring {
	t.Helper()
	needGPG(t)
	ring, err := newKeyring()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ring.close(); err != nil {
			t.Error(err)
		}
	})

	return ring
}

// wantError asserts that the message holds each of the parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
}
