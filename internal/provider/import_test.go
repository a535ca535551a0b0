package provider

import (
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// importBy imports by what is given: an ID, with or without its account, or an identity.
func (w *providerServer) importBy(id any) (instance, diagnostics) {
	w.t.Helper()
	if identity, ok := id.(values); ok {
		return w.importIdentity(identity)
	}

	return w.importID(id.(string)) // There is nothing else.
}

// imported is for an import that reports nothing.
func (w *providerServer) imported(id any) instance {
	w.t.Helper()
	h, diags := w.importBy(id)
	diags.want(w.t)

	return h
}

// TestImportIsFollowedByAnEmptyPlan, and with another URL by an update, in the account that was asked for.
func TestImportIsFollowedByAnEmptyPlan(t *testing.T) {
	t.Parallel()
	const id = "id1"
	for name, test := range map[string]struct {
		// account owns the preference.
		account, providers string
		by                 any
	}{
		"the ID alone":                 {wingspantest.OwnAccount, "", id},
		"the ID of the provider's":     {childA, childA, id},
		"account and ID":               {childA, childB, childA + "/" + id},
		"the identity":                 {wingspantest.OwnAccount, "", values{"id": id}},
		"the identity, named":          {wingspantest.OwnAccount, "", values{"id": id, "user_id": wingspantest.OwnAccount}},
		"the identity of a child":      {childA, "", values{"id": id, "user_id": childA}},
		"the identity, the provider's": {childA, childA, values{"id": id}},
		"the identity, not its":        {childA, childB, values{"id": id, "user_id": childA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA, childB)
			r.Put(wingspantest.Preference{
				ID: id, Account: test.account, URL: hookURL("a"), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
			})
			block := values{}
			if test.providers != "" {
				block["user_id"] = test.providers
			}
			w := r.configured(block)
			h := w.imported(test.by)
			w.wantIdentity(h, values{"id": id, "user_id": test.account})
			config := given{}.config(values{"user_id": test.account})
			w.wantSame(h, w.planned(h, config).instance)
			h = w.applied(h, with(config, values{"url": changedURL}))
			w.wantIdentity(h, values{"id": id, "user_id": test.account})
			r.wantWrites(patchURL)
		})
	}
}

// TestABadImportImportsNothing, and says why.
func TestABadImportImportsNothing(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	own := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid"}}).ID
	const (
		badID       = "error: Invalid import ID"
		badIdentity = "error at id: Invalid import identity"
		badAccount  = "error at user_id: Invalid import identity"
		notFound    = "error: Webhook preference not found"
		badPath     = "error at id: Invalid webhook preference ID"
	)
	for _, test := range []struct {
		by   any
		line string
		text []string
	}{
		{" abc", badID, []string{"contains whitespace or a control character"}},
		{"abc\n", badID, []string{"contains whitespace or a control character"}},
		{"usr1/ab\tc", badID, []string{"contains whitespace or a control character"}},
		{"usr\x7f1/abc", badID, []string{"contains whitespace or a control character"}},
		{"usr1/", badID, []string{"has no ID"}},
		{"/", badID, []string{"has no ID"}},
		{"/abc", badID, []string{"has no user_id before the slash"}},
		{"a/b/c", badID, []string{"has more than one slash"}},
		{"usr1//abc", badID, []string{"has more than one slash"}},
		{"https://my.wingspan.app/webhooks/abc", badID, []string{"looks like a URL"}},
		{".", badPath, nil},
		{"..", badPath, nil},
		{"äöü.-_~%2F", notFound, []string{"äöü.-_~%2F", r.URL() + " responded with 404 Not Found"}},
		{childA + "/" + own, notFound, []string{own, childA, "user_id"}},
		{values{"id": own, "user_id": childA}, notFound, []string{own, childA, "user_id"}},
		{values{"id": own, "user_id": "usrStranger"}, "error: Account access denied", []string{"usrStranger", "no access"}},
		{values{"id": "doesNotExist"}, notFound, []string{"doesNotExist"}},
		{values{"id": " "}, badIdentity, []string{"must not be empty"}},
		{values{"user_id": childA}, badIdentity, []string{"must not be empty"}},
		{values{"id": own, "user_id": ""}, badAccount, []string{"must not be empty"}},
		{values{"id": own, "user_id": "usr\n1"}, badAccount, []string{"header"}},
	} {
		r.ResetRequests()
		h, diags := r.configured().importBy(test.by)
		diags.want(t, test.line)
		diags.wantText(t, test.text...)
		if h.state != nil {
			t.Error("something was imported")
		}
		if test.line == badID || test.line == badIdentity || test.line == badAccount {
			r.wantAsked(wingspantest.RouteAny, 0)
		}
		if t.Failed() {
			t.Fatalf("%q", test.by)
		}
	}
	// With neither an ID nor an identity there is nothing to import; no CLI asks for it, and it must not panic.
	if _, diags := r.configured().importID(""); !diags.failed() {
		t.Error("nothing was imported")
	}
	r.wantWrites()
}
