package store

import (
	"marmot/store/sqlite"
	"marmot/txn"
)

// Decided is what one batch of decisions adds to system.db.
type Decided struct {
	Last        txn.Position   // last position decided
	Chain       txn.ChainHash  // hash chain at Last
	LedgerDelta []byte         // what the batch changed in the ledger; empty for nothing
	WindowStart txn.Position   // deltas of batches that ended before it are no longer needed
	Aborted     []txn.Position // conflicts and voids of the batch
	Moot        []txn.Position // statements on accounts that came too late: other accounts had changed
}

// SaveDecided stores a batch of decisions in one transaction. Saving a batch again replaces it.
func (s *Store) SaveDecided(d Decided) error {
	err := s.system.do(func(c *sqlite.Conn) error {
		return transaction(c, func() error { return saveDecided(c, &d) })
	})
	if s.system.wal.grew(4*pageSize+int64(len(d.LedgerDelta))) > checkpointBytes {
		s.wakeKeeper()
	}
	return err
}

func saveDecided(c *sqlite.Conn, d *Decided) error {
	if err := run(c, "INSERT OR REPLACE INTO decided VALUES (1, ?, ?)", position(d.Last), txn.Blob(d.Chain[:])); err != nil {
		return err
	}
	if len(d.LedgerDelta) > 0 {
		if err := run(c, "INSERT OR REPLACE INTO ledger VALUES (?, ?)", position(d.Last), txn.Blob(d.LedgerDelta)); err != nil {
			return err
		}
	}
	for _, p := range d.Aborted {
		if err := run(c, "INSERT OR IGNORE INTO aborted VALUES (?)", position(p)); err != nil {
			return err
		}
	}
	for _, p := range d.Moot {
		if err := run(c, "INSERT OR IGNORE INTO aborted VALUES (-?)", position(p)); err != nil {
			return err
		}
	}
	return run(c, "DELETE FROM ledger WHERE last < ?", position(d.WindowStart))
}

// LoadDecided returns the last position decided, the hash chain there, and the deltas that the
// ledger is made of, in their order. All are zero for a new data directory.
func (s *Store) LoadDecided() (last txn.Position, chain txn.ChainHash, deltas [][]byte, err error) {
	err = s.system.do(func(c *sqlite.Conn) error {
		err := query(c, "SELECT last, chain FROM decided", func(row []txn.Value) error {
			last = toPosition(row[0])
			copy(chain[:], row[1].Bytes())
			return nil
		})
		if err != nil {
			return err
		}
		return query(c, "SELECT delta FROM ledger ORDER BY last", func(row []txn.Value) error {
			deltas = append(deltas, append([]byte{}, row[0].Bytes()...))
			return nil
		})
	})
	return last, chain, deltas, err
}

// Aborted returns the conflicts and voids in [from, to], ascending.
func (s *Store) Aborted(from, to txn.Position) (list []txn.Position, err error) {
	err = s.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT position FROM aborted WHERE position BETWEEN ? AND ? ORDER BY position", func(row []txn.Value) error {
			list = append(list, toPosition(row[0]))
			return nil
		}, position(from), position(to))
	})
	return list, err
}

// Moot reports whether the statement on accounts at p, which is decided, came too late. Beside the aborted positions such ones are negative.
func (s *Store) Moot(p txn.Position) (moot bool, err error) {
	err = s.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT 1 FROM aborted WHERE position = -?", func([]txn.Value) error {
			moot = true
			return nil
		}, position(p))
	})
	return moot, err
}

// TrimAborted forgets the aborted positions below floor: the log no longer has their records.
func (s *Store) TrimAborted(floor txn.Position) error {
	return s.system.do(func(c *sqlite.Conn) error {
		return run(c, "DELETE FROM aborted WHERE abs(position) < ?", position(floor))
	})
}
