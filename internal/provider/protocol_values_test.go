package provider

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func encodeValue(typ tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case values:
		return encodeValue(typ, map[string]any(v))
	case map[string]any:
		members := map[string]tftypes.Value{}
		if object, ok := typ.(tftypes.Object); ok {
			for name, t := range object.AttributeTypes {
				members[name] = encodeValue(t, v[name])
			}
		} else {
			for name, e := range v {
				members[name] = encodeValue(tftypes.String, e)
			}
		}

		return tftypes.NewValue(typ, members)
	case []string:
		elements := make([]any, len(v))
		for i, e := range v {
			elements[i] = e
		}

		return encodeValue(typ, elements)
	case []any:
		elements := make([]tftypes.Value, len(v))
		for i, e := range v {
			elements[i] = encodeValue(tftypes.String, e)
		}

		return tftypes.NewValue(typ, elements)
	default:
		return tftypes.NewValue(typ, v)
	}
}

// decodeValue turns numbers into int, collections of text into []any and map[string]any. Sets come in the order of the encoded value.
func decodeValue(v tftypes.Value) any {
	var (
		text    string
		truth   bool
		number  big.Float
		list    []tftypes.Value
		members map[string]tftypes.Value
	)

	switch {
	case !v.IsKnown():
		return unknown{}
	case v.IsNull():
		return nil
	case v.As(&text) == nil:
		return text
	case v.As(&truth) == nil:
		return truth
	case v.As(&number) == nil:
		n, _ := number.Int64()

		return int(n)
	case v.As(&list) == nil:
		elements := make([]any, len(list))
		for i, e := range list {
			elements[i] = decodeValue(e)
		}

		return elements
	case v.As(&members) == nil:
		object := map[string]any{}
		for name, e := range members {
			object[name] = decodeValue(e)
		}

		return object
	default:
		panic(fmt.Sprintf("a value of type %s", v.Type()))
	}
}

// diagnostics is what a call reports to the user.
type diagnostics []*tfprotov6.Diagnostic

func (s diagnostics) failed() bool {
	for _, d := range s {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}

	return false
}

// lines has one line for each, like "error at url: Invalid webhook URL".
func (s diagnostics) lines() []string {
	lines := make([]string, len(s))
	for i, d := range s {
		at := ""
		if d.Attribute != nil {
			at = " at " + pathText(d.Attribute)
		}
		lines[i] = strings.ToLower(d.Severity.String()) + at + ": " + d.Summary
	}

	return lines
}

// want asserts all of them by their lines, of which empty ones don't count, and that none of their texts contains the token or a secret of
// the tests.
func (s diagnostics) want(tb testing.TB, lines ...string) {
	tb.Helper()
	lines = slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return line == "" })
	// The framework validates attributes in no particular order.
	if diff := cmp.Diff(slices.Sorted(slices.Values(lines)), slices.Sorted(slices.Values(s.lines()))); diff != "" {
		tb.Errorf("diagnostics (-want +got):\n%s%s", diff, s.text())
	}
	for _, secret := range []string{wingspantest.Token, fakeSecret, otherSecret} {
		if strings.Contains(s.text(), secret) {
			tb.Errorf("a diagnostic shows %q:\n%s", secret, s.text())
		}
	}
}

// wantText asserts that each of the parts is in what a person gets to read.
func (s diagnostics) wantText(tb testing.TB, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if !strings.Contains(s.text(), part) {
			tb.Errorf("it doesn't contain %q:\n%s", part, s.text())
		}
	}
}

// text is all that a person gets to read.
func (s diagnostics) text() string {
	var b strings.Builder
	for _, d := range s {
		fmt.Fprintf(&b, "%s\n\n%s\n", d.Summary, d.Detail)
	}

	return b.String()
}

// pathText is a path as people write it; an element of a set is named by its value.
func pathText(p *tftypes.AttributePath) string {
	var b strings.Builder
	for _, s := range p.Steps() {
		switch s := s.(type) {
		case tftypes.AttributeName:
			if b.Len() > 0 {
				b.WriteString(".")
			}
			b.WriteString(string(s))
		case tftypes.ElementKeyValue:
			fmt.Fprintf(&b, "[%v]", decodeValue(tftypes.Value(s)))
		default:
			fmt.Fprintf(&b, "[%v]", s)
		}
	}

	return b.String()
}
