package wingspantest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	base       = "/integrations/webhooks/"
	eventNames = base + "eventnames"
	collection = base + "preference"

	childAccount = "usrChild00000000000001"
	fakeSecret   = "fake-secret-only-for-tests"
	validBody    = `{"url":"https://hooks.example.com/a","sharedSecret":"` + fakeSecret + `","subscribedEvents":["Invoice.Sent","Invoice.Paid"]}`
)

// documented is the API document's WebhooksPreference, and the one extra field that responses contain.
type documented struct {
	PreferenceID     string            `json:"preferenceId"`
	UserID           string            `json:"userId"`
	URL              string            `json:"url"`
	SharedSecret     string            `json:"sharedSecret"`
	SubscribedEvents []string          `json:"subscribedEvents"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	Labels           map[string]string `json:"labels"`
	EventActors      map[string]string `json:"eventActors"`
	UserRoles        struct {
		OwnerIDs  []string `json:"ownerIds"`
		ViewerIDs []string `json:"viewerIds"`
	} `json:"userRoles"`
	AddedLater string `json:"addedLater"`
}

type reply struct {
	status int
	header http.Header
	length int64
	body   string
}

// request is a valid one, which tests then spoil.
func request(t *testing.T, s *wingspantest.Server, method, path, body string) *http.Request {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+wingspantest.Token)
	r.Header.Set("Accept", "application/json")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}

	return r
}

// try never reuses a connection: net/http would repeat a GET on one that is cut.
func try(r *http.Request) (reply, error) {
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)

	return reply{response.StatusCode, response.Header, response.ContentLength, string(body)}, err
}

func do(t *testing.T, r *http.Request) reply {
	t.Helper()
	got, err := try(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}

	return got
}

func call(t *testing.T, s *wingspantest.Server, method, path, body string) reply {
	t.Helper()

	return do(t, request(t, s, method, path, body))
}

func callAs(t *testing.T, s *wingspantest.Server, account, method, path, body string) reply {
	t.Helper()
	r := request(t, s, method, path, body)
	r.Header.Set("X-WINGSPAN-USER", account)

	return do(t, r)
}

func decode[T any](t *testing.T, got reply) T {
	t.Helper()
	var value T
	decoder := json.NewDecoder(strings.NewReader(got.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("status %d, body %q: %v", got.status, got.body, err)
	}
	if got.length != int64(len(got.body)) {
		t.Errorf("Content-Length %d for %d bytes", got.length, len(got.body))
	}
	if contentType := got.header.Get("Content-Type"); contentType != "application/json" {
		t.Errorf("Content-Type %q", contentType)
	}

	return value
}

func create(t *testing.T, s *wingspantest.Server) documented {
	t.Helper()

	return decode[documented](t, wantStatus(t, call(t, s, "POST", collection, validBody), 200))
}

func wantStatus(t *testing.T, got reply, status int) reply {
	t.Helper()
	if got.status != status {
		t.Fatalf("status %d, want %d; body %q", got.status, status, got.body)
	}

	return got
}

func wantError(t *testing.T, got reply, status int, message string) {
	t.Helper()
	wantStatus(t, got, status)
	object := decode[map[string]string](t, got)
	if len(object) != 1 || !strings.Contains(object["error"], message) || object["error"] == "" {
		t.Errorf("body %s, want an error that holds %q", got.body, message)
	}
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// eventually waits for what a server does after its client left, which nothing announces. What never happens ends with the timeout of
// go test, as no time of its own is right for every machine.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	t.Log("waiting until", what)
	for !done() {
		time.Sleep(time.Millisecond)
	}
}
