package provider

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// providerServer is an in-process provider server, which tests call with protocol 6 as Terraform does: for what needs no CLI, and
// for what the testing library does not show of one, such as warnings.
type providerServer struct {
	t       testing.TB
	ctx     context.Context
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	vault   *vault
}

// values is an object: text, int, bool, []string, []any, map[string]any, nil or unknown{}. What is missing is null.
type values map[string]any

type unknown struct{}

// instance is what Terraform keeps of a resource between two calls; the zero value is a resource that does not exist.
type instance struct {
	state    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// plannedChange is the result of a plan.
type plannedChange struct {
	instance

	replaces []string
}

// unconfigured is a provider process before it is given its settings.
func (r *harness) unconfigured() *providerServer {
	r.t.Helper()

	w := newProviderServer(r.t, r.provider())
	w.vault = r.vault

	return w
}

func newProviderServer(tb testing.TB, tested *wingspanProvider) *providerServer {
	tb.Helper()
	server := newServer(tested)
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	diagnostics(schemas.Diagnostics).want(tb)

	return &providerServer{t: tb, ctx: tb.Context(), server: server, schemas: schemas}
}

// configured is a provider process that sends its requests to the harness's server. Settings are on top of that, and take precedence.
func (r *harness) configured(settings ...values) *providerServer {
	r.t.Helper()
	w := r.unconfigured()
	w.configure(r.block(settings...)).want(r.t)

	return w
}

// block is the provider block that configured sets.
func (r *harness) block(settings ...values) values {
	return with(values{"base_url": r.URL(), "api_token": wingspantest.Token}, settings...)
}

// hookValues is the resource that hookBlock declares, as values.
func hookValues(arguments ...values) values {
	return with(values{
		"url": "https://hooks.example.com/a", "subscribed_events": []string{"Invoice.Paid", "Invoice.Sent"}, "shared_secret": fakeSecret,
	}, arguments...)
}

// call fails the test where there is no response: what a response reports to the user are diagnostics.
func call[Q, R any](w *providerServer, method func(context.Context, Q) (R, error), request Q) R {
	w.t.Helper()
	response, err := method(w.ctx, request)
	if err != nil {
		w.t.Fatal(err)
	}

	return response
}

// validateBlock is what `validate` does with a provider block, before there is any environment.
func (w *providerServer) validateBlock(block values) diagnostics {
	w.t.Helper()
	config := w.encode(w.schemas.Provider.ValueType(), block)

	return call(w, w.server.ValidateProviderConfig, &tfprotov6.ValidateProviderConfigRequest{Config: config}).Diagnostics
}

func (w *providerServer) configure(block values) diagnostics {
	w.t.Helper()
	if diags := w.validateBlock(block); len(diags) > 0 {
		return diags
	}
	config := w.encode(w.schemas.Provider.ValueType(), block)

	return call(w, w.server.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config}).Diagnostics
}

func (w *providerServer) validate(config values) diagnostics {
	w.t.Helper()
	resp := call(w, w.server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: preferenceTypeName, Config: w.encode(w.preferenceType(), config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})

	return resp.Diagnostics
}

// plan proposes what Terraform's core would: the configuration, and what it leaves open as it was before. A nil configuration destroys.
func (w *providerServer) plan(prior instance, config values) (plannedChange, diagnostics) {
	w.t.Helper()
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: preferenceTypeName, PriorState: w.stateOf(prior), PriorPrivate: prior.private, PriorIdentity: prior.identity,
		Config: w.encode(w.preferenceType(), config), ProposedNewState: w.propose(prior, config),
	}
	resp := call(w, w.server.PlanResourceChange, req)
	w.vault.take(false, resp.PlannedState, resp.PlannedPrivate, resp.Diagnostics)
	p := plannedChange{instance: instance{state: resp.PlannedState, private: resp.PlannedPrivate, identity: resp.PlannedIdentity}}
	for _, at := range resp.RequiresReplace {
		p.replaces = append(p.replaces, pathText(at))
	}

	return p, resp.Diagnostics
}

func (w *providerServer) propose(prior instance, config values) *tfprotov6.DynamicValue {
	w.t.Helper()
	if config == nil {
		return w.encode(w.preferenceType(), nil)
	}
	before, proposed := w.values(prior), values{}
	for _, a := range w.schemas.ResourceSchemas[preferenceTypeName].Block.Attributes {
		switch {
		case a.WriteOnly:
		case a.Computed && config[a.Name] == nil:
			proposed[a.Name] = before[a.Name]
		default:
			proposed[a.Name] = config[a.Name]
		}
	}

	return w.encode(w.preferenceType(), proposed)
}

// apply plans and applies. After an error it returns what Terraform would keep.
func (w *providerServer) apply(prior instance, config values) (instance, diagnostics) {
	w.t.Helper()
	p, diags := w.plan(prior, config)
	if diags.failed() {
		return prior, diags
	}
	if len(p.replaces) > 0 {
		w.t.Fatalf("the plan replaces the resource because of %v", p.replaces)
	}

	return w.applyPlan(prior, p, config)
}

// applyPlan applies a plan. The configuration may know more than it did then.
func (w *providerServer) applyPlan(prior instance, p plannedChange, config values) (instance, diagnostics) {
	w.t.Helper()
	resp := call(w, w.server.ApplyResourceChange, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: preferenceTypeName, PriorState: w.stateOf(prior), PlannedState: p.state, PlannedPrivate: p.private, PlannedIdentity: p.identity,
		Config: w.encode(w.preferenceType(), config),
	})
	w.vault.take(true, resp.NewState, resp.Private, resp.Diagnostics)

	return instance{state: resp.NewState, private: resp.Private, identity: resp.NewIdentity}, resp.Diagnostics
}

// read refreshes. As in Terraform, an error leaves everything as it was.
func (w *providerServer) read(h instance) (instance, diagnostics) {
	w.t.Helper()
	resp := call(w, w.server.ReadResource, &tfprotov6.ReadResourceRequest{
		TypeName: preferenceTypeName, CurrentState: w.stateOf(h), Private: h.private, CurrentIdentity: h.identity,
	})
	w.vault.take(false, resp.NewState, resp.Private, resp.Diagnostics)
	if diagnostics(resp.Diagnostics).failed() {
		return h, resp.Diagnostics
	}

	return instance{state: resp.NewState, private: resp.Private, identity: resp.NewIdentity}, resp.Diagnostics
}

// applied, refreshed and planned are for what is to be done without a word.
func (w *providerServer) applied(prior instance, config values) instance {
	w.t.Helper()
	h, diags := w.apply(prior, config)
	diags.want(w.t)

	return h
}

func (w *providerServer) refreshed(h instance) instance {
	w.t.Helper()
	h, diags := w.read(h)
	diags.want(w.t)

	return h
}

func (w *providerServer) planned(prior instance, config values) plannedChange {
	w.t.Helper()
	p, diags := w.plan(prior, config)
	diags.want(w.t)

	return p
}

func (w *providerServer) importID(id string) (instance, diagnostics) {
	w.t.Helper()

	return w.importState(&tfprotov6.ImportResourceStateRequest{TypeName: preferenceTypeName, ID: id})
}

// importState imports and then reads, as Terraform does.
func (w *providerServer) importState(req *tfprotov6.ImportResourceStateRequest) (instance, diagnostics) {
	w.t.Helper()
	resp := call(w, w.server.ImportResourceState, req)
	if len(resp.Diagnostics) > 0 {
		return instance{}, resp.Diagnostics
	}
	imported := resp.ImportedResources[0]
	h, diags := w.read(instance{state: imported.State, private: imported.Private, identity: imported.Identity})
	if diags.failed() {
		return instance{}, diags
	}

	return h, diags
}

func (w *providerServer) data(typeName string, config values) (values, diagnostics) {
	w.t.Helper()
	typ := w.schemas.DataSourceSchemas[typeName].ValueType()
	validated := call(w, w.server.ValidateDataResourceConfig, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: w.encode(typ, config)})
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	resp := call(w, w.server.ReadDataSource, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: w.encode(typ, config)})
	if resp.State == nil || diagnostics(resp.Diagnostics).failed() {
		return nil, resp.Diagnostics
	}

	return w.decode(typ, resp.State), resp.Diagnostics
}

// values returns the attributes in the state, nil for none.
func (w *providerServer) values(h instance) values {
	w.t.Helper()

	return w.decode(w.preferenceType(), w.stateOf(h))
}

// wantSame asserts that there are the same attributes in two states, such as those before and after a plan without a change.
func (w *providerServer) wantSame(want, got instance) {
	w.t.Helper()
	if diff := cmp.Diff(w.values(want), w.values(got)); diff != "" {
		w.t.Errorf("it is not the same (-want +got):\n%s", diff)
	}
}

func (w *providerServer) preferenceType() tftypes.Type {
	return w.schemas.ResourceSchemas[preferenceTypeName].ValueType()
}

func (w *providerServer) stateOf(h instance) *tfprotov6.DynamicValue {
	if h.state == nil {
		return w.encode(w.preferenceType(), nil)
	}

	return h.state
}

func (w *providerServer) encode(typ tftypes.Type, v values) *tfprotov6.DynamicValue {
	w.t.Helper()
	var object any
	if v != nil {
		object = map[string]any(v)
	}
	dv, err := tfprotov6.NewDynamicValue(typ, encodeValue(typ, object))
	if err != nil {
		w.t.Fatal(err)
	}

	return &dv
}

func (w *providerServer) decode(typ tftypes.Type, dv *tfprotov6.DynamicValue) values {
	w.t.Helper()
	v, err := dv.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	object, _ := decodeValue(v).(map[string]any)

	return object
}
