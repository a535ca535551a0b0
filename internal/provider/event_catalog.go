package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const (
	maxSuggestions = 3
	// catalogPatience bounds the wait for a list that is only there to help, retries and all.
	catalogPatience = time.Minute
)

// eventCatalog asks for the live event names once per account and run, and complains once that it cannot.
type eventCatalog struct {
	fetch func(context.Context, string) ([]string, error)

	mu       sync.Mutex
	accounts map[string]*catalogEntry
	warned   bool
}

type catalogEntry struct {
	done  chan struct{}
	names []string
	err   error
}

func newEventCatalog(fetch func(context.Context, string) ([]string, error)) *eventCatalog {
	return &eventCatalog{fetch: fetch, accounts: map[string]*catalogEntry{}}
}

var errNoEventNames = errors.New("the list of event names is empty")

// names returns the live list, sorted and never empty.
func (c *eventCatalog) names(ctx context.Context, account string) ([]string, error) {
	c.mu.Lock()
	entry := c.accounts[account]
	if entry == nil {
		entry = &catalogEntry{done: make(chan struct{})}
		c.accounts[account] = entry
		go func() {
			defer close(entry.done)
			// Others wait for it too, so that it outlives the one who asked first.
			detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogPatience)
			defer cancel()
			entry.names, entry.err = c.fetch(detached, account)
			if entry.err == nil && len(entry.names) == 0 {
				entry.err = errNoEventNames
			}
		}()
	}
	c.mu.Unlock()

	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-entry.done:
		return entry.names, entry.err
	}
}

// firstWarning is true once.
func (c *eventCatalog) firstWarning() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.warned
	c.warned = true

	return first
}

// checkEvents checks the names that are planned and not in the state yet against the live list.
func (d *providerData) checkEvents(ctx context.Context, account string, planned, inState types.Set) diag.Diagnostics {
	if d.settings.eventNames == eventNamesOff || planned.IsUnknown() {
		return nil
	}
	var added []string
	old := eventNames(inState)
	for _, n := range eventNames(planned) {
		if !slices.Contains(old, n) {
			added = append(added, n)
		}
	}
	if len(added) == 0 {
		return nil
	}

	live, err := d.events.names(ctx, account)
	if err != nil {
		return d.eventsUnchecked(err)
	}

	var diags diag.Diagnostics
	for _, n := range added {
		if slices.Contains(live, n) {
			continue
		}
		at := path.Root("subscribed_events").AtSetValue(types.StringValue(n))
		summary, detail := "Unknown event name", describeUnknownEvent(n, live)
		if d.settings.eventNames == eventNamesWarning {
			diags.AddAttributeWarning(at, summary, detail)
		} else {
			diags.AddAttributeError(at, summary, detail+"\n\nNothing was written. Should Wingspan know the name all the same, set event_name_validation = \"warning\" in the provider block.")
		}
	}

	return diags
}

// eventsUnchecked is an error only where the plan could not be applied anyway.
func (d *providerData) eventsUnchecked(err error) diag.Diagnostics {
	op := operation{verb: "check", object: "the event names against Wingspan's live list"}
	if errors.Is(err, wingspan.ErrNoToken) {
		if len(d.settings.unknown) > 0 {
			return nil // They are checked at apply, when the settings are known.
		}

		return d.diagnose(op, err)
	}
	if !d.events.firstWarning() {
		return nil
	}

	return diag.Diagnostics{diag.NewWarningDiagnostic("Event names were not checked",
		paragraphs("Wingspan's live list of event names could not be had, so a misspelt name would go unnoticed.",
			fmt.Sprintf("What came back: %s.", strings.TrimSuffix(err.Error(), ".")),
			"Check the names in subscribed_events yourself, or plan again when the list can be read. This is said once, however many webhooks there are."))}
}

func describeUnknownEvent(name string, live []string) string {
	detail := fmt.Sprintf("Wingspan's live list has no event %q.", name)
	switch close := closest(name, live); len(close) {
	case 0:
		detail += fmt.Sprintf(" No name in it is close; the data source wingspan_event_names lists all %d.", len(live))
	case 1:
		detail += fmt.Sprintf(" Did you mean %q?", close[0])
	default:
		list := make([]string, len(close))
		for i, c := range close {
			list[i] = quoted(c)
		}
		detail += fmt.Sprintf(" Did you mean one of %s?", strings.Join(list, ", "))
	}

	return detail
}

// closest returns the live names that a person may have meant, the likeliest first. Case and punctuation weigh less than
// letters, because Wingspan's own pages spell the same event in several ways (InvoicePaid, Invoice.Paid).
func closest(name string, live []string) []string {
	type candidate struct {
		name             string
		letters, spelled int
	}
	plain := lettersOf(name)
	limit := max(2, len(plain)/3)

	var near []candidate
	for _, l := range live {
		c := candidate{name: l, letters: levenshtein.Distance(plain, lettersOf(l), nil), spelled: levenshtein.Distance(name, l, nil)}
		if c.letters <= limit {
			near = append(near, c)
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.letters, b.letters), cmp.Compare(a.spelled, b.spelled), strings.Compare(a.name, b.name))
	})

	names := make([]string, 0, maxSuggestions)
	for _, c := range near[:min(len(near), maxSuggestions)] {
		names = append(names, c.name)
	}

	return names
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}

		return -1
	}, s)
}
