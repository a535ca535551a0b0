package acctest

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
)

// shared is the kit that all tests of one test binary use, so that the provider is built once.
var shared struct {
	once sync.Once
	dir  string
	kit  *Kit
	err  error
}

// Main runs the tests and removes what Get built. It is for TestMain, whose exit code it returns.
func Main(m *testing.M) int {
	code := m.Run()
	if err := os.RemoveAll(shared.dir); err != nil && code == 0 {
		return 1
	}

	return code
}

// Exits runs a command that has to end with the code, and returns its output.
func (w *Workspace) Exits(tb testing.TB, code int, args ...string) string {
	tb.Helper()
	result, err := w.Run(tb.Context(), args...)
	if err != nil {
		tb.Fatal(err)
	}
	if result.Code != code {
		tb.Fatalf("%v exited with code %d, want %d:\n%s", args, result.Code, code, result.Output)
	}

	return result.Output
}

// Get returns the kit that the tests of this binary share. It skips the test where there is no CLI.
func Get(tb testing.TB) *Kit {
	tb.Helper()
	shared.once.Do(func() {
		var path string
		if path, shared.err = Find(); shared.err != nil {
			return
		}
		//nolint:usetesting // It outlives the test that happens to come first; Main removes it.
		if shared.dir, shared.err = os.MkdirTemp("", "wingspan-acctest-"); shared.err == nil {
			shared.kit, shared.err = Build(context.Background(), path, shared.dir)
		}
	})
	if errors.Is(shared.err, ErrNoCLI) {
		tb.Skip(shared.err)
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}

	return shared.kit
}
