package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// checkSnapshot goes the way of a release as far as that is possible without publishing: build, sign, verify, install.
func checkSnapshot(ctx context.Context, log progress, repo repository, o options) (err error) {
	goreleaser, err := findGoreleaser(repo, o.goreleaser)
	if err != nil {
		return err
	}
	if err := repo.clean(ctx); err != nil {
		return err
	}
	head, err := repo.head(ctx)
	if err != nil {
		return err
	}
	log.ok("the tree is clean at commit %.12s", head)

	scratch, err := os.MkdirTemp("", "release-check")
	if err != nil {
		return fmt.Errorf("make a directory to build in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	key, err := throwAwayKey(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, key.close()) }()
	log.ok("made the throw-away signing key %s", key.fingerprint)

	dist := filepath.Join(scratch, "dist")
	if o.dist != "" {
		if dist, err = emptyDirectory(o.dist); err != nil {
			return err
		}
	}
	here := platform{runtime.GOOS, runtime.GOARCH}
	wanted := []platform{here}
	if o.all {
		wanted = platforms
	}
	version, err := buildSnapshot(ctx, log, repo, snapshot{
		goreleaser: goreleaser, config: filepath.Join(scratch, "goreleaser.yml"), dist: dist,
		platforms: wanted, key: key,
	})
	if err != nil {
		return err
	}

	r := release{
		dist: dist, version: version, commit: head, platforms: wanted,
		manifest: filepath.Join(repo.root, manifestName), key: key, sboms: haveSyft(),
	}
	if err := r.check(ctx, log, here); err != nil {
		return err
	}
	if err := r.install(ctx, log, here, filepath.Join(scratch, "install")); err != nil {
		return err
	}
	if o.dist != "" {
		log.note("the snapshot is in %s", o.dist)
	}

	return nil
}

// emptyDirectory makes it if need be. goreleaser would delete what lies in it.
func emptyDirectory(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find -dist %s: %w", path, err)
	}
	if err := os.MkdirAll(absolute, 0o755); err != nil {
		return "", fmt.Errorf("make -dist %s: %w", path, err)
	}
	entries, err := os.ReadDir(absolute)
	if err != nil {
		return "", fmt.Errorf("look into -dist %s: %w", path, err)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("-dist %s is not empty: remove it, or name another directory", path)
	}

	return absolute, nil
}

func findGoreleaser(repo repository, path string) (string, error) {
	candidates := []string{path}
	if path == "" {
		// Where make installs it.
		candidates, _ = filepath.Glob(filepath.Join(repo.root, "bin", "goreleaser-*", "goreleaser"))
		candidates = append(candidates, "goreleaser")
	}
	for _, candidate := range candidates {
		if found, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(found)
		}
	}

	return "", fmt.Errorf("found no goreleaser (looked for %s)\n`make release-check` installs the right version into bin/; "+
		"or name one with -goreleaser", strings.Join(candidates, " and "))
}

// haveSyft tells whether goreleaser can make the SBOMs.
func haveSyft() bool {
	_, err := exec.LookPath("syft")

	return err == nil
}

type snapshot struct {
	goreleaser, config, dist string
	platforms                []platform
	key                      signer
}

// buildSnapshot returns the version that goreleaser gave it.
func buildSnapshot(ctx context.Context, log progress, repo repository, s snapshot) (string, error) {
	if err := writeConfig(repo, s.config, s.dist, s.platforms); err != nil {
		return "", err
	}
	args := []string{"release", "--snapshot", "--clean", "--config", s.config}
	if !haveSyft() {
		args = append(args, "--skip=sbom")
		log.note("no syft here: the release workflow makes the SBOMs")
	}
	cmd := exec.CommandContext(ctx, s.goreleaser, args...)
	cmd.Dir = repo.root
	cmd.Env = append(s.key.environ(), fingerprintVariable+"="+s.key.fingerprint)
	cmd.Env = append(cmd.Env, repo.withOrigin(ctx)...)
	// Interrupted, it has the compiler remove its temporary files; killed, it has not.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 10*time.Second
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the snapshot: %w\n%s", err, out)
	}

	text, err := os.ReadFile(filepath.Join(s.dist, "metadata.json"))
	if err != nil {
		return "", fmt.Errorf("find out what goreleaser built: %w", err)
	}
	var metadata struct{ Version string }
	if err := json.Unmarshal(text, &metadata); err != nil {
		return "", fmt.Errorf("find out what goreleaser built: read metadata.json: %w", err)
	}
	if metadata.Version == "" {
		return "", errors.New("find out what goreleaser built: metadata.json has no version")
	}
	log.ok("built the snapshot %s for %d of %d platforms in %s", metadata.Version, len(s.platforms), len(platforms), time.Since(start).Round(time.Second))

	return metadata.Version, nil
}
