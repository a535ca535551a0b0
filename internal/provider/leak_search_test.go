package provider

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// core is the longest part of a secret that encodings for odd characters leave alone.
func core(secret string) string {
	longest := ""
	for _, w := range word.FindAllString(secret, -1) {
		if len(w) > len(longest) {
			longest = w
		}
	}

	return longest
}

// spelledJSON is the value as a JSON text.
func spelledJSON(value string) string {
	encoded, _ := json.Marshal(value) // Text can always be encoded.

	return string(encoded)
}

// eachByte writes every byte by itself.
func eachByte(value, format string) string {
	var b strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&b, format, value[i])
	}

	return b.String()
}

// eachRune writes every character by itself.
func eachRune(value, format string) string {
	var b strings.Builder
	for _, r := range value {
		fmt.Fprintf(&b, format, r)
	}

	return b.String()
}

// inBase64 are the digits that base64 has for the value wherever it stands in a longer text.
func inBase64(value string) []string {
	var all []string
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + value))
		all = append(all, text[(before*8+5)/6:(before+len(value))*8/6])
	}

	return all
}

// caseless are all other ways to write the value, in lower case.
func caseless(value string) []string {
	value = strings.ToLower(value)
	all := []string{value, hex.EncodeToString([]byte(value))}
	for _, format := range []string{"%%%02x", "&#%d;", "&#x%x;", `\u%04x`, `\x%02x`} {
		all = append(all, eachByte(value, format))
	}

	return all
}

// base64Digits has true for each byte that base64 may have, but for padding.
var base64Digits = func() (digits [256]bool) {
	for _, digit := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		digits[digit] = true
	}

	return digits
}()

// unpacked is all that is base64 in the content, such as private state. With a regular expression, a trace log takes a minute under the race detector.
func unpacked(content []byte) []byte {
	var all []byte
	for from := 0; from < len(content); from++ {
		to := from
		for to < len(content) && base64Digits[content[to]] {
			to++
		}
		if to-from >= 16 {
			if decoded, err := base64.RawStdEncoding.AppendDecode(all, content[from:to]); err == nil {
				all = append(decoded, 0)
			}
		}
		from = to
	}

	return all
}

// unwrapped is the text without whitespace and margins.
func unwrapped(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("│╷╵", r) {
			return -1
		}

		return r
	}, text)
}

// find returns which of the secrets the content has, in any encoding, each with some of what is around it.
func find(content []byte, secrets ...string) string {
	var found strings.Builder
	for _, part := range [][]byte{content, unpacked(content)} {
		lower := bytes.ToLower(part)
		for _, secret := range secrets {
			report := func(in []byte, encoded string) {
				if at := bytes.Index(in, []byte(encoded)); at >= 0 {
					fmt.Fprintf(&found, "\n%q as %q in …%q…", secret, encoded, in[max(0, at-200):min(len(in), at+len(encoded)+50)])
				}
			}
			for _, encoded := range caseless(core(secret)) {
				report(lower, encoded)
			}
			for _, encoded := range inBase64(core(secret)) {
				report(part, encoded)
			}
		}
	}

	return found.String()
}

// TestTheSearchForSecretsFindsThem also where something else stands before them.
func TestTheSearchForSecretsFindsThem(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{oddToken, oddPlain, oddWO, fakeSecret} {
		for _, encoding := range leakEncodings {
			for _, before := range []string{"", "x", "ab", "abc"} {
				if find([]byte("text "+encoding.encode(before+secret)+" text"), secret) == "" {
					t.Errorf("%s: %q is not found", encoding.name, encoding.encode(before+secret))
				}
			}
		}
		if found := find([]byte("fake secret wo plain token core"), secret); found != "" {
			t.Error(found)
		}
	}
}

// filesOf returns the files of a workspace, by name; of a plan file, which is a zip, the files in it. The CLI's configuration is not among them.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".tf") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[filepath.Base(path)] = content
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return nil
		}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				return err
			}
			if files[filepath.Base(path)+"/"+f.Name], err = io.ReadAll(r); err != nil {
				return err
			}
			if err := r.Close(); err != nil {
				return err
			}
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return files
}
