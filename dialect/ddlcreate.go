package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// planCreateTable plans CREATE TABLE behind these words.
func planCreateTable(c *Context, s *textReader) (*Plan, error) {
	return planCreation(c, s, s.createTable())
}

func planCreation(c *Context, s *textReader, spec *tableSpec) (*Plan, error) {
	if err := s.finish(); err != nil {
		return nil, err
	}
	lock := []ObjectName{{Database: spec.name.Database}}
	if spec.like != nil {
		lock = append(lock, *spec.like)
	}
	for i := range spec.foreign {
		p := spec.foreign[i].parent
		if p.Database == "" {
			p.Database = spec.name.Database
		}
		lock = append(lock, p)
	}
	p := planDefinition(c, s, lock, func(d *definition) error { return d.createTable(spec) })
	p.DDL.Temporary = spec.temporary
	return p, nil
}

func (d *definition) createTable(written *tableSpec) error {
	own := *written // worked out once for each attempt
	spec := &own
	if err := checkName(spec.name.Name, mysql.ER_WRONG_TABLE_NAME); err != nil {
		return err
	}
	if _, err := d.database(spec.name.Database); err != nil {
		return err
	}
	if spec.like != nil && spec.name == *spec.like {
		return mysqlerr.New(mysql.ER_NONUNIQ_TABLE, spec.name.Name)
	}
	if d.taken(spec) {
		exists := mysqlerr.New(mysql.ER_TABLE_EXISTS_ERROR, spec.name.Name)
		if spec.ifNotExists {
			d.note(exists)
			d.named(txn.ObjectTable, spec.name, spec.name)
			d.unlogged = spec.query != ""
			return nil
		}
		return exists
	}
	if spec.like != nil {
		return d.createLike(spec)
	}
	b, err := newTableBuilder(d.c, d.e, d.s, spec.name)
	if err != nil {
		return err
	}
	if spec.temporary {
		if len(spec.foreign) > 0 {
			return mysqlerr.New(mysql.ER_CANNOT_ADD_FOREIGN)
		}
		b.table.DBID = schemas.PrivateBase
	}
	if spec.query != "" {
		if err := d.queryColumns(b, spec); err != nil {
			return err
		}
	}
	generated, err := d.generateKey(spec)
	if err != nil {
		return err
	}
	if err := b.build(spec); err != nil {
		return err
	}
	d.out.Warnings = append(d.out.Warnings, b.warnings...)
	if spec.query != "" || generated {
		for i := range b.table.Columns { // MySQL logs its own text of the table in place of the statement
			b.table.Columns[i] = b.table.Columns[i].AsShown()
		}
		d.out.Body.Text = loggedTableText(b.table, spec, d.e.Zone())
	} else {
		readCreated(b.table, spec, d.c.Catalog.Database(spec.name.Database))
	}
	return d.addTable(b.table)
}

// addTable adds a new table with what follows for its parents and for children that waited for it.
func (d *definition) addTable(t *schemas.Table) error {
	if err := d.create(t); err != nil || t.Temporary() {
		return err
	}
	for _, ref := range d.referencing(ObjectName{t.Database, t.Name}) {
		fk := *ref.Key
		if err := foreignFits(&fk, ref.Child, t); err != nil {
			return err
		}
		if err := d.touch(ref.Child); err != nil {
			return err
		}
	}
	return d.touchParents(t)
}

// createLike is CREATE TABLE … LIKE: all but the foreign keys, constraints under new names.
func (d *definition) createLike(spec *tableSpec) error {
	if d.view(*spec.like) != nil {
		return mysqlerr.New(mysql.ER_WRONG_OBJECT, spec.like.Database, spec.like.Name, "BASE TABLE")
	}
	source := d.table(*spec.like)
	if source == nil {
		if _, err := d.database(spec.like.Database); err != nil {
			return err
		}
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, spec.like.Database, spec.like.Name)
	}
	d.uses(source)
	db := d.c.Catalog.Database(spec.name.Database)
	t := source.Clone()
	t.ID, t.Version, t.SQLiteName, t.ForeignKeys, t.AutoIncrementStart = 0, 0, "", nil, 0
	t.Database, t.DBID, t.Name, t.CreatedUS = db.Name, db.ID, spec.name.Name, d.e.Now().UnixMicro()
	if spec.temporary {
		t.DBID = schemas.PrivateBase
	}
	if t.Primary != nil {
		t.Primary.SQLiteName = ""
	}
	for i := range t.Indexes {
		t.Indexes[i].SQLiteName = ""
	}
	checks := t.Checks
	t.Checks = nil
	b := &tableBuilder{c: d.c, e: d.e, s: d.s, table: t}
	for _, k := range checks {
		if err := b.checks([]checkSpec{{expression: k.Expression, enforced: k.Enforced}}); err != nil {
			return err
		}
	}
	readCopied(t, source)
	return d.addTable(t)
}

// planCreateDatabase plans CREATE DATABASE, planAlterDatabase ALTER DATABASE behind these words.
func planCreateDatabase(c *Context, s *textReader) (*Plan, error) {
	ifNotExists := s.ifNotExists()
	name := s.name()
	options := s.databaseOptions()
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, []ObjectName{{Database: name}}, func(d *definition) error {
		if err := checkName(name, mysql.ER_WRONG_DB_NAME); err != nil {
			return err
		}
		ownTables := strings.EqualFold(name, "mysql") || strings.EqualFold(name, "sys")
		if isVirtualDatabase(name) && !ownTables {
			_, err := d.database(name)
			return err
		}
		if ownTables || d.c.Catalog.Database(name) != nil {
			exists := mysqlerr.New(mysql.ER_DB_CREATE_EXISTS, name)
			if ifNotExists {
				d.note(exists)
				d.out.Affected = 1
				d.named(txn.ObjectDatabase, ObjectName{Database: name}, ObjectName{Database: name})
				return nil
			}
			return exists
		}
		server := d.serverCollation()
		db := &schemas.Database{Name: name, Charset: server.Charset, Collation: server.Name}
		d.out.Affected = 1
		return d.changeDatabase(db, txn.Insert, options)
	}), nil
}

func planAlterDatabase(c *Context, s *textReader) (*Plan, error) {
	name := s.optionalName()
	if name == "" {
		name = c.Database
	}
	options := s.databaseOptions()
	if err := s.finish(); err != nil {
		return nil, err
	}
	if name == "" {
		return nil, mysqlerr.New(mysql.ER_NO_DB_ERROR)
	}
	return planDefinition(c, s, []ObjectName{{Database: name}}, func(d *definition) error {
		db, err := d.database(name)
		if err != nil {
			return err
		}
		changed := *db
		changed.Tables, changed.Views = nil, nil
		d.out.Affected = 1
		return d.changeDatabase(&changed, txn.Update, options)
	}), nil
}

// databaseOptions reads the options of CREATE and ALTER DATABASE.
func (s *textReader) databaseOptions() []optionSpec {
	var list []optionSpec
	for s.err == nil && !s.end() {
		s.accept("DEFAULT")
		switch {
		case s.is("CHARACTER", "SET"), s.is("CHAR", "SET"), s.is("CHARSET"):
			list = append(list, optionSpec{"CHARSET", s.charset()})
		case s.accept("COLLATE"):
			s.accept("=")
			list = append(list, optionSpec{"COLLATE", s.word()})
		case s.accept("ENCRYPTION"):
			s.accept("=")
			if strings.EqualFold(s.str(), "Y") {
				s.fail(unsupported("ENCRYPTION='Y'"))
			}
		case s.accept("READ", "ONLY"):
			s.accept("=")
			if s.token().kind == tokenInteger && s.number() != 0 {
				s.fail(unsupported("READ ONLY = 1"))
			} else {
				s.accept("DEFAULT")
			}
		default:
			s.wrong()
		}
	}
	return list
}

// serverCollation is the session's collation_server, which databases have that name none.
func (d *definition) serverCollation() *schemas.Collation {
	if v, err := d.e.SystemVariable("session", "collation_server"); err == nil {
		if c := schemas.LookupCollation(string(v.Bytes())); c != nil && c.Supported() {
			return c
		}
	}
	return schemas.LookupCollation("utf8mb4_0900_ai_ci")
}

func (d *definition) changeDatabase(db *schemas.Database, op txn.Op, options []optionSpec) error {
	var charset, collation string
	d.out.Warnings = append(d.out.Warnings, optionWarnings(options)...)
	for _, o := range options {
		if strings.EqualFold(o.value, "DEFAULT") {
			o = optionSpec{"COLLATE", d.serverCollation().Name}
		}
		if err := conflictingCharset(&charset, &collation, o); err != nil {
			return err
		}
	}
	charset, collation, err := charsetOf(charset, collation)
	if err != nil {
		return err
	}
	if charset != "" {
		db.Charset, db.Collation = charset, collation
	}
	body, err := schemas.EncodeDatabase(db)
	if err != nil {
		return err
	}
	d.names(ObjectName{Database: db.Name})
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: op, ID: uint64(db.ID),
		Name: db.Name, Database: db.Name, Definition: body})
	return nil
}

// leaves settles the foreign keys between a table whose database is dropped and tables of others: a child elsewhere forbids it, and
// without foreign_key_checks has a new version, as has a parent elsewhere.
func (d *definition) leaves(t *schemas.Table) error {
	for _, ref := range d.referencing(ObjectName{t.Database, t.Name}) {
		if ref.Child.Database == t.Database {
			continue
		}
		if !d.c.NoForeignKeys {
			return mysqlerr.New(3730, t.Name, ref.Key.Name, ref.Child.Name)
		}
		if err := d.touch(ref.Child); err != nil {
			return err
		}
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		if p := d.table(ObjectName{fk.ReferencedDatabase, fk.ReferencedTable}); p != nil && p.Database != t.Database {
			if err := d.touch(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// planDropDatabase plans DROP DATABASE behind these words.
func planDropDatabase(c *Context, s *textReader) (*Plan, error) {
	ifExists := s.ifExists()
	name := s.name()
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, []ObjectName{{Database: name}}, func(d *definition) error {
		db := d.c.Catalog.Database(name)
		switch {
		case db == nil && isVirtualDatabase(name):
			_, err := d.database(name)
			return err
		case db == nil && ifExists:
			d.note(mysqlerr.New(mysql.ER_DB_DROP_EXISTS, name))
			d.named(txn.ObjectDatabase, ObjectName{Database: name}, ObjectName{Database: name})
			return nil
		case db == nil:
			return mysqlerr.New(mysql.ER_DB_DROP_EXISTS, name)
		}
		for _, t := range db.SortedTables() {
			d.uses(t)
			if err := d.leaves(t); err != nil {
				return err
			}
		}
		d.out.Affected = uint64(len(db.Tables) + len(db.Views))
		d.names(ObjectName{Database: name})
		d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Delete, ID: uint64(db.ID),
			Name: name, Database: name})
		return nil
	}), nil
}
