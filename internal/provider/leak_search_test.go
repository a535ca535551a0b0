package provider

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// spelledOut are the ways in which a server, a log or a file may write a value.
func spelledOut(value string) []string {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // Text can always be encoded.
	escaped, _ := json.Marshal(value)

	return []string{
		value,
		string(escaped[1 : len(escaped)-1]),
		strings.TrimSuffix(plain.String()[1:], "\"\n"),
		url.QueryEscape(value),
		url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)),
	}
}

// quotedAgain adds the spellings as a text has them that quotes a text which holds them.
func quotedAgain(spellings []string) []string {
	all := slices.Clone(spellings)
	for range 2 {
		for _, s := range slices.Clone(all) {
			quoted := strconv.Quote(s)
			all = append(all, quoted[1:len(quoted)-1])
		}
	}
	slices.Sort(all)

	return slices.Compact(all)
}

var base64Word = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)

// unpacked is the content, and whatever in it is base64, such as the private part of a state.
func unpacked(content []byte) [][]byte {
	all := [][]byte{content}
	for _, word := range base64Word.FindAll(content, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(string(word)); err == nil {
			all = append(all, decoded)
		}
	}

	return all
}

// unwrapped is the text without blanks and margins: the CLI breaks the lines of errors, in the middle of secrets too.
func unwrapped(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("│╷╵", r) {
			return -1
		}

		return r
	}, text)
}

// find returns which of the secrets the content holds, each with some of what is around it.
func find(content []byte, secrets ...string) string {
	var found strings.Builder
	parts := unpacked(content)
	for i := range parts {
		parts[i] = unwrapped(parts[i])
	}
	for _, secret := range secrets {
		if s := findOne(parts, secret); s != "" {
			found.WriteString("\n" + s)
		}
	}

	return found.String()
}

func findOne(parts [][]byte, secret string) string {
	for _, s := range quotedAgain(spelledOut(secret)) {
		for _, part := range parts {
			if at := bytes.Index(part, unwrapped([]byte(s))); at >= 0 {
				return fmt.Sprintf("%q in …%q…", s, part[max(0, at-200):min(len(part), at+len(s)+50)])
			}
		}
	}

	return ""
}

// filesOf returns what a workspace holds, by name; of a plan file, which is a zip, the files in it. The CLI's configuration is not among them.
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
