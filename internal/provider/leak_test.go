package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
)

// leakConfig has the webhooks of the bad responses over HTTP/1.1, and after them those over HTTP/2. Every second one has its secret in the state.
const leakConfig = requirement + `
provider "wingspan" {
  alias    = "http2"
  base_url = var.http2_url
}

variable "plain" {
  type      = string
  sensitive = true
}

variable "wo" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "events" {
  type = set(string)
}

variable "hooks" {}

variable "http2_hooks" {}

variable "http2_url" {}

resource "wingspan_webhook_preference" "hook" {
  count             = var.hooks
  url               = "https://hooks.example.com/${count.index}"
  subscribed_events = var.events
  shared_secret     = count.index % 2 == 0 ? var.plain : null
  shared_secret_wo  = count.index % 2 == 0 ? null : var.wo
}

resource "wingspan_webhook_preference" "http2" {
  provider          = wingspan.http2
  count             = var.http2_hooks
  url               = "https://hooks.example.com/${var.hooks + count.index}"
  subscribed_events = var.events
  shared_secret     = (var.hooks + count.index) % 2 == 0 ? var.plain : null
  shared_secret_wo  = (var.hooks + count.index) % 2 == 0 ? null : var.wo
}

data "wingspan_webhook_preferences" "all" {
  depends_on = [wingspan_webhook_preference.hook]
}

output "all" {
  value = data.wingspan_webhook_preferences.all.preferences
}
`

// TestNothingLeaks runs the real CLI and provider with all logs, over a complete life in which every webhook's requests of each kind also get a bad
// response, and searches all that is printed and written for the token and the secrets.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	skipBelow(t, 11, "a write-only secret")
	t.Run("every response", func(t *testing.T) {
		t.Parallel()
		l := newLeaks(t, sharedKit(t))
		l.set(oddPlain, oddWO, "Invoice.Paid")
		l.proxied()
		l.fail(http.MethodPost, "apply", "-auto-approve")
		l.run(0, "apply", "-auto-approve")
		l.server.editSecrets(oddForeign) // drift, and a rotation
		l.set(oddPlain2, oddWO2, "Invoice.Paid")
		l.run(0, "plan", "-out=saved.tfplan")
		l.inJSON("show", "-json", "saved.tfplan")
		l.run(0, "apply", "saved.tfplan")
		l.inJSON("show", "-json")
		l.searchFiles("terraform.tfstate", "terraform.tfstate.backup")

		l.set(oddPlain, oddWO, "Invoice.Paid", "Invoice.Sent")
		l.fail(http.MethodGet, "plan")
		l.fail(http.MethodPatch, "apply", "-auto-approve")
		l.fail(http.MethodDelete, "destroy", "-auto-approve")
		l.search()
	})
	t.Run("a crash", func(t *testing.T) {
		t.Parallel()
		testCrash(t)
	})
}

// leaks runs commands and searches all that they leave.
type leaks struct {
	t         *testing.T
	server    *leakServer
	workspace *acctest.Workspace
	printed   strings.Builder
}

func newLeaks(t *testing.T, kit *acctest.Kit) *leaks {
	t.Helper()
	workspace, err := kit.Workspace(t.TempDir(), leakConfig)
	if err != nil {
		t.Fatal(err)
	}

	return &leaks{t: t, server: newLeakServer(t), workspace: workspace}
}

// set chooses the secrets and events of the configuration.
func (l *leaks) set(plain, writeOnly string, events ...string) {
	list, _ := json.Marshal(events) // Text can always be encoded.
	l.workspace.Env = []string{
		"WINGSPAN_API_TOKEN=" + oddToken, "WINGSPAN_BASE_URL=" + l.server.url, "WINGSPAN_MAX_RETRIES=0", "SSL_CERT_FILE=" + l.server.certificate,
		"TF_VAR_plain=" + plain, "TF_VAR_wo=" + writeOnly, "TF_VAR_events=" + string(list), "TF_VAR_hooks=" + strconv.Itoa(l.server.http2From),
		"TF_VAR_http2_hooks=" + strconv.Itoa(len(l.server.responses)-l.server.http2From), "TF_VAR_http2_url=" + l.server.http2URL,
		"TF_LOG=TRACE", "TF_LOG_PATH=" + filepath.Join(l.workspace.Dir, "trace.log"), "TF_CLI_ARGS=-no-color", "GOTRACEBACK=all",
	}
	l.server.plain, l.server.writeOnly = plain, writeOnly
}

// run runs a command, which has to end with the code, and returns what it printed.
func (l *leaks) run(code int, args ...string) string {
	l.t.Helper()
	if args[0] == "plan" || args[0] == "apply" || args[0] == "destroy" {
		args = append(args[:1:1], append([]string{"-parallelism=100"}, args[1:]...)...)
	}
	out := mustExit(l.t, l.workspace, code, args...).Output
	if !slices.Contains(args, "-json") {
		l.printed.WriteString(out)
	}

	return out
}

// inJSON is a command whose output has the values that the CLI otherwise hides.
func (l *leaks) inJSON(args ...string) {
	l.t.Helper()
	if found := find([]byte(l.run(0, args...)), oddToken, oddWO, oddWO2, oddForeign); found != "" {
		l.t.Errorf("%v: %s", args, found)
	}
}

// fail has each webhook's request of that method get a bad response of its own. On a slow machine it may be an outage, in which the rest isn't
// sent: then the command runs again. Not every webhook is read by its ID.
func (l *leaks) fail(method string, args ...string) {
	l.t.Helper()
	l.server.method.Store(method)
	for again := true; again; again = method != http.MethodGet && !l.server.haveAllMet(method) {
		if out := l.run(1, args...); !strings.Contains(out, "Error: ") {
			l.t.Errorf("%s: no error was printed:\n%s", method, out)
		}
	}
	l.server.method.Store("")
}

// proxied asks the true API by way of a proxy that refuses to be one, in words that have its password.
func (l *leaks) proxied() {
	l.t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 407 %s %s\r\nX-Leak: %s\r\nContent-Length: 0\r\n\r\n", oddPassword, base64.StdEncoding.EncodeToString([]byte("bob:"+oddPassword)), oddPassword)
			_ = conn.Close()
		}
	}))
	defer proxy.Close()
	address := proxy.Listener.Addr().String()
	env := l.workspace.Env
	l.workspace.Env = append(env[:len(env):len(env)], "WINGSPAN_BASE_URL=https://api.wingspan.invalid", "HTTPS_PROXY=http://bob:"+oddPassword+"@"+address, "NO_PROXY=")
	if out := l.run(0, "plan"); !strings.Contains(strings.Join(strings.Fields(out), " "), "the proxy "+address+" refused the connection with status 407") {
		l.t.Errorf("the proxy isn't named:\n%s", out)
	}
	l.workspace.Env = env
}

// search looks at all that the commands printed and wrote.
func (l *leaks) search() {
	l.t.Helper()
	// Terraform breaks the lines of errors, in the middle of secrets too.
	for _, printed := range []string{l.printed.String(), unwrapped(l.printed.String())} {
		if found := find([]byte(printed), oddToken, oddPassword, oddPlain, oddPlain2, oddWO, oddWO2, oddForeign); found != "" {
			l.t.Errorf("printed: %s", found)
		}
	}
	l.searchFiles()
}

// searchFiles looks at all that the commands wrote, or only at some of the files.
func (l *leaks) searchFiles(only ...string) {
	l.t.Helper()
	for name, content := range filesOf(l.t, l.workspace.Dir) {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		secrets := []string{oddToken, oddPassword, oddWO, oddWO2, oddForeign}
		if !strings.HasPrefix(name, "terraform.tfstate") && !strings.HasPrefix(name, "saved.tfplan") {
			secrets = append(secrets, oddPlain, oddPlain2)
		}
		if name == "saved.tfplan/tfplan" && find(content, oddPlain2) == "" {
			l.t.Error("the search does not even find the plain secret in the plan")
		}
		if name == "trace.log" && !bytes.Contains(content, []byte("Configured Wingspan provider")) {
			l.t.Error("the log has nothing of the provider")
		}
		if found := find(content, secrets...); found != "" {
			l.t.Errorf("%s: %s", name, found)
		}
	}
}

// leakServer responds as the harness's server does, but for one method, for which it has a bad response for each webhook.
type leakServer struct {
	*harness

	url, http2URL, certificate string
	// responses are first those over HTTP/1.1, and from http2From on those over HTTP/2. A webhook has two: one for its create and its reads, the other
	// one for its updates and its delete, so that each response meets a request with a body and one without.
	responses        [][2]leakResponse
	http2From        int
	proxy            *httputil.ReverseProxy
	plain, writeOnly string

	method atomic.Value
	others atomic.Int32
	mu     sync.Mutex
	// met are the methods that met a bad response, by the webhook's number.
	met map[int]map[string]bool
}

func newLeakServer(t *testing.T) *leakServer {
	t.Helper()
	s := &leakServer{harness: newHarness(t), responses: inPairs(slices.Concat(leakResponses(), malformedResponses())), met: map[int]map[string]bool{}}
	s.http2From = len(s.responses)
	s.SetToken(oddToken)
	behind, err := url.Parse(s.harness.URL())
	if err != nil {
		t.Fatal(err)
	}
	s.proxy = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url, s.http2URL = server.URL, server.URL
	if runtime.GOOS != "linux" {
		return s // Elsewhere the provider doesn't trust a certificate of this test through SSL_CERT_FILE.
	}
	s.responses = append(s.responses, inPairs(leakResponses())...)
	over2 := httptest.NewUnstartedServer(s)
	t.Cleanup(over2.Close)
	over2.EnableHTTP2 = true
	over2.StartTLS()
	s.http2URL, s.certificate = over2.URL, filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(s.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: over2.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}

	return s
}

// inPairs has each response at least once; where they don't come out even, the first one is in both places.
func inPairs(all []leakResponse) [][2]leakResponse {
	pairs := make([][2]leakResponse, (len(all)+1)/2)
	for i := range pairs {
		pairs[i] = [2]leakResponse{all[i], all[(i+len(pairs))%len(all)]}
	}

	return pairs
}

func (s *leakServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.method.Load() != any(r.Method) {
		s.proxy.ServeHTTP(w, r)

		return
	}
	body, _ := io.ReadAll(r.Body) // What cannot be read is no webhook's.
	hook := s.hookOf(r, body)
	all := []string{oddToken, oddPlain, oddPlain2, oddWO, oddWO2, oddForeign}
	known := []string{oddToken}
	// A request for a webhook with a plain secret knows it from the state, and a write what it sends.
	plain, writes := hook%2 == 0, r.Method == http.MethodPost || r.Method == http.MethodPatch
	switch {
	case writes && plain:
		known = append(known, s.plain)
	case writes:
		known = append(known, s.writeOnly)
	}
	if plain && r.Method != http.MethodPost {
		known = append(known, oddPlain2)
	}
	response := s.responses[hook][0]
	if r.Method == http.MethodPatch || r.Method == http.MethodDelete {
		response = s.responses[hook][1]
	}
	s.mu.Lock()
	if s.met[hook] == nil {
		s.met[hook] = map[string]bool{}
	}
	s.met[hook][r.Method] = true
	s.mu.Unlock()
	if r.Method == http.MethodDelete && strings.Contains(response.name, "204") {
		s.Remove(filepath.Base(r.URL.Path))
	}
	response.write(w, r.Method, known, all)
}

// hookOf is the webhook that a request is about: the last part of its URL is a number. Lists take one after the other.
func (s *leakServer) hookOf(r *http.Request, body []byte) int {
	var sent struct{ URL string }
	_ = json.Unmarshal(body, &sent) // Reads and deletes have none.
	for _, p := range s.Preferences() {
		if strings.HasSuffix(r.URL.Path, "/"+p.ID) {
			sent.URL = p.URL
		}
	}
	if hook, err := strconv.Atoi(filepath.Base(sent.URL)); err == nil {
		return hook
	}
	other := int(s.others.Add(1))
	if r.ProtoMajor == 2 {
		return s.http2From + other%(len(s.responses)-s.http2From)
	}

	return other % s.http2From
}

// haveAllMet reports whether each response was one to the method.
func (s *leakServer) haveAllMet(method string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.responses {
		if !s.met[i][method] {
			return false
		}
	}

	return true
}

func testCrash(t *testing.T) {
	l := newLeaks(t, crashingKit(t))
	l.server.responses, l.server.http2From = l.server.responses[:2], 2
	l.set(oddPlain, oddWO, "Invoice.Paid")
	// OpenTofu doesn't repeat what the provider printed.
	if out := l.run(1, "apply", "-auto-approve"); !strings.Contains(out, "panic: in the middle of a create") && !strings.Contains(out, "Plugin did not respond") {
		t.Errorf("the provider did not crash:\n%s", out)
	}
	l.search()
}
