// Command docs generates docs/ from the provider's schema, templates/ and examples/, and checks what people read.
//
// It takes the schema from the provider in this process: Terraform 1.11 leaves identities and list resources out of
// `terraform providers schema -json`, and so no CLI is needed either.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("docs", flag.ContinueOnError)
	tool := flags.String("tfplugindocs", "", "`path` of tfplugindocs; by default it is looked for in bin/ and on PATH")
	root := flags.String("root", ".", "the repository's `folder`")
	check := flags.Bool("check", false, "change nothing, and fail if docs/ is not what would be generated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	path, err := findTool(*root, *tool)
	if err != nil {
		return err
	}

	schemas, err := dumpSchemas(ctx, providerserver.NewProtocol6(provider.New("docs", "none")())())
	if err != nil {
		return fmt.Errorf("dump the provider's schema: %w", err)
	}
	site := &site{root: *root, tool: path}
	defer site.close()
	if err := site.writeSchemas(schemas); err != nil {
		return err
	}

	problems := undescribed(schemas)
	if *check {
		differences, err := site.compare(ctx)
		if err != nil {
			return err
		}
		problems = append(problems, differences...)
	} else if err := site.generate(ctx, docsDir); err != nil {
		return err
	}
	broken, err := brokenLinks(*root)
	if err != nil {
		return err
	}
	problems = append(problems, broken...)
	if err := site.validate(ctx); err != nil {
		problems = append(problems, err.Error())
	}

	return report(problems)
}

// report is nil without problems.
func report(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d problems:", len(problems))
	if len(problems) == 1 {
		text = "1 problem:"
	}
	for _, p := range problems {
		text += "\n- " + p
	}

	return errors.New(text)
}
