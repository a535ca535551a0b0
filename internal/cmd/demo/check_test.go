package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const fakeSecret = "fake-secret-0123456789"

// holding is a demo whose server holds the webhook as configured.
func holding(t *testing.T) *demo {
	t.Helper()
	d := &demo{server: wingspantest.New(t), secret: fakeSecret}
	d.id = d.server.Put(wingspantest.Preference{
		URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
	}).ID

	return d
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	switch {
	case part == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case part != "" && (err == nil || !strings.Contains(err.Error(), part)):
		t.Errorf("got %v, want an error with %q", err, part)
	case err != nil && strings.Contains(err.Error(), fakeSecret):
		t.Errorf("it tells the secret: %v", err)
	}
}

func TestHoldsFindsEachDifference(t *testing.T) {
	t.Parallel()
	edit := func(change func(*wingspantest.Preference)) func(*demo) {
		return func(d *demo) { d.server.Edit(d.id, change) }
	}
	for name, row := range map[string]struct {
		change func(*demo)
		want   string
	}{
		"as configured, in another order": {func(*demo) {}, ""},
		"nothing":                         {func(d *demo) { d.server.Remove(d.id) }, "holds 0 webhooks"},
		"two":                             {func(d *demo) { d.server.Put(wingspantest.Preference{URL: hookURL}) }, "holds 2 webhooks"},
		"another id":                      {func(d *demo) { d.id = "another" }, "it was replaced"},
		"another URL":                     {edit(func(p *wingspantest.Preference) { p.URL += "/x" }), hookURL + `/x"`},
		"another secret":                  {edit(func(p *wingspantest.Preference) { p.SharedSecret += "x" }), "another secret"},
		"another account":                 {edit(func(p *wingspantest.Preference) { p.Account = "usrX" }), `belongs to "usrX"`},
		"an event less":                   {edit(func(p *wingspantest.Preference) { p.SubscribedEvents = p.SubscribedEvents[:1] }), `the events ["Invoice.Sent"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := holding(t)
			row.change(d)
			wantError(t, d.holds("Invoice.Paid", "Invoice.Sent"), row.want)
		})
	}
}

func TestWroteTellsMethodAndFieldsOfTheWritesSinceTheLastTime(t *testing.T) {
	t.Parallel()
	d := holding(t)
	send := func(method, body string) {
		path := d.server.URL() + "/integrations/webhooks/preference/" + d.id
		r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+wingspantest.Token)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}

	wantError(t, d.wrote(), "")
	send(http.MethodGet, "")
	wantError(t, d.wrote(), "")
	send(http.MethodPatch, `{"url":"https://hooks.example.com/x","subscribedEvents":["Invoice.Paid"]}`)
	wantError(t, d.wrote("PATCH subscribedEvents,url"), "")
	send(http.MethodPatch, `{"sharedSecret":"`+fakeSecret+`"}`)
	wantError(t, d.wrote(), `were ["PATCH sharedSecret"], not []`)
	wantError(t, d.wrote("DELETE"), `were [], not ["DELETE"]`)
}

func TestASecretInAnyFileOfTheWorkingDirectoryIsFound(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no state":       {map[string]string{"main.tf": ""}, "no terraform.tfstate"},
		"clean":          {map[string]string{"terraform.tfstate": "{}"}, ""},
		"in the state":   {map[string]string{"terraform.tfstate": "{" + fakeSecret + "}"}, "terraform.tfstate holds the secret"},
		"in another one": {map[string]string{"terraform.tfstate": "{}", ".terraform/x.log": fakeSecret}, "x.log holds the secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &demo{secret: fakeSecret, work: &cli.Workspace{Dir: t.TempDir()}}
			for file, content := range row.files {
				path := filepath.Join(d.work.Dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			wantError(t, d.stateHidesSecret(), row.want)
		})
	}
}
