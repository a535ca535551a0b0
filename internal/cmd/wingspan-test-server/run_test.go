package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	collection = "/integrations/webhooks/preference"
	fakeSecret = "fake-secret-only-for-tests"
	validBody  = `{"url":"https://hooks.example.com/a","sharedSecret":"` + fakeSecret + `"}`
)

// output may be read while the server writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs the command until the returned stop, which returns all that it printed.
func start(t *testing.T, args ...string) (url string, stop func() string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "url")
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var out output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append(args, "-url-file", file), &out) }()
	stop = func() string {
		t.Helper()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it does not end")
		}
		return out.String()
	}
	return waitForURL(t, file), stop
}

func waitForURL(t *testing.T, file string) string {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if content, err := os.ReadFile(file); err == nil {
			return strings.TrimSuffix(string(content), "\n")
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the URL file never came")
	return ""
}

func call(t *testing.T, method, url, token, account, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	if account != "" {
		r.Header.Set("X-WINGSPAN-USER", account)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestRunPrintsHowToUseItAndEachRequest(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "-token", "demo-token", "-accounts", "usrA, usrB", "-seed", "3")
	if status, body := call(t, "POST", url+collection, "demo-token", "usrB", validBody); status != 200 {
		t.Errorf("status %d: %s", status, body)
	}
	call(t, "GET", url+collection+"/a%2Fb", "demo-token", "", "")
	call(t, "GET", url+collection, "demo-token", "usr\tC\xff", "")
	call(t, "GET", url+collection, "wrong-token", "", "")
	out := stop()
	want := strings.Join([]string{
		"Wingspan test server on " + url + ", holding 3 webhook preferences in memory. Stop it with Ctrl-C.",
		"export WINGSPAN_BASE_URL=" + url,
		"export WINGSPAN_API_TOKEN=demo-token",
		"POST " + collection + " 200 usrB",
		"GET " + collection + "/a%2Fb 404 usrOwn0000000000000001",
		`GET ` + collection + ` 403 usr\tC\xff`,
		"GET " + collection + " 403 usrOwn0000000000000001",
		"",
	}, "\n")
	if out != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
	if strings.Contains(out, fakeSecret) || strings.Contains(out, "wrong-token") {
		t.Error("it printed a secret or a header")
	}
	if _, err := http.Get(url); err == nil {
		t.Error("it answers after its end")
	}
}

func TestRunQuiet(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "-quiet")
	call(t, "GET", url+collection, "test-token-not-a-real-one", "", "")
	if out := stop(); strings.Contains(out, "GET") || !strings.Contains(out, "export WINGSPAN_BASE_URL="+url+"\n") {
		t.Errorf("printed %q", out)
	}
}

func TestRunSecretsAndSeed(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"echo": `^"seeded-secret-not-a-real-one-[12]"$`, "mask": `^"\*{8}"$`, "hash": `^"[0-9a-f]{64}"$`, "omit": `^$`,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			url, stop := start(t, "-secrets", mode, "-seed", "2")
			_, body := call(t, "GET", url+collection, "test-token-not-a-real-one", "", "")
			stop()
			var list []map[string]json.RawMessage
			if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 {
				t.Fatalf("%v: %s", err, body)
			}
			for _, p := range list {
				if secret := string(p["sharedSecret"]); !regexp.MustCompile(want).MatchString(secret) {
					t.Errorf("secret %s", secret)
				}
			}
			if string(list[0]["url"]) == string(list[1]["url"]) {
				t.Error("seeded twice with one URL")
			}
		})
	}
}

func TestRunLatency(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "-latency", "50ms", "-addr", "localhost:0")
	began := time.Now()
	call(t, "GET", url+collection, "test-token-not-a-real-one", "", "")
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
	stop()
}

func TestURLFileIsReplacedWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "url")
	if err := os.WriteFile(file, []byte(strings.Repeat("stale", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(file, "http://127.0.0.1:1\n"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil || string(content) != "http://127.0.0.1:1\n" {
		t.Errorf("%v: %q", err, content)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v: left behind %v", err, left)
	}
}

func TestURLFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, path := range map[string]string{"no folder": filepath.Join(folder, "missing", "url"), "a folder": folder} {
		err := run(t.Context(), []string{"-url-file", path}, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), "write -url-file: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
