package ledger

import "marmot/txn"

// conflict answers whether t, committed now by a session of the epoch, conflicts with what
// the ledger knows. The first rule that refuses it names the reason.
func (l *Ledger) conflict(t *txn.Transaction, epoch txn.Epoch) (Decision, bool) {
	if t.Begin < l.floor {
		return Decision{Verdict: txn.Conflict, Reason: ReasonFloor, Against: l.floor}, true
	}
	if len(l.fences) > 0 {
		if d, found := l.fenced(t, Holder{Epoch: epoch, Owner: t.ConnectionID}); found {
			return d, true
		}
	}
	for i := range t.Tables {
		if d, found := l.tableConflict(&t.Tables[i]); found {
			return d, true
		}
	}
	return l.keyConflict(t.Keys)
}

func refuse(reason Reason, against txn.Position, id txn.TableID) (Decision, bool) {
	return Decision{Verdict: txn.Conflict, Reason: reason, Against: against, Table: id}, true
}

func (l *Ledger) tableConflict(u *txn.TableUse) (Decision, bool) {
	t := l.tables.get(u.Table)
	if t.version > u.Version {
		return refuse(ReasonSchema, t.version, u.Table)
	}
	if u.Read {
		if u.ReadAt < l.window.start {
			return refuse(ReasonWindow, l.window.start, u.Table)
		}
		if last := max(t.changed, t.exclusive); last > u.ReadAt {
			return refuse(ReasonTable, last, u.Table)
		}
	}
	if u.Exclusive {
		if u.ExclusiveAt < l.window.start {
			return refuse(ReasonWindow, l.window.start, u.Table)
		}
		if last := max(t.changed, t.reference, t.exclusive); last > u.ExclusiveAt {
			return refuse(ReasonTable, last, u.Table)
		}
	}
	return Decision{}, false
}

func (l *Ledger) keyConflict(keys []txn.Key) (Decision, bool) {
	var id txn.TableID
	t := &unknownTable
	for i := range keys {
		k := &keys[i]
		if i == 0 || k.Table != id {
			id, t = k.Table, l.tables.get(k.Table)
		}
		if k.At < l.window.start {
			return refuse(ReasonWindow, l.window.start, k.Table)
		}
		if t.exclusive > k.At {
			return refuse(ReasonTable, t.exclusive, k.Table)
		}
		// Most keys were not taken since they were read, and of many tables nothing was.
		if t.changed <= k.At && (k.Mode != txn.Exclusive || t.reference <= k.At) {
			continue
		}
		if last := l.lastTaken(k.Table, k.Hash, k.Mode); last > k.At {
			return Decision{Verdict: txn.Conflict, Reason: ReasonKey, Against: last, Table: k.Table, Hash: k.Hash}, true
		}
	}
	return Decision{}, false
}

// lastTaken returns where within the window the key was last taken in a mode that keeps out
// the given one.
func (l *Ledger) lastTaken(id txn.TableID, hash uint64, mode txn.Mode) txn.Position {
	t := l.window.index[keyID{table: id, hash: hash}]
	if mode == txn.Exclusive {
		return max(t.exclusive, t.reference)
	}
	return t.exclusive
}

// take records what the transaction at p, which commits, has taken.
func (l *Ledger) take(p txn.Position, t *txn.Transaction, ddl bool) {
	l.window.take(p, t.Keys)
	l.noteKeys(p, t.Keys)
	for i := range t.Tables {
		u := &t.Tables[i]
		l.tables.change(u.Table, func(s *table) {
			if u.Writes || u.Exclusive {
				s.changed = p
			}
			if u.Exclusive {
				s.exclusive = p
			}
			if u.Database != 0 {
				s.database = u.Database
			}
			switch {
			case !ddl:
				s.counter = max(s.counter, u.AutoIncrement)
			case u.Exclusive:
				s.version = p
				if u.AutoIncrement > 0 {
					s.counter = u.AutoIncrement - 1
				}
			}
		})
	}
}

// noteKeys tells the tables of the keys in which modes they were taken. Keys of one
// table lie side by side.
func (l *Ledger) noteKeys(p txn.Position, keys []txn.Key) {
	for len(keys) > 0 {
		id, n := keys[0].Table, 0
		exclusive, reference := false, false
		for n < len(keys) && keys[n].Table == id {
			exclusive = exclusive || keys[n].Mode == txn.Exclusive
			reference = reference || keys[n].Mode == txn.Reference
			n++
		}
		keys = keys[n:]
		if !exclusive && !reference {
			continue
		}
		l.tables.change(id, func(s *table) {
			if exclusive {
				s.changed = p
			}
			if reference {
				s.reference = p
			}
		})
	}
}
