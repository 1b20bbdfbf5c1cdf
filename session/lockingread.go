package session

import (
	"errors"
	"slices"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// lockingRead runs SELECT … FOR UPDATE or FOR SHARE, and any read under SERIALIZABLE, in C: its rows
// are locked, and what it read is among the transaction's claims.
func (t *transaction) lockingRead(r *run) error {
	q := r.bound.Query
	s := t.session
	sink := s.newRowSink(r)
	sink.keep = q.SkipLocked
	scans := q.Scans
	if q.SkipLocked || q.Lock != dialect.LockNone && t.isolation == readCommitted {
		scans = nil // the client asked for some rows, not for all that there are
	}
	if t.isolation != serializable {
		scans = lockedScans(scans)
	}
	err := t.hold(r, scans, nil, func(x *executor) (*outcome, error) {
		sink.restart()
		o := &outcome{noWait: q.NoWait, skip: q.SkipLocked}
		if q.SkipLocked {
			return o, t.skipLocked(r, x, o, sink)
		}
		return o, t.lockRows(r, x, &o.footprint)
	})
	if err != nil {
		return err
	}
	if !q.SkipLocked {
		if err := sink.run(t.executor()); err != nil {
			return err
		}
	}
	sink.keep = false
	return sink.end()
}

// lockedScans leaves out what a locking read only reads: it sees that at one moment, and others may go on to change it.
func lockedScans(scans []dialect.Scan) []dialect.Scan {
	return slices.DeleteFunc(slices.Clone(scans), func(one dialect.Scan) bool { return one.Lock == dialect.LockNone })
}

// lockKeyMode is the mode in which a locking read takes its rows.
func lockKeyMode(m dialect.LockMode) txn.Mode {
	if m == dialect.LockUpdate {
		return txn.Exclusive
	}
	return txn.Reference
}

// lockRows adds the keys of the rows that the query locks, and of the unique values that it looked
// up: those that are not there too, which READ COMMITTED leaves to others, as InnoDB locks no gaps then.
func (t *transaction) lockRows(r *run, x *executor, f *footprint) error {
	q := r.bound.Query
	if q.Lock == dialect.LockNone {
		return nil
	}
	found := false
	err := q.LockedRows(x, t.session, r.binding(), func(lock dialect.RowLock, table *schemas.Table, values []txn.Value) error {
		found = true
		if !table.Temporary() {
			f.key(table.ID, table.PrimaryKeyHash(values), lockKeyMode(lock.Mode))
		}
		return nil
	})
	if err != nil || !found && t.isolation == readCommitted {
		return err
	}
	for i := range q.Scans {
		if q.Scans[i].Lock == dialect.LockNone && t.isolation != serializable {
			continue
		}
		hash, one, err := q.Scans[i].Key(t.session, r.binding())
		if err != nil {
			return err
		}
		if one && !q.Scans[i].Table.Temporary() {
			f.key(q.Scans[i].Table.ID, hash, lockKeyMode(q.Scans[i].Lock))
		}
	}
	return nil
}

// errSkipAgain says that rows were found locked and have been hidden.
var errSkipAgain = errors.New("rows are locked by others")

// skipLocked answers the query as if the rows that other sessions hold were not there: they are
// deleted in C, and come back afterwards.
func (t *transaction) skipLocked(r *run, x *executor, o *outcome, sink *rowSink) error {
	_, undo, err := x.Savepoint()
	if err != nil {
		return err
	}
	for {
		err = t.hideLocked(r, x, o)
		if !errors.Is(err, errSkipAgain) {
			break
		}
	}
	if err == nil {
		err = sink.run(x)
	}
	if undoErr := undo(); err == nil {
		err = undoErr
	}
	return err
}

func (t *transaction) hideLocked(r *run, x *executor, o *outcome) error {
	q := r.bound.Query
	o.footprint = footprint{}
	var hidden []txn.RowEvent
	err := q.LockedRows(x, t.session, r.binding(), func(lock dialect.RowLock, table *schemas.Table, values []txn.Value) error {
		if table.Temporary() {
			return nil
		}
		hash, mode := table.PrimaryKeyHash(values), lockKeyMode(lock.Mode)
		w := want{resource: resource{table: table.ID, hash: hash}, mode: lockShared}
		if mode == txn.Exclusive {
			w.mode = lockExclusive
		}
		if !lock.SkipLocked || t.session.engine.locks.available(t.owner, w) {
			o.footprint.key(table.ID, hash, mode)
			return nil
		}
		row := make([]txn.Value, len(values))
		for i := range values {
			row[i] = values[i].Clone()
		}
		hidden = append(hidden, txn.RowEvent{Table: table.ID, Version: table.Version, Op: txn.Delete, Before: row})
		return nil
	})
	if err != nil || len(hidden) == 0 {
		return err
	}
	if err := t.branch.Replay(hidden, t.catalog); err != nil {
		return err
	}
	return errSkipAgain
}

// errNoWait is MySQL's answer to NOWAIT when a row is locked.
func errNoWait() error {
	return mysqlerr.Newf(errorLockNowait, "Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.")
}
