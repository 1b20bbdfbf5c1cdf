package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// alteration is ALTER TABLE being worked out. Until the columns have their places, indexes and
// foreign keys name columns by number: that in the old table, or one above for new columns.
type alteration struct {
	d       *definition
	b       *tableBuilder
	old     *schemas.Table
	spec    *alterSpec
	columns []alteredColumn
	next    int // number of the next new column
	// dropped names the indexes that the statement drops.
	dropped []string
	// renamed are the columns of the old table that have another name now, by old name.
	renamed map[string]string
	// from is the SQL name that the rows of the old table are read by, if it is not its own.
	from string
	// cleared takes the rows of partitions away that are emptied or dropped.
	cleared string
}

// alteredColumn is a column of the new table.
type alteredColumn struct {
	schemas.Column
	number int
	// touched: its definition was given anew.
	touched bool
	// auto: it is an AUTO_INCREMENT column.
	auto bool
}

// alterTable works ALTER TABLE out.
func (d *definition) alterTable(spec *alterSpec) error {
	if isVirtualDatabase(spec.name.Database) {
		_, err := d.database(spec.name.Database)
		return err
	}
	old := d.table(spec.name)
	if old == nil {
		if d.view(spec.name) != nil {
			return mysqlerr.New(mysql.ER_WRONG_OBJECT, spec.name.Database, spec.name.Name, "BASE TABLE")
		}
		if d.c.Catalog.Database(spec.name.Database) == nil {
			return mysqlerr.New(mysql.ER_BAD_DB_ERROR, spec.name.Database)
		}
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, spec.name.Database, spec.name.Name)
	}
	if to := spec.renameTo; to != nil && *to != spec.name && !old.Temporary() { // which MySQL looks at before all else
		err := checkName(to.Name, mysql.ER_WRONG_TABLE_NAME)
		if err == nil {
			err = d.mayRename(spec.name, *to, true)
		}
		if err != nil {
			return err
		}
	}
	table := old.Clone()
	table.Version = 0
	a := &alteration{d: d, old: old, spec: spec, next: len(old.Columns), renamed: map[string]string{},
		b: &tableBuilder{c: d.c, e: d.e, s: d.s, table: table, explicit: map[string]bool{}}}
	for i := range table.Columns {
		a.columns = append(a.columns, alteredColumn{Column: table.Columns[i], number: i, auto: i == old.AutoIncrement})
	}
	if err := a.options(); err != nil {
		return err
	}
	for i := range spec.actions {
		if err := a.action(&spec.actions[i]); err != nil {
			return err
		}
	}
	if err := a.checkColumns(); err != nil {
		return err
	}
	if err := a.settle(); err != nil {
		return err
	}
	a.read()
	if err := a.partitions(); err != nil {
		return err
	}
	if err := spec.checkOrder(old); err != nil {
		return err
	}
	if len(spec.order) > 0 && a.b.table.Primary != nil {
		d.note(mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "ORDER BY ignored as there is a user-defined clustered index in the table '%s'", a.old.Name))
	}
	return a.finish()
}

// options changes the table's options. A table with foreign keys, of its own or to it, keeps its engine.
func (a *alteration) options() error {
	if err := a.b.options(a.spec.add.options); err != nil {
		return err
	}
	name := ObjectName{a.old.Database, a.old.Name}
	if keepsForeignKeys(a.b.table) != keepsForeignKeys(a.old) && (len(a.old.ForeignKeys) > 0 || len(a.d.referencing(name)) > 0) {
		return mysqlerr.New(3776)
	}
	return nil
}

func (a *alteration) action(x *alterAction) error {
	switch x.kind {
	case alterAddColumn:
		return a.addColumn(x)
	case alterChangeColumn:
		return a.changeColumn(x)
	case alterRenameColumn:
		return a.renameColumn(x.name, x.to)
	case alterDropColumn:
		return a.dropColumn(x.name)
	case alterSetDefault, alterDropDefault, alterColumnVisible:
		return a.alterColumn(x)
	case alterDropIndex, alterRenameIndex, alterIndexVisible:
		return a.alterIndex(x)
	case alterConvert:
		return a.convert(x)
	}
	return a.alterConstraint(x)
}

// find returns the place of a column among the new ones, or -1.
func (a *alteration) find(name string) int {
	return slices.IndexFunc(a.columns, func(c alteredColumn) bool { return strings.EqualFold(c.Name, name) })
}

// findOld returns the place among the new columns of the one that the old table has under the name, or -1: what an action changes
// or drops it names as it was before the statement, whatever the actions before did.
func (a *alteration) findOld(name string) int {
	number := a.old.ColumnIndex(name)
	return slices.IndexFunc(a.columns, func(c alteredColumn) bool { return number >= 0 && c.number == number })
}

// drops reports whether the statement drops the column.
func (a *alteration) drops(name string) bool {
	return slices.ContainsFunc(a.spec.actions, func(x alterAction) bool { return x.kind == alterDropColumn && strings.EqualFold(x.name, name) })
}

// adds reports whether the statement adds a column of this name. Indexes of a column that it drops as well are then kept for the new one, as MySQL
// finds the columns of an index by name.
func (a *alteration) adds(name string) bool {
	return slices.ContainsFunc(a.spec.actions, func(x alterAction) bool { return x.kind == alterAddColumn && strings.EqualFold(x.column.name, name) })
}

// checkColumns looks at all columns together: the statement may leave none, nor two of one name or two that are AUTO_INCREMENT.
func (a *alteration) checkColumns() error {
	if len(a.columns) == 0 {
		return mysqlerr.New(mysql.ER_CANT_REMOVE_ALL_FIELDS)
	}
	for i := range a.columns {
		if a.find(a.columns[i].Name) < i {
			return mysqlerr.New(mysql.ER_DUP_FIELDNAME, a.columns[i].Name)
		}
	}
	auto := slices.IndexFunc(a.columns, func(c alteredColumn) bool { return c.auto })
	if auto >= 0 && slices.ContainsFunc(a.columns[auto+1:], func(c alteredColumn) bool { return c.auto }) {
		return mysqlerr.New(mysql.ER_WRONG_AUTO_KEY)
	}
	return nil
}

// unknownColumn is error 1054 in the words of ALTER TABLE.
func (a *alteration) unknownColumn(name string) error {
	return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, a.old.Name)
}

// place is where FIRST, AFTER or neither puts a column that comes at the end or stays at usual.
func (a *alteration) place(x *alterAction, usual int) (int, error) {
	switch {
	case x.first:
		return 0, nil
	case x.after != "":
		i := slices.IndexFunc(a.columns, func(c alteredColumn) bool { return strings.EqualFold(a.nameAtLast(&c), x.after) })
		if i < 0 {
			return 0, a.unknownColumn(x.after)
		}
		return i + 1, nil
	}
	return usual, nil
}

// nameAtLast is the name that a column has behind all actions, by which AFTER knows it.
func (a *alteration) nameAtLast(c *alteredColumn) string {
	if c.number >= len(a.old.Columns) {
		return c.Name
	}
	was := a.old.Columns[c.number].Name
	for i := range a.spec.actions {
		x := &a.spec.actions[i]
		switch {
		case !strings.EqualFold(x.name, was):
		case x.kind == alterRenameColumn:
			return x.to
		case x.kind == alterChangeColumn:
			return x.column.name
		}
	}
	return was
}

func (a *alteration) addColumn(x *alterAction) error {
	c, err := a.b.column(&x.column)
	if err != nil {
		return err
	}
	at, err := a.place(x, len(a.columns))
	if err != nil {
		return err
	}
	a.columns = slices.Insert(a.columns, at, alteredColumn{Column: c, number: a.next, touched: true, auto: x.column.autoIncrement})
	a.next++
	return nil
}

func (a *alteration) changeColumn(x *alterAction) error {
	at := a.findOld(x.name)
	if at < 0 {
		return a.unknownColumn(x.name)
	}
	if !strings.EqualFold(x.name, x.column.name) {
		if err := a.mayRename(x.name); err != nil {
			return err
		}
	}
	c, err := a.b.column(&x.column)
	if err != nil {
		return err
	}
	was := a.columns[at]
	if (was.Generated != nil) != (c.Generated != nil) && (was.Generated != nil && !was.Generated.Stored || c.Generated != nil && !c.Generated.Stored) {
		return mysqlerr.New(3106, "Changing the STORED status")
	}
	if a.isPrimary(was.number) {
		if (x.column.null || x.column.def != nil && x.column.def.word == "NULL") && !x.column.notNull {
			return mysqlerr.New(mysql.ER_PRIMARY_CANT_HAVE_NULL)
		}
		c.Nullable = false
	}
	keepUnsaid(&c, &was.Column, x.to != "", a.isPrimary(was.number) && !x.column.notNull && !x.column.primary)
	if was.Name != c.Name && was.number < len(a.old.Columns) {
		a.renamed[a.old.Columns[was.number].Name] = c.Name
	}
	a.columns = slices.Delete(a.columns, at, at+1)
	to, err := a.place(x, at)
	if err != nil {
		return err
	}
	a.columns = slices.Insert(a.columns, to, alteredColumn{Column: c, number: was.number, touched: true, auto: x.column.autoIncrement})
	return nil
}

// keepUnsaid notes what a statement that changes a column leaves unsaid: a reader of statements keeps the old comment at CHANGE, and begins anew at MODIFY.
func keepUnsaid(c, was *schemas.Column, change, nullable bool) {
	var d schemas.Declaration
	if c.Type.Declared != nil {
		d = *c.Type.Declared
	}
	if change && c.Comment == "" {
		d.Comment = was.ReadComment()
	}
	if d.Nullable = nullable; d.Comment != "" || nullable {
		c.Type.Declared = &d
	}
}

// isPrimary reports whether the column with the number is part of the primary key.
func (a *alteration) isPrimary(number int) bool {
	p := a.b.table.Primary
	return p != nil && slices.ContainsFunc(p.Parts, func(x schemas.IndexPart) bool { return x.Column == number })
}

func (a *alteration) renameColumn(from, to string) error {
	at := a.findOld(from)
	if at < 0 {
		return a.unknownColumn(from)
	}
	if err := checkName(to, mysql.ER_WRONG_COLUMN_NAME); err != nil {
		return err
	}
	if err := a.mayRename(from); err != nil {
		return err
	}
	c := &a.columns[at]
	if c.touched || c.Name != a.old.Columns[c.number].Name {
		return a.unknownColumn(from) // another action names it as well
	}
	if c.number < len(a.old.Columns) {
		a.renamed[a.old.Columns[c.number].Name] = to
	}
	c.Name = to
	return nil
}

// mayRename refuses to rename or drop a column that expressions use.
func (a *alteration) mayRename(name string) error {
	for i := range a.b.table.Checks {
		if k := &a.b.table.Checks[i]; expressionUses(k.Expression, name) {
			return mysqlerr.New(3959, k.Name, name)
		}
	}
	return a.usedByColumns(name)
}

// usedByColumns refuses a column that a generated column, a default or an index over an
// expression uses.
func (a *alteration) usedByColumns(name string) error {
	for i := range a.columns {
		c := &a.columns[i]
		if c.Hidden || a.drops(c.Name) {
			continue
		}
		if c.Generated != nil && !strings.EqualFold(c.Name, name) && expressionUses(c.Generated.Expression, name) {
			return mysqlerr.New(3108, name)
		}
		if c.Default != nil && c.Default.Expression != "" && !strings.EqualFold(c.Name, name) && expressionUses(c.Default.Expression, name) {
			return mysqlerr.New(errDefaultDependency, name, a.old.Name)
		}
	}
	if a.usedByIndex(name) {
		return mysqlerr.New(3837, name)
	}
	return nil
}

// expressionUses reports whether an expression names the column.
func expressionUses(text, column string) bool {
	tree, err := parseExpression(text)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(referencesOf(tree).columns, func(c string) bool { return strings.EqualFold(c, column) })
}

func (a *alteration) dropColumn(name string) error {
	at := a.findOld(name)
	if at < 0 {
		return cantDrop(name)
	}
	if a.columns[at].touched || a.columns[at].Name != a.old.Columns[a.columns[at].number].Name {
		return a.unknownColumn(name) // another action names it as well
	}
	t := a.b.table
	number := a.columns[at].number
	if err := a.usedByColumns(name); err != nil {
		return err
	}
	if err := a.dropColumnChecks(name); err != nil {
		return err
	}
	for i := range t.ForeignKeys {
		if fk := &t.ForeignKeys[i]; slices.Contains(fk.Columns, number) {
			return mysqlerr.New(mysql.ER_FK_COLUMN_CANNOT_DROP, name, fk.Name)
		}
	}
	for _, ref := range a.d.referencing(ObjectName{a.old.Database, a.old.Name}) {
		if slices.ContainsFunc(ref.Key.ReferencedColumns, func(c string) bool { return strings.EqualFold(c, name) }) {
			return mysqlerr.New(mysql.ER_FK_COLUMN_CANNOT_DROP_CHILD, name, ref.Key.Name, ref.Child.Name)
		}
	}
	a.columns = slices.Delete(a.columns, at, at+1)
	if a.adds(name) {
		return nil // which the indexes will be over
	}
	without := func(ix *schemas.Index) bool {
		ix.Parts = slices.DeleteFunc(ix.Parts, func(p schemas.IndexPart) bool { return p.Column == number })
		return len(ix.Parts) == 0
	}
	if t.Primary != nil && without(t.Primary) {
		t.Primary = nil
	}
	kept := t.Indexes[:0]
	for i := range t.Indexes {
		if ix := t.Indexes[i]; !without(&ix) {
			kept = append(kept, ix)
		}
	}
	t.Indexes = kept
	return nil
}

// dropColumnChecks drops the checks that use this column alone and refuses if others use it.
func (a *alteration) dropColumnChecks(name string) error {
	t := a.b.table
	for i := range t.Checks {
		k := &t.Checks[i]
		if !expressionUses(k.Expression, name) || a.dropsCheck(k.Name) {
			continue
		}
		tree, err := parseExpression(k.Expression)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(referencesOf(tree).columns, func(c string) bool { return !strings.EqualFold(c, name) }) {
			return mysqlerr.New(3959, k.Name, name)
		}
	}
	t.Checks = slices.DeleteFunc(t.Checks, func(k schemas.Check) bool { return expressionUses(k.Expression, name) && !a.dropsCheck(k.Name) })
	return nil
}

// dropsCheck reports whether the statement drops the check itself.
func (a *alteration) dropsCheck(name string) bool {
	return slices.ContainsFunc(a.spec.actions, func(x alterAction) bool {
		return (x.kind == alterDropCheck || x.kind == alterDropConstraint) && strings.EqualFold(x.name, name)
	})
}

func (a *alteration) alterColumn(x *alterAction) error {
	at := a.findOld(x.name)
	if at < 0 {
		return a.unknownColumn(x.name)
	}
	c := &a.columns[at]
	switch x.kind {
	case alterColumnVisible:
		c.Invisible = !x.flag
	case alterDropDefault:
		c.Default, c.NoDefault = nil, c.Nullable
	case alterSetDefault:
		if c.auto || c.Generated != nil {
			return mysqlerr.New(mysql.ER_INVALID_DEFAULT, c.Name)
		}
		def, err := a.b.defaultOf(&c.Column, x.def, !c.Nullable)
		if err != nil {
			return err
		}
		c.Default, c.NoDefault = def, false
	}
	return nil
}

func (a *alteration) alterIndex(x *alterAction) error {
	t := a.b.table
	if x.kind == alterDropIndex {
		a.dropped = append(a.dropped, x.name)
		if strings.EqualFold(x.name, "PRIMARY") {
			if a.old.Primary == nil {
				return cantDrop("PRIMARY")
			}
			t.Primary = nil
			return nil
		}
		if a.old.Index(x.name) == nil { // whose columns another action may have dropped already
			return cantDrop(x.name)
		}
		t.Indexes = slices.DeleteFunc(t.Indexes, func(ix schemas.Index) bool { return strings.EqualFold(ix.Name, x.name) })
		return nil
	}
	at := slices.IndexFunc(t.Indexes, func(ix schemas.Index) bool { return strings.EqualFold(ix.Name, x.name) })
	if at < 0 {
		return mysqlerr.New(mysql.ER_KEY_DOES_NOT_EXITS, x.name, t.Name)
	}
	if x.kind == alterIndexVisible {
		t.Indexes[at].Invisible = !x.flag
		return nil
	}
	if strings.EqualFold(x.to, "PRIMARY") {
		return mysqlerr.New(mysql.ER_WRONG_NAME_FOR_INDEX, x.to)
	}
	for i := range t.Indexes {
		if i != at && strings.EqualFold(t.Indexes[i].Name, x.to) {
			return mysqlerr.New(mysql.ER_DUP_KEYNAME, x.to)
		}
	}
	t.Indexes[at].Name = x.to
	return nil
}

func (a *alteration) alterConstraint(x *alterAction) error {
	t := a.b.table
	check := slices.IndexFunc(t.Checks, func(k schemas.Check) bool { return strings.EqualFold(k.Name, x.name) })
	foreign := slices.IndexFunc(t.ForeignKeys, func(k schemas.ForeignKey) bool { return strings.EqualFold(k.Name, x.name) })
	switch x.kind {
	case alterDropForeign:
		if foreign < 0 {
			return cantDrop(x.name)
		}
	case alterDropCheck, alterCheckEnforced:
		if check < 0 {
			return mysqlerr.New(3821, x.name)
		}
		foreign = -1
	case alterDropConstraint:
		unique := t.Index(x.name)
		switch {
		case check < 0 && foreign < 0 && unique != nil && (unique.Unique || unique == t.Primary):
			return a.alterIndex(&alterAction{kind: alterDropIndex, name: x.name})
		case check >= 0 && foreign >= 0:
			return mysqlerr.New(3939, x.name, "DROP")
		case check < 0 && foreign < 0:
			return mysqlerr.New(3940, x.name)
		}
	}
	switch {
	case x.kind == alterCheckEnforced:
		t.Checks[check].Enforced = x.flag
	case foreign >= 0:
		t.ForeignKeys = slices.Delete(t.ForeignKeys, foreign, foreign+1)
	default:
		t.Checks = slices.Delete(t.Checks, check, check+1)
	}
	return nil
}

// convert is CONVERT TO CHARACTER SET: the table's default and each text column.
func (a *alteration) convert(x *alterAction) error {
	t := a.b.table
	charset := x.charset
	if strings.EqualFold(charset, "DEFAULT") {
		charset = a.d.c.Catalog.Database(t.Database).Charset
	}
	charset, collation, err := charsetOf(charset, x.collate)
	if err != nil {
		return err
	}
	t.Charset, t.Collation = charset, collation
	a.b.warnings = append(a.b.warnings, charsetWarnings(x.charset, x.collate)...)
	for i := range a.columns {
		c := &a.columns[i]
		if !c.Type.IsText() {
			continue
		}
		was := maxLen(&c.Type)
		c.Type.Charset, c.Type.Collation = charset, collation
		if maxLen(&c.Type) > was && c.Type.Kind >= schemas.TinyText && c.Type.Kind < schemas.LongText {
			c.Type.Kind++ // the longest text has to fit still
		}
		if most := 65535 / maxLen(&c.Type); c.Type.Kind == schemas.VarChar && c.Type.Length > most {
			return mysqlerr.New(mysql.ER_TOO_BIG_FIELDLENGTH, c.Name, most)
		}
	}
	return nil
}
