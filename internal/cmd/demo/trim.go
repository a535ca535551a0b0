package main

import (
	"regexp"
	"strings"
)

var (
	// overridesWarning is said by every command about the provider that is under development here.
	overridesWarning = regexp.MustCompile(`(?s)Warning: Provider development overrides are in effect.*?published\s+releases\.\n?`)

	progress = regexp.MustCompile(`(?m)^.*: (Refreshing state|Reading)\.\.\..*\n?`)

	// boilerplate begins the paragraphs that say nothing about this run. Both CLIs put their name before some.
	boilerplate = []string{
		"used the selected providers to generate the following execution",
		"will perform the following actions:",
		"has compared your real infrastructure against your configuration",
		"Planning failed.",
		"Saved the plan to:",
		"To perform exactly these actions",
		"─────",
	}
)

// whole is the output without what each run says alike.
func whole(output string) string {
	output = progress.ReplaceAllString(overridesWarning.ReplaceAllString(output, ""), "")

	var kept []string
	for paragraph := range strings.SplitSeq(output, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" && !isBoilerplate(paragraph) {
			kept = append(kept, paragraph)
		}
	}

	return strings.Join(kept, "\n\n") + "\n"
}

// result leaves out the plan, up to its last line.
func result(output string) string {
	output = whole(output)
	if start := strings.Index(output, "Plan: "); start >= 0 {
		return output[start:]
	}

	return output
}

func isBoilerplate(paragraph string) bool {
	first, _, _ := strings.Cut(paragraph, "\n")
	for _, b := range boilerplate {
		if strings.Contains(first, b) {
			return true
		}
	}

	return false
}
