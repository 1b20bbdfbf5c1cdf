package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"marmot/dialect"
	"marmot/store"
	"marmot/store/sqlite"
	"marmot/txn"
)

// progressOpcodes is how many of SQLite's steps go by, about two milliseconds, before a statement
// looks whether it is to end and lets others run.
const progressOpcodes = 50_000

// executor runs SQLite statements of a plan on one connection of a branch. It implements dialect.Executor.
// A plain read runs on the branch's plain connection, until it needs TEMP tables (of information_schema and its
// like): from then on it runs on the other one, which sees the same snapshot.
type executor struct {
	session *Session
	conn    *sqlite.Conn
	branch  *store.Branch
	writes  bool
	depth   int // of savepoints
}

var errReadOnlyExecutor = errors.New("a plain read may not write")

// Query runs a statement and hands each row to row.
func (x *executor) Query(sql string, args []txn.Value, row func([]txn.Value) error) error {
	statement, err := x.prepare(sql, args)
	if err != nil {
		return err
	}
	defer statement.Reset()
	defer x.under()()
	for {
		more, err := statement.Step()
		if err != nil {
			return x.failed(err)
		}
		if !more {
			return nil
		}
		if err := row(statement.Row()); err != nil {
			return err
		}
	}
}

// Exec runs a statement without rows.
func (x *executor) Exec(sql string, args []txn.Value) (int64, error) {
	if !x.writes && x.conn == x.branch.Reader() {
		x.conn = x.branch.Conn()
		x.session.adopt(x.branch, x.conn)
	}
	statement, err := x.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	defer statement.Reset()
	defer x.under()()
	for {
		more, err := statement.Step()
		if err != nil {
			return 0, x.failed(err)
		}
		if !more {
			return x.conn.Changes(), nil
		}
	}
}

// under makes x the executor whose statement runs, until the result is called.
func (x *executor) under() func() {
	s := x.session
	before := s.exec
	s.exec = x
	return func() { s.exec = before }
}

func (x *executor) prepare(sql string, args []txn.Value) (*sqlite.Stmt, error) {
	statement, err := x.conn.Prepare(sql)
	if err != nil {
		return nil, x.failed(fmt.Errorf("prepare %s: %w", sql, err))
	}
	if err := statement.Bind(args); err != nil {
		statement.Reset()
		return nil, x.failed(err)
	}
	return statement, nil
}

// failed puts the reason for an interruption in place of the interruption.
func (x *executor) failed(err error) error {
	r := x.session.run
	if !sqlite.IsInterrupt(err) || r == nil {
		return err
	}
	if r.stop != nil {
		return r.stop
	}
	if cause := context.Cause(r.ctx); cause != nil {
		return cause
	}
	if ended := x.branch.Err(); ended != nil {
		return ended
	}
	return err
}

// Savepoint marks the present state.
func (x *executor) Savepoint() (keep, undo func() error, err error) {
	if !x.writes {
		return nil, nil, errReadOnlyExecutor
	}
	x.depth++
	name := "part" + strconv.Itoa(x.depth)
	mark := x.branch.Mark()
	if _, err := x.Exec("SAVEPOINT "+name, nil); err != nil {
		return nil, nil, err
	}
	keep = func() error {
		x.depth--
		_, err := x.Exec("RELEASE "+name, nil)
		return err
	}
	undo = func() error {
		if _, err := x.Exec("ROLLBACK TO "+name, nil); err != nil {
			return err
		}
		x.branch.Cut(mark)
		return keep()
	}
	return keep, undo, nil
}

// Trigger makes sure that the TEMP trigger exists on the connection.
func (x *executor) Trigger(t dialect.TempTrigger) error {
	if !x.writes {
		return errReadOnlyExecutor
	}
	known := false
	err := x.Query("SELECT 1 FROM temp.sqlite_schema WHERE type = 'trigger' AND name = ?", []txn.Value{txn.TextString(t.Name)},
		func([]txn.Value) error { known = true; return nil })
	if err != nil || known {
		return err
	}
	x.session.tx.triggers = true
	_, err = x.Exec(t.SQL, nil)
	return err
}

// openBranch takes a branch that uses the databases from the store's pool.
func (s *Session) openBranch(ids []txn.DatabaseID) (*store.Branch, error) {
	b, err := s.engine.options.Store.OpenBranch()
	if err != nil {
		return nil, err
	}
	if err := b.Use(ids...); err != nil {
		b.Close()
		return nil, err
	}
	s.adopt(b, b.Reader())
	return b, nil
}

// adopt makes the session the state of a connection of the branch. Close of the branch ends that.
func (s *Session) adopt(b *store.Branch, conn *sqlite.Conn) {
	conn.SetState(s)
	conn.SetProgress(progressOpcodes, func() bool { return s.progress(b) })
}

// progress is called by SQLite while a statement runs. It reports whether to stop it.
func (s *Session) progress(b *store.Branch) bool {
	r := s.run
	if r == nil {
		return false
	}
	if r.ctx.Err() != nil {
		return true
	}
	if s.tx != nil && s.tx.branch == b {
		if s.tx.tooLarge(b.CapturedBytes()) {
			r.stop = errTransactionTooLarge
			return true
		}
		s.tx.charge()
		if r.bound.Plan != nil && r.bound.Write != nil && s.engine.memory.full() {
			r.stop = errNodeMemory
			return true
		}
	}
	return s.slot.yield(r.ctx) != nil
}
