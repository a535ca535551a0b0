//go:build !unix

package acctest

import "os/exec"

// interruptible only bounds the wait: without signals, the command is killed.
func interruptible(cmd *exec.Cmd) (end func()) {
	cmd.WaitDelay = stopTimeout

	return func() {}
}
