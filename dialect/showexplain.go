package dialect

import (
	"fmt"
	"strings"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// explains reports whether a statement follows EXPLAIN, not a table's name.
func (s *textReader) explains() bool {
	for _, w := range [...]string{"SELECT", "WITH", "(", "INSERT", "REPLACE", "UPDATE", "DELETE", "TABLE", "VALUES", "EXTENDED", "PARTITIONS",
		"FORMAT", "ANALYZE", "FOR"} {
		if s.is(w) {
			return true
		}
	}
	return false
}

// planExplain plans EXPLAIN of a statement: what SQLite says of its plan, in MySQL's columns.
func planExplain(c *Context, s *textReader) (*Plan, error) {
	format := ""
	for s.err == nil {
		switch {
		case s.accept("EXTENDED"), s.accept("PARTITIONS"):
			continue
		case s.accept("ANALYZE"):
			format = "TREE"
			continue
		case s.accept("FORMAT"):
			s.expect("=")
			format = strings.ToUpper(s.word())
			continue
		case s.is("FOR"):
			return nil, unsupported("EXPLAIN FOR CONNECTION")
		}
		break
	}
	switch format {
	case "", "TRADITIONAL", "TREE", "JSON":
	default:
		return nil, mysqlerr.New(mysql.ER_UNKNOWN_EXPLAIN_FORMAT, format)
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
		return explainWrite(s, verb, format)
	}
	own := *c
	own.Mode &^= ANSIQuotes
	p, err := planSelectText(&own, sql)
	if err != nil {
		return nil, err
	}
	q := p.Query
	steps := func(x Executor, e Environment, b Binding) ([]explainStep, error) {
		k := &explainExecutor{Executor: x}
		err := q.Run(k, e, b, func([]txn.Value) error { return nil })
		return k.steps, err
	}
	out := explainPlan(format, steps)
	out.typed, out.variables = p.typed, p.variables
	out.Params, out.Databases, out.Tables = p.Params, p.Databases, p.Tables
	return out, nil
}

// explainStep is a line of SQLite's EXPLAIN QUERY PLAN.
type explainStep struct {
	kind   string // SIMPLE, INSERT, …
	detail string
}

// explainExecutor runs EXPLAIN QUERY PLAN in the place of each query.
type explainExecutor struct {
	Executor
	steps []explainStep
}

// Query implements Executor.
func (k *explainExecutor) Query(sql string, args []txn.Value, _ func([]txn.Value) error) error {
	names := tablesBehind(sql)
	return k.Executor.Query("EXPLAIN QUERY PLAN "+sql, args, func(row []txn.Value) error {
		words := strings.Split(string(row[len(row)-1].Bytes()), " ")
		if len(words) > 1 && names[words[1]] != "" {
			words[1] = names[words[1]]
		}
		k.steps = append(k.steps, explainStep{kind: "SIMPLE", detail: strings.Join(words, " ")})
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

// explainPlan is a plan that prints steps in the given format.
func explainPlan(format string, steps func(Executor, Environment, Binding) ([]explainStep, error)) *Plan {
	columns := "id bigint unsigned!, select_type varchar(19)!, table varchar(64), partitions varchar(64), type varchar(10), possible_keys varchar(4096), " +
		"key varchar(64), key_len varchar(393), ref varchar(1024), rows bigint unsigned, filtered double, Extra varchar(255)"
	if format == "TREE" || format == "JSON" {
		columns = "EXPLAIN longtext!"
	}
	l := listing{columns: columns}
	return &Plan{Columns: l.resultColumns(), Query: &Query{NeedsTransactionView: true,
		run: func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
			list, err := steps(x, e, b)
			if err != nil {
				return err
			}
			switch format {
			case "TREE":
				return row([]txn.Value{text(explainTree(list))})
			case "JSON":
				return row([]txn.Value{text(explainJSON(list))})
			}
			for _, step := range list {
				if err := row(step.columns()); err != nil {
					return err
				}
			}
			return nil
		}}}
}

func explainTree(list []explainStep) string {
	var b strings.Builder
	for _, step := range list {
		b.WriteString("-> " + step.detail + "\n")
	}
	return b.String()
}

func explainJSON(list []explainStep) string {
	var b strings.Builder
	b.WriteString("{\n  \"query_block\": {\n    \"select_id\": 1,\n    \"steps\": [")
	for i, step := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n      %q", step.detail)
	}
	b.WriteString("\n    ]\n  }\n}")
	return b.String()
}

// columns puts a step into MySQL's columns.
func (s explainStep) columns() []txn.Value {
	row := make([]txn.Value, 12)
	row[0], row[1], row[11] = count(1), text(s.kind), text(s.detail)
	words := strings.Fields(s.detail)
	if len(words) < 2 || words[0] != "SCAN" && words[0] != "SEARCH" {
		return row
	}
	row[2] = text(words[1])
	row[10] = txn.Real(100)
	switch {
	case words[0] == "SCAN" && !strings.Contains(s.detail, " USING "):
		row[4] = text("ALL")
	case words[0] == "SCAN":
		row[4] = text("index")
	case strings.Contains(s.detail, "rowid=?"), strings.Contains(s.detail, "PRIMARY KEY"):
		row[4], row[5], row[6] = text("const"), text("PRIMARY"), text("PRIMARY")
	case strings.Contains(s.detail, ">?"), strings.Contains(s.detail, "<?"):
		row[4] = text("range")
	default:
		row[4] = text("ref")
	}
	if _, name, ok := strings.Cut(s.detail, "INDEX "); ok {
		name, _, _ = strings.Cut(name, " (")
		if _, own, dotted := strings.Cut(name, "."); dotted {
			name = own
		}
		row[5], row[6] = text(name), text(name)
	}
	return row
}

// explainWrite names the table that a statement writes; SQLite plans it only when it runs.
func explainWrite(s *textReader, verb, format string) (*Plan, error) {
	s.at++
	for s.one("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM") != "" {
		continue
	}
	name := s.name()
	if s.accept(".") {
		name = s.anyName()
	}
	if s.err != nil {
		return nil, s.err
	}
	step := explainStep{kind: verb, detail: "SCAN " + name}
	return explainPlan(format, func(Executor, Environment, Binding) ([]explainStep, error) { return []explainStep{step}, nil }), nil
}
