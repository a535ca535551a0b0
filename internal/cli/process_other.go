//go:build !linux

package cli

import (
	"context"
	"runtime"
)

var exeSuffix = map[string]string{"windows": ".exe"}[runtime.GOOS]

// Providers needs Linux's /proc; elsewhere it finds none.
func (*Kit) Providers(int) []int { return nil }

// PeakMemory needs Linux's /proc.
func (*Kit) PeakMemory(ctx context.Context, _ int) (int64, bool) {
	<-ctx.Done()

	return 0, false
}
