package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// grouping compiles GROUPING(expr, …): 1 in a row of WITH ROLLUP that sums over expr, and 0 in others.
func (s *scope) grouping(e *sqlparser.FuncExpr) (expression.Operand, error) {
	if s.rolled == nil && s.clause == "where clause" {
		return expression.Operand{}, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
	}
	n := int64(0)
	for i, arg := range e.Exprs {
		o, err := s.groupingArgument(arg)
		if err != nil {
			return o, err
		}
		if rolled, ok := s.rolled[o.SQL]; s.rolled != nil && !ok {
			return o, mysqlerr.New(errNotInGrouping, i+1)
		} else if n <<= 1; rolled {
			n |= 1
		}
	}
	return expression.Literal("", txn.Int(n), schemas.Type{Kind: schemas.BigInt, Length: 1}), nil
}

// groupingArgument is an argument of GROUPING as GROUP BY has it: a column, or what an item of the select list stands for.
func (s *scope) groupingArgument(e sqlparser.Expr) (expression.Operand, error) {
	saved := s.aliases
	s.aliases = aliasNever
	defer func() { s.aliases = saved }()
	if n, ok := e.(*sqlparser.ColName); ok && n.Qualifier.IsEmpty() && s.rollupItem != nil {
		if _, _, _, found, _ := s.place(n); !found {
			e = s.rollupItem(n, e)
		}
	}
	return s.plainExpr(e)
}

// rollup compiles GROUP BY … WITH ROLLUP: the union of the grouping by all terms, by all but the
// last, and so on.
func (s *scope) rollup(t *sqlparser.Select, distinct bool) (*query, error) {
	var parts []string
	var first *selecting
	n := len(t.GroupBy.Exprs)
	for level := n; level >= 0; level-- {
		inner := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "field list", rolled: map[string]bool{}, lock: s.lock}
		c := &selecting{scope: inner, t: t, rollup: true, level: level}
		part, err := c.rolledPart()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if first == nil {
			first = c
			if err := c.lockRows(&lockable{from: c.fromSQL, where: c.whereSQL, sources: c.sources}); err != nil {
				return nil, err
			}
		}
	}
	var names, order []string
	for i := range first.items {
		item := &first.items[i]
		item.operand.Nullable = true
		item.meta.Flags &^= flagNotNull
		if _, ok := first.rolled[item.operand.SQL]; ok {
			item.meta = ResultColumn{Name: item.meta.Name}
		}
		names = append(names, outName(i))
	}
	for i := range n {
		order = append(order, rollupFlag(i), rollupKey(i))
	}
	if t.OrderBy != nil {
		order = first.hiddenTerms
	}
	limit, err := s.limitClause(t.Limit)
	if err != nil {
		return nil, err
	}
	q := &query{columns: first.items}
	from := strings.Join(parts, " UNION ALL ")
	if distinct {
		from = "SELECT DISTINCT " + strings.Join(append(append([]string{}, names...), first.hiddenNames...), ", ") + " FROM (" + from + ")"
		if t.OrderBy == nil {
			order = nil
		}
	}
	q.sql = "SELECT " + strings.Join(names, ", ") + " FROM (" + from + ")"
	if len(order) > 0 {
		q.sql += " ORDER BY " + strings.Join(order, ", ")
	}
	q.sql += limit
	return q, nil
}

// rolledPart compiles one level of WITH ROLLUP: the first c.level terms group, the others are NULL.
func (c *selecting) rolledPart() (string, error) {
	for _, step := range []func() error{c.head, c.rollupNames, c.list, c.where, c.group, c.having, c.check} {
		if err := step(); err != nil {
			return "", err
		}
	}
	var list []string
	for i := range c.items {
		list = append(list, itemSQL(c.items[i].operand, true)+" AS "+outName(i))
	}
	if c.windowed {
		return "", unsupported("window functions over WITH ROLLUP")
	}
	hidden, err := c.hiddenOrder()
	if err != nil {
		return "", err
	}
	list = append(list, hidden...)
	for i := range c.t.GroupBy.Exprs {
		flag, key := "1", "NULL"
		if c.level == 0 { // an aggregate, so that there is one row, of no rows too
			flag = "COUNT(*) >= 0"
		}
		if i < c.level {
			flag, key = "0", expression.SortSQL(c.groups[i].operand)
		}
		list = append(list, flag+" AS "+rollupFlag(i), key+" AS "+rollupKey(i))
	}
	sql := c.withSQL + "SELECT " + strings.Join(list, ", ") + c.fromSQL
	if c.whereSQL != "" {
		sql += " WHERE " + c.whereSQL
	}
	if c.level > 0 {
		sql += " GROUP BY " + groupSQL(c.groups)
	}
	if c.havingSQL != "" {
		sql += " HAVING " + c.havingSQL
	}
	return sql, nil
}

// hiddenOrder compiles ORDER BY of a query with ROLLUP: each term that is no item of the select list becomes a
// column of its own of each level.
func (c *selecting) hiddenOrder() ([]string, error) {
	var columns []string
	for n, o := range c.t.OrderBy {
		name, operand := "", expression.Operand{}
		if i, ok := position(o.Expr); ok {
			if i < 1 || i > len(c.items) {
				return nil, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, strconv.Itoa(i), "order clause")
			}
			name, operand = outName(i-1), c.items[i-1].operand
		} else {
			c.clause = "field list"
			c.aggregates = true
			c.scope.items, c.aliases = c.items, aliasLast
			if _, ok := o.Expr.(*sqlparser.ColName); ok {
				c.aliases = aliasFirst
			}
			var err error
			operand, err = c.expr(o.Expr)
			c.aliases = aliasNever
			if err != nil {
				return nil, err
			}
			name = "o" + outName(n)
			columns = append(columns, itemSQL(operand, true)+" AS "+name)
			c.hiddenNames = append(c.hiddenNames, name)
		}
		operand.SQL, operand.Constant = name, nil
		term := expression.SortSQL(operand)
		if o.Direction == sqlparser.DescOrder {
			term += " DESC"
		}
		c.hiddenTerms = append(c.hiddenTerms, term)
	}
	return columns, nil
}

// rollupNames notes the grouping expressions, and which are NULL at this level.
func (c *selecting) rollupNames() error {
	c.rollupItem = c.itemNamed
	for level, e := range c.t.GroupBy.Exprs {
		if i, ok := position(e); ok && i >= 1 && i <= len(c.t.SelectExprs.Exprs) {
			if a, ok := c.t.SelectExprs.Exprs[i-1].(*sqlparser.AliasedExpr); ok {
				e = a.Expr
			}
		}
		if n, ok := e.(*sqlparser.ColName); ok && n.Qualifier.IsEmpty() {
			if _, _, _, found, err := c.place(n); !found {
				e = c.itemNamed(n, e)
				if err != nil {
					e = c.columnNamed(n, e)
				}
			}
		}
		c.clause = groupClause
		o, err := c.plainExpr(e)
		if err != nil {
			return err
		}
		c.rolled[o.SQL] = c.rolled[o.SQL] || level >= c.level
		if _, ok := e.(*sqlparser.ColName); !ok {
			c.rolledTerms = append(c.rolledTerms, e)
		}
	}
	return nil
}

// itemNamed is the expression of the select item that has the name of n.
func (c *selecting) itemNamed(n *sqlparser.ColName, otherwise sqlparser.Expr) sqlparser.Expr {
	for _, item := range c.t.SelectExprs.Exprs {
		if a, ok := item.(*sqlparser.AliasedExpr); ok && a.As.Equal(n.Name) {
			return a.Expr
		}
	}
	return otherwise
}

// columnNamed is the column that the select list names like n, with its table.
func (c *selecting) columnNamed(n *sqlparser.ColName, otherwise sqlparser.Expr) sqlparser.Expr {
	for _, item := range c.t.SelectExprs.Exprs {
		if a, ok := item.(*sqlparser.AliasedExpr); ok && a.As.IsEmpty() {
			if column, ok := a.Expr.(*sqlparser.ColName); ok && column.Name.Equal(n.Name) {
				return column
			}
		}
	}
	return otherwise
}

// rolledTerm reports whether an expression is one of WITH ROLLUP, which is NULL or not as a whole, whatever the columns in it
// are by themselves.
func (s *scope) rolledTerm(e sqlparser.Expr) bool {
	if s.inAggregate || s.rolled == nil {
		return false
	}
	for _, t := range s.rolledTerms {
		if sqlparser.Equals.Expr(t, e) {
			return true
		}
	}
	return false
}

// rolledNull is NULL for an expression that this level of WITH ROLLUP sums over.
func (s *scope) rolledNull(o expression.Operand) expression.Operand {
	if !s.inAggregate && s.rolled[o.SQL] && (s.clause == "field list" || s.clause == "having clause") {
		return expression.Operand{SQL: "NULL", Type: o.Type, Nullable: true, Coercibility: o.Coercibility}
	}
	return o
}

func rollupFlag(i int) string { return "f" + outName(i) }
func rollupKey(i int) string  { return "k" + outName(i) }
