package store

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// binlogCatalog is the catalog that testdata/binlog.txt describes.
func binlogCatalog() *schemas.Catalog {
	c := &schemas.Catalog{Databases: map[string]*schemas.Database{}}
	d := &schemas.Database{ID: 1, Name: "d", Alias: "d1", Tables: map[string]*schemas.Table{}}
	c.Databases["d"] = d
	add := func(name string, columns string, keyed bool, unique ...int) *schemas.Table {
		t := &schemas.Table{ID: txn.TableID(len(d.Tables) + 10), Version: 5, Database: "d", DBID: 1, Name: name, AutoIncrement: -1}
		for _, n := range strings.Fields(columns) {
			column, notNull := strings.CutSuffix(n, "!")
			t.Columns = append(t.Columns, schemas.Column{Name: column, Nullable: !notNull, Type: schemas.Type{Kind: schemas.VarChar, Length: 9, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}})
		}
		if keyed {
			t.Columns[0].Type = schemas.Type{Kind: schemas.Int}
			t.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
		}
		for _, u := range unique {
			t.Indexes = append(t.Indexes, schemas.Index{Name: t.Columns[u].Name, Unique: true, Parts: []schemas.IndexPart{{Column: u}}})
		}
		t.Settle(func(string) bool { return false })
		d.Tables[name] = t
		return t
	}
	refer := func(t *schemas.Table, to string, action schemas.ReferentialAction) {
		t.ForeignKeys = []schemas.ForeignKey{{Name: "f", Columns: []int{1}, ReferencedDatabase: "d", ReferencedTable: to, ReferencedColumns: []string{"code"}, OnUpdate: action}}
	}
	add("par", "id! code! v", true, 1)
	refer(add("chi", "id! code", true), "par", schemas.Cascade)
	refer(add("gra", "id! code", true), "chi", schemas.Cascade)
	refer(add("nul", "id! code", true), "par", schemas.SetNull)
	add("one", "id! v", true)
	add("log", "id! v", true)
	add("uniq", "id! a! v", true, 1)
	add("late", "id! n a!", true, 1, 2)
	add("free", "v", false)
	return c
}

func TestBinlogForm(t *testing.T) {
	text, err := os.ReadFile("testdata/binlog.txt")
	if err != nil {
		t.Fatal(err)
	}
	index := (&Store{}).indexOf(binlogCatalog())
	cases := 0
	for _, block := range strings.Split(string(text), "\n\n") {
		given, want, ok := strings.Cut(block, "----\n")
		if !ok {
			continue
		}
		cases++
		title, _, _ := strings.Cut(given, "\n")
		t.Run(strings.Trim(title, "# ."), func(t *testing.T) {
			var rows []captured
			for line := range strings.Lines(given) {
				if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
					rows = append(rows, parseCaptured(t, index, line))
				}
			}
			events, matched := binlogForm(rows)
			if got := printEvents(index, events, matched); got != strings.TrimSpace(want)+"\n" {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
	if cases < 20 {
		t.Errorf("only %d cases found", cases)
	}
}

func parseCaptured(t *testing.T, index *catalogIndex, line string) captured {
	t.Helper()
	f := strings.Fields(line)
	depth, err := strconv.Atoi(f[0])
	table := index.table("d1", f[2])
	if err != nil || table == nil {
		t.Fatalf("%q: want depth op table values", line)
	}
	images := strings.Split(strings.Join(f[3:], " "), " -> ")
	r := captured{table: table, depth: depth}
	switch f[1] {
	case "insert":
		r.op, r.after = txn.Insert, parseRow(table, images[0])
	case "delete":
		r.op, r.before = txn.Delete, parseRow(table, images[0])
	case "update":
		r.op, r.before, r.after = txn.Update, parseRow(table, images[0]), parseRow(table, images[1])
	}
	return r
}

func parseRow(t *binlogTable, text string) []txn.Value {
	var row []txn.Value
	for i, f := range strings.Fields(text) {
		n, err := strconv.ParseInt(f, 10, 64)
		switch {
		case f == "NULL":
			row = append(row, txn.Null())
		case err == nil && (i >= len(t.Columns) || t.Columns[i].Type.Kind == schemas.Int):
			row = append(row, txn.Int(n))
		default:
			row = append(row, txn.TextString(f))
		}
	}
	return row
}

func printEvents(index *catalogIndex, events, matched []txn.RowEvent) string {
	names := map[txn.TableID]string{}
	for name, t := range index.catalog.Databases["d"].Tables {
		names[t.ID] = name
	}
	row := func(values []txn.Value) string {
		var list []string
		for _, v := range values {
			list = append(list, strings.Trim(v.String(), "'"))
		}
		return strings.Join(list, " ")
	}
	var b strings.Builder
	for _, e := range events {
		text := row(e.Before)
		switch e.Op {
		case txn.Insert:
			text = row(e.After)
		case txn.Update:
			text += " -> " + row(e.After)
		}
		fmt.Fprintf(&b, "%s %s %s\n", e.Op, names[e.Table], text)
	}
	for _, e := range matched {
		fmt.Fprintf(&b, "matched %s %s\n", names[e.Table], row(e.Before))
	}
	return b.String()
}
