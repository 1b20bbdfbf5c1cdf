package dialect

import (
	"marmot/mysqlerr"

	"vitess.io/vitess/go/vt/sqlparser"
)

// distinctOrder refuses to order DISTINCT rows by columns that are not in the select list: rows that DISTINCT takes for one
// may differ there.
func (c *selecting) distinctOrder() error {
	if !c.t.Distinct {
		return nil
	}
	for i, o := range c.t.OrderBy {
		if _, ok := position(o.Expr); ok || hasAggregate(o.Expr) {
			continue
		}
		e := c.orderExpr(o.Expr)
		if c.selected(e) {
			continue
		}
		if name := c.unselected(e); name != "" {
			return mysqlerr.New(errDistinctOrder, i+1, name, "DISTINCT")
		}
	}
	return nil
}

// selected reports whether an expression is an item of the select list.
func (c *selecting) selected(e sqlparser.Expr) bool {
	for i := range c.items {
		if c.items[i].expr != nil && sqlparser.Equals.Expr(c.items[i].expr, e) {
			return true
		}
	}
	return false
}

// unselected names a column of an expression that is no item of the select list; empty if there is none.
func (c *selecting) unselected(e sqlparser.Expr) string {
	found := ""
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case *sqlparser.ColName:
			src, i, operand, ok, err := c.place(n)
			if !ok || err != nil || src == nil {
				return false, nil
			}
			for j := range c.items {
				if c.items[j].operand.SQL == operand.SQL {
					return false, nil
				}
			}
			found = fullName(src, i)
		}
		return found == "", nil
	}, e)
	return found
}
