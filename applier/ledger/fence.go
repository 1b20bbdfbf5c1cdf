package ledger

import (
	"slices"

	"marmot/txn"
)

// Holder is who holds something: a session of a run. The owner of a fence is the connection id of
// its session, since that is what its transactions carry.
type Holder struct {
	Epoch txn.Epoch
	Owner uint64
}

// Fence is a fence in force. A holder has one at most.
type Fence struct {
	Holder
	At        txn.Position // of the record that set it
	Tables    []txn.TableID
	Databases []txn.DatabaseID
	Exclusive bool
}

// fenced tells whether a fence of another holder keeps the transaction out: an exclusive one
// from every use of what it covers, a shared one from writing it or taking keys of it exclusively.
func (l *Ledger) fenced(t *txn.Transaction, me Holder) (Decision, bool) {
	for i := range l.fences {
		f := &l.fences[i]
		if f.Holder == me {
			continue
		}
		for j := range t.Tables {
			u := &t.Tables[j]
			if !f.covers(u.Table, u.Database) {
				continue
			}
			if f.Exclusive || u.Writes || u.Exclusive || takesExclusively(t.Keys, u.Table) {
				return refuse(ReasonFence, f.At, u.Table)
			}
		}
	}
	return Decision{}, false
}

func (f *Fence) covers(id txn.TableID, database txn.DatabaseID) bool {
	return slices.Contains(f.Tables, id) || slices.Contains(f.Databases, database)
}

func takesExclusively(keys []txn.Key, id txn.TableID) bool {
	return slices.ContainsFunc(keys, func(k txn.Key) bool {
		return k.Table == id && k.Mode == txn.Exclusive
	})
}

// fence sets a fence, unless that of another holder is in its way. A holder that asks again
// has the new fence instead of the old one.
func (l *Ledger) fence(p txn.Position, epoch txn.Epoch, b *txn.Fence) Decision {
	wanted := Fence{
		Holder: Holder{Epoch: epoch, Owner: b.Owner}, At: p, Tables: slices.Clone(b.Tables),
		Databases: slices.Clone(b.Databases), Exclusive: b.Exclusive,
	}
	for i := range l.fences {
		f := &l.fences[i]
		if f.Holder != wanted.Holder && (f.Exclusive || wanted.Exclusive) && l.overlap(f, &wanted) {
			return Decision{Verdict: txn.Commit, Reason: ReasonHeld, Against: f.At}
		}
	}
	l.unfence(wanted.Holder)
	l.fences = append(l.fences, wanted)
	l.rows.put(fenceName(wanted.Holder), appendFence(nil, &wanted))
	return Decision{Verdict: txn.Commit, Taken: true}
}

// overlap tells whether two fences cover a table both. The database of a table that no
// committed record has named yet is unknown; such a table may lie in any database.
func (l *Ledger) overlap(a, b *Fence) bool {
	shared := slices.ContainsFunc(a.Tables, func(id txn.TableID) bool { return slices.Contains(b.Tables, id) }) ||
		slices.ContainsFunc(a.Databases, func(id txn.DatabaseID) bool { return slices.Contains(b.Databases, id) })
	return shared || l.within(a.Tables, b.Databases) || l.within(b.Tables, a.Databases)
}

func (l *Ledger) within(list []txn.TableID, databases []txn.DatabaseID) bool {
	if len(databases) == 0 {
		return false
	}
	return slices.ContainsFunc(list, func(id txn.TableID) bool {
		database := l.tables.get(id).database
		return database == 0 || slices.Contains(databases, database)
	})
}

// unfence takes the holder's fence away and tells whether there was one.
func (l *Ledger) unfence(h Holder) bool {
	i := slices.IndexFunc(l.fences, func(f Fence) bool { return f.Holder == h })
	if i < 0 {
		return false
	}
	l.fences = slices.Delete(l.fences, i, i+1)
	l.rows.remove(fenceName(h))
	return true
}

func fenceName(h Holder) string { return numberName(kindFence, uint64(h.Epoch), h.Owner) }
