package provider

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// maxDetail bounds a message, in bytes.
const maxDetail = 4000

// clean bounds every diagnostic, keeps it out of the terminal's control and free of secrets: the provider's own, and the framework's.
func (p *wingspanProvider) clean(diagnostics []*tfprotov6.Diagnostic) {
	redact := func(text string) string { return text }
	if data := p.configured.Load(); data != nil {
		redact = data.webhooks.Client().Redact
	}
	for _, d := range diagnostics {
		d.Summary, d.Detail = printable(redact, d.Summary), printable(redact, d.Detail)
		// Terraform prints the source line of an attribute, with a literal value in it.
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 && slices.Contains([]tftypes.AttributePathStep{
			tftypes.AttributeName("api_token"), tftypes.AttributeName("shared_secret"), tftypes.AttributeName("shared_secret_wo"),
		}, d.Attribute.Steps()[0]) {
			d.Attribute = nil
		}
	}
}

// quotedText is what a message repeats of a configuration or a server's words.
var quotedText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// printable masks each quoted text and each line by itself, so that one that can't be shown does not hide the others.
func printable(redact func(string) string, text string) string {
	lines := strings.Split(strings.ToValidUTF8(text, "?"), "\n")
	for i := range lines {
		lines[i] = quotedText.ReplaceAllStringFunc(lines[i], func(quoted string) string {
			if redact(quoted) != quoted {
				return `"[redacted]"`
			}

			return quoted
		})
		lines[i] = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return '?'
			}

			return r
		}, redact(lines[i]))
	}
	text = strings.Join(lines, "\n")
	if len(text) > maxDetail {
		text = strings.ToValidUTF8(text[:maxDetail], "") + "…"
	}

	return text
}

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ConfigureProvider(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

// ValidateResourceConfig leaves warnings to the calls of a configured provider. A plan validates twice, in two processes, and Terraform
// would count the same warning as a similar one elsewhere.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, req)
	if s.provider.configured.Load() == nil {
		resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityWarning })
	}
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ReadResource(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.PlanResourceChange(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ApplyResourceChange(context.WithValue(ctx, plannedPrivateKey{}, req.PlannedPrivate), req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ImportResourceState(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.UpgradeResourceIdentity(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.MoveResourceState(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	defer s.beginCall(&ctx)()
	resp, err := s.frameworkServer.ReadDataSource(ctx, req)
	s.provider.clean(resp.Diagnostics)

	return resp, err
}

func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.frameworkServer.ListResource(ctx, req)
	if stream == nil || stream.Results == nil {
		return stream, err
	}
	results := stream.Results
	stream.Results = func(push func(tfprotov6.ListResourceResult) bool) {
		results(func(r tfprotov6.ListResourceResult) bool {
			s.provider.clean(r.Diagnostics)

			return push(r)
		})
	}

	return stream, err
}
