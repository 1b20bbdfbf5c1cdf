package dialect

import (
	"vitess.io/vitess/go/vt/sqlparser"
)

// merges reports whether MySQL puts a view or derived table with this query into the query around it, instead
// of filling a temporary table first. Marmot leaves that choice to SQLite; the names of result columns tell.
func merges(statement sqlparser.TableStatement) bool {
	q, ok := statement.(*sqlparser.Select)
	if !ok || q.Distinct || q.GroupBy != nil || q.Having != nil || q.Limit != nil || len(q.From) == 0 || fromDual(q.From) {
		return false
	}
	single := true
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case sqlparser.AggrFunc:
			single = false
		case sqlparser.WindowFunc:
			single = single && n.GetOverClause() == nil
		}
		return single, nil
	}, q.SelectExprs, q.OrderBy)
	return single
}

// fromDual reports whether a query reads no table.
func fromDual(from []sqlparser.TableExpr) bool {
	t, ok := from[0].(*sqlparser.AliasedTableExpr)
	if !ok || len(from) > 1 {
		return false
	}
	n, ok := t.Expr.(sqlparser.TableName)
	return ok && n.Qualifier.IsEmpty() && n.Name.String() == "dual"
}
