package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// columnKey is a column of one source.
type columnKey struct {
	source *source
	column int
}

// dependence works out which columns of a grouped query have one value a group.
type dependence struct {
	c      *selecting
	known  map[columnKey]bool
	groups map[string]bool // SQL of the grouping expressions
	having bool            // it is HAVING that is looked at
}

// fullGroupBy is the check of ONLY_FULL_GROUP_BY.
func (c *selecting) fullGroupBy() error {
	d := dependence{c: c, known: map[columnKey]bool{}, groups: map[string]bool{}}
	for _, g := range c.groups {
		d.groups[g.operand.SQL] = true
		if n, ok := g.expr.(*sqlparser.ColName); ok {
			d.learn(n)
		} else if g.expr == nil {
			for _, src := range c.sources {
				for i := range src.columns {
					if src.column(i).SQL == g.operand.SQL {
						d.known[columnKey{src, i}] = true
					}
				}
			}
		}
	}
	d.close()
	for i, item := range c.items {
		n := d.offender(item.expr, item.operand)
		if n == "" {
			continue
		}
		if len(c.groups) == 0 {
			return mysqlerr.Newf(errMixedGroup, "In aggregated query without GROUP BY, expression #%d of SELECT list contains nonaggregated column '%s'; this is incompatible with sql_mode=only_full_group_by", i+1, n)
		}
		return notGrouped(i+1, "SELECT list", n)
	}
	for i, o := range c.t.OrderBy {
		if _, ok := position(o.Expr); ok || i < len(c.orderSQL) && d.groups[c.orderSQL[i]] {
			continue
		}
		if n := d.offender(c.orderExpr(o.Expr), expression.Operand{}); n != "" {
			if len(c.groups) == 0 {
				continue // one row needs no order
			}
			return notGrouped(i+1, "ORDER BY clause", n)
		}
	}
	if c.t.Having != nil && len(c.groups) > 0 {
		d.having = true
		if n := d.offender(c.t.Having.Expr, expression.Operand{}); n != "" {
			return notGrouped(1, "HAVING clause", n)
		}
	}
	return nil
}

func notGrouped(place int, clause, column string) error {
	return mysqlerr.Newf(errNotGrouped, "Expression #%d of %s is not in GROUP BY clause and contains nonaggregated column '%s' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by", place, clause, column)
}

// orderExpr is what a name of ORDER BY stands for: an item of the select list first.
func (c *selecting) orderExpr(e sqlparser.Expr) sqlparser.Expr {
	if n, ok := e.(*sqlparser.ColName); ok && n.Qualifier.IsEmpty() {
		for i := range c.items {
			if strings.EqualFold(c.items[i].meta.Name, n.Name.String()) && c.items[i].expr != nil {
				return c.items[i].expr
			}
		}
	}
	return e
}

func (d *dependence) learn(n *sqlparser.ColName) bool {
	src, i, _, ok, _ := d.c.place(n)
	if !ok || src == nil || d.known[columnKey{src, i}] {
		return false
	}
	d.known[columnKey{src, i}] = true
	return true
}

// close adds what follows: all columns of a table whose key is known, and what WHERE and join
// conditions make equal to a known column or to a constant.
func (d *dependence) close() {
	var equal []*sqlparser.ComparisonExpr
	if d.c.t.Where != nil {
		equal = conjuncts(equal, d.c.t.Where.Expr)
	}
	for _, t := range d.c.t.From {
		equal = joinConditions(equal, t)
	}
	for again := true; again; {
		again = false
		for _, e := range equal {
			again = d.follow(e.Left, e.Right) || again
			again = d.follow(e.Right, e.Left) || again
		}
		for _, src := range d.c.sources {
			again = d.keys(src) || again
		}
	}
}

// follow learns a column that equals something known.
func (d *dependence) follow(to, from sqlparser.Expr) bool {
	n, ok := to.(*sqlparser.ColName)
	if !ok || d.offender(from, expression.Operand{}) != "" || hasAggregate(from) {
		return false
	}
	return d.learn(n)
}

// keys learns all columns of a source one of whose keys is known.
func (d *dependence) keys(src *source) bool {
	complete := false
	if src.table == nil {
		for i := range src.columns { // a derived table's keys are not looked for: any column will do
			complete = complete || d.known[columnKey{src, i}]
		}
	} else {
		for _, ix := range src.table.UniqueIndexes() {
			complete = complete || d.covered(src, ix)
		}
	}
	if !complete {
		return false
	}
	changed := false
	for i := range src.columns {
		if !d.known[columnKey{src, i}] {
			d.known[columnKey{src, i}] = true
			changed = true
		}
	}
	return changed
}

func (d *dependence) covered(src *source, ix *schemas.Index) bool {
	for _, p := range ix.Parts {
		if p.Column < 0 || p.Prefix > 0 || src.table.Columns[p.Column].Nullable || !d.known[columnKey{src, p.Column}] {
			return false
		}
	}
	return true
}

// selects reports whether an item of the select list has the name.
func (c *selecting) selects(name string) bool {
	for i := range c.items {
		if strings.EqualFold(c.items[i].meta.Name, name) {
			return true
		}
	}
	return false
}

// offender names a column outside of aggregates that is not known; empty if there is none.
func (d *dependence) offender(e sqlparser.Expr, o expression.Operand) string {
	if e == nil {
		return d.offenderSQL(o)
	}
	found := ""
	var inner []sqlparser.TableExpr
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if found != "" {
			return false, nil
		}
		if t, ok := n.(*sqlparser.Select); ok {
			inner = append(inner, t.From...)
		}
		if a, ok := n.(sqlparser.AggrFunc); ok {
			w, ok := a.(sqlparser.WindowFunc)
			return ok && w.GetOverClause() != nil, nil
		}
		if f, ok := n.(*sqlparser.FuncExpr); ok && (f.Name.EqualString("any_value") || f.Name.EqualString("grouping") || f.Name.EqualString("st_collect")) {
			return false, nil
		}
		if x, ok := n.(sqlparser.Expr); ok && len(d.groups) > 0 {
			if _, isColumn := n.(*sqlparser.ColName); !isColumn && d.grouped(x) {
				return false, nil
			}
		}
		if c, ok := n.(*sqlparser.ColName); ok && !d.c.k.ownColumn(inner, c) {
			src, i, operand, ok, _ := d.c.place(c)
			if d.having && c.Qualifier.IsEmpty() && !d.groups[operand.SQL] && d.c.selects(c.Name.String()) {
				return true, nil // an item of the select list, which has been looked at
			}
			if ok && src != nil && !d.known[columnKey{src, i}] && !d.groups[operand.SQL] {
				found = fullName(src, i)
			}
		}
		return found == "", nil
	}, e)
	return found
}

// ownColumn reports whether a column is one of the base tables of a FROM clause.
func (k *compiler) ownColumn(from []sqlparser.TableExpr, n *sqlparser.ColName) bool {
	for _, e := range from {
		switch e := e.(type) {
		case *sqlparser.AliasedTableExpr:
			name, ok := e.Expr.(sqlparser.TableName)
			if !ok {
				continue
			}
			called := name.Name
			if !e.As.IsEmpty() {
				called = e.As
			}
			if q := n.Qualifier.Name; !q.IsEmpty() && q.String() != called.String() {
				continue
			}
			database, err := k.databaseOf(name)
			if err != nil {
				continue
			}
			if t := k.c.Catalog.Table(database, name.Name.String()); t != nil && t.ColumnIndex(n.Name.String()) >= 0 {
				return true
			}
		case *sqlparser.JoinTableExpr:
			if k.ownColumn([]sqlparser.TableExpr{e.LeftExpr, e.RightExpr}, n) {
				return true
			}
		case *sqlparser.ParenTableExpr:
			if k.ownColumn(e.Exprs, n) {
				return true
			}
		}
	}
	return false
}

// grouped reports whether an expression is one of those of GROUP BY.
func (d *dependence) grouped(e sqlparser.Expr) bool {
	for _, g := range d.c.groups {
		if g.expr != nil && sqlparser.Equals.Expr(g.expr, e) {
			return true
		}
	}
	return false
}

func (d *dependence) offenderSQL(o expression.Operand) string {
	for _, src := range d.c.sources {
		for i := range src.columns {
			if src.column(i).SQL == o.SQL && !d.known[columnKey{src, i}] && !d.groups[o.SQL] {
				return fullName(src, i)
			}
		}
	}
	return ""
}

func fullName(src *source, i int) string {
	name := src.name + "." + src.columns[i].name
	if src.database != "" {
		name = src.database + "." + name
	}
	return name
}

// conjuncts appends the equalities that a condition demands.
func conjuncts(list []*sqlparser.ComparisonExpr, e sqlparser.Expr) []*sqlparser.ComparisonExpr {
	switch e := e.(type) {
	case *sqlparser.AndExpr:
		return conjuncts(conjuncts(list, e.Left), e.Right)
	case *sqlparser.ComparisonExpr:
		if e.Operator == sqlparser.EqualOp && e.Modifier == sqlparser.Missing {
			return append(list, e)
		}
	}
	return list
}

func joinConditions(list []*sqlparser.ComparisonExpr, t sqlparser.TableExpr) []*sqlparser.ComparisonExpr {
	switch t := t.(type) {
	case *sqlparser.JoinTableExpr:
		list = joinConditions(joinConditions(list, t.LeftExpr), t.RightExpr)
		if t.Condition != nil && t.Condition.On != nil {
			list = conjuncts(list, t.Condition.On)
		}
	case *sqlparser.ParenTableExpr:
		for _, e := range t.Exprs {
			list = joinConditions(list, e)
		}
	}
	return list
}
