package dialect

import (
	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// rowOf takes a row of several expressions apart; further parentheses around a row are nothing.
func rowOf(e sqlparser.Expr) (sqlparser.ValTuple, bool) {
	for {
		t, ok := e.(sqlparser.ValTuple)
		if !ok || len(t) == 0 {
			return nil, false
		}
		if len(t) > 1 {
			return t, true
		}
		e = t[0]
	}
}

// flatRows are two rows without the rows inside them, which have to be of the same shape.
func flatRows(left, right sqlparser.ValTuple) (a, b sqlparser.ValTuple, err error) {
	if len(left) != len(right) {
		return nil, nil, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, len(left))
	}
	for i := range left {
		x, isRow := rowOf(left[i])
		y, alsoRow := rowOf(right[i])
		switch {
		case !isRow && !alsoRow:
			a, b = append(a, left[i]), append(b, right[i])
			continue
		case !isRow:
			return nil, nil, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, 1)
		case !alsoRow:
			return nil, nil, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, len(x))
		}
		if x, y, err = flatRows(x, y); err != nil {
			return nil, nil, err
		}
		a, b = append(a, x...), append(b, y...)
	}
	return a, b, nil
}

// rowSubquery compiles e if it is a subquery of several columns.
func (s *scope) rowSubquery(e sqlparser.Expr) (*query, bool, error) {
	sub, ok := e.(*sqlparser.Subquery)
	if !ok {
		return nil, false, nil
	}
	first := firstSelect(sub.Select)
	if first == nil || first.SelectExprs == nil || len(first.SelectExprs.Exprs) < 2 {
		return nil, false, nil
	}
	q, err := s.subquery(sub.Select)
	return q, err == nil, err
}

// overRow compiles what compares the row that a subquery gives: NULL without a row, error 1242 with several.
func (s *scope) overRow(q *query, compare func(row []expression.Operand) (expression.Operand, error)) (expression.Operand, error) {
	alias := s.k.alias()
	o, err := compare(elements(q, alias))
	if err != nil {
		return o, err
	}
	text := "(SELECT " + o.SQL + " FROM (" + q.sql + ") AS " + alias + ")"
	if !q.one {
		text = "(SELECT CASE WHEN count(*) > 1 THEN marmot_raise(1242) ELSE max(" + o.SQL + ") END FROM (SELECT * FROM (" + q.sql + ") LIMIT 2) AS " + alias + ")"
	}
	return truthOf(text, true), nil
}

// inRowsOf compiles a row of operands IN a list of rows.
func (s *scope) inRowsOf(left []expression.Operand, list sqlparser.ValTuple, not bool) (expression.Operand, error) {
	var any *expression.Operand
	for _, e := range list {
		t, ok := rowOf(e)
		if !ok || len(t) != len(left) {
			return expression.Operand{}, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, len(left))
		}
		right, err := s.exprs(t)
		if err != nil {
			return expression.Operand{}, err
		}
		o, err := compareLists("=", left, right)
		if err != nil {
			return o, err
		}
		if any != nil {
			if o, err = expression.Logic("OR", *any, o); err != nil {
				return o, err
			}
		}
		any = &o
	}
	if not {
		return expression.Not(*any)
	}
	return *any, nil
}

// inRows compiles (a, b) IN ((1, 2), (3, 4)).
func (s *scope) inRows(row, list sqlparser.ValTuple, not bool) (expression.Operand, error) {
	flat := make(sqlparser.ValTuple, 0, len(list))
	left := row
	for _, e := range list {
		t, ok := rowOf(e)
		if !ok {
			return expression.Operand{}, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, len(row))
		}
		a, b, err := flatRows(row, t)
		if err != nil {
			return expression.Operand{}, err
		}
		left, flat = a, append(flat, b)
	}
	operands, err := s.exprs(left)
	if err != nil {
		return expression.Operand{}, err
	}
	return s.inRowsOf(operands, flat, not)
}

// compareRowsOf compiles a row of operands op (c, d) and op (SELECT …).
func (s *scope) compareRowsOf(op string, left []expression.Operand, right sqlparser.Expr) (expression.Operand, error) {
	if sub, ok := right.(*sqlparser.Subquery); ok {
		return s.compareRowSubquery(op, left, sub)
	}
	t, ok := rowOf(right)
	if !ok || len(t) != len(left) {
		return expression.Operand{}, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, len(left))
	}
	b, err := s.exprs(t)
	if err != nil {
		return expression.Operand{}, err
	}
	return compareLists(op, left, b)
}

// compareRows compiles (a, b) = (c, d) and (a, b) = (SELECT …).
func (s *scope) compareRows(e *sqlparser.ComparisonExpr, row sqlparser.ValTuple) (expression.Operand, error) {
	right := e.Right
	if t, ok := rowOf(right); ok {
		a, b, err := flatRows(row, t)
		if err != nil {
			return expression.Operand{}, err
		}
		row, right = a, b
	}
	left, err := s.exprs(row)
	if err != nil {
		return expression.Operand{}, err
	}
	return s.compareRowsOf(compareOp(e.Operator), left, right)
}
