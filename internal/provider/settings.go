package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const (
	environmentProduction = "production"
	environmentStaging    = "staging"

	// maxRetriesLimit is where more retries are more likely a typing error: with the longest waits it is half an hour.
	maxRetriesLimit = 100
)

// eventNameMode is what happens to an event name that the current list does not have.
type eventNameMode string

const (
	eventNamesError   eventNameMode = "error"
	eventNamesWarning eventNameMode = "warning"
	eventNamesOff     eventNameMode = "off"
)

// providerModel is the provider block.
type providerModel struct {
	APIToken            types.String `tfsdk:"api_token"`
	Environment         types.String `tfsdk:"environment"`
	BaseURL             types.String `tfsdk:"base_url"`
	UserID              types.String `tfsdk:"user_id"`
	MaxRetries          types.Number `tfsdk:"max_retries"`
	RequestTimeout      types.String `tfsdk:"request_timeout"`
	EventNameValidation types.String `tfsdk:"event_name_validation"`
}

// settings is what the provider block and the environment variables come to.
type settings struct {
	// token is empty when there is none, or when unknown is not empty.
	token string
	// emptyToken: the block sets an empty token, which overrides the environment variable's.
	emptyToken bool
	// unknown lists the arguments that every request needs and that are not known yet.
	unknown []string
	// environment is empty where base_url is set.
	environment    string
	baseURL        string
	webURL         string
	userID         string
	maxRetries     int
	requestTimeout time.Duration
	eventNames     eventNameMode
}

// server is how messages refer to the server.
func (s settings) server() string {
	if s.environment == "" {
		return wingspan.DisplayURL(s.baseURL)
	}

	return fmt.Sprintf("the %s environment (%s)", s.environment, s.baseURL)
}

// source is where a value comes from, so that an error can point at it.
type source struct {
	argument, variable string
	fromBlock          bool
	// hidden: the value may contain credentials, and Terraform prints the source line of an argument that an error points at.
	hidden bool
}

func (s source) name() string {
	if s.fromBlock {
		return s.argument
	}

	return s.variable
}

func (s source) path() path.Path {
	if !s.fromBlock || s.hidden {
		return path.Empty()
	}

	return path.Root(s.argument)
}

func (s source) diagnostic(format string, args ...any) diag.Diagnostics {
	return errorDiag(s.path(), "Invalid "+s.name(), s.name()+" "+fmt.Sprintf(format, args...))
}

// lookupFunc returns the text of a setting; found is false for one that is missing or unknown.
type lookupFunc func(argument string, value attr.Value, text func() string) (v string, from source, found bool)

// lookupIn combines the block with the environment: the block takes precedence, and an empty variable is treated as unset.
func lookupIn(getenv func(string) string) lookupFunc {
	return func(argument string, value attr.Value, text func() string) (string, source, bool) {
		from := source{argument: argument, variable: "WINGSPAN_" + strings.ToUpper(argument), fromBlock: true}
		switch {
		case value.IsUnknown():
			return "", from, false
		case !value.IsNull():
			from.hidden = strings.ContainsAny(text(), "@?#")

			return text(), from, true
		}
		from.fromBlock = false
		v := strings.TrimSpace(getenv(from.variable))

		return v, from, v != ""
	}
}

// resolveSettings reads nothing but the block and the environment. What is not known yet is told apart from what is not set.
func resolveSettings(block providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := settings{maxRetries: wingspan.DefaultMaxRetries, requestTimeout: wingspan.DefaultRequestTimeout}
	lookup := lookupIn(getenv)

	if v, from, found := lookup("api_token", block.APIToken, block.APIToken.ValueString); found {
		s.token = strings.TrimSpace(v)
		s.emptyToken = s.token == ""
		if problem := tokenProblem(s.token); problem != "" {
			s.token = ""
			diags.Append(from.diagnostic("%s (The value isn't shown.)", problem)...)
		}
	}

	diags.Append(s.resolveServer(block, lookup)...)

	if v, from, found := lookup("user_id", block.UserID, block.UserID.ValueString); found {
		s.userID = v
		if problem := userIDProblem(v); problem != "" {
			diags.Append(from.diagnostic("%s", problem)...)
		}
	}

	retries := func() string { return block.MaxRetries.ValueBigFloat().Text('g', 10) }
	if v, from, found := lookup("max_retries", block.MaxRetries, retries); found {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > maxRetriesLimit {
			diags.Append(from.diagnostic("must be an integer between 0 and %d, got: %s.", maxRetriesLimit, quoted(v))...)
		}
		s.maxRetries = n
	}

	if v, from, found := lookup("request_timeout", block.RequestTimeout, block.RequestTimeout.ValueString); found {
		d, err := time.ParseDuration(strings.TrimSpace(v))
		if err != nil || d <= 0 {
			diags.Append(from.diagnostic("must be a positive duration such as \"30s\", got: %s.", quoted(v))...)
		}
		s.requestTimeout = d
	}

	s.eventNames = eventNamesError
	if v, from, found := lookup("event_name_validation", block.EventNameValidation, block.EventNameValidation.ValueString); found {
		s.eventNames = eventNameMode(v)
		if !slices.Contains([]eventNameMode{eventNamesError, eventNamesWarning, eventNamesOff}, s.eventNames) {
			diags.Append(from.diagnostic("must be \"error\", \"warning\", or \"off\", got: %s.", quoted(v))...)
		}
	} else if from.fromBlock {
		// Not known yet. The names are checked again when applying, where it is, before anything is written.
		s.eventNames = eventNamesOff
	}

	for argument, value := range map[string]attr.Value{
		"api_token": block.APIToken, "environment": block.Environment, "base_url": block.BaseURL, "user_id": block.UserID,
	} {
		if value.IsUnknown() {
			s.unknown = append(s.unknown, argument)
			s.token = ""
		}
	}
	slices.Sort(s.unknown)

	return s, diags
}

// resolveServer chooses the API server, and the web app whose tokens it accepts. One that is named twice is an error wherever the two
// are set: neither must a production token go elsewhere nor a test run to production.
func (s *settings) resolveServer(block providerModel, lookup lookupFunc) diag.Diagnostics {
	var diags diag.Diagnostics
	s.environment, s.baseURL, s.webURL = environmentProduction, wingspan.ProductionURL, wingspan.ProductionWebURL

	environment, environmentFrom, environmentFound := lookup("environment", block.Environment, block.Environment.ValueString)
	if environmentFound {
		switch environment {
		case environmentProduction:
		case environmentStaging:
			s.environment, s.baseURL, s.webURL = environmentStaging, wingspan.StagingURL, wingspan.StagingWebURL
		default:
			diags.Append(environmentFrom.diagnostic("must be \"production\" or \"staging\", got: %s. To use a different server, set base_url.", quoted(environment))...)
		}
	}

	baseURL, from, found := lookup("base_url", block.BaseURL, block.BaseURL.ValueString)
	if !found {
		return diags
	}
	if environmentFound || block.Environment.IsUnknown() {
		diags.Append(errorDiag(from.path(), "Conflicting provider configuration", fmt.Sprintf(
			"Only one of environment and base_url can be set, but both %s and %s are. Remove one of them: each selects the server that the API token is sent to.",
			environmentFrom.place(), from.place()))...)
	}
	if _, err := wingspan.ParseBaseURL(baseURL); err != nil {
		diags.Append(from.diagnostic("%s.", err)...)
	}
	s.environment, s.baseURL = "", baseURL

	return diags
}

func (s source) place() string {
	if s.fromBlock {
		return s.argument + " in the provider configuration"
	}

	return "the environment variable " + s.variable
}

// tokenProblem finishes a sentence that begins with the setting's name; it is empty for a token that can be sent. It must not quote the token.
func tokenProblem(token string) string {
	switch {
	case strings.Trim(token, "\"'`“”‘’") != token:
		return "begins or ends with a quotation mark, which isn't part of a token. Set the token without quotes."
	case len(token) >= len("bearer ") && strings.EqualFold(token[:len("bearer ")], "bearer "):
		return "begins with \"Bearer\", which isn't part of a token. Set the token alone."
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "contains characters that can't be part of a token, such as a line break, a space, or an invisible character. Copy the token again."
	default:
		return ""
	}
}

// userIDProblem finishes a sentence that begins with the setting's name; it is empty for an ID that can be sent.
func userIDProblem(id string) string {
	switch {
	case strings.TrimSpace(id) == "":
		return "must not be empty. Remove it to use the token's own account."
	case strings.TrimSpace(id) != id || !wingspan.ValidHeaderValue(id):
		return "contains whitespace or characters that aren't allowed in an HTTP header."
	default:
		return ""
	}
}
