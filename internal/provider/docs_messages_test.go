package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// summaryAt says which argument of a call is a diagnostic's summary.
var summaryAt = map[string]int{
	"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
	// one builds most errors of this package.
	"one": 1,
}

// TestTroubleshootingHasEveryMessage keeps the guide whole in both directions. What is only known at run time stands there in capital letters.
func TestTroubleshootingHasEveryMessage(t *testing.T) {
	t.Parallel()
	emitted := emittedSummaries(t)
	if len(emitted) < 30 {
		t.Fatalf("found only %d summaries in the source: %q", len(emitted), emitted)
	}
	data, err := os.ReadFile(repository + "/templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	own, _, found := strings.Cut(string(data), "\n## What the CLI itself says")
	if !found {
		t.Fatal("the guide has no chapter about the CLI's own messages")
	}
	var headings []string
	for _, match := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(own, -1) {
		headings = append(headings, match[1])
	}

	for summary, file := range emitted {
		if !slices.Contains(headings, summary) {
			t.Errorf("%s emits %q, which has no heading in templates/guides/troubleshooting.md.tmpl", file, summary)
		}
	}
	for _, heading := range headings {
		if emitted[heading] == "" {
			t.Errorf("templates/guides/troubleshooting.md.tmpl explains %q, which nothing emits", heading)
		}
	}
}

// emittedSummaries are the summaries in this package's source, and the file of each.
func emittedSummaries(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	emitted, files := map[string]string{}, token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok || function.Body == nil || function.Name.Name == "one" {
				continue
			}
			for _, summary := range summariesIn(t, function) {
				emitted[summary] = name
			}
		}
	}

	return emitted
}

// summariesIn fails the test for a summary of a kind that it does not know, lest one goes unnoticed.
func summariesIn(t *testing.T, function *ast.FuncDecl) []string {
	t.Helper()
	var summaries []string
	take := func(e ast.Expr) {
		switch text, known := spell(e); {
		case !known:
			t.Errorf("%s makes a summary in a way that this test cannot read: teach it", function.Name.Name)
		case text != "":
			summaries = append(summaries, text)
		}
	}
	ast.Inspect(function.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if at, ok := summaryAt[calledName(n)]; ok && len(n.Args) > at {
				take(n.Args[at])
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if name, ok := left.(*ast.Ident); ok && name.Name == "summary" && len(n.Rhs) == len(n.Lhs) {
					take(n.Rhs[i])
				}
			}
		case *ast.ReturnStmt:
			// The method fieldOf returns path, summary, advice.
			if function.Name.Name == "fieldOf" && function.Recv != nil {
				take(n.Results[1])
			}
		}

		return true
	})

	return summaries
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

// spell writes a summary as the guide does. It is empty for a variable, whose assignments are taken instead, and for
// a summary that another call has made.
func spell(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)

		return text, err == nil
	case *ast.BinaryExpr:
		left, knownLeft := spell(e.X)
		right, knownRight := spell(e.Y)

		return left + right, knownLeft && knownRight
	case *ast.SelectorExpr:
		// op.verb
		return strings.ToUpper(e.Sel.Name), true
	case *ast.Ident:
		return "", e.Name == "summary"
	case *ast.CallExpr:
		switch calledName(e) {
		case "Summary":
			return "", true
		case "name":
			// source.name
			return "SETTING", true
		}
	}

	return "", false
}
