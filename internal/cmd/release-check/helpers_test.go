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

// madeRepository is a git repository that a test made for itself.
type madeRepository struct {
	repository

	t *testing.T
}

// makeRepository makes one with one commit that holds these files.
func makeRepository(t *testing.T, files map[string]string) madeRepository {
	t.Helper()
	r := madeRepository{repository{t.TempDir()}, t}
	r.do("init", "-q")
	for name, content := range files {
		r.write(name, content)
	}
	r.do("add", "-A")
	r.commit()

	return r
}

func (r madeRepository) write(name, content string) {
	r.t.Helper()
	write(r.t, filepath.Join(r.root, name), content)
}

func (r madeRepository) commit() {
	r.t.Helper()
	r.do("commit", "-q", "--allow-empty", "-m", "Change something")
}

func (r madeRepository) tag(name string) {
	r.t.Helper()
	r.do("tag", name)
}

// do runs git with what it needs for commits, and without the user's signatures.
func (r madeRepository) do(args ...string) {
	r.t.Helper()
	settings := []string{"-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"}
	if _, err := r.git(r.t.Context(), append(settings, args...)...); err != nil {
		r.t.Fatal(err)
	}
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
