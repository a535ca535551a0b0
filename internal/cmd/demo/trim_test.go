package main

import "testing"

const warning = `
Warning: Provider development overrides are in effect

The following provider development overrides are set in the CLI
configuration:
 - wingspanhq/wingspan in a/directory

The behavior may therefore not match any released version of the provider and
applying changes may cause the state to become incompatible with published
releases.
`

const planned = `  # wingspan_webhook_preference.payments will be created
  + resource "wingspan_webhook_preference" "payments" {
      + url = "https://hooks.example.com/wingspan"
    }

Plan: 1 to add, 0 to change, 0 to destroy.
`

func TestTrimming(t *testing.T) {
	t.Parallel()
	plan := func(name string) string {
		return warning + "wingspan_webhook_preference.payments: Refreshing state... [id=abc]\n\n" + name +
			" used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  + create\n\n" +
			name + " will perform the following actions:\n\n" + planned +
			"\n─────────────────\n\nSaved the plan to: change.tfplan\n\nTo perform exactly these actions, run the following command to apply:\n    x\n"
	}
	for name, row := range map[string]struct {
		show         func(string) string
		output, want string
	}{
		"the plan of Terraform":     {whole, plan("Terraform"), planned},
		"the plan of OpenTofu":      {whole, plan("OpenTofu"), planned},
		"the result without a plan": {result, plan("Terraform"), "Plan: 1 to add, 0 to change, 0 to destroy.\n"},
		"a result that has no plan": {result, warning + "\nApply complete!\n", "Apply complete!\n"},
		"an empty plan": {
			whole,
			warning + "\nNo changes. Your infrastructure matches the configuration.\n\nTerraform has compared your real infrastructure against your configuration\nand found no differences, so no changes are needed.\n",
			"No changes. Your infrastructure matches the configuration.\n",
		},
		"another warning is kept": {
			whole,
			warning + "\nWarning: Short secret\n\nIt is said here.\n\nApply complete!\n",
			"Warning: Short secret\n\nIt is said here.\n\nApply complete!\n",
		},
		"an error is kept": {
			whole,
			"\nPlanning failed. Terraform encountered an error while generating this plan.\n\n\nError: Unknown event name\n\n  with x,\n\nDid you mean?\n",
			"Error: Unknown event name\n\n  with x,\n\nDid you mean?\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := row.show(row.output); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}
