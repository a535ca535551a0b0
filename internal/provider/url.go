package provider

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// urlValidator accepts what Wingspan could deliver to, and warns of what should not carry payment news.
func urlValidator() validator.String {
	return stringValidator{"must be an absolute http or https URL with a host", checkURL}
}

func checkURL(at path.Path, raw string) diag.Diagnostics {
	var diags diag.Diagnostics
	at = pathFor(at, raw)
	u, problem := parseWebhookURL(raw)
	switch {
	case problem != "":
		return errorDiag(at, "Invalid webhook URL", "The url "+problem+
			". Wingspan delivers events to an absolute http or https URL with a host, such as https://hooks.example.com/wingspan.")
	case u.Scheme == "http" && !wingspan.IsLoopback(u.Hostname()):
		diags.Append(warningDiag(at, "Insecure webhook URL",
			fmt.Sprintf("Payment events sent to %s over http aren't encrypted. Use https.", quoted(u.Host)))...)
	}
	if u.User != nil {
		diags.Append(warningDiag(at, "Webhook URL contains credentials",
			"The URL, including its credentials, is shown in plans and stored in the state in plain text. Remove them: the signature already authenticates events.")...)
	}

	return diags
}

// pathFor is where a message about an attribute belongs: at the whole block when the source line, which Terraform prints for an attribute,
// may show the credentials in a URL.
func pathFor(at path.Path, raw string) path.Path {
	if strings.ContainsAny(raw, "@?#") {
		return path.Empty()
	}

	return at
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
