package dialect

import (
	"strings"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// planPassthrough plans /*sqlite*/ SELECT …: SQLite's own SQL, read only, on the file of the default
// database. The result's columns are those of the text's first select list, whose items must be
// written out: a plan is made without SQLite at hand.
func planPassthrough(c *Context, sql []byte) (*Plan, error) {
	text := strings.TrimSuffix(strings.TrimSpace(string(sql)), ";")
	items, err := passthroughItems([]byte(text))
	if err != nil {
		return nil, err
	}
	plan := &Plan{Needs: []accounts.Need{serverNeed(accounts.Select, "SELECT")}, Query: &Query{NeedsTransactionView: true}}
	for _, item := range items {
		plan.Columns = append(plan.Columns, ResultColumn{Name: passthroughName(item), Nullable: true,
			Type: schemas.Type{Kind: schemas.LongText, Charset: "utf8mb4", Collation: expression.DefaultCollation}})
	}
	if db := c.Catalog.Database(c.Database); db != nil {
		plan.Databases = []txn.DatabaseID{db.ID}
		for _, t := range db.SortedTables() {
			plan.Tables = append(plan.Tables, t)
			plan.Query.Scans = append(plan.Query.Scans, Scan{Table: t})
		}
	}
	columns := len(items)
	plan.Query.run = func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
		return sqlError(x.Query(text, nil, func(values []txn.Value) error {
			if len(values) != columns {
				return mysqlerr.Newf(mysql.ER_WRONG_ARGUMENTS, "/*sqlite*/: the text names %d columns, SQLite answers %d", columns, len(values))
			}
			return row(values)
		}))
	}
	return plan, nil
}

// passthroughItems checks that the text only reads, and cuts the select list that gives the
// result's columns apart.
func passthroughItems(text []byte) ([]string, error) {
	refuse := func(why string) error {
		return mysqlerr.Newf(mysql.ER_NOT_SUPPORTED_YET, "/*sqlite*/ %s", why)
	}
	s := scanner{src: text}
	first := true
	for t := s.next(); t.kind != tokenEnd; t = s.next() {
		switch {
		case t.kind == tokenBad:
			return nil, syntaxError(text, t.start)
		case t.kind == tokenOperator && text[t.start] == ';':
			return nil, refuse("takes one statement")
		case t.kind == tokenWord:
			w := lowerWord(text[t.start:t.end])
			if first && w != "select" && w != "with" {
				return nil, refuse("takes SELECT only")
			}
			switch w {
			case "insert", "update", "delete", "pragma", "attach", "detach", "vacuum", "create", "drop", "alter":
				return nil, refuse("takes SELECT only")
			}
		}
		first = false
	}
	m := marker{s: scanner{src: text}}
	m.run()
	if m.main < 0 || len(m.items) == 0 {
		return nil, refuse("takes SELECT only")
	}
	items := m.items[m.main]
	for _, item := range items {
		if item == "*" || strings.HasSuffix(item, ".*") {
			return nil, refuse("wants each column written out in place of *")
		}
	}
	return items, nil
}

// passthroughName is the alias of a select item, or its text.
func passthroughName(item string) string {
	s := scanner{src: []byte(item)}
	var last, before token
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		before, last = last, t
	}
	name := item[last.start:last.end]
	if before.end > 0 && last.kind != tokenOperator && strings.EqualFold(item[before.start:before.end], "as") {
		return strings.Trim(name, "`\"'")
	}
	return item
}
