package dialect

import (
	"cmp"
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// planDDL plans a statement that changes definitions. Its own grammar reads the text; the tree of
// vitess's parser, which has lost parts of it, only tells that there is such a statement.
func planDDL(c *Context, stmt sqlparser.Statement, text string) (*Plan, error) {
	return planTree(c, stmt, text)
}

// definition is the working out of a statement that changes definitions, on the catalog of
// its context.
type definition struct {
	c   *Context
	e   Environment
	s   *textReader
	out *Resolution
	// tables are the definitions as they are after the changes so far, by database and name; nil
	// for what was dropped.
	tables map[ObjectName]*schemas.Table
	// unlogged: MySQL does not log the statement if it has nothing to do.
	unlogged bool
}

// planDefinition makes the plan of a statement that changes definitions.
func planDefinition(c *Context, s *textReader, lock []ObjectName, resolve func(d *definition) error) *Plan {
	text := s.statementText()
	p := &Plan{DDL: &DDL{Text: text, Lock: lock}, HasSideEffects: true}
	for _, o := range lock {
		if d := c.Catalog.Database(o.Database); d != nil && !slices.Contains(p.Databases, d.ID) {
			p.Databases = append(p.Databases, d.ID)
		}
		if t := c.Catalog.Table(o.Database, o.Name); t != nil {
			p.Tables = append(p.Tables, t)
		}
	}
	p.DDL.resolve = func(catalog *schemas.Catalog, e Environment) (*Resolution, error) {
		now := *c
		now.Catalog = catalog
		own := *s
		own.c = &now
		d := &definition{c: &now, e: e, s: &own, out: &Resolution{}, tables: map[ObjectName]*schemas.Table{}}
		d.out.Body.Text, d.out.Body.Database = text, c.Database
		said := StatementContext(c.Mode, e.Zone(), c.NoForeignKeys, c.NoUniqueChecks)
		d.out.Body.Context = &said
		if err := resolve(d); err != nil {
			return nil, err
		}
		d.out.Logged = !p.DDL.Temporary && !d.unlogged && (len(d.out.Body.Changes) == 0 || len(d.out.Body.Named) > 0)
		return d.out, nil
	}
	return p
}

// statementText is the statement without comments around it, or what the client wrote in its place.
func (s *textReader) statementText() string {
	if s.c.written != "" {
		return s.c.written
	}
	if n := len(s.list); n > 1 {
		return string(s.src[s.list[0].start:s.list[n-2].end])
	}
	return s.text(0, len(s.list)-1)
}

// table returns the table as it is after the changes so far, or nil.
func (d *definition) table(o ObjectName) *schemas.Table {
	if t, ok := d.tables[o]; ok {
		return t
	}
	return d.c.Catalog.Table(o.Database, o.Name)
}

// view returns the view of that name, or nil.
func (d *definition) view(o ObjectName) *schemas.View { return d.c.Catalog.View(o.Database, o.Name) }

// database returns the database, or error 1049.
func (d *definition) database(name string) (*schemas.Database, error) {
	if isVirtualDatabase(name) {
		return nil, mysqlerr.New(mysql.ER_DBACCESS_DENIED_ERROR, userPart(d.e.User()), hostPart(d.e.User()), strings.ToLower(name))
	}
	if db := d.c.Catalog.Database(name); db != nil {
		return db, nil
	}
	return nil, mysqlerr.New(mysql.ER_BAD_DB_ERROR, name)
}

func userPart(account string) string {
	user, _, _ := strings.Cut(account, "@")
	return user
}

func hostPart(account string) string {
	_, host, _ := strings.Cut(account, "@")
	return host
}

// note adds a note, which SHOW WARNINGS lists.
func (d *definition) note(e *mysqlerr.Error) { d.out.Warnings = append(d.out.Warnings, e) }

// names adds the names of objects that come or go.
func (d *definition) names(list ...ObjectName) {
	for _, o := range list {
		if !slices.Contains(d.out.Names, o) {
			d.out.Names = append(d.out.Names, o)
		}
	}
}

// named adds an object that the statement leaves as it is: one that IF NOT EXISTS found, or one that IF EXISTS did not. key is the name under which it would
// come or go.
func (d *definition) named(kind txn.ObjectKind, o, key ObjectName) {
	d.out.Body.Named = append(d.out.Body.Named, txn.NamedObject{Kind: kind, Database: o.Database, Name: o.Name})
	if d.c.Catalog.Database(key.Database) == nil {
		key.Name = "" // it comes with its database
	}
	if !slices.Contains(d.out.Relied, key) {
		d.out.Relied = append(d.out.Relied, key)
	}
}

// namedProgram is named for a stored program that is there, or is not.
func (d *definition) namedProgram(kind schemas.ProgramKind, o ObjectName) {
	d.named(txn.ObjectProgram, o, ObjectName{o.Database, programNameKey(kind, o.Name)})
}

// uses adds a table on which the statement relies as it is.
func (d *definition) uses(t *schemas.Table) {
	if t.ID != 0 && !t.Temporary() && !slices.ContainsFunc(d.out.Tables, func(x *schemas.Table) bool { return x.ID == t.ID }) {
		d.out.Tables = append(d.out.Tables, t)
	}
}

// create adds a new table.
func (d *definition) create(t *schemas.Table) error {
	t.Settle(d.usedNames(t))
	body, err := schemas.EncodeTable(t)
	if err != nil {
		return err
	}
	o := ObjectName{t.Database, t.Name}
	d.tables[o] = t
	d.names(o)
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Insert, DBID: t.DBID,
		Database: t.Database, Name: t.Name, Definition: body, SQLite: t.CreateSQLite()})
	return nil
}

// update adds a new version of a table, whose identity is settled by the caller, and the
// statements that lead to it. A second one of the same table joins the first.
func (d *definition) update(before, after *schemas.Table, sqlite []string) error {
	was, is := ObjectName{before.Database, before.Name}, ObjectName{after.Database, after.Name}
	if was != is {
		d.tables[was] = nil
		d.names(was, is)
	}
	d.tables[is] = after
	return d.newVersion(before, after, sqlite)
}

// newVersion is update without what it notes of the names.
func (d *definition) newVersion(before, after *schemas.Table, sqlite []string) error {
	stored := *after
	stored.Version = 0
	body, err := schemas.EncodeTable(&stored)
	if err != nil {
		return err
	}
	d.uses(before)
	for i := range d.out.Body.Changes {
		if c := &d.out.Body.Changes[i]; c.Kind == txn.ObjectTable && c.Op == txn.Update && c.ID == uint64(after.ID) && after.ID != 0 {
			c.Name, c.Definition = after.Name, body
			d.runLast(c, sqlite)
			return nil
		}
	}
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Update, ID: uint64(after.ID),
		DBID: after.DBID, Database: after.Database, Name: after.Name, Definition: body, SQLite: sqlite})
	return nil
}

// runLast adds statements for the file of a change, which run after those of all changes so far: tables may have taken
// each other's names.
func (d *definition) runLast(c *txn.DefinitionChange, sqlite []string) {
	changes := d.out.Body.Changes
	for i := len(changes) - 1; i >= 0; i-- {
		if last := &changes[i]; last.DBID == c.DBID && last.Kind == txn.ObjectTable {
			last.SQLite = append(last.SQLite, sqlite...)
			return
		}
	}
}

// touch raises a table's version, because a foreign key from or to it came or went.
func (d *definition) touch(t *schemas.Table) error {
	if t.ID == 0 {
		return nil
	}
	for i := range d.out.Body.Changes {
		if c := &d.out.Body.Changes[i]; c.Kind == txn.ObjectTable && c.ID == uint64(t.ID) {
			return nil
		}
	}
	return d.update(t, t, nil)
}

// touchParents raises the versions of the tables that t refers to.
func (d *definition) touchParents(t *schemas.Table) error {
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		o := ObjectName{fk.ReferencedDatabase, fk.ReferencedTable}
		if p := d.table(o); p != nil && p != t && p.ID != t.ID {
			if err := d.touch(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// referencing lists the foreign keys that refer to a table after the changes so far, by table.
func (d *definition) referencing(o ObjectName) []schemas.Reference {
	if t := d.table(o); t != nil && t.Temporary() {
		return nil
	}
	var tables []*schemas.Table
	known := func(o ObjectName) bool {
		db := d.c.Catalog.Database(o.Database)
		return db != nil && db.Tables[o.Name] != nil
	}
	for database, db := range d.c.Catalog.Databases {
		for name := range db.Tables {
			if t := d.table(ObjectName{database, name}); t != nil {
				tables = append(tables, t)
			}
		}
	}
	for n, t := range d.tables {
		if t != nil && !known(n) {
			tables = append(tables, t)
		}
	}
	slices.SortFunc(tables, func(a, b *schemas.Table) int {
		return cmp.Or(strings.Compare(a.Database, b.Database), strings.Compare(a.Name, b.Name))
	})
	var list []schemas.Reference
	for _, t := range tables {
		for i := range t.ForeignKeys {
			if fk := &t.ForeignKeys[i]; fk.ReferencedTable == o.Name && fk.ReferencedDatabase == o.Database {
				list = append(list, schemas.Reference{Child: t, Key: fk})
			}
		}
	}
	return list
}

// drop adds the end of a table.
func (d *definition) drop(t *schemas.Table) error {
	o := ObjectName{t.Database, t.Name}
	d.uses(t)
	if !t.Temporary() { // of which nobody else knows
		d.names(o)
	}
	d.tables[o] = nil
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, ID: uint64(t.ID), DBID: t.DBID,
		Database: t.Database, Name: t.Name, SQLite: append(t.DropFulltextsSQLite(), "DROP TABLE "+schemas.QuoteSQLite(t.SQLiteName))})
	return d.dropTriggers(t)
}

// usedNames reports which names the file of t's database has for other things than t.
func (d *definition) usedNames(t *schemas.Table) func(name string) bool {
	used := map[string]bool{}
	add := func(x *schemas.Table) {
		if x == nil || x.ID == t.ID && t.ID != 0 {
			return
		}
		used[strings.ToLower(x.SQLiteName)] = true
		if x.Primary != nil {
			used[strings.ToLower(x.Primary.SQLiteName)] = true
		}
		for i := range x.Indexes {
			used[strings.ToLower(x.Indexes[i].SQLiteName)] = true
		}
	}
	if t.Temporary() {
		for _, x := range d.privateTables() {
			add(x)
		}
	} else if db := d.c.Catalog.Database(t.Database); db != nil {
		for name := range db.Tables {
			add(d.table(ObjectName{t.Database, name}))
		}
	}
	for o, x := range d.tables {
		if o.Database == t.Database && x != t {
			add(x)
		}
	}
	return func(name string) bool { return used[strings.ToLower(name)] }
}
