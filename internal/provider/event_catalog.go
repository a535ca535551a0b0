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
)

const (
	maxSuggestions = 3
	// catalogTimeout bounds the wait for a list that is only there to help, retries and all. It is longer than the longest pause,
	// which is a minute.
	catalogTimeout = 2 * time.Minute
)

// eventCatalog requests the current event names once per run where an account's list has all that is looked for, and otherwise once per
// account: nothing documents that the lists of accounts differ, and nothing that they don't.
type eventCatalog struct {
	fetch func(context.Context, string) ([]string, error)

	mu       sync.Mutex
	accounts map[string]*catalogEntry
	// shared is of the account that was asked first.
	shared *catalogEntry
}

// catalogEntry is the list of an account. It doesn't change once done is closed.
type catalogEntry struct {
	done  chan struct{}
	names []string
	err   error
}

func newEventCatalog(fetch func(context.Context, string) ([]string, error)) *eventCatalog {
	return &eventCatalog{fetch: fetch, accounts: map[string]*catalogEntry{}}
}

var errNoEventNames = errors.New("the list of event names is empty")

// names returns a current list, sorted and never empty: one that has all the wanted names, or else the account's own. The token's own
// account is always asked, because its names show which account that is.
func (c *eventCatalog) names(ctx context.Context, account string, wanted []string) ([]string, error) {
	c.mu.Lock()
	shared := c.shared
	if shared == nil || account == "" {
		shared = c.request(ctx, account)
	}
	c.mu.Unlock()
	names, err := shared.wait(ctx)
	if ctx.Err() != nil || (err == nil && len(without(wanted, names)) == 0) {
		return names, err
	}

	c.mu.Lock()
	own := c.request(ctx, account)
	c.mu.Unlock()

	return own.wait(ctx)
}

// request needs the lock.
func (c *eventCatalog) request(ctx context.Context, account string) *catalogEntry {
	entry := c.accounts[account]
	if entry != nil {
		return entry
	}
	entry = &catalogEntry{done: make(chan struct{})}
	c.accounts[account] = entry
	if c.shared == nil {
		c.shared = entry
	}
	go func() {
		// Others wait for it too, so that it outlives the first caller.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogTimeout)
		defer cancel()
		entry.names, entry.err = c.fetch(detached, account)
		if entry.err == nil && len(entry.names) == 0 {
			entry.err = errNoEventNames
		}
		c.mu.Lock()
		if entry.err != nil && c.shared == entry {
			c.shared = nil // The next account's may be better.
		}
		c.mu.Unlock()
		close(entry.done)
	}()

	return entry
}

func (e *catalogEntry) wait(ctx context.Context) ([]string, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.done:
		return e.names, e.err
	}
}

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
		if _, again := d.explained.before("event name "+n, ""); !again {
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
		name             string
		letters, spelled int
	}
	plain := lettersOf(name)
	limit := max(2, len(plain)/3)

	var near []candidate
	for _, l := range current {
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
