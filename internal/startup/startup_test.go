package startup

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogWanted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		environ []string
		want    bool
	}{
		{"nothing", nil, false},
		{"others", []string{"PATH=/bin", "TF_VAR_TF_LOG=TRACE", "TF_LOGS=TRACE", "MY_TF_LOG=TRACE"}, false},
		{"empty", []string{"TF_LOG=", "TF_LOG_PROVIDER="}, false},
		{"no value at all", []string{"TF_LOG"}, false},
		{"for everything", []string{"TF_LOG=ERROR"}, true},
		{"for providers", []string{"TF_LOG=", "TF_LOG_PROVIDER=DEBUG"}, true},
		{"for this one", []string{"TF_LOG_PROVIDER_WINGSPAN=DEBUG"}, true},
		{"for a part of the SDK", []string{"TF_LOG_SDK_PROTO=TRACE"}, true},
		{"into a file", []string{"TF_LOG_PATH=x.log"}, true},
		{"switched off by name", []string{"TF_LOG=OFF"}, true},
	} {
		if got := logWanted(test.environ); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

// tuneProbe, when set, makes this test binary call Tune and print what it did to the process.
const tuneProbe = "WINGSPAN_TEST_TUNE_PROBE"

// TestMain serves the probe: Tune changes the process, so that it needs one of its own.
func TestMain(m *testing.M) {
	if debugging := os.Getenv(tuneProbe); debugging != "" {
		Tune(debugging == "debug")
		log.Print("what net/http writes")
		for _, name := range logVariables() {
			os.Stdout.WriteString(name + "=" + os.Getenv(name) + "\n")
		}
		os.Stdout.WriteString(gcSettings() + "\n")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func logVariables() []string {
	return []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_WINGSPAN"}
}

func TestTune(t *testing.T) {
	t.Parallel()
	const off, none = "OFF OFF OFF OFF", "   "
	const ours, theirs, half = "gc 400, limit 138412032", "gc 50, limit 1048576000", "gc 50, limit 138412032"
	for _, test := range []struct {
		name, probe string
		env         []string
		logs, gc    string
	}{
		{"nobody asked for a log", "plugin", nil, off, ours},
		{"an empty variable asks for none", "plugin", []string{"TF_LOG="}, off, ours},
		{"somebody asked", "plugin", []string{"TF_LOG=DEBUG"}, none, ours},
		{"somebody asked for one part", "plugin", []string{"TF_LOG_SDK_PROTO=TRACE"}, "  TRACE ", ours},
		{"under a debugger", "debug", nil, none, ours},
		{"Go's own variables are left alone", "plugin", []string{"GOGC=50", "GOMEMLIMIT=1000MiB"}, off, theirs},
		{"each for itself", "plugin", []string{"GOGC=50"}, off, half},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			probe := exec.Command(self)
			probe.Env = append([]string{tuneProbe + "=" + test.probe}, test.env...)
			var stderr bytes.Buffer
			probe.Stderr = &stderr
			out, err := probe.Output()
			if err != nil {
				t.Fatal(err)
			}
			if stderr.Len() > 0 {
				t.Errorf("Go's standard logger writes: %s", &stderr)
			}
			lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
			var logs []string
			for _, line := range lines[:len(lines)-1] {
				_, value, _ := strings.Cut(line, "=")
				logs = append(logs, value)
			}
			if diff := cmp.Diff([]string{test.logs, test.gc}, []string{strings.Join(logs, " "), lines[len(lines)-1]}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// gcSettings reads what the process runs with. Reading the percentage is only possible by setting it.
func gcSettings() string {
	percent := debug.SetGCPercent(100)

	return fmt.Sprintf("gc %d, limit %d", percent, debug.SetMemoryLimit(-1))
}
