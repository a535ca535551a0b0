package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// acceptedLifetime is how long after a plan its apply is expected.
const acceptedLifetime = 4 * time.Hour

// acceptedDuplicates is what earlier plans on this machine accepted as a duplicate. Terraform before 1.16, and OpenTofu, discard
// what a plan decides and plan again when applying, where nothing shows that a webhook is being replaced with
// create_before_destroy: its state isn't read, and the new object is planned from nothing. The files are empty, and their names are hashes.
type acceptedDuplicates struct{ dir, server string }

// newAcceptedDuplicates keeps them below the cache directory, or nowhere if that is empty.
func newAcceptedDuplicates(cacheDir, server string) acceptedDuplicates {
	if cacheDir == "" {
		return acceptedDuplicates{}
	}

	return acceptedDuplicates{dir: filepath.Join(cacheDir, "terraform-provider-wingspan", "accepted"), server: server}
}

// prefix is the part of a file's name that the existing webhook decides.
func (a acceptedDuplicates) prefix(id string) string {
	sum := sha256.Sum256([]byte(a.server + "\x00" + id))

	return hex.EncodeToString(sum[:16]) + "-"
}

// file names what was accepted: in this directory, and for this URL and these events only, so that no other configuration profits from it.
func (a acceptedDuplicates) file(id string, w *wanted) string {
	directory, _ := os.Getwd() // Without one, all runs without one share their notes.
	sum := sha256.Sum256([]byte(strings.Join(append([]string{directory, w.account, wingspan.CanonicalURL(w.url)}, w.events...), "\x00")))

	return filepath.Join(a.dir, a.prefix(id)+hex.EncodeToString(sum[:16]))
}

// remember is best effort: without it, the apply reports a duplicate, and changes nothing.
func (a acceptedDuplicates) remember(id string, w *wanted) {
	if a.dir == "" || os.MkdirAll(a.dir, 0o700) != nil {
		return
	}
	a.clean()
	_ = os.WriteFile(a.file(id, w), nil, 0o600)
}

func (a acceptedDuplicates) remembers(id string, w *wanted) bool {
	if a.dir == "" {
		return false
	}
	info, err := os.Stat(a.file(id, w))

	return err == nil && time.Since(info.ModTime()) < acceptedLifetime
}

// forget is for webhooks that were deleted, or beside which the planned one was created.
func (a acceptedDuplicates) forget(ids ...string) {
	if a.dir == "" {
		return
	}
	for _, id := range ids {
		files, _ := filepath.Glob(filepath.Join(a.dir, a.prefix(id)+"*"))
		for _, file := range files {
			_ = os.Remove(file)
		}
	}
}

// clean removes what no apply came for.
func (a acceptedDuplicates) clean() {
	entries, _ := os.ReadDir(a.dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) >= acceptedLifetime {
			_ = os.Remove(filepath.Join(a.dir, e.Name()))
		}
	}
}
