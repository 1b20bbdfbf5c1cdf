package dialect

import (
	"bytes"
	"slices"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// settle gives the columns their places, lets indexes and foreign keys follow, and adds what the
// statement adds.
func (a *alteration) settle() error {
	a.dropHidden()
	t := a.b.table
	t.Columns = make([]schemas.Column, len(a.columns))
	place := map[int]int{}
	t.AutoIncrement = -1
	for i := range a.columns {
		t.Columns[i] = a.columns[i].Column
		place[a.columns[i].number] = i
		if a.columns[i].auto {
			t.AutoIncrement = i
		}
	}
	if err := a.inheritIndexes(place); err != nil {
		return err
	}
	move := func(ix *schemas.Index) {
		for i := range ix.Parts {
			if p := &ix.Parts[i]; p.Column >= 0 {
				p.Column = place[p.Column]
			}
		}
	}
	if t.Primary != nil {
		move(t.Primary)
	}
	for i := range t.Indexes {
		move(&t.Indexes[i])
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		for j := range fk.Columns {
			fk.Columns[j] = place[fk.Columns[j]]
		}
		if fk.ReferencedTable == t.Name && fk.ReferencedDatabase == t.Database {
			fk.ReferencedColumns = a.renamedColumns(fk.ReferencedColumns)
		}
	}
	if err := a.settleHidden(); err != nil {
		return err
	}
	if err := a.recheckIndexes(); err != nil {
		return err
	}
	err := a.b.finish(&a.spec.add)
	a.addHidden()
	return err
}

// inheritIndexes gives the indexes of columns that are dropped to new ones of the same names (see adds), which have to be as long as the parts of the
// indexes were. place is the place of each column by its number, and gets those of the dropped ones.
func (a *alteration) inheritIndexes(place map[int]int) error {
	t := a.b.table
	for i := range a.old.Columns {
		at := a.find(a.old.Columns[i].Name)
		if _, stays := place[i]; stays || at < 0 {
			continue
		}
		place[i] = at
		now := &t.Columns[at]
		for _, ix := range allIndexes(t) {
			for j := range ix.Parts {
				p := &ix.Parts[j]
				if p.Column != i || ix.Fulltext || ix.Spatial {
					continue
				}
				if err := inheritPart(p, &a.old.Columns[i].Type, &now.Type); err != nil {
					return err
				}
				now.Nullable = now.Nullable && ix != t.Primary
			}
		}
	}
	return nil
}

// inheritPart lets a part of an index over a column go on over another one, with the same number of bytes.
func inheritPart(p *schemas.IndexPart, old, now *schemas.Type) error {
	bytes := rowBytes(old)
	if old.Kind >= schemas.Char && old.Kind <= schemas.LongBlob {
		bytes = old.Length * maxLen(old)
		if p.Prefix > 0 {
			bytes = p.Prefix * maxLen(old)
		}
	}
	p.Prefix = 0
	if now.Kind < schemas.Char || now.Kind > schemas.LongBlob {
		if bytes != rowBytes(now) {
			return mysqlerr.New(mysql.ER_WRONG_SUB_KEY)
		}
		return nil
	}
	switch length := bytes / maxLen(now); {
	case !now.IsLarge() && length > now.Length:
		return mysqlerr.New(mysql.ER_WRONG_SUB_KEY)
	case now.IsLarge() || length < now.Length:
		p.Prefix = length
	}
	return nil
}

// renamedColumns lets a list of column names follow the renames.
func (a *alteration) renamedColumns(list []string) []string {
	out := slices.Clone(list)
	for i, c := range out {
		if to, ok := a.renamed[c]; ok {
			out[i] = to
		}
	}
	return out
}

// recheckIndexes checks the indexes that stay against columns whose types have changed.
func (a *alteration) recheckIndexes() error {
	t := a.b.table
	for _, ix := range allIndexes(t) {
		total := 0
		for i := range ix.Parts {
			p := &ix.Parts[i]
			if p.Column < 0 || ix.Fulltext || ix.Spatial {
				continue
			}
			length := -1
			if p.Prefix > 0 {
				length = p.Prefix
			}
			c := &t.Columns[p.Column]
			if length > 0 && !c.Type.IsLarge() && length >= c.Type.Length {
				length = -1
			}
			part, n, err := a.b.prefix(c, &partSpec{column: c.Name, length: length}, *p)
			if err != nil {
				return err
			}
			if length < 0 {
				part.Prefix = 0
			}
			*p = part
			total += n
		}
		if total > maxKeyBytes {
			return mysqlerr.New(mysql.ER_TOO_LONG_KEY, maxKeyBytes)
		}
	}
	return nil
}

// finish checks foreign keys from and to the table, renames it, and adds the change.
func (a *alteration) finish() error {
	t := a.b.table
	if err := a.foreignIndexes(); err != nil {
		return err
	}
	if err := a.algorithm(); err != nil {
		return err
	}
	a.d.out.Warnings = append(a.d.out.Warnings, a.b.warnings...)
	t.Settle(a.d.usedNames(a.old))
	sqlite, err := a.statements()
	if err != nil {
		return err
	}
	if a.cleared != "" {
		sqlite = append([]string{a.cleared}, sqlite...)
	}
	if len(sqlite) == 0 && a.spec.renameTo == nil && !a.setsCounter() && a.unchanged() {
		if a.d.unlogged = t.Temporary(); a.d.unlogged {
			return nil
		}
		return a.d.touch(a.old) // MySQL logs it, and makes the table anew
	}
	a.d.out.Check = a.partitionChecks(a.checks())
	for i := range t.ForeignKeys {
		if parent := a.parentOf(&t.ForeignKeys[i]); parent != nil && parent.DBID != t.DBID && !slices.Contains(a.d.out.Beside, parent.DBID) {
			a.d.out.Beside = append(a.d.out.Beside, parent.DBID)
		}
	}
	if t.AutoIncrement >= 0 && !t.Temporary() {
		t.AutoIncrementStart = max(t.AutoIncrementStart, 1) // which the catalog shows of a table that was altered, see tableStatus
	}
	if to := a.spec.renameTo; to != nil && *to != a.spec.name {
		if to.Database != a.spec.name.Database && !t.Temporary() {
			return a.alterAcross(*to, sqlite)
		}
		if err := a.renameTo(*to, sqlite); err != nil {
			return err
		}
	} else if err := a.d.update(a.old, t, sqlite); err != nil {
		return err
	}
	return a.related()
}

// unchanged reports whether the statement says nothing new (DISABLE KEYS, FORCE, the same engine).
func (a *alteration) unchanged() bool {
	before := *a.old
	before.Version = 0
	one, err := schemas.EncodeTable(&before)
	two, again := schemas.EncodeTable(a.b.table)
	return err == nil && again == nil && bytes.Equal(one, two)
}

func (a *alteration) renameTo(to ObjectName, sqlite []string) error {
	if err := checkName(to.Name, mysql.ER_WRONG_TABLE_NAME); err != nil {
		return err
	}
	if _, err := a.d.database(to.Database); err != nil {
		return err
	}
	if a.d.table(to) != nil || a.d.view(to) != nil {
		return mysqlerr.New(mysql.ER_TABLE_EXISTS_ERROR, to.Name)
	}
	return a.d.renameTable(a.old, a.b.table, to, sqlite)
}

// foreignIndexes checks that every foreign key still has the index it needs on both sides, and
// columns that fit.
func (a *alteration) foreignIndexes() error {
	t := a.b.table
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		if !hasLeadingIndex(t, fk.Columns) {
			return mysqlerr.New(mysql.ER_DROP_INDEX_FK, a.droppedIndex(fk.Name))
		}
		if parent := a.parentOf(fk); parent != nil {
			checked := *fk
			checked.ReferencedColumns = slices.Clone(fk.ReferencedColumns)
			if err := foreignFits(&checked, t, parent); err != nil && (!a.d.c.NoForeignKeys || mysqlerr.Code(err) == 3780) {
				return err
			}
		}
		for _, c := range fk.Columns {
			if !t.Columns[c].Nullable && (fk.OnDelete == schemas.SetNull || fk.OnUpdate == schemas.SetNull) {
				return mysqlerr.New(mysql.ER_FK_COLUMN_NOT_NULL, t.Columns[c].Name, fk.Name)
			}
		}
	}
	for _, ref := range a.d.referencing(ObjectName{a.old.Database, a.old.Name}) {
		if ref.Child.ID == a.old.ID {
			continue
		}
		checked := *ref.Key
		checked.ReferencedColumns = a.renamedColumns(ref.Key.ReferencedColumns)
		err := foreignFits(&checked, ref.Child, t)
		if mysqlerr.Code(err) == 6125 && len(a.dropped) > 0 {
			return mysqlerr.New(mysql.ER_DROP_INDEX_FK, a.droppedIndex(""))
		}
		if err != nil && !a.d.c.NoForeignKeys {
			return err
		}
	}
	return nil
}

// droppedIndex names the index that the statement drops, for messages.
func (a *alteration) droppedIndex(fallback string) string {
	if len(a.dropped) > 0 {
		return a.dropped[0]
	}
	return fallback
}

func (a *alteration) parentOf(fk *schemas.ForeignKey) *schemas.Table {
	if fk.ReferencedTable == a.b.table.Name && fk.ReferencedDatabase == a.b.table.Database {
		return a.b.table
	}
	return a.d.table(ObjectName{fk.ReferencedDatabase, fk.ReferencedTable})
}

// hasLeadingIndex reports whether some index begins with the columns, in this order.
func hasLeadingIndex(t *schemas.Table, columns []int) bool {
	return slices.ContainsFunc(allIndexes(t), func(ix *schemas.Index) bool {
		if ix.Fulltext || ix.Spatial || len(ix.Parts) < len(columns) {
			return false
		}
		for i, c := range columns {
			if ix.Parts[i].Column != c || ix.Parts[i].Prefix > 0 {
				return false
			}
		}
		return true
	})
}

// related raises the versions of the tables at the other ends of foreign keys: parents whose set of
// children changed, and children of columns that changed.
func (a *alteration) related() error {
	if !sameForeignKeys(a.old.ForeignKeys, a.b.table.ForeignKeys) {
		if err := a.d.touchParents(a.old); err != nil {
			return err
		}
		if err := a.d.touchParents(a.b.table); err != nil {
			return err
		}
	}
	for _, ref := range a.d.referencing(ObjectName{a.b.table.Database, a.b.table.Name}) {
		if ref.Child.ID == a.old.ID {
			continue
		}
		child := ref.Child.Clone()
		changed := false
		for i := range child.ForeignKeys {
			fk := &child.ForeignKeys[i]
			if fk.ReferencedTable != a.b.table.Name || fk.ReferencedDatabase != a.b.table.Database {
				continue
			}
			if list := a.renamedColumns(fk.ReferencedColumns); !slices.Equal(list, fk.ReferencedColumns) {
				fk.ReferencedColumns, changed = list, true
			}
		}
		if !changed {
			if a.retyped(ref.Key.ReferencedColumns) {
				if err := a.d.touch(ref.Child); err != nil {
					return err
				}
			}
			continue
		}
		if err := a.d.update(ref.Child, child, nil); err != nil {
			return err
		}
	}
	return nil
}

// retyped reports whether one of the columns has another type now.
func (a *alteration) retyped(columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		i, j := a.old.ColumnIndex(name), a.b.table.ColumnIndex(name)
		return i < 0 || j < 0 || !equalTypes(&a.old.Columns[i].Type, &a.b.table.Columns[j].Type)
	})
}

func sameForeignKeys(a, b []schemas.ForeignKey) bool {
	return slices.EqualFunc(a, b, func(x, y schemas.ForeignKey) bool {
		return x.Name == y.Name && slices.Equal(x.Columns, y.Columns) && x.ReferencedTable == y.ReferencedTable &&
			slices.Equal(x.ReferencedColumns, y.ReferencedColumns) && x.OnDelete == y.OnDelete && x.OnUpdate == y.OnUpdate
	})
}

// oldColumn returns the column of the old table that became the i-th of the new one, or nil.
func (a *alteration) oldColumn(i int) *schemas.Column {
	if n := a.columns[i].number; n < len(a.old.Columns) {
		return &a.old.Columns[n]
	}
	return nil
}

// strict reports whether values that do not fit are errors.
func (a *alteration) strict() bool { return a.d.c.Mode&(StrictTransTables|StrictAllTables) != 0 }
