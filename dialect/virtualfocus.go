package dialect

import (
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// virtualUse is a table of the catalog's that a statement reads. Its rows are computed for the statement: those alone whose columns
// have the values that WHERE asks for, if the statement names the table once.
type virtualUse struct {
	table *virtualTable
	reads int // how often the statement names it
	terms []focusTerm
}

// focusTerm is a column that has to equal a text: that of a literal or parameter, or the current database.
type focusTerm struct {
	column  int
	ref     int
	current string // the text itself, if ref is negative
}

// useVirtual notes that the statement reads v.
func (k *compiler) useVirtual(v *virtualTable) *virtualUse {
	for _, have := range k.virtuals {
		if have.table == v || have.table.Database == v.Database && have.table.Name == v.Name {
			have.reads++
			return have
		}
	}
	u := &virtualUse{table: v, reads: 1}
	k.virtuals = append(k.virtuals, u)
	return u
}

// columnOf is a column of a source of this scope that is a table of the catalog's.
type columnOf struct {
	use    *virtualUse
	column int
}

// focus notes which values WHERE asks for in columns of the catalog's tables, directly or by way of columns that have to be equal.
func (c *selecting) focus(where sqlparser.Expr) {
	if len(c.k.virtuals) == 0 || c.k.c.Locals != nil { // a variable of a program hides a column of its name
		return
	}
	var equal [][2]columnOf
	for _, e := range sqlparser.SplitAndExpression(nil, where) {
		n, ok := e.(*sqlparser.ComparisonExpr)
		if !ok || n.Operator != sqlparser.EqualOp {
			continue
		}
		left, isLeft := c.virtualColumn(n.Left)
		right, isRight := c.virtualColumn(n.Right)
		switch {
		case isLeft && isRight:
			equal = append(equal, [2]columnOf{left, right}, [2]columnOf{right, left})
		case isLeft:
			c.k.term(left, n.Right)
		case isRight:
			c.k.term(right, n.Left)
		}
	}
	for range equal { // as often as a chain of them may be long
		for _, pair := range equal {
			pair[1].use.follow(pair[1].column, pair[0])
		}
	}
}

// virtualColumn is the column that an expression names, if it is one of the catalog's tables in this scope and nothing else.
func (c *selecting) virtualColumn(e sqlparser.Expr) (columnOf, bool) {
	n, ok := e.(*sqlparser.ColName)
	if !ok {
		return columnOf{}, false
	}
	var found columnOf
	for _, src := range c.sources {
		if q := n.Qualifier.Name.String(); q != "" && !strings.EqualFold(q, src.name) {
			continue
		}
		at := src.find(n.Name.String())
		if at < 0 {
			continue
		}
		if src.virtual == nil || found.use != nil {
			return columnOf{}, false
		}
		found = columnOf{src.virtual, at}
	}
	return found, found.use != nil
}

// term notes that a column has to equal the value of an expression, if that is known before the rows are.
func (k *compiler) term(column columnOf, e sqlparser.Expr) {
	t := focusTerm{column: column.column, ref: -1}
	switch n := e.(type) {
	case *sqlparser.Argument:
		ref, _, err := k.reference(n.Name)
		if err != nil {
			return
		}
		t.ref = ref
	case *sqlparser.Literal:
		if n.Type != sqlparser.StrVal {
			return
		}
		t.current = n.Val
	case *sqlparser.FuncExpr:
		if name := n.Name.Lowered(); len(n.Exprs) > 0 || name != "database" && name != "schema" || k.c.Database == "" {
			return
		}
		t.current = k.c.Database
	default:
		return
	}
	column.use.terms = append(column.use.terms, t)
}

// follow gives a column the values that another has to have.
func (u *virtualUse) follow(column int, other columnOf) {
	for _, t := range other.use.terms {
		t.column = columnIf(t.column == other.column, column)
		if t.column >= 0 && !slices.Contains(u.terms, t) {
			u.terms = append(u.terms, t)
		}
	}
}

func columnIf(ok bool, column int) int {
	if ok {
		return column
	}
	return -1
}

// focused is what one execution wants of a virtual table: texts by column.
type focused struct {
	table *virtualTable
	texts []focusedText
}

type focusedText struct {
	column int
	text   string
}

// wanted works the values out. A value that is no plain text decides nothing.
func (u *virtualUse) wanted(b Binding) focused {
	f := focused{table: u.table}
	if u.reads != 1 {
		return f
	}
	for _, t := range u.terms {
		text := t.current
		if t.ref >= 0 {
			v := b.value(t.ref, nil)
			if v.Kind() != txn.KindText {
				continue
			}
			text = string(v.Bytes())
		}
		if plain(text) {
			f.texts = append(f.texts, focusedText{t.column, text})
		}
	}
	return f
}

// plain reports whether every collation compares a text by its letters and nothing else.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// mayEqual reports whether a collation may find two texts equal, of which b is plain.
func mayEqual(a, b string) bool {
	return !plain(a) || strings.EqualFold(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
}

// has reports whether a row may be one of those that are wanted.
func (f focused) has(values []txn.Value) bool {
	for _, t := range f.texts {
		if v := values[t.column]; v.Kind() == txn.KindText && !mayEqual(string(v.Bytes()), t.text) {
			return false
		}
	}
	return true
}

// focusable are the tables whose rows tell of one table or view each, and of nothing beside it.
func focusable(v *virtualTable) bool {
	if v.Database != "information_schema" {
		return false
	}
	switch strings.ToLower(v.Name) {
	case "tables", "columns", "statistics", "key_column_usage", "table_constraints", "check_constraints", "partitions":
		return true
	}
	return false
}

// catalog leaves out of a catalog what no wanted row tells of. With a view that may be wanted it is whole: what a view's columns are
// depends on other tables.
func (f focused) catalog(c *schemas.Catalog) *schemas.Catalog {
	database, table := f.texts, f.texts
	if !focusable(f.table) {
		return c
	}
	database = slices.DeleteFunc(slices.Clone(database), func(t focusedText) bool { return !f.isColumn(t.column, "TABLE_SCHEMA", "CONSTRAINT_SCHEMA") })
	table = slices.DeleteFunc(slices.Clone(table), func(t focusedText) bool { return !f.isColumn(t.column, "TABLE_NAME") })
	if len(database)+len(table) == 0 {
		return c
	}
	wanted := func(list []focusedText, name string) bool {
		return !slices.ContainsFunc(list, func(t focusedText) bool { return !mayEqual(name, t.text) })
	}
	out := &schemas.Catalog{Position: c.Position, Version: c.Version, Private: c.Private, Databases: map[string]*schemas.Database{}}
	for name, d := range c.Databases {
		if !wanted(database, name) {
			continue
		}
		for view := range d.Views {
			if wanted(table, view) {
				return c
			}
		}
		own := *d
		own.Views, own.Tables = nil, map[string]*schemas.Table{}
		for n, t := range d.Tables {
			if wanted(table, n) {
				own.Tables[n] = t
			}
		}
		out.Databases[name] = &own
	}
	return out
}

func (f focused) isColumn(at int, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(f.table.Columns[at].Name, n) })
}
