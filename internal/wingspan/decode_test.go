package wingspan

// oddFields are forms of fields that decide nothing, and of some that do.
var oddFields = map[string][]any{
	"labels":      {[]any{}, map[string]any{"n": 3}, "x", 7, nil, map[string]any{"a": nil}},
	"eventActors": {map[string]any{"created": map[string]any{}}, []any{1}},
	"userRoles":   {[]any{}, "x", nil}, "sharedSecret": {map[string]any{}, 7, nil, []any{}},
	"createdAt": {1700000000000, "soon", nil, "2022-09-03T19:46:40", ""}, "updatedAt": {map[string]any{}, nil, true},
	"url": {7, nil, ""}, "userId": {7, nil}, "subscribedEvents": {7, []any{1}, nil},
	"preferenceId": {7, nil, ""},
}
