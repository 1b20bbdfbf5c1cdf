package applier

import (
	"slices"
	"sync/atomic"
	"testing"

	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// moving appends a record that moves a table from one database to another.
func (c *cluster) moving(from, to txn.DatabaseID) txn.Position {
	c.t.Helper()
	definition, err := schemas.EncodeTable(&schemas.Table{Name: "t", AutoIncrement: -1})
	if err != nil {
		c.t.Fatal(err)
	}
	move := txn.Move{From: from, To: to, Table: "way", Create: "CREATE", Insert: "INSERT"}
	body, err := txn.EncodeDDLBody(&txn.DDLBody{Text: "RENAME", Conversions: []txn.Conversion{move.Conversion(7)}, Changes: []txn.DefinitionChange{
		{Kind: txn.ObjectTable, Op: txn.Delete, ID: 7, DBID: from, Name: "t"},
		{Kind: txn.ObjectTable, Op: txn.Insert, ID: 7, DBID: to, Name: "t", Definition: definition},
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.append(&txn.DDL{InlineBody: body})
}

func TestAMoveIsOfTheDatabaseThatTheRowsComeTo(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	var seen atomic.Pointer[[]txn.DatabaseID]
	s.beforeApply = func(db txn.DatabaseID, batch []store.Applied) error {
		for i := range batch {
			if len(batch[i].Conversions) > 0 {
				list := append(slices.Clone(*seen.Load()), db)
				seen.Store(&list)
			}
		}
		return nil
	}
	seen.Store(&[]txn.DatabaseID{})
	n := c.node(s, nil)
	a, b := c.create("a"), c.create("b")
	n.applied(c.moving(a, b))
	if got := *seen.Load(); !slices.Equal(got, []txn.DatabaseID{b}) {
		t.Errorf("the move is carried out with databases %v, want %v", got, b)
	}
}

// The source must not lose rows that the destination does not get.
func TestAMoveThatDoesNotFitStopsBothDatabases(t *testing.T) {
	for _, bad := range []string{"source", "destination"} {
		c := newCluster(t, txn.Settings{})
		s := newFakeStore()
		var refused atomic.Uint64
		s.beforeApply = func(db txn.DatabaseID, batch []store.Applied) error {
			if db == txn.DatabaseID(refused.Load()) {
				return &fitError{mismatch: true}
			}
			return nil
		}
		n := c.node(s, nil)
		a, b := c.create("a"), c.create("b")
		n.applied(c.write(row{a, 1, "1", 0}, row{b, 1, "1", 0}))
		refused.Store(uint64(map[string]txn.DatabaseID{"source": a, "destination": b}[bad]))
		p := c.moving(a, b)
		n.until("quarantine of both", func() bool { return n.Quarantined(a) != nil && n.Quarantined(b) != nil })
		if s.FilePosition(a) >= p || s.FilePosition(b) >= p {
			t.Errorf("%s does not fit: files are at %s and %s, want both below %s", bad, s.FilePosition(a), s.FilePosition(b), p)
		}
	}
}

func TestAMoveBesideADatabaseInQuarantineStopsTheOther(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	var refused atomic.Uint64
	s.beforeApply = func(db txn.DatabaseID, batch []store.Applied) error {
		if db == txn.DatabaseID(refused.Load()) {
			return &fitError{mismatch: true}
		}
		return nil
	}
	n := c.node(s, nil)
	a, b := c.create("a"), c.create("b")
	n.applied(c.write(row{a, 1, "1", 0}, row{b, 1, "1", 0}))
	refused.Store(uint64(b))
	c.write(row{b, 2, "2", 0})
	n.until("quarantine of the destination", func() bool { return n.Quarantined(b) != nil })
	refused.Store(0)
	p := c.moving(a, b)
	n.until("quarantine of the source", func() bool { return n.Quarantined(a) != nil })
	if s.FilePosition(a) >= p {
		t.Errorf("the source is at %s: its rows are gone", s.FilePosition(a))
	}
}
