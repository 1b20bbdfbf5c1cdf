package session

import (
	"marmot/dialect"
	"marmot/store"
	"marmot/txn"
)

// lateReader is an executor of plain reads that takes its snapshot with the first query, which
// most assignments of SET do not have.
type lateReader struct {
	session *Session
	run     *run
	inner   *executor
	own     *store.Branch // outside of a transaction
}

func (l *lateReader) open() (err error) {
	s, r := l.session, l.run
	if s.tx != nil && len(r.bound.Databases) > 0 {
		l.inner, err = s.tx.reader(r)
		return err
	}
	return l.openAlone()
}

// openAlone takes a snapshot of its own.
func (l *lateReader) openAlone() (err error) {
	s, r := l.session, l.run
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	if l.own, err = s.openBranch(r.bound.Databases); err != nil {
		return err
	}
	c, err := s.fittingSnapshot(r.ctx, l.own, r.bound.Databases)
	if err != nil {
		return err
	}
	if c != r.catalog && !samePlan(c, r.catalog, r.bound.Databases) {
		return errReplan
	}
	l.inner = &executor{session: s, conn: l.own.Reader(), branch: l.own}
	return nil
}

// Query runs a query in the view of the session's transaction, or on a snapshot of its own.
func (l *lateReader) Query(sql string, args []txn.Value, row func([]txn.Value) error) error {
	if l.inner == nil {
		if err := l.open(); err != nil {
			return err
		}
	}
	return l.inner.Query(sql, args, row)
}

// Exec runs a statement on TEMP tables.
func (l *lateReader) Exec(sql string, args []txn.Value) (int64, error) {
	if l.inner == nil {
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	return l.inner.Exec(sql, args)
}

// Savepoint refuses: it only reads.
func (*lateReader) Savepoint() (keep, undo func() error, err error) {
	return nil, nil, errReadOnlyExecutor
}

// Trigger refuses: it only reads.
func (*lateReader) Trigger(dialect.TempTrigger) error { return errReadOnlyExecutor }

func (l *lateReader) close() {
	if l.own != nil {
		l.own.Close()
	}
}
