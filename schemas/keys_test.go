package schemas

import (
	"testing"

	"marmot/txn"
)

// familyCatalog has a parent p(id, code unique ci) and a child c(id, code → p.code).
func familyCatalog() (*Catalog, *Table, *Table) {
	text := Type{Kind: VarChar, Length: 20, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	columns := func() []Column {
		return []Column{{Name: "id", Type: Type{Kind: Int}}, {Name: "code", Type: text, Nullable: true}}
	}
	primary := &Index{Name: "PRIMARY", Unique: true, Parts: []IndexPart{{Column: 0}}}
	p := &Table{ID: 1, Database: "d", Name: "p", Columns: columns(), Primary: primary, AutoIncrement: -1, Identity: RowIDAlias,
		Indexes: []Index{{Name: "code", Unique: true, Parts: []IndexPart{{Column: 1}}}}}
	c := &Table{ID: 2, Database: "d", Name: "c", Columns: columns(), Primary: primary, AutoIncrement: -1, Identity: RowIDAlias,
		ForeignKeys: []ForeignKey{{Name: "fk", Columns: []int{1}, ReferencedDatabase: "d", ReferencedTable: "p", ReferencedColumns: []string{"code"}}}}
	d := &Database{ID: 1, Name: "d", Alias: "d1", Tables: map[string]*Table{"p": p, "c": c}}
	return &Catalog{Databases: map[string]*Database{"d": d}}, p, c
}

func row(id int64, code string) []txn.Value { return []txn.Value{txn.Int(id), txn.TextString(code)} }

func count(keys []txn.Key, table txn.TableID, mode txn.Mode) int {
	n := 0
	for _, k := range keys {
		if k.Table == table && k.Mode == mode {
			n++
		}
	}
	return n
}

func TestChildTakesReferenceAndParentExclusiveOnTheSameKey(t *testing.T) {
	catalog, p, c := familyCatalog()
	parent, child := NewKeyRules(catalog, p), NewKeyRules(catalog, c)
	inserted := child.Append(nil, &txn.RowEvent{Op: txn.Insert, After: row(1, "ÀB")}, 5)
	if count(inserted, 1, txn.Reference) != 1 || count(inserted, 2, txn.Exclusive) != 1 {
		t.Fatalf("child insert: %v", inserted)
	}
	deleted := parent.Append(nil, &txn.RowEvent{Op: txn.Delete, Before: row(9, "ab")}, 5)
	var reference uint64
	for _, k := range inserted {
		if k.Mode == txn.Reference {
			reference = k.Hash
		}
	}
	met := false
	for _, k := range deleted {
		met = met || k.Table == 1 && k.Mode == txn.Exclusive && k.Hash == reference
	}
	if !met {
		t.Errorf("delete of the parent does not meet the child's reference: %v, %v", inserted, deleted)
	}
}

func TestKeysOfRowEvents(t *testing.T) {
	catalog, p, c := familyCatalog()
	null := []txn.Value{txn.Int(1), txn.Null()}
	for _, x := range []struct {
		name                 string
		table                *Table
		event                txn.RowEvent
		exclusive, reference int
	}{
		{"a NULL is no unique value", p, txn.RowEvent{Op: txn.Insert, After: null}, 1, 0},
		{"an insert takes primary key and unique value", p, txn.RowEvent{Op: txn.Insert, After: row(1, "a")}, 2, 0},
		{"a deletion takes what children may refer to", p, txn.RowEvent{Op: txn.Delete, Before: row(1, "a")}, 3, 0},
		{"a change of something else leaves children alone", p, txn.RowEvent{Op: txn.Update, Before: row(1, "a"), After: row(2, "a")}, 3, 0},
		{"a change of the referenced value does not", p, txn.RowEvent{Op: txn.Update, Before: row(1, "a"), After: row(1, "b")}, 4, 0},
		{"equal unique values are one key", p, txn.RowEvent{Op: txn.Update, Before: row(1, "a"), After: row(1, "a")}, 2, 0},
		{"a child without parent refers to nothing", c, txn.RowEvent{Op: txn.Insert, After: null}, 1, 0},
		{"a child that keeps its parent takes no reference", c, txn.RowEvent{Op: txn.Update, Before: row(1, "a"), After: row(2, "a")}, 2, 0},
		{"a child that changes its parent does", c, txn.RowEvent{Op: txn.Update, Before: row(1, "a"), After: row(1, "b")}, 1, 1},
		{"a deleted child refers to nothing", c, txn.RowEvent{Op: txn.Delete, Before: row(1, "a")}, 1, 0},
	} {
		keys := NewKeyRules(catalog, x.table).Append(nil, &x.event, 1)
		var exclusive, reference int
		for _, k := range keys {
			switch k.Mode {
			case txn.Exclusive:
				exclusive++
			case txn.Reference:
				reference++
			}
		}
		if exclusive != x.exclusive || reference != x.reference {
			t.Errorf("%s: got %d exclusive, %d reference, want %d, %d", x.name, exclusive, reference, x.exclusive, x.reference)
		}
	}
}

// TestHashesNeverChange: hashes are in the log, so nodes of different releases must agree.
func TestHashesNeverChange(t *testing.T) {
	_, p, _ := familyCatalog()
	unique, ok := p.KeyOfUnique(&p.Indexes[0], []txn.Value{txn.TextString("Résumé")})
	foreign, okForeign := ForeignKeyHash(p, []int{1}, []txn.Value{txn.TextString("RESUME")})
	got := [3]uint64{p.PrimaryKeyHash(row(42, "x")), unique, foreign}
	want := [3]uint64{0xfd9d05a512f31cc3, 0x3d200961d249beec, 0x0b3f0715c4ee5db7}
	if !ok || !okForeign || got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}
