package dialect

import (
	"slices"

	"marmot/txn"
)

// maxBulk is the greatest block of AUTO_INCREMENT values that a statement reserves at once while it does not know how many it needs.
const maxBulk = 1<<16 - 1

// bulk reports whether the statement does not know how many rows it will insert: its values then come in blocks of
// 1, 2, 4 and so on, as InnoDB hands them out, and the rest of the last block is lost.
func (r *insertRun) bulk() bool { return r.p.source != nil && !r.lateNulls }

// refill reserves the next block of a bulk insert, if this row needs a value and none is at hand. A value that a row brings itself ends
// the block where it is above it.
func (r *insertRun) refill(row []txn.Value, id autoID) error {
	if !r.bulk() || r.t.AutoIncrement < 0 {
		return nil
	}
	if id == idGiven {
		if n := givenID(row[r.t.AutoIncrement]); n > 0 {
			r.e.NoteAutoIncrement(r.t, n)
			r.ids = slices.DeleteFunc(r.ids, func(value uint64) bool { return value <= n })
		}
	}
	if id != idGenerated || len(r.ids) > 0 {
		return nil
	}
	r.block = min(max(r.block*2, 1), maxBulk)
	first, step, err := r.nextValues(r.block)
	if err != nil {
		return err
	}
	for j := range r.block {
		r.ids = append(r.ids, first+j*step)
	}
	return nil
}
