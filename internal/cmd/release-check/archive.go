package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func (r release) checkZip(p platform) error {
	archive, err := zip.OpenReader(filepath.Join(r.dist, r.zipName(p)))
	if err != nil {
		return fmt.Errorf("open %s: %w", r.zipName(p), err)
	}
	defer archive.Close()

	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
		if file.Name == r.binaryName(p) && (file.Mode().Perm() != 0o755 || file.UncompressedSize64 == 0) {
			return fmt.Errorf("%s: %s has mode %s and %d bytes: the CLIs could not run it", r.zipName(p), file.Name, file.Mode(), file.UncompressedSize64)
		}
	}
	slices.Sort(names)
	if want := []string{"LICENSE", r.binaryName(p)}; !slices.Equal(names, want) {
		return fmt.Errorf("%s holds %v, want %v: correct the archives in %s", r.zipName(p), names, want, configName)
	}

	return nil
}

// checkBinary runs it, since only that shows whether the linker's flags reached the variables.
func (r release) checkBinary(ctx context.Context, log progress, here platform) (err error) {
	dir, err := os.MkdirTemp("", "release-check")
	if err != nil {
		return fmt.Errorf("make a directory to unpack in: %w", err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, r.binaryName(here))
	if err := unpack(filepath.Join(r.dist, r.zipName(here)), r.binaryName(here), binary); err != nil {
		return fmt.Errorf("unpack %s: %w", r.zipName(here), err)
	}

	out, err := exec.CommandContext(ctx, binary, "-version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("run %s -version: %w\n%s", r.binaryName(here), err, out)
	}
	if got, want := strings.TrimSpace(string(out)), r.version+" "+r.commit; got != want {
		return fmt.Errorf("the binary says that it is %q, want %q: correct the ldflags in %s", got, want, configName)
	}
	log.ok("%s -version says %s", r.binaryName(here), strings.TrimSpace(string(out)))

	return nil
}

func unpack(archive, name, path string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer reader.Close()
	from, err := reader.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		_ = to.Close()

		return err
	}

	return to.Close()
}
