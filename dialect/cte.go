package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// cte is a common table expression that later parts of a statement may name.
type cte struct {
	name    string // as the client wrote it
	sqlName string
	text    string // of its definition, once it is complete
	number  int    // in the order of the definitions
	columns []outColumn
	names   []string
	// recursive: names of it inside itself stand for the rows of the last round.
	recursive bool
	merged    bool // see source
}

// with compiles WITH before a statement: the text before SELECT, and the names in the scope. What nobody reads is not even
// looked at, as in MySQL.
func (s *scope) with(w *sqlparser.With, statement sqlparser.SQLNode) (string, error) {
	if w == nil || len(w.CTEs) == 0 {
		return "", nil
	}
	known := map[string]*cte{}
	for name, c := range s.ctes {
		known[name] = c
	}
	s.ctes = known
	var list []string
	seen, used := map[string]bool{}, usedTables(w, statement)
	for i, e := range w.CTEs {
		if seen[e.ID.String()] {
			return "", mysqlerr.New(mysql.ER_NONUNIQ_TABLE, e.ID.String())
		}
		seen[e.ID.String()] = true
		if !used[i] {
			continue
		}
		text, err := s.commonTable(e, w.Recursive)
		if err != nil {
			return "", err
		}
		if c := s.ctes[e.ID.String()]; c != nil {
			c.text, c.number = text, s.k.names
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "", nil
	}
	word := "WITH "
	if w.Recursive {
		word = "WITH RECURSIVE "
	}
	return word + strings.Join(list, ", ") + " ", nil
}

// usedTables tells which expressions of WITH the statement reads, by itself or through others that it reads.
func usedTables(w *sqlparser.With, statement sqlparser.SQLNode) []bool {
	used := make([]bool, len(w.CTEs))
	mark := func(n sqlparser.SQLNode, below int) {
		read := map[string]bool{}
		_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
			if t, ok := node.(sqlparser.TableName); ok && t.Qualifier.IsEmpty() {
				read[t.Name.String()] = true
			}
			return node != sqlparser.SQLNode(w), nil
		}, n)
		for i, e := range w.CTEs[:below] {
			used[i] = used[i] || read[e.ID.String()]
		}
	}
	mark(statement, len(used))
	for i := len(used) - 1; i > 0; i-- {
		if used[i] {
			mark(w.CTEs[i].Subquery, i)
		}
	}
	return used
}

// commonTable compiles one expression of WITH and makes its name known.
func (s *scope) commonTable(e *sqlparser.CommonTableExpr, recursive bool) (string, error) {
	c := &cte{name: e.ID.String(), sqlName: "w" + s.k.alias(), names: columnNames(e.Columns)}
	if u, ok := e.Subquery.(*sqlparser.Union); ok && recursive && refersTo(u, c.name) {
		return s.recursiveTable(c, u)
	}
	if recursive && refersTo(e.Subquery, c.name) {
		return "", mysqlerr.New(errRecursiveUnion, c.name)
	}
	c.merged = merges(e.Subquery)
	inner := s.beside()
	q, err := inner.tableStatement(e.Subquery)
	if err != nil {
		return "", err
	}
	c.columns = q.columns
	s.ctes[c.name] = c
	return c.sqlName + " AS (" + q.sql + ")", nil
}

// refersTo reports whether a statement reads a table of that bare name.
func refersTo(n sqlparser.SQLNode, name string) bool {
	found := false
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if t, ok := node.(*sqlparser.AliasedTableExpr); ok {
			if n, ok := t.Expr.(sqlparser.TableName); ok && n.Qualifier.IsEmpty() && n.Name.String() == name {
				found = true
			}
		}
		return !found, nil
	}, n)
	return found
}

// recursiveTable compiles WITH RECURSIVE: the first SELECTs give the columns and their types, the
// values of the others are converted to them.
func (s *scope) recursiveTable(c *cte, u *sqlparser.Union) (string, error) {
	terms := s.k.p.flatten(u)
	var anchors, rounds []setTerm
	for _, t := range terms {
		if refersTo(t.statement, c.name) {
			rounds = append(rounds, t)
		} else if len(rounds) > 0 {
			return "", mysqlerr.New(errRecursiveFirst, c.name)
		} else {
			anchors = append(anchors, t)
		}
	}
	if len(anchors) == 0 {
		return "", mysqlerr.New(errRecursiveFirst, c.name)
	}
	if u.OrderBy != nil {
		return "", unsupported("ORDER BY over UNION in recursive Common Table Expression")
	}
	for i := range anchors {
		if err := s.recursiveSide(&anchors[i]); err != nil {
			return "", err
		}
	}
	first, err := combine(anchors)
	if err != nil {
		return "", err
	}
	c.columns = append([]outColumn{}, first.columns...)
	for i := range c.columns {
		c.columns[i].operand.Nullable = true
		c.columns[i].meta.Flags &^= flagNotNull
		if c.columns[i].operand.Type.Kind == 0 {
			c.columns[i].operand = derivedOperand(c.columns[i].operand, outName(i))
		}
	}
	c.recursive = true
	s.ctes[c.name] = c
	all := !rounds[len(rounds)-1].distinct
	depth := ""
	if all {
		depth = ", 0"
	}
	text := "SELECT *" + depth + " FROM (" + first.sql + ")"
	for _, t := range rounds {
		round, err := s.round(c, t, all)
		if err != nil {
			return "", err
		}
		text += round
	}
	c.recursive = false
	limit, err := s.limitClause(u.Limit)
	if err != nil {
		return "", err
	}
	var names []string
	for i := range c.columns {
		names = append(names, outName(i))
	}
	if all {
		names = append(names, "round")
		if limit == "" { // all rows are made, however many are read
			return c.sqlName + "(" + strings.Join(names, ", ") + ") AS MATERIALIZED (" + text + ")", nil
		}
		return c.sqlName + "(" + strings.Join(names, ", ") + ") AS (" + text + limit + ")", nil
	}
	recursion := c.sqlName
	c.sqlName += "b"
	return boundedTable(recursion, c.sqlName, names, text+limit), nil
}

// maxDistinctRows bounds a recursive UNION DISTINCT, whose rounds can't be counted: a row that tells its round would
// equal no other.
const maxDistinctRows = 1000000

// boundedTable is a recursive table that ends with MySQL's error when it has too many rows.
func boundedTable(recursion, name string, names []string, text string) string {
	list := strings.Join(names, ", ")
	limit := strconv.Itoa(maxDistinctRows)
	return recursion + "(" + list + ") AS (" + text + "), " + name + "(" + list + ") AS (SELECT " + list +
		" FROM (SELECT *, row_number() OVER () AS n FROM " + recursion + ") WHERE n < " + limit + " OR marmot_recursion(n))"
}

func (s *scope) recursiveSide(t *setTerm) (err error) {
	inner := s.beside()
	if sel, ok := t.statement.(*sqlparser.Select); ok {
		t.q, err = inner.selectStatement(sel, true)
	} else {
		t.q, err = inner.tableStatement(t.statement)
	}
	return err
}

// round compiles one recursive SELECT. SQLite wants its FROM to name the table itself, so the
// conversions stand in its own select list.
func (s *scope) round(c *cte, t setTerm, all bool) (string, error) {
	sel, ok := t.statement.(*sqlparser.Select)
	if !ok {
		return "", unsupported("set operation in the recursive part of a query")
	}
	if sel.Distinct || sel.OrderBy != nil || sel.Limit != nil {
		return "", unsupported("ORDER BY / LIMIT / SELECT DISTINCT in recursive query block of Common Table Expression")
	}
	if err := recursivePlace(sel, c.name); err != nil {
		return "", err
	}
	inner := s.beside()
	p := selecting{scope: inner, t: sel}
	for _, step := range []func() error{p.head, p.list, p.where, p.group, p.having, p.order, p.limit, p.check} {
		if err := step(); err != nil {
			return "", err
		}
	}
	if p.aggregated || len(p.groups) > 0 {
		return "", mysqlerr.New(errRecursiveAggregate, c.name)
	}
	if len(p.items) != len(c.columns) {
		return "", mysqlerr.New(mysql.ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT)
	}
	for i := range p.items {
		o := p.items[i].operand
		want := c.columns[i].operand.Type
		name := c.columns[i].meta.Name
		if len(c.names) > 0 {
			name = c.names[i]
		}
		o.SQL = expression.Assign(o, want, name)
		o.Type = want
		p.items[i].operand = o
	}
	if all {
		round := ""
		for _, src := range p.sources {
			if src.name == c.name || src.recursiveOf == c {
				round = src.alias + ".round"
			}
		}
		if round == "" {
			return "", unsupported("recursive name outside FROM")
		}
		p.items = append(p.items, outColumn{operand: expression.Operand{SQL: "marmot_recursion(" + round + ")"}})
	}
	word := " UNION "
	if all {
		word = " UNION ALL "
	}
	return word + p.query(false).sql, nil
}

// recursivePlace refuses a recursive SELECT that names its table twice, in a subquery or on the inner side of an outer join.
func recursivePlace(sel *sqlparser.Select, name string) error {
	count, outer := 0, false
	all := 0
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if t, ok := n.(*sqlparser.AliasedTableExpr); ok {
			if n, ok := t.Expr.(sqlparser.TableName); ok && n.Qualifier.IsEmpty() && n.Name.String() == name {
				all++
			}
		}
		return true, nil
	}, sel)
	var visit func(t sqlparser.TableExpr, inner bool)
	visit = func(t sqlparser.TableExpr, inner bool) {
		switch t := t.(type) {
		case *sqlparser.AliasedTableExpr:
			if n, ok := t.Expr.(sqlparser.TableName); ok && n.Qualifier.IsEmpty() && n.Name.String() == name {
				count++
				outer = outer || inner
			}
		case *sqlparser.JoinTableExpr:
			left := t.Join == sqlparser.LeftJoinType || t.Join == sqlparser.NaturalLeftJoinType
			right := t.Join == sqlparser.RightJoinType || t.Join == sqlparser.NaturalRightJoinType
			visit(t.LeftExpr, inner || right)
			visit(t.RightExpr, inner || left)
		case *sqlparser.ParenTableExpr:
			for _, e := range t.Exprs {
				visit(e, inner)
			}
		}
	}
	for _, t := range sel.From {
		visit(t, false)
	}
	if count != 1 || all != 1 {
		return mysqlerr.New(errRecursiveOnce, name)
	}
	if outer {
		return mysqlerr.New(errRecursiveOuter, name)
	}
	return nil
}

// fromCTE reads a common table expression.
func (s *scope) fromCTE(c *cte, name string) (relation, error) {
	src, err := s.derived(&query{columns: c.columns}, name, "", c.names, c.merged)
	if err != nil {
		return relation{}, err
	}
	if c.recursive {
		src.recursiveOf = c
	}

	return single(c.sqlName, src), nil
}
