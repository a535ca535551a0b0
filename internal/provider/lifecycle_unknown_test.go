package provider

import "testing"

// TestUnknownDuringPlanning: arguments that come from other resources are planned as open and sent as they turn out.
func TestUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	openFor := func(attributes ...string) (open values) {
		open = values{"updated_at": unknown{}}
		for _, a := range attributes {
			open[a] = unknown{}
		}

		return open
	}
	allOpen := hookValues(openFor("url", "shared_secret"), values{"updated_at": nil})
	first, other := hookValues(), hookValues(values{"url": changedURL, "subscribed_events": []string{"Payee.Created", "Payout.Failed"}, "shared_secret": otherSecret})
	urlOpen, eventsOpen, secretOpen := values{"url": unknown{}}, values{"subscribed_events": unknown{}}, values{"shared_secret": unknown{}}
	r.run(
		step{
			config: with(allOpen, values{"subscribed_events": []any{"Invoice.Paid", unknown{}}}), late: first, plan: toCreate,
			planned: openFor("url", "shared_secret", "id", "user_id"), state: first, writes: []string{create},
		},
		step{
			config: with(first, urlOpen), late: values{"url": changedURL}, plan: toUpdate,
			planned: openFor("url"), state: values{"url": changedURL}, writes: []string{patchURL},
		},
		step{
			config: with(first, values{"url": changedURL}, eventsOpen), late: values{"subscribed_events": other["subscribed_events"]}, plan: toUpdate,
			planned: openFor("subscribed_events"), state: values{"subscribed_events": other["subscribed_events"]}, writes: []string{patchEvents},
		},
		step{
			config: with(other, secretOpen), late: values{"shared_secret": otherSecret}, plan: toUpdate,
			planned: openFor("shared_secret"), state: other, writes: []string{patchSecret},
		},
		// Unknown, and then the same or only an equivalent URL: nothing to send.
		step{
			config: with(other, urlOpen, eventsOpen, secretOpen), late: with(other, values{"url": "https://HOOKS.example.com:443/b"}), plan: toUpdate,
			planned: openFor("url", "subscribed_events", "shared_secret"), state: values{"subscribed_events": other["subscribed_events"]},
		},
		step{config: with(other, urlOpen), late: values{"url": "hooks.example.com/b"}, plan: toUpdate, applyDiags: []string{"error at url: Invalid webhook URL"}},
		step{
			config: with(other, eventsOpen), late: values{"subscribed_events": []string{"Payout.Faild"}}, plan: toUpdate,
			applyDiags: []string{"error at subscribed_events[Payout.Faild]: Unknown event name"}, text: `Did you mean "Payout.Failed"?`,
		},
		step{config: with(other, secretOpen), late: values{"shared_secret": " "}, plan: toUpdate, applyDiags: []string{"error: Empty shared secret"}},
		// Nothing of that was written, and nothing was lost.
		step{config: other, state: other},
	)
}
