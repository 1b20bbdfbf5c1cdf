package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// subquery compiles a query inside an expression.
func (s *scope) subquery(t sqlparser.TableStatement) (*query, error) {
	inner := s.inner()
	q, err := inner.tableStatement(t)
	if err != nil {
		return nil, err
	}
	return q, nil
}

// limitInSubquery is what MySQL refuses.
const limitInSubquery = "LIMIT & IN/ALL/ANY/SOME subquery"

// oneColumn is 1241 unless the query has exactly n columns.
func oneColumn(q *query, n int) error {
	if len(q.columns) != n {
		return mysqlerr.New(mysql.ER_OPERAND_COLUMNS, n)
	}
	return nil
}

// scalarSubquery compiles a subquery that stands for a value; more than one row is error 1242.
func (s *scope) scalarSubquery(e *sqlparser.Subquery) (expression.Operand, error) {
	q, err := s.subquery(e.Select)
	if err != nil {
		return expression.Operand{}, err
	}
	if err := oneColumn(q, 1); err != nil {
		return expression.Operand{}, err
	}
	o := derivedOperand(q.columns[0].operand, "("+q.sql+")")
	if !q.one {
		o.SQL = "(SELECT CASE WHEN count(*) > 1 THEN marmot_raise(1242) ELSE max(c1) END FROM (SELECT * FROM (" + q.sql + ") LIMIT 2))"
	}
	o.Nullable = true
	return o, nil
}

func (s *scope) exists(e *sqlparser.ExistsExpr) (expression.Operand, error) {
	q, err := s.subquery(e.Subquery.Select)
	if err != nil {
		return expression.Operand{}, err
	}
	return truthOf("EXISTS ("+q.sql+")", false), nil
}

// truthOf is SQL that yields 0, 1 or NULL as an operand.
func truthOf(sql string, nullable bool) expression.Operand {
	return expression.Operand{SQL: sql, Type: expression.BoolType(), Nullable: nullable, Coercibility: expression.Numeric}
}

// elements are a query's columns as operands over its SQL as a table named alias.
func elements(q *query, alias string) []expression.Operand {
	list := make([]expression.Operand, len(q.columns))
	for i, c := range q.columns {
		list[i] = derivedOperand(c.operand, alias+"."+outName(i))
	}
	return list
}

// inSubquery compiles x IN (SELECT …). Values that SQLite compares as MySQL does are left to its
// own IN; others are compared one by one.
func (s *scope) inSubquery(left sqlparser.Expr, sub *sqlparser.Subquery, not bool) (expression.Operand, error) {
	var a []expression.Operand
	var err error
	if row, ok := rowOf(left); ok {
		a, err = s.exprs(row)
	} else {
		a, err = s.exprs([]sqlparser.Expr{left})
	}
	if err != nil {
		return expression.Operand{}, err
	}
	return s.rowInSubquery(a, sub, not)
}

// rowInSubquery compiles a row of operands IN (SELECT …).
func (s *scope) rowInSubquery(a []expression.Operand, sub *sqlparser.Subquery, not bool) (expression.Operand, error) {
	if sub.Select.GetLimit() != nil {
		return expression.Operand{}, unsupported(limitInSubquery)
	}
	q, err := s.subquery(sub.Select)
	if err != nil {
		return expression.Operand{}, err
	}
	if err := oneColumn(q, len(a)); err != nil {
		return expression.Operand{}, err
	}
	var native []string
	for i := range a {
		if side, ok := nativeSide(a[i], q.columns[i].operand); ok {
			native = append(native, side)
		}
	}
	word := " IN ("
	if not {
		word = " NOT IN ("
	}
	if len(native) == len(a) {
		text := native[0]
		if len(native) > 1 {
			text = "(" + strings.Join(native, ", ") + ")"
		}
		return truthOf("("+text+word+q.sql+"))", true), nil
	}
	o, err := s.anyOf("=", a, q)
	if err == nil && not {
		return expression.Not(o)
	}
	return o, err
}

// nativeSide is the left side of SQLite's IN if that compares a and b as MySQL would.
func nativeSide(a, b expression.Operand) (string, bool) {
	if a.Param || a.Constant != nil && !a.Type.IsInteger() || a.Type.Kind == 0 || b.Type.Kind == 0 || !sameStored(a.Type, b.Type) {
		return "", false
	}
	equal, err := expression.Compare("=", a, b)
	if err != nil {
		return "", false
	}
	// The comparison tells the collation: a COLLATE x = b.
	for _, form := range []string{"(" + a.SQL, a.SQL} {
		if rest, ok := strings.CutPrefix(equal.SQL, form); ok {
			for _, tail := range []string{" = " + b.SQL + ")", " = " + b.SQL} {
				if collate, ok := strings.CutSuffix(rest, tail); ok && (collate == "" || strings.HasPrefix(collate, " COLLATE ") && !strings.Contains(collate[9:], " ")) {
					return a.SQL + collate, true
				}
			}
		}
	}
	return "", false
}

// anyOf is x op ANY (q): 1 if the comparison holds for a row, else NULL if it is unknown for one, else 0.
func (s *scope) anyOf(op string, a []expression.Operand, q *query) (expression.Operand, error) {
	alias := s.k.alias()
	o, err := compareLists(op, a, elements(q, alias))
	if err != nil {
		return o, err
	}
	from := " FROM (" + q.sql + ") AS " + alias + " WHERE "
	unknown, err := expression.IsNull(o, false)
	if err != nil {
		return o, err
	}
	return truthOf("CASE WHEN EXISTS (SELECT 1"+from+expression.Truth(o)+") THEN 1 WHEN EXISTS (SELECT 1"+from+expression.Truth(unknown)+") THEN NULL ELSE 0 END", true), nil
}

// quantified compiles x op ANY (SELECT …) and x op ALL (SELECT …).
func (s *scope) quantified(e *sqlparser.ComparisonExpr) (expression.Operand, error) {
	sub, ok := e.Right.(*sqlparser.Subquery)
	if !ok {
		return expression.Operand{}, unsupported("ANY, ALL without subquery")
	}
	if _, ok := rowOf(e.Left); ok {
		// Rows have = ANY and <> ALL, which are IN and NOT IN, and no other.
		switch {
		case e.Operator == sqlparser.EqualOp && e.Modifier == sqlparser.Any:
			return s.inSubquery(e.Left, sub, false)
		case e.Operator == sqlparser.NotEqualOp && e.Modifier == sqlparser.All:
			return s.inSubquery(e.Left, sub, true)
		}
	}
	a, err := s.expr(e.Left)
	if err != nil {
		return a, err
	}
	if sub.Select.GetLimit() != nil {
		return a, unsupported(limitInSubquery)
	}
	q, err := s.subquery(sub.Select)
	if err != nil {
		return a, err
	}
	if err := oneColumn(q, 1); err != nil {
		return a, err
	}
	op := compareOp(e.Operator)
	anyOf := func(op string) (expression.Operand, error) {
		if s.namesAggregate(e.Left) {
			if op != "=" && op != "<=>" {
				return s.beyondAny(op, a, q)
			}
			if side, ok := nativeSide(a, q.columns[0].operand); ok && op == "=" {
				return truthOf("("+side+" IN ("+q.sql+"))", true), nil
			}
		}
		return s.anyOf(op, []expression.Operand{a}, q)
	}
	if e.Modifier == sqlparser.Any {
		return anyOf(op)
	}
	// x op ALL is NOT (x opposite ANY).
	opposite := map[string]string{"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[op]
	if opposite == "" {
		return a, unsupported("<=> ALL")
	}
	o, err := anyOf(opposite)
	if err != nil {
		return o, err
	}
	return expression.Not(o)
}

// namesAggregate reports whether an expression has an aggregate function, itself or by a name of the select list.
func (s *scope) namesAggregate(e sqlparser.Expr) bool {
	found := hasAggregate(e)
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if n, ok := n.(*sqlparser.ColName); ok && s.aliases != aliasNever && n.Qualifier.IsEmpty() {
			for i := range s.items {
				item := &s.items[i]
				found = found || item.expr != nil && strings.EqualFold(item.meta.Name, n.Name.String()) && hasAggregate(item.expr)
			}
		}
		return !found, nil
	}, e)
	return found
}

// beyondAny is x op ANY (q) for an x that only the query around q can work out, as an aggregate: q's least and greatest
// value tell. The operator is no equality.
func (s *scope) beyondAny(op string, x expression.Operand, q *query) (expression.Operand, error) {
	alias := s.k.alias()
	from := " FROM (" + q.sql + ") AS " + alias
	elem := elements(q, alias)[0]
	extreme := func(name string) (expression.Operand, error) {
		m, err := expression.Aggregate(name, []expression.Operand{elem}, expression.AggregateOptions{})
		if err != nil {
			return m, err
		}
		m.SQL, m.Nullable, m.Constant = "(SELECT "+m.SQL+from+")", true, nil
		return expression.Compare(op, x, m)
	}
	var names []string
	if op != "<" && op != "<=" {
		names = append(names, "min")
	}
	if op != ">" && op != ">=" {
		names = append(names, "max")
	}
	var holds []string
	for _, name := range names {
		o, err := extreme(name)
		if err != nil {
			return o, err
		}
		holds = append(holds, expression.Truth(o))
	}
	none, err := expression.IsNull(elem, false)
	if err != nil {
		return none, err
	}
	unknown, err := expression.IsNull(x, false)
	if err != nil {
		return unknown, err
	}
	return truthOf("CASE WHEN "+strings.Join(holds, " OR ")+" THEN 1 WHEN NOT EXISTS (SELECT 1"+from+") THEN 0 WHEN "+expression.Truth(unknown)+" OR EXISTS (SELECT 1"+from+" WHERE "+expression.Truth(none)+") THEN NULL ELSE 0 END", true), nil
}

// compareRowSubquery compiles (a, b) op (SELECT x, y).
func (s *scope) compareRowSubquery(op string, a []expression.Operand, sub *sqlparser.Subquery) (expression.Operand, error) {
	q, err := s.subquery(sub.Select)
	if err != nil {
		return expression.Operand{}, err
	}
	if err := oneColumn(q, len(a)); err != nil {
		return expression.Operand{}, err
	}
	return s.overRow(q, func(row []expression.Operand) (expression.Operand, error) { return compareLists(op, a, row) })
}
