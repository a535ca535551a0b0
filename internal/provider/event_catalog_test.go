package provider

import (
	"context"
	"errors"
	"slices"
	"strings"
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

// TestCatalogRequestsAsFewListsAsItCan: each row is the lists that the accounts have, who looks for which name, and who is asked.
func TestCatalogRequestsAsFewListsAsItCan(t *testing.T) {
	t.Parallel()
	noAccess := errors.New("no access")
	type call struct {
		account, wanted string
		err             error
	}
	for name, test := range map[string]struct {
		lists map[string][]string
		calls []call
		asked []string
	}{
		"each account once":                     {map[string][]string{"a": {"x"}, "b": {"y"}}, []call{{"a", "x", nil}, {"b", "y", nil}, {"b", "y", nil}}, []string{"a", "b"}},
		"the first list serves the others":      {map[string][]string{"a": {"x"}}, []call{{"a", "x", nil}, {"b", "x", nil}}, []string{"a"}},
		"but not the token's own account":       {map[string][]string{"a": {"x"}, "": {"x"}}, []call{{"a", "x", nil}, {"", "x", nil}}, []string{"a", ""}},
		"a failure is remembered":               {nil, []call{{"a", "x", noAccess}, {"a", "x", noAccess}}, []string{"a"}},
		"a failure proves nothing about others": {map[string][]string{"b": {"x"}}, []call{{"a", "x", noAccess}, {"b", "x", nil}, {"c", "x", nil}}, []string{"a", "b"}},
		"an empty list is a failure":            {map[string][]string{"a": {}}, []call{{"a", "x", errNoEventNames}, {"a", "x", errNoEventNames}}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			c := newEventCatalog(func(_ context.Context, account string) ([]string, error) {
				asked = append(asked, account)
				if list, found := test.lists[account]; found {
					return list, nil
				}

				return nil, noAccess
			})
			for _, call := range test.calls {
				names, err := c.names(t.Context(), call.account, []string{call.wanted})
				if !errors.Is(err, call.err) || (err == nil && !slices.Contains(names, call.wanted)) {
					t.Errorf("%q gets %q, %v", call.account, names, err)
				}
			}
			if !slices.Equal(asked, test.asked) {
				t.Errorf("asked %q, want %q", asked, test.asked)
			}
		})
	}
}

// TestACallerThatGivesUpLeavesTheListToTheOthers, and gets its own context's error.
func TestACallerThatGivesUpLeavesTheListToTheOthers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := newEventCatalog(func(ctx context.Context, _ string) ([]string, error) {
		<-release

		return []string{"x"}, ctx.Err()
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.names(gone, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after canceling: %v", err)
	}
	close(release)
	if names, err := c.names(t.Context(), "a", []string{"x"}); err != nil || !slices.Equal(names, []string{"x"}) {
		t.Errorf("got %q, %v", names, err)
	}
}
