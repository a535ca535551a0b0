package wingspan

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// oddFields are forms of fields that decide nothing, and of those that do.
var oddFields = map[string][]any{
	"labels":      {[]any{}, map[string]any{"n": 3}, "x", 7, nil},
	"eventActors": {map[string]any{"created": map[string]any{}}, []any{1}},
	"userRoles":   {[]any{}, "x", nil}, "sharedSecret": {map[string]any{}, 7, nil, []any{}},
	"createdAt": {1700000000000, "soon", nil, "1999-09-03T19:46:40", ""}, "updatedAt": {map[string]any{}, nil, true},
	"addedLater": {nil, []any{[]any{}}},
	"url":        {7, nil, ""}, "userId": {7, nil}, "subscribedEvents": {7, []any{1}, nil, "Invoice.Paid"}, "preferenceId": {7, nil, ""},
}

// decides are the fields that are read strictly. Without a userId or subscribedEvents a preference is readable nevertheless.
var decides = map[string]bool{"url": true, "userId": true, "subscribedEvents": true, "preferenceId": true}

func TestFieldsThatDecideNothingMayHaveAnyForm(t *testing.T) {
	t.Parallel()

	for field, values := range oddFields {
		for _, odd := range values {
			readable := !decides[field] || (odd == nil && (field == "userId" || field == "subscribedEvents"))
			body := document(t, "id1", nil)
			var fields map[string]any
			wantNoError(t, json.Unmarshal([]byte(body), &fields))
			fields[field] = odd
			encoded, err := json.Marshal(fields)
			wantNoError(t, err)

			api := &script{steps: []step{{body: string(encoded)}, {body: fmt.Sprintf("[%s,%s]", encoded, documentedJSON("id2"))}}}
			c := scripted(t, api)
			p, err := c.GetPreference(t.Context(), "", "id1")
			name := fmt.Sprintf("%s as %v", field, odd)
			wantEqual(t, name+" is readable", err == nil, readable)
			if readable {
				wantEqual(t, name, []any{p.ID, p.URL}, []any{"id1", hookURL})
			} else if e := wantError[*ResponseError](t, err); !strings.Contains(e.Reason, field) {
				t.Errorf("%s: the reason %q doesn't name the field", name, e.Reason)
			}
			list, err := c.listPreferences(t.Context(), "")
			wantNoError(t, err)
			wantEqual(t, name+" in a list", []int{len(list.Preferences), len(list.Unreadable)}, map[bool][]int{true: {2, 0}, false: {1, 1}}[readable])
			wantEqual(t, name+" is shown", slices.Contains(idsOf(list.Unreadable), "id1"), !readable && field != "preferenceId")
		}
	}
}

func TestACompletePreferenceIsRead(t *testing.T) {
	t.Parallel()

	api := &script{steps: []step{{body: documentedJSON("id1"), header: http.Header{"Date": {"Sun, 04 Sep 2022 19:46:40 GMT"}}}}}
	p, err := scripted(t, api).GetPreference(t.Context(), "acc", "id1")
	wantNoError(t, err)
	secret := Secret(fakeSecret)
	wantEqual(t, "preference", *p, Preference{
		ID: "id1", UserID: wingspantest.OwnAccount, URL: hookURL, SharedSecret: &secret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
		CreatedAt: "1999-09-03T19:46:40.748Z", UpdatedAt: "1999-09-04T19:46:40.748Z", Account: "acc",
		Labels: map[string]string{"team": "payments"}, EventActors: map[string]string{"Invoice.Paid": "usr2"},
	})
}

func TestUnexpectedResponsesAreErrorsThatQuoteNothing(t *testing.T) {
	t.Parallel()

	for name, call := range calls {
		for _, body := range []string{
			"null", "false", "7", `"` + fakeSecret + `"`, "{}x", `{"sharedSecret":"` + fakeSecret + `"`, "<html>", "\xff\xfe", `[{"sharedSecret":"` + fakeSecret + `"`,
			`[] []`, `{"preferenceId":"another","url":"x"}`, `[null,7,"` + fakeSecret + `",{"eventName":7}`,
		} {
			err := call(t.Context(), scripted(t, &script{steps: []step{{body: body}}}), "")
			if name == http.MethodPost && strings.Contains(body, "another") {
				continue // A create doesn't know its id.
			}
			e := wantError[*ResponseError](t, err)
			if strings.Contains(e.Error(), fakeSecret) || len(e.Error()) > 300 {
				t.Errorf("%s of %q: %s", name, body, e)
			}
			wantEqual(t, "may have succeeded", MayHaveSucceeded(err), true)
		}
	}
}

func TestEventNamesAreReadInBothForms(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		body  string
		names []string
		owner string
	}{
		"none":               {`[]`, []string{}, ""},
		"objects":            {`[{"eventName":"B","userId":"u"},{"eventName":"A","userId":"u"},{"eventName":"B"}]`, []string{"A", "B"}, "u"},
		"strings":            {` ["B","A"]`, []string{"A", "B"}, ""},
		"some can't be read": {`["B",7,null,{"eventName":{}},"",{"eventName":"A","userId":7}]`, []string{"A", "B"}, ""},
		"owners disagree":    {`[{"eventName":"B","userId":"u"},{"eventName":"A","userId":"v"}]`, []string{"A", "B"}, ""},
	}
	for name, test := range tests {
		names, owner, err := scripted(t, &script{steps: []step{{body: test.body}}}).eventNames(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, name, names, test.names)
		wantEqual(t, "owner of "+name, owner, test.owner)
	}
	_, _, err := scripted(t, &script{steps: []step{{body: `[7,{}]`}}}).eventNames(t.Context(), "")
	wantError[*ResponseError](t, err)
}

// numbered repeats an element, with its number in the place of #.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("," + strings.ReplaceAll(format, "#", strconv.Itoa(i)))
	}

	return b.String()[1:]
}

// This test doesn't run beside others, as it measures the process.
func TestHostileResponsesAreBoundedInMemory(t *testing.T) { //nolint:paralleltest // see above
	events := func(n int) string { return `["` + strings.Repeat(`e","`, n-1) + `e"]` }
	preference := func(events string) string {
		return `{"preferenceId":"id1","url":"https://h/","userId":"u","subscribedEvents":` + events + `}`
	}
	full := preference(events(maxEvents))
	for name, body := range map[string]string{
		"empty objects":       "[" + strings.Repeat("{},", maxBody/3-1) + "{}]",
		"many events":         preference(events(maxBody / 8)),
		"preferences of many": "[" + numbered(full, (maxBody-2)/(len(full)+1)) + "]",
		"labels":              `{"preferenceId":"id1","url":"https://h/","labels":{` + numbered(`"#":""`, maxBody*9/10/12) + `}}`,
		"different ids":       "[" + numbered(`{"preferenceId":"id#","url":"https://h/#","userId":"u","labels":{"a":"b"},"subscribedEvents":["a","b"]}`, maxListEntries) + "]",
	} {
		webhooks := NewWebhooks(scripted(t, &script{steps: []step{{body: body}}}, func(c *Config) { c.MaxRetries = 0 }))
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var err error
		if body[0] == '[' {
			_, err = webhooks.Similar(t.Context(), "", hookURL, []string{"e"})
		} else {
			_, err = webhooks.GetExact(t.Context(), Target{ID: "id1"})
		}
		runtime.ReadMemStats(&after)
		// All that was allocated, collected or not, is more than there was at any time.
		allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d bytes, %d MiB, %v", name, len(body), allocated, err)
		if allocated > 200 {
			t.Errorf("%s: %d MiB were allocated", name, allocated)
		}
	}
}

func TestAPreferenceHasAtMostAThousandEvents(t *testing.T) {
	t.Parallel()

	for n, readable := range map[int]bool{maxEvents: true, maxEvents + 1: false} {
		body := document(t, "id1", map[string]any{"subscribedEvents": slices.Repeat([]string{"e"}, n)})
		_, err := scripted(t, &script{steps: []step{{body: body}}}).GetPreference(t.Context(), "", "id1")
		wantEqual(t, fmt.Sprint(n), err == nil, readable)
	}
}
