package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// steps is the story. Each step leaves the webhook as the next one expects it.
func (d *demo) steps(ctx context.Context) error {
	for i, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Register a webhook for two events", d.create},
		{"Plan again: nothing is left to do", d.planAgain},
		{"Subscribe to a failed payment in place of a sent invoice", d.change},
		{"Misspell an event: the plan refuses it", d.misspell},
		{"What the server holds", d.list},
		{"Remove the webhook", d.destroy},
	} {
		d.out.text("", fmt.Sprintf("%d. %s", i+1, step.title), "")
		// Each step answers for its own requests.
		d.server.ResetRequests()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, step.title, err)
		}
	}

	return nil
}

func (d *demo) create(ctx context.Context) error {
	if err := d.configure("Invoice.Paid", "Invoice.Sent"); err != nil {
		return err
	}
	d.out.quote(resourceBlock(d.writeOnly, "Invoice.Paid", "Invoice.Sent"))
	d.out.text("")
	if _, err := d.run(ctx, 0, whole, "apply", "-auto-approve"); err != nil {
		return err
	}
	held := d.server.Preferences()
	if len(held) != 1 {
		return fmt.Errorf("the server holds %d webhooks, not 1", len(held))
	}
	d.id = held[0].ID
	if err := errors.Join(d.holds("Invoice.Paid", "Invoice.Sent"), d.wrote("POST sharedSecret,subscribedEvents,url")); err != nil {
		return err
	}
	d.out.ok("The server holds the webhook and its secret. One POST was sent.")
	if !d.writeOnly {
		d.out.ok("This CLI is older than 1.11 and has no write-only arguments: the secret lies in the state.")

		return nil
	}
	if err := d.stateHidesSecret(); err != nil {
		return err
	}
	d.out.ok("The secret is in no file of the working directory, the state included.")

	return nil
}

func (d *demo) planAgain(ctx context.Context) error {
	if _, err := d.run(ctx, 0, whole, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	if err := errors.Join(d.holds("Invoice.Paid", "Invoice.Sent"), d.wrote()); err != nil {
		return err
	}
	d.out.ok("The exit code is 0, which means no changes. Nothing was written.")

	return nil
}

func (d *demo) change(ctx context.Context) error {
	if err := d.configure("Invoice.Paid", "Invoice.PaymentFailed"); err != nil {
		return err
	}
	if _, err := d.run(ctx, 2, whole, "plan", "-detailed-exitcode", "-out=change.tfplan"); err != nil {
		return err
	}
	if err := errors.Join(d.holds("Invoice.Paid", "Invoice.Sent"), d.wrote()); err != nil {
		return err
	}
	d.out.ok("The exit code is 2, which means changes. Nothing was written yet.")
	d.out.text("")

	if _, err := d.run(ctx, 0, whole, "apply", "change.tfplan"); err != nil {
		return err
	}
	if err := errors.Join(d.holds("Invoice.Paid", "Invoice.PaymentFailed"), d.wrote("PATCH subscribedEvents")); err != nil {
		return err
	}
	d.out.ok("It is the same webhook. One PATCH was sent, which carried the events and no secret.")

	return nil
}

func (d *demo) misspell(ctx context.Context) error {
	if err := d.configure("Invoice.Paid", "Invoice.PaymentFaild"); err != nil {
		return err
	}
	output, err := d.run(ctx, 1, whole, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	// The CLI breaks lines where it likes.
	if said := strings.Join(strings.Fields(output), " "); !strings.Contains(said, `Did you mean "Invoice.PaymentFailed"?`) {
		return errors.New("the plan failed without suggesting the right name")
	}
	if err := errors.Join(d.holds("Invoice.Paid", "Invoice.PaymentFailed"), d.wrote()); err != nil {
		return err
	}
	d.out.ok("The exit code is 1, which means an error. Nothing was written.")

	return d.configure("Invoice.Paid", "Invoice.PaymentFailed")
}

func (d *demo) list(context.Context) error {
	for _, p := range d.server.Preferences() {
		d.out.quote(fmt.Sprintf("id       %s\naccount  %s\nurl      %s\nevents   %s\nsecret   %d characters, not shown\ncreated  %s\nchanged  %s\n",
			p.ID, p.Account, p.URL, strings.Join(p.SubscribedEvents, ", "), len(p.SharedSecret),
			p.CreatedAt.Format(timeForm), p.UpdatedAt.Format(timeForm)))
	}
	if err := d.holds("Invoice.Paid", "Invoice.PaymentFailed"); err != nil {
		return err
	}
	d.out.ok("That is the one webhook, as configured, and nothing else.")

	return nil
}

func (d *demo) destroy(ctx context.Context) error {
	if _, err := d.run(ctx, 0, result, "destroy", "-auto-approve"); err != nil {
		return err
	}
	if left := len(d.server.Preferences()); left > 0 {
		return fmt.Errorf("the server still holds %d webhooks", left)
	}
	if err := d.wrote("DELETE"); err != nil {
		return err
	}
	d.out.ok("The server holds nothing. One DELETE was sent.")

	return nil
}
