package dialect

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// keepsForeignKeys reports whether the engine that a table names has foreign keys: in MySQL the others read and forget
// them, https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-foreign-keys.html.
func keepsForeignKeys(t *schemas.Table) bool { return t.Engine == "" || t.Engine == "InnoDB" }

// foreignKeys adds foreign keys to the table and checks them against their parents.
func (b *tableBuilder) foreignKeys(specs []foreignSpec) error {
	t := b.table
	if !keepsForeignKeys(t) {
		return nil
	}
	for i := range t.ForeignKeys {
		b.foreignNumber = max(b.foreignNumber, madeNumber(t.ForeignKeys[i].Name, t.Name, "_ibfk_"))
	}
	for i := range specs {
		fk, err := b.foreignKey(&specs[i])
		if err != nil {
			return err
		}
		t.ForeignKeys = append(t.ForeignKeys, *fk)
	}
	slices.SortStableFunc(t.ForeignKeys, func(x, y schemas.ForeignKey) int {
		return cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name))
	})
	return nil
}

// madeNumber returns n of a name of the form table + infix + n, or 0.
func madeNumber(name, table, infix string) int {
	rest, ok := strings.CutPrefix(name, table+infix)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return 0
	}
	return n
}

func (b *tableBuilder) foreignKey(w *foreignSpec) (*schemas.ForeignKey, error) {
	t := b.table
	fk := &schemas.ForeignKey{Name: w.name, ReferencedDatabase: w.parent.Database, ReferencedTable: w.parent.Name,
		ReferencedColumns: slices.Clone(w.parentColumns), OnDelete: w.onDelete, OnUpdate: w.onUpdate}
	if fk.ReferencedDatabase == "" {
		fk.ReferencedDatabase = t.Database
	}
	if len(w.parentColumns) != len(w.columns) {
		name := w.name
		if name == "" {
			name = "foreign key without name"
		}
		return nil, mysqlerr.New(mysql.ER_WRONG_FK_DEF, name, "Key reference and table reference don't match")
	}
	if fk.Name == "" {
		b.foreignNumber++
		fk.Name = fmt.Sprintf("%s_ibfk_%d", t.Name, b.foreignNumber)
	}
	if err := b.foreignName(fk.Name); err != nil {
		return nil, err
	}
	for _, name := range w.columns {
		c := t.ColumnIndex(name)
		if c < 0 {
			return nil, mysqlerr.New(mysql.ER_KEY_COLUMN_DOES_NOT_EXITS, name)
		}
		if err := b.foreignColumn(fk, w, &t.Columns[c]); err != nil {
			return nil, err
		}
		fk.Columns = append(fk.Columns, c)
	}
	return fk, b.parent(fk)
}

// foreignName refuses a name that another foreign key of the database has, one that the same statement drops included.
func (b *tableBuilder) foreignName(name string) error {
	for _, t := range b.c.Catalog.Database(b.table.Database).Tables {
		for i := range t.ForeignKeys {
			if strings.EqualFold(t.ForeignKeys[i].Name, name) {
				return mysqlerr.New(mysql.ER_FK_DUP_NAME, name)
			}
		}
	}
	for i := range b.table.ForeignKeys {
		if strings.EqualFold(b.table.ForeignKeys[i].Name, name) {
			return mysqlerr.New(mysql.ER_FK_DUP_NAME, name)
		}
	}
	return nil
}

// foreignColumn checks a child column against the actions.
func (b *tableBuilder) foreignColumn(fk *schemas.ForeignKey, w *foreignSpec, c *schemas.Column) error {
	if !c.Nullable && (fk.OnDelete == schemas.SetNull || fk.OnUpdate == schemas.SetNull) {
		return mysqlerr.New(mysql.ER_FK_COLUMN_NOT_NULL, c.Name, fk.Name)
	}
	if c.Generated == nil {
		return nil
	}
	if !c.Generated.Stored {
		return mysqlerr.New(3733, fk.Name, c.Name)
	}
	switch {
	case fk.OnUpdate == schemas.Cascade:
		return mysqlerr.New(3104, "ON UPDATE CASCADE")
	case fk.OnUpdate == schemas.SetNull:
		return mysqlerr.New(3104, "ON UPDATE SET NULL")
	case fk.OnDelete == schemas.SetNull:
		return mysqlerr.New(3104, "ON DELETE SET NULL")
	case w.setDefault:
		return mysqlerr.New(3104, "SET DEFAULT")
	}
	return nil
}

// parent checks that the parent is there and has a unique index over the columns, of the same
// types. With foreign_key_checks=0 the parent may come later.
func (b *tableBuilder) parent(fk *schemas.ForeignKey) error {
	p := b.c.Catalog.BaseTable(fk.ReferencedDatabase, fk.ReferencedTable)
	if fk.ReferencedTable == b.table.Name && fk.ReferencedDatabase == b.table.Database {
		p = b.table
	}
	if p == nil || !keepsForeignKeys(p) {
		if b.c.NoForeignKeys {
			return nil
		}
		return mysqlerr.New(mysql.ER_FK_CANNOT_OPEN_PARENT, fk.ReferencedTable)
	}
	if p.Partitioning != nil {
		return mysqlerr.Newf(mysql.ER_FOREIGN_KEY_ON_PARTITIONED, "Foreign keys are not yet supported in conjunction with partitioning")
	}
	return foreignFits(fk, b.table, p)
}

// foreignFits checks a foreign key of child against its parent.
func foreignFits(fk *schemas.ForeignKey, child, parent *schemas.Table) error {
	var columns []int
	for i, name := range fk.ReferencedColumns {
		c := parent.ColumnIndex(name)
		if c < 0 {
			return mysqlerr.New(3734, name, fk.Name, parent.Name)
		}
		fk.ReferencedColumns[i] = parent.Columns[c].Name
		a, p := &child.Columns[fk.Columns[i]], &parent.Columns[c]
		if !sameForeignType(&a.Type, &p.Type) {
			return mysqlerr.New(3780, a.Name, p.Name, fk.Name)
		}
		if p.Generated != nil && !p.Generated.Stored {
			return mysqlerr.New(3733, fk.Name, p.Name)
		}
		columns = append(columns, c)
	}
	for _, ix := range parent.UniqueIndexes() {
		if sameColumns(ix, columns) {
			return nil
		}
	}
	return mysqlerr.New(6125, fk.Name, parent.Name)
}

// sameColumns reports whether the index is over just these whole columns, in this order.
func sameColumns(ix *schemas.Index, columns []int) bool {
	if len(ix.Parts) != len(columns) {
		return false
	}
	for i, p := range ix.Parts {
		if p.Column != columns[i] || p.Prefix > 0 {
			return false
		}
	}
	return true
}

// sameForeignType reports whether a column of one type may refer to one of the other.
func sameForeignType(a, b *schemas.Type) bool {
	text := func(k schemas.Kind) bool { return k == schemas.Char || k == schemas.VarChar }
	moment := func(k schemas.Kind) bool { return k == schemas.DateTime || k == schemas.Timestamp }
	binary := func(k schemas.Kind) bool { return k == schemas.Binary || k == schemas.VarBinary }
	switch {
	case text(a.Kind) && text(b.Kind):
		return a.Collation == b.Collation
	case binary(a.Kind) && binary(b.Kind):
		return true
	case a.Kind == schemas.Decimal || a.Kind == schemas.Double || a.Kind == schemas.Float:
		return b.Kind == a.Kind
	case moment(a.Kind) && moment(b.Kind):
		return true
	}
	return a.Kind == b.Kind && a.Unsigned == b.Unsigned && a.Collation == b.Collation
}

// checks adds CHECK constraints.
func (b *tableBuilder) checks(specs []checkSpec) error {
	t := b.table
	for i := range t.Checks {
		b.checkNumber = max(b.checkNumber, madeNumber(t.Checks[i].Name, t.Name, "_chk_"))
	}
	for i := range specs {
		w := &specs[i]
		k := schemas.Check{Name: w.name, Enforced: w.enforced}
		if k.Name == "" {
			b.checkNumber++
			k.Name = fmt.Sprintf("%s_chk_%d", t.Name, b.checkNumber)
		}
		if err := b.checkConstraintName(k.Name); err != nil {
			return err
		}
		tree, err := parseColumns(w.expression)
		if err != nil {
			return err
		}
		if err := b.checkExpression(k.Name, w.column, tree); err != nil {
			return err
		}
		k.Expression = expressionText(tree, b.charset())
		if err := b.compiles(k.Expression, func(string) error { return mysqlerr.New(3812, k.Name) }); err != nil {
			return err
		}
		t.Checks = append(t.Checks, k)
	}
	slices.SortStableFunc(t.Checks, func(x, y schemas.Check) int { return cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	return nil
}

// checkConstraintName refuses a name that another check of the database has.
func (b *tableBuilder) checkConstraintName(name string) error {
	for _, t := range b.c.Catalog.Database(b.table.Database).Tables {
		if t.ID == b.table.ID && b.table.ID != 0 {
			t = b.table
		}
		for i := range t.Checks {
			if strings.EqualFold(t.Checks[i].Name, name) {
				return mysqlerr.New(3822, name)
			}
		}
	}
	for i := range b.table.Checks {
		if strings.EqualFold(b.table.Checks[i].Name, name) {
			return mysqlerr.New(3822, name)
		}
	}
	return nil
}
