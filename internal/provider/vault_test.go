package provider

import (
	"bytes"
	"encoding/base64"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// vault keeps all that the provider hands to Terraform for state and plan, the private state too, and all bodies that it sends.
type vault struct {
	mu sync.Mutex
	// applied is the part of handed that was stored since a test last cleared it.
	handed, applied, bodies [][]byte
}

// watch has the vault of what follows keep everything.
func (r *harness) watch() *vault {
	r.vault = &vault{}
	r.OnRequest(func(req wingspantest.Request) { r.vault.note(&r.vault.bodies, req.Body) })

	return r.vault
}

func (v *vault) note(parts *[][]byte, more ...[]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, part := range more {
		*parts = append(*parts, bytes.Clone(part))
	}
}

// take is for a response; a nil vault takes nothing.
func (v *vault) take(applied bool, state *tfprotov6.DynamicValue, private []byte, diags diagnostics) {
	if v == nil || state == nil {
		return
	}
	v.note(&v.handed, state.MsgPack, private, []byte(diags.text()))
	if applied {
		v.note(&v.applied, state.MsgPack, private)
	}
}

// wantNoneHanded asserts that nothing that was ever handed over contains one of the secrets.
func (v *vault) wantNoneHanded(t *testing.T, secrets ...string) {
	t.Helper()
	wantNone(t, v.handed, secrets)
}

// wantNonePassedOn is for what came from the API, which must not go back to it either.
func (v *vault) wantNonePassedOn(t *testing.T, secrets ...string) {
	t.Helper()
	wantNone(t, v.handed, secrets)
	wantNone(t, v.bodies, secrets)
}

func wantNone(t *testing.T, parts [][]byte, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		for _, p := range parts {
			if bytes.Contains(p, []byte(secret)) || bytes.Contains(p, []byte(base64.StdEncoding.EncodeToString([]byte(secret)))) {
				t.Errorf("%q is in %q", secret, p)
			}
		}
	}
}
