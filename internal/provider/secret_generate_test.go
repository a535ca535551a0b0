package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// testGeneratedConfiguration imports by block alone, has the CLI write the configuration, and applies that.
func testGeneratedConfiguration(t *testing.T, kit *acctest.Kit) {
	r := newRig(t)
	r.AddAccounts("usrChild00000000000001")
	seed := wingspantest.Preference{URL: hookURL("a"), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}}
	own := r.Put(seed)
	seed.ID, seed.Account = "", "usrChild00000000000001"
	child := r.Put(seed)

	workspace, err := kit.Workspace(t.TempDir(), required+r.config(fmt.Sprintf(
		"import {\n  to = %s\n  id = %q\n}\n\nimport {\n  to = %s\n  id = %q\n}\n",
		hookAddress("own"), own.ID, hookAddress("child"), child.Account+"/"+child.ID)))
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		result, err := workspace.MustRun(t.Context(), append(args, "-no-color")...)
		if err != nil {
			t.Fatal(err)
		}

		return result.Output
	}

	run("plan", "-generate-config-out=generated.tf")
	generated, err := os.ReadFile(filepath.Join(workspace.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(generated), foreignSecret) {
		t.Errorf("the generated configuration shows the secret:\n%s", generated)
	}
	run("validate")
	if out := run("apply", "-auto-approve"); !strings.Contains(out, "2 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the apply of the generated configuration:\n%s", out)
	}
	run("plan", "-detailed-exitcode")
	r.wantWrites()
}
