package provider

import (
	"strings"
	"testing"

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
		{"secret null", secretValidator(), types.StringNull(), ""},
		{"secret unknown", secretValidator(), types.StringUnknown(), ""},
		{"secret of 16 characters", secretValidator(), types.StringValue(sixteen), ""},
		{"secret of 15 characters and 30 bytes", secretValidator(), types.StringValue(strings.Repeat("é", 15)), "warning: Short shared secret"},
		{"secret empty", secretValidator(), types.StringValue(""), "error: Empty shared secret"},
		{"secret empty", secretValidator(), types.StringValue("                    \n"), "error: Empty shared secret"},
		{"secret with a line break at its end", secretValidator(), types.StringValue(fakeSecret + "\n"), "warning: Shared secret has leading or trailing whitespace"},
		{"secret with whitespace before it", secretValidator(), types.StringValue(" " + fakeSecret), "warning: Shared secret has leading or trailing whitespace"},
		{"user_id null", userIDValidator(), types.StringNull(), ""},
		{"user_id unknown", userIDValidator(), types.StringUnknown(), ""},
		{"user_id", userIDValidator(), types.StringValue("usr1"), ""},
		{"user_id empty", userIDValidator(), types.StringValue(""), "error at at: Invalid user_id"},
		{"user_id empty", userIDValidator(), types.StringValue(" "), "error at at: Invalid user_id"},
		{"user_id with whitespace around it", userIDValidator(), types.StringValue("usr1 "), "error at at: Invalid user_id"},
		{"user_id with a line break", userIDValidator(), types.StringValue("usr1\nX-Evil: 1"), "error at at: Invalid user_id"},
		{"id empty", notEmpty("Do."), types.StringValue(""), "error at at: Invalid Attribute Value Match"},
		{"id empty", notEmpty("Do."), types.StringValue("\t"), "error at at: Invalid Attribute Value Match"},
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
