package binlog

import (
	"marmot/txn"
)

// maxTracked is how many keys are remembered (MySQL's binlog_transaction_dependency_history_size).
const maxTracked = 25_000

// tracker works out which transactions a replica may run beside each other: those that have no key in common. It knows of the records that
// went through it, and takes all earlier ones for ones to wait for.
type tracker struct {
	last  map[txn.Key]txn.Position // of the key: the newest record that has it
	floor txn.Position             // everything waits for this one
}

func newTracker(after txn.Position) tracker {
	return tracker{last: map[txn.Key]txn.Position{}, floor: after}
}

// next returns the number of the last transaction that has to be committed before r begins, and r's own. Numbers count from
// the beginning of the file; 0 is none. alone: all others wait for r, and r for them.
func (t *tracker) next(r *Record, alone bool) (committed, sequence uint64) {
	wait := t.floor
	switch {
	case alone || r.DDL != nil || r.Accounts != nil || len(r.Keys) == 0 && r.Rows > 0 || exclusive(r.Tables):
		wait = r.Position - 1
		t.reset(r.Position)
	case len(r.Keys)+len(t.last) > maxTracked:
		wait = r.Position - 1
		t.reset(r.Position - 1)
		fallthrough
	default:
		for _, k := range r.Keys {
			k = txn.Key{Table: k.Table, Hash: k.Hash}
			wait = max(wait, t.last[k])
			if len(r.Keys) <= maxTracked {
				t.last[k] = r.Position
			}
		}
		if len(r.Keys) > maxTracked {
			t.reset(r.Position)
		}
	}
	first := txn.PlaceOf(r.Position).First()
	if wait >= first {
		committed = uint64(wait-first) + 1
	}
	return committed, uint64(r.Position-first) + 1
}

func (t *tracker) reset(floor txn.Position) {
	clear(t.last)
	t.floor = floor
}

// exclusive reports whether a table is taken as a whole.
func exclusive(tables []txn.TableUse) bool {
	for i := range tables {
		if tables[i].Exclusive {
			return true
		}
	}
	return false
}
