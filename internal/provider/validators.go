package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// minSecretLength is where a shared secret stops being one that could be guessed, in characters.
const minSecretLength = 16

var (
	_ validator.String = secretValidator{}
	_ validator.String = userIDValidator{}
	_ validator.String = idValidator{}
	_ validator.Set    = eventsValidator{}
)

// secretValidator refuses blank secrets and warns of weak ones. It never shows the value.
type secretValidator struct{}

func (secretValidator) Description(context.Context) string {
	return fmt.Sprintf("must not be blank, and should have %d characters or more", minSecretLength)
}

func (v secretValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (secretValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	switch secret := req.ConfigValue.ValueString(); {
	case strings.TrimSpace(secret) == "":
		resp.Diagnostics.AddAttributeError(req.Path, "Blank shared secret",
			"The shared secret is blank, so anybody could sign events with it.\n\n"+
				"Set a random one, for example the output of `openssl rand -hex 32`.")
	case utf8.RuneCountInString(secret) < minSecretLength:
		resp.Diagnostics.AddAttributeWarning(req.Path, "Short shared secret",
			fmt.Sprintf("The shared secret has fewer than %d characters. Whoever guesses it can forge news of payments. "+
				"Use a random one, for example the output of `openssl rand -hex 32`.", minSecretLength))
	case strings.TrimSpace(secret) != secret:
		resp.Diagnostics.AddAttributeWarning(req.Path, "Shared secret with blanks around it",
			"The shared secret begins or ends with a blank or a line break, as file() reads it from many files. It is used as it is. "+
				"If the receiver has it without, no signature will match: wrap it in trimspace().")
	}
}

// userIDValidator refuses ids that cannot be sent in a header.
type userIDValidator struct{}

func (userIDValidator) Description(context.Context) string {
	return "must not be blank, and must be a valid header value"
}

func (v userIDValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (userIDValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := userIDProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid user_id", "The account id user_id "+problem)
	}
}

// eventsValidator wants at least one event, and no blank one.
type eventsValidator struct{}

func (eventsValidator) Description(context.Context) string {
	return "must hold at least one event name, and no blank one"
}

func (v eventsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (eventsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if len(req.ConfigValue.Elements()) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No subscribed events",
			"A webhook without events would never be called.\n\n"+
				"Name at least one event, or remove the resource. The data source wingspan_event_names lists the names that there are.")
	}
	for _, e := range req.ConfigValue.Elements() {
		name, ok := e.(types.String)
		if !ok || name.IsUnknown() {
			continue
		}
		if strings.TrimSpace(name.ValueString()) == "" {
			resp.Diagnostics.AddAttributeError(req.Path.AtSetValue(e), "Blank event name",
				"An event name in subscribed_events is blank or null.\n\nRemove it, or find its name with the data source wingspan_event_names.")
		}
	}
}

// idValidator refuses a blank id, which would read the whole list instead.
type idValidator struct{}

func (idValidator) Description(context.Context) string { return "must not be blank" }

func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (idValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || strings.TrimSpace(req.ConfigValue.ValueString()) != "" {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Blank id",
		"The id of a webhook preference is blank.\n\nThe data source wingspan_webhook_preferences lists the ids of an account.")
}
