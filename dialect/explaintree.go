package dialect

import (
	"strings"
	"time"

	"marmot/schemas"
)

// explainTree is the plan of a statement: its query blocks, the outermost first.
type explainTree struct {
	blocks            []*explainBlock
	write             string // INSERT, UPDATE …, or empty
	analyzed          bool
	actualRows        int64
	firstRow, lastRow time.Duration
}

// explainBlock is one SELECT.
type explainBlock struct {
	id                  int
	kind                string // SIMPLE, PRIMARY, …
	parent              *explainBlock
	tables              []explainTable
	filesort, temporary bool
}

// explainTable is a table of a SELECT, in the order in which they are read.
type explainTable struct {
	name      string
	access    string // ALL, index, range, ref, eq_ref, const
	key       string
	keyLength int
	parts     []string // columns of the key that are compared
	covering  bool
	rows      int64
	derived   *explainBlock
}

// newExplainTree makes blocks of SQLite's steps.
func newExplainTree(steps []explainStep, tables []*schemas.Table, e Environment) explainTree {
	top := &explainBlock{id: 1, kind: "SIMPLE"}
	tree := explainTree{blocks: []*explainBlock{top}}
	at := map[int64]*explainBlock{0: top}
	derived := map[string]*explainBlock{}
	for _, step := range steps {
		block := at[step.parent]
		if block == nil {
			block = top
		}
		at[step.id] = block
		begin := func(kind string) {
			at[step.id] = &explainBlock{id: len(tree.blocks) + 1, kind: kind, parent: block}
			tree.blocks = append(tree.blocks, at[step.id])
		}
		words := strings.Fields(step.detail)
		switch {
		case strings.Contains(step.detail, "SUBQUERY ") && words[0] == "CORRELATED":
			begin("DEPENDENT SUBQUERY")
		case strings.HasPrefix(step.detail, "SCALAR SUBQUERY"), strings.HasPrefix(step.detail, "LIST SUBQUERY"):
			begin("SUBQUERY")
		case (words[0] == "CO-ROUTINE" || words[0] == "MATERIALIZE") && len(words) > 1 && !strings.HasPrefix(words[1], "("):
			begin("DERIVED")
			derived[words[1]] = at[step.id]
		case words[0] == "UNION", words[0] == "EXCEPT", words[0] == "INTERSECT":
			begin(words[0])
		case strings.HasSuffix(step.detail, "FOR ORDER BY"):
			block.filesort = true
		case strings.HasPrefix(step.detail, "USE TEMP B-TREE"):
			block.temporary = true
		case words[0] == "SCAN" || words[0] == "SEARCH":
			block.add(step.detail, words, tables, derived, e)
		}
	}
	if len(tree.blocks) > 1 {
		top.kind = "PRIMARY"
	}
	return tree
}

// add notes a table that is read.
func (b *explainBlock) add(detail string, words []string, tables []*schemas.Table, derived map[string]*explainBlock, e Environment) {
	if len(words) < 2 || words[1] == "CONSTANT" || strings.HasPrefix(words[1], "(") {
		return
	}
	t := explainTable{name: words[1], access: "ALL", derived: derived[words[1]], covering: strings.Contains(detail, "COVERING INDEX")}
	for outer := b; outer != nil; outer = outer.parent {
		if outer == t.derived { // a table that reads itself, as WITH RECURSIVE makes it
			t.derived = nil
		}
	}
	def := explainedTable(tables, t.name)
	if def != nil {
		t.name, t.rows = def.Name, server(e).TableRows(def)
	}
	_, condition, _ := strings.Cut(detail, " (")
	ranged := strings.ContainsAny(condition, "<>")
	primary := strings.Contains(detail, "PRIMARY KEY")
	if _, name, ok := strings.Cut(detail, " INDEX "); ok && !strings.Contains(detail, "VIRTUAL TABLE") {
		name, _, _ = strings.Cut(name, " (")
		name, _, _ = strings.Cut(name, " LEFT-JOIN")
		if _, own, dotted := strings.Cut(name, "."); dotted {
			name = own
		}
		t.key = name
		if strings.Contains(detail, "AUTOMATIC") {
			t.key = "<auto_key0>"
		}
	} else if primary {
		t.key = "PRIMARY"
	}
	switch {
	case words[0] == "SCAN" && t.key != "":
		t.access = "index"
	case words[0] == "SCAN":
	case ranged:
		t.access, t.rows = "range", max(t.rows/3, 1)
	case primary && len(b.tables) == 0:
		t.access, t.rows = "const", 1
	case primary:
		t.access, t.rows = "eq_ref", 1
	case t.key != "":
		t.access, t.rows = "ref", max(t.rows/10, 1)
	}
	switch {
	case t.access != "index":
		t.comparedParts(condition, def)
	case def != nil && def.Index(t.key) != nil:
		for _, p := range def.Index(t.key).Parts {
			if p.Column >= 0 {
				t.parts = append(t.parts, def.Columns[p.Column].Name)
				t.keyLength += schemas.KeyBytes(&def.Columns[p.Column])
			}
		}
	}
	b.tables = append(b.tables, t)
}

// comparedParts reads the columns of the key that are compared from SQLite's "a=? AND b>?".
func (t *explainTable) comparedParts(condition string, def *schemas.Table) {
	condition, _, _ = strings.Cut(condition, ")")
	for _, part := range strings.Split(condition, " AND ") {
		name := strings.TrimRight(part, "=<>?")
		switch {
		case name == "" || name == part:
			continue
		case name == "rowid" && def != nil && def.Primary != nil:
			name = def.Columns[def.Primary.Parts[0].Column].Name
		}
		if len(t.parts) > 0 && t.parts[len(t.parts)-1] == name {
			continue
		}
		t.parts = append(t.parts, name)
		if def == nil {
			continue
		}
		if i := def.ColumnIndex(name); i >= 0 {
			t.keyLength += schemas.KeyBytes(&def.Columns[i])
		}
	}
}

// cost is an estimate in MySQL's unit: the reading of a page.
func (t *explainTable) cost() float64 { return 0.25 + 0.1*float64(max(t.rows, 1)) }
