package provider

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClosestEventNames(t *testing.T) {
	t.Parallel()
	live := []string{
		"Document.Completed", "Invoice.Accepted", "Invoice.Cancelled", "Invoice.Created", "Invoice.Paid", "Invoice.PaymentFailed",
		"Invoice.Sent", "MemberClient.Active", "MemberClient.Inactive", "Payee.Created", "Payee.Updated", "Payout.Failed",
	}
	for _, test := range []struct {
		name string
		want []string
	}{
		{"Invoice.Payd", []string{"Invoice.Paid"}},
		{"InvoicePaid", []string{"Invoice.Paid"}},
		{"invoice.paid", []string{"Invoice.Paid"}},
		{"INVOICE_PAID", []string{"Invoice.Paid"}},
		{"Invoice.Canceled", []string{"Invoice.Cancelled", "Invoice.Accepted", "Invoice.Created"}},
		{"Invoice.PaymentFail", []string{"Invoice.PaymentFailed"}},
		{"payoutFailedAt", []string{"Payout.Failed"}},
		{"MemberClient.Activ", []string{"MemberClient.Active", "MemberClient.Inactive"}},
		{"Payee.Create", []string{"Payee.Created"}},
		{"Contract.Signed", []string{}},
		{"x", []string{}},
		{"", []string{}},
	} {
		if diff := cmp.Diff(test.want, closest(test.name, live)); diff != "" {
			t.Errorf("closest to %q (-want +got):\n%s", test.name, diff)
		}
	}
	if got := closest("Invoice.Paid", nil); len(got) > 0 {
		t.Errorf("in an empty list: %q", got)
	}
	many := []string{"Invoice.Paid1", "Invoice.Paid2", "Invoice.Paid3", "Invoice.Paid4"}
	if diff := cmp.Diff(many[:3], closest("Invoice.Paid", many)); diff != "" {
		t.Errorf("of many equally close (-want +got):\n%s", diff)
	}
}

func TestSuggestedEvents(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		current    []string
	}{
		{"Invoice.Payd", `Did you mean "Invoice.Paid"?`, []string{"Invoice.Paid", "Payout.Failed"}},
		{"Invoice.Pait", `Did you mean one of "Invoice.Paid", "Invoice.Sent"?`, []string{"Invoice.Paid", "Invoice.Sent"}},
		{"Zzz", `list the 2 available names`, []string{"Invoice.Paid", "Invoice.Sent"}},
		{"Payout.*", `Wildcards aren't supported`, []string{"Payout.Failed"}},
	} {
		if got := suggestEvents(test.name, test.current); !strings.Contains(got, test.want) {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
}

func TestCatalogAsksOncePerAccount(t *testing.T) {
	t.Parallel()
	var asked sync.Map
	release := make(chan struct{})
	c := &eventCatalog{accounts: map[string]*catalogEntry{}, fetch: func(_ context.Context, account string) ([]string, error) {
		n, _ := asked.LoadOrStore(account, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
		<-release

		return []string{"of " + account}, nil
	}}

	// Whoever gives up gets its own context's error, and the others still get the list.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.names(gone, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after canceling: %v", err)
	}

	var wg sync.WaitGroup
	for range 20 {
		for _, account := range []string{"a", "b"} {
			wg.Go(func() {
				names, err := c.names(t.Context(), account, []string{"of " + account})
				if err != nil || !cmp.Equal(names, []string{"of " + account}) {
					t.Errorf("names of %q: %q, %v", account, names, err)
				}
			})
		}
	}
	close(release)
	wg.Wait()
	for _, account := range []string{"a", "b"} {
		n, _ := asked.Load(account)
		if got := n.(*atomic.Int64).Load(); got != 1 {
			t.Errorf("account %q was asked %d times", account, got)
		}
	}

	// The first account's list serves the others, but for the token's own account.
	for account, want := range map[string]string{"c": "of a", "": "of "} {
		names, err := c.names(t.Context(), account, []string{want})
		if _, found := asked.Load(account); found != (account == "") || err != nil || !cmp.Equal(names, []string{want}) {
			t.Errorf("names of %q: %q, %v; asked is %t", account, names, err, found)
		}
	}
}

// TestCatalogSharesNoFailure: an account without access proves nothing about others.
func TestCatalogSharesNoFailure(t *testing.T) {
	t.Parallel()
	c := newEventCatalog(func(_ context.Context, account string) ([]string, error) {
		if account == "a" {
			return nil, errors.New("no access")
		}

		return []string{"x"}, nil
	})
	for _, account := range []string{"a", "b", "c"} {
		if _, err := c.names(t.Context(), account, []string{"x"}); (err != nil) != (account == "a") {
			t.Errorf("%s: %v", account, err)
		}
	}
	if c.accounts["c"] != nil {
		t.Error("the list of b didn't serve c")
	}
}

func TestCatalogRemembersFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, test := range []struct {
		name  string
		names []string
		err   error
		want  error
	}{
		{"error", nil, broken, broken},
		{"empty list", []string{}, nil, errNoEventNames},
		{"no list", nil, nil, errNoEventNames},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			c := &eventCatalog{accounts: map[string]*catalogEntry{}, fetch: func(context.Context, string) ([]string, error) {
				asked.Add(1)

				return test.names, test.err
			}}
			for range 3 {
				if names, err := c.names(t.Context(), "", nil); !errors.Is(err, test.want) {
					t.Errorf("names %q, error %v, want %v", names, err, test.want)
				}
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}
