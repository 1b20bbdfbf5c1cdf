package store

import (
	"fmt"
	"strings"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// Replay writes row events into the private pages, as the applier would, without capturing them and
// without firing TEMP triggers: what those did is among the events. A change that does not fit its
// row is a *ApplyError with Mismatch() true; then the caller undoes.
func (b *Branch) Replay(events []txn.RowEvent, c *schemas.Catalog) error {
	b.wake()
	if err := b.Err(); err != nil {
		return err
	}
	if len(events) == 0 {
		return nil
	}
	b.inner.SetCapture(false)
	defer b.inner.SetCapture(true)
	restore, err := dropTempTriggers(b.Conn())
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	err = b.replay(events, c)
	if e := restore(); err == nil && e != nil {
		err = fmt.Errorf("replay: %w", e)
	}
	return err
}

func (b *Branch) replay(events []txn.RowEvent, c *schemas.Catalog) error {
	writers := map[versioned]*tableWriter{}
	for i := range events {
		e := &events[i]
		key := versioned{txn.ObjectTable, uint64(e.Table), e.Version}
		w := writers[key]
		if w == nil {
			t := findTable(c, e.Table)
			if t == nil || t.Version != e.Version {
				return applyError("", b.place, fmt.Sprint(e.Table), mismatchf("the table's definition changed"))
			}
			w = newTableWriter(t, b.schemaOf(t.DBID))
			writers[key] = w
		}
		if err := w.apply(b.Conn(), e); err != nil {
			return applyError(w.table.Database, b.place, w.table.Name, err)
		}
	}
	return nil
}

func (b *Branch) schemaOf(id txn.DatabaseID) string {
	if f := b.file(id); f != nil {
		return f.schema
	}
	return alias(id)
}

func findTable(c *schemas.Catalog, id txn.TableID) *schemas.Table {
	if c.Private != nil {
		if t := tableByID(c.Private, id); t != nil {
			return t
		}
	}
	for _, d := range c.Databases {
		if t := tableByID(d, id); t != nil {
			return t
		}
	}
	return nil
}

// dropTempTriggers takes the TEMP triggers away and returns the function that brings them back.
// SQLite cannot disable TEMP triggers. Inside a transaction its end undoes both.
func dropTempTriggers(c *sqlite.Conn) (restore func() error, err error) {
	type trigger struct{ name, sql string }
	var list []trigger
	err = query(c, "SELECT name, sql FROM temp.sqlite_schema WHERE type = 'trigger' ORDER BY rowid", func(row []txn.Value) error {
		list = append(list, trigger{string(row[0].Bytes()), string(row[1].Bytes())})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		if err := c.Exec("DROP TRIGGER temp." + schemas.QuoteSQLite(t.name)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, t := range list {
			// SQLite keeps the text without its TEMP.
			if err := c.Exec("CREATE TEMP TRIGGER" + strings.TrimPrefix(t.sql, "CREATE TRIGGER")); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
