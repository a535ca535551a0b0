package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const (
	issuesURL = "https://github.com/" + namespace + "/terraform-provider-wingspan/issues"

	// maxQuoted bounds what a message repeats of a configuration or a server's words, in bytes.
	maxQuoted = 200
)

// operation is what was being done when an error happened.
type operation struct {
	// verb and object finish "Could not …": "update", `webhook preference "abc"`.
	verb, object string
	// account is the one that the request was for, or empty.
	account string
	// inState: it is about a webhook preference of the state.
	inState bool
	// accepted are the webhook preferences of the state beside which a create was planned.
	accepted []string
}

// writes reports whether a failure leaves open if anything has changed.
func (op operation) writes() bool {
	return op.verb == "create" || op.verb == "update" || op.verb == "delete"
}

// preferenceOp is an operation on a webhook preference of the state.
func preferenceOp(verb, id, account string) operation {
	return operation{verb: verb, object: preferenceLabel(id), account: account, inState: true}
}

func preferenceLabel(id string) string { return "webhook preference " + quoted(id) }

// diagnose turns a client's error into what a person needs: the cause, what the provider was doing, and what to do now. What
// several operations have in common, such as a rejected token, is explained once per run.
func (d *providerData) diagnose(op operation, err error) diag.Diagnostics {
	var (
		apiErr    *wingspan.APIError
		transport *wingspan.TransportError
		unusable  *wingspan.ResponseError
		account   *wingspan.AccountError
		duplicate *wingspan.DuplicateError
		ambiguous *wingspan.AmbiguousCreateError
		badID     *wingspan.IDError
		missing   *wingspan.MissingError
		existing  *wingspan.ExistingError
		outage    *wingspan.OutageError
	)

	switch {
	case errors.Is(err, wingspan.ErrNoToken):
		return d.diagnoseNoToken(op)
	case errors.As(err, &duplicate):
		return diagnoseDuplicate(duplicate, d.run.wasRefreshed())
	case errors.As(err, &missing):
		return d.diagnoseMissing(op, missing)
	case errors.As(err, &existing):
		return diagnoseExisting(op, existing)
	case errors.As(err, &ambiguous):
		return d.diagnoseAmbiguous(op, ambiguous)
	case errors.As(err, &account):
		return diagnoseAccount(op, account)
	case errors.As(err, &outage):
		return d.diagnoseOutage(op, outage)
	case errors.As(err, &apiErr):
		return d.diagnoseAPI(op, apiErr)
	case errors.As(err, &transport):
		return d.once(op, "Could not reach Wingspan", fmt.Sprintf("%s, at %s: %s.",
			attemptSummary(transport.Method, transport.Attempts, transport.Elapsed), d.settings.server(), transport.Err), op.afterFailure(transport.Uncertain))
	case errors.As(err, &unusable):
		return diagnoseUnusable(op, unusable)
	case errors.As(err, &badID) && badID.Created:
		return errorDiag(path.Empty(), "Invalid webhook preference ID",
			fmt.Sprintf("Wingspan responded with the ID %s, which no later request could address.", quoted(badID.ID)), op.couldNot(),
			"A webhook preference may exist that Terraform can't manage. Check Wingspan and delete it there.")
	case errors.As(err, &badID):
		return errorDiag(path.Root("id"), "Invalid webhook preference ID", quoted(badID.ID)+" isn't a valid webhook preference ID.", op.couldNot(),
			"Use the wingspan_webhook_preferences data source to list the IDs of an account.")
	default:
		return errorDiag(path.Empty(), "Could not "+op.verb+" the webhook preference", err.Error()+".", op.couldNot(), op.afterFailure(wingspan.MayHaveSucceeded(err)))
	}
}

// summaryOf is what an error is about that is explained elsewhere.
func (d *providerData) summaryOf(err error) string {
	return d.diagnose(operation{}, err)[0].Summary()
}

// once is an error whose advice is given for the first of those that have the summary and the account in common. What became of a write,
// the outcome, is its own.
func (d *providerData) once(op operation, summary, cause, outcome string, advice ...string) diag.Diagnostics {
	if same := d.sameAs(op, summary); same != "" {
		advice = []string{same}
		if !op.writes() {
			outcome = ""
		}
	}

	return errorDiag(path.Empty(), summary, slices.Concat([]string{cause, op.couldNot()}, advice, []string{outcome})...)
}

// sameAs refers to the first error of this kind in the account, and is empty for the first itself. Terraform sorts errors by where
// the resources are configured, so that the first may be shown after those that refer to it.
func (d *providerData) sameAs(op operation, kind string) string {
	if op.verb == "" {
		return "" // The operation is explained elsewhere.
	}
	first, again := d.explained.LoadOrStore(kind+"\x00"+op.account, op.couldNot())
	switch {
	case !again:
		return ""
	case first == op.couldNot():
		return "Same error as another one of this run, which explains what to do."
	default:
		return fmt.Sprint("Same error as: ", first)
	}
}

// unchecked is for what a plan can't check because a request failed. It is an error only where the plan could not be applied anyway.
func (d *providerData) unchecked(op operation, err error, summary, detail string) diag.Diagnostics {
	switch {
	case errors.Is(err, wingspan.ErrNoToken) && len(d.settings.unknown) > 0:
		return nil // It is checked when applying, when the settings are known.
	case errors.Is(err, wingspan.ErrNoToken), wingspan.IsUnauthorized(err):
		return d.diagnose(op, err)
	default:
		return d.warnOnce(summary, detail)
	}
}

// warnOnce is a warning for the whole run.
func (d *providerData) warnOnce(summary, detail string) diag.Diagnostics {
	if _, again := d.explained.LoadOrStore(summary, ""); again {
		return nil
	}

	return warningDiag(path.Empty(), summary, detail)
}

func (op operation) couldNot() string {
	if op.verb == "" {
		return ""
	}
	forAccount := ""
	if op.account != "" {
		forAccount = " on behalf of account " + quoted(op.account)
	}

	return fmt.Sprintf("Could not %s %s%s.", op.verb, op.object, forAccount)
}

// afterFailure explains whether it is safe to try again. Everything but a create can be repeated without harm.
func (op operation) afterFailure(uncertain bool) string {
	switch {
	case !op.writes():
		return "Try again when the API is reachable."
	case uncertain:
		return "The change may have been applied. Run the same command again; it reads the current state first."
	default:
		return "No request was sent and nothing changed. Try again when the API is reachable."
	}
}

// attemptSummary leaves out a time under a second, which means nothing.
func attemptSummary(method string, attempts int, elapsed time.Duration) string {
	text := fmt.Sprintf("%s failed after %d attempts", method, attempts)
	if attempts == 1 {
		text = method + " failed"
	}
	if elapsed = elapsed.Round(time.Second); elapsed > 0 {
		text += fmt.Sprintf(" (%s)", elapsed)
	}

	return text
}

// quoted is a text in quotation marks, with everything escaped that doesn't print.
func quoted(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "…"
	}

	return strconv.Quote(s)
}

func quotedList(list []string) string { return firstFew(10, list, quoted) }

// firstFew lists at most that many, and how many there are besides.
func firstFew[T any](most int, list []T, text func(T) string) string {
	var texts []string
	for _, element := range list[:min(len(list), most)] {
		texts = append(texts, text(element))
	}
	if more := len(list) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}

	return strings.Join(texts, ", ")
}

func joinParagraphs(p ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(p), func(text string) bool { return text == "" }), "\n\n")
}

// errorDiag is an error at an attribute, or at the whole object for the empty path.
func errorDiag(at path.Path, summary string, paragraphs ...string) diag.Diagnostics {
	return diagnosticAt(at, diag.NewErrorDiagnostic(summary, joinParagraphs(paragraphs...)))
}

// warningDiag is errorDiag for a warning.
func warningDiag(at path.Path, summary string, paragraphs ...string) diag.Diagnostics {
	return diagnosticAt(at, diag.NewWarningDiagnostic(summary, joinParagraphs(paragraphs...)))
}

func diagnosticAt(at path.Path, d diag.Diagnostic) diag.Diagnostics {
	if !at.Equal(path.Empty()) {
		d = diag.WithPath(at, d)
	}

	return diag.Diagnostics{d}
}

// importBlock is HCL to paste: what the API calls an ID must not become a template.
func importBlock(account, id string) string {
	if account != "" {
		id = account + "/" + id
	}
	if len(id) > maxQuoted {
		id = "ID" // No one pastes that, and half of it is worse than nothing.
	}

	return fmt.Sprintf("import {\n  to = %s.NAME\n  id = %s\n}", preferenceTypeName, hclString(id))
}

// hclString is a quoted HCL string without templates.
func hclString(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}

	return `"` + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String()) + `"`
}
