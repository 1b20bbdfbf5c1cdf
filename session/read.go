package session

import (
	"context"
	"slices"

	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/internal/stage"
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
	if r.bound.Writes {
		return s.queryThatWrites(r)
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
	x := &lateReader{session: s, run: r}
	defer x.close()
	if err := x.openAlone(); err != nil {
		return err
	}
	s.staged(stage.Branch)
	defer s.staged(stage.Execute)
	return sink.run(x.inner)
}

// awaitReadConsistency waits until this node has what the session's read consistency asks for.
func (s *Session) awaitReadConsistency(r *run) error {
	st := s.engine.options.Store
	if p := s.vars.waitFor; p > 0 && len(r.bound.Databases) > 0 {
		if err := st.WaitPublished(r.ctx, p, r.bound.Databases...); err != nil {
			return err
		}
	}
	if !s.vars.strongReads || r.aware || len(r.bound.Databases) == 0 {
		return nil
	}
	if err := s.awaitBarrier(r.ctx, r.bound.Databases...); err != nil {
		return err
	}
	s.engine.directory.refresh()
	if r.outer != nil || r.program != nil { // what runs a program has been let in by its caller's rights
		return nil
	}
	return s.authorize(r.bound.Plan) // again: what was allowed before the barrier may have been taken away
}

// read runs a plain read in the transaction's view.
func (t *transaction) read(r *run) error {
	x, err := t.reader(r)
	if err != nil {
		return err
	}
	t.session.staged(stage.Branch)
	sink := t.session.newRowSink(r)
	mark := x.branch.Mark()
	err = sink.run(x)
	t.session.staged(stage.Execute)
	x.branch.Cut(mark) // rows of TEMP tables
	if err != nil {
		return err
	}
	return sink.end()
}

// reader returns what runs plain reads in the transaction's view. It holds the slot.
func (t *transaction) reader(r *run) (*executor, error) {
	s := t.session
	if t.branch == nil || t.isolation == readCommitted {
		if err := s.awaitReadConsistency(r); err != nil {
			return nil, err
		}
	}
	if err := s.slot.take(r.ctx); err != nil {
		return nil, err
	}
	fresh, err := t.open(r.ctx, r)
	if err != nil {
		return nil, err
	}
	if !fresh && t.view == nil && (!t.fixed || t.isolation == readCommitted) && (t.patched || s.engine.published(t.databases) > t.at) {
		if err := t.moveFor(r, 0); err != nil {
			return nil, err
		}
	}
	t.fix()
	branch, err := t.visible(r)
	if err != nil {
		return nil, err
	}
	x := &executor{session: s, conn: branch.Reader(), branch: branch}
	if t.isWritten() {
		x.conn = branch.Conn()
	}
	return x, nil
}

// fix makes what plain reads see now what they see from now on.
func (t *transaction) fix() {
	if !t.fixed {
		t.fixed, t.early = true, slices.Clone(t.databases)
	}
}

// visible returns the branch that plain reads see, on which the plan fits.
func (t *transaction) visible(r *run) (*store.Branch, error) {
	v := t.view
	if v == nil {
		return t.branch, t.sameMoment(r, t.at)
	}
	if v.lost {
		return nil, errConflict
	}
	if err := v.branch.Use(r.bound.Databases...); err != nil {
		return nil, err
	}
	if err := t.sameMoment(r, v.at); err != nil {
		return nil, err
	}
	if !samePlan(v.catalog, r.catalog, r.bound.Databases) {
		r.inView = true
		return nil, errReplan
	}
	return v.branch, nil
}

// sameMoment refuses tables of databases that have joined V after it was fixed, at p, when others have written them in
// between: V would not be of one moment. It asks once a table, for what has joined stays as it is.
func (t *transaction) sameMoment(r *run, p txn.Position) error {
	if t.isolation == readCommitted {
		return nil
	}
	written := false
	t.session.engine.ask(func(l *ledger.Ledger) {
		for _, table := range r.bound.Tables {
			if table.Temporary() || t.late[table.ID] || slices.Contains(t.early, table.DBID) {
				continue
			}
			if _, after := l.WrittenAfter(table.ID, p); after {
				written = true
				return
			}
			if t.late == nil {
				t.late = map[txn.TableID]bool{}
			}
			t.late[table.ID] = true
		}
	})
	if written {
		return errConflict
	}
	return nil
}
