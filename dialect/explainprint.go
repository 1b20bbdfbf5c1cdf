package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"marmot/txn"
)

// rows prints a plan in the columns of the traditional format.
func (x *explainTree) rows() [][]txn.Value {
	var list [][]txn.Value
	for _, b := range x.blocks {
		if len(b.tables) == 0 {
			row := make([]txn.Value, 12)
			row[0], row[1], row[11] = count(b.id), text(b.kind), text("No tables used")
			list = append(list, row)
		}
		for i := range b.tables {
			list = append(list, b.row(i, x.write))
		}
	}
	if ids := x.unions(); len(ids) > 1 {
		row := make([]txn.Value, 12)
		row[0], row[1], row[2], row[4] = count(len(x.blocks)+1), text("UNION RESULT"), text("<union"+strings.Join(ids, ",")+">"), text("ALL")
		row[11] = text("Using temporary")
		list = append(list, row)
	}
	return list
}

// unions lists the blocks that a UNION joins, if the statement is one.
func (x *explainTree) unions() []string {
	ids := []string{"1"}
	for _, b := range x.blocks {
		if b.kind == "UNION" && b.parent == x.blocks[0] {
			ids = append(ids, strconv.Itoa(b.id))
		}
	}
	return ids
}

// row prints table i of the block.
func (b *explainBlock) row(i int, write string) []txn.Value {
	t := &b.tables[i]
	row := make([]txn.Value, 12)
	row[0], row[1], row[2], row[4] = count(b.id), text(b.kind), text(t.shownName()), text(t.access)
	if t.key != "" {
		row[6] = text(t.key)
		if t.access != "index" {
			row[5] = row[6]
		}
	}
	if t.keyLength > 0 {
		row[7] = text(strconv.Itoa(t.keyLength))
	}
	if r := t.references(i); len(r) > 0 {
		row[8] = text(strings.Join(r, ","))
	}
	if write != "INSERT" && write != "REPLACE" {
		row[9], row[10] = txn.Int(max(t.rows, 1)), txn.Real(100)
	}
	var extra []string
	if t.covering {
		extra = append(extra, "Using index")
	}
	if i == 0 && b.temporary {
		extra = append(extra, "Using temporary")
	}
	if i == 0 && b.filesort {
		extra = append(extra, "Using filesort")
	}
	if len(extra) > 0 {
		row[11] = text(strings.Join(extra, "; "))
	}
	return row
}

func (t *explainTable) shownName() string {
	if t.derived != nil {
		return "<derived" + strconv.Itoa(t.derived.id) + ">"
	}
	return t.name
}

// references says what the parts of the key of table i of a join are compared with.
func (t *explainTable) references(i int) []string {
	if t.access != "ref" && t.access != "const" && t.access != "eq_ref" {
		return nil
	}
	list := make([]string, len(t.parts))
	for n := range list {
		list[n] = "const"
		if i > 0 {
			list[n] = "func"
		}
	}
	return list
}

// text prints a plan as a tree.
func (x *explainTree) text() string {
	var b strings.Builder
	if x.write != "" {
		if x.write == "INSERT" || x.write == "REPLACE" {
			return "-> " + x.write[:1] + strings.ToLower(x.write[1:]) + " into " + x.blocks[0].tables[0].name + "\n"
		}
		return "-> <not executable by iterator executor>\n"
	}
	depth := 0
	if x.analyzed {
		ms := func(d time.Duration) string {
			return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'g', 3, 64)
		}
		fmt.Fprintf(&b, "-> Send rows  (actual time=%s..%s rows=%d loops=1)\n", ms(x.firstRow), ms(x.lastRow), x.actualRows)
		depth = 1
	}
	for _, block := range x.blocks {
		if block.parent == nil {
			x.block(&b, block, depth)
		}
	}
	return b.String()
}

// block prints a block and those in it.
func (x *explainTree) block(b *strings.Builder, block *explainBlock, depth int) {
	line := func(format string, args ...any) {
		b.WriteString(strings.Repeat("    ", depth) + "-> ")
		fmt.Fprintf(b, format+"\n", args...)
	}
	own := depth
	if block.filesort {
		line("Sort")
		depth++
	}
	if block.temporary {
		line("Aggregate using temporary table")
		depth++
	}
	if len(block.tables) > 1 {
		line("Nested loop join")
		depth++
	}
	if len(block.tables) == 0 {
		line("Rows fetched before execution  (cost=0..0 rows=1)")
	}
	for i := range block.tables {
		t := &block.tables[i]
		line("%s  (cost=%.3g rows=%d)", t.operation(), t.cost(), max(t.rows, 1))
		if t.derived != nil {
			depth++
			line("Materialize")
			x.block(b, t.derived, depth+1)
			depth--
		}
	}
	depth = own
	for _, inner := range x.blocks {
		if inner.parent != block || inner.kind == "DERIVED" {
			continue
		}
		name := inner.kind[:1] + strings.ToLower(inner.kind[1:])
		line("%s #%d", name, inner.id)
		x.block(b, inner, depth+1)
	}
}

// operation names the way in which the table is read.
func (t *explainTable) operation() string {
	covering := func(word string) string {
		if t.covering {
			return "Covering " + strings.ToLower(word[:1]) + word[1:]
		}
		return word
	}
	condition := ""
	if len(t.parts) > 0 {
		condition = " (" + strings.Join(t.parts, ", ") + ")"
	}
	switch t.access {
	case "index":
		return covering("Index scan on ") + t.name + " using " + t.key
	case "range":
		return covering("Index range scan on ") + t.name + " using " + t.key + condition
	case "const", "eq_ref":
		return "Single-row index lookup on " + t.name + " using " + t.key + condition
	case "ref":
		return covering("Index lookup on ") + t.name + " using " + t.key + condition
	}
	return "Table scan on " + t.name
}

// jsonObject is an object whose members have an order.
type jsonObject []jsonMember

type jsonMember struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o jsonObject) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.WriteByte(sep)
		b.WriteString(strconv.Quote(m.name) + ":")
		b.Write(value)
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// json prints a plan in version 1 of MySQL's JSON, which tools read.
func (x *explainTree) json() string {
	root := jsonObject{{"query_block", x.jsonBlock(x.blocks[0])}}
	if x.analyzed {
		root = append(root, jsonMember{"actual_rows", x.actualRows}, jsonMember{"actual_first_row_ms", float64(x.firstRow) / float64(time.Millisecond)},
			jsonMember{"actual_last_row_ms", float64(x.lastRow) / float64(time.Millisecond)})
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return "{}"
	}
	return string(out)
}

func (x *explainTree) jsonBlock(b *explainBlock) jsonObject {
	out := jsonObject{{"select_id", b.id}}
	if len(b.tables) == 0 {
		return append(out, jsonMember{"message", "No tables used"})
	}
	total := 0.0
	for i := range b.tables {
		total += b.tables[i].cost()
	}
	if x.write == "" {
		out = append(out, jsonMember{"cost_info", jsonObject{{"query_cost", cost(total)}}})
	}
	inner := x.jsonTables(b)
	if b.temporary {
		inner = jsonObject{{"grouping_operation", append(jsonObject{{"using_temporary_table", true}, {"using_filesort", false}}, inner...)}}
	}
	if b.filesort {
		inner = jsonObject{{"ordering_operation", append(jsonObject{{"using_filesort", true}}, inner...)}}
	}
	out = append(out, inner...)
	var attached, unions []jsonObject
	for _, other := range x.blocks {
		if other.parent != b || other.kind == "DERIVED" {
			continue
		}
		dependent := other.kind == "DEPENDENT SUBQUERY"
		item := jsonObject{{"dependent", dependent}, {"cacheable", !dependent}, {"query_block", x.jsonBlock(other)}}
		if dependent || other.kind == "SUBQUERY" {
			attached = append(attached, item)
		} else {
			unions = append(unions, item)
		}
	}
	if len(attached) > 0 {
		out = append(out, jsonMember{"attached_subqueries", attached})
	}
	if len(unions) > 0 {
		first := jsonObject{{"dependent", false}, {"cacheable", true}, {"query_block", out}}
		return jsonObject{{"union_result", jsonObject{{"using_temporary_table", true}, {"query_specifications", append([]jsonObject{first}, unions...)}}}}
	}
	return out
}

// jsonTables is the table of a block, or the loop over several.
func (x *explainTree) jsonTables(b *explainBlock) jsonObject {
	var list []jsonObject
	for i := range b.tables {
		list = append(list, jsonObject{{"table", x.jsonTable(b, i)}})
	}
	if len(list) == 1 {
		return list[0]
	}
	return jsonObject{{"nested_loop", list}}
}

func (x *explainTree) jsonTable(b *explainBlock, i int) jsonObject {
	t := &b.tables[i]
	var out jsonObject
	if x.write != "" {
		out = append(out, jsonMember{strings.ToLower(x.write), true})
	}
	out = append(out, jsonMember{"table_name", t.name}, jsonMember{"access_type", t.access})
	if t.key != "" {
		if t.access != "index" {
			out = append(out, jsonMember{"possible_keys", []string{t.key}})
		}
		out = append(out, jsonMember{"key", t.key})
	}
	if len(t.parts) > 0 {
		out = append(out, jsonMember{"used_key_parts", t.parts}, jsonMember{"key_length", strconv.Itoa(t.keyLength)})
	}
	if r := t.references(i); len(r) > 0 {
		out = append(out, jsonMember{"ref", r})
	}
	if x.write == "INSERT" || x.write == "REPLACE" {
		return out
	}
	rows := max(t.rows, 1)
	out = append(out, jsonMember{"rows_examined_per_scan", rows}, jsonMember{"rows_produced_per_join", rows}, jsonMember{"filtered", "100.00"})
	if t.covering {
		out = append(out, jsonMember{"using_index", true})
	}
	out = append(out, jsonMember{"cost_info", jsonObject{{"read_cost", "0.25"}, {"eval_cost", cost(t.cost() - 0.25)}, {"prefix_cost", cost(t.cost())}}})
	if t.derived != nil {
		out = append(out, jsonMember{"materialized_from_subquery", jsonObject{{"using_temporary_table", true}, {"dependent", false},
			{"cacheable", true}, {"query_block", x.jsonBlock(t.derived)}}})
	}
	return out
}

func cost(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }
