package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// repository is the git work tree that is released.
type repository struct{ root string }

func openRepository(ctx context.Context, dir string) (repository, error) {
	root, err := repository{dir}.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return repository{}, fmt.Errorf("find the repository: %w\nRun this inside a git checkout of the provider", err)
	}

	return repository{root}, nil
}

// git returns what a git command printed, without the newline at its end.
func (r repository) git(ctx context.Context, args ...string) (string, error) {
	var complaint strings.Builder
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stderr = r.root, &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}

	return strings.TrimRight(string(out), "\n"), nil
}

func (r repository) head(ctx context.Context) (string, error) {
	return r.git(ctx, "rev-parse", "HEAD")
}

// withOrigin is what git needs in its environment to name a remote. Where there is none goreleaser takes the whole repository for
// none, and a snapshot's commit with it. Nothing is fetched from the address.
func (r repository) withOrigin(ctx context.Context) []string {
	if url, err := r.git(ctx, "config", "--get", "remote.origin.url"); err == nil && url != "" {
		return nil
	}

	return []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=remote.origin.url", "GIT_CONFIG_VALUE_0=https://github.com/example/terraform-provider-wingspan.git"}
}

// clean refuses a tree that is not what the commit holds: the commit in the binary would be a lie.
func (r repository) clean(ctx context.Context) error {
	changed, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed == "" {
		return nil
	}
	const shown = 10
	lines := strings.Split(changed, "\n")
	if len(lines) > shown {
		lines = append(lines[:shown], fmt.Sprintf("… and %d more", len(lines)-shown))
	}

	return fmt.Errorf("the work tree is dirty, so that a release of this commit would not be what lies here:\n  %s\n"+
		"Commit these files, or remove them, and run this again", strings.Join(lines, "\n  "))
}

// tagged refuses a tag that exists and names another commit. One that does not exist yet is about to be made.
func (r repository) tagged(ctx context.Context, tag string) (exists bool, err error) {
	found, err := r.git(ctx, "tag", "--list", tag)
	if err != nil || found == "" {
		return false, err
	}
	commit, err := r.git(ctx, "rev-parse", "refs/tags/"+tag+"^{commit}")
	if err != nil {
		return false, err
	}
	head, err := r.head(ctx)
	if err != nil {
		return false, err
	}
	if commit != head {
		return false, fmt.Errorf("the tag %s names commit %.12s, but %.12s is checked out\n"+
			"Check out the tag (git checkout %s), or choose a version that has no tag yet", tag, commit, head, tag)
	}

	return true, nil
}
