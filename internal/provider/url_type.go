package provider

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var (
	_ basetypes.StringTypable                    = urlType{}
	_ basetypes.StringValuable                   = urlValue{}
	_ basetypes.StringValuableWithSemanticEquals = urlValue{}
	_ validator.String                           = urlValidator{}
	_ planmodifier.String                        = suppressEquivalentURL{}
)

// urlType is a string in which equivalent URLs are equal.
type urlType struct{ basetypes.StringType }

func (t urlType) Equal(o attr.Type) bool {
	other, ok := o.(urlType)

	return ok && t.StringType.Equal(other.StringType)
}

func (urlType) String() string { return "urlType" }

func (urlType) ValueType(context.Context) attr.Value { return urlValue{} }

func (urlType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return urlValue{in}, nil
}

func (t urlType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	v, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	s, ok := v.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("expected a string value, got %T", v)
	}

	return urlValue{s}, nil
}

// urlValue is a value of urlType.
type urlValue struct{ basetypes.StringValue }

func newURL(s string) urlValue { return urlValue{basetypes.NewStringValue(s)} }

func (urlValue) Type(context.Context) attr.Type { return urlType{} }

func (v urlValue) Equal(o attr.Value) bool {
	other, ok := o.(urlValue)

	return ok && v.StringValue.Equal(other.StringValue)
}

func (v urlValue) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(urlValue)

	return ok && wingspan.SameURL(v.ValueString(), other.ValueString()), nil
}

// suppressEquivalentURL keeps the state's URL where the configuration has an equivalent one.
// The framework compares semantically after reads and writes, but not in a plan.
type suppressEquivalentURL struct{}

func (suppressEquivalentURL) Description(context.Context) string {
	return "Suppresses differences between equivalent URLs."
}

func (m suppressEquivalentURL) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

func (suppressEquivalentURL) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsUnknown() || req.PlanValue.IsNull() {
		return
	}
	if wingspan.SameURL(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// urlValidator accepts what Wingspan could deliver to, and warns of what should not carry payment news.
type urlValidator struct{}

func (urlValidator) Description(context.Context) string {
	return "must be an absolute http or https URL with a host"
}

func (v urlValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (urlValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	raw := req.ConfigValue.ValueString()
	u, problem := parseWebhookURL(raw)
	switch {
	case problem != "":
		resp.Diagnostics.Append(errorDiag(urlPath(raw), "Invalid webhook URL", "The url "+problem+
			". Wingspan delivers events to an absolute http or https URL with a host, such as https://hooks.example.com/wingspan.")...)
	case u.Scheme == "http" && !wingspan.IsLoopback(u.Hostname()):
		resp.Diagnostics.Append(warningDiag(urlPath(raw), "Insecure webhook URL",
			fmt.Sprintf("Payment events sent to %s over http aren't encrypted. Use https.", quoted(u.Host)))...)
	}
	if problem == "" && u.User != nil {
		resp.Diagnostics.Append(warningDiag(urlPath(raw), "Webhook URL contains credentials",
			"The URL, including its credentials, is shown in plans and stored in the state in plain text. Remove them: the signature already authenticates events.")...)
	}
}

// urlPath is where a message about a URL belongs: at the resource when the source line, which Terraform prints for an attribute,
// may show credentials.
func urlPath(raw string) path.Path {
	if strings.ContainsAny(raw, "@?#") {
		return path.Empty()
	}

	return path.Root("url")
}

// parseWebhookURL returns the URL, or a problem that finishes the sentence "The url …". Of a URL that may contain credentials no
// problem repeats anything but the scheme.
func parseWebhookURL(raw string) (*url.URL, string) {
	if strings.TrimSpace(raw) == "" {
		return nil, "must not be empty"
	}
	invisible := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	if strings.ContainsFunc(raw, invisible) || !utf8.ValidString(raw) {
		return nil, "contains whitespace, control, or invisible characters"
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, "isn't a valid URL"
	}

	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "" && u.Host == "":
		return nil, "must start with https:// or http://"
	case scheme != "http" && scheme != "https":
		return nil, "must use http or https, got: " + quoted(u.Scheme)
	case u.Hostname() == "":
		return nil, "must include a host"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, "has an invalid port: " + quoted(port)
		}
	}

	return u, ""
}
