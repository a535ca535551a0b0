package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// undescribed names everything that users can write or read and that says nothing of itself, or no full sentence.
func undescribed(all *tfjson.ProviderSchemas) []string {
	var problems []string
	say := func(what, description string) {
		switch {
		case strings.TrimSpace(description) == "":
			problems = append(problems, fmt.Sprintf("%s has no description: give it a MarkdownDescription in internal/provider", what))
		case !strings.HasSuffix(description, "."):
			problems = append(problems, fmt.Sprintf("the description of %s is no full sentence, as it does not end with a stop: correct it in internal/provider", what))
		}
	}

	for _, p := range all.Schemas {
		describeBlock(say, "the provider", p.ConfigSchema.Block)
		for _, kind := range []struct {
			name    string
			schemas map[string]*tfjson.Schema
		}{
			{"the resource", p.ResourceSchemas},
			{"the data source", p.DataSourceSchemas},
			{"the ephemeral resource", p.EphemeralResourceSchemas},
			{"the list resource", p.ListResourceSchemas},
		} {
			for _, name := range slices.Sorted(maps.Keys(kind.schemas)) {
				describeBlock(say, kind.name+" "+name, kind.schemas[name].Block)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.ResourceIdentitySchemas)) {
			attributes := p.ResourceIdentitySchemas[name].Attributes
			for _, a := range slices.Sorted(maps.Keys(attributes)) {
				say(fmt.Sprintf("%s of the identity of %s", a, name), attributes[a].Description)
			}
		}
	}

	return problems
}

func describeBlock(say func(what, description string), what string, b *tfjson.SchemaBlock) {
	say(what, b.Description)
	describeAttributes(say, what, b.Attributes)
	for _, name := range slices.Sorted(maps.Keys(b.NestedBlocks)) {
		describeBlock(say, fmt.Sprintf("the block %s of %s", name, what), b.NestedBlocks[name].Block)
	}
}

func describeAttributes(say func(what, description string), of string, attributes map[string]*tfjson.SchemaAttribute) {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		what := fmt.Sprintf("%s of %s", name, of)
		say(what, attributes[name].Description)
		if nested := attributes[name].AttributeNestedType; nested != nil {
			describeAttributes(say, what, nested.Attributes)
		}
	}
}
