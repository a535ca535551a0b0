package provider

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

func TestWhenASecretIsDue(t *testing.T) {
	t.Parallel()
	null, noVersion := types.StringNull(), types.NumberNull()
	a, b, open := types.StringValue(fakeSecret), types.StringValue(otherSecret), types.StringUnknown()
	one, two := types.NumberValue(big.NewFloat(1)), types.NumberValue(big.NewFloat(2))
	knowsA := secretState{Fingerprint: newFingerprint(fakeSecret)}
	for _, test := range []struct {
		name         string
		config       secretModel
		statePlain   types.String
		stateVersion types.Number
		memory       secretState
		want         bool
	}{
		{"neither", secretModel{null, null, noVersion}, a, one, knowsA, false},
		{"plain, same", secretModel{a, null, noVersion}, a, noVersion, secretState{}, false},
		{"plain, other", secretModel{b, null, noVersion}, a, noVersion, secretState{}, true},
		{"plain, new", secretModel{a, null, noVersion}, null, noVersion, knowsA, true},
		{"plain, unknown", secretModel{open, null, noVersion}, a, noVersion, secretState{}, true},
		{"write-only, same", secretModel{null, a, noVersion}, null, noVersion, knowsA, false},
		{"write-only, other", secretModel{null, b, noVersion}, null, noVersion, knowsA, true},
		{"write-only, forgotten", secretModel{null, a, noVersion}, null, noVersion, secretState{}, true},
		{"write-only, unknown", secretModel{null, open, noVersion}, null, noVersion, knowsA, true},
		{"write-only, was versioned", secretModel{null, a, noVersion}, null, one, knowsA, true},
		{"versioned, same", secretModel{null, b, one}, null, one, knowsA, false},
		{"versioned, unknown secret", secretModel{null, open, one}, null, one, secretState{}, false},
		{"versioned, other", secretModel{null, a, two}, null, one, knowsA, true},
		{"versioned, new", secretModel{null, a, one}, a, noVersion, knowsA, true},
		{"versioned, unknown version", secretModel{null, a, types.NumberUnknown()}, null, one, knowsA, true},
	} {
		if got := test.config.needsUpdate(secretModel{SharedSecret: test.statePlain, SharedSecretWOVersion: test.stateVersion}, test.memory); got != test.want {
			t.Errorf("%s: due is %t, want %t", test.name, got, test.want)
		}
	}
}

func TestWhatAReadTeachesOfASecret(t *testing.T) {
	t.Parallel()
	shows := func(s wingspan.Secret) *wingspan.Secret { return &s }
	plain, null := types.StringValue(fakeSecret), types.StringNull()
	print := newFingerprint(fakeSecret)
	for _, test := range []struct {
		name    string
		stored  secretState
		plain   types.String
		shown   *wingspan.Secret
		echoes  bool
		drifted bool
	}{
		{"plain, same", secretState{Echoes: true}, plain, shows(fakeSecret), true, false},
		{"plain, other", secretState{Echoes: true}, plain, shows(otherSecret), true, true},
		{"plain, seen for the first time", secretState{}, plain, shows(fakeSecret), true, false},
		{"plain, other, never seen before", secretState{}, plain, shows(otherSecret), false, false},
		{"plain, omitted", secretState{Echoes: true}, plain, nil, false, false},
		{"plain, masked", secretState{Echoes: true}, plain, shows("********"), false, false},
		{"plain, masked by dots", secretState{Echoes: true}, plain, shows("••••••"), false, false},
		{"plain, empty", secretState{Echoes: true}, plain, shows(""), false, false},
		{"write-only, same", secretState{Fingerprint: print}, null, shows(fakeSecret), true, false},
		{"write-only, other", secretState{Echoes: true, Fingerprint: print}, null, shows(otherSecret), true, true},
		{"plain, masked in part since", secretState{Echoes: true}, plain, shows("fake-****-cdef"), false, false},
		{"write-only, masked in part since", secretState{Echoes: true, Fingerprint: print}, null, shows("fake-****-cdef"), false, false},
		{"plain, which looks like a mask", secretState{}, types.StringValue("fake-***"), shows("fake-***"), true, false},
		{"write-only, masked in part", secretState{Fingerprint: print}, null, shows("fake-****-cdef"), false, false},
		{"versioned", secretState{Echoes: true}, null, shows(otherSecret), true, false},
	} {
		next, drifted := test.stored.afterRead(test.plain, test.shown)
		if drifted != test.drifted || next.Echoes != test.echoes || (next.Fingerprint == nil) != (test.stored.Fingerprint == nil || drifted) {
			t.Errorf("%s: drifted is %t, then %+v", test.name, drifted, next)
		}
	}
}

func TestPrivateStateDoesNotRevealTheSecret(t *testing.T) {
	t.Parallel()
	encode := func() []byte {
		kept, err := json.Marshal(stateAfterWrite(writeOnlySecret, fakeSecret, types.NumberNull(), true))
		if err != nil {
			t.Fatal(err)
		}

		return kept
	}
	kept := encode()
	if found := find(kept, fakeSecret); found != "" {
		t.Error(found)
	}
	if string(kept) == string(encode()) {
		t.Error("equal secrets can be recognized by their fingerprints")
	}
	var back secretState
	if err := json.Unmarshal(kept, &back); err != nil || !back.Fingerprint.matches(fakeSecret) || back.Fingerprint.matches(otherSecret) {
		t.Errorf("the fingerprint does not survive the state: %v %v", back, err)
	}
	if (*fingerprint)(nil).matches("") {
		t.Error("a missing fingerprint matches")
	}
	if stateAfterWrite(writeOnlySecret, fakeSecret, types.NumberValue(big.NewFloat(1)), true).Fingerprint != nil {
		t.Error("a fingerprint of a versioned secret is kept")
	}
}

// The private state may be lost or written by another version: the secret is then sent once more, and no more than once.
func TestAForgottenSecretIsSentOnceMore(t *testing.T) {
	t.Parallel()
	for name, private := range map[string][]byte{
		"lost":       nil,
		"of another": []byte(`{"secret":"eyJlY2hvZXMiOiJubyJ9"}`), // {"echoes":"no"}
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			w := r.configured()
			config := given{writeOnly: fakeSecret}.config()
			h := w.applied(instance{}, config)
			h.private = private
			for range 2 {
				h = w.refreshed(h)
				h = w.applied(h, config)
			}
			r.wantWrites(create, patchSecret)
			if strings.Contains(string(h.private), fakeSecret) {
				t.Error("the private state contains the secret")
			}
		})
	}
}

func TestCreatingWithoutASecretFailsThePlan(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	_, diags := r.configured().plan(instance{}, given{}.config())
	diags.want(t, "error: Missing shared secret")
	diags.wantText(t, "shared_secret_wo", "shared_secret", "import")
	r.wantWrites()
}
