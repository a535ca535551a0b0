package wingspan

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsMasked reports whether what an API shows hides a secret, in whole or in part: it is empty, has no letter and no digit, or has a
// run of characters of which masks are made. Letters need a longer run, as random secrets contain short ones.
func IsMasked(shown Secret) bool {
	text := string(shown)
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return true
	}
	_, _, masked := cutMask(text)

	return masked
}

// cutMask returns what a mask shows before and after its run of mask characters.
func cutMask(text string) (head, tail string, masked bool) {
	begin, last := 0, rune(-1)
	for i, r := range text {
		if r != last {
			begin, last = i, r
		}
		end := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(text[end:])
		run := utf8.RuneCountInString(text[begin:end])
		if next != r && (r == '…' || (strings.ContainsRune("*•●·.#", r) && run >= 3) || (strings.ContainsRune("xX", r) && run >= 6)) {
			return text[:begin], text[end:], true
		}
	}

	return "", "", false
}

// standsFor reports whether what an API shows can stand for the secret: it is the secret, a mask that shows only parts of it, or one of
// its usual hashes.
func standsFor(shown, secret Secret) bool {
	text := string(shown)
	if shown == secret {
		return true
	}
	if IsMasked(shown) {
		head, tail, _ := cutMask(text)

		return strings.HasPrefix(string(secret), head) && strings.HasSuffix(string(secret), tail)
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
