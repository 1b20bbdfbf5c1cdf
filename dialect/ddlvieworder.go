package dialect

import (
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// viewNames says what names mean behind the select list of a view's SELECT.
type viewNames struct {
	v *viewPrinter
	s *sqlparser.Select
	// grouped: GROUP BY, an aggregate or DISTINCT has the names of the select list stand for what is computed before.
	grouped bool
}

func (v *viewPrinter) namesOf(s *sqlparser.Select) viewNames {
	n := viewNames{v: v, s: s, grouped: s.GroupBy != nil || s.Distinct}
	for _, e := range s.SelectExprs.Exprs {
		if a, ok := e.(*sqlparser.AliasedExpr); ok && hasAggregate(a.Expr) {
			n.grouped = true
		}
	}
	return n
}

// named is the item of the select list that AS gave the name, or nil.
func (n viewNames) named(name string) sqlparser.Expr {
	for _, e := range n.s.SelectExprs.Exprs {
		if a, ok := e.(*sqlparser.AliasedExpr); ok && strings.EqualFold(a.As.String(), name) {
			return a.Expr
		}
	}
	return nil
}

// bare is the name of an expression that is nothing else, or empty.
func bareName(e sqlparser.Expr) string {
	if c, ok := e.(*sqlparser.ColName); ok && c.Qualifier.IsEmpty() {
		return c.Name.String()
	}
	return ""
}

// at is the expression for which a number in GROUP BY or ORDER BY stands, or nil if it is not printed in its place.
func (n viewNames) at(e sqlparser.Expr) sqlparser.Expr {
	i, ok := position(e)
	if !ok || i < 1 || i > len(n.s.SelectExprs.Exprs) {
		return nil
	}
	for _, e := range n.s.SelectExprs.Exprs[:i] {
		if _, ok := e.(*sqlparser.AliasedExpr); !ok {
			return nil // a star before it: the number counts columns
		}
	}
	return columnsOnly(n.s.SelectExprs.Exprs[i-1].(*sqlparser.AliasedExpr).Expr)
}

// columnsOnly gives back an expression of columns, numbers and operators; another one might be worked out once more if it
// were printed twice.
func columnsOnly(e sqlparser.Expr) sqlparser.Expr {
	plain := e != nil
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n.(type) {
		case sqlparser.IdentifierCI, sqlparser.IdentifierCS, sqlparser.TableName, *sqlparser.ColName, *sqlparser.BinaryExpr, *sqlparser.UnaryExpr:
		case *sqlparser.Literal:
			plain = plain && n != sqlparser.SQLNode(e) // a number alone would be a place again
		default:
			plain = false
		}
		return plain, nil
	}, e)
	if !plain {
		return nil
	}
	return e
}

// group prints a term of GROUP BY, which means a column before an item of the select list.
func (n viewNames) group(e sqlparser.Expr) string {
	if x := n.at(e); x != nil {
		e = x
	}
	return n.v.printer().print(e)
}

// order prints a term of ORDER BY: a name alone means an item of the select list before a column.
func (n viewNames) order(e sqlparser.Expr) string {
	p := n.v.printer()
	if x := n.at(e); x != nil {
		return p.print(x)
	}
	if name := bareName(e); name != "" {
		item := n.named(name)
		if x := columnsOnly(item); x != nil && !n.grouped {
			return p.print(x)
		}
		if item != nil {
			return n.v.plainPrinter().print(e)
		}
	}
	return p.print(e)
}

// having prints HAVING, in which names outside of aggregates mean items of the select list before columns.
func (n viewNames) having(e sqlparser.Expr) string {
	p := n.v.printer()
	special := p.special
	inside := 0
	p.special = func(b *sqlparser.TrackedBuffer, node sqlparser.SQLNode) bool {
		if _, ok := node.(sqlparser.AggrFunc); ok && inside == 0 {
			inside++
			defer func() { inside-- }()
			p.format(b, node)
			return true
		}
		return special(b, node)
	}
	p.column = func(c *sqlparser.ColName) string {
		if name := bareName(c); inside == 0 && name != "" && n.named(name) != nil {
			return ""
		}
		return n.v.column(c)
	}
	return p.print(e)
}
