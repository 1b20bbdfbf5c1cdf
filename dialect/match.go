package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/dialect/fulltext"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// matchSearch is one MATCH … AGAINST of a statement. It is searched once, before the statement runs, into a TEMP table.
type matchSearch struct {
	expr  *sqlparser.MatchExpr
	name  string // of the TEMP table
	table *schemas.Table
	index *schemas.Index
	mode  fulltext.Mode
	text  statement // computes what is searched for
	rowID string    // SQL of the row's id
	rank  string    // SQL of the row's relevance
}

// match compiles MATCH (columns) AGAINST (text).
func (s *scope) match(e *sqlparser.MatchExpr) (expression.Operand, error) {
	none := expression.Operand{}
	src, columns, err := s.matchColumns(e)
	if err != nil {
		return none, err
	}
	if src == nil || src.table == nil {
		return none, mysqlerr.New(mysql.ER_TABLE_CANT_HANDLE_FT)
	}
	m := &matchSearch{expr: e, table: src.table, index: fulltextIndex(src.table, columns), name: "_marmot_match_" + strconv.Itoa(len(s.k.matches))}
	if m.index == nil {
		return none, mysqlerr.New(mysql.ER_FT_MATCHING_KEY_NOT_FOUND)
	}
	switch e.Option {
	case sqlparser.BooleanModeOpt:
		m.mode = fulltext.Boolean
	case sqlparser.QueryExpansionOpt, sqlparser.NaturalLanguageModeWithQueryExpansionOpt:
		m.mode = fulltext.Expansion
	}
	if m.text, err = s.matchText(e.Expr); err != nil {
		return none, err
	}
	m.rowID = src.alias + "." + m.table.RowIDSQLite()
	m.rank = "coalesce((SELECT rank FROM temp." + schemas.QuoteSQLite(m.name) + " WHERE doc = " + m.rowID + "), 0.0)"
	s.k.matches = append(s.k.matches, m)
	return expression.Operand{SQL: m.rank, Type: schemas.Type{Kind: schemas.Double, Decimals: -1}, Nullable: true, Coercibility: expression.Numeric}, nil
}

// matchColumns finds the columns of MATCH, which must be of one table.
func (s *scope) matchColumns(e *sqlparser.MatchExpr) (*source, []int, error) {
	var found *source
	var columns []int
	for _, n := range e.Columns {
		if s.clause == "having clause" {
			if _, ok, err := s.item(n.Name.String()); !ok || err != nil {
				return nil, nil, s.unknown(n)
			}
		}
		var src *source
		var column int
		known := false
		for at := s; at != nil && !known; at = at.parent {
			var err error
			if src, column, _, known, err = at.place(n); err != nil {
				return nil, nil, err
			}
		}
		if !known {
			return nil, nil, s.unknown(n)
		}
		if found != nil && src != found {
			return nil, nil, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "MATCH")
		}
		found, columns = src, addInt(columns, column)
	}
	return found, columns, nil
}

// fulltextIndex is the full-text index over exactly these columns, in whatever order.
func fulltextIndex(t *schemas.Table, columns []int) *schemas.Index {
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if !ix.Fulltext || ix.SQLiteName == "" || ix.Invisible || len(ix.Parts) != len(columns) {
			continue
		}
		same := true
		for _, p := range ix.Parts {
			have := false
			for _, c := range columns {
				have = have || c == p.Column
			}
			same = same && have
		}
		if same {
			return ix
		}
	}
	return nil
}

// matchText compiles what is searched for, which no row may change.
func (s *scope) matchText(e sqlparser.Expr) (statement, error) {
	constant := true
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n.(type) {
		case *sqlparser.ColName, *sqlparser.Subquery, sqlparser.AggrFunc:
			constant = false
		}
		return constant, nil
	}, e)
	if !constant {
		return statement{}, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "AGAINST")
	}
	o, err := s.expr(e)
	if err != nil {
		return statement{}, err
	}
	if o, err = expression.Cast(o, schemas.Type{Kind: schemas.VarChar, Length: -1, Charset: "utf8mb4", Collation: expression.DefaultCollation}); err != nil {
		return statement{}, err
	}
	return newStatement("SELECT " + o.SQL), nil
}

// whereMatches lets the conditions of WHERE that are nothing but a MATCH lead to the rows, in the order of their
// relevance if there is one table; a comparison with it gives that order too.
func (c *selecting) whereMatches(e sqlparser.Expr) {
	if and, ok := e.(*sqlparser.AndExpr); ok {
		c.whereMatches(and.Left)
		c.whereMatches(and.Right)
		return
	}
	only := true
	if c, ok := e.(*sqlparser.ComparisonExpr); ok && (c.Operator == sqlparser.GreaterThanOp || c.Operator == sqlparser.GreaterEqualOp) {
		e, only = c.Left, false
	}
	match, ok := e.(*sqlparser.MatchExpr)
	if !ok {
		return
	}
	for _, m := range c.k.matches {
		if m.expr != match {
			continue
		}
		if only {
			c.whereSQL = m.rowID + " IN (SELECT doc FROM temp." + schemas.QuoteSQLite(m.name) + ") AND " + c.whereSQL
		}
		if len(c.sources) == 1 && c.relevance == "" {
			c.relevance = " ORDER BY " + m.rank + " DESC, " + m.rowID
		}
	}
}

// fillMatches searches, and keeps the rows found in TEMP tables.
func fillMatches(x Executor, b Binding, list []*matchSearch) error {
	type done struct {
		index *schemas.Index
		mode  fulltext.Mode
		text  string
		hits  []fulltext.Hit
	}
	var before []done
	for _, m := range list {
		now := done{index: m.index, mode: m.mode}
		null := false
		err := m.text.query(x, b, nil, func(v []txn.Value) error {
			now.text, null = string(v[0].Bytes()), v[0].IsNull()
			return nil
		})
		if err != nil {
			return sqlError(err)
		}
		known := null
		for _, d := range before {
			if d.index == now.index && d.mode == now.mode && d.text == now.text {
				now.hits, known = d.hits, true
			}
		}
		if !known {
			a := fulltext.NewAnalyzer(m.table.FulltextCollation(m.index), m.index.Parser)
			if now.hits, err = a.Search(matchIndex{x, m}, m.mode, now.text); err != nil {
				return err
			}
		}
		if !null {
			before = append(before, now)
		}
		if err := m.keep(x, now.hits); err != nil {
			return err
		}
	}
	return nil
}

// hitBatch is how many hits one statement writes.
const hitBatch = 64

// keep writes hits into the TEMP table.
func (m *matchSearch) keep(x Executor, hits []fulltext.Hit) error {
	name := schemas.QuoteSQLite(m.name)
	for _, sql := range []string{"CREATE TEMP TABLE IF NOT EXISTS " + name + " (doc INTEGER PRIMARY KEY, rank REAL NOT NULL)", "DELETE FROM temp." + name} {
		if _, err := x.Exec(sql, nil); err != nil {
			return err
		}
	}
	for len(hits) > 0 {
		n := 1
		if len(hits) >= hitBatch {
			n = hitBatch
		}
		args := make([]txn.Value, 0, 2*n)
		for _, h := range hits[:n] {
			args = append(args, txn.Int(h.Doc), txn.Real(h.Rank))
		}
		places := strings.TrimSuffix(strings.Repeat("(?, ?), ", n), ", ")
		if _, err := x.Exec("INSERT INTO temp."+name+" VALUES "+places, args); err != nil {
			return err
		}
		hits = hits[n:]
	}
	return nil
}

// matchIndex reads a full-text index for a search.
type matchIndex struct {
	x Executor
	m *matchSearch
}

// Documents counts the table's rows.
func (i matchIndex) Documents() (n int64, err error) {
	err = i.x.Query("SELECT count(*) FROM "+tableSQL(i.m.table), nil, func(v []txn.Value) error {
		n = v[0].Int64()
		return nil
	})
	return n, err
}

// Occurrences reads where words are.
func (i matchIndex) Occurrences(word string, prefix bool, each func(word string, doc, place int64)) error {
	vocabulary := `"d` + strconv.FormatUint(uint64(i.m.table.DBID), 10) + `".` + schemas.QuoteSQLite(i.m.index.FulltextVocabulary())
	condition, args := "term = ?1", []txn.Value{txn.TextString(word)}
	if prefix {
		condition, args = "term >= ?1 AND term <= ?2", append(args, txn.TextString(word+"g")) // above all hexadecimal digits
	}
	return i.x.Query("SELECT term, doc, offset FROM "+vocabulary+" WHERE "+condition, args, func(v []txn.Value) error {
		found := word
		if prefix {
			found = string(v[0].Bytes())
		}
		each(found, v[1].Int64(), v[2].Int64())
		return nil
	})
}

// Texts reads the indexed columns of rows.
func (i matchIndex) Texts(docs []int64, each func(columns []string)) error {
	var list []string
	for _, p := range i.m.index.Parts {
		list = append(list, schemas.QuoteSQLite(i.m.table.Columns[p.Column].Name))
	}
	sql := "SELECT " + strings.Join(list, ", ") + " FROM " + tableSQL(i.m.table) + " WHERE " + i.m.table.RowIDSQLite() + " = ?1"
	for _, doc := range docs {
		err := i.x.Query(sql, []txn.Value{txn.Int(doc)}, func(v []txn.Value) error {
			columns := make([]string, len(v))
			for j := range v {
				columns[j] = string(v[j].Bytes())
			}
			each(columns)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
