//go:build unix

package acctest

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// interruptible has the end of the context interrupt the command, because a killed CLI leaves its providers running. A
// process group of its own keeps the terminal's Ctrl-C from it, which would be a second one, upon which a CLI gives up
// at once. The returned function kills whatever is left of the group.
func interruptible(cmd *exec.Cmd, timeout time.Duration) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	// A provider that outlives its CLI would keep the output open for ever.
	cmd.WaitDelay = timeout

	return func() {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // Usually nothing is left, which is the error.
		}
	}
}
