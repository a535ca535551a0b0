// Package drive calls a provider in this process as a CLI calls it over a socket: with protocol 6, one resource at a
// time. It is for soaks and benchmarks, where thousands of calls must not cost thousands of processes.
package drive

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Values is an object: strings, bools, ints, and []string for sets. What is missing is null.
type Values map[string]any

// Provider is a provider process that is not one. It is safe for concurrent use, as a provider is.
type Provider struct {
	server tfprotov6.ProviderServer
	block  tftypes.Type
	schema map[string]*tfprotov6.Schema
}

// Object is what a CLI keeps of a resource between two calls. The zero value is a resource that does not exist.
type Object struct {
	state    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Exists tells whether there is a state.
func (o Object) Exists() bool { return o.state != nil }

// Diagnostics is an error of the provider, with what a person gets to read.
type Diagnostics []*tfprotov6.Diagnostic

// Error has every text, warnings too.
func (d Diagnostics) Error() string {
	var b strings.Builder
	for _, one := range d {
		fmt.Fprintf(&b, "%s: %s\n%s\n", one.Severity, one.Summary, one.Detail)
	}

	return b.String()
}

// failed returns the diagnostics if one of them is an error.
func failed(all []*tfprotov6.Diagnostic) error {
	for _, one := range all {
		if one.Severity == tfprotov6.DiagnosticSeverityError {
			return Diagnostics(all)
		}
	}

	return nil
}

// New asks the provider for its schema and configures it.
func New(ctx context.Context, server tfprotov6.ProviderServer, block Values) (*Provider, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	if err := failed(schemas.Diagnostics); err != nil {
		return nil, err
	}
	p := &Provider{server: server, block: schemas.Provider.ValueType(), schema: schemas.ResourceSchemas}
	config, err := encode(p.block, block)
	if err != nil {
		return nil, err
	}
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config})
	if err != nil {
		return nil, err
	}

	return p, failed(resp.Diagnostics)
}

// Validate checks a configuration.
func (p *Provider) Validate(ctx context.Context, typeName string, config Values) error {
	value, err := encode(p.schema[typeName].ValueType(), config)
	if err != nil {
		return err
	}
	resp, err := p.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: value,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		return err
	}

	return failed(resp.Diagnostics)
}

// Plan is a planned change.
type Plan struct {
	prior, after Object
	typeName     string
	config       *tfprotov6.DynamicValue
	// Changes tells whether the plan is not empty.
	Changes bool
}

// Plan plans what the configuration makes of the object; a nil one destroys it.
func (p *Provider) Plan(ctx context.Context, typeName string, prior Object, config Values) (Plan, error) {
	typ := p.schema[typeName].ValueType()
	before, err := p.values(typeName, prior)
	if err != nil {
		return Plan{}, err
	}
	values := make([]*tfprotov6.DynamicValue, 2)
	for i, v := range []Values{config, p.propose(typeName, before, config)} {
		if values[i], err = encode(typ, v); err != nil {
			return Plan{}, err
		}
	}
	priorState, err := state(typ, prior)
	if err != nil {
		return Plan{}, err
	}
	resp, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: priorState, PriorPrivate: prior.private, PriorIdentity: prior.identity,
		Config: values[0], ProposedNewState: values[1],
	})
	if err != nil {
		return Plan{}, err
	}
	if err := failed(resp.Diagnostics); err != nil {
		return Plan{}, err
	}
	changes, err := differ(typ, priorState, resp.PlannedState)
	plan := Plan{
		prior: prior, typeName: typeName, config: values[0], Changes: changes,
		after: Object{state: resp.PlannedState, private: resp.PlannedPrivate, identity: resp.PlannedIdentity},
	}
	if len(resp.RequiresReplace) > 0 {
		return plan, fmt.Errorf("the plan replaces the resource because of %v", resp.RequiresReplace)
	}

	return plan, err
}

// propose is what a CLI's core proposes: the configuration, and what it leaves open as it was before.
func (p *Provider) propose(typeName string, before, config Values) Values {
	if config == nil {
		return nil
	}
	proposed := maps.Clone(config)
	for _, a := range p.schema[typeName].Block.Attributes {
		switch {
		case a.WriteOnly:
			delete(proposed, a.Name)
		case a.Computed && config[a.Name] == nil:
			proposed[a.Name] = before[a.Name]
		}
	}

	return proposed
}

// Apply carries a plan out. With an error it returns what a CLI would keep.
func (p *Provider) Apply(ctx context.Context, plan Plan) (Object, error) {
	typ := p.schema[plan.typeName].ValueType()
	priorState, err := state(typ, plan.prior)
	if err != nil {
		return plan.prior, err
	}
	resp, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: plan.typeName, PriorState: priorState, PlannedState: plan.after.state,
		PlannedPrivate: plan.after.private, PlannedIdentity: plan.after.identity, Config: plan.config,
	})
	if err != nil {
		return plan.prior, err
	}
	after, err := object(typ, resp.NewState, resp.Private, resp.NewIdentity)
	if err != nil {
		return plan.prior, err
	}

	return after, failed(resp.Diagnostics)
}

// Read refreshes the object. An error leaves it as it was.
func (p *Provider) Read(ctx context.Context, typeName string, o Object) (Object, error) {
	typ := p.schema[typeName].ValueType()
	current, err := state(typ, o)
	if err != nil {
		return o, err
	}
	resp, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: current, Private: o.private, CurrentIdentity: o.identity,
	})
	if err != nil {
		return o, err
	}
	if err := failed(resp.Diagnostics); err != nil {
		return o, err
	}

	return object(typ, resp.NewState, resp.Private, resp.NewIdentity)
}

// Import takes a resource that exists under management, and reads it.
func (p *Provider) Import(ctx context.Context, typeName, id string) (Object, error) {
	resp, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		return Object{}, err
	}
	if err := failed(resp.Diagnostics); err != nil {
		return Object{}, err
	}
	if len(resp.ImportedResources) != 1 {
		return Object{}, fmt.Errorf("the import of %q brought %d resources", id, len(resp.ImportedResources))
	}
	one := resp.ImportedResources[0]
	o, err := p.Read(ctx, typeName, Object{state: one.State, private: one.Private, identity: one.Identity})
	if err != nil {
		return Object{}, err
	}

	return o, nil
}

// Text returns an attribute that is a string, "" for null.
func (p *Provider) Text(typeName string, o Object, attribute string) (string, error) {
	values, err := p.values(typeName, o)
	if err != nil || values == nil {
		return "", err
	}
	value, ok := values[attribute].(tftypes.Value)
	if !ok || value.IsNull() {
		return "", nil
	}
	var text string

	return text, value.As(&text)
}
