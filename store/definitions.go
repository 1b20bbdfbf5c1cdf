package store

import (
	"fmt"
	"maps"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// ddl is what one record's definition changes mean for one database.
type ddl struct {
	position   txn.Position
	definition *schemas.Database // after the changes
	rows       []historyRow      // new versions
	gone       []versioned       // dropped objects; version is not set
	statements []string
	created    txn.TableID // the table that the record creates, or 0
}

// planChanges works out what changes do to the database as old describes it. It changes nothing.
func planChanges(old *schemas.Database, p txn.Position, timeUS int64, changes []txn.DefinitionChange) (*ddl, error) {
	next := *old
	next.Version = p
	next.Tables, next.Views, next.Programs = maps.Clone(old.Tables), maps.Clone(old.Views), maps.Clone(old.Programs)
	d := &ddl{position: p, definition: &next}
	// Names first go, then come: a RENAME may swap two tables.
	before := map[txn.TableID]*schemas.Table{}
	for i := range changes {
		if err := d.takeAway(old, &changes[i], before); err != nil {
			return nil, err
		}
	}
	for i := range changes {
		c := &changes[i]
		d.statements = append(d.statements, c.SQLite...)
		if c.Op == txn.Delete {
			continue
		}
		if err := d.put(c, timeUS, before); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// takeAway takes a changed or dropped object's old name out of the definition.
func (d *ddl) takeAway(old *schemas.Database, c *txn.DefinitionChange, before map[txn.TableID]*schemas.Table) error {
	if c.Op == txn.Insert || c.Kind == txn.ObjectDatabase {
		return nil
	}
	found := false
	switch c.Kind {
	case txn.ObjectTable:
		for name, t := range old.Tables {
			if uint64(t.ID) == c.ID {
				delete(d.definition.Tables, name)
				before[t.ID], found = t, true
			}
		}
	case txn.ObjectView:
		for name, v := range old.Views {
			if uint64(v.ID) == c.ID {
				delete(d.definition.Views, name)
				found = true
			}
		}
	case txn.ObjectProgram:
		for key, p := range old.Programs {
			if uint64(p.ID) == c.ID {
				delete(d.definition.Programs, key)
				found = true
			}
		}
	}
	if !found {
		return mismatchf("%s of %q: the database has no object %d", c.Op, c.Name, c.ID)
	}
	if c.Op == txn.Delete {
		d.gone = append(d.gone, versioned{kind: c.Kind, id: c.ID})
	}
	return nil
}

// put decodes a new or changed object, gives it its place in the log, and adds it.
func (d *ddl) put(c *txn.DefinitionChange, timeUS int64, before map[txn.TableID]*schemas.Table) error {
	id := c.ID
	if id == 0 {
		id = uint64(d.position)
	}
	var definition []byte
	var err error
	switch c.Kind {
	case txn.ObjectDatabase:
		definition, err = d.putDatabase(c)
	case txn.ObjectTable:
		definition, err = d.putTable(c, txn.TableID(id), timeUS, before)
	case txn.ObjectView:
		definition, err = d.putView(c, txn.TableID(id))
	case txn.ObjectProgram:
		definition, err = d.putProgram(c, txn.TableID(id))
	default:
		err = fmt.Errorf("definition of kind %d: %w", c.Kind, txn.ErrFuture)
	}
	if err != nil {
		return fmt.Errorf("definition of %q: %w", c.Name, err)
	}
	if c.Kind == txn.ObjectDatabase {
		id = uint64(d.definition.ID)
	}
	d.rows = append(d.rows, historyRow{versioned{c.Kind, id, d.position}, d.definition.ID, definition})
	return nil
}

func (d *ddl) putDatabase(c *txn.DefinitionChange) ([]byte, error) {
	n, err := schemas.DecodeDatabase(c.Definition)
	if err != nil {
		return nil, err
	}
	d.definition.Charset, d.definition.Collation = n.Charset, n.Collation
	return schemas.EncodeDatabase(d.definition)
}

func (d *ddl) putTable(c *txn.DefinitionChange, id txn.TableID, timeUS int64, before map[txn.TableID]*schemas.Table) ([]byte, error) {
	var t *schemas.Table
	if old := before[id]; old != nil && len(c.Definition) == 0 {
		t = old.Clone()
	} else {
		var err error
		if t, err = schemas.DecodeTable(c.Definition); err != nil {
			return nil, err
		}
	}
	t.ID, t.Version = id, d.position
	t.Database, t.DBID = d.definition.Name, d.definition.ID
	if c.Op == txn.Insert {
		if t.CreatedUS == 0 {
			t.CreatedUS = timeUS
		}
		d.created = id
	}
	if err := d.free(t.Name); err != nil {
		return nil, err
	}
	d.definition.Tables[t.Name] = t
	return schemas.EncodeTable(t)
}

func (d *ddl) putView(c *txn.DefinitionChange, id txn.TableID) ([]byte, error) {
	v, err := schemas.DecodeView(c.Definition)
	if err != nil {
		return nil, err
	}
	v.ID, v.Version = id, d.position
	v.Database, v.DBID = d.definition.Name, d.definition.ID
	if err := d.free(v.Name); err != nil {
		return nil, err
	}
	d.definition.Views[v.Name] = v
	return schemas.EncodeView(v)
}

func (d *ddl) putProgram(c *txn.DefinitionChange, id txn.TableID) ([]byte, error) {
	p, err := schemas.DecodeProgram(c.Definition)
	if err != nil {
		return nil, err
	}
	p.ID, p.Version = id, d.position
	p.Database, p.DBID = d.definition.Name, d.definition.ID
	if d.definition.Programs[p.Key()] != nil {
		return nil, mismatchf("the database has a %s %q already", p.Kind, p.Name)
	}
	if d.definition.Programs == nil {
		d.definition.Programs = map[schemas.ProgramKey]*schemas.Program{}
	}
	d.definition.Programs[p.Key()] = p
	return schemas.EncodeProgram(p)
}

func (d *ddl) free(name string) error {
	if d.definition.Tables[name] != nil || d.definition.Views[name] != nil {
		return mismatchf("the database has a %q already", name)
	}
	return nil
}

func tableByID(d *schemas.Database, id txn.TableID) *schemas.Table {
	for _, t := range d.Tables {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// write runs the statements and stores the definitions, inside the writer's transaction.
func (d *ddl) write(c *sqlite.Conn) error {
	for _, sql := range d.statements {
		if err := c.Exec(sql); err != nil {
			return fmt.Errorf("%s: %w", shorten(sql), err)
		}
	}
	for _, g := range d.gone {
		if err := run(c, "DELETE FROM _marmot_catalog WHERE kind = ? AND id = ?", txn.Int(int64(g.kind)), txn.Int(int64(g.id))); err != nil {
			return err
		}
	}
	for i := range d.rows {
		if err := insertDefinition(c, &d.rows[i], d.nameOf(&d.rows[i])); err != nil {
			return err
		}
	}
	return nil
}

func (d *ddl) nameOf(r *historyRow) string {
	for name, t := range d.definition.Tables {
		if r.kind == txn.ObjectTable && uint64(t.ID) == r.id {
			return name
		}
	}
	for name, v := range d.definition.Views {
		if r.kind == txn.ObjectView && uint64(v.ID) == r.id {
			return name
		}
	}
	for _, p := range d.definition.Programs {
		if r.kind == txn.ObjectProgram && uint64(p.ID) == r.id {
			return p.Name
		}
	}
	return d.definition.Name
}

func insertDefinition(c *sqlite.Conn, r *historyRow, name string) error {
	return run(c, "INSERT OR REPLACE INTO _marmot_catalog VALUES (?, ?, ?, ?, ?)",
		txn.Int(int64(r.kind)), txn.Int(int64(r.id)), position(r.version), txn.TextString(name), txn.Blob(r.definition))
}

// shorten cuts a statement for a message.
func shorten(sql string) string {
	const longest = 120
	if len(sql) > longest {
		return sql[:longest] + "…"
	}
	return sql
}
