package wingspan

import (
	"cmp"
	"sync"
)

// accounts is what responses have shown of the token's own account, which requests reach by its id or without one.
type accounts struct {
	mu sync.Mutex
	// own is what the API says in responses to creates that name no account.
	own agreement
	// inNames and inLists are what event names and the entries of lists show. They prove less: nothing documents whose account
	// an event name has, and an account may see entries of others.
	inNames, inLists string
}

// ownID is the token's own account, or empty as long as nothing proves which one it is.
func (a *accounts) ownID() string {
	a.mu.Lock()
	defer a.mu.Unlock()

	return a.own.value()
}

// key is the same for every name of an account: the token's own account is "", also when it is asked for by its id.
func (a *accounts) key(account string) string {
	if account == a.ownID() {
		return ""
	}

	return account
}

// mayBeSame reports whether two accounts are one, as far as is known: as long as nothing proves which account the token's own is,
// it may be any.
func (a *accounts) mayBeSame(one, other string) bool {
	own := a.ownID()

	return cmp.Or(one, own) == cmp.Or(other, own) || (own == "" && (one == "" || other == ""))
}

// owns reports whether the preference may be the account's, as far as the responses show.
func (a *accounts) owns(account string, p Preference) bool {
	own := a.ownID()
	account, owner := cmp.Or(account, own), cmp.Or(p.UserID, p.Account, own)

	return account == "" || owner == "" || account == owner
}

// isOwn reports whether the account is known to be the token's own, and whether there is at least evidence of it.
func (a *accounts) isOwn(account string) (certain, likely bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own := a.own.value()
	switch {
	case account == "":
		return false, false
	case own != "":
		return account == own, account == own
	default:
		return account == a.inNames, account == a.inNames || account == a.inLists
	}
}

// learn takes the owner that the response to a create without an account names. It returns the token's own account as it was
// known before, and as it is known now.
func (a *accounts) learn(owner string) (before, now string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before = a.own.value()
	a.own.add(owner)

	return before, a.own.value()
}

// note takes what event names or the entries of a list show of the token's own account; empty is nothing.
func (a *accounts) note(inNames, inLists string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inNames, a.inLists = cmp.Or(inNames, a.inNames), cmp.Or(inLists, a.inLists)
}

// agreement is the one value that all sources which have one agree on.
type agreement struct {
	said     string
	disagree bool
}

func (a *agreement) add(value string) {
	switch {
	case value == "" || value == a.said:
	case a.said == "":
		a.said = value
	default:
		a.disagree = true
	}
}

// value is empty where there was none, or several.
func (a *agreement) value() string {
	if a.disagree {
		return ""
	}

	return a.said
}
