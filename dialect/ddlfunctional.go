package dialect

import (
	"fmt"
	"slices"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// functionalPart is a part that is an expression. One of a unique index has its values in a hidden column of the table, as in
// MySQL, so that the index is like any other; of others only the catalog knows.
func (b *tableBuilder) functionalPart(ix *schemas.Index, w *indexSpec, part *partSpec, p schemas.IndexPart) (schemas.IndexPart, int, error) {
	switch {
	case w.kind == indexPrimary:
		return p, 0, mysqlerr.New(3756)
	case ix.Fulltext:
		return p, 0, mysqlerr.New(3759)
	case ix.Spatial:
		return p, 0, mysqlerr.New(3760)
	}
	tree, err := parseColumns(part.expression)
	if err != nil {
		return p, 0, err
	}
	if columnOnly(tree) {
		return p, 0, mysqlerr.New(3762)
	}
	name := ix.Name
	if name == "" {
		name = functionalIndex
	}
	if err := b.functionalUses(name, tree); err != nil {
		return p, 0, err
	}
	p.Expression = expressionText(tree, b.charset())
	if cast, ok := tree.(*sqlparser.CastExpr); ok && cast.Array {
		if ix.Unique {
			return p, 0, unsupported("UNIQUE index over an array")
		}
		return p, 0, nil
	}
	t, err := b.functionalType(p.Expression)
	if err != nil || !ix.Unique {
		return p, 0, err
	}
	p.Column = len(b.table.Columns)
	b.table.Columns = append(b.table.Columns, schemas.Column{Name: b.hiddenName(), Type: t, Nullable: true, Invisible: true, Hidden: true,
		Generated: &schemas.Generated{Expression: p.Expression, Stored: true}})
	full := rowBytes(&t)
	if t.Kind >= schemas.Char && t.Kind <= schemas.VarBinary {
		full = t.Length * maxLen(&t)
	}
	if full > maxKeyBytes {
		return p, 0, mysqlerr.New(mysql.ER_TOO_LONG_KEY, maxKeyBytes)
	}
	return p, full, nil
}

// functionalIndex is the name of an index over an expression that was given none.
const functionalIndex = "functional_index"

// functionalUses checks what the expression of the named index uses.
func (b *tableBuilder) functionalUses(index string, e sqlparser.Expr) error {
	r := referencesOf(e)
	if r.variables || r.subquery || len(r.functions) > 0 {
		return mysqlerr.New(3758, index)
	}
	for _, name := range r.columns {
		switch i := b.table.ColumnIndex(name); {
		case i < 0:
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, "functional index")
		case i == b.table.AutoIncrement:
			return mysqlerr.New(3754, index)
		}
	}
	return nil
}

// functionalType is the type of the values of an index over an expression.
func (b *tableBuilder) functionalType(text string) (schemas.Type, error) {
	o, err := compileTableExpression(b.c, b.table, text)
	if err != nil {
		return schemas.Type{}, err
	}
	t := storableType(o.Type)
	switch {
	case t.Kind == schemas.JSON:
		return t, mysqlerr.New(3753)
	case t.Kind == schemas.Geometry:
		return t, mysqlerr.New(3760)
	case t.IsLarge():
		return t, mysqlerr.New(3757)
	}
	return t, nil
}

// hiddenName is a name for a hidden column that no other column has.
func (b *tableBuilder) hiddenName() string {
	for n := 1; ; n++ {
		if name := fmt.Sprintf("!hidden!expression!%d", n); b.table.ColumnIndex(name) < 0 {
			return name
		}
	}
}

// dropHidden forgets the hidden columns of indexes that are gone.
func (a *alteration) dropHidden() {
	used := map[int]bool{}
	for _, ix := range allIndexes(a.b.table) {
		for _, p := range ix.Parts {
			used[p.Column] = true
		}
	}
	a.columns = slices.DeleteFunc(a.columns, func(c alteredColumn) bool { return c.Hidden && !used[c.number] })
}

// settleHidden lets the hidden columns follow the types of the columns that they are computed from.
func (a *alteration) settleHidden() error {
	t := a.b.table
	for i := range t.Columns {
		c := &t.Columns[i]
		if !c.Hidden {
			continue
		}
		now, err := a.b.functionalType(c.Generated.Expression)
		if err != nil {
			return err
		}
		c.Type, a.columns[i].Type = now, now
	}
	return nil
}

// addHidden lists the hidden columns that the alteration adds among the new columns.
func (a *alteration) addHidden() {
	for i := len(a.columns); i < len(a.b.table.Columns); i++ {
		a.columns = append(a.columns, alteredColumn{Column: a.b.table.Columns[i], number: a.next})
		a.next++
	}
}

// changesHidden reports whether hidden columns come or go.
func (a *alteration) changesHidden() bool {
	kept, before := 0, 0
	for i := range a.b.table.Columns {
		if !a.b.table.Columns[i].Hidden {
			continue
		}
		if a.oldColumn(i) == nil {
			return true
		}
		kept++
	}
	for i := range a.old.Columns {
		if a.old.Columns[i].Hidden {
			before++
		}
	}
	return kept != before
}

// usedByIndex reports whether an index over an expression uses the column.
func (a *alteration) usedByIndex(name string) bool {
	return slices.ContainsFunc(a.b.table.Indexes, func(ix schemas.Index) bool {
		return slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool {
			return p.Expression != "" && expressionUses(p.Expression, name)
		})
	})
}
