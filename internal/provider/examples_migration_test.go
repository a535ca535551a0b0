package provider

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// migrationExamples are those that take over what exists, in bulk or from Mastercard/restapi.
func migrationExamples() []exampleTest {
	return []exampleTest{
		{name: "bulk import", files: []string{"bulk-import/main.tf", "bulk-import/import.sh"}, run: bulkImport},
		{name: "bulk import with for_each", files: []string{"bulk-import-for-each/main.tf"}, run: func(e *exampleRun) {
			var ids []string
			for _, name := range []string{"north", "south"} {
				p := e.Put(wingspantest.Preference{
					URL: "https://hooks.example.com/wingspan/" + name, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"},
				})
				ids = append(ids, name+` = "`+p.ID+`"`)
			}
			e.set("webhook_ids", "{"+strings.Join(ids, ", ")+"}")
			e.wantOutput(e.apply(), "2 imported, 0 added, 0 changed, 0 destroyed")
			e.wantWrites()
			e.wantEmptyPlan()
		}},
		{name: "migrate with moved", files: []string{"migrate-restapi/moved.tf"}, since: 8, run: moveInTheCLI},
		{name: "migrate back", files: []string{"migrate-restapi/removed.tf", "migrate-restapi/back.tf"}, since: 8, run: migrate},
	}
}

// bulkImport runs the commands of import.sh one after the other.
func bulkImport(e *exampleRun) {
	for _, name := range []string{"a", `b"}${x}`} {
		e.Put(wingspantest.Preference{URL: "https://hooks.example.com/" + name, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	}
	e.Put(wingspantest.Preference{URL: "https://hooks.example.com/c", SharedSecret: otherSecret, SubscribedEvents: []string{"Payout.Failed", "Invoice.Paid"}})
	var out string
	for line := range strings.Lines(e.read("import.sh")) {
		command, file, redirected := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "terraform ")), " > ")
		args := strings.Fields(command)
		if args[0] == "apply" {
			args = append(args, "-auto-approve")
		}
		out = e.cli(args...)
		if redirected {
			if err := os.WriteFile(filepath.Join(e.w.Dir, file), []byte(out), 0o600); err != nil {
				e.t.Fatal(err)
			}
		}
		if strings.HasPrefix(command, "plan -generate") {
			e.wantOutput(out, "3 to import, 0 to add, 0 to change, 0 to destroy")
		}
	}
	e.wantOutput(out, "No changes.")
	e.wantWrites()
	e.wantEmptyPlan()
}

// migrate starts with a restapi_object for a webhook, takes it over, and gives it back. Nothing touches the webhook.
func migrate(e *exampleRun) {
	removed, back := e.read("removed.tf"), e.read("back.tf")
	e.useRestapi("removed.tf", "back.tf")
	e.seed(wingspantest.OwnAccount)
	p := e.only()
	e.configureWithRestapi(object("\"payments\" {", p, p.ID))
	e.apply()
	e.set("webhook_secret", otherSecret)
	for _, step := range []struct{ config, want string }{
		{removed, "1 imported, 0 added, 0 changed, 0 destroyed"},
		// What restapi keeps in its own state changes with the import, and nothing else.
		{back, "1 imported, 0 added, 1 changed, 0 destroyed"},
	} {
		e.configureWithRestapi(step.config)
		e.wantOutput(e.apply(), step.want)
	}
	e.wantWrites()
}
