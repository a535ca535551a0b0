package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// objectExamples are those that the pages of the provider and of its objects show.
func objectExamples() []exampleTest {
	return []exampleTest{
		{name: "provider and data sources", flat: true, files: []string{
			"provider/provider.tf", "data-sources/wingspan_event_names/data-source.tf",
			"data-sources/wingspan_webhook_preference/data-source.tf", "data-sources/wingspan_webhook_preferences/data-source.tf",
		}, run: func(e *exampleRun) {
			e.seed(wingspantest.OwnAccount)
			e.wantOutput(e.apply(), `"Invoice.PaymentFailed"`, `"Payout.Failed"`, "https://hooks.example.com/wingspan", exampleID, "Invoice.Paid")
			e.wantEmptyPlan()
		}},
		{name: "import commands", files: []string{hookExamples + "resource.tf", hookExamples + "import.sh"}, since: 11, run: importByCommand},
		{name: "import by id", files: []string{hookExamples + "resource.tf", hookExamples + "import-by-string-id.tf"}, since: 11, run: func(e *exampleRun) {
			importByBlock(e, wingspantest.OwnAccount)
		}},
		{name: "import by identity", files: []string{hookExamples + "resource.tf", hookExamples + "import-by-identity.tf"}, since: 12, run: func(e *exampleRun) {
			importByBlock(e, exampleAccount)
		}},
		{name: "list resource", files: []string{"list-resources/wingspan_webhook_preference/list-resource.tfquery.hcl"}, since: sinceQuery, run: func(e *exampleRun) {
			e.seed(exampleAccount)
			own := e.Put(wingspantest.Preference{URL: "https://hooks.example.com/own", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid"}})
			e.wantOutput(e.cli("query"), exampleID, own.ID, own.URL)
			e.wantWrites()
			if all := e.Count("", wingspantest.RouteAny); all != e.Count("", wingspantest.RouteList) {
				e.t.Errorf("%d requests, some of them for more than lists", all)
			}
			e.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Times: -1, Body: fmt.Sprintf(`[{"preferenceId":%q,"url":%q,"subscribedEvents":[]},42]`, own.ID, own.URL)})
			e.wantOutput(e.cli("query"), own.ID, "Incomplete list of webhook preferences")
		}},
	}
}

// seed registers the webhook that the examples take for one that exists.
func (e *exampleRun) seed(account string) {
	e.AddAccounts(exampleAccount)
	e.Put(wingspantest.Preference{
		ID: exampleID, Account: account, URL: "https://hooks.example.com/wingspan", SharedSecret: otherSecret,
		SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"},
	})
}

// importByCommand runs each command of import.sh in a state of its own.
func importByCommand(e *exampleRun) {
	e.set("webhook_secret", fakeSecret)
	commands := regexp.MustCompile(`(?m)^terraform (import \S+ \S+)$`).FindAllStringSubmatch(strings.ReplaceAll(e.read("import.sh"), " \\\n ", ""), -1)
	if len(commands) != 2 {
		e.t.Fatalf("import.sh has %d import commands, want one for each form of the id", len(commands))
	}

	for _, command := range commands {
		args := strings.Fields(command[1])
		account, _, both := strings.Cut(args[2], "/")
		if !both {
			account = wingspantest.OwnAccount
		}
		e.seed(account)
		e.cli(args...)
		e.wantWrites()
		e.wantImported(account)
		e.Remove(exampleID)
		e.remove("terraform.tfstate")
	}
}

func importByBlock(e *exampleRun, account string) {
	e.set("webhook_secret", fakeSecret)
	e.seed(account)
	e.wantImported(account)
	e.wantEmptyPlan()
}

// wantImported applies what an import leaves to be done: the secret is set in place, and the webhook stays the same.
func (e *exampleRun) wantImported(account string) {
	e.t.Helper()
	e.apply()
	e.wantWrites(patchSecret)
	e.wantSecrets(fakeSecret)
	if got := e.only(); got.ID != exampleID || got.Account != account {
		e.t.Errorf("the webhook is now %s of %s", got.ID, got.Account)
	}
}
