package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestParseImportID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		id       string
		want     string
		wantUser types.String
		problem  string
	}{
		{"abc", "abc", types.StringNull(), ""},
		{"usr1/abc", "abc", types.StringValue("usr1"), ""},
		{"äöü.-_~%2F", "äöü.-_~%2F", types.StringNull(), ""},
		{"", "", types.StringNull(), "has no ID"},
		{"usr1/", "", types.StringNull(), "has no ID"},
		{"/", "", types.StringNull(), "has no ID"},
		{"/abc", "", types.StringNull(), "has no user_id before the slash"},
		{"a/b/c", "", types.StringNull(), "has more than one slash"},
		{"usr1//abc", "", types.StringNull(), "has more than one slash"},
		{" abc", "", types.StringNull(), "contains whitespace or a control character"},
		{"abc\n", "", types.StringNull(), "contains whitespace or a control character"},
		{"usr1/ab\tc", "", types.StringNull(), "contains whitespace or a control character"},
		{"usr\x7f1/abc", "", types.StringNull(), "contains whitespace or a control character"},
	} {
		got, problem := parseImportID(test.id)
		if problem != test.problem {
			t.Errorf("%q: problem %q, want %q", test.id, problem, test.problem)
		}
		if problem == "" && (got.ID.ValueString() != test.want || !got.UserID.Equal(test.wantUser)) {
			t.Errorf("%q: id %s, user_id %s", test.id, got.ID, got.UserID)
		}
		if problem != "" && (!got.ID.IsNull() || !got.UserID.IsNull()) {
			t.Errorf("%q: a part is kept although it is refused: %v", test.id, got)
		}
	}
}
