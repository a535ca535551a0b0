package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ resource.ResourceWithMoveState = (*preferenceResource)(nil)

const (
	// movedKey is, in private state, where a moved webhook came from, until it was read for the first time.
	movedKey = "moved_from"

	restapiType     = "restapi_object"
	restapiProvider = "/restapi"
)

// preferencePath is the endpoint's path, as its segments.
var preferencePath = []string{"integrations", "webhooks", "preference"}

// restapiObject is what a move needs of restapi_object's state. The names are the same in every version of Mastercard/restapi
// (1 and 2 on the SDK, 3 on the framework); what differs between them, such as the type of read_search, is left out, which
// a source schema could not do.
type restapiObject struct {
	ID             string            `json:"id"`
	Path           string            `json:"path"`
	CreatePath     string            `json:"create_path"`
	ReadPath       string            `json:"read_path"`
	APIResponse    string            `json:"api_response"`
	APIData        map[string]string `json:"api_data"`
	CreateResponse string            `json:"create_response"`
}

// MoveState takes over webhooks from restapi_object. It only finds out which webhook it is: Terraform moves before it
// configures the provider, and reads afterward. So no secret that the other state contains is ever near this one's.
func (*preferenceResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveFromRestapi}}
}

func moveFromRestapi(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != restapiType || !strings.HasSuffix(req.SourceProviderAddress, restapiProvider) {
		resp.Diagnostics.Append(cannotMove(req.SourceTypeName, "",
			fmt.Sprintf("It belongs to the provider %s. Only restapi_object of the provider Mastercard/restapi can be moved.", req.SourceProviderAddress))...)

		return
	}
	var object restapiObject
	if req.SourceRawState == nil || json.Unmarshal(req.SourceRawState.JSON, &object) != nil {
		// The error would quote the state.
		resp.Diagnostics.Append(cannotMove(restapiType, "", "Its state can't be read.")...)

		return
	}
	wanted, problem := object.preference()
	if problem != "" {
		resp.Diagnostics.Append(cannotMove(restapiType, object.responseID(), problem)...)

		return
	}

	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), wanted.ID)...)
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("user_id"), wanted.UserID)...)
	if !wanted.UserID.IsNull() {
		// An identity may not change later, so that an incomplete one is left to the read.
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, wanted)...)
	}
	resp.Diagnostics.Append(savePrivate(ctx, resp.TargetPrivate, movedKey, restapiType)...)
}

// preference returns the webhook that the object is, or a problem as one or more sentences.
func (o restapiObject) preference() (identityModel, string) {
	paths := slices.DeleteFunc([]string{o.ReadPath, o.CreatePath, o.Path}, func(p string) bool { return p == "" })
	if !slices.ContainsFunc(paths, func(p string) bool { return isPreferencePath(p, o.ID) }) {
		shown := "It has no path"
		if len(paths) > 0 {
			shown = fmt.Sprintf("Its path is %s", quoted(withoutQuery(paths[len(paths)-1])))
		}

		return identityModel{}, shown + ". Webhook preferences have the path /" + strings.Join(preferencePath, "/") + "."
	}
	if o.ID == "" {
		return identityModel{}, "It has no id in the state, so it was never created or was deleted."
	}
	if id := o.responseID(); id != "" && id != o.ID {
		return identityModel{}, fmt.Sprintf("Its id is %s, but the last API response in its state is for the %s.", quoted(o.ID), preferenceLabel(id))
	}
	wanted, problem := parseImportID(o.ID)
	if problem != "" || !wanted.UserID.IsNull() {
		return identityModel{}, fmt.Sprintf("Its id is %s, which isn't the ID of a webhook preference.", quoted(o.ID))
	}
	if owner := o.responseField("userId"); userIDProblem(owner) == "" {
		wanted.UserID = types.StringValue(owner)
	}

	return wanted, ""
}

func (o restapiObject) responseID() string { return o.responseField("preferenceId") }

// responseField is a field of the API's last response that has it, or "".
func (o restapiObject) responseField(name string) string {
	var last, first map[string]any
	_ = json.Unmarshal([]byte(o.APIResponse), &last) // What is no object has no fields.
	_ = json.Unmarshal([]byte(o.CreateResponse), &first)
	for _, value := range []any{last[name], o.APIData[name], first[name]} {
		if text, ok := value.(string); ok && text != "" {
			return text
		}
	}

	return ""
}

// isPreferencePath accepts the collection's path and an item's. The part that stands in restapi's uri instead may be missing
// at the front, and a gateway's may be added there.
func isPreferencePath(text, id string) bool {
	segments := strings.Split(strings.Trim(withoutQuery(text), "/"), "/")
	if last := segments[len(segments)-1]; last == "{id}" || id != "" && last == id {
		segments = segments[:len(segments)-1]
	}
	if n := len(segments) - len(preferencePath); n > 0 {
		segments = segments[n:]
	}

	return len(segments) >= 2 && slices.Equal(segments, preferencePath[len(preferencePath)-len(segments):])
}

func withoutQuery(text string) string {
	text, _, _ = strings.Cut(text, "?")

	return text
}

// cannotMove takes the reason as sentences, and shows what works instead. The id is empty if it is not known.
func cannotMove(source, id, reason string) diag.Diagnostics {
	if _, problem := parseImportID(id); problem != "" {
		id = "ID"
	}

	return errorDiag(path.Empty(), "Could not move resource",
		fmt.Sprintf("%s can't be moved to wingspan_webhook_preference. %s Nothing changed.", source, reason),
		"If it is a webhook preference, remove the moved block and use these blocks instead. Replace the addresses with your own:\n\n"+
			fmt.Sprintf("removed {\n  from = %s.NAME\n\n  lifecycle {\n    destroy = false\n  }\n}\n\n", source)+importBlock("", id))
}

// explainMove adds to errors what they mean for a webhook that a moved block is taking over.
func explainMove(ctx context.Context, private privateReader, diags diag.Diagnostics) diag.Diagnostics {
	source, moved := loadPrivate[string](ctx, private, movedKey)
	if !moved {
		return diags
	}
	for i, d := range diags {
		diags[i] = diag.NewErrorDiagnostic(d.Summary(), joinParagraphs(d.Detail(),
			fmt.Sprintf("The webhook preference could not be moved from %s, which remains in the state. Resolve the error and plan again, or remove the moved block to keep it there.", source)))
	}

	return diags
}
