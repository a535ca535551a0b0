package provider

import (
	"fmt"
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

	// maxMaxRetries is where more patience is more likely a typing error: with the longest waits it is half an hour.
	maxMaxRetries = 100
)

// eventNameMode says what happens to an event name that the live list does not have.
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
	MaxRetries          types.Int64  `tfsdk:"max_retries"`
	RequestTimeout      types.String `tfsdk:"request_timeout"`
	EventNameValidation types.String `tfsdk:"event_name_validation"`
}

// settings is what the provider block and the environment variables come to.
type settings struct {
	// token is empty when there is none, or when unknown is not empty.
	token string
	// emptyToken: the block sets a blank token, which hides the environment variable's.
	emptyToken bool
	// unknown names the arguments that every call needs and that are not known yet.
	unknown        []string
	baseURL        string
	webURL         string
	userID         string
	maxRetries     int
	requestTimeout time.Duration
	eventNames     eventNameMode
}

// source says where a value comes from, so that an error can point at it.
type source struct {
	argument, variable string
	fromBlock          bool
}

func (s source) name() string {
	if s.fromBlock {
		return s.argument
	}

	return s.variable
}

func (s source) problem(format string, args ...any) diag.Diagnostic {
	summary := "Invalid " + s.name()
	detail := fmt.Sprintf("The provider setting %s ", s.name()) + fmt.Sprintf(format, args...)
	if s.fromBlock {
		return diag.NewAttributeErrorDiagnostic(path.Root(s.argument), summary, detail)
	}

	return diag.NewErrorDiagnostic(summary, detail)
}

// decideSettings combines the block with the environment: the block wins, an empty variable counts as none, an empty
// argument is an error of its own, and what is not known yet is told apart from both. It reads nothing else.
func decideSettings(block providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := settings{maxRetries: wingspan.DefaultMaxRetries, requestTimeout: wingspan.DefaultRequestTimeout}

	// lookup returns the text of a setting; found is false for one that is missing or unknown.
	lookup := func(argument string, value attr.Value, text func() string) (string, source, bool) {
		from := source{argument: argument, variable: "WINGSPAN_" + strings.ToUpper(argument), fromBlock: true}
		switch {
		case value.IsUnknown():
			return "", from, false
		case !value.IsNull():
			return text(), from, true
		}
		from.fromBlock = false
		v := getenv(from.variable)

		return v, from, strings.TrimSpace(v) != ""
	}

	if v, from, found := lookup("api_token", block.APIToken, block.APIToken.ValueString); found {
		s.token = strings.TrimSpace(v)
		s.emptyToken = s.token == ""
		if !wingspan.ValidHeaderValue(s.token) {
			s.token = ""
			diags.Append(from.problem("holds a line break or another character that an HTTP header cannot carry. " +
				"It is not shown here. Copy the token again, in one piece and without quotes."))
		}
	}

	diags.Append(s.decideServer(block, lookup)...)

	if v, from, found := lookup("user_id", block.UserID, block.UserID.ValueString); found {
		s.userID = v
		if problem := userIDProblem(v); problem != "" {
			diags.Append(from.problem("%s", problem))
		}
	}

	retries := func() string { return strconv.FormatInt(block.MaxRetries.ValueInt64(), 10) }
	if v, from, found := lookup("max_retries", block.MaxRetries, retries); found {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < 0 || n > maxMaxRetries {
			diags.Append(from.problem("must be a whole number from 0, which turns retries off, to %d; it is %q.", maxMaxRetries, v))
		}
		s.maxRetries = n
	}

	if v, from, found := lookup("request_timeout", block.RequestTimeout, block.RequestTimeout.ValueString); found {
		d, err := time.ParseDuration(strings.TrimSpace(v))
		if err != nil || d <= 0 {
			diags.Append(from.problem("must be a duration above zero, such as %q or %q; it is %q.", "30s", "1m30s", v))
		}
		s.requestTimeout = d
	}

	s.eventNames = eventNamesError
	if v, from, found := lookup("event_name_validation", block.EventNameValidation, block.EventNameValidation.ValueString); found {
		s.eventNames = eventNameMode(v)
		switch s.eventNames {
		case eventNamesError, eventNamesWarning, eventNamesOff:
		default:
			diags.Append(from.problem("must be %q, %q or %q; it is %q.", eventNamesError, eventNamesWarning, eventNamesOff, v))
		}
	} else if from.fromBlock {
		// Not known yet. The names are checked again at apply, where it is, before anything is written.
		s.eventNames = eventNamesOff
	}

	for _, needed := range []struct {
		argument string
		value    attr.Value
	}{
		{"api_token", block.APIToken}, {"environment", block.Environment}, {"base_url", block.BaseURL}, {"user_id", block.UserID},
	} {
		if needed.value.IsUnknown() {
			s.unknown = append(s.unknown, needed.argument)
			s.token = ""
		}
	}

	return s, diags
}

type lookupFunc func(string, attr.Value, func() string) (string, source, bool)

// decideServer chooses the API server, and the web app whose tokens it accepts.
func (s *settings) decideServer(block providerModel, lookup lookupFunc) diag.Diagnostics {
	var diags diag.Diagnostics
	s.baseURL, s.webURL = wingspan.ProductionURL, wingspan.ProductionWebURL

	if v, from, found := lookup("environment", block.Environment, block.Environment.ValueString); found {
		switch v {
		case environmentProduction:
		case environmentStaging:
			s.baseURL, s.webURL = wingspan.StagingURL, wingspan.StagingWebURL
		default:
			diags.Append(from.problem("must be %q or %q; it is %q. For any other server, set base_url instead.",
				environmentProduction, environmentStaging, v))
		}
	}

	if v, from, found := lookup("base_url", block.BaseURL, block.BaseURL.ValueString); found {
		if from.fromBlock && !block.Environment.IsNull() {
			diags.AddAttributeError(path.Root("base_url"), "Both environment and base_url are set",
				"The provider block names the server twice, and one of the two would be ignored.\n\n"+
					"Keep environment for Wingspan's own servers, or base_url for another one.")
		}
		if _, err := wingspan.ParseBaseURL(v); err != nil {
			diags.Append(from.problem("%s.", err))
		}
		s.baseURL = v
	}

	return diags
}

// userIDProblem finishes a sentence that begins with the setting's name; it is empty for an id that can be sent.
func userIDProblem(id string) string {
	switch {
	case strings.TrimSpace(id) == "":
		return "is blank. Remove it to act for the token's own account, or set the id of an account."
	case strings.TrimSpace(id) != id || !wingspan.ValidHeaderValue(id):
		return "holds blanks around it, a line break, or another character that an HTTP header cannot carry."
	default:
		return ""
	}
}
