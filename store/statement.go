package store

import (
	"marmot/store/sqlite"
	"marmot/txn"
)

// run executes one statement without rows.
func run(c *sqlite.Conn, sql string, args ...txn.Value) error {
	return query(c, sql, nil, args...)
}

// query executes one statement and hands each row to row, which may keep nothing of it.
func query(c *sqlite.Conn, sql string, row func([]txn.Value) error, args ...txn.Value) error {
	s, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Reset()
	if len(args) > 0 {
		if err := s.Bind(args); err != nil {
			return err
		}
	}
	for {
		more, err := s.Step()
		if err != nil || !more {
			return err
		}
		if row == nil {
			continue
		}
		if err := row(s.Row()); err != nil {
			return err
		}
	}
}

// transaction runs f between BEGIN IMMEDIATE and COMMIT; an error of either rolls back.
func transaction(c *sqlite.Conn, f func() error) error {
	if err := run(c, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		err = run(c, "COMMIT")
	}
	if err != nil {
		rollback(c)
	}
	return err
}

// rollback ends a transaction if one is open: SQLite itself ends it on some errors. If it
// cannot, the next BEGIN says so.
func rollback(c *sqlite.Conn) {
	if c.InTransaction() {
		_ = run(c, "ROLLBACK")
	}
}

func position(p txn.Position) txn.Value { return txn.Int(int64(p)) }

func toPosition(v txn.Value) txn.Position { return txn.Position(v.Int64()) }
