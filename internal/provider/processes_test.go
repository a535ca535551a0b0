package provider

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/startup"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

func TestMain(m *testing.M) {
	// Terraform may have started this binary as a provider.
	switch strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") {
	case acctest.Executable:
		serveCrashing()
	case restapiExecutable:
		serveRestapi()
	}
	code := m.Run()
	if err := os.RemoveAll(sharedKitDir); err != nil && code == 0 {
		code = 1
	}
	os.Exit(code)
}

// sharedKitDir has what sharedKit built.
var sharedKitDir string

var buildKit = sync.OnceValues(func() (kit *acctest.Kit, err error) {
	if sharedKitDir, err = os.MkdirTemp("", "wingspan-acctest-"); err == nil {
		kit, err = acctest.Build(context.Background(), sharedKitDir)
	}

	return kit, err
})

// sharedKit returns the kit of all tests, so that the provider is built once. It skips the test where there is no CLI.
func sharedKit(tb testing.TB) *acctest.Kit {
	tb.Helper()
	kit, err := buildKit()
	if errors.Is(err, acctest.ErrNoCLI) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}

	return kit
}

// mustExit runs a command that has to end with the code, and returns what it printed.
func mustExit(tb testing.TB, w *acctest.Workspace, code int, args ...string) acctest.Result {
	tb.Helper()
	result, err := w.Run(tb.Context(), args...)
	if err != nil {
		tb.Fatal(err)
	}
	if result.Code != code {
		tb.Fatalf("%v exited with code %d, want %d:\n%s", args, result.Code, code, result.Output)
	}

	return result
}

// serveCrashing is a provider that crashes in the middle of a create.
func serveCrashing() {
	startup.Tune(false)
	p := newProvider("dev", "none")
	p.configOverride = func(c *wingspan.Config) {
		c.Log = func(_ context.Context, a wingspan.Attempt) {
			if a.Method == http.MethodPost {
				panic("in the middle of a create")
			}
		}
	}
	_ = tf6server.Serve(Address, func() tfprotov6.ProviderServer { return newServer(p) }) // Terraform reports that it ended.
	os.Exit(1)
}

// reattachment is what a provider prints that waits for a debugger: its address, and how to reach it.
var reattachment = regexp.MustCompile(`\{"registry\.terraform\.io/([^"]+)":(\{.*\})\}`)

// attach starts a provider that waits for a debugger, and returns the part of TF_REATTACH_PROVIDERS for it. It serves all of a command, in
// which the CLI otherwise starts one for each phase; these starts are most of the command's time. All configurations of the
// provider share the process, so that none can have an alias.
func attach(t *testing.T, cmd *exec.Cmd, env []string) (provider string, end func()) {
	t.Helper()
	// Only a debugged provider has logs by itself. The socket of one that is killed is removed with what was built.
	cmd.Env = append(env, "TF_LOG_SDK=OFF", "TF_LOG_PROVIDER_WINGSPAN=OFF", "PLUGIN_UNIX_SOCKET_DIR="+filepath.Dir(sharedKit(t).ConfigFile))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	end = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := reattachment.FindStringSubmatch(lines.Text()); m != nil {
			return fmt.Sprintf(`"registry.terraform.io/%s":%s,"registry.opentofu.org/%[1]s":%[2]s`, m[1], m[2]), end
		}
	}
	end()
	t.Fatalf("%s ended before it listened", cmd.Path)

	return "", nil
}

// crashingKit is a kit that starts the test binary in place of the provider.
func crashingKit(t *testing.T) *acctest.Kit {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, acctest.Executable)); err != nil {
		t.Skipf("can't have Terraform start this binary: %v", err)
	}
	crashing := *sharedKit(t)
	crashing.ConfigFile = filepath.Join(dir, "cli.tfrc")
	if err := acctest.Override(crashing.ConfigFile, map[string]string{namespace + "/wingspan": dir}); err != nil {
		t.Fatal(err)
	}

	return &crashing
}
