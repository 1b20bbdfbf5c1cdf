package schemas

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"marmot/txn"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// sampleTable has one of everything that a definition can hold.
func sampleTable() *Table {
	text := Type{Kind: VarChar, Length: 20, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	t := &Table{
		ID: 7, Version: 9, Database: "shop", DBID: 3, Name: "Orders",
		Columns: []Column{
			{Name: "id", Type: Type{Kind: BigInt, Unsigned: true, Spelling: "BIGINT"}},
			{Name: "name", Type: text, Nullable: true, Default: &Default{Literal: txn.TextString("it's"), Text: "it's"}},
			{Name: "price", Type: Type{Kind: Decimal, Length: 10, Decimals: 2}, Default: &Default{Literal: txn.TextString("0.00"), Text: "0.00"}},
			{Name: "at", Type: Type{Kind: Timestamp, Decimals: 3}, Default: &Default{Now: true}, OnUpdateNow: true},
			{Name: "size", Type: Type{Kind: Enum, Members: []string{"s", "m"}, Charset: "utf8mb4", Collation: "utf8mb4_bin"}, Nullable: true},
			{Name: "twice", Type: Type{Kind: Int}, Nullable: true, Generated: &Generated{Expression: "(`id` * 2)", Stored: true}},
			{Name: "raw", Type: Type{Kind: VarBinary, Length: 8}, Default: &Default{Literal: txn.Blob([]byte{0, 1}), Text: "x"}},
			{Name: "ratio", Type: Type{Kind: Double, Decimals: -1}, Default: &Default{Literal: txn.Real(0.5), Text: "0.5"}, Invisible: true, Comment: "share"},
			{Name: "n", Type: Type{Kind: Int}, Default: &Default{Literal: txn.Int(-3), Text: "-3"}},
			{Name: "u", Type: Type{Kind: Char, Length: 36, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}, Default: &Default{Expression: "uuid()"}},
		},
		Primary: &Index{Name: "PRIMARY", Unique: true, Parts: []IndexPart{{Column: 0}}},
		Indexes: []Index{
			{Name: "name", Unique: true, Parts: []IndexPart{{Column: 1, Prefix: 10}, {Column: 2, Descending: true}}},
			{Name: "f", Parts: []IndexPart{{Column: -1, Expression: "(`n` + 1)"}}, Comment: "c", Invisible: true},
			{Name: "plain", Parts: []IndexPart{{Column: 1, Prefix: 5}, {Column: 4}}},
		},
		ForeignKeys: []ForeignKey{{Name: "o_ibfk_1", Columns: []int{8}, ReferencedDatabase: "shop", ReferencedTable: "p",
			ReferencedColumns: []string{"id"}, OnDelete: Cascade, OnUpdate: SetNull}},
		Checks:        []Check{{Name: "c1", Expression: "(`n` > 0)", Enforced: true}},
		AutoIncrement: 0, AutoIncrementStart: 100, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci", Engine: "InnoDB",
		Comment: "all orders", Options: []Option{{"ROW_FORMAT", "DYNAMIC"}}, CreatedUS: 1,
	}
	t.Settle(func(name string) bool { return strings.EqualFold(name, "orders") })
	return t
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed:\ngot  %s\nwant %s", name, got, want)
	}
}

func TestTableSurvivesItsJSON(t *testing.T) {
	table := sampleTable()
	b, err := EncodeTable(table)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "table.v1.json", b)
	back, err := DecodeTable(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(table, back) {
		t.Errorf("got  %+v\nwant %+v", back, table)
	}
}

func TestViewAndDatabaseSurviveTheirJSON(t *testing.T) {
	view := &View{ID: 4, Version: 5, Database: "shop", DBID: 3, Name: "v", Columns: []string{"a"}, Select: "select 1 AS `a`",
		Definer: "root@%", Algorithm: "UNDEFINED", Security: "DEFINER", CheckOption: "NONE", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	b, err := EncodeView(view)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "view.v1.json", b)
	if back, err := DecodeView(b); err != nil || !reflect.DeepEqual(back, view) {
		t.Errorf("view: got %+v, %v", back, err)
	}
	db := &Database{ID: 3, Name: "shop", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci", Alias: "d3"}
	if b, err = EncodeDatabase(db); err != nil {
		t.Fatal(err)
	}
	golden(t, "database.v1.json", b)
	if back, err := DecodeDatabase(b); err != nil || !reflect.DeepEqual(back, db) {
		t.Errorf("database: got %+v, %v", back, err)
	}
}

func TestDefinitionsOfAnotherFormatAreRefused(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{`{"format":2,"table":{}}`, txn.ErrFuture},
		{`{"format":1,"view":{"name":"v"}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"surprise":1}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":3}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"primary":{"parts":[{"column":1}]}}}`, txn.ErrCorrupt},
		{`not json`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"identity":1}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"identity":4,"columns":[{"name":"a"}],"primary":{"parts":[{"column":0}]}}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"identity":5}}`, txn.ErrFuture},
		{`{"format":1,"table":{"auto_increment":-1,"columns":[{"name":"a","type":{"kind":12,"decimals":7}}]}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"columns":[{"name":"a","type":{"kind":8,"decimals":-2}}]}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"columns":[{"name":"a","type":{"kind":9,"length":65}}]}}`, txn.ErrCorrupt},
		{`{"format":1,"table":{"auto_increment":-1,"columns":[{"name":"a","type":{"kind":15,"length":-1}}]}}`, txn.ErrCorrupt},
	} {
		if _, err := DecodeTable([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.text, err, c.want)
		}
	}
}

func FuzzDecodeTable(f *testing.F) {
	b, err := EncodeTable(sampleTable())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := DecodeTable(b)
		if err != nil {
			return
		}
		if _, err := EncodeTable(table); err != nil {
			t.Fatal(err)
		}
		// Whoever reads a definition from a file or the log does with it what follows.
		table.CreateSQLite()
		row := make([]txn.Value, len(table.Columns))
		for i := range row {
			for _, v := range []txn.Value{txn.Int(-7), txn.Real(1.5), txn.TextString("2024-01-02 03:04:05"), txn.Blob([]byte{1})} {
				v, _, err := Convert(table.Columns[i].Type, "c", v, Assignment{})
				if err == nil {
					AppendText(nil, table.Columns[i].Type, v)
					SortKey(nil, table.Columns[i].Type, v, 0)
				}
			}
		}
		table.Clone().RowKeys(row)
	})
}

// FuzzDecodeViewAndDatabase reads any bytes as the other two kinds of definitions.
func FuzzDecodeViewAndDatabase(f *testing.F) {
	for _, name := range []string{"view.v1.json", "database.v1.json", "table.v1.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := DecodeView(b); err == nil {
			encoded, err := EncodeView(v)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := DecodeView(encoded); err != nil || again.Name != v.Name || again.Select != v.Select || len(again.Columns) != len(v.Columns) {
				t.Fatalf("%+v comes back as %+v, %v", v, again, err)
			}
		}
		if d, err := DecodeDatabase(b); err == nil {
			encoded, err := EncodeDatabase(d)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := DecodeDatabase(encoded); err != nil || again.Name != d.Name || again.Alias != d.Alias {
				t.Fatalf("%+v comes back as %+v, %v", d, again, err)
			}
		}
	})
}

func TestCreateSQLite(t *testing.T) {
	table := sampleTable()
	ci := Type{Kind: VarChar, Length: 5, Charset: "utf8mb4", Collation: "utf8mb4_general_ci"}
	small := func(primary []int, columns ...Column) *Table {
		s := &Table{Name: "t", Columns: columns, AutoIncrement: -1}
		if primary != nil {
			s.Primary = &Index{Name: "PRIMARY", Unique: true}
			for _, c := range primary {
				s.Primary.Parts = append(s.Primary.Parts, IndexPart{Column: c})
			}
		}
		s.Settle(func(string) bool { return false })
		return s
	}
	a, b, c := Column{Name: "a", Type: Type{Kind: Int}}, Column{Name: `b"q`, Type: ci}, Column{Name: "c", Type: Type{Kind: Decimal, Length: 5}, Nullable: true}
	var out strings.Builder
	for _, x := range []*Table{table, small([]int{0}, a, c), small([]int{0, 2}, a, c, Column{Name: "d", Type: Type{Kind: Blob}}),
		small([]int{1}, a, b), small(nil, a, c, b)} {
		out.WriteString(strings.Join(x.CreateSQLite(), ";\n") + ";\n\n")
	}
	golden(t, "create.sqlite.sql", []byte(out.String()))
}
