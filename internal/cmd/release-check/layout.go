package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const project = "terraform-provider-wingspan"

// release is a directory in which goreleaser built, and what should be in it.
type release struct {
	dist, version, commit string
	platforms             []platform
	manifest              string // the file that is published under manifestName()
	key                   signer
	sboms                 bool // whether there has to be one for each zip
}

func (r release) prefix() string               { return project + "_" + r.version + "_" }
func (r release) zipName(p platform) string    { return r.prefix() + p.String() + ".zip" }
func (r release) sumsName() string             { return r.prefix() + "SHA256SUMS" }
func (r release) manifestName() string         { return r.prefix() + "manifest.json" }
func (r release) binaryName(p platform) string { return project + "_v" + r.version + p.exe() }

// check verifies what the registries and the CLIs rely on. The binary for this machine's platform is run.
func (r release) check(ctx context.Context, log progress, here platform) error {
	if err := r.checkNames(); err != nil {
		return err
	}
	log.ok("the files have the names that the registries ask for, and there are no others")

	if err := r.checkManifest(); err != nil {
		return err
	}
	log.ok("%s is valid: protocol %s", r.manifestName(), protocol)

	if err := r.checkSums(); err != nil {
		return err
	}
	log.ok("%s lists exactly %d zip(s) and the manifest, and their hashes match", r.sumsName(), len(r.platforms))

	sums := filepath.Join(r.dist, r.sumsName())
	if err := r.key.verify(ctx, sums+".sig", sums); err != nil {
		return err
	}
	log.ok("%s.sig is a binary signature by %s", r.sumsName(), r.key.fingerprint)

	for _, p := range r.platforms {
		if err := r.checkZip(p); err != nil {
			return err
		}
	}
	log.ok("each zip holds LICENSE and an executable %s", r.binaryName(platform{}))

	if !slices.Contains(r.platforms, here) {
		log.note("this machine's platform, %s, is not among those built: no binary was run", here)

		return nil
	}

	return r.checkBinary(ctx, log, here)
}

func (r release) checkNames() error {
	want := map[string]bool{r.sumsName(): true, r.sumsName() + ".sig": true}
	allowed := map[string]bool{"artifacts.json": true, "metadata.json": true, "config.yaml": true}
	for _, p := range r.platforms {
		want[r.zipName(p)] = true
		if r.sboms {
			want[r.zipName(p)+".sbom.json"] = true
		}
	}

	entries, err := os.ReadDir(r.dist)
	if err != nil {
		return fmt.Errorf("look at what was built: %w", err)
	}
	var unexpected []string
	for _, entry := range entries {
		// The directories are where goreleaser builds the binaries.
		if entry.IsDir() || allowed[entry.Name()] {
			continue
		}
		if !want[entry.Name()] {
			unexpected = append(unexpected, entry.Name())
		}
		delete(want, entry.Name())
	}
	if missing := slices.Sorted(maps.Keys(want)); len(missing)+len(unexpected) > 0 {
		return fmt.Errorf("the names in the release are not those that the registries ask for\n  missing: %s\n  unexpected: %s\nCorrect the name templates in %s",
			strings.Join(missing, ", "), strings.Join(unexpected, ", "), configName)
	}

	return nil
}

// protocol is what main.go serves.
const protocol = "6.0"

func (r release) checkManifest() error {
	text, err := os.ReadFile(r.manifest)
	if err != nil {
		return fmt.Errorf("read the registry manifest: %w", err)
	}
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&manifest); err != nil {
		return fmt.Errorf("read %s: %w", manifestName, err)
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{protocol}) {
		return fmt.Errorf("%s says version %d and protocols %v: it has to say version 1 and protocol %s, which the provider serves",
			manifestName, manifest.Version, manifest.Metadata.ProtocolVersions, protocol)
	}

	return nil
}

func (r release) checkSums() error {
	files := map[string]string{r.manifestName(): r.manifest}
	for _, p := range r.platforms {
		files[r.zipName(p)] = filepath.Join(r.dist, r.zipName(p))
	}

	file, err := os.Open(filepath.Join(r.dist, r.sumsName()))
	if err != nil {
		return fmt.Errorf("read the checksums: %w", err)
	}
	defer file.Close()
	var problems []error
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		path, known := files[name]
		delete(files, name)
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("%q is not a hash, two blanks and a name", lines.Text()))
		case !known:
			problems = append(problems, fmt.Errorf("%s does not belong there, or twice", name))
		default:
			problems = append(problems, checkSum(path, sum))
		}
	}
	problems = append(problems, lines.Err())
	for _, name := range slices.Sorted(maps.Keys(files)) {
		problems = append(problems, fmt.Errorf("%s is missing", name))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%s is wrong, and the registries would refuse the release:\n%w", r.sumsName(), err)
	}

	return nil
}

func checkSum(path, want string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("%s has the hash %s, not %s", filepath.Base(path), got, want)
	}

	return nil
}
