package provider

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	_ planmodifier.String                        = keepURLSpelling{}
)

// urlType is a string in which spellings of one URL are equal.
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

// keepURLSpelling keeps the state's spelling where the configuration only spells the same URL in another way.
// The framework compares semantically after reads and writes, but not in a plan.
type keepURLSpelling struct{}

func (keepURLSpelling) Description(context.Context) string {
	return "Another spelling of the same URL is no change."
}

func (m keepURLSpelling) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (keepURLSpelling) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
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

	u, problem := parseWebhookURL(req.ConfigValue.ValueString())
	if problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid webhook URL",
			"Wingspan delivers events to an absolute http or https URL with a host, such as https://hooks.example.com/wingspan.\n\n"+
				fmt.Sprintf("The url %s.", problem))

		return
	}
	if u.Scheme == "http" && !wingspan.IsLoopback(u.Hostname()) {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Webhook URL is not encrypted",
			fmt.Sprintf("Events about payments would travel to %s in plain text, for everybody on the way to read. Use https.", u.Host))
	}
	if u.User != nil {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Webhook URL holds a user name or password",
			"The url is shown in plans and kept in the state in plain text, and so is what stands before its @. "+
				"The shared secret already proves that an event comes from Wingspan: remove the user name and password.")
	}
}

// parseWebhookURL returns the URL, or a problem that finishes the sentence "The url …".
// No problem repeats a URL that could not be parsed: it may hold a password.
func parseWebhookURL(raw string) (*url.URL, string) {
	if strings.TrimSpace(raw) == "" {
		return nil, "is blank"
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil, "holds a blank, a line break or another control character"
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, "cannot be parsed as a URL"
	}

	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "" && u.Host == "":
		return nil, fmt.Sprintf("is relative: %q. Begin it with https://", raw)
	case scheme != "http" && scheme != "https":
		return nil, fmt.Sprintf("has the scheme %q. Only http and https can be delivered to", u.Scheme)
	case u.Hostname() == "":
		return nil, "names no host"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Sprintf("names the port %s, which does not exist", port)
		}
	}

	return u, ""
}
