package session

import (
	"context"
	"errors"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// query runs a statement that answers rows.
func (s *Session) query(r *run) error {
	q := r.bound.Query
	if d := s.vars.maxExecution; d > 0 {
		ctx, cancel := context.WithTimeoutCause(r.ctx, d, errQueryTimeout)
		defer cancel()
		r.ctx = ctx
	}
	if !q.NeedsTransactionView {
		return s.readAlone(r)
	}
	t := s.current()
	switch {
	case t == nil && q.Lock == dialect.LockNone:
		return s.readAlone(r)
	case t == nil:
		t = s.newTransaction(false)
		s.tx = t
		defer t.end()
		return t.lockingRead(r)
	case q.Lock == dialect.LockNone && t.isolation != serializable:
		return s.readFailed(t, t.read(r))
	}
	return s.readFailed(t, t.lockingRead(r))
}

func (s *Session) readFailed(t *transaction, err error) error {
	if err == nil {
		return nil
	}
	return s.statementFailed(t, err)
}

// readAlone runs a query on a snapshot of its own.
func (s *Session) readAlone(r *run) error {
	if err := s.awaitReadConsistency(r); err != nil {
		return err
	}
	sink := s.newRowSink(r)
	if err := s.readOnce(r, sink); err != nil {
		return err
	}
	return sink.end()
}

func (s *Session) readOnce(r *run, sink *rowSink) error {
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	b, err := s.openBranch(r.bound.Databases)
	if err != nil {
		return err
	}
	defer b.Close()
	c, err := s.fittingSnapshot(r.ctx, b, r.bound.Databases)
	if err != nil {
		return err
	}
	if c != r.catalog && !samePlan(c, r.catalog, r.bound.Databases) {
		return errReplan
	}
	return r.bound.Query.Run(&executor{session: s, conn: b.Reader(), branch: b}, s, r.binding(), sink.row)
}

// awaitReadConsistency waits until this node has what the session's read consistency asks for.
func (s *Session) awaitReadConsistency(r *run) error {
	st := s.engine.options.Store
	if p := s.vars.waitFor; p > 0 && len(r.bound.Databases) > 0 {
		if err := st.WaitPublished(r.ctx, p, r.bound.Databases...); err != nil {
			return err
		}
	}
	if !s.vars.strongReads || len(r.bound.Databases) == 0 {
		return nil
	}
	p, err := s.engine.options.Origin.Barrier(r.ctx)
	if err != nil {
		return err
	}
	return st.WaitPublished(r.ctx, p, r.bound.Databases...)
}

// read runs a plain read in the transaction's view.
func (t *transaction) read(r *run) error {
	s := t.session
	if t.branch == nil {
		if err := s.awaitReadConsistency(r); err != nil {
			return err
		}
	}
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	fresh, err := t.open(r.ctx, r)
	if err != nil {
		return err
	}
	if !fresh && t.view == nil && (!t.fixed || t.isolation == readCommitted) && s.engine.published(t.databases) > t.at {
		if err := t.moveFor(r, 0); err != nil {
			return err
		}
	}
	t.fixed = true
	branch, err := t.visible(r)
	if err != nil {
		return err
	}
	x := &executor{session: s, conn: branch.Reader(), branch: branch}
	if t.isWritten() {
		x.conn = branch.Conn()
	}
	sink := s.newRowSink(r)
	if err := r.bound.Query.Run(x, s, r.binding(), sink.row); err != nil {
		return err
	}
	return sink.end()
}

// visible returns the branch that plain reads see, on which the plan fits.
func (t *transaction) visible(r *run) (*store.Branch, error) {
	v := t.view
	if v == nil {
		return t.branch, nil
	}
	if v.lost {
		return nil, errConflict
	}
	if err := v.branch.Use(r.bound.Databases...); err != nil {
		return nil, err
	}
	if t.changedSince(r, r.bound.Databases, v.at) && !fits(v.branch, v.catalog, r.bound.Databases) {
		return nil, errConflict
	}
	if !samePlan(v.catalog, r.catalog, r.bound.Databases) {
		r.inView = true
		return nil, errReplan
	}
	return v.branch, nil
}

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
		if err := q.Run(t.executor(), s, r.binding(), sink.row); err != nil {
			return err
		}
	}
	sink.keep = false
	return sink.end()
}

// lockKeyMode is the mode in which a locking read takes its rows.
func lockKeyMode(m dialect.LockMode) txn.Mode {
	if m == dialect.LockUpdate {
		return txn.Exclusive
	}
	return txn.Reference
}

// lockRows adds the keys of the rows that the query locks, and of the unique values that it looked
// up, present or not.
func (t *transaction) lockRows(r *run, x *executor, f *footprint) error {
	q := r.bound.Query
	if q.Lock == dialect.LockNone {
		return nil
	}
	mode := lockKeyMode(q.Lock)
	for i := range q.Scans {
		hash, one, err := q.Scans[i].Key(t.session, r.binding())
		if err != nil {
			return err
		}
		if one {
			f.key(q.Scans[i].Table.ID, hash, mode)
		}
	}
	return q.LockedRows(x, t.session, r.binding(), func(table *schemas.Table, values []txn.Value) error {
		f.key(table.ID, table.PrimaryKeyHash(values), mode)
		return nil
	})
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
		err = r.bound.Query.Run(x, t.session, r.binding(), sink.row)
	}
	if undoErr := undo(); err == nil {
		err = undoErr
	}
	return err
}

func (t *transaction) hideLocked(r *run, x *executor, o *outcome) error {
	q := r.bound.Query
	mode := lockKeyMode(q.Lock)
	o.footprint = footprint{}
	var hidden []txn.RowEvent
	err := q.LockedRows(x, t.session, r.binding(), func(table *schemas.Table, values []txn.Value) error {
		hash := table.PrimaryKeyHash(values)
		w := want{resource: resource{table: table.ID, hash: hash}, mode: lockShared}
		if mode == txn.Exclusive {
			w.mode = lockExclusive
		}
		if t.session.engine.locks.available(t.owner, w) {
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
