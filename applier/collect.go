package applier

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"marmot/log"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// unfitError is a record that cannot be applied on any node, whatever its file holds.
type unfitError struct{ cause error }

func (e *unfitError) Error() string  { return e.cause.Error() }
func (e *unfitError) Unwrap() error  { return e.cause }
func (e *unfitError) Mismatch() bool { return true }

// collect reads what a record does to each of the databases, and about how many bytes that is. The
// definitions of what came before it in these databases must be in the history.
func (a *Applier) collect(ctx context.Context, it *item, members []txn.DatabaseID) (map[txn.DatabaseID]store.Applied, int, error) {
	c := collector{item: it, members: members, split: make(map[txn.DatabaseID]store.Applied, len(members))}
	for _, db := range members {
		c.split[db] = store.Applied{Position: it.read.Position, TimeUS: it.read.Record.TimeUS}
	}
	c.mapTables()
	c.definitions()
	hidden, err := a.hiddenTables(it.transaction, it.body, func(err error) error {
		if errors.Is(err, schemas.ErrNoVersion) {
			return nil // the store refuses the rows: their table is not what they were written for
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	err = a.reaching(ctx, func() error {
		c.forget()
		return log.EventsOf(ctx, a.o.Log, it.read.Position, it.transaction, hidden.has, c.add)
	})
	if errors.Is(err, txn.ErrCorrupt) && !isMismatch(err) {
		err = &unfitError{err}
	}
	if err != nil {
		return nil, 0, err
	}
	for db, list := range c.events {
		applied := c.split[db]
		applied.Events = list
		c.split[db] = applied
	}
	return c.split, c.bytes, nil
}

// collector sorts the parts of a record by database.
type collector struct {
	item    *item
	members []txn.DatabaseID
	tables  map[txn.TableID]txn.DatabaseID // nil: one database has all
	only    txn.DatabaseID
	split   map[txn.DatabaseID]store.Applied
	events  map[txn.DatabaseID][]txn.RowEvent
	bytes   int
}

// mapTables learns which table lies in which database. Rows of the table that a DDL itself
// creates name table 0.
func (c *collector) mapTables() {
	uses := c.item.transaction.Tables
	one := len(uses) > 0 && c.item.body == nil
	for i := range uses {
		one = one && uses[i].Database == uses[0].Database
	}
	if one {
		c.only = uses[0].Database
		return
	}
	c.tables = make(map[txn.TableID]txn.DatabaseID, len(uses)+1)
	for i := range uses {
		c.tables[uses[i].Table] = uses[i].Database
	}
	if c.item.body == nil {
		return
	}
	for i := range c.item.body.Changes {
		ch := &c.item.body.Changes[i]
		if ch.Kind == txn.ObjectDatabase {
			continue
		}
		id := txn.TableID(ch.ID)
		if id == 0 {
			c.tables[txn.TableID(c.item.read.Position)] = ch.DBID
		}
		c.tables[id] = ch.DBID
	}
}

func (c *collector) databaseOf(id txn.TableID) (txn.DatabaseID, bool) {
	if c.tables == nil {
		return c.only, true
	}
	db, found := c.tables[id]
	return db, found
}

// definitions hands definition changes and conversions to their databases.
func (c *collector) definitions() {
	body := c.item.body
	if body == nil {
		return
	}
	for i := range body.Changes {
		ch := &body.Changes[i]
		if applied, member := c.split[ch.DBID]; member && ch.Kind != txn.ObjectDatabase {
			applied.Changes = append(applied.Changes, *ch)
			c.split[ch.DBID] = applied
		}
	}
	for i := range body.Conversions {
		db, _ := c.databaseOf(body.Conversions[i].Table)
		if m, err := body.Conversions[i].Move(); m != nil && err == nil {
			db = m.To
		}
		if applied, member := c.split[db]; member {
			applied.Conversions = append(applied.Conversions, body.Conversions[i])
			c.split[db] = applied
		}
	}
}

// forget starts the events again, after the log was out of reach.
func (c *collector) forget() {
	c.events = make(map[txn.DatabaseID][]txn.RowEvent, len(c.members))
	c.bytes = 0
}

func (c *collector) add(e *txn.RowEvent) error {
	db, found := c.databaseOf(e.Table)
	if !found {
		return &unfitError{fmt.Errorf("row event %d is of table %d, which the record does not name", e.Ordinal, e.Table)}
	}
	if !slices.Contains(c.members, db) {
		return nil // of a database that has been dropped since, or is quarantined
	}
	own, size := cloneEvent(e)
	c.bytes += size
	c.events[db] = append(c.events[db], own)
	return nil
}

// cloneEvent copies an event that lives only for the moment, and tells its size in bytes.
func cloneEvent(e *txn.RowEvent) (txn.RowEvent, int) {
	const valueBytes = 40 // of a txn.Value itself
	total := 0
	for _, image := range [...][]txn.Value{e.Before, e.After} {
		for i := range image {
			total += len(image[i].Bytes())
		}
	}
	buffer := make([]byte, 0, total)
	own := *e
	own.Before, buffer = cloneImage(e.Before, buffer)
	own.After, _ = cloneImage(e.After, buffer)
	return own, total + valueBytes*(len(e.Before)+len(e.After))
}

func cloneImage(image []txn.Value, buffer []byte) ([]txn.Value, []byte) {
	if image == nil {
		return nil, buffer
	}
	own := make([]txn.Value, len(image))
	for i, v := range image {
		b := v.Bytes()
		start := len(buffer)
		switch v.Kind() {
		case txn.KindText:
			buffer = append(buffer, b...)
			v = txn.Text(buffer[start:len(buffer):len(buffer)])
		case txn.KindBlob:
			buffer = append(buffer, b...)
			v = txn.Blob(buffer[start:len(buffer):len(buffer)])
		}
		own[i] = v
	}
	return own, buffer
}
