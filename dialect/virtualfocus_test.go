package dialect

import (
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// TestOnlyWantedRowsOfTheCatalogAreComputed: WHERE's constants narrow a table of information_schema down, and what it is joined with.
func TestOnlyWantedRowsOfTheCatalogAreComputed(t *testing.T) {
	tables := lookupVirtual("information_schema", "TABLES")
	column := func(name string) int {
		for i := range tables.Columns {
			if tables.Columns[i].Name == name {
				return i
			}
		}
		t.Fatalf("no column %s", name)
		return -1
	}
	u := &virtualUse{table: tables, reads: 1, terms: []focusTerm{{column("TABLE_SCHEMA"), -1, "shop"}, {column("TABLE_NAME"), 0, ""}}}
	c := &schemas.Catalog{Databases: map[string]*schemas.Database{
		"shop":  {Name: "shop", Tables: map[string]*schemas.Table{"item": {Name: "item"}, "ITEM": {Name: "ITEM"}, "other": {Name: "other"}, "ítem": {Name: "ítem"}}},
		"store": {Name: "store", Tables: map[string]*schemas.Table{"item": {Name: "item"}}},
	}}
	f := u.wanted(Binding{Args: []txn.Value{txn.TextString("item")}})
	narrow := f.catalog(c)
	if len(narrow.Databases) != 1 || len(narrow.Databases["shop"].Tables) != 3 { // what a collation may find equal stays
		t.Fatalf("narrowed to %v", narrow.Databases)
	}
	if len(c.Databases["shop"].Tables) != 4 {
		t.Fatal("the catalog itself was changed")
	}
	row := make([]txn.Value, len(tables.Columns))
	row[column("TABLE_SCHEMA")], row[column("TABLE_NAME")] = txn.TextString("SHOP"), txn.TextString("item ")
	if !f.has(row) {
		t.Fatal("a row that a collation finds equal was left out")
	}
	row[column("TABLE_NAME")] = txn.TextString("items")
	if f.has(row) {
		t.Fatal("a row of another table was kept")
	}
	c.Databases["shop"].Views = map[string]*schemas.View{"item": {Name: "item"}}
	if f.catalog(c) != c {
		t.Fatal("a view needs the whole catalog")
	}
	c.Databases["shop"].Views = nil
	if narrow := u.wanted(Binding{Args: []txn.Value{txn.Int(0)}}).catalog(c); len(narrow.Databases) != 1 || len(narrow.Databases["shop"].Tables) != 4 {
		t.Fatalf("with a number for a name narrowed to %v", narrow.Databases)
	}
	u.reads = 2
	if w := u.wanted(Binding{Args: []txn.Value{txn.TextString("item")}}); len(w.texts) != 0 {
		t.Fatal("a table that is read twice was narrowed down")
	}
}
