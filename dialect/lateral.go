package dialect

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// lateral compiles LATERAL (SELECT …). SQLite's table functions alone may name what stands before them in FROM, so the
// rows of the query become one JSON array of texts, json_each gives a row for each, and the columns are read
// from the text.
func (s *scope) lateral(e *sqlparser.AliasedTableExpr, t *sqlparser.DerivedTable) (relation, error) {
	sight := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "field list", sources: s.before}
	for _, src := range s.before {
		sight.star = append(sight.star, starOf(src)...)
	}
	inner := &scope{k: s.k, parent: sight, ctes: s.ctes, clause: "field list", materialized: true}
	q, err := inner.tableStatement(t.Select)
	if err != nil {
		return relation{}, err
	}
	s.correlated = s.correlated || sight.correlated
	src, err := s.derived(q, e.As.String(), "", columnNames(e.Columns), merges(t.Select))
	if err != nil {
		return relation{}, err
	}
	src.written = true
	var cells []string
	for i := range q.columns {
		cells = append(cells, outName(i))
		src.columns[i].operand.SQL = "marmot_row_cell(" + src.alias + ".value, " + strconv.Itoa(i) + ")"
	}
	rows := "(SELECT json_group_array(marmot_row_text(" + strings.Join(cells, ", ") + ")) FROM (" + q.sql + "))"
	return single("json_each("+rows+")", src), nil
}

// rowText is marmot_row_text(value, …): the values of a row as one text of ASCII characters.
func rowText(args []txn.Value) (txn.Value, error) {
	return txn.Text(expression.AppendRowText(nil, args)), nil
}

// rowCell is marmot_row_cell(text, n): the value n of such a row.
func rowCell(args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	text := string(args[0].Bytes())
	for range args[1].Int64() {
		_, text, _ = strings.Cut(text, ",")
	}
	cell, _, ok := strings.Cut(text, ",")
	if !ok || cell == "" {
		return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_ERROR)
	}
	switch kind, rest := cell[0], cell[1:]; kind {
	case 'i':
		n, err := strconv.ParseInt(rest, 10, 64)
		return txn.Int(n), err
	case 'r':
		n, err := strconv.ParseUint(rest, 16, 64)
		return txn.Real(math.Float64frombits(n)), err
	case 't', 'b':
		b, err := base64.StdEncoding.DecodeString(rest)
		if kind == 't' {
			return txn.Text(b), err
		}
		return txn.Blob(b), err
	}
	return txn.Null(), nil
}
