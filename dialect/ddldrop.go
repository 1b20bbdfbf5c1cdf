package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// objects reads name [, name …].
func (s *textReader) objects() []ObjectName {
	var list []ObjectName
	s.commas(func() { list = append(list, s.object()) })
	return list
}

// planDropTable plans DROP TABLE behind these words.
func planDropTable(c *Context, s *textReader) (*Plan, error) {
	ifExists := s.ifExists()
	list := s.objects()
	s.one("RESTRICT", "CASCADE")
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, list, func(d *definition) error { return d.dropTables(list, ifExists) }), nil
}

func (d *definition) dropTables(list []ObjectName, ifExists bool) error {
	var unknown []string
	var tables []*schemas.Table
	going := map[txn.TableID]bool{}
	for _, o := range list {
		if err := checkName(o.Name, mysql.ER_WRONG_TABLE_NAME); err != nil {
			return err
		}
		if isVirtualDatabase(o.Database) {
			_, err := d.database(o.Database)
			return err
		}
		t := d.table(o)
		switch {
		case t == nil && ifExists:
			d.note(mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, o.Database+"."+o.Name))
			d.named(txn.ObjectTable, o, o)
		case t == nil:
			unknown = append(unknown, o.Database+"."+o.Name)
		case going[t.ID]:
			return mysqlerr.New(mysql.ER_NONUNIQ_TABLE, o.Name)
		default:
			tables = append(tables, t)
			going[t.ID] = true
		}
	}
	if len(unknown) > 0 {
		return mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, strings.Join(unknown, ","))
	}
	for _, t := range tables {
		for _, ref := range d.referencing(ObjectName{t.Database, t.Name}) {
			if going[ref.Child.ID] {
				continue
			}
			if !d.c.NoForeignKeys {
				return mysqlerr.New(3730, t.Name, ref.Key.Name, ref.Child.Name)
			}
			if err := d.touch(ref.Child); err != nil {
				return err
			}
		}
		if err := d.drop(t); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := d.touchParents(t); err != nil {
			return err
		}
	}
	return nil
}

// planDropView plans DROP VIEW behind these words.
func planDropView(c *Context, s *textReader) (*Plan, error) {
	ifExists := s.ifExists()
	list := s.objects()
	s.one("RESTRICT", "CASCADE")
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, list, func(d *definition) error { return d.dropViews(list, ifExists) }), nil
}

func (d *definition) dropViews(list []ObjectName, ifExists bool) error {
	var unknown []string
	for _, o := range list {
		v := d.view(o)
		switch {
		case d.table(o) != nil && !ifExists:
			return mysqlerr.New(mysql.ER_WRONG_OBJECT, o.Database, o.Name, "VIEW")
		case d.table(o) != nil:
			d.note(mysqlerr.New(mysql.ER_WRONG_OBJECT, o.Database, o.Name, "VIEW"))
			d.named(txn.ObjectView, o, o)
		case v == nil && ifExists:
			d.note(mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, o.Database+"."+o.Name))
			d.named(txn.ObjectView, o, o)
		case v == nil:
			unknown = append(unknown, o.Database+"."+o.Name)
		default:
			d.names(o)
			d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectView, Op: txn.Delete, ID: uint64(v.ID),
				DBID: v.DBID, Database: o.Database, Name: o.Name})
		}
	}
	if len(unknown) > 0 {
		return mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, strings.Join(unknown, ","))
	}
	return nil
}

// planTruncate plans TRUNCATE [TABLE] behind these words.
func planTruncate(c *Context, s *textReader) (*Plan, error) {
	o := s.object()
	if err := s.finish(); err != nil {
		return nil, err
	}
	if v := lookupVirtual(o.Database, o.Name); v != nil && isEmptied(v) {
		return commandPlan(s, NoOperation{})
	}
	return planDefinition(c, s, []ObjectName{o}, func(d *definition) error { return d.truncate(o) }), nil
}

// isEmptied reports whether MySQL empties a table of performance_schema by TRUNCATE that never has rows here: histories, sums and
// hosts, about which nothing is gathered.
func isEmptied(v *virtualTable) bool {
	if !strings.EqualFold(v.Database, "performance_schema") {
		return false
	}
	switch name := strings.ToLower(v.Name); name {
	case "accounts", "hosts", "users", "host_cache", "prepared_statements_instances", "status_by_account", "status_by_host", "status_by_thread", "status_by_user":
		return true
	default:
		for _, prefix := range []string{"events_", "file_summary_", "memory_summary_", "objects_summary_", "socket_summary_", "table_io_waits_", "table_lock_waits_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
}

func (d *definition) truncate(o ObjectName) error {
	t := d.table(o)
	if t == nil {
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name)
	}
	for _, ref := range d.referencing(ObjectName{t.Database, t.Name}) {
		if ref.Child.ID != t.ID && !d.c.NoForeignKeys {
			return mysqlerr.Newf(mysql.ER_TRUNCATE_ILLEGAL_FK, "Cannot truncate a table referenced in a foreign key constraint (%s.%s, CONSTRAINT %s)",
				schemas.QuoteName(ref.Child.Database), schemas.QuoteName(ref.Child.Name), schemas.QuoteName(ref.Key.Name))
		}
	}
	empty := t.Clone()
	empty.AutoIncrementStart = 0
	sqlite := append(t.DropFulltextsSQLite(), "DELETE FROM "+schemas.QuoteSQLite(t.SQLiteName))
	if err := d.update(t, empty, append(sqlite, t.CreateFulltextsSQLite()...)); err != nil {
		return err
	}
	d.out.Body.Changes[len(d.out.Body.Changes)-1].Truncate = true
	return nil
}

// planRenameTable plans RENAME TABLE behind these words.
func planRenameTable(c *Context, s *textReader) (*Plan, error) {
	var pairs [][2]ObjectName
	var lock []ObjectName
	s.commas(func() {
		from := s.object()
		s.expect("TO")
		to := s.object()
		pairs = append(pairs, [2]ObjectName{from, to})
		lock = append(lock, from, to)
	})
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, lock, func(d *definition) error {
		d.c.Catalog = d.c.Catalog.Shared() // temporary tables are renamed by ALTER TABLE only
		for _, p := range pairs {
			if err := checkName(p[1].Name, mysql.ER_WRONG_TABLE_NAME); err != nil {
				return err
			}
		}
		if crosses(pairs) {
			return d.renameAcross(pairs)
		}
		for _, p := range pairs {
			if err := d.rename(p[0], p[1]); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// rename gives a table or view another name in its database.
func (d *definition) rename(from, to ObjectName) error {
	t, view := d.table(from), d.view(from)
	if err := d.mayRename(from, to, t != nil || view != nil); err != nil {
		return err
	}
	if t == nil {
		return d.renameView(view, to)
	}
	return d.renameTable(t, t.Clone(), to, nil)
}

// mayRename checks both names, in MySQL's order.
func (d *definition) mayRename(from, to ObjectName, known bool) error {
	for _, o := range [...]ObjectName{from, to} {
		if _, err := d.database(o.Database); err != nil && isVirtualDatabase(o.Database) {
			return err
		}
	}
	if d.table(to) != nil || d.view(to) != nil {
		return mysqlerr.New(mysql.ER_TABLE_EXISTS_ERROR, to.Name)
	}
	for _, o := range [...]ObjectName{from, to} {
		if _, err := d.database(o.Database); err != nil {
			return err
		}
	}
	if !known {
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, from.Database, from.Name)
	}
	return nil
}

// renameTable gives the new version of a table another name, after the statements that made the
// version otherwise. Names of constraints that were made of the table's name follow, and so
// do the foreign keys that refer to it.
func (d *definition) renameTable(before, after *schemas.Table, to ObjectName, sqlite []string) error {
	was := after.SQLiteName
	renameConstraints(after, after.Name, to.Name)
	after.Database, after.Name = to.Database, to.Name
	after.SQLiteName = ""
	retarget(after, ObjectName{before.Database, before.Name}, to)
	after.Settle(d.usedNames(after))
	if strings.EqualFold(after.SQLiteName, was) {
		after.SQLiteName = was // SQLite does not tell the two apart
	}
	if after.SQLiteName != was {
		sqlite = append(sqlite, "ALTER TABLE "+schemas.QuoteSQLite(was)+" RENAME TO "+schemas.QuoteSQLite(after.SQLiteName))
	}
	if err := d.update(before, after, sqlite); err != nil {
		return err
	}
	for _, ref := range d.referencing(ObjectName{before.Database, before.Name}) {
		child := d.table(ObjectName{ref.Child.Database, ref.Child.Name})
		if child == nil || child.ID == before.ID {
			continue
		}
		changed := child.Clone()
		retarget(changed, ObjectName{before.Database, before.Name}, to)
		if err := d.update(child, changed, nil); err != nil {
			return err
		}
	}
	return d.touchParents(after)
}

// renameConstraints renames the constraints whose names begin with the table's.
func renameConstraints(t *schemas.Table, from, to string) {
	for i := range t.ForeignKeys {
		if rest, ok := strings.CutPrefix(t.ForeignKeys[i].Name, from+"_ibfk_"); ok {
			t.ForeignKeys[i].Name = to + "_ibfk_" + rest
		}
	}
	for i := range t.Checks {
		if rest, ok := strings.CutPrefix(t.Checks[i].Name, from+"_chk_"); ok {
			t.Checks[i].Name = to + "_chk_" + rest
		}
	}
}
