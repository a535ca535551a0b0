// Package startup tunes the provider's process for its short life.
package startup

import (
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"
)

const (
	// The heap of a plan is some tens of megabytes of short-lived values, so that collecting less often is most of the possible speed…
	gcPercent = 400
	// …and the limit keeps a long-lived process, such as one under a debugger, from growing by that factor.
	memoryLimit = 132 << 20
)

// Tune disables the logs that no one asked for, and sets the garbage collection. Call it before the provider is served. Under a
// debugger the logs stay.
//
// Every framework provider writes each of its thousands of trace lines as JSON to standard error even when no one asked
// for a log; Terraform parses and drops them. That is half of the time of a large plan (terraform-plugin-framework
// issues 721 and 1269). With any TF_LOG variable set, everything is left as it is. The loggers read their
// variables at each call, so that setting them here is early enough.
//
// Go's standard logger is always off: no one but net/http writes to it, and what it writes quotes what servers send.
func Tune(debugging bool) {
	log.SetOutput(io.Discard) //nolint:forbidigo // it is turned off
	if !debugging && !logWanted(os.Environ()) {
		for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_WINGSPAN"} {
			_ = os.Setenv(name, "OFF") // It only fails for names that no system takes.
		}
	}

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// logWanted reports whether any of Terraform's log variables (TF_LOG, TF_LOG_PROVIDER, TF_LOG_SDK_PROTO, …) is set.
func logWanted(environ []string) bool {
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) && value != "" {
			return true
		}
	}

	return false
}
