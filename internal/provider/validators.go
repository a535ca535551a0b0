package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	// minSecretLength is where a shared secret stops being one that could be guessed, in characters.
	minSecretLength = 16
	// maxEvents is how many events the client accepts of one preference.
	maxEvents = 1000
)

var (
	_ validator.String = secretValidator{}
	_ validator.String = userIDValidator{}
	_ validator.Number = integerValidator{}
)

// notEmpty refuses what is empty or only whitespace. The advice is appended to the message.
func notEmpty(advice string) validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`\S`), "must not be empty. "+advice)
}

// ValidateConfig refuses two secrets at once. A validator of one of the attributes would make Terraform print its source line, with the secret.
func (*preferenceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config preferenceModel
	resp.Diagnostics.Append(config.get(ctx, req.Config.Raw)...)
	set := func(s types.String) bool { return !s.IsNull() && !s.IsUnknown() }
	if !resp.Diagnostics.HasError() && set(config.SharedSecret) && set(config.SharedSecretWO) {
		resp.Diagnostics.AddError("Conflicting shared secrets", "Only one of shared_secret and shared_secret_wo can be set.")
	}
}

// secretValidator refuses empty secrets and warns of weak ones. It never shows the value, nor binds a message to it: Terraform
// prints the source line of an attribute that a message is about.
type secretValidator struct{}

func (secretValidator) Description(context.Context) string {
	return fmt.Sprintf("must not be empty and should contain at least %d characters", minSecretLength)
}

func (v secretValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (secretValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	switch secret := req.ConfigValue.ValueString(); {
	case strings.TrimSpace(secret) == "":
		resp.Diagnostics.AddError("Empty shared secret",
			fmt.Sprintf("%s is empty or contains only whitespace, so anyone could forge events. Use a random secret, for example the output of `openssl rand -hex 32`.", req.Path))
	case utf8.RuneCountInString(secret) < minSecretLength:
		resp.Diagnostics.AddWarning("Short shared secret",
			fmt.Sprintf("%s has fewer than %d characters. A short secret can be guessed and used to forge payment events. "+
				"Use a random secret, for example the output of `openssl rand -hex 32`.", req.Path, minSecretLength))
	case strings.TrimSpace(secret) != secret:
		resp.Diagnostics.AddWarning("Shared secret has leading or trailing whitespace",
			fmt.Sprintf("%s begins or ends with whitespace, for example a newline read with file(). The provider sends it unchanged. "+
				"Use trimspace() if your endpoint uses the trimmed value.", req.Path))
	}
}

// userIDValidator refuses IDs that cannot be sent in a header.
type userIDValidator struct{}

func (userIDValidator) Description(context.Context) string {
	return "must not be empty and must be a valid header value"
}

func (v userIDValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (userIDValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := userIDProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid user_id", "The account ID user_id "+problem)
	}
}

// integerValidator is for a number whose attribute is no Int64: the framework's error for a fraction there asks to report a bug.
type integerValidator struct{}

func (integerValidator) Description(context.Context) string { return "must be an integer" }

func (v integerValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (integerValidator) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if n := req.ConfigValue.ValueBigFloat(); n != nil && !n.IsInt() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), fmt.Sprintf("%s must be an integer, got: %s.", req.Path, n.Text('g', 10)))
	}
}
