package main

// command is one command and what has to be true after it.
type command struct {
	title  string   // begins a new step
	events []string // configured before it
	args   string   // none: show the server's contents
	code   int
	says   string   // a part of its output, with whitespace collapsed
	live   []string // the events of the webhook on the server afterwards; nil: there is no webhook
	write  string   // the one write that it sends, as "METHOD field,field"
	ok     string
}

var (
	sent       = []string{"Invoice.Paid", "Invoice.Sent"}
	failed     = []string{"Invoice.Paid", "Invoice.PaymentFailed"}
	misspelled = []string{"Invoice.Paid", "Invoice.PaymentFaild"}
)

// commands leave the webhook as the next one expects it.
var commands = []command{
	{
		title: "1. Register a webhook for two events", events: sent, args: "apply -auto-approve",
		live: sent, write: "POST sharedSecret,subscribedEvents,url",
		ok: "The server has the webhook and its secret. One POST was sent.",
	},
	{
		title: "2. Plan again: nothing is left to do", events: sent, args: "plan -detailed-exitcode", live: sent,
		ok: "The exit code is 0, which means no changes. Nothing was written.",
	},
	{
		title: "3. Subscribe to a failed payment instead of a sent invoice", events: failed, args: "plan -detailed-exitcode -out=change.tfplan",
		code: 2, live: sent,
		ok: "The exit code is 2, which means changes. Nothing was written yet.",
	},
	{
		events: failed, args: "apply change.tfplan", live: failed, write: "PATCH subscribedEvents",
		ok: "It is the same webhook. One PATCH was sent, which contained the events and no secret.",
	},
	{
		title: "4. Misspell an event name: the plan fails", events: misspelled, args: "plan -detailed-exitcode",
		code: 1, says: `Did you mean "Invoice.PaymentFailed"?`, live: failed,
		ok: "The exit code is 1, which means an error. Nothing was written.",
	},
	{
		title: "5. Server contents", events: failed, live: failed,
		ok: "That is the one webhook, as configured, and nothing else.",
	},
	{
		title: "6. Remove the webhook", events: failed, args: "destroy -auto-approve", write: "DELETE",
		ok: "The server is empty. One DELETE was sent.",
	},
}
