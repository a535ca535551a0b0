package wingspan

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"
)

// maskRun is what masks are made of. Letters need a longer run, as random secrets contain short ones.
var maskRun = regexp.MustCompile(`…+|\*{3,}|•{3,}|●{3,}|·{3,}|\.{3,}|#{3,}|x{6,}|X{6,}`)

// IsMasked reports whether what an API shows hides a secret, in whole or in part: it is empty, has no letter and no digit, or has a
// run of characters of which masks are made.
func IsMasked(shown Secret) bool {
	text := string(shown)
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return true
	}

	return maskRun.MatchString(text)
}

// standsFor reports whether what an API shows can stand for the secret: it is the secret, a mask that shows only parts of it, or one of
// its usual hashes.
func standsFor(shown, secret Secret) bool {
	text := string(shown)
	if parts := maskRun.Split(text, 2); len(parts) == 2 && shown != secret {
		return strings.HasPrefix(string(secret), parts[0]) && strings.HasSuffix(string(secret), parts[1])
	}
	if shown == secret || IsMasked(shown) {
		return true
	}
	if _, digest, prefixed := strings.Cut(text, ":"); prefixed {
		text = digest // As in "sha256:…".
	}
	short, long := sha256.Sum256([]byte(secret)), sha512.Sum512([]byte(secret))
	for _, sum := range [][]byte{short[:], long[:]} {
		if strings.EqualFold(text, hex.EncodeToString(sum)) || strings.TrimRight(text, "=") == base64.RawStdEncoding.EncodeToString(sum) {
			return true
		}
	}

	return false
}
