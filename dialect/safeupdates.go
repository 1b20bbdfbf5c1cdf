package dialect

import (
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// unkeyed reports whether UPDATE or DELETE of one table has neither LIMIT nor a condition for which a key serves, which sql_safe_updates
// forbids.
func (c *selecting) unkeyed() bool {
	if len(c.sources) != 1 || c.sources[0].table == nil || c.t.Limit != nil {
		return false
	}
	if c.t.Where == nil {
		return true
	}
	if constant, ok := c.t.Where.Expr.(sqlparser.BoolVal); ok && !bool(constant) {
		return false // no row
	}
	return !c.usesKey(c.t.Where.Expr)
}

// usesKey reports whether a range of some index holds all the rows for which the condition is true.
func (c *selecting) usesKey(e sqlparser.Expr) bool {
	switch e := e.(type) {
	case *sqlparser.AndExpr:
		return c.usesKey(e.Left) || c.usesKey(e.Right)
	case *sqlparser.OrExpr:
		return c.usesKey(e.Left) && c.usesKey(e.Right)
	case *sqlparser.BetweenExpr:
		return e.IsBetween && c.leadsKey(e.Left)
	case *sqlparser.IsExpr:
		return e.Right == sqlparser.IsNullOp && c.leadsKey(e.Left)
	case *sqlparser.ComparisonExpr:
		switch e.Operator {
		case sqlparser.NotInOp, sqlparser.NotLikeOp, sqlparser.RegexpOp, sqlparser.NotRegexpOp:
			return false
		}
		return c.leadsKey(e.Left) || c.leadsKey(e.Right)
	}
	return false
}

// leadsKey reports whether an expression is the first column of an index.
func (c *selecting) leadsKey(e sqlparser.Expr) bool {
	n, ok := e.(*sqlparser.ColName)
	if !ok || c.k.local(n) != nil {
		return false
	}
	src, column, _, ok, err := c.place(n)
	if !ok || err != nil || src != c.sources[0] {
		return false
	}
	leads := func(ix *schemas.Index) bool {
		return !ix.Fulltext && !ix.Spatial && len(ix.Parts) > 0 && ix.Parts[0].Column == column
	}
	if src.table.Primary != nil && leads(src.table.Primary) {
		return true
	}
	for i := range src.table.Indexes {
		if leads(&src.table.Indexes[i]) {
			return true
		}
	}
	return false
}
