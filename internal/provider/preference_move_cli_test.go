package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	fwschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// restapi is a provider whose restapi_object keeps in the state what its configuration says, and talks to no one.
type restapi struct{ fwprovider.Provider }

type restapiResource struct{ fwresource.Resource }

func (restapi) Metadata(_ context.Context, _ fwprovider.MetadataRequest, resp *fwprovider.MetadataResponse) {
	resp.TypeName = "restapi"
}
func (restapi) Schema(context.Context, fwprovider.SchemaRequest, *fwprovider.SchemaResponse) {}
func (restapi) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {
}
func (restapi) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (restapi) Resources(context.Context) []func() fwresource.Resource {
	return []func() fwresource.Resource{func() fwresource.Resource { return restapiResource{} }}
}

func (restapiResource) Metadata(_ context.Context, _ fwresource.MetadataRequest, resp *fwresource.MetadataResponse) {
	resp.TypeName = restapiType
}

func (restapiResource) Schema(_ context.Context, _ fwresource.SchemaRequest, resp *fwresource.SchemaResponse) {
	text := fwschema.StringAttribute{Optional: true}
	resp.Schema = fwschema.Schema{Attributes: map[string]fwschema.Attribute{
		"id": fwschema.StringAttribute{
			Optional: true, Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"path": text, "data": text, "api_response": text, "create_response": text,
		"api_data": fwschema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
}

func (restapiResource) Create(_ context.Context, req fwresource.CreateRequest, resp *fwresource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (restapiResource) Update(_ context.Context, req fwresource.UpdateRequest, resp *fwresource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (restapiResource) ImportState(ctx context.Context, req fwresource.ImportStateRequest, resp *fwresource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID[strings.LastIndex(req.ID, "/")+1:])...)
}

func (restapiResource) Read(context.Context, fwresource.ReadRequest, *fwresource.ReadResponse) {}
func (restapiResource) Delete(context.Context, fwresource.DeleteRequest, *fwresource.DeleteResponse) {
}

// object declares a restapi_object for a webhook that exists, with the secret wherever Mastercard/restapi keeps it.
func object(header string, p wingspantest.Preference, id string) string {
	return fmt.Sprintf(`resource "restapi_object" %s
  id              = %q
  path            = "/integrations/webhooks/preference"
  data            = jsonencode({ url = %[3]q, sharedSecret = %[4]q })
  api_response    = jsonencode({ preferenceId = %[2]q, userId = %[5]q, sharedSecret = %[4]q })
  create_response = jsonencode({ preferenceId = %[2]q, userId = %[5]q, sharedSecret = %[4]q })
  api_data        = { preferenceId = %[2]q, userId = %[5]q, sharedSecret = %[4]q }
}
`, header, id, p.URL, p.SharedSecret, p.Account)
}

func movedBlock(name string) string {
	return fmt.Sprintf("moved {\n  from = restapi_object.%s\n  to   = wingspan_webhook_preference.%[1]s\n}\n", name)
}

// moveInTheCLI moves the webhook of the example, one to which the configuration gives a secret, and instances to which it gives none.
// They have a count because the testing library knows no for_each; Terraform moves both alike.
func moveInTheCLI(e *exampleRun) {
	e.seed(wingspantest.OwnAccount)
	payments := e.only()
	put := func(account, name string) wingspantest.Preference {
		return e.Put(wingspantest.Preference{
			Account: account, URL: hookURL(name), SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
		})
	}
	one, north, south := put(wingspantest.OwnAccount, "a"), put(exampleAccount, "north"), put(exampleAccount, "south")
	ids := fmt.Sprintf("locals {\n  ids = [%q, %q]\n}\n", north.ID, south.ID)
	before := ids + object("\"payments\" {", payments, payments.ID) + object("\"hook\" {", one, one.ID) +
		strings.ReplaceAll(object("\"each\" {\n  count = 2", north, "ID"), `"ID"`, "local.ids[count.index]")
	after := e.example("moved.tf") + hookBlock("hook") + movedBlock("hook") + movedBlock("each") +
		hookBlock("each", "count = 2", `url = "https://hooks.example.com/${["north", "south"][count.index]}"`, "shared_secret = null")

	var checks resource.ConfigPlanChecks
	for name, action := range map[string]plancheck.ResourceActionType{
		"hook": plancheck.ResourceActionUpdate, "payments": plancheck.ResourceActionNoop, "each[0]": plancheck.ResourceActionNoop, "each[1]": plancheck.ResourceActionNoop,
	} {
		checks.PreApply = append(checks.PreApply, plancheck.ExpectResourceAction("wingspan_webhook_preference."+name, action))
	}
	e.runWithRestapi(
		resource.TestStep{Config: e.config(before)},
		resource.TestStep{Config: e.config(after), ConfigPlanChecks: checks, Check: func(s *terraform.State) error {
			e.wantWrites(patchSecret)
			if text := s.String(); strings.Contains(text, otherSecret) || strings.Contains(text, restapiType) {
				return errors.New("the state still contains what restapi kept")
			}

			return nil
		}},
	)
	e.wantWrites("DELETE", "DELETE", "DELETE", "DELETE")
}

// runWithRestapi has the plugin testing library run the steps with the restapi of these tests.
func (e *exampleRun) runWithRestapi(steps ...resource.TestStep) {
	resource.UnitTest(e.t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			typeName:  func() (tfprotov6.ProviderServer, error) { return newServer(e.provider()), nil },
			"restapi": providerserver.NewProtocol6WithError(restapi{}),
		},
		Steps: steps,
	})
}
