package main

import (
	"context"
	"path/filepath"
	"runtime"
)

// verifyTag looks at a release that goreleaser has built and signed, before it is published.
func verifyTag(ctx context.Context, log progress, repo repository, key signer, o options) error {
	version, err := versionOf(o.tag)
	if err != nil {
		return err
	}
	head, err := repo.head(ctx)
	if err != nil {
		return err
	}
	r := release{
		dist: o.verify, version: version, commit: head, platforms: platforms,
		manifest: filepath.Join(repo.root, manifestName), key: key, sboms: true,
	}

	return r.check(ctx, log, platform{runtime.GOOS, runtime.GOARCH})
}
