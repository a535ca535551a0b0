package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns the constructor of the provider's server. The version goes into the user agent, the commit into the log.
func NewServer(version, commit string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer { return newServer(newProvider(version, commit)) }
}

// frameworkServer is everything that the framework's server can do. terraform-plugin-go finds the optional interfaces by type
// assertion, so that a wrapper without them would hide list resources, actions and state stores.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's server with four additions: Create gets its planned private data, which the framework drops; the run knows which
// webhooks are in the state as soon as Terraform shows it; diagnostics are clean (server_diagnostics.go); and a call leaves nothing behind
// (call_context.go).
type server struct {
	frameworkServer

	provider *wingspanProvider
}

func newServer(p *wingspanProvider) tfprotov6.ProviderServer {
	inner := providerserver.NewProtocol6(p)()
	if full, ok := inner.(frameworkServer); ok {
		return &server{full, p}
	}

	return inner // TestServerForwardsEverything fails before this happens.
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	var state struct {
		ID             string `json:"id"`
		AllowDuplicate bool   `json:"allow_duplicate"`
	}
	data := s.provider.configured.Load()
	if data != nil && req.TypeName == preferenceTypeName && req.RawState != nil && json.Unmarshal(req.RawState.JSON, &state) == nil && state.ID != "" {
		data.run.manages(state.ID, state.AllowDuplicate, false)
	}

	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.UpgradeResourceState(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

type plannedPrivateKey struct{}

// plannedPrivate is the planned private data of the change that ctx applies. The framework encodes private data as a JSON object of
// base64 texts.
type plannedPrivate map[string][]byte

func plannedPrivateOf(ctx context.Context) plannedPrivate {
	data, _ := ctx.Value(plannedPrivateKey{}).([]byte)
	var private plannedPrivate
	if json.Unmarshal(data, &private) != nil {
		return nil
	}

	return private
}

// GetKey makes it a privateReader.
func (p plannedPrivate) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}
