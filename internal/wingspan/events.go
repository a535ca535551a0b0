package wingspan

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// SharedEvents returns, sorted, the wanted events that are among the existing ones. Names that differ in punctuation and case only
// are the same here: the API may write a name in its own form.
func SharedEvents(existing, wanted []string) []string {
	in := make(map[string]bool, len(existing))
	for _, e := range existing {
		in[LettersAndDigits(e)] = true
	}
	shared := map[string]bool{}
	for _, e := range wanted {
		if in[LettersAndDigits(e)] {
			shared[e] = true
		}
	}

	return slices.Sorted(maps.Keys(shared))
}

// AreFormsOfEvents reports whether the names differ in nothing but punctuation and case.
func AreFormsOfEvents(a, b []string) bool { return sameEvents(lettersOfAll(a), lettersOfAll(b)) }

func sameEvents(a, b []string) bool { return slices.Equal(distinct(a), distinct(b)) }

// distinct is sorted.
func distinct(events []string) []string { return slices.Compact(slices.Sorted(slices.Values(events))) }

func lettersOfAll(events []string) []string {
	letters := make([]string, len(events))
	for i, e := range events {
		letters[i] = LettersAndDigits(e)
	}

	return letters
}

// LettersAndDigits returns the letters, in lower case, and the digits of s: what is left of a name that is written in different ways.
func LettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}

		return -1
	}, s)
}
