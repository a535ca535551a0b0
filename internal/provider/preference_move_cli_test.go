package provider

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	fwschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// restapi is a provider whose restapi_object keeps its configuration in the state, and sends no requests.
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

const (
	restapiExecutable = "terraform-provider-restapi"
	restapiSource     = "Mastercard/restapi"
)

// serveRestapi is the provider process in which Terraform finds restapi_object.
func serveRestapi() {
	_ = tf6server.Serve("registry.terraform.io/mastercard/restapi", providerserver.NewProtocol6(restapi{}),
		tf6server.WithManagedDebug(), tf6server.WithManagedDebugReattachConfigTimeout(time.Minute))
	os.Exit(1) // It is killed before it ends.
}

// useRestapi has the commands that follow find a restapi provider, and a configuration of their own in place of the example's files.
func (e *exampleRun) useRestapi(files ...string) {
	e.t.Helper()
	if testedCLI(e.t).tofu {
		skipBelow(e.t, 10, "a move between resource types")
	}
	e.remove(files...)
	binary, err := os.Executable()
	if err != nil {
		e.t.Fatal(err)
	}
	provider, end := attach(e.t, &exec.Cmd{Path: binary, Args: []string{restapiExecutable}}, os.Environ())
	e.t.Cleanup(end)
	e.attached = append(e.attached, provider)
}

// configureWithRestapi is configure for a configuration with both providers.
func (e *exampleRun) configureWithRestapi(config string) {
	e.t.Helper()
	both := strings.Replace(requirement, "    wingspan", "    restapi = {\n      source = \""+restapiSource+"\"\n    }\n    wingspan", 1)
	if err := e.w.Configure(both + config); err != nil {
		e.t.Fatal(err)
	}
}

// moveInTheCLI moves the webhook of the example, one to which the configuration gives a secret, and instances to which it gives none.
func moveInTheCLI(e *exampleRun) {
	moved := e.read("moved.tf")
	e.useRestapi("moved.tf")
	e.seed(wingspantest.OwnAccount)
	payments := e.only()
	put := func(account, name string) wingspantest.Preference {
		return e.Put(wingspantest.Preference{
			Account: account, URL: hookURL(name), SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
		})
	}
	one, north, south := put(wingspantest.OwnAccount, "a"), put(exampleAccount, "north"), put(exampleAccount, "south")
	ids := fmt.Sprintf("locals {\n  ids = { north = %q, south = %q }\n}\n", north.ID, south.ID)
	e.configureWithRestapi(ids + object("\"payments\" {", payments, payments.ID) + object("\"hook\" {", one, one.ID) +
		strings.ReplaceAll(object("\"each\" {\n  for_each = local.ids", north, "ID"), `"ID"`, "each.value"))
	e.apply()

	e.configureWithRestapi(ids + moved + hookBlock("hook") + movedBlock("hook") + movedBlock("each") +
		hookBlock("each", "for_each = local.ids", `url = "https://hooks.example.com/${each.key}"`, "shared_secret = null"))
	e.wantOutput(e.cli("plan", "-out=saved"), "Plan: 0 to add, 1 to change, 0 to destroy.", "wingspan_webhook_preference.hook will be updated in-place")
	e.cli("apply", "saved")
	e.wantWrites(patchSecret)
	if state := e.read("terraform.tfstate"); strings.Contains(state, otherSecret) || strings.Contains(state, restapiType) {
		e.t.Error("the state still contains what restapi kept")
	}
	e.wantDestroyed()
	e.wantWrites("DELETE", "DELETE", "DELETE", "DELETE")
}
