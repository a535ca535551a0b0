package provider

import (
	"runtime"
	"slices"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// scenarioExamples are those that the guides show.
func scenarioExamples() []exampleTest {
	return []exampleTest{
		{name: "organization", files: []string{"organization/main.tf"}, since: 11, run: func(e *exampleRun) {
			e.AddAccounts("usrChild00000000000001", "usrChild00000000000002")
			e.set("child_accounts", `{north = "usrChild00000000000001", south = "usrChild00000000000002"}`)
			e.set("webhook_secrets", `{north = "`+fakeSecret+`", south = "`+otherSecret+`"}`)
			e.apply()
			e.wantWrites(create, create)
			for _, p := range e.Preferences() {
				if north := p.Account == "usrChild00000000000001"; north != (p.SharedSecret == fakeSecret) || north != strings.HasSuffix(p.URL, "/north") {
					e.t.Errorf("the account %s has the webhook of another one", p.Account)
				}
			}
			e.wantEmptyPlan()
		}},
		{name: "duplicate check", files: []string{"duplicate-check/main.tf"}, run: func(e *exampleRun) {
			e.seed(wingspantest.OwnAccount)
			if out := e.apply(); strings.Contains(out, "Warning: Check block assertion failed") {
				e.t.Errorf("one webhook is no duplicate:\n%s", out)
			}
			twin := e.Put(wingspantest.Preference{URL: "https://hooks.example.com/wingspan", SubscribedEvents: []string{"Invoice.Sent"}})
			e.wantOutput(unframed(e.cli("plan")), "Check block assertion failed", "https://hooks.example.com/wingspan ("+exampleID+", "+twin.ID+")")
			e.wantEmptyPlan()
		}},
		{name: "rotation", files: []string{"rotation/main.tf"}, since: 11, run: func(e *exampleRun) {
			e.set("webhook_secret", fakeSecret)
			e.apply()
			e.wantWrites(create)
			id := e.only().ID

			e.set("webhook_secret", otherSecret)
			e.wantEmptyPlan() // Only the version counts.
			e.set("webhook_secret_version", "2")
			// As in the guide on secrets.
			e.wantOutput(unframed(e.apply()), "~ shared_secret_wo_version = 1 -> 2 ~ updated_at = ", "-> (known after apply)")
			e.wantWrites(patchSecret)
			e.wantSecrets(otherSecret)
			if got := e.only().ID; got != id {
				e.t.Errorf("the webhook was made again: %s is now %s", id, got)
			}
			e.wantNoSecretInState(fakeSecret, otherSecret)
		}},
		{name: "rotation without downtime", files: []string{"rotation-without-downtime/main.tf"}, since: 11, run: func(e *exampleRun) {
			e.set("webhook_secrets", `{blue = "`+fakeSecret+`"}`)
			e.set("active", `["blue"]`)
			e.apply()
			e.wantWrites(create)

			e.set("webhook_secrets", `{blue = "`+fakeSecret+`", green = "`+otherSecret+`"}`)
			e.set("active", `["blue", "green"]`)
			e.apply()
			e.wantWrites(create)
			e.wantSecrets(fakeSecret, otherSecret)

			e.set("webhook_secrets", `{green = "`+otherSecret+`"}`)
			e.set("active", `["green"]`)
			e.apply()
			e.wantWrites("DELETE")
			e.wantSecrets(otherSecret)
			e.wantNoSecretInState(fakeSecret, otherSecret)
			e.wantEmptyPlan()
		}},
		{name: "adopting", files: []string{"adopting/main.tf"}, run: func(e *exampleRun) {
			e.seed(wingspantest.OwnAccount)
			e.set("webhook_id", exampleID)
			e.wantOutput(e.apply(), "1 imported, 0 added, 0 changed, 0 destroyed")
			e.wantWrites()
			e.wantSecrets(otherSecret)
			e.wantEmptyPlan()
		}},
		{name: "generated configuration", files: []string{"generated-configuration/generated.tf"}, run: generated},
		{name: "plain to write-only", files: []string{hookExamples + "resource-plain-secret.tf", hookExamples + "resource.tf"}, since: 11, run: plainToWriteOnly},
		{name: "complete", files: []string{
			"complete/main.tf", "complete/variables.tf", "complete/outputs.tf", "complete/versions.tf",
			"modules/webhook/main.tf", "modules/webhook/variables.tf", "modules/webhook/outputs.tf", "modules/webhook/versions.tf",
		}, since: 11, run: complete},
	}
}

// generated has the CLI write what the example shows, and imports with it.
func generated(e *exampleRun) {
	e.seed(exampleAccount)
	shown := e.read("generated.tf")
	e.remove("generated.tf")
	e.configure("import {\n  to = wingspan_webhook_preference.payments\n  id = \"" + exampleAccount + "/" + exampleID + "\"\n}\n")
	e.cli("plan", "-generate-config-out=generated.tf")
	written := e.read("generated.tf")
	if got, want := argumentsOf(written), argumentsOf(shown); !slices.Equal(got, want) {
		e.t.Errorf("the CLI generates\n%s\nand the example shows\n%s", written, shown)
	}

	e.wantOutput(e.apply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	e.wantSecrets(otherSecret)
	e.wantEmptyPlan()
}

// argumentsOf are the lines that set something, without their alignment and comments.
func argumentsOf(hcl string) []string {
	var lines []string
	for line := range strings.Lines(hcl) {
		line, _, _ = strings.Cut(line, "#")
		if name, value, ok := strings.Cut(line, "="); ok {
			lines = append(lines, strings.TrimSpace(name)+" = "+strings.TrimSpace(value))
		}
	}
	slices.Sort(lines)

	return lines
}

func plainToWriteOnly(e *exampleRun) {
	later := e.read("resource.tf")
	e.remove("resource.tf")
	e.set("webhook_secret", fakeSecret)
	e.apply()
	e.wantWrites(create)

	e.remove("resource-plain-secret.tf")
	e.configure(later)
	e.set("webhook_secret", otherSecret)
	e.apply()
	e.wantWrites(patchSecret)
	e.wantSecrets(otherSecret)
	// As in the guide, the backup still contains it.
	e.remove("terraform.tfstate.backup")
	e.wantNoSecretInState(fakeSecret, otherSecret)
	e.wantEmptyPlan()
}

// complete stores the secret in a file, as its store_command may do anything.
func complete(e *exampleRun) {
	if runtime.GOOS == "windows" {
		e.t.Skip("this test's store_command is for a POSIX shell, and local-exec has none here: only the syntax was checked")
	}
	long, longer := strings.Repeat(fakeSecret, 2), strings.Repeat(otherSecret, 2)
	e.set("webhook_secret", long)
	const store = `printf %s "$WEBHOOK_SECRET" > stored`
	e.set("store_command", store)
	e.cli("get")
	e.apply()
	e.wantWrites(create)
	e.wantStored(long)

	e.set("webhook_secret", longer)
	e.wantEmptyPlan()
	e.set("webhook_secret_version", "2")
	if out := e.apply(); strings.Contains(out, longer) {
		e.t.Error("the apply printed the secret")
	}
	e.wantWrites(patchSecret)
	e.wantStored(longer)
	e.wantNoSecretInState(long, longer)

	// Wingspan never signs with a secret that isn't stored, and the next apply finishes what one began.
	e.set("webhook_secret", long)
	e.set("webhook_secret_version", "3")
	e.set("store_command", "exit 3")
	e.exits(1, "apply", "-auto-approve")
	e.wantWrites()
	e.wantStored(longer)
	e.set("store_command", store)
	e.apply()
	e.wantWrites(patchSecret)
	e.wantStored(long)
	e.wantEmptyPlan()
	e.wantDestroyed()
}

// wantStored compares the store with what the server signs with.
func (e *exampleRun) wantStored(secret string) {
	e.t.Helper()
	if stored := e.read("stored"); stored != secret {
		e.t.Errorf("the store has %q, want %q", stored, secret)
	}
	e.wantSecrets(secret)
}

// testModule runs the module's own tests, each file by itself. The mocked ones get no server to talk to.
func testModule(e *exampleRun) {
	server := e.w.Env
	for file, passed := range map[string]string{"mock": "5 passed, 0 failed", "server": "3 passed, 0 failed"} {
		e.w.Env = nil
		if file == "server" {
			e.w.Env = server
		}
		out := e.cli("test", "-filter=tests/"+file+".tftest.hcl")
		e.wantOutput(out, "Success! "+passed)
		e.t.Logf("terraform test -filter=tests/%s.tftest.hcl:\n%s", file, out)
	}
	e.wantWrites(create, patchSecret, "DELETE")
}
