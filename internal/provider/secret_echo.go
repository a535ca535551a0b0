package provider

import (
	"context"
	"sync"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// echoProbe learns once per run whether reads show the secret that the response to a write showed: an API may echo at writes, and mask
// what it shows to readers.
type echoProbe struct {
	mu             sync.Mutex
	known, echoes  bool
	failedAttempts int
}

const maxEchoProbes = 3

// readsEcho reports whether reads show the secret that was sent and that the response to the write shows.
func (d *providerData) readsEcho(ctx context.Context, account string, sent wingspan.Secret, written *wingspan.Preference) bool {
	if written.SharedSecret == nil || *written.SharedSecret != sent {
		return false
	}
	d.echo.mu.Lock()
	defer d.echo.mu.Unlock()
	if d.echo.known || d.echo.failedAttempts >= maxEchoProbes {
		return d.echo.echoes
	}
	read, err := d.webhooks.Client().GetPreference(ctx, account, written.ID)
	if err != nil {
		// It may be too early to read it. The next refresh finds out as well.
		d.echo.failedAttempts++

		return false
	}
	d.echo.known, d.echo.echoes = true, read.SharedSecret != nil && *read.SharedSecret == sent

	return d.echo.echoes
}
