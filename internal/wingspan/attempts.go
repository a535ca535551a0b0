package wingspan

import "context"

// attempt is a create, by its account and canonical URL.
type attempt struct {
	account, canonical string
	// sent is set before the first request, and ended when the create has returned.
	sent, ended bool
	// resembling are entries of lists that are what the create asked for in everything but the secret.
	resembling map[string]bool
}

// begin waits until no create of the same account and URL is in progress, and remembers this one until it is settled. Its only
// error is the context's.
func (k *known) begin(ctx context.Context, account, url string) (*attempt, error) {
	a := &attempt{account: account, canonical: CanonicalURL(url), resembling: map[string]bool{}}
	for {
		k.mu.Lock()
		ended, free := k.ended, true
		for other := range k.unsettled {
			free = free && (other.ended || other.canonical != a.canonical || !k.mayBeSame(a.account, other.account))
		}
		if free {
			k.unsettled[a] = true
		}
		k.mu.Unlock()
		if free {
			return a, nil
		}

		select {
		case <-ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// end ends a create. One that isn't settled goes on to explain entries of lists.
func (k *known) end(a *attempt, settled bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a.ended = true
	if settled {
		delete(k.unsettled, a)
	}
	close(k.ended)
	k.ended = make(chan struct{})
}

func (k *known) markSent(a *attempt) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a.sent = true
}

// mayBeSame reports whether two accounts are one, as far as is known: as long as nothing has shown which account the token's own is, it
// may be any.
func (k *known) mayBeSame(a, b string) bool {
	return k.key(a) == k.key(b) || (k.self.value() == "" && (a == "" || b == ""))
}

// explained reports whether another create of this process that isn't settled fits the entry of a list better than this one does.
func (k *known) explained(own *attempt, p Preference) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	canonical := CanonicalURL(p.URL)
	fits := func(a *attempt) bool { return a.canonical == canonical && k.owns(a.account, p) }
	if fits(own) {
		return false
	}
	for a := range k.unsettled {
		if a.sent && fits(a) {
			return true
		}
	}

	return false
}

// severalResemble notes an entry that is the create's in everything but the secret, and reports whether several unsettled creates have one each.
func (k *known) severalResemble(a *attempt, id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	a.resembling[id] = true
	creates := 0
	for other := range k.unsettled {
		if len(other.resembling) == 1 {
			creates++
		}
	}

	return creates > 1 && len(a.resembling) == 1
}
