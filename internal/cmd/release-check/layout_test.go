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

// built makes what goreleaser would leave for two platforms, signed. No binary in it can be run.
func built(t *testing.T, key signer) release {
	t.Helper()
	dir := t.TempDir()
	r := release{
		dist: filepath.Join(dir, "dist"), version: "1.2.3", commit: "abc", key: key, sboms: true,
		platforms: []platform{{"linux", "arm"}, {"windows", "386"}}, manifest: filepath.Join(dir, manifestName),
	}
	write(t, r.manifest, read(t, filepath.Join(here(t).root, manifestName)))
	for _, p := range r.platforms {
		write(t, filepath.Join(r.dist, r.zipName(p)+".sbom.json"), "{}")
		writeZip(t, filepath.Join(r.dist, r.zipName(p)), 0o755, "LICENSE", r.binaryName(p))
	}
	write(t, filepath.Join(r.dist, "metadata.json"), "{}")
	write(t, filepath.Join(r.dist, "provider_linux_arm_6", r.binaryName(r.platforms[0])), "a binary\n")
	r.sign(t, r.sums(t))

	return r
}

func writeZip(t *testing.T, path string, mode fs.FileMode, names ...string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	for _, name := range names {
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, "what is in "+name+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

// sums is what should stand in SHA256SUMS.
func (r release) sums(t *testing.T) string {
	t.Helper()
	lines := fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(read(t, r.manifest))), r.manifestName())
	for _, p := range r.platforms {
		lines += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(read(t, filepath.Join(r.dist, r.zipName(p))))), r.zipName(p))
	}

	return lines
}

func (r release) sign(t *testing.T, sums string) {
	t.Helper()
	path := filepath.Join(r.dist, r.sumsName())
	write(t, path, sums)
	if _, err := r.key.gpg(t.Context(), "--yes", "--local-user", r.key.fingerprint, "--detach-sign", path); err != nil {
		t.Fatal(err)
	}
}

func TestAReleaseThatIsRightPasses(t *testing.T) {
	t.Parallel()
	r := built(t, newSigner(t, "rsa3072", ""))
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
	key := newSigner(t, "rsa3072", "")
	linux, windows := platform{"linux", "arm"}, platform{"windows", "386"}
	remove := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}

	for _, tt := range []struct {
		name  string
		spoil func(*testing.T, release)
		want  []string
	}{
		{
			"a platform is missing",
			func(t *testing.T, r release) { remove(t, filepath.Join(r.dist, r.zipName(linux))) },
			[]string{"missing: terraform-provider-wingspan_1.2.3_linux_arm.zip\n", "name templates in .goreleaser.yml"},
		},
		{
			"a zip has goreleaser's own name",
			func(t *testing.T, r release) {
				write(t, filepath.Join(r.dist, "terraform-provider-wingspan_1.2.3_linux_armv6.zip"), "zip")
			},
			[]string{"unexpected: terraform-provider-wingspan_1.2.3_linux_armv6.zip\n"},
		},
		{
			"an SBOM is missing",
			func(t *testing.T, r release) { remove(t, filepath.Join(r.dist, r.zipName(windows)+".sbom.json")) },
			[]string{"missing: terraform-provider-wingspan_1.2.3_windows_386.zip.sbom.json\n"},
		},
		{
			"the signature is missing",
			func(t *testing.T, r release) { remove(t, filepath.Join(r.dist, r.sumsName()+".sig")) },
			[]string{"missing: terraform-provider-wingspan_1.2.3_SHA256SUMS.sig\n"},
		},
		{
			"the manifest names protocol 5",
			func(t *testing.T, r release) {
				write(t, r.manifest, strings.ReplaceAll(read(t, r.manifest), "6.0", "5.0"))
			},
			[]string{"protocols [5.0]", "protocol 6.0"},
		},
		{
			"the manifest is misspelt",
			func(t *testing.T, r release) {
				write(t, r.manifest, strings.ReplaceAll(read(t, r.manifest), "protocol_versions", "protocols"))
			},
			[]string{manifestName, `unknown field "protocols"`},
		},
		{
			"a zip was changed after it was hashed",
			func(t *testing.T, r release) {
				writeZip(t, filepath.Join(r.dist, r.zipName(linux)), 0o755, "LICENSE", "another")
			},
			[]string{"terraform-provider-wingspan_1.2.3_linux_arm.zip has the hash"},
		},
		{
			"an SBOM is among the checksums",
			func(t *testing.T, r release) { r.sign(t, r.sums(t)+strings.Repeat("0", 64)+"  x.sbom.json\n") },
			[]string{"x.sbom.json does not belong there"},
		},
		{
			"a zip is twice among the checksums",
			func(t *testing.T, r release) {
				lines := strings.SplitAfter(r.sums(t), "\n")
				r.sign(t, strings.Join(slices.Insert(lines, 1, lines[1]), ""))
			},
			[]string{"terraform-provider-wingspan_1.2.3_linux_arm.zip does not belong there, or twice"},
		},
		{
			"the manifest is not among the checksums",
			func(t *testing.T, r release) {
				_, rest, _ := strings.Cut(r.sums(t), "\n")
				r.sign(t, rest)
			},
			[]string{"terraform-provider-wingspan_1.2.3_manifest.json is missing"},
		},
		{
			"the checksums are in another form",
			func(t *testing.T, r release) { r.sign(t, strings.ReplaceAll(r.sums(t), "  ", " *")) },
			[]string{"is not a hash, two blanks and a name"},
		},
		{
			"the checksums were changed after they were signed",
			func(t *testing.T, r release) {
				lines := strings.SplitAfter(r.sums(t), "\n")
				slices.Reverse(lines)
				write(t, filepath.Join(r.dist, r.sumsName()), strings.Join(lines, ""))
			},
			[]string{"the signature of terraform-provider-wingspan_1.2.3_SHA256SUMS is bad"},
		},
		{
			"the binary cannot be executed",
			func(t *testing.T, r release) {
				writeZip(t, filepath.Join(r.dist, r.zipName(linux)), 0o644, "LICENSE", r.binaryName(linux))
				r.sign(t, r.sums(t))
			},
			[]string{"linux_arm.zip", "terraform-provider-wingspan_v1.2.3 has mode -rw-r--r--"},
		},
		{
			"the binary has another name",
			func(t *testing.T, r release) {
				writeZip(t, filepath.Join(r.dist, r.zipName(windows)), 0o755, "LICENSE", r.binaryName(linux))
				r.sign(t, r.sums(t))
			},
			[]string{"windows_386.zip holds", "want [LICENSE terraform-provider-wingspan_v1.2.3.exe]"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := built(t, key)
			tt.spoil(t, r)
			wantError(t, r.check(t.Context(), progress{io.Discard}, platform{"plan9", "amd64"}), tt.want...)
		})
	}
}
