//go:build !unix

package acctest

import (
	"os/exec"
	"time"
)

// interruptible only bounds the wait: without signals, the command is killed.
func interruptible(cmd *exec.Cmd, timeout time.Duration) (end func()) {
	cmd.WaitDelay = timeout

	return func() {}
}
