package provider

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// vault sees all that the provider hands to Terraform for state and plan: the private part too, which the testing library does not show.
type vault struct {
	mu      sync.Mutex
	handed  [][]byte
	applied [][]byte
	bodies  [][]byte
}

// factories are the rig's, watched by the vault.
func (v *vault) factories(r *rig) map[string]func() (tfprotov6.ProviderServer, error) {
	r.OnRequest(func(req wingspantest.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.bodies = append(v.bodies, bytes.Clone(req.Body))
	})

	return map[string]func() (tfprotov6.ProviderServer, error){
		typeName: func() (tfprotov6.ProviderServer, error) {
			return &watchedServer{ProviderServer: newServer(r.provider()), vault: v}, nil
		},
	}
}

func (v *vault) take(applied bool, parts ...[]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range parts {
		v.handed = append(v.handed, bytes.Clone(p))
		if applied {
			v.applied = append(v.applied, bytes.Clone(p))
		}
	}
}

// shown returns an error if anything that was ever handed over holds one of the secrets.
func (v *vault) shown(secrets ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()

	return holdsAny(v.handed, secrets)
}

// passedOn is shown for what came from the API, which must not go back to it either.
func (v *vault) passedOn(secrets ...string) error {
	if err := v.shown(secrets...); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()

	return holdsAny(v.bodies, secrets)
}

// kept returns an error if what was stored since the last call holds one of the secrets.
func (v *vault) kept(secrets ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	err := holdsAny(v.applied, secrets)
	v.applied = nil

	return err
}

func holdsAny(parts [][]byte, secrets []string) error {
	for _, secret := range secrets {
		for _, p := range parts {
			if bytes.Contains(p, []byte(secret)) || bytes.Contains(p, []byte(base64.StdEncoding.EncodeToString([]byte(secret)))) {
				return fmt.Errorf("%q is in what the provider handed over: %q", secret, p)
			}
		}
	}

	return nil
}

type watchedServer struct {
	tfprotov6.ProviderServer

	vault *vault
}

func (s *watchedServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.ProviderServer.ReadResource(ctx, req)
	if err == nil && resp.NewState != nil {
		s.vault.take(false, resp.NewState.MsgPack, resp.Private, []byte(said(resp.Diagnostics).text()))
	}

	return resp, err
}

func (s *watchedServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil && resp.PlannedState != nil {
		s.vault.take(false, resp.PlannedState.MsgPack, resp.PlannedPrivate, []byte(said(resp.Diagnostics).text()))
	}

	return resp, err
}

func (s *watchedServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.ProviderServer.ApplyResourceChange(ctx, req)
	if err == nil && resp.NewState != nil {
		s.vault.take(true, resp.NewState.MsgPack, resp.Private, []byte(said(resp.Diagnostics).text()))
	}

	return resp, err
}
