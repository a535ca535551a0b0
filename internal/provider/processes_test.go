package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
)

func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); strings.TrimSuffix(name, ".exe") == acctest.Executable {
		serveCrashing() // This binary is started by Terraform, as a provider.
	}
	os.Exit(acctest.Main(m))
}

// providersOf returns the process IDs of the providers that a CLI runs at the moment. It needs Linux's /proc, and finds none elsewhere.
func providersOf(cli int) []int {
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
			if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && filepath.Base(exe) == acctest.Executable {
				pids = append(pids, pid)
			}
		}
	}

	return pids
}
