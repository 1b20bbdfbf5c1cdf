package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// sourceColumn is a column that a FROM clause offers.
type sourceColumn struct {
	name    string
	operand expression.Operand
	meta    ResultColumn
	hidden  bool // an INVISIBLE column: * leaves it out
}

// source is one table of a FROM clause: a base table, a derived table, a view, a CTE.
type source struct {
	name     string // alias, or the table's name
	database string // empty for what is in no database
	alias    string // in SQL
	columns  []sourceColumn
	table    *schemas.Table // nil if it is no base table
	virtual  *virtualUse    // set if it is a table of the catalog's
	scan     int            // its place in compiler.scans, or -1
	// outer: the source is on the side of an outer join that may be filled with NULLs.
	outer bool
	// merged: MySQL puts the view or derived table into the query around it, where its columns keep their own
	// names however the query writes them.
	merged bool
	// written: it is a derived table or JSON_TABLE, which no locking clause may name.
	written bool
	// need is the place, from one on, of what the statement needs of the table, or 0.
	need int
	// opened is set for a view that a statement writes through.
	opened *openedView
	// pads: CHAR columns have their full length; see padded.
	pads bool
	// recursiveOf is the recursive table that the source reads the last round of.
	recursiveOf *cte
}

// find returns the place of a column, or -1.
func (s *source) find(name string) int {
	for i := range s.columns {
		if strings.EqualFold(s.columns[i].name, name) {
			return i
		}
	}
	return -1
}

// is reports whether a qualifier names the source.
func (s *source) is(n sqlparser.TableName) bool {
	if q := n.Qualifier.String(); q != "" && q != s.database && !(s.database == "information_schema" && strings.EqualFold(q, s.database)) {
		return false
	}
	return s.name == n.Name.String() || s.database == "" && strings.EqualFold(s.name, n.Name.String())
}

// column is the operand of the source's column i.
func (s *source) column(i int) expression.Operand {
	o := s.columns[i].operand
	o.Nullable = o.Nullable || s.outer
	if s.pads {
		o = padded(o)
	}
	return o
}

// padded is a value of type CHAR as PAD_CHAR_TO_FULL_LENGTH shows it: with blanks up to the type's length. What is stored loses them again.
func padded(o expression.Operand) expression.Operand {
	if o.Type.Kind == schemas.Char && o.Type.Length > 0 {
		o.SQL, o.Constant = "marmot_rpad("+o.SQL+", "+strconv.Itoa(o.Type.Length)+", ' ')", nil
	}
	return o
}

// padsChars reports whether values of type CHAR have their full length in what is being compiled. Definitions mean the same in every session.
func (k *compiler) padsChars() bool { return k.c.Mode&PadCharToFullLength != 0 && !k.stored }

// outColumn is a column of a query's result.
type outColumn struct {
	meta    ResultColumn
	operand expression.Operand
	// alias is set when the name was written with AS: only such names are found by GROUP BY and HAVING first.
	alias bool
	expr  sqlparser.Expr // nil for a column of *
}

// starColumn is what * gives at one place.
type starColumn struct {
	name   string
	source *source
	column int
	// merged is set for a column of USING or NATURAL.
	merged *expression.Operand
}

// scope is what names mean at one place of a statement.
type scope struct {
	k       *compiler
	parent  *scope
	sources []*source
	star    []starColumn
	ctes    map[string]*cte
	// before are the tables to the left in the FROM clause that is being compiled, which JSON_TABLE may name.
	before []*source

	// clause is MySQL's word for the place, for error 1054.
	clause string
	// items are the select list, once it is compiled: aliases of ORDER BY, GROUP BY and HAVING.
	items []outColumn
	// listed are the items of the select list before the one that is being compiled, whose aliases its subqueries may name; ahead is
	// what comes behind it.
	listed []outColumn
	ahead  []sqlparser.SelectExpr
	// grouped holds the SQL of the terms of GROUP BY.
	grouped []string
	// aliases says how names of items are looked up.
	aliases aliasRule

	// aggregates are allowed here; aggregated is set when one was met.
	aggregates, aggregated bool
	// inAggregate: inside the arguments of an aggregate.
	inAggregate bool
	windows     map[string]*sqlparser.WindowSpecification
	windowed    bool
	// inWindow is the name of the window whose specification is being compiled.
	inWindow string
	// correlated is set when a name was found in an enclosing query.
	correlated bool
	// lock says which rows the SELECT locks; viewLock that of a view instead of its own clause.
	lock     lockClause
	viewLock *lockClause
	// local: the query's result goes to the client, who sees a TIMESTAMP in the session's time zone.
	local bool
	// materialized: inside a derived table, a view or a CTE, whose rows are there before a
	// statement changes a table.
	materialized bool
	// strictDivision: a division by zero ends the statement.
	strictDivision bool
	// values gives VALUES(column) of ON DUPLICATE KEY UPDATE.
	values func(column string) (expression.Operand, error)
	// defaults gives DEFAULT(column).
	defaults func(column string) (expression.Operand, error)
	// opens: views in FROM are opened where that is possible; conditions are those of the opened ones.
	opens      bool
	conditions []string
	// rowOf, if set, gives the base tables of FROM, which are rows at hand.
	rowOf func(t *schemas.Table, name string) *source
	// oneRow is the alias of a table of one row that a query without FROM gets for its aggregates.
	oneRow string
	// side: a side of a set operation, whose ORDER BY means nothing without LIMIT.
	side bool
	// rolled holds the SQL of each term of GROUP BY … WITH ROLLUP, and whether the present level sums over it.
	rolled map[string]bool
	// rolledTerms are the terms of GROUP BY … WITH ROLLUP that are no columns.
	rolledTerms []sqlparser.Expr
	// rollupItem gives the expression of the select item of that name.
	rollupItem func(n *sqlparser.ColName, otherwise sqlparser.Expr) sqlparser.Expr
}

// aliasRule is the order in which a name is looked up among select items and columns.
type aliasRule uint8

const (
	aliasNever aliasRule = iota
	aliasFirst           // ORDER BY
	aliasLast            // GROUP BY, HAVING: columns first
)

// groupClause is what error messages call GROUP BY.
const groupClause = "group statement"

// lookup finds a column by name here or in an enclosing query.
func (s *scope) lookup(n *sqlparser.ColName) (expression.Operand, error) {
	if v := s.k.local(n); v != nil {
		if s.k.padsChars() {
			return padded(v.operand()), nil
		}
		return v.operand(), nil
	}
	qualified := !n.Qualifier.Name.IsEmpty()
	if s.clause == "having clause" && !qualified && !s.inAggregate {
		// A column that GROUP BY names goes before an alias that is spelled like it.
		if _, _, o, ok, err := s.place(n); err == nil && ok && slices.Contains(s.grouped, o.SQL) {
			o, _, err := s.own(n)
			return o, err
		}
	}
	if s.aliases == aliasFirst && !qualified && !s.inAggregate {
		if o, ok, err := s.item(n.Name.String()); ok || err != nil {
			return o, err
		}
	}
	for at := s; at != nil; at = at.parent {
		o, ok, err := at.own(n)
		if err != nil {
			return o, err
		}
		if ok && (at != s || s.seen(n, o)) {
			for mid := s; mid != at; mid = mid.parent {
				mid.correlated = true
			}
			return o, nil
		}
		if at.aliases == aliasLast && !qualified && !(at == s && s.inAggregate) {
			if o, ok, err := at.item(n.Name.String()); ok || err != nil {
				return o, err
			}
		}
		if at != s && !qualified {
			if o, ok, err := at.listedItem(n.Name.String()); ok || err != nil {
				for mid := s; mid != at; mid = mid.parent {
					mid.correlated = true
				}
				return o, err
			}
		}
	}
	return expression.Operand{}, s.unknown(n)
}

// seen reports whether a column of the scope's own sources may be named. HAVING sees the select list and GROUP BY only.
func (s *scope) seen(n *sqlparser.ColName, o expression.Operand) bool {
	if s.clause != "having clause" || s.inAggregate || s.rolled != nil || s.items == nil {
		return true
	}
	for i := range s.items {
		if s.items[i].operand.SQL == o.SQL {
			return true
		}
	}
	for _, g := range s.grouped {
		if g == o.SQL {
			return true
		}
	}
	return false
}

func (s *scope) unknown(n *sqlparser.ColName) error {
	return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, columnText(n), s.clause)
}

// columnText is a column's name as it was written, without quotes.
func columnText(n *sqlparser.ColName) string {
	text := n.Name.String()
	if t := n.Qualifier.Name.String(); t != "" {
		text = t + "." + text
	}
	if d := n.Qualifier.Qualifier.String(); d != "" {
		text = d + "." + text
	}
	return text
}

// item finds a select item by its name.
func (s *scope) item(name string) (expression.Operand, bool, error) {
	found := -1
	for i := range s.items {
		item := &s.items[i]
		if !strings.EqualFold(item.meta.Name, name) {
			continue
		}
		if _, column := item.expr.(*sqlparser.ColName); !column && item.expr != nil { // what is computed goes before columns
			found = i
			break
		}
		if found >= 0 && s.items[found].operand.SQL != item.operand.SQL {
			return expression.Operand{}, false, mysqlerr.New(mysql.ER_NON_UNIQ_ERROR, name, s.clause)
		}
		if found < 0 {
			found = i
		}
	}
	if found < 0 {
		return expression.Operand{}, false, nil
	}
	return s.items[found].operand, true, nil
}

// listedItem finds an alias of the select list for a subquery in it, which may name those before it.
func (s *scope) listedItem(name string) (expression.Operand, bool, error) {
	for i := range s.listed {
		if item := &s.listed[i]; item.alias && strings.EqualFold(item.meta.Name, name) {
			if item.expr != nil && hasAggregate(item.expr) {
				return expression.Operand{}, false, mysqlerr.New(mysql.ER_ILLEGAL_REFERENCE, name, "reference to group function")
			}
			o := item.operand
			o.Constant = nil
			return o, true, nil
		}
	}
	for _, e := range s.ahead {
		if e, ok := e.(*sqlparser.AliasedExpr); ok && e.As.EqualString(name) {
			return expression.Operand{}, false, mysqlerr.New(mysql.ER_ILLEGAL_REFERENCE, name, "forward reference in item list")
		}
	}
	return expression.Operand{}, false, nil
}

// own finds a column among the scope's own sources.
func (s *scope) own(n *sqlparser.ColName) (expression.Operand, bool, error) {
	src, i, o, ok, err := s.place(n)
	if ok {
		s.k.reads(src, i)
	}
	return o, ok, err
}

// place finds a column among the scope's own sources and says where it is; merged columns of
// USING have no place.
func (s *scope) place(n *sqlparser.ColName) (*source, int, expression.Operand, bool, error) {
	name := n.Name.String()
	if n.Qualifier.Name.IsEmpty() {
		for _, c := range s.star {
			if c.merged != nil && strings.EqualFold(c.name, name) {
				return c.source, c.column, *c.merged, true, nil
			}
		}
	}
	var found *source
	column := -1
	for _, src := range s.sources {
		if !n.Qualifier.Name.IsEmpty() && !src.is(n.Qualifier) {
			continue
		}
		i := src.find(name)
		if i < 0 && src.table != nil && strings.EqualFold(name, rowIDName) {
			if at := rowIDColumn(src.table); at >= 0 {
				i = src.find(src.table.Columns[at].Name)
			}
		}
		if i < 0 {
			continue
		}
		if found != nil {
			return nil, 0, expression.Operand{}, false, mysqlerr.New(mysql.ER_NON_UNIQ_ERROR, columnText(n), s.clause)
		}
		found, column = src, i
	}
	if found == nil {
		return nil, 0, expression.Operand{}, false, nil
	}
	return found, column, found.column(column), true, nil
}

// rowIDName is a name for the column of a table's key, if that is one of integers.
const rowIDName = "_rowid"

// rowIDColumn is the column that _rowid stands for: the primary key, or without one the first unique index over columns that are NOT NULL. It is -1 if
// that key has several columns or none of integers.
func rowIDColumn(t *schemas.Table) int {
	key := t.Primary
	for _, ix := range t.UniqueIndexes() {
		if key == nil && !slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool { return p.Column < 0 || t.Columns[p.Column].Nullable }) {
			key = ix
		}
	}
	if key == nil || len(key.Parts) != 1 {
		return -1
	}
	switch at := key.Parts[0].Column; t.Columns[at].Type.Kind {
	case schemas.TinyInt, schemas.SmallInt, schemas.MediumInt, schemas.Int, schemas.BigInt:
		return at
	}
	return -1
}

// inner is a scope for a query inside this one.
func (s *scope) inner() *scope {
	return &scope{k: s.k, parent: s, ctes: s.ctes, clause: "field list", materialized: s.materialized, strictDivision: s.strictDivision}
}

// beside is a scope for a derived table of the FROM clause: it sees the enclosing queries, but
// not its neighbours.
func (s *scope) beside() *scope {
	return &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "field list", materialized: true}
}
