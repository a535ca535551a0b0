package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// check compares the server's own records with what is configured, and asks for the next plan.
func (l *lane) check(ctx context.Context) error {
	p, err := l.process(ctx, nil)
	if err != nil {
		return err
	}
	managed := map[string]bool{}
	for i, h := range l.hooks {
		id, err := p.Text(hookType, h.Object, "id")
		if err != nil {
			return err
		}
		managed[id] = true
		there := l.seen(h)
		switch {
		case h.want == nil:
		case len(there) == 0:
			if _, exists := l.server.Preference(id); exists {
				l.sum.note(&l.sum.wrong, "lane %d, round %d, webhook %d: %q has another URL or other events", l.number, l.round, i, id)
			} else {
				l.sum.note(&l.sum.lost, "lane %d, round %d, webhook %d is lost", l.number, l.round, i)
			}
		case len(there) > 1:
			l.sum.note(&l.sum.doubled, "lane %d, round %d, webhook %d is there as %q", l.number, l.round, i, there)
		default:
			if held, _ := l.server.Preference(there[0]); held.SharedSecret != h.secret {
				l.sum.note(&l.sum.wrong, "lane %d, round %d, webhook %d: %q has another secret", l.number, l.round, i, there[0])
			}
		}
	}
	for _, held := range l.server.Preferences() {
		if !managed[held.ID] {
			l.sum.note(&l.sum.orphaned, "lane %d, round %d: %q for %s is in no state, created %s ago; in this round:\n%s",
				l.number, l.round, held.ID, held.URL, time.Since(held.CreatedAt).Round(time.Second), l.story(held))
		}
	}

	restless := l.each(func(i int) error { return l.hooks[i].Empty(ctx, p, l.hooks[i].want) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for i, failure := range restless {
		l.sum.note(&l.sum.restless, "lane %d, round %d, webhook %d: %v", l.number, l.round, i, failure)
	}
	l.sum.writes(l.server)
	l.sum.with(func() {
		l.sum.rounds++
		for _, h := range l.hooks {
			l.sum.imports += int64(h.Imports)
			h.Imports = 0
		}
	})

	return nil
}

// story is what this round's requests had to do with a preference. Secrets are in bodies, so that none is shown.
func (l *lane) story(p wingspantest.Preference) string {
	var b strings.Builder
	for i, r := range l.server.Requests() {
		if p.ID == "" && r.Route == wingspantest.RouteItem || strings.HasSuffix(r.Path, "/"+p.ID) || strings.Contains(string(r.Body), p.URL) {
			fmt.Fprintf(&b, "  %d: %s %s %d, fault %t, carried out %t\n", i, r.Method, r.Path, r.Status, r.Fault, r.Committed)
		}
	}

	return b.String()
}
