package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

func TestWhenASecretIsDue(t *testing.T) {
	t.Parallel()
	null, noVersion := types.StringNull(), types.Int64Null()
	a, b, open := types.StringValue(fakeSecret), types.StringValue(otherSecret), types.StringUnknown()
	one, two := types.Int64Value(1), types.Int64Value(2)
	knowsA := secretMemory{Fingerprint: newFingerprint(fakeSecret)}
	for _, test := range []struct {
		name         string
		config       secretForms
		statePlain   types.String
		stateVersion types.Int64
		memory       secretMemory
		want         bool
	}{
		{"neither", secretForms{null, null, noVersion}, a, one, knowsA, false},
		{"plain, same", secretForms{a, null, noVersion}, a, noVersion, secretMemory{}, false},
		{"plain, other", secretForms{b, null, noVersion}, a, noVersion, secretMemory{}, true},
		{"plain, new", secretForms{a, null, noVersion}, null, noVersion, knowsA, true},
		{"plain, unknown", secretForms{open, null, noVersion}, a, noVersion, secretMemory{}, true},
		{"write-only, same", secretForms{null, a, noVersion}, null, noVersion, knowsA, false},
		{"write-only, other", secretForms{null, b, noVersion}, null, noVersion, knowsA, true},
		{"write-only, forgotten", secretForms{null, a, noVersion}, null, noVersion, secretMemory{}, true},
		{"write-only, unknown", secretForms{null, open, noVersion}, null, noVersion, knowsA, true},
		{"write-only, was versioned", secretForms{null, a, noVersion}, null, one, knowsA, true},
		{"versioned, same", secretForms{null, b, one}, null, one, knowsA, false},
		{"versioned, unknown secret", secretForms{null, open, one}, null, one, secretMemory{}, false},
		{"versioned, other", secretForms{null, a, two}, null, one, knowsA, true},
		{"versioned, new", secretForms{null, a, one}, a, noVersion, knowsA, true},
		{"versioned, unknown version", secretForms{null, a, types.Int64Unknown()}, null, one, knowsA, true},
	} {
		if got := test.config.due(test.statePlain, test.stateVersion, test.memory); got != test.want {
			t.Errorf("%s: due is %t, want %t", test.name, got, test.want)
		}
	}
}

func TestWhenAnAnswerIsDrift(t *testing.T) {
	t.Parallel()
	answer := func(s wingspan.Secret) *wingspan.Secret { return &s }
	plain, null := types.StringValue(fakeSecret), types.StringNull()
	echoing := secretMemory{Echoes: true, Fingerprint: newFingerprint(fakeSecret)}
	for _, test := range []struct {
		name     string
		memory   secretMemory
		plain    types.String
		answered *wingspan.Secret
		want     bool
	}{
		{"plain, same", secretMemory{Echoes: true}, plain, answer(fakeSecret), false},
		{"plain, other", secretMemory{Echoes: true}, plain, answer(otherSecret), true},
		{"plain, omitted", secretMemory{Echoes: true}, plain, nil, false},
		{"plain, masked", secretMemory{Echoes: true}, plain, answer("********"), false},
		{"plain, masked by dots", secretMemory{Echoes: true}, plain, answer("••••••"), false},
		{"plain, empty", secretMemory{Echoes: true}, plain, answer(""), false},
		{"plain, of an API that does not echo", secretMemory{}, plain, answer(otherSecret), false},
		{"write-only, same", echoing, null, answer(fakeSecret), false},
		{"write-only, other", echoing, null, answer(otherSecret), true},
		{"versioned", secretMemory{Echoes: true}, null, answer(otherSecret), false},
	} {
		if got := test.memory.drifted(test.plain, test.answered); got != test.want {
			t.Errorf("%s: drifted is %t, want %t", test.name, got, test.want)
		}
	}
}

func TestTheMemoryOfASecretDoesNotTellIt(t *testing.T) {
	t.Parallel()
	forms := secretForms{types.StringNull(), types.StringValue(fakeSecret), types.Int64Null()}
	memory := forms.sent(&wingspan.Preference{})
	kept, err := json.Marshal(memory)
	if err != nil {
		t.Fatal(err)
	}
	if found := find(kept, fakeSecret); found != "" {
		t.Error(found)
	}
	again, err := json.Marshal(forms.sent(&wingspan.Preference{}))
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) == string(again) {
		t.Error("two memories of one secret are equal, so that equal secrets can be told by their fingerprints")
	}
	var back secretMemory
	if err := json.Unmarshal(kept, &back); err != nil || !back.Fingerprint.matches(fakeSecret) || back.Fingerprint.matches(otherSecret) {
		t.Errorf("the fingerprint does not survive the state: %v %v", back, err)
	}
	if (*fingerprint)(nil).matches("") {
		t.Error("a missing fingerprint matches")
	}
	versioned := secretForms{types.StringNull(), types.StringValue(fakeSecret), types.Int64Value(1)}
	if versioned.sent(&wingspan.Preference{}).Fingerprint != nil {
		t.Error("a fingerprint of a versioned secret is kept")
	}
}

// The private part may be lost or written by another version: the secret is then sent once more, and no more than once.
func TestAForgottenSecretIsSentOnceMore(t *testing.T) {
	t.Parallel()
	for name, private := range map[string][]byte{
		"lost":       nil,
		"of another": []byte(`{"secret":"eyJlY2hvZXMiOiJubyJ9"}`), // {"echoes":"no"}
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			w := r.wire()
			config := secretValues(values{"shared_secret_wo": fakeSecret})
			h, told := w.apply(held{}, config)
			told.want(t)
			h.private = private
			for range 2 {
				h, told = w.read(h)
				told.want(t)
				h, told = w.apply(h, config)
				told.want(t)
			}
			r.wantWrites(create, patchSecret)
			if strings.Contains(string(h.private), fakeSecret) {
				t.Error("the private part holds the secret")
			}
		})
	}
}
