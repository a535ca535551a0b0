package provider

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestAcceptedDuplicatesAreOfOneWebhookAndOnePlan(t *testing.T) {
	t.Parallel()
	const server = "https://api.example.com"
	paid := []string{"Invoice.Paid"}
	same := &wanted{account: "usr1", url: "https://HOOKS.example.com:443/a", events: paid}
	a := newAcceptedDuplicates(server, t.TempDir())
	a.remember("id1", &wanted{account: "usr1", url: hookURL("a"), events: paid})
	for name, test := range map[string]struct {
		server, id string
		w          *wanted
		want       bool
	}{
		"the same, in an equivalent URL": {server, "id1", same, true},
		"another server":                 {"https://other.example.com", "id1", same, false},
		"another webhook":                {server, "id2", same, false},
		"another account":                {server, "id1", &wanted{url: hookURL("a"), events: paid}, false},
		"another URL":                    {server, "id1", &wanted{account: "usr1", url: hookURL("b"), events: paid}, false},
		"other events":                   {server, "id1", &wanted{account: "usr1", url: hookURL("a"), events: []string{"Invoice.Sent"}}, false},
	} {
		if got := (acceptedDuplicates{a.dirs, test.server}).remembers(test.id, test.w); got != test.want {
			t.Errorf("%s: remembered is %t", name, got)
		}
	}
	a.forget("id1")
	if a.remembers("id1", same) {
		t.Error("still remembered")
	}
}

// TestAcceptedDuplicatesAreKeptWhereTheyCanBe: in the user's cache directory, or else in Terraform's data directory if that exists. The
// tests may run as root, whom no permission stops.
func TestAcceptedDuplicatesAreKeptWhereTheyCanBe(t *testing.T) {
	t.Parallel()
	const cache, data = "cache", "data"
	w := &wanted{url: hookURL("a"), events: []string{"Invoice.Paid"}}
	directory := func(path string) error { return os.Mkdir(path, 0o700) }
	file := func(path string) error { return os.WriteFile(path, nil, 0o600) }
	missing := func(string) error { return nil }
	readOnly := func(path string) error {
		a := newAcceptedDuplicates("", path)

		return errors.Join(os.MkdirAll(a.dirs[0], 0o700), os.Symlink("missing/file", filepath.Join(a.dirs[0], a.name("id1", w))))
	}
	for name, test := range map[string]struct {
		cache, data func(path string) error
		want        string
	}{
		"both":                      {directory, directory, cache},
		"a cache to be created":     {missing, directory, cache},
		"a cache that is a file":    {file, directory, data},
		"a cache that is read-only": {readOnly, directory, data},
		"a cache, and no data":      {directory, missing, cache},
		"neither":                   {file, missing, ""},
		"two files":                 {file, file, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dirs := map[string]string{cache: filepath.Join(root, cache), data: filepath.Join(root, data)}
			if err := errors.Join(test.cache(dirs[cache]), test.data(dirs[data])); err != nil {
				t.Skip(err)
			}
			a := newAcceptedDuplicates("", dirs[cache], terraformDataDir(func(string) string { return dirs[data] }))
			a.remember("id1", w)
			for name, dir := range dirs {
				if got := newAcceptedDuplicates("", dir).remembers("id1", w); got != (name == test.want) {
					t.Errorf("remembered in the %s directory is %t", name, got)
				}
			}
			if got := a.remembers("id1", w); got != (test.want != "") {
				t.Errorf("remembered is %t", got)
			}
			if a.forget("id1"); a.remembers("id1", w) {
				t.Error("still remembered")
			}
		})
	}
	if a := newAcceptedDuplicates("", "", ""); len(a.dirs) > 0 {
		t.Errorf("without a directory, it is kept in %q", a.dirs)
	}
}

// TestAnAcceptedDuplicateIsReported: the plan of a state that was lost looks like an apply.
func TestAnAcceptedDuplicateIsReported(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	newAcceptedDuplicates(r.URL(), r.cacheDir).remember(p.ID, &wanted{url: hookURL("a"), events: []string{"Invoice.Paid"}})
	_, diags := r.configured().plan(instance{}, hookValues(values{"subscribed_events": []any{"Invoice.Paid"}}))
	diags.want(t, duplicateWarning)
	diags.wantText(t, p.ID)
}
