package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const exeSuffix = ""

// Providers returns the process ids of the providers that a CLI runs now. They are asked of /proc.
func (*Kit) Providers(cli int) []int {
	var pids []int
	// A process is the child of the thread that started it.
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cli))
	for _, list := range lists {
		children, err := os.ReadFile(list)
		if err != nil {
			continue // The thread has ended.
		}
		for field := range strings.FieldsSeq(string(children)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				continue
			}
			if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && filepath.Base(exe) == pluginName {
				pids = append(pids, pid)
			}
		}
	}
	slices.Sort(pids)

	return pids
}

// PeakMemory watches the providers of a CLI until ctx ends, and returns the most memory that one of them
// had resident, in bytes. The second result is false where the system does not tell.
func (k *Kit) PeakMemory(ctx context.Context, cli int) (int64, bool) {
	var peak int64
	// The kernel keeps the high-water mark itself, so that only the last moments of a process are missed.
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		for _, pid := range k.Providers(cli) {
			peak = max(peak, highWater(pid))
		}
		select {
		case <-ctx.Done():
			return peak, true
		case <-ticker.C:
		}
	}
}

func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)

			return kilobytes << 10
		}
	}

	return 0
}
