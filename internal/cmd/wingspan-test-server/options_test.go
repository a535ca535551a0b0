package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args    string
		message string
	}{
		{"-addr 0.0.0.0:8080", "0.0.0.0:8080 is not a loopback address"},
		{"-addr :8080", "not a loopback address"},
		{"-addr [::]:8080", "not a loopback address"},
		{"-addr 192.0.2.1:80", "not a loopback address"},
		{"-addr example.com:80", "not a loopback address"},
		{"-addr 127.0.0.1", "host:port"},
		{"-token a;b", "-token may hold only"},
		{"-token=", "-token may hold only"},
		{"-accounts usrA,,usrB", "blank account"},
		{"-secrets rot13", `echo, mask, hash or omit, got "rot13"`},
		{"-latency -1s", "-latency must not be negative"},
		{"-latency soon", "-latency"},
		{"-seed -1", "-seed must not be negative"},
		{"-unknown", "-unknown"},
		{"stray", `"stray"`},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := run(t.Context(), strings.Fields(tt.args), &out)
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("error %v, want one that holds %q", err, tt.message)
			}
			if out.Len() > 0 {
				t.Errorf("printed %q", out.String())
			}
		})
	}
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	got, err := parse(strings.Fields("-addr [::1]:0 -token a.B_c~1+/= -accounts a,b -secrets hash -latency 2s -seed 4 -url-file f -quiet"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.accounts, []string{"a", "b"}) {
		t.Errorf("accounts %v", got.accounts)
	}
	if got.addr != "[::1]:0" || got.token != "a.B_c~1+/=" || got.secrets != wingspantest.Hash || got.latency != 2*time.Second ||
		got.seed != 4 || got.urlFile != "f" || !got.quiet {
		t.Errorf("options %+v", got)
	}
	got, err = parse(nil, io.Discard)
	if err != nil || got.addr != "127.0.0.1:0" || got.token != wingspantest.Token || got.secrets != wingspantest.Echo || got.accounts != nil {
		t.Errorf("defaults %+v, %v", got, err)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, &out); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"addr", "token", "accounts", "secrets", "latency", "seed", "url-file", "quiet"} {
		if !strings.Contains(out.String(), "  -"+name) {
			t.Errorf("the help does not name -%s", name)
		}
	}
}

func TestRunOnATakenAddress(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	err := run(t.Context(), []string{"-addr", strings.TrimPrefix(s.URL(), "http://")}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "start the Wingspan test server") {
		t.Errorf("error %v", err)
	}
}
