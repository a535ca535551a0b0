package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestStringValidators(t *testing.T) {
	t.Parallel()
	sixteen := strings.Repeat("é", 16)
	for _, test := range []struct {
		name      string
		validator validator.String
		value     types.String
		line      string
	}{
		{"secret null", secretValidator{}, types.StringNull(), ""},
		{"secret unknown", secretValidator{}, types.StringUnknown(), ""},
		{"secret of 16 characters", secretValidator{}, types.StringValue(sixteen), ""},
		{"secret of 15 characters and 30 bytes", secretValidator{}, types.StringValue(strings.Repeat("é", 15)), "warning at at: Short shared secret"},
		{"secret empty", secretValidator{}, types.StringValue(""), "error at at: Blank shared secret"},
		{"secret blank", secretValidator{}, types.StringValue("                    \n"), "error at at: Blank shared secret"},
		{"secret with a line break at its end", secretValidator{}, types.StringValue(fakeSecret + "\n"), "warning at at: Shared secret with blanks around it"},
		{"secret with a blank before it", secretValidator{}, types.StringValue(" " + fakeSecret), "warning at at: Shared secret with blanks around it"},
		{"user_id null", userIDValidator{}, types.StringNull(), ""},
		{"user_id unknown", userIDValidator{}, types.StringUnknown(), ""},
		{"user_id", userIDValidator{}, types.StringValue("usr1"), ""},
		{"user_id empty", userIDValidator{}, types.StringValue(""), "error at at: Invalid user_id"},
		{"user_id blank", userIDValidator{}, types.StringValue(" "), "error at at: Invalid user_id"},
		{"user_id with blanks around it", userIDValidator{}, types.StringValue("usr1 "), "error at at: Invalid user_id"},
		{"user_id with a line break", userIDValidator{}, types.StringValue("usr1\nX-Evil: 1"), "error at at: Invalid user_id"},
		{"id null", idValidator{}, types.StringNull(), ""},
		{"id unknown", idValidator{}, types.StringUnknown(), ""},
		{"id", idValidator{}, types.StringValue("abc"), ""},
		{"id empty", idValidator{}, types.StringValue(""), "error at at: Blank id"},
		{"id blank", idValidator{}, types.StringValue("\t"), "error at at: Blank id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var resp validator.StringResponse
			test.validator.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("at"), ConfigValue: test.value}, &resp)
			if test.line == "" {
				wantLines(t, resp.Diagnostics)

				return
			}
			wantLines(t, resp.Diagnostics, test.line)
			if detail := resp.Diagnostics[0].Detail(); strings.Contains(detail, fakeSecret) || strings.Contains(detail, "é") || strings.Contains(detail, "Evil") {
				t.Errorf("the detail shows the value: %s", detail)
			}
		})
	}
}

func TestEventsValidator(t *testing.T) {
	t.Parallel()
	set := func(e ...attr.Value) types.Set { return types.SetValueMust(types.StringType, e) }
	for _, test := range []struct {
		name  string
		value types.Set
		lines []string
	}{
		{"null", types.SetNull(types.StringType), nil},
		{"unknown", types.SetUnknown(types.StringType), nil},
		{"one", set(types.StringValue("Invoice.Paid")), nil},
		{"one that is not known yet", set(types.StringUnknown()), nil},
		{"none", set(), []string{"error at subscribed_events: No subscribed events"}},
		{"empty name", set(types.StringValue("")), []string{`error at subscribed_events[Value("")]: Blank event name`}},
		{"null name", set(types.StringNull(), types.StringValue("a")), []string{`error at subscribed_events[Value(<null>)]: Blank event name`}},
		{
			"two blank names", set(types.StringValue(" "), types.StringValue("a"), types.StringValue("\n")),
			[]string{`error at subscribed_events[Value(" ")]: Blank event name`, `error at subscribed_events[Value("\n")]: Blank event name`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var resp validator.SetResponse
			eventsValidator{}.ValidateSet(t.Context(), validator.SetRequest{Path: path.Root("subscribed_events"), ConfigValue: test.value}, &resp)
			wantLines(t, resp.Diagnostics, test.lines...)
		})
	}
}
