//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const asCommand = "WINGSPAN_TEST_SERVER_AS_COMMAND"

// TestMain lets the test's binary be the command, for what only a process of its own can show.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()

		return
	}
	m.Run()
}

func TestItServesUntilASignal(t *testing.T) {
	t.Parallel()
	const collection = "/integrations/webhooks/preference"
	folder := t.TempDir()
	file := filepath.Join(folder, "url")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary,
		"-token", "demo-token", "-accounts", "usrA, usrB", "-seed", "2", "-secrets", "mask", "-latency", "1ms", "-url-file", file)
	c.Env = append(os.Environ(), asCommand+"=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	printed := bufio.NewScanner(out)
	next := func() string {
		printed.Scan()

		return printed.Text()
	}

	if first := next(); !strings.HasSuffix(first, ", with 2 webhook preferences in memory. Stop it with Ctrl-C.") {
		t.Errorf("printed %q", first)
	}
	url := strings.TrimPrefix(next(), "export WINGSPAN_BASE_URL=")
	if token := next(); token != "export WINGSPAN_API_TOKEN=demo-token" {
		t.Errorf("printed %q", token)
	}
	for _, tt := range []struct {
		account, line, body string
	}{
		{"", "200 usrOwn0000000000000001", `"sharedSecret":"********"`},
		{"usrB", "200 usrB", "[]"},
		{"usr\tC\xff", `403 usr\tC\xff`, "no access"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+collection, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer demo-token"}, "Accept": {"application/json"}}
		if tt.account != "" {
			r.Header.Set("X-WINGSPAN-USER", tt.account)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !strings.Contains(string(body), tt.body) {
			t.Errorf("%v: %s", err, body)
		}
		if got, want := next(), fmt.Sprint("GET ", collection, " ", tt.line); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}

	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != url+"\n" {
		t.Errorf("the file contains %q: %v", content, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("left behind %v, %v", left, err)
	}
}

func TestInvalidTargetsAreRejected(t *testing.T) {
	t.Parallel()
	for args, message := range map[string]string{
		"-addr 0.0.0.0:8080":              "0.0.0.0:8080 is not a loopback address",
		"-addr :8080":                     "not a loopback address",
		"-addr example.com:80":            "not a loopback address",
		"-addr 127.0.0.1":                 "host:port",
		"-token a;b":                      "-token may contain only",
		"-secrets rot13":                  "must be echo, mask, hash or omit",
		"-seed -1":                        "-seed",
		"stray":                           `"stray"`,
		"-url-file /dev/null/missing/url": "write -url-file: ",
	} {
		var out strings.Builder
		if err := run(t.Context(), strings.Fields(args), &out); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: error %v, want one that contains %q", args, err, message)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, &out); err != nil || !strings.Contains(out.String(), "  -url-file file") {
		t.Errorf("%v: %s", err, out.String())
	}
}
