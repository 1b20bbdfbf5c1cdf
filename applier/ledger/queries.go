package ledger

import (
	"cmp"
	"maps"
	"slices"

	"marmot/txn"
)

// Position returns the last position that was decided.
func (l *Ledger) Position() txn.Position { return l.position }

// Settings returns the settings in force, defaults filled in.
func (l *Ledger) Settings() txn.Settings { return l.settings }

// WindowStart returns the oldest position that a transaction may have read at: all that was
// taken after it is known.
func (l *Ledger) WindowStart() txn.Position { return l.window.start }

// TrimFloor returns the position below which transactions may not have begun.
func (l *Ledger) TrimFloor() txn.Position { return l.floor }

// Conflict asks what COMMIT would ask, now: whether the transaction conflicts with what is
// decided so far. Nothing is recorded.
func (l *Ledger) Conflict(q *txn.Transaction, epoch txn.Epoch) (Decision, bool) {
	return l.conflict(q, epoch)
}

// TakenAfter returns the last position after the given one at which the key was taken in a mode
// that keeps out the given one, by itself or with its whole table. Of the time before the window nothing is known: it
// counts as taken at the window's start. 0, false: it was not taken.
func (l *Ledger) TakenAfter(table txn.TableID, hash uint64, mode txn.Mode, after txn.Position) (txn.Position, bool) {
	if after < l.window.start {
		return l.window.start, true
	}
	return later(max(l.lastTaken(table, hash, mode), l.tables.get(table).exclusive), after)
}

// later returns p, true if it is after the given position, else 0, false.
func later(p, after txn.Position) (txn.Position, bool) {
	if p <= after {
		return 0, false
	}
	return p, true
}

// WrittenAfter returns the last position after the given one at which a transaction committed that
// a reader of the whole table would conflict with. 0, false: none.
func (l *Ledger) WrittenAfter(table txn.TableID, after txn.Position) (txn.Position, bool) {
	if after < l.window.start {
		return l.window.start, true
	}
	t := l.tables.get(table)
	return later(max(t.changed, t.exclusive), after)
}

// Version returns the position of the last DDL on the table that the ledger has seen, or 0.
func (l *Ledger) Version(table txn.TableID) txn.Position { return l.tables.get(table).version }

// AutoIncrement returns the greatest AUTO_INCREMENT value of the table that was given or used.
func (l *Ledger) AutoIncrement(table txn.TableID) uint64 { return l.tables.get(table).counter }

// Emitter returns the run that owns the named emission, and its node; zero if none does.
func (l *Ledger) Emitter(name string) (txn.Epoch, txn.NodeID) {
	return l.ownerOf(textName(kindEmitter, name))
}

// EventOwner returns the run that runs scheduled events, and its node; zero if none does.
func (l *Ledger) EventOwner() (txn.Epoch, txn.NodeID) {
	return l.ownerOf(textName(kindEventOwner, ""))
}

func (l *Ledger) ownerOf(name string) (txn.Epoch, txn.NodeID) {
	o, found := l.owners[name]
	if !found {
		return 0, ""
	}
	return o.epoch, l.runs[o.epoch].Node
}

// Epochs returns the runs that are not fenced, in the order in which they began.
func (l *Ledger) Epochs() []Run {
	list := make([]Run, 0, len(l.runs))
	for _, run := range l.runs {
		list = append(list, *run)
	}
	slices.SortFunc(list, func(a, b Run) int { return cmp.Compare(a.Epoch, b.Epoch) })
	return list
}

// RunOf returns the present run of a node.
func (l *Ledger) RunOf(node txn.NodeID) (Run, bool) {
	for _, run := range l.runs {
		if run.Node == node {
			return *run, true
		}
	}
	return Run{}, false
}

// Members returns the registered nodes, sorted.
func (l *Ledger) Members() []txn.NodeID {
	var list []txn.NodeID
	for _, name := range l.rows.names(kindMember) {
		list = append(list, txn.NodeID(name[1:]))
	}
	return list
}

// Fences returns the fences in force, in the order in which they were set.
func (l *Ledger) Fences() []Fence {
	list := slices.Clone(l.fences)
	for i := range list {
		list[i].Tables = slices.Clone(list[i].Tables)
		list[i].Databases = slices.Clone(list[i].Databases)
	}
	return list
}

// LockOwner returns who holds the named lock.
func (l *Ledger) LockOwner(name string) (Holder, bool) {
	held, found := l.locks[name]
	return held.Holder, found
}

// Accounts returns the newest word on each account, sorted by user and host.
func (l *Ledger) Accounts() []txn.Account {
	list := slices.Collect(maps.Values(l.accounts))
	slices.SortFunc(list, func(a, b txn.Account) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Host, b.Host))
	})
	for i := range list {
		list[i].Verifier = slices.Clone(list[i].Verifier)
	}
	return list
}

// AccountsHash tells one state of all accounts from another: equal ones have the same.
func (l *Ledger) AccountsHash() txn.Hash128 { return l.accountsSum.hash() }

// AccountsVersion tells one state of the accounts from another of the same ledger.
func (l *Ledger) AccountsVersion() uint64 { return l.accountsVersion }

// Resolved tells whether the record at p has been voided by hand, and why.
func (l *Ledger) Resolved(p txn.Position) (reason string, resolved bool) {
	b, found := l.rows.values[numberName(kindResolved, uint64(p))]
	return string(b), found
}

// AnyEmitter returns the run that owns an emission, the first by name if there are several, or 0.
func (l *Ledger) AnyEmitter() txn.Epoch {
	name := ""
	for n := range l.owners {
		if n[0] == kindEmitter && (name == "" || n < name) {
			name = n
		}
	}
	return l.owners[name].epoch
}
