package ledger

import (
	"slices"

	"marmot/txn"
)

// Run is one run of a node that no later one has fenced.
type Run struct {
	Epoch    txn.Epoch
	Node     txn.NodeID
	DataUUID txn.UUID
	Version  string       // release of the binary
	Rules    uint32       // highest version of the rules that it supports
	OpenedUS int64        // origin's clock in the opening
	Sequence txn.Sequence // last seen
}

// opening starts a run of a node, fences the one before and makes the node a member.
// Whether another machine with the same node id is alive is not the ledger's question: members
// are advice, and an opening with another data uuid fences like any other.
//
// A node that does not know whether its opening is in the log sends the same record again, and the
// first copy may come late. A copy of the present run's opening, known by data uuid and time, changes nothing: a
// node must not fence itself.
//
// A release that does not know the rules in force cannot open: it would decide by others.
func (l *Ledger) opening(p txn.Position, r *txn.Record, b *txn.Opening) Decision {
	if run, found := l.RunOf(r.Node); found && run.DataUUID == b.DataUUID && run.OpenedUS == r.TimeUS {
		return Decision{Verdict: txn.Commit, Epoch: run.Epoch}
	}
	if rules := max(b.Rules, txn.DefaultRules); rules < l.settings.Rules {
		return Decision{Verdict: txn.Void, Reason: ReasonRules}
	}
	l.endRuns(r.Node)
	run := &Run{Epoch: txn.Epoch(p), Node: r.Node, DataUUID: b.DataUUID, Version: b.Version, Rules: b.Rules, OpenedUS: r.TimeUS}
	l.runs[run.Epoch] = run
	l.rows.put(numberName(kindRun, uint64(run.Epoch)), appendRun(nil, run))
	l.rows.put(textName(kindMember, string(r.Node)), nil)
	return Decision{Verdict: txn.Commit, Taken: true, Epoch: run.Epoch}
}

// endRuns ends the runs of a node, and with each all that it held: fences, named locks,
// ownerships.
func (l *Ledger) endRuns(node txn.NodeID) {
	for _, run := range l.Epochs() {
		if run.Node == node {
			l.endRun(run.Epoch)
		}
	}
}

func (l *Ledger) endRun(epoch txn.Epoch) {
	delete(l.runs, epoch)
	l.rows.remove(numberName(kindRun, uint64(epoch)))
	for _, f := range slices.Clone(l.fences) {
		if f.Epoch == epoch {
			l.unfence(f.Holder)
		}
	}
	for name, lock := range l.locks {
		if lock.Epoch == epoch {
			delete(l.locks, name)
			l.rows.remove(textName(kindLock, name))
		}
	}
	for name, owner := range l.owners {
		if owner.epoch == epoch {
			delete(l.owners, name)
			l.rows.remove(name)
		}
	}
}

// lock is a named lock that is held.
type lock struct {
	Holder
	at txn.Position
}

func (l *Ledger) namedLock(p txn.Position, epoch txn.Epoch, b *txn.NamedLock) Decision {
	me := Holder{Epoch: epoch, Owner: b.Owner}
	held, found := l.locks[b.Name]
	switch {
	case found && held.Holder != me:
		return Decision{Verdict: txn.Commit, Reason: ReasonHeld, Against: held.at}
	case b.Take && !found:
		l.locks[b.Name] = lock{Holder: me, at: p}
		l.rows.put(textName(kindLock, b.Name), appendLock(nil, lock{Holder: me, at: p}))
	case !b.Take && found:
		delete(l.locks, b.Name)
		l.rows.remove(textName(kindLock, b.Name))
	case !b.Take:
		return Decision{Verdict: txn.Commit}
	}
	return Decision{Verdict: txn.Commit, Taken: true}
}

// owner is the run that owns an emission or the scheduled events.
type owner struct {
	epoch txn.Epoch
	at    txn.Position
}

// own gives what name stands for to the epoch if its present owner is the one that the record expects.
func (l *Ledger) own(p txn.Position, epoch, previous txn.Epoch, name string) Decision {
	present := l.owners[name]
	if present.epoch != previous {
		return Decision{Verdict: txn.Commit, Reason: ReasonHeld, Against: present.at}
	}
	o := owner{epoch: epoch, at: p}
	l.owners[name] = o
	l.rows.put(name, appendOwner(nil, o))
	return Decision{Verdict: txn.Commit, Taken: true}
}

// lease gives AUTO_INCREMENT values: those after the greatest given or used, from AtLeast on.
// Fewer than asked for, or none, when the numbers end. A count of 0 only raises the counter.
func (l *Ledger) lease(b *txn.Lease) Decision {
	last := max(l.tables.get(b.Table).counter, max(b.AtLeast, 1)-1)
	count := min(b.Count, ^uint64(0)-last)
	l.tables.change(b.Table, func(t *table) { t.counter = last + count })
	first := last
	if count > 0 {
		first++
	}
	return Decision{Verdict: txn.Commit, Taken: count == b.Count, LeaseFirst: first, LeaseCount: count}
}

func (l *Ledger) member(b *txn.MemberChange) Decision {
	name := textName(kindMember, string(b.Node))
	if b.Removed {
		l.endRuns(b.Node)
		l.rows.remove(name)
	} else {
		l.rows.put(name, nil)
	}
	return Decision{Verdict: txn.Commit, Taken: true}
}

// change replaces the settings, unless a run of a member does not support the rules.
func (l *Ledger) change(b *txn.SettingsChange) Decision {
	settings := b.Settings.WithDefaults()
	for _, run := range l.Epochs() {
		if run.Rules < settings.Rules && settings.Rules > l.settings.Rules {
			return Decision{Verdict: txn.Commit, Reason: ReasonRules, Against: txn.Position(run.Epoch)}
		}
	}
	l.settings = settings
	return Decision{Verdict: txn.Commit, Taken: true}
}

// trim raises the floor, never beyond the record itself.
func (l *Ledger) trim(p txn.Position, b *txn.TrimFloor) Decision {
	floor := min(b.Floor, p)
	if floor <= l.floor {
		return Decision{Verdict: txn.Commit, Against: l.floor}
	}
	l.floor = floor
	return Decision{Verdict: txn.Commit, Taken: true}
}

// account keeps the newest word on an account; a statement in normal form is the whole of it.
func (l *Ledger) account(b *txn.Account) Decision {
	l.accountsVersion++
	name := textName(kindAccount, string(appendText(nil, b.User))+b.Host)
	if old, found := l.rows.values[name]; found {
		l.accountsSum.remove(rowElement(name, old))
	}
	if b.Removed {
		delete(l.accounts, name)
		l.rows.remove(name)
	} else {
		a := *b
		a.Verifier = slices.Clone(b.Verifier)
		l.accounts[name] = a
		value := appendAccount(nil, &a)
		l.accountsSum.add(rowElement(name, value))
		l.rows.put(name, value)
	}
	return Decision{Verdict: txn.Commit, Taken: true}
}

// changeAccounts makes all changes, unless any account is another than the sender saw: what it worked out may be wrong then.
func (l *Ledger) changeAccounts(b *txn.Accounts) Decision {
	if b.Seen != l.accountsSum.hash() {
		return Decision{Verdict: txn.Commit, Reason: ReasonChanged}
	}
	for i := range b.Changes {
		l.account(&b.Changes[i])
	}
	return Decision{Verdict: txn.Commit, Taken: true}
}

func (l *Ledger) resolve(p txn.Position, b *txn.Resolve) Decision {
	if b.At >= p {
		return Decision{Verdict: txn.Commit}
	}
	l.rows.put(numberName(kindResolved, uint64(b.At)), []byte(b.Reason))
	return Decision{Verdict: txn.Commit, Taken: true}
}
