package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
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
					if src.columns[i].operand.SQL == g.operand.SQL {
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
		if _, ok := position(o.Expr); ok {
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

// offender names a column outside of aggregates that is not known; empty if there is none.
func (d *dependence) offender(e sqlparser.Expr, o expression.Operand) string {
	if e == nil {
		return d.offenderSQL(o)
	}
	found := ""
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if found != "" {
			return false, nil
		}
		if a, ok := n.(sqlparser.AggrFunc); ok {
			w, ok := a.(sqlparser.WindowFunc)
			return ok && w.GetOverClause() != nil, nil
		}
		if f, ok := n.(*sqlparser.FuncExpr); ok && (f.Name.EqualString("any_value") || f.Name.EqualString("grouping")) {
			return false, nil
		}
		if x, ok := n.(sqlparser.Expr); ok && len(d.groups) > 0 {
			if _, isColumn := n.(*sqlparser.ColName); !isColumn && d.grouped(x) {
				return false, nil
			}
		}
		if c, ok := n.(*sqlparser.ColName); ok {
			src, i, operand, ok, _ := d.c.place(c)
			if ok && src != nil && !d.known[columnKey{src, i}] && !d.groups[operand.SQL] {
				found = fullName(src, i)
			}
		}
		return found == "", nil
	}, e)
	return found
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
			if src.columns[i].operand.SQL == o.SQL && !d.known[columnKey{src, i}] && !d.groups[o.SQL] {
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

// grouping compiles GROUPING(expr): 1 in a row of WITH ROLLUP that sums over expr.
func (s *scope) grouping(e *sqlparser.FuncExpr) (expression.Operand, error) {
	if s.rolled == nil {
		return expression.Operand{}, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
	}
	n := int64(0)
	for _, arg := range e.Exprs {
		o, err := s.plainExpr(arg)
		if err != nil {
			return o, err
		}
		n <<= 1
		if s.rolled[o.SQL] {
			n |= 1
		}
	}
	return expression.Literal("", txn.Int(n), schemas.Type{Kind: schemas.BigInt, Length: 1}), nil
}

// rollup compiles GROUP BY … WITH ROLLUP: the union of the grouping by all terms, by all but the
// last, and so on.
func (s *scope) rollup(t *sqlparser.Select, distinct bool) (*query, error) {
	var parts []string
	var first *query
	n := len(t.GroupBy.Exprs)
	for level := n; level >= 0; level-- {
		inner := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "field list", rolled: map[string]bool{}}
		c := selecting{scope: inner, t: t, rollup: true, level: level}
		part, err := c.rolledPart()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part.sql)
		if first == nil {
			first = part
		}
	}
	for i := range first.columns {
		first.columns[i].operand.Nullable = true
		first.columns[i].meta.Flags &^= flagNotNull
	}
	var names, order []string
	for i := range first.columns {
		names = append(names, outName(i))
	}
	for i := range n {
		order = append(order, rollupFlag(i), rollupKey(i))
	}
	word := "SELECT "
	if distinct {
		word = "SELECT DISTINCT "
	}
	q := &query{columns: first.columns}
	q.sql = word + strings.Join(names, ", ") + " FROM (" + strings.Join(parts, " UNION ALL ") + ")"
	if t.OrderBy == nil {
		limit, err := s.limitClause(t.Limit)
		q.sql += " ORDER BY " + strings.Join(order, ", ") + limit
		return q, err
	}
	return s.ordered(q, t.OrderBy, t.Limit)
}

// rolledPart compiles one level of WITH ROLLUP: the first c.level terms group, the others are NULL.
func (c *selecting) rolledPart() (*query, error) {
	for _, step := range []func() error{c.head, c.rollupNames, c.list, c.where, c.group, c.having, c.check} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	var list []string
	for i := range c.items {
		list = append(list, itemSQL(c.items[i].operand, true)+" AS "+outName(i))
	}
	for i := range c.t.GroupBy.Exprs {
		flag, key := "1", "NULL"
		if i < c.level {
			flag, key = "0", expression.SortSQL(c.groups[i].operand)
		}
		list = append(list, flag+" AS "+rollupFlag(i), key+" AS "+rollupKey(i))
	}
	sql := c.withSQL + "SELECT " + strings.Join(list, ", ") + c.fromSQL
	if c.whereSQL != "" {
		sql += " WHERE " + c.whereSQL
	}
	groups := "'k'"
	if c.level > 0 {
		groups = groupSQL(c.groups)
	}
	sql += " GROUP BY " + groups
	if c.havingSQL != "" {
		sql += " HAVING " + c.havingSQL
	}
	return &query{sql: sql, columns: c.items}, nil
}

// rollupNames notes the grouping expressions that are NULL at this level.
func (c *selecting) rollupNames() error {
	for _, e := range c.t.GroupBy.Exprs[c.level:] {
		if i, ok := position(e); ok && i >= 1 && i <= len(c.t.SelectExprs.Exprs) {
			if a, ok := c.t.SelectExprs.Exprs[i-1].(*sqlparser.AliasedExpr); ok {
				e = a.Expr
			}
		}
		if n, ok := e.(*sqlparser.ColName); ok && n.Qualifier.IsEmpty() {
			if _, _, _, found, _ := c.place(n); !found {
				e = c.itemNamed(n, e)
			}
		}
		c.clause = "group statement"
		o, err := c.expr(e)
		if err != nil {
			return err
		}
		c.rolled[o.SQL] = true
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

// rolledNull is NULL for an expression that this level of WITH ROLLUP sums over.
func (s *scope) rolledNull(o expression.Operand) expression.Operand {
	if !s.inAggregate && s.rolled[o.SQL] && (s.clause == "field list" || s.clause == "having clause") {
		return expression.Operand{SQL: "NULL", Type: o.Type, Nullable: true, Coercibility: o.Coercibility}
	}
	return o
}

func rollupFlag(i int) string { return "f" + outName(i) }
func rollupKey(i int) string  { return "k" + outName(i) }
