package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
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

// notEmpty refuses what is empty or only whitespace. The advice is appended to the message.
func notEmpty(advice string) validator.String {
	return stringValidator{"must not be empty", func(at path.Path, value string) diag.Diagnostics {
		if strings.TrimSpace(value) == "" {
			return errorDiag(at, "Invalid Attribute Value Match", fmt.Sprintf("Attribute %s must not be empty. %s", at, advice))
		}

		return nil
	}}
}

// stringValidator checks known values. Unlike the framework's, its checks can warn, and never show a value that may be secret.
type stringValidator struct {
	description string
	check       func(at path.Path, value string) diag.Diagnostics
}

func (v stringValidator) Description(context.Context) string { return v.description }

func (v stringValidator) MarkdownDescription(context.Context) string { return v.description }

func (v stringValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		resp.Diagnostics.Append(v.check(req.Path, req.ConfigValue.ValueString())...)
	}
}

// userIDValidator refuses IDs that cannot be sent in a header.
func userIDValidator() validator.String {
	return stringValidator{"must not be empty and must be a valid header value", func(at path.Path, id string) diag.Diagnostics {
		if problem := userIDProblem(id); problem != "" {
			return errorDiag(at, "Invalid user_id", "The account ID user_id "+problem)
		}

		return nil
	}}
}

// secretValidator refuses empty secrets and warns of weak ones.
func secretValidator() validator.String {
	return stringValidator{fmt.Sprintf("must not be empty and should contain at least %d characters", minSecretLength), checkSecret}
}

// checkSecret never shows the value, nor binds a message to it: Terraform prints the source line of an attribute that a message is about.
func checkSecret(at path.Path, secret string) diag.Diagnostics {
	switch {
	case strings.TrimSpace(secret) == "":
		return errorDiag(path.Empty(), "Empty shared secret",
			fmt.Sprintf("%s is empty or contains only whitespace, so anyone could forge events. Use a random secret, for example the output of `openssl rand -hex 32`.", at))
	case utf8.RuneCountInString(secret) < minSecretLength:
		return warningDiag(path.Empty(), "Short shared secret",
			fmt.Sprintf("%s has fewer than %d characters. A short secret can be guessed and used to forge payment events. "+
				"Use a random secret, for example the output of `openssl rand -hex 32`.", at, minSecretLength))
	case strings.TrimSpace(secret) != secret:
		return warningDiag(path.Empty(), "Shared secret has leading or trailing whitespace",
			fmt.Sprintf("%s begins or ends with whitespace, for example a newline read with file(). The provider sends it unchanged. "+
				"Use trimspace() if your endpoint uses the trimmed value.", at))
	default:
		return nil
	}
}

// ValidateConfig refuses two secrets at once, where a validator of one of the attributes would make Terraform print its source line, with
// the secret; and a version with a fraction, for which the framework's error would ask to report a bug if the attribute were an Int64.
func (*preferenceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config preferenceModel
	resp.Diagnostics.Append(config.get(ctx, req.Config.Raw)...)
	if resp.Diagnostics.HasError() {
		return
	}
	set := func(s types.String) bool { return !s.IsNull() && !s.IsUnknown() }
	if set(config.SharedSecret) && set(config.SharedSecretWO) {
		resp.Diagnostics.AddError("Conflicting shared secrets", "Only one of shared_secret and shared_secret_wo can be set.")
	}
	if version := config.SharedSecretWOVersion.ValueBigFloat(); version != nil && !version.IsInt() {
		resp.Diagnostics.AddAttributeError(path.Root("shared_secret_wo_version"), "Invalid shared_secret_wo_version",
			fmt.Sprintf("shared_secret_wo_version must be an integer, got: %s.", version.Text('g', 10)))
	}
}
