package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

// goreleaserConfig is the part of goreleaser's configuration that these tests look at.
type goreleaserConfig struct {
	Dist        string
	ProjectName string `yaml:"project_name"`
	Before      any
	Builds      []struct {
		Env, Flags, Ldflags, Goos, Goarch []string
		ModTimestamp                      string `yaml:"mod_timestamp"`
		Ignore                            []struct{ Goos, Goarch string }
		Hooks                             any
	}
	Release struct {
		GitHub struct{ Owner, Name string }
		Draft  bool
	}
}

func readConfig(t *testing.T, path string) goreleaserConfig {
	t.Helper()
	var config goreleaserConfig
	readYAML(t, path, &config)
	if len(config.Builds) != 1 {
		t.Fatalf("%d builds, want 1", len(config.Builds))
	}

	return config
}

// targets is what goreleaser builds: every pair but those that are ignored.
func (c goreleaserConfig) targets() []string {
	targets := []string{}
	build := c.Builds[0]
	for _, goos := range build.Goos {
		for _, goarch := range build.Goarch {
			if !slices.Contains(build.Ignore, struct{ Goos, Goarch string }{goos, goarch}) {
				targets = append(targets, platform{goos, goarch}.String())
			}
		}
	}
	slices.Sort(targets)

	return targets
}

func TestEveryPlatformOfTheRegistriesIsBuilt(t *testing.T) {
	t.Parallel()
	want := []string{}
	for _, p := range platforms {
		want = append(want, p.String())
	}
	if diff := cmp.Diff(want, readConfig(t, filepath.Join(here(t).root, configName)).targets()); diff != "" {
		t.Errorf("the platforms of %s (-want +got):\n%s", configName, diff)
	}
}

func TestBuildsAreReproducibleAndChangeNothing(t *testing.T) {
	t.Parallel()
	config := readConfig(t, filepath.Join(here(t).root, configName))
	build := config.Builds[0]
	if !slices.Contains(build.Flags, "-trimpath") || !slices.Contains(build.Env, "CGO_ENABLED=0") || build.ModTimestamp != "{{ .CommitTimestamp }}" {
		t.Errorf("flags %v, environment %v, time %q: the same commit would not give the same bytes", build.Flags, build.Env, build.ModTimestamp)
	}
	if config.Before != nil || build.Hooks != nil {
		t.Error("a hook could change what is released: do it before the commit")
	}
	// The snapshot shows that these reach the binary; this shows that nothing else than version and commit does.
	if want := []string{"-s -w -X main.version={{ .Version }} -X main.commit={{ .Commit }}"}; !slices.Equal(build.Ldflags, want) {
		t.Errorf("ldflags %q, want %q", build.Ldflags, want)
	}
	if !config.Release.Draft {
		t.Error("the release is published before its provenance is attested")
	}
}

// The namespace stands in places that cannot share a constant.
func TestTheNamespaceIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	root := here(t).root
	parts := strings.Split(provider.Address, "/")
	if len(parts) != 3 {
		t.Fatalf("the provider's address is %q", provider.Address)
	}
	namespace := parts[1]

	match := regexp.MustCompile(`(?m)^NAMESPACE\s*[?:]?=\s*(\S+)$`).FindStringSubmatch(read(t, filepath.Join(root, "GNUmakefile")))
	if match == nil || match[1] != namespace {
		t.Errorf("the GNUmakefile says %q, internal/provider says %q", match, namespace)
	}
	// The registries want the releases in a repository of that owner.
	release := readConfig(t, filepath.Join(root, configName)).Release
	if release.GitHub.Owner != namespace || release.GitHub.Name != project {
		t.Errorf("%s releases to %+v, internal/provider says %q", configName, release.GitHub, namespace)
	}
	if match := regexp.MustCompile(`(?m)^module (\S+)$`).FindStringSubmatch(read(t, filepath.Join(root, "go.mod"))); match == nil ||
		match[1] != "github.com/"+namespace+"/"+project {
		t.Errorf("go.mod says %q, internal/provider says %q", match, namespace)
	}
	for _, file := range []string{"SECURITY.md", "ISSUE_TEMPLATE/config.yml", "ISSUE_TEMPLATE/bug.yml"} {
		for _, link := range regexp.MustCompile(`github\.com/([\w-]+/[\w-]+)`).FindAllStringSubmatch(read(t, filepath.Join(root, ".github", file)), -1) {
			if link[1] != namespace+"/"+project {
				t.Errorf(".github/%s links to %s, not to a page of %s/%s", file, link[0], namespace, project)
			}
		}
	}
}

func TestASnapshotsConfigurationIsTheReleasesForOnePlatform(t *testing.T) {
	t.Parallel()
	original := filepath.Join(here(t).root, configName)
	path := filepath.Join(t.TempDir(), "narrow.yml")
	if err := writeConfig(here(t), path, "/somewhere/dist", []platform{{"windows", "arm64"}}); err != nil {
		t.Fatal(err)
	}
	narrow := readConfig(t, path)
	if got := narrow.targets(); !slices.Equal(got, []string{"windows_arm64"}) || narrow.Dist != "/somewhere/dist" {
		t.Errorf("builds %v into %s", got, narrow.Dist)
	}

	var want, got map[string]any
	readYAML(t, original, &want)
	readYAML(t, path, &got)
	for _, config := range []map[string]any{want, got} {
		delete(config, "dist")
		build := config["builds"].([]any)[0].(map[string]any)
		for _, key := range []string{"goos", "goarch", "ignore"} {
			delete(build, key)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what else is different (-release +snapshot):\n%s", diff)
	}

	if err := writeConfig(here(t), path, "/somewhere/dist", platforms); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readConfig(t, original).targets(), readConfig(t, path).targets()); diff != "" {
		t.Errorf("with all platforms (-release +snapshot):\n%s", diff)
	}
}

func TestFlagsThatDoNotGoTogetherAreRefused(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-notes x":                "name it with -tag",
		"-verify x":               "name it with -tag",
		"-tag v1.2.3 -all":        "leave them out with -tag",
		"-tag v1.2.3 -dist x":     "leave them out with -tag",
		"stray":                   `unexpected argument "stray"`,
		"-tag v1.2.3 -goreleaser": "flag needs an argument",
	} {
		_, err := parse(strings.Fields(args), &strings.Builder{})
		wantError(t, err, want)
	}
}

func TestADirectoryThatHoldsSomethingIsNoPlaceForASnapshot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got, err := emptyDirectory(filepath.Join(dir, "new")); err != nil || got != filepath.Join(dir, "new") {
		t.Errorf("%q, %v", got, err)
	}
	_, err := emptyDirectory(dir)
	wantError(t, err, "is not empty", "name another directory")
}
