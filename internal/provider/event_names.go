package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const maxSuggestions = 3

// checkEvents checks the names that are planned and not in the state yet against the current list.
func (d *providerData) checkEvents(ctx context.Context, account string, planned, inState types.Set) diag.Diagnostics {
	if d.settings.eventNames == eventNamesOff || planned.IsUnknown() {
		return nil
	}
	added := without(eventNames(planned), eventNames(inState))
	if len(added) == 0 {
		return nil
	}

	current, err := d.events.names(ctx, account, added)
	if err != nil {
		return d.eventsUnchecked(account, err)
	}

	var diags diag.Diagnostics
	for _, n := range added {
		if slices.Contains(current, n) {
			continue
		}
		at := path.Root("subscribed_events").AtSetValue(types.StringValue(n))
		detail := fmt.Sprintf("%s isn't a known event name.", quoted(n))
		if _, again := d.explained.LoadOrStore("event name "+n, ""); !again {
			detail += " " + suggestEvents(n, current)
			if d.settings.eventNames == eventNamesError {
				detail += "\n\nIf the name is valid, set event_name_validation = \"warning\" in the provider configuration."
			}
		}
		if d.settings.eventNames == eventNamesWarning {
			diags.Append(warningDiag(at, "Unknown event name", detail)...)
		} else {
			diags.Append(errorDiag(at, "Unknown event name", detail)...)
		}
	}

	return diags
}

func (d *providerData) eventsUnchecked(account string, err error) diag.Diagnostics {
	return d.unchecked(operation{verb: "check", object: "the event names", account: account}, err, "Event names not validated",
		fmt.Sprintf("The provider could not retrieve the list of event names: %s. Misspelled names won't be detected.", sentence(err)))
}

func suggestEvents(name string, current []string) string {
	if strings.Contains(name, "*") {
		return fmt.Sprintf("Wildcards aren't supported: list each event. Use the wingspan_event_names data source to list the %d available names.", len(current))
	}
	switch close := closest(name, current); len(close) {
	case 0:
		return fmt.Sprintf("Use the wingspan_event_names data source to list the %d available names.", len(current))
	case 1:
		return fmt.Sprintf("Did you mean %s?", quoted(close[0]))
	default:
		return fmt.Sprintf("Did you mean one of %s?", quotedList(close))
	}
}

// closest returns the current names that a person may have meant, the likeliest first. Case and punctuation weigh less than
// letters, because Wingspan's own pages spell the same event in several ways (InvoicePaid, Invoice.Paid).
func closest(name string, current []string) []string {
	type candidate struct {
		name           string
		letters, exact int
	}
	plain := wingspan.LettersAndDigits(name)
	limit := max(2, len(plain)/3)

	var near []candidate
	for _, l := range current {
		c := candidate{name: l, letters: levenshtein.Distance(plain, wingspan.LettersAndDigits(l), nil), exact: levenshtein.Distance(name, l, nil)}
		if c.letters <= limit {
			near = append(near, c)
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.letters, b.letters), cmp.Compare(a.exact, b.exact), strings.Compare(a.name, b.name))
	})

	names := make([]string, 0, maxSuggestions)
	for _, c := range near[:min(len(near), maxSuggestions)] {
		names = append(names, c.name)
	}

	return names
}
