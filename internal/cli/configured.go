package cli

// Configured is a kit for a CLI configuration that says by itself where the provider comes from, such as a mirror.
// Its workspaces need an init.
func Configured(path, configFile string) *Kit {
	return &Kit{Path: path, config: configFile}
}
