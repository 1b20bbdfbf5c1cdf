package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	errTriggerInWrongSchema = 1435 // ER_TRG_IN_WRONG_SCHEMA
	errForbidSchemaChange   = 1450 // ER_FORBID_SCHEMA_CHANGE
)

// renaming is a statement that renames tables, at least one of them into another database. What it does to each table is known when
// all its pairs are: a table may pass through several names. A table that ends in another database keeps its id: there it is created,
// where it was it ends.
type renaming struct {
	d       *definition
	touched []*schemas.Table // as they were before the statement, in order of their first change
	// shape is the new version of a table that ALTER TABLE changes as well, and source its rows' query; nil if names are all that changes.
	shape  *schemas.Table
	source string
}

// crosses reports whether a pair leads from one database to another.
func crosses(pairs [][2]ObjectName) bool {
	return slices.ContainsFunc(pairs, func(p [2]ObjectName) bool { return p[0].Database != p[1].Database })
}

func (d *definition) renameAcross(pairs [][2]ObjectName) error {
	r := &renaming{d: d}
	for _, p := range pairs {
		if err := r.pair(p[0], p[1]); err != nil {
			return err
		}
	}
	return r.emit()
}

// pair gives a table its new name among the definitions.
func (r *renaming) pair(from, to ObjectName) error {
	d := r.d
	t, view := d.table(from), d.view(from)
	if err := checkName(to.Name, mysql.ER_WRONG_TABLE_NAME); err != nil { // of ALTER TABLE
		return err
	}
	if err := d.mayRename(from, to, t != nil || view != nil); err != nil {
		return err
	}
	if view != nil && t == nil {
		if from.Database == to.Database {
			return d.renameView(view, to)
		}
		return mysqlerr.Newf(errForbidSchemaChange, "Changing schema from '%s' to '%s' is not allowed.", from.Database, to.Database)
	}
	db := d.c.Catalog.Database(to.Database)
	if from.Database != to.Database {
		if old := d.c.Catalog.Database(t.Database); old != nil && len(old.TriggersOf(t.ID)) > 0 {
			return mysqlerr.Newf(errTriggerInWrongSchema, "Trigger in wrong schema")
		}
	}
	r.touch(t)
	after := t.Clone()
	if r.shape != nil {
		after = r.shape.Clone()
	}
	renameConstraints(after, t.Name, to.Name)
	after.Database, after.DBID, after.Name = to.Database, db.ID, to.Name
	retarget(after, from, to)
	if err := r.constraintNames(after); err != nil {
		return err
	}
	for _, ref := range d.referencing(from) {
		if ref.Child.ID == t.ID {
			continue
		}
		r.touch(ref.Child)
		child := ref.Child.Clone()
		retarget(child, from, to)
		d.tables[ObjectName{child.Database, child.Name}] = child
	}
	d.tables[from], d.tables[to] = nil, after
	d.names(from, to)
	for i := range after.ForeignKeys {
		fk := &after.ForeignKeys[i]
		if p := d.table(ObjectName{fk.ReferencedDatabase, fk.ReferencedTable}); p != nil && p.ID != t.ID {
			r.touch(p)
		}
	}
	return nil
}

// retarget lets the foreign keys of t that refer to a table follow it to its new name.
func retarget(t *schemas.Table, from, to ObjectName) {
	for i := range t.ForeignKeys {
		if fk := &t.ForeignKeys[i]; fk.ReferencedTable == from.Name && fk.ReferencedDatabase == from.Database {
			fk.ReferencedDatabase, fk.ReferencedTable = to.Database, to.Name
		}
	}
}

func (r *renaming) touch(t *schemas.Table) {
	if !slices.ContainsFunc(r.touched, func(x *schemas.Table) bool { return x.ID == t.ID }) {
		r.touched = append(r.touched, t)
	}
}

// constraintNames refuses names of foreign keys and checks that the database of t has already.
func (r *renaming) constraintNames(t *schemas.Table) error {
	taken := func(name string, of func(x *schemas.Table) []string) bool {
		for _, x := range r.tablesOf(t.Database) {
			if x.ID != t.ID && slices.ContainsFunc(of(x), func(n string) bool { return strings.EqualFold(n, name) }) {
				return true
			}
		}
		return false
	}
	for _, name := range foreignNames(t) {
		if taken(name, foreignNames) {
			return mysqlerr.New(mysql.ER_FK_DUP_NAME, name)
		}
	}
	for _, name := range checkNames(t) {
		if taken(name, checkNames) {
			return mysqlerr.New(3822, name)
		}
	}
	return nil
}

func foreignNames(t *schemas.Table) []string {
	var list []string
	for i := range t.ForeignKeys {
		list = append(list, t.ForeignKeys[i].Name)
	}
	return list
}

func checkNames(t *schemas.Table) []string {
	var list []string
	for i := range t.Checks {
		list = append(list, t.Checks[i].Name)
	}
	return list
}

// tablesOf lists the tables of a database after the renames so far.
func (r *renaming) tablesOf(database string) []*schemas.Table {
	var list []*schemas.Table
	for _, t := range r.d.c.Catalog.Database(database).SortedTables() {
		if x := r.d.table(ObjectName{database, t.Name}); x != nil {
			list = append(list, x)
		}
	}
	for o, t := range r.d.tables {
		if t != nil && o.Database == database && r.d.c.Catalog.BaseTable(o.Database, o.Name) == nil {
			list = append(list, t)
		}
	}
	return list
}

// emit adds the changes. Tables that leave a file go first, then those that stay make room for others' names, then the moved ones
// come, and at last those that stay get theirs.
func (r *renaming) emit() error {
	d := r.d
	for _, was := range r.touched {
		if now := r.now(was); now.Database != was.Database {
			d.uses(was)
			d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, ID: uint64(was.ID), DBID: was.DBID,
				Database: was.Database, Name: was.Name, SQLite: append(was.DropFulltextsSQLite(), "DROP TABLE "+schemas.QuoteSQLite(was.SQLiteName))})
		}
	}
	for _, was := range r.touched {
		if now := r.now(was); now.Name != was.Name || now.Database != was.Database {
			now.SQLiteName = ""
		}
	}
	var last []*schemas.Table
	for _, was := range r.touched {
		now := r.now(was)
		if now.Database != was.Database {
			continue
		}
		var sqlite []string
		if now.Name != was.Name {
			sqlite = r.stays(was, now)
		}
		if len(sqlite) > 0 {
			last = append(last, now)
		}
		if err := d.newVersion(was, now, sqlite); err != nil {
			return err
		}
	}
	for _, was := range r.touched {
		if now := r.now(was); now.Database != was.Database {
			if err := r.comes(was, now); err != nil {
				return err
			}
		}
	}
	for _, now := range last {
		c := &txn.DefinitionChange{DBID: now.DBID}
		d.runLast(c, []string{"ALTER TABLE " + schemas.QuoteSQLite(movedTable(now)) + " RENAME TO " + schemas.QuoteSQLite(now.SQLiteName)})
	}
	return nil
}

// now is the table as the statement leaves it.
func (r *renaming) now(was *schemas.Table) *schemas.Table {
	for _, t := range r.d.tables {
		if t != nil && t.ID == was.ID {
			return t
		}
	}
	return was
}

// stays settles a table that stays in its file, and returns what makes room for its name.
func (r *renaming) stays(was, now *schemas.Table) []string {
	now.Settle(r.d.usedNames(now))
	if strings.EqualFold(now.SQLiteName, was.SQLiteName) {
		now.SQLiteName = was.SQLiteName // SQLite does not tell the two apart
		return nil
	}
	return []string{"ALTER TABLE " + schemas.QuoteSQLite(was.SQLiteName) + " RENAME TO " + schemas.QuoteSQLite(movedTable(was))}
}

// comes adds a table that comes from another file.
func (r *renaming) comes(was, now *schemas.Table) error {
	forgetSQLiteNames(now)
	now.Version = 0
	now.Settle(r.d.usedNames(now))
	body, err := schemas.EncodeTable(now)
	if err != nil {
		return err
	}
	columns := strings.Join(sqliteColumns(now), ", ")
	name := schemas.QuoteSQLite(movedTable(was))
	insert := "INSERT INTO " + name + " (" + columns + ") SELECT " + columns + " FROM "
	switch {
	case r.source != "":
		insert += "(" + r.source + ")"
	case was.Identity == schemas.WithoutRowID:
		insert += fromSQL(was)
	default:
		insert += fromSQL(was) + " ORDER BY " + was.RowIDSQLite()
	}
	r.d.move(was, now.DBID, now.CreateTableSQLite(movedTable(was)), insert)
	sqlite := append([]string{"ALTER TABLE " + name + " RENAME TO " + schemas.QuoteSQLite(now.SQLiteName)}, now.CreateIndexesSQLite()...)
	r.d.out.Body.Changes = append(r.d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Insert, ID: uint64(now.ID), DBID: now.DBID,
		Database: now.Database, Name: now.Name, Definition: body, SQLite: append(sqlite, now.CreateFulltextsSQLite()...)})
	return nil
}

// forgetSQLiteNames takes the names away that the table and its indexes have in the file that they leave.
func forgetSQLiteNames(t *schemas.Table) {
	t.SQLiteName = ""
	if t.Primary != nil {
		t.Primary.SQLiteName = ""
	}
	for i := range t.Indexes {
		t.Indexes[i].SQLiteName = ""
	}
}

// sqliteColumns are the columns of the table in its file, a hidden row id included.
func sqliteColumns(t *schemas.Table) []string {
	var list []string
	for i := range t.Columns {
		list = append(list, schemas.QuoteSQLite(t.Columns[i].Name))
	}
	if t.Identity == schemas.HiddenRowID {
		list = append(list, schemas.HiddenColumn)
	}
	return list
}

// alterAcross renames a table that ALTER TABLE works on into another database. Other changes of the statement are tried out where the
// table is.
func (a *alteration) alterAcross(to ObjectName, sqlite []string) error {
	r := &renaming{d: a.d}
	if !a.spec.onlyRenames() {
		a.from = fromSQL(a.old)
		source, err := a.source(false)
		if a.from = ""; err != nil {
			return err
		}
		r.shape, r.source = a.b.table, source
		a.d.out.Trial = &Trial{Database: a.old.DBID, SQLite: sqlite}
		if err := a.related(); err != nil { // while its name is the old one
			return err
		}
	}
	if err := r.pair(a.spec.name, to); err != nil {
		return err
	}
	return r.emit()
}
