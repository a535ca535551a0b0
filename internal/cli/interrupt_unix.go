//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// interruptible has the end of the context ask the command to stop, as Ctrl-C would: a killed CLI leaves its providers
// running. A process group of its own keeps a real Ctrl-C from it: that would be the second one, upon which a CLI
// gives up at once. The returned function ends what of the group is left after that.
func interruptible(cmd *exec.Cmd) (sweep func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }

	return func() {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // Most of the time there is nothing left, and that is the error.
		}
	}
}
