package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

const (
	configName   = ".goreleaser.yml"
	manifestName = "terraform-registry-manifest.json"
)

// platforms are those that users of the registries expect. A test holds .goreleaser.yml against this list.
var platforms = []platform{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"freebsd", "386"},
	{"freebsd", "amd64"},
	{"freebsd", "arm"},
	{"freebsd", "arm64"},
	{"linux", "386"},
	{"linux", "amd64"},
	{"linux", "arm"},
	{"linux", "arm64"},
	{"windows", "386"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// exe is what the names of executables end with.
func (p platform) exe() string {
	if p.os == "windows" {
		return ".exe"
	}

	return ""
}

// writeConfig writes a copy of .goreleaser.yml that builds for the wanted platforms only and into dist.
// All else stays as it is: `goreleaser release` has no flags for these two.
func writeConfig(repo repository, path, dist string, wanted []platform) error {
	text, err := os.ReadFile(filepath.Join(repo.root, configName))
	if err != nil {
		return fmt.Errorf("read goreleaser's configuration: %w", err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return fmt.Errorf("read %s: %w", configName, err)
	}
	builds, ok := config["builds"].([]any)
	if !ok || len(builds) != 1 {
		return fmt.Errorf("%s has not exactly one entry below builds: say in this command which platforms each of them is for", configName)
	}
	build, ok := builds[0].(map[string]any)
	if !ok {
		return fmt.Errorf("%s: the entry below builds is no mapping", configName)
	}

	config["dist"] = dist
	if !slices.Equal(wanted, platforms) {
		for _, key := range []string{"goos", "goarch", "ignore"} {
			delete(build, key)
		}
		// One platform, so that the product of the two lists is it.
		build["goos"], build["goarch"] = []string{wanted[0].os}, []string{wanted[0].arch}
	}
	changed, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("write goreleaser's configuration: %w", err)
	}

	return os.WriteFile(path, changed, 0o600)
}
