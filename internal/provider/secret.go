package provider

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// secretState is what private state has of a secret between runs. Nothing in it reveals the secret.
type secretState struct {
	// Echoes: a read has shown the secret itself since it was last sent. Only then can it drift.
	Echoes bool `json:"echoes"`
	// Fingerprint is of an unversioned write-only secret, and nil for every other form.
	Fingerprint *fingerprint `json:"fingerprint,omitempty"`
}

// fingerprint recognizes a secret: HMAC-SHA256 under a random salt. It isn't a slow hash because it is computed for every
// resource in every plan; a secret of 16 random characters is out of reach nevertheless, and shorter ones produce a warning.
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

// secretForm is the argument that a secret to send comes from, or "" for none.
type secretForm string

const (
	plainSecret     secretForm = "shared_secret"
	writeOnlySecret secretForm = "shared_secret_wo"
)

// form is the argument that is set.
func (m secretModel) form() secretForm {
	switch {
	case !m.SharedSecret.IsNull():
		return plainSecret
	case !m.SharedSecretWO.IsNull():
		return writeOnlySecret
	default:
		return ""
	}
}

// value is the secret of one form; it is known when applying.
func (m secretModel) value(form secretForm) wingspan.Secret {
	if form == writeOnlySecret {
		return wingspan.Secret(m.SharedSecretWO.ValueString())
	}

	return wingspan.Secret(m.SharedSecret.ValueString())
}

// needsUpdate reports whether an update has to send the configured secret, given what the state has. What is not known yet does: a known
// plan for a write-only value that turns out otherwise is an inconsistent plan.
func (m secretModel) needsUpdate(state secretModel, stored secretState) bool {
	switch {
	case !m.SharedSecret.IsNull():
		return !m.SharedSecret.Equal(state.SharedSecret)
	case m.SharedSecretWO.IsNull():
		return false
	case !m.SharedSecretWOVersion.IsNull():
		return !m.SharedSecretWOVersion.Equal(state.SharedSecretWOVersion)
	default:
		return m.SharedSecretWO.IsUnknown() || !state.SharedSecretWOVersion.IsNull() || !stored.Fingerprint.matches(m.SharedSecretWO.ValueString())
	}
}

// stateAfterWrite is what to keep of a secret that was sent. echoes reports whether a read shows it.
func stateAfterWrite(form secretForm, secret wingspan.Secret, version types.Number, echoes bool) secretState {
	stored := secretState{Echoes: echoes}
	if form == writeOnlySecret && version.IsNull() {
		stored.Fingerprint = newFingerprint(string(secret))
	}

	return stored
}

// hidesSecret reports whether a response shows nothing that a secret could be compared with: an API that echoed it until now may begin to mask.
func hidesSecret(shown *wingspan.Secret) bool { return shown == nil || wingspan.IsMasked(*shown) }

// afterRead is what a read teaches: whether the API echoes the secret, and whether another one than ours is set. plain is
// shared_secret in the state. A secret that was changed outside has no fingerprint any more.
func (s secretState) afterRead(plain types.String, shown *wingspan.Secret) (next secretState, drifted bool) {
	next = s
	var ours bool
	compared := true
	switch {
	case shown == nil:
	case !plain.IsNull():
		ours = plain.ValueString() == string(*shown)
	case s.Fingerprint != nil:
		ours = s.Fingerprint.matches(string(*shown))
	default:
		compared = false
	}

	switch {
	case ours:
		next.Echoes = true
	case hidesSecret(shown):
		next.Echoes = false
	case compared && s.Echoes:
		next.Fingerprint, drifted = nil, true
	}

	return next, drifted
}
