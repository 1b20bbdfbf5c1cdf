package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// setTerm is one side of a chain of set operations, with the operator before it.
type setTerm struct {
	operator  string // UNION, INTERSECT, EXCEPT; empty for the first
	distinct  bool
	statement sqlparser.TableStatement
	q         *query
}

// union compiles UNION, INTERSECT and EXCEPT.
func (s *scope) union(t *sqlparser.Union) (*query, error) {
	with, err := s.with(t.With, t)
	if err != nil {
		return nil, err
	}
	terms := s.k.p.flatten(t)
	for i := range terms {
		if into := intoOf(terms[i].statement); into != nil && i < len(terms)-1 {
			return nil, mysqlerr.New(errMisplacedInto)
		}
		side := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "field list", materialized: s.materialized, strictDivision: s.strictDivision, side: true}
		if i == len(terms)-1 {
			lockLast(terms[i].statement, t.Lock)
		}
		if sel, ok := terms[i].statement.(*sqlparser.Select); ok {
			terms[i].q, err = side.selectStatement(sel, true)
		} else {
			terms[i].q, err = side.tableStatement(terms[i].statement)
		}
		if err != nil {
			return nil, err
		}
		s.correlated = s.correlated || side.correlated
	}
	q, err := combine(terms)
	if err != nil {
		return nil, err
	}
	if t.OrderBy == nil && with == "" {
		return s.ordered(q, nil, t.Limit)
	}
	if q, err = s.ordered(q, t.OrderBy, t.Limit); err == nil && with != "" {
		q.sql, q.bare = with+q.sql, false
	}
	return q, err
}

// flatten takes a tree of set operations, which leans to the left, apart. The comment of the
// first SELECT of a right side says whether its operator is INTERSECT or EXCEPT.
func (p *parsed) flatten(t *sqlparser.Union) []setTerm {
	var terms []setTerm
	if left, ok := t.Left.(*sqlparser.Union); ok && left.OrderBy == nil && left.Limit == nil && left.With == nil && p.operatorDepth(left) <= p.operatorDepth(t) {
		terms = p.flatten(left)
	} else {
		terms = []setTerm{{statement: t.Left}}
	}
	operator := "UNION"
	if first := firstSelect(t.Right); first != nil {
		if _, o := mark(first); o != "" {
			operator = strings.ToUpper(o)
		}
	}
	return append(terms, setTerm{operator: operator, distinct: t.Distinct, statement: t.Right})
}

// operatorDepth is the level of parentheses at which a set operation's operator stands.
func (p *parsed) operatorDepth(t *sqlparser.Union) int {
	if first := firstSelect(t.Right); first != nil {
		if n, _ := mark(first); n >= 0 && n < len(p.depths) {
			return p.depths[n]
		}
	}
	return 0
}

func firstSelect(t sqlparser.TableStatement) *sqlparser.Select {
	for {
		switch x := t.(type) {
		case *sqlparser.Select:
			return x
		case *sqlparser.Union:
			t = x.Left
		default:
			return nil
		}
	}
}

// combine joins the sides: INTERSECT before UNION and EXCEPT, each from left to right.
func combine(terms []setTerm) (*query, error) {
	types, err := setTypes(terms)
	if err != nil {
		return nil, err
	}
	for i := range terms {
		if err := convertSide(terms[i].q, types); err != nil {
			return nil, err
		}
	}
	var list []setTerm
	for _, t := range terms {
		if t.operator != "INTERSECT" {
			list = append(list, t)
			continue
		}
		left := &list[len(list)-1]
		left.q = pair(left.q, t)
	}
	q := list[0].q
	for _, t := range list[1:] {
		q = pair(q, t)
	}
	return q, nil
}

// maxSides is how many sides one set operation of SQLite's may have; more are nested.
const maxSides = 400

// pair is one operation of two sides.
func pair(left *query, t setTerm) *query {
	q := &query{columns: left.columns}
	switch {
	case t.operator == "UNION" && t.distinct:
		q.union(left, t.q)
	case t.operator == "UNION":
		q.chain(left, "UNION ALL", t.q)
	case t.distinct:
		q.chain(left, t.operator, t.q)
	default:
		q.sql = multiset(left, t)
	}
	for i := range q.columns {
		q.columns[i].operand.Nullable = left.columns[i].operand.Nullable || t.q.columns[i].operand.Nullable
	}
	return q
}

// chain makes q the left side with one more behind it.
func (q *query) chain(left *query, word string, right *query) {
	q.sides = left.sides + 1
	if left.sides > 0 && left.sides < maxSides {
		q.sql = left.sql
	} else {
		q.sql, q.sides = side(left), 2
	}
	q.sql += " " + word + " " + side(right)
}

// union makes q the distinct rows of both sides. They stay in the order in which they come first, and the first of equal
// ones stays, as in MySQL's temporary table; SQLite's own UNION sorts.
func (q *query) union(left, right *query) {
	q.all = left.all + 1
	if left.all > 0 && left.all < maxSides {
		q.body = left.body
	} else {
		q.body, q.all = side(left), 2
	}
	q.body += " UNION ALL " + side(right)
	q.sql, q.bare = "SELECT DISTINCT * FROM ("+q.body+")", true
}

// side is a query as a side of a set operation.
func side(q *query) string {
	if q.bare {
		return q.sql
	}
	return "SELECT * FROM (" + q.sql + ")"
}

// multiset is INTERSECT ALL or EXCEPT ALL: rows are numbered among their equals, and compared
// together with their numbers.
func multiset(left *query, t setTerm) string {
	var names, keys []string
	for i := range left.columns {
		names = append(names, outName(i))
		keys = append(keys, itemSQL(expression.Operand{SQL: outName(i), Type: left.columns[i].operand.Type}, true))
	}
	numbered := func(q *query) string {
		var list []string
		for i := range keys {
			list = append(list, keys[i]+" AS "+names[i])
		}
		return "SELECT " + strings.Join(list, ", ") + ", row_number() OVER (PARTITION BY " + strings.Join(keys, ", ") + ") AS n FROM (" + q.sql + ")"
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM (" + numbered(left) + " " + t.operator + " " + numbered(t.q) + ")"
}

// setTypes works out the types of the columns of a set operation.
func setTypes(terms []setTerm) ([]schemas.Type, error) {
	n := len(terms[0].q.columns)
	types := make([]schemas.Type, n)
	for i := range types {
		var list []expression.Operand
		for _, t := range terms {
			if len(t.q.columns) != n {
				return nil, mysqlerr.New(mysql.ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT)
			}
			list = append(list, t.q.columns[i].operand)
		}
		var err error
		if types[i], err = expression.UnifyColumns(list); err != nil {
			return nil, err
		}
	}
	return types, nil
}

// convertSide gives a side's columns the given types.
func convertSide(q *query, types []schemas.Type) error {
	columns := make([]outColumn, len(q.columns))
	var list []string
	changed := false
	for i, c := range q.columns {
		columns[i] = outColumn{meta: ResultColumn{Name: c.meta.Name, Temporary: true, Joined: true}, operand: c.operand}
		o := c.operand
		o.SQL, o.Constant = outName(i), nil
		converted, err := castTo(o, types[i])
		if err != nil {
			return err
		}
		changed = changed || converted.SQL != o.SQL || types[i].SQLiteCollation() != c.operand.Type.SQLiteCollation()
		list = append(list, itemSQL(converted, true)+" AS "+outName(i))
		columns[i].operand.SQL, columns[i].operand.Constant = outName(i), nil
		columns[i].operand.Type = types[i]
		columns[i].meta.Flags = notNull(o.Nullable)
	}
	if changed {
		q.sql, q.bare = "SELECT "+strings.Join(list, ", ")+" FROM ("+q.sql+")", true
	}
	q.columns = columns
	return nil
}

// ordered puts ORDER BY and LIMIT behind a set operation. Names are those of the first SELECT.
func (s *scope) ordered(q *query, order sqlparser.OrderBy, limit *sqlparser.Limit) (*query, error) {
	limitSQL, err := s.limitClause(limit)
	if err != nil {
		return nil, err
	}
	if len(order) == 0 {
		if limitSQL != "" {
			q = &query{sql: "SELECT * FROM (" + q.sql + ")" + limitSQL, columns: q.columns}
		}
		return q, nil
	}
	src, outer := &source{alias: s.k.alias(), scan: -1}, &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "order clause"}
	for i, c := range q.columns {
		src.columns = append(src.columns, sourceColumn{name: c.meta.Name, operand: derivedOperand(c.operand, outName(i)), meta: c.meta})
	}
	outer.sources = []*source{src}
	c := selecting{scope: outer, t: &sqlparser.Select{OrderBy: order}}
	for i := range src.columns {
		c.items = append(c.items, outColumn{operand: src.column(i), meta: src.columns[i].meta})
	}
	if err := c.order(); err != nil {
		return nil, globalOrder(order, err)
	}
	sql := "SELECT * FROM (" + q.sql + ")"
	if len(c.orderTerms) > 0 {
		sql += " ORDER BY " + strings.Join(c.orderTerms, ", ")
	}
	return &query{sql: sql + limitSQL, columns: q.columns}, nil
}

// globalOrder is the error for ORDER BY behind a set operation that names a table of one of its sides.
func globalOrder(order sqlparser.OrderBy, err error) error {
	for _, o := range order {
		if n, ok := o.Expr.(*sqlparser.ColName); ok && !n.Qualifier.IsEmpty() && mysqlerr.Code(err) == mysql.ER_BAD_FIELD_ERROR {
			return mysqlerr.New(mysql.ER_TABLENAME_NOT_ALLOWED_HERE, n.Qualifier.Name.String(), "global ORDER clause")
		}
	}
	return err
}
