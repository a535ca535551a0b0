package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"
)

// acceptedLifetime is for how long a plan is expected to be applied.
const acceptedLifetime = 24 * time.Hour

// acceptedDuplicates is what earlier plans on this machine accepted as a duplicate. Terraform before 1.16, and OpenTofu, discard
// what a plan decides and plan again when applying, where nothing shows that a webhook is being replaced with
// create_before_destroy: its state isn't read, and the new object is planned from nothing. The files are empty, and their names are hashes.
type acceptedDuplicates struct{ dir string }

// newAcceptedDuplicates keeps them below the user's cache directory, or nowhere if there is none.
func newAcceptedDuplicates(cacheDir string) acceptedDuplicates {
	if cacheDir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return acceptedDuplicates{}
		}
		cacheDir = dir
	}

	return acceptedDuplicates{dir: filepath.Join(cacheDir, "terraform-provider-wingspan", "accepted")}
}

func (a acceptedDuplicates) file(server, id string) string {
	sum := sha256.Sum256([]byte(server + "\x00" + id))

	return filepath.Join(a.dir, hex.EncodeToString(sum[:]))
}

// remember is best effort: without it, the apply reports a duplicate, and changes nothing.
func (a acceptedDuplicates) remember(server, id string) {
	if a.dir == "" || os.MkdirAll(a.dir, 0o700) != nil {
		return
	}
	a.clean()
	_ = os.WriteFile(a.file(server, id), nil, 0o600)
}

func (a acceptedDuplicates) remembers(server, id string) bool {
	if a.dir == "" {
		return false
	}
	info, err := os.Stat(a.file(server, id))

	return err == nil && time.Since(info.ModTime()) < acceptedLifetime
}

// forget is for what is no duplicate any more, or was made one.
func (a acceptedDuplicates) forget(server string, ids ...string) {
	for _, id := range ids {
		if a.dir != "" {
			_ = os.Remove(a.file(server, id))
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
