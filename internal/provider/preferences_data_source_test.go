package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestPreferencesDataSourceListsInTheOrderOfCreation(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
			at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			for i, id := range []string{"late", "same2", "same1", "early"} {
				created := []time.Time{at.Add(time.Hour), at, at, at.Add(-time.Hour)}[i]
				r.Put(wingspantest.Preference{ID: id, URL: hookURL(id), SharedSecret: foreignSecret, CreatedAt: created, SubscribedEvents: []string{"Invoice.Paid"}})
			}
			_, child := seeded(r, childA)

			got, diags := r.configured().data(preferenceTypeName+"s", values{})
			diags.want(t)
			var ids []string
			for _, p := range got["preferences"].([]any) { // as in the schema
				object := p.(map[string]any) // as in the schema
				ids = append(ids, fmt.Sprint(object["id"]))
			}
			if diff := cmp.Diff([]string{"early", "same1", "same2", "late"}, ids); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			got, diags = r.configured().data(preferenceTypeName+"s", values{"user_id": childA})
			diags.want(t)
			if diff := cmp.Diff(values{"user_id": childA, "preferences": []any{map[string]any(child)}}, got); diff != "" {
				t.Errorf("child (-want +got):\n%s", diff)
			}
			got, diags = r.configured(values{"user_id": childB}).data(preferenceTypeName+"s", values{"user_id": childA})
			diags.want(t)
			if list, _ := got["preferences"].([]any); len(list) != 1 {
				t.Errorf("the own user_id does not override the provider's: %v", got)
			}
		})
	}
}

func TestPreferencesDataSourceOfAnEmptyAccountIsAnEmptyList(t *testing.T) {
	t.Parallel()
	got, diags := newHarness(t).configured().data(preferenceTypeName+"s", values{})
	diags.want(t)
	if diff := cmp.Diff(values{"user_id": nil, "preferences": []any{}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSortByCreationReadsTimesAsTimes(t *testing.T) {
	t.Parallel()
	list := []wingspan.Preference{
		{ID: "c", CreatedAt: "2024-01-01T00:00:00.5Z"},
		{ID: "d", CreatedAt: "2024-01-01T02:00:00+01:00"},
		{ID: "b", CreatedAt: "2024-01-01T00:00:00Z"},
		{ID: "a", CreatedAt: "no time"},
	}
	sortByCreation(list)
	got := ""
	for _, p := range list {
		got += p.ID
	}
	if got != "abcd" {
		t.Errorf("the order is %s, want abcd", got)
	}
}
