package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// madeRelease is what goreleaser would leave for two platforms. No binary in it can be run.
type madeRelease struct {
	release

	t *testing.T
}

func makeRelease(t *testing.T, key signer) madeRelease {
	t.Helper()
	dir := t.TempDir()
	r := madeRelease{t: t, release: release{
		dist: filepath.Join(dir, "dist"), version: "1.2.3", commit: "abc", key: key, sboms: true,
		platforms: []platform{{"linux", "arm"}, {"windows", "386"}}, manifest: filepath.Join(dir, manifestName),
	}}
	write(t, r.manifest, read(t, filepath.Join(here(t).root, manifestName)))
	for _, p := range r.platforms {
		write(t, filepath.Join(r.dist, r.zipName(p)+".sbom.json"), "{}")
		r.zip(p, 0o755, "LICENSE", r.binaryName(p))
	}
	write(t, filepath.Join(r.dist, "metadata.json"), "{}")
	write(t, filepath.Join(r.dist, "provider_linux_arm_6", r.binaryName(r.platforms[0])), "a binary\n")
	r.sign(r.sums())

	return r
}

func (r madeRelease) path(name string) string { return filepath.Join(r.dist, name) }

func (r madeRelease) zip(p platform, mode fs.FileMode, names ...string) {
	r.t.Helper()
	file, err := os.Create(r.path(r.zipName(p)))
	if err != nil {
		r.t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	for _, name := range names {
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			r.t.Fatal(err)
		}
		if _, err := io.WriteString(entry, "what is in "+name+"\n"); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// sums is what should stand in SHA256SUMS, line by line.
func (r madeRelease) sums() []string {
	r.t.Helper()
	lines := []string{fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(read(r.t, r.manifest))), r.manifestName())}
	for _, p := range r.platforms {
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(read(r.t, r.path(r.zipName(p))))), r.zipName(p)))
	}

	return lines
}

func (r madeRelease) sign(sums []string) {
	r.t.Helper()
	path := r.path(r.sumsName())
	write(r.t, path, strings.Join(sums, ""))
	if _, err := r.key.gpg(r.t.Context(), "--yes", "--local-user", r.key.fingerprint, "--detach-sign", path); err != nil {
		r.t.Fatal(err)
	}
}

func (r madeRelease) remove(name string) {
	r.t.Helper()
	if err := os.Remove(r.path(name)); err != nil {
		r.t.Fatal(err)
	}
}

func TestAReleaseThatIsRightPasses(t *testing.T) {
	t.Parallel()
	r := makeRelease(t, newSigner(t, "rsa2048", ""))
	var out strings.Builder
	if err := r.check(t.Context(), progress{&out}, platform{"plan9", "amd64"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "exactly 2 zip(s) and the manifest") || !strings.Contains(out.String(), "no binary was run") {
		t.Errorf("printed\n%s", out.String())
	}
}

func TestWhatTheRegistriesWouldRefuseIsFound(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "rsa2048", "")
	linux, windows := platform{"linux", "arm"}, platform{"windows", "386"}

	for _, tt := range []struct {
		name  string
		spoil func(madeRelease)
		want  []string
	}{
		{
			"a platform is missing",
			func(r madeRelease) { r.remove(r.zipName(linux)) },
			[]string{"missing: terraform-provider-wingspan_1.2.3_linux_arm.zip\n", "name templates in .goreleaser.yml"},
		},
		{
			"a zip has goreleaser's own name",
			func(r madeRelease) {
				write(r.t, r.path("terraform-provider-wingspan_1.2.3_linux_armv6.zip"), "zip")
			},
			[]string{"unexpected: terraform-provider-wingspan_1.2.3_linux_armv6.zip\n"},
		},
		{
			"an SBOM is missing",
			func(r madeRelease) { r.remove(r.zipName(windows) + ".sbom.json") },
			[]string{"missing: terraform-provider-wingspan_1.2.3_windows_386.zip.sbom.json\n"},
		},
		{
			"the signature is missing",
			func(r madeRelease) { r.remove(r.sumsName() + ".sig") },
			[]string{"missing: terraform-provider-wingspan_1.2.3_SHA256SUMS.sig\n"},
		},
		{
			"the manifest names protocol 5",
			func(r madeRelease) {
				write(r.t, r.manifest, strings.ReplaceAll(read(r.t, r.manifest), "6.0", "5.0"))
			},
			[]string{"protocols [5.0]", "protocol 6.0"},
		},
		{
			"the manifest is misspelt",
			func(r madeRelease) {
				write(r.t, r.manifest, strings.ReplaceAll(read(r.t, r.manifest), "protocol_versions", "protocols"))
			},
			[]string{manifestName, `unknown field "protocols"`},
		},
		{
			"a zip was changed after it was hashed",
			func(r madeRelease) {
				r.zip(linux, 0o755, "LICENSE", "another")
			},
			[]string{"terraform-provider-wingspan_1.2.3_linux_arm.zip has the hash"},
		},
		{
			"an SBOM is among the checksums",
			func(r madeRelease) { r.sign(append(r.sums(), strings.Repeat("0", 64)+"  x.sbom.json\n")) },
			[]string{"x.sbom.json does not belong there"},
		},
		{
			"a zip is twice among the checksums",
			func(r madeRelease) {
				r.sign(append(r.sums(), r.sums()[1]))
			},
			[]string{"terraform-provider-wingspan_1.2.3_linux_arm.zip does not belong there, or twice"},
		},
		{
			"the manifest is not among the checksums",
			func(r madeRelease) {
				r.sign(r.sums()[1:])
			},
			[]string{"terraform-provider-wingspan_1.2.3_manifest.json is missing"},
		},
		{
			"the checksums are in another form",
			func(r madeRelease) {
				r.sign(strings.SplitAfter(strings.ReplaceAll(strings.Join(r.sums(), ""), "  ", " *"), "\n"))
			},
			[]string{"is not a hash, two blanks and a name"},
		},
		{
			"the checksums were changed after they were signed",
			func(r madeRelease) {
				lines := r.sums()
				slices.Reverse(lines)
				write(r.t, r.path(r.sumsName()), strings.Join(lines, ""))
			},
			[]string{"the signature of terraform-provider-wingspan_1.2.3_SHA256SUMS is bad"},
		},
		{
			"the binary cannot be executed",
			func(r madeRelease) {
				r.zip(linux, 0o644, "LICENSE", r.binaryName(linux))
				r.sign(r.sums())
			},
			[]string{"linux_arm.zip", "terraform-provider-wingspan_v1.2.3 has mode -rw-r--r--"},
		},
		{
			"the binary has another name",
			func(r madeRelease) {
				r.zip(windows, 0o755, "LICENSE", r.binaryName(linux))
				r.sign(r.sums())
			},
			[]string{"windows_386.zip holds", "want [LICENSE terraform-provider-wingspan_v1.2.3.exe]"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := makeRelease(t, key)
			tt.spoil(r)
			wantError(t, r.check(t.Context(), progress{io.Discard}, platform{"plan9", "amd64"}), tt.want...)
		})
	}
}
