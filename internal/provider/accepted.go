package provider

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// acceptedLifetime is how long after a plan its apply is expected.
const acceptedLifetime = 4 * time.Hour

// acceptedDuplicates is what earlier plans on this machine accepted as a duplicate. Terraform before 1.16, and OpenTofu, discard
// what a plan decides and plan again when applying, where nothing shows that a webhook is being replaced with
// create_before_destroy: its state isn't read, and the new object is planned from nothing. The files are empty, and their names are hashes.
type acceptedDuplicates struct {
	// dirs are where a file may be. A new one is written to the first of them that can be written to.
	dirs   []string
	server string
}

// newAcceptedDuplicates keeps them below the given directories, of which empty ones don't count.
func newAcceptedDuplicates(server string, below ...string) acceptedDuplicates {
	a := acceptedDuplicates{server: server}
	for _, dir := range below {
		if dir != "" {
			a.dirs = append(a.dirs, filepath.Join(dir, "terraform-provider-wingspan", "accepted"))
		}
	}

	return a
}

// terraformDataDir is where Terraform and OpenTofu keep what `init` installed, or empty where there is no such directory.
func terraformDataDir(getenv func(string) string) string {
	dir := cmp.Or(getenv("TF_DATA_DIR"), ".terraform")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}

	return dir
}

// prefix is the part of a file's name that the existing webhook decides.
func (a acceptedDuplicates) prefix(id string) string {
	sum := sha256.Sum256([]byte(a.server + "\x00" + id))

	return hex.EncodeToString(sum[:16]) + "-"
}

// name is of what was accepted: in this directory, and for this URL and these events only, so that no other configuration profits from it.
func (a acceptedDuplicates) name(id string, w *wanted) string {
	directory, _ := os.Getwd() // Without one, all runs without one share their notes.
	sum := sha256.Sum256([]byte(strings.Join(append([]string{directory, w.account, wingspan.CanonicalURL(w.url)}, w.events...), "\x00")))

	return a.prefix(id) + hex.EncodeToString(sum[:16])
}

// remember is best effort: without it, the apply reports a duplicate, and changes nothing.
func (a acceptedDuplicates) remember(id string, w *wanted) {
	for _, dir := range a.dirs {
		if os.MkdirAll(dir, 0o700) != nil {
			continue
		}
		removeExpired(dir)
		if os.WriteFile(filepath.Join(dir, a.name(id, w)), nil, 0o600) == nil {
			return
		}
	}
}

func (a acceptedDuplicates) remembers(id string, w *wanted) bool {
	return slices.ContainsFunc(a.dirs, func(dir string) bool {
		info, err := os.Stat(filepath.Join(dir, a.name(id, w)))

		return err == nil && time.Since(info.ModTime()) < acceptedLifetime
	})
}

// forget is for webhooks that were deleted, or beside which the planned one was created.
func (a acceptedDuplicates) forget(ids ...string) {
	for _, dir := range a.dirs {
		for _, id := range ids {
			files, _ := filepath.Glob(filepath.Join(dir, a.prefix(id)+"*"))
			for _, file := range files {
				_ = os.Remove(file)
			}
		}
	}
}

// removeExpired removes what no apply came for.
func removeExpired(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) >= acceptedLifetime {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
