package txn

import (
	"errors"
	"reflect"
	"testing"
)

func testMove() *Move {
	return &Move{From: 3, To: 1 << 40, Table: "_marmot_moved.9", Create: `CREATE TABLE "_marmot_moved.9" (a)`,
		Insert: `INSERT INTO "_marmot_moved.9" (a) SELECT a FROM moved_from."t"`}
}

// A record with a move is read for ever as it was written.
func TestMoveGolden(t *testing.T) {
	want := &DDLBody{Text: "RENAME TABLE a.t TO b.t", Database: "a", Conversions: []Conversion{testMove().Conversion(9)}, Changes: []DefinitionChange{
		{Kind: ObjectTable, Op: Delete, ID: 9, DBID: 3, Database: "a", Name: "t", SQLite: []string{`DROP TABLE "t"`}},
		{Kind: ObjectTable, Op: Insert, ID: 9, DBID: 1 << 40, Database: "b", Name: "t", Definition: []byte("{}")}}}
	encoded, err := EncodeDDLBody(want)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "move", encoded)
	got, err := DecodeDDLBody(goldenBytes(t, "move"))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	moves, err := got.Moves()
	if err != nil || len(moves) != 1 || !reflect.DeepEqual(moves[0], testMove()) {
		t.Errorf("got moves %+v, %v; want %+v", moves, err, testMove())
	}
	if !got.Leaves(0) || got.Leaves(1) || !got.Changes[1].Comes() || got.Changes[0].Comes() {
		t.Error("the first change is the table's leaving, the second its coming")
	}
}

func TestMovesThatAreNoneAreRefused(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(v *Conversion)
		want   error
	}{
		{"a newer version", func(v *Conversion) { v.Version = 2 }, ErrFuture},
		{"an argument too few", func(v *Conversion) { v.Args = v.Args[:4] }, ErrCorrupt},
		{"a database that is no number", func(v *Conversion) { v.Args[0] = "a" }, ErrCorrupt},
		{"a number that is too large", func(v *Conversion) { v.Args[1] = "18446744073709551616" }, ErrCorrupt},
	} {
		v := testMove().Conversion(9)
		c.change(&v)
		if m, err := v.Move(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v; want %v", c.what, m, err, c.want)
		}
	}
	if m, err := (&Conversion{Name: "column", Version: 1}).Move(); m != nil || err != nil {
		t.Errorf("another conversion: got %+v, %v", m, err)
	}
}
