package provider

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestServerForwardsEverything: what the framework's server can do, ours can do. A newer framework that can do more fails here.
func TestServerForwardsEverything(t *testing.T) {
	t.Parallel()
	inner, ours := providerserver.NewProtocol6(New("1.2.3", "abcdef0")())(), NewServer("1.2.3", "abcdef0")()
	if _, ok := ours.(*server); !ok {
		t.Errorf("the framework's server lacks something that %T needs", ours)
	}
	can := func(s tfprotov6.ProviderServer) map[string]bool {
		_, lists := s.(tfprotov6.ListResourceServer)
		_, actions := s.(tfprotov6.ActionServer)
		_, stores := s.(tfprotov6.StateStoreServer)
		_, generates := s.(interface {
			GenerateResourceConfig(context.Context, *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error)
		})
		_, identities := s.(interface {
			UpgradeResourceIdentity(context.Context, *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error)
		})

		return map[string]bool{"lists": lists, "actions": actions, "stores": stores, "generates": generates, "identities": identities}
	}
	for what, does := range can(inner) {
		if can(ours)[what] != does {
			t.Errorf("%s: the framework's server %t, ours %t", what, does, !does)
		}
	}
}

// TestACallKeepsNothingOfItsContext: the framework keeps the context of each call until the provider stops.
func TestACallKeepsNothingOfItsContext(t *testing.T) {
	t.Parallel()
	w := newHarness(t).configured()
	created := w.applied(instance{}, hookValues())
	type key struct{}
	for name, call := range map[string]func(w *providerServer) diagnostics{
		"validate": func(w *providerServer) diagnostics { return w.validate(hookValues()) },
		"read":     func(w *providerServer) diagnostics { _, diags := w.read(created); return diags },
		"plan":     func(w *providerServer) diagnostics { _, diags := w.plan(created, hookValues()); return diags },
		"update": func(w *providerServer) diagnostics {
			_, diags := w.apply(created, hookValues(values{"url": "https://hooks.example.com/other"}))

			return diags
		},
	} {
		logger := &[1 << 10]byte{}
		kept := weak.Make(logger)
		caller := *w
		caller.ctx = context.WithValue(t.Context(), key{}, logger)
		call(&caller).want(t)
		caller.ctx = nil
		if runtime.GC(); kept.Value() != nil {
			t.Errorf("%s: what its context has is still there", name)
		}
	}
}

// TestLoggersArePassedOnWhereTheyAreNeeded: startup.Tune sets both variables where no one asked for a log.
func TestLoggersArePassedOnWhereTheyAreNeeded(t *testing.T) {
	t.Parallel()
	type key struct{}
	for _, test := range []struct {
		framework, provider string
		passed              bool
	}{{"OFF", "OFF", false}, {"OFF", "DEBUG", true}, {"TRACE", "OFF", true}, {"", "", true}} {
		env := map[string]string{"TF_LOG_SDK_FRAMEWORK": test.framework, "TF_LOG_PROVIDER_WINGSPAN": test.provider}
		s := &server{provider: &wingspanProvider{getenv: func(name string) string { return env[name] }}}
		ctx := context.WithValue(t.Context(), key{}, "logger")
		end := s.beginCall(&ctx)
		if passed := ctx.Value(key{}) != nil; passed != test.passed {
			t.Errorf("%+v: passed on is %t", test, passed)
		}
		if end(); ctx.Err() == nil {
			t.Errorf("%+v: the context doesn't end with the call", test)
		}
	}
}

// TestCreateWithoutPlannedPrivateDataSendsNothing: what the plan did not decide, the apply does not guess.
func TestCreateWithoutPlannedPrivateDataSendsNothing(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	p := w.planned(instance{}, hookValues())
	p.private = nil
	_, diags := w.applyPlan(instance{}, p, hookValues())
	diags.want(t, "error: Missing planned private data")
	r.wantWrites()
}

// TestAPlanWarnsOfTheConfigurationOnce: before planning, Terraform validates in a process that is never configured.
func TestAPlanWarnsOfTheConfigurationOnce(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	weak := hookValues(values{"url": "http://hooks.example.com", "shared_secret": "fake"})
	r.unconfigured().validate(weak).want(t)
	r.unconfigured().validate(hookValues(values{"shared_secret": ""})).want(t, "error: Empty shared secret")
	r.configured().validate(weak).want(t, "warning at url: Insecure webhook URL", "warning: Short shared secret")
}
