package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
	name, place string
	at          path.Path
}

func (s source) diagnostic(format string, args ...any) diag.Diagnostics {
	return errorDiag(s.at, "Invalid "+s.name, s.name+" "+fmt.Sprintf(format, args...))
}

// environment is os.Getenv, or a test's.
type environment func(name string) string

// lookup returns the text of a setting: the block takes precedence, and an empty variable is treated as unset. found is false for one that
// is missing or unknown.
func (getenv environment) lookup(argument string, value types.String) (text string, from source, found bool) {
	if value.IsNull() {
		variable := variableOf(argument)
		text = strings.TrimSpace(getenv(variable))

		return text, source{name: variable, place: "the environment variable " + variable, at: path.Empty()}, text != ""
	}
	text = value.ValueString()

	return text, source{name: argument, place: argument + " in the provider configuration", at: pathFor(path.Root(argument), text)}, !value.IsUnknown()
}

// variableOf is the environment variable for an argument of the provider block.
func variableOf(argument string) string { return "WINGSPAN_" + strings.ToUpper(argument) }

// resolveSettings reads nothing but the block and the environment. What is not known yet is distinguished from what is not set.
func resolveSettings(block providerModel, getenv environment) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := settings{maxRetries: wingspan.DefaultMaxRetries, requestTimeout: wingspan.DefaultRequestTimeout, eventNames: eventNamesError}

	if v, from, found := getenv.lookup("api_token", block.APIToken); found {
		s.token = strings.TrimSpace(v)
		s.emptyToken = s.token == ""
		if problem := tokenProblem(s.token); problem != "" {
			s.token = ""
			diags.Append(from.diagnostic("%s (The value isn't shown.)", problem)...)
		}
	}

	diags.Append(s.resolveServer(block, getenv)...)

	if v, from, found := getenv.lookup("user_id", block.UserID); found {
		s.userID = v
		if problem := userIDProblem(v); problem != "" {
			diags.Append(from.diagnostic("%s", problem)...)
		}
	}

	if v, from, found := getenv.lookup("max_retries", numberText(block.MaxRetries)); found {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > maxRetriesLimit {
			diags.Append(from.diagnostic("must be an integer between 0 and %d, got: %s.", maxRetriesLimit, quoted(v))...)
		}
		s.maxRetries = n
	}

	if v, from, found := getenv.lookup("request_timeout", block.RequestTimeout); found {
		d, err := time.ParseDuration(strings.TrimSpace(v))
		if err != nil || d <= 0 {
			diags.Append(from.diagnostic("must be a positive duration such as \"30s\", got: %s.", quoted(v))...)
		}
		s.requestTimeout = d
	}

	if v, from, found := getenv.lookup("event_name_validation", block.EventNameValidation); found {
		s.eventNames = eventNameMode(v)
		if !slices.Contains([]eventNameMode{eventNamesError, eventNamesWarning, eventNamesOff}, s.eventNames) {
			diags.Append(from.diagnostic("must be \"error\", \"warning\", or \"off\", got: %s.", quoted(v))...)
		}
	} else if block.EventNameValidation.IsUnknown() {
		// The names are checked again when applying, where it is known, before anything is written.
		s.eventNames = eventNamesOff
	}

	for _, needed := range []struct {
		argument string
		value    types.String
	}{{"api_token", block.APIToken}, {"base_url", block.BaseURL}, {"environment", block.Environment}, {"user_id", block.UserID}} {
		if needed.value.IsUnknown() {
			s.unknown = append(s.unknown, needed.argument)
			s.token = ""
		}
	}

	return s, diags
}

func numberText(n types.Number) types.String {
	switch {
	case n.IsUnknown():
		return types.StringUnknown()
	case n.IsNull():
		return types.StringNull()
	default:
		return types.StringValue(n.ValueBigFloat().Text('g', 10))
	}
}

// resolveServer chooses the API server, and the web app whose tokens it accepts. One that is named twice is an error wherever the two
// are set: neither must a production token go elsewhere nor a test run to production.
func (s *settings) resolveServer(block providerModel, getenv environment) diag.Diagnostics {
	var diags diag.Diagnostics
	s.environment, s.baseURL, s.webURL = environmentProduction, wingspan.ProductionURL, wingspan.ProductionWebURL

	name, nameFrom, nameFound := getenv.lookup("environment", block.Environment)
	switch {
	case !nameFound, name == environmentProduction:
	case name == environmentStaging:
		s.environment, s.baseURL, s.webURL = environmentStaging, wingspan.StagingURL, wingspan.StagingWebURL
	default:
		diags.Append(nameFrom.diagnostic("must be \"production\" or \"staging\", got: %s. To use a different server, set base_url.", quoted(name))...)
	}

	baseURL, from, found := getenv.lookup("base_url", block.BaseURL)
	if !found {
		return diags
	}
	if nameFound || block.Environment.IsUnknown() {
		diags.Append(errorDiag(from.at, "Conflicting provider configuration", fmt.Sprintf(
			"Only one of environment and base_url can be set, but both %s and %s are. Remove one of them: each selects the server that the API token is sent to.",
			nameFrom.place, from.place))...)
	}
	if _, err := wingspan.ParseBaseURL(baseURL); err != nil {
		diags.Append(from.diagnostic("%s.", err)...)
	}
	s.environment, s.baseURL = "", baseURL

	return diags
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
