package provider

import (
	"context"
	"encoding/json"
	"slices"

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

// server hands the planned private data of a create to Create, for which the framework drops it, notes which webhooks are in the
// state as soon as Terraform shows it, and reports each warning about the configuration once.
type server struct {
	frameworkServer

	provider *wingspanProvider
}

func newServer(p *wingspanProvider) tfprotov6.ProviderServer {
	inner := providerserver.NewProtocol6(p)()
	if full, ok := inner.(frameworkServer); ok {
		return &server{diagnosticsServer{full, p.redact}, p}
	}

	return inner // TestServerForwardsEverything fails before this happens.
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return s.frameworkServer.ApplyResourceChange(context.WithValue(ctx, plannedPrivateKey{}, req.PlannedPrivate), req)
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	var state struct {
		ID             string `json:"id"`
		AllowDuplicate bool   `json:"allow_duplicate"`
	}
	if req.TypeName == preferenceTypeName && req.RawState != nil && json.Unmarshal(req.RawState.JSON, &state) == nil && state.ID != "" {
		s.provider.currentRun().manages(state.ID, state.AllowDuplicate, false)
	}

	return s.frameworkServer.UpgradeResourceState(ctx, req)
}

// ValidateResourceConfig leaves warnings to the calls of a configured provider. A plan validates twice, in two processes, and Terraform
// would count the same warning as a similar one elsewhere.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, req)
	if resp != nil && !s.provider.isConfigured() {
		resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityWarning })
	}

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
