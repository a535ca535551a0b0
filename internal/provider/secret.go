package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// secretKey is the secret's memory in private state.
const secretKey = "secret"

// secretMemory is what is remembered of a secret between runs. It holds nothing that tells the secret itself.
type secretMemory struct {
	// Echoes: the answer to the last write of the secret was the secret itself. Only then can drift be seen.
	Echoes bool `json:"echoes"`
	// Drifted: the last read showed another secret than the one that was set.
	Drifted bool `json:"drifted,omitempty"`
	// Fingerprint is of an unversioned write-only secret, and nil for every other form.
	Fingerprint *fingerprint `json:"fingerprint,omitempty"`
}

// fingerprint recognizes a secret: HMAC-SHA256 under a random salt. It is no slow hash, since it is computed for every
// resource in every plan; a secret of 16 random characters is out of reach all the same, and shorter ones get a warning.
type fingerprint struct {
	Salt []byte `json:"salt"`
	Sum  []byte `json:"sum"`
}

func newFingerprint(secret string) *fingerprint {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // It never fails: crypto/rand ends the process instead.

	return &fingerprint{Salt: salt, Sum: hmacSum(salt, secret)}
}

func hmacSum(salt []byte, secret string) []byte {
	mac := hmac.New(sha256.New, salt)
	_, _ = mac.Write([]byte(secret)) // A hash's Write never fails.

	return mac.Sum(nil)
}

// matches is false for a missing fingerprint.
func (f *fingerprint) matches(secret string) bool {
	return f != nil && hmac.Equal(f.Sum, hmacSum(f.Salt, secret))
}

// privateReader and privateWriter are what this package needs of the framework's private state.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// recall reads a key of private state into v, and reports whether it was there.
// What cannot be read counts as forgotten: the provider then sends the secret once more, which is harmless.
func recall(ctx context.Context, private privateReader, key string, v any) bool {
	data, diags := private.GetKey(ctx, key)

	return !diags.HasError() && len(data) > 0 && json.Unmarshal(data, v) == nil
}

func remember(ctx context.Context, private privateWriter, key string, v any) diag.Diagnostics {
	data, err := json.Marshal(v)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Could not keep private state", err.Error()+". This is a bug in the provider.")}
	}

	return private.SetKey(ctx, key, data)
}

// secretForms is what a configuration says of the secret. At most one of plain and writeOnly is not null.
type secretForms struct {
	plain, writeOnly types.String
	version          types.Int64
}

func (s secretForms) given() bool { return !s.plain.IsNull() || !s.writeOnly.IsNull() }

// value is the secret to send; it is known at apply.
func (s secretForms) value() wingspan.Secret {
	if !s.plain.IsNull() {
		return wingspan.Secret(s.plain.ValueString())
	}

	return wingspan.Secret(s.writeOnly.ValueString())
}

// attribute is where a complaint about the secret belongs.
func (s secretForms) attribute() path.Path {
	if !s.writeOnly.IsNull() {
		return path.Root("shared_secret_wo")
	}

	return path.Root("shared_secret")
}

// due tells whether an update has to send the secret, given what the state and the memory hold. What is not known
// yet is due: a known plan for a write-only value that turns out otherwise is an inconsistent plan.
func (s secretForms) due(statePlain types.String, stateVersion types.Int64, memory secretMemory) bool {
	switch {
	case !s.plain.IsNull():
		return !s.plain.Equal(statePlain)
	case s.writeOnly.IsNull():
		return false
	case !s.version.IsNull():
		return !s.version.Equal(stateVersion)
	default:
		return s.writeOnly.IsUnknown() || !stateVersion.IsNull() || !memory.Fingerprint.matches(s.writeOnly.ValueString())
	}
}

// sent is the memory after a write that sent the secret and was answered with p.
func (s secretForms) sent(p *wingspan.Preference) secretMemory {
	memory := secretMemory{Echoes: p.SharedSecret != nil && *p.SharedSecret == s.value()}
	if s.plain.IsNull() && s.version.IsNull() {
		memory.Fingerprint = newFingerprint(s.writeOnly.ValueString())
	}

	return memory
}

// blind tells whether an answer shows nothing that a secret could be compared with.
func blind(answered *wingspan.Secret) bool { return answered == nil || looksMasked(string(*answered)) }

// drifted tells whether the API shows another secret than the one that was set. It knows only of an API that echoes secrets.
func (m secretMemory) drifted(statePlain types.String, answered *wingspan.Secret) bool {
	if !m.Echoes || blind(answered) {
		return false
	}

	switch {
	case !statePlain.IsNull():
		return statePlain.ValueString() != string(*answered)
	case m.Fingerprint != nil:
		return !m.Fingerprint.matches(string(*answered))
	default:
		return false
	}
}

// looksMasked knows a mask such as ******** when it sees one: nobody signs with a secret that has no letter and no digit.
func looksMasked(secret string) bool {
	return !strings.ContainsFunc(secret, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
