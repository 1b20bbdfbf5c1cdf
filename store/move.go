package store

import (
	"errors"
	"fmt"
	"os"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// Rows that a record moves from one database's file to another's are copied before the record is applied: into a table of the
// destination that a transaction of its own, synced, makes and fills. Only then are the files changed, one after the other, each with
// its position: the source loses its rows, and the destination takes over the table that it has already. So a crash at any moment ends
// with rows in the source's file, in that table, or in their place, and the record applied again goes on from there. The alternative,
// rows in the log, would send through it what every node has.

const (
	// movesTable tells at which position the tables of rows under way were filled; a record that was voided may have left some.
	movesTable = "_marmot_moves"
	// Steps of a record that moves rows, in their order.
	stepArrived = "arrived" // one table's rows are in the destination's file
	stepHalf    = "half"    // one file has the record, the next one not
)

// moves lists those into the database that the record is applied to.
func (a *Applied) moves() ([]*txn.Move, error) {
	body := txn.DDLBody{Conversions: a.Conversions}
	list, err := body.Moves()
	if errors.Is(err, txn.ErrCorrupt) {
		err = mismatchf("%s", err)
	}
	return list, err
}

// arrive copies the rows that a record moves into the database, unless an earlier attempt did. The caller holds the mutexes of both
// databases; what came before the record is in their files.
func (s *Store) arrive(d *database, a *Applied) error {
	if a.Position <= txn.Position(d.file.Load()) {
		return nil
	}
	list, err := a.moves()
	for i := range list {
		if err == nil {
			err = s.fetch(d, a.Position, list[i])
		}
	}
	if err != nil {
		return applyError(d.name, a.Position, "", err)
	}
	return nil
}

func (s *Store) fetch(d *database, p txn.Position, m *txn.Move) error {
	there, err := arrived(d.writer, p, m)
	if err != nil || there {
		return err
	}
	source := s.database(m.From)
	if source == nil || source.dropped || txn.Position(source.file.Load()) >= p {
		return mismatchf("rows of database %d are to move here, and its file no longer has them", m.From)
	}
	c := d.writer
	if err := run(c, "ATTACH ? AS "+txn.MovedFrom, txn.TextString(source.path)); err != nil {
		return err
	}
	err = run(c, "PRAGMA synchronous=FULL")
	if err == nil {
		err = copyRows(c, p, m)
	}
	err = errors.Join(err, run(c, "PRAGMA synchronous=NORMAL"), run(c, "DETACH "+txn.MovedFrom))
	if err == nil {
		if info, e := os.Stat(d.path + "-wal"); e == nil {
			d.wal.grew(info.Size())
		}
		s.step(stepArrived)
	}
	return err
}

// copyRows makes and fills the table of a move. It begins without IMMEDIATE, which would lock the source's file too.
func copyRows(c *sqlite.Conn, p txn.Position, m *txn.Move) error {
	if err := run(c, "BEGIN"); err != nil {
		return err
	}
	err := c.Exec("CREATE TABLE IF NOT EXISTS main." + movesTable + " (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID")
	if err == nil {
		err = forgetMoves(c, p)
	}
	for _, sql := range [...]string{m.Create, m.Insert} {
		if err == nil {
			if err = c.Exec(sql); err != nil {
				err = fmt.Errorf("%s: %w", shorten(sql), err)
			}
		}
	}
	if err == nil {
		err = run(c, "INSERT INTO main."+movesTable+" VALUES (?, ?)", txn.TextString(m.Table), position(p))
	}
	if err == nil {
		err = run(c, "COMMIT")
	}
	if err != nil {
		rollback(c)
	}
	return err
}

// forgetMoves takes away what came for records other than that at p: they were voided.
func forgetMoves(c *sqlite.Conn, p txn.Position) error {
	var names []string
	err := query(c, "SELECT name FROM main."+movesTable+" WHERE position <> ?", func(row []txn.Value) error {
		names = append(names, string(row[0].Bytes()))
		return nil
	}, position(p))
	for _, name := range names {
		if err == nil {
			err = c.Exec("DROP TABLE IF EXISTS main." + schemas.QuoteSQLite(name))
		}
	}
	if err != nil {
		return err
	}
	return run(c, "DELETE FROM main."+movesTable+" WHERE position <> ?", position(p))
}

// arrived tells whether the rows of a move are in the destination's file.
func arrived(c *sqlite.Conn, p txn.Position, m *txn.Move) (there bool, err error) {
	known := false
	note := func([]txn.Value) error { known = true; return nil }
	if err := query(c, "SELECT 1 FROM main.sqlite_schema WHERE name = ?", note, txn.TextString(movesTable)); err != nil || !known {
		return false, err
	}
	err = query(c, "SELECT position FROM main."+movesTable+" WHERE name = ?", func(row []txn.Value) error {
		there = toPosition(row[0]) == p
		return nil
	}, txn.TextString(m.Table))
	return there, err
}

// settleMoves checks, inside the transaction of the record, that its rows are there, and forgets that they came.
func (p *pending) settleMoves(a *Applied) error {
	list, err := a.moves()
	if err != nil || len(list) == 0 {
		return err
	}
	for i := range list {
		there, err := arrived(p.database.writer, a.Position, list[i])
		if err != nil {
			return err
		}
		if !there {
			return mismatchf("rows of database %d that the record moves here have not come", list[i].From)
		}
	}
	return run(p.database.writer, "DROP TABLE main."+movesTable)
}
