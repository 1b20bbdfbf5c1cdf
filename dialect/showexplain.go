package dialect

import (
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// explains reports whether a statement follows EXPLAIN, not a table's name.
func (s *textReader) explains() bool {
	for _, w := range [...]string{"SELECT", "WITH", "(", "INSERT", "REPLACE", "UPDATE", "DELETE", "TABLE", "VALUES", "FORMAT", "ANALYZE", "FOR"} {
		if s.is(w) {
			return true
		}
	}
	return false
}

// errNotExplainable is ER_EXPLAIN_NOT_SUPPORTED.
const errNotExplainable = 3012

// explainSpec is what stands between EXPLAIN and its statement.
type explainSpec struct {
	format  string // TRADITIONAL, TREE or JSON; empty without one
	analyze bool
}

// planExplain plans EXPLAIN of a statement: what SQLite says of its plan, in MySQL's forms.
func planExplain(c *Context, s *textReader) (*Plan, error) {
	var spec explainSpec
	spec.analyze = s.accept("ANALYZE")
	if s.accept("FORMAT") {
		s.expect("=")
		given := s.word()
		spec.format = strings.ToUpper(given)
		switch spec.format {
		case "TRADITIONAL", "TREE", "JSON":
		default:
			s.fail(mysqlerr.New(mysql.ER_UNKNOWN_EXPLAIN_FORMAT, given))
		}
	}
	if spec.analyze && spec.format == "" {
		spec.format = "TREE"
	}
	switch {
	case s.err != nil:
		return nil, s.err
	case spec.analyze && spec.format == "TRADITIONAL":
		return nil, unsupported("EXPLAIN ANALYZE with TRADITIONAL format")
	case s.accept("FOR", "CONNECTION"):
		return explainConnection(c, s, spec)
	}
	verb := strings.ToUpper(s.raw(s.token()))
	from := s.at
	sql := s.rest()
	if s.err != nil {
		return nil, s.err
	}
	switch verb {
	case "INSERT", "REPLACE", "UPDATE", "DELETE":
		s.at = from
		return explainWrite(c, s, verb, spec)
	}
	own := *c
	own.Mode &^= ANSIQuotes
	p, err := planSelectText(&own, sql)
	if err != nil {
		return nil, err
	}
	out := explainPlan(spec, func(x Executor, e Environment, b Binding) (explainTree, error) {
		return explainQuery(p, spec.analyze, x, e, b)
	})
	out.typed, out.variables = p.typed, p.variables
	out.Params, out.Databases, out.Tables = p.Params, p.Databases, p.Tables
	return out, nil
}

// explainQuery asks SQLite for its plan of each query of p, and with analyze runs it as well.
func explainQuery(p *Plan, analyze bool, x Executor, e Environment, b Binding) (explainTree, error) {
	k := &explainExecutor{Executor: x}
	if err := p.Query.Run(k, e, b, func([]txn.Value) error { return nil }); err != nil {
		return explainTree{}, err
	}
	tree := newExplainTree(k.steps, p.Tables, e)
	if !analyze {
		return tree, nil
	}
	start := wallClock(e)
	err := p.Query.Run(x, e, b, func([]txn.Value) error {
		if tree.actualRows++; tree.actualRows == 1 {
			tree.firstRow = wallClock(e).Sub(start)
		}
		return nil
	})
	tree.lastRow, tree.analyzed = wallClock(e).Sub(start), true
	if tree.actualRows == 0 {
		tree.firstRow = tree.lastRow
	}
	return tree, err
}

// wallClock is the present time, or the statement's where the environment has no other.
func wallClock(e Environment) time.Time {
	if c, ok := e.(interface{ WallClock() time.Time }); ok {
		return c.WallClock()
	}
	return e.Now()
}

// explainConnection plans EXPLAIN FOR CONNECTION: of the statement that another connection runs now.
func explainConnection(c *Context, s *textReader, spec explainSpec) (*Plan, error) {
	id := s.number()
	if err := s.finish(); err != nil {
		return nil, err
	}
	if spec.analyze {
		return nil, unsupported("EXPLAIN ANALYZE FOR CONNECTION")
	}
	own := *c
	return explainPlan(spec, func(x Executor, e Environment, b Binding) (explainTree, error) {
		for _, p := range server(e).Processes() {
			if p.ID != id {
				continue
			}
			own.Database, own.Mode = p.Database, own.Mode&^ANSIQuotes
			other, err := planSelectText(&own, p.Info)
			if err != nil || p.ID == e.ConnectionID() || other.Params > 0 {
				return explainTree{}, mysqlerr.New(errNotExplainable)
			}
			return explainQuery(other, false, x, e, b)
		}
		return explainTree{}, mysqlerr.New(mysql.ER_NO_SUCH_THREAD, id)
	}), nil
}

// explainStep is a line of SQLite's EXPLAIN QUERY PLAN.
type explainStep struct {
	id, parent int64
	detail     string
}

// explainExecutor runs EXPLAIN QUERY PLAN in the place of each query.
type explainExecutor struct {
	Executor
	steps []explainStep
}

// Query implements Executor.
func (k *explainExecutor) Query(sql string, args []txn.Value, _ func([]txn.Value) error) error {
	names := tablesBehind(sql)
	base := int64(len(k.steps)) << 32 // so that the numbers of one query are not those of another
	return k.Executor.Query("EXPLAIN QUERY PLAN "+sql, args, func(row []txn.Value) error {
		words := strings.Split(string(row[len(row)-1].Bytes()), " ")
		if len(words) > 1 && names[words[1]] != "" && (words[0] == "SCAN" || words[0] == "SEARCH") {
			words[1] = names[words[1]]
		}
		step := explainStep{id: base + row[0].Int64(), detail: strings.Join(words, " ")}
		if parent := row[1].Int64(); parent != 0 {
			step.parent = base + parent
		}
		k.steps = append(k.steps, step)
		return nil
	})
}

// tablesBehind finds the tables behind the aliases of a compiled query: "table" AS alias.
func tablesBehind(sql string) map[string]string {
	names := map[string]string{}
	parts := strings.Split(sql, `" AS `)
	for i := 1; i < len(parts); i++ {
		alias, _, _ := strings.Cut(strings.TrimRight(parts[i], ")"), " ")
		if at := strings.LastIndexByte(parts[i-1], '"'); at >= 0 {
			names[strings.TrimRight(alias, ",)")] = parts[i-1][at+1:]
		}
	}
	return names
}

// filteredColumn is the place of the percentage among the columns.
const filteredColumn = 10

// explainPlan is a plan that prints what work gives in a format.
func explainPlan(spec explainSpec, work func(Executor, Environment, Binding) (explainTree, error)) *Plan {
	columns := "id bigint unsigned!, select_type varchar(19)!, table varchar(64), partitions varchar(64), type varchar(10), possible_keys varchar(4096), " +
		"key varchar(64), key_len varchar(393), ref varchar(1024), rows bigint unsigned, filtered double, Extra varchar(255)"
	if spec.format == "TREE" || spec.format == "JSON" {
		columns = "EXPLAIN longtext!"
	}
	l := listing{columns: columns}
	shown := l.resultColumns()
	if len(shown) > 1 {
		shown[filteredColumn].Type.Decimals = 2
	}
	return &Plan{Columns: shown, Query: &Query{NeedsTransactionView: true,
		run: func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
			tree, err := work(x, e, b)
			if err != nil {
				return err
			}
			switch spec.format {
			case "TREE":
				return row([]txn.Value{text(tree.text())})
			case "JSON":
				return row([]txn.Value{text(tree.json())})
			}
			for _, r := range tree.rows() {
				if err := row(r); err != nil {
					return err
				}
			}
			return nil
		}}}
}

// explainWrite names the table that a statement writes; SQLite plans it only when it runs.
func explainWrite(c *Context, s *textReader, verb string, spec explainSpec) (*Plan, error) {
	s.at++
	for s.one("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM") != "" {
		continue
	}
	o := s.object()
	if s.err != nil {
		return nil, s.err
	}
	t := c.Catalog.Table(o.Database, o.Name)
	return explainPlan(spec, func(_ Executor, e Environment, _ Binding) (explainTree, error) {
		table := explainTable{name: o.Name, access: "ALL"}
		if t != nil && verb != "INSERT" && verb != "REPLACE" {
			table.rows = server(e).TableRows(t)
		}
		top := &explainBlock{id: 1, kind: verb, tables: []explainTable{table}}
		return explainTree{blocks: []*explainBlock{top}, write: verb, lastRow: time.Duration(0)}, nil
	}), nil
}

// explainedTable finds a table by the name that SQLite has for it.
func explainedTable(tables []*schemas.Table, name string) *schemas.Table {
	for _, t := range tables {
		if t.SQLiteName == name || t.Name == name {
			return t
		}
	}
	return nil
}
