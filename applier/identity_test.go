package applier

import (
	"fmt"
	"slices"
	"testing"

	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// branchRow is what a branch would call the first hidden row of a transaction; as an ordinary BIGINT it is just
// a large number.
const branchRow = txn.HiddenBase + 1

// table appends a DDL that creates table t (id 0) or gives it a new version, with rows of its own.
func (c *cluster) table(db txn.DatabaseID, id txn.TableID, identity schemas.RowIdentity, own ...int64) txn.Position {
	c.t.Helper()
	t := &schemas.Table{Name: "t", Identity: identity, AutoIncrement: -1, Columns: []schemas.Column{{Name: "id", Type: schemas.Type{Kind: schemas.Int}}}}
	if identity != schemas.HiddenRowID {
		t.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
	}
	definition, err := schemas.EncodeTable(t)
	if err != nil {
		c.t.Fatal(err)
	}
	op := txn.Insert
	if id != 0 {
		op = txn.Update
	}
	body, err := txn.EncodeDDLBody(&txn.DDLBody{Text: "DDL", Changes: []txn.DefinitionChange{
		{Kind: txn.ObjectTable, Op: op, ID: uint64(id), DBID: db, Name: "t", Definition: definition}}})
	if err != nil {
		c.t.Fatal(err)
	}
	ddl := &txn.DDL{InlineBody: body}
	for i, v := range own {
		ddl.Inline = txn.AppendRowEvent(ddl.Inline, &txn.RowEvent{Ordinal: uint64(i), Table: id, Op: txn.Insert,
			After: []txn.Value{txn.Int(int64(i)), txn.Int(v)}})
		ddl.Events++
	}
	return c.append(ddl)
}

// fill appends a transaction that inserts one row, whose last value is branchRow, into each of the tables.
func (c *cluster) fill(key int64, uses ...txn.TableUse) txn.Position {
	c.t.Helper()
	body := &txn.Transaction{ConnectionID: 1, Begin: 1}
	for i, use := range uses {
		use.Writes = true
		body.Tables = append(body.Tables, use)
		body.Inline = txn.AppendRowEvent(body.Inline, &txn.RowEvent{Ordinal: uint64(i), Table: use.Table, Version: use.Version, Op: txn.Insert,
			After: []txn.Value{txn.Int(key), txn.Int(branchRow)}})
		body.Events++
	}
	return c.append(body)
}

func (n *node) stored(db txn.DatabaseID, table txn.TableID, key int64) string {
	n.store.mu.Lock()
	defer n.store.mu.Unlock()
	return n.store.databases[db].rows[fmt.Sprintf("%d/%d", table, key)]
}

// TestOnlyHiddenRowIDsAreMapped: a BIGINT of 2⁶² and more in the last column is what the client
// wrote, and no hidden row id. The definitions are decided in the same batch as the rows.
func TestOnlyHiddenRowIDsAreMapped(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	entered, proceed := make(chan struct{}, 1000), make(chan struct{})
	s.beforeApply = func(txn.DatabaseID, []store.Applied) error {
		entered <- struct{}{}
		<-proceed
		return nil
	}
	n := c.node(s, nil)
	db := c.create("d")
	c.write(row{db, 0, "v", 0})
	<-entered // from here on all waits for the first batch
	plainAt := c.table(db, 0, schemas.RowIDAlias)
	plain := txn.TableUse{Table: txn.TableID(plainAt), Database: db, Version: plainAt}
	hiddenAt := c.table(db, 0, schemas.HiddenRowID)
	hidden := txn.TableUse{Table: txn.TableID(hiddenAt), Database: db, Version: hiddenAt}
	filled := c.fill(1, plain, hidden)
	alteredAt := c.table(db, hidden.Table, schemas.RowIDAlias)
	keyed := txn.TableUse{Table: hidden.Table, Database: db, Version: alteredAt}
	refilled := c.fill(2, keyed)
	copied := c.table(db, 0, schemas.HiddenRowID, branchRow)
	last := c.table(db, 0, schemas.RowIDAlias, branchRow)
	n.until("a queue", func() bool {
		w := n.databases.get(db)
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.queue) == 7
	})
	close(proceed)
	n.applied(last)

	own := fmt.Sprint([]txn.Value{txn.Int(branchRow)})
	mapped := func(p txn.Position) string { return fmt.Sprint([]txn.Value{txn.Int(txn.MapHidden(branchRow, p))}) }
	for _, want := range []struct {
		what  string
		table txn.TableID
		key   int64
		value string
	}{
		{"an ordinary BIGINT", plain.Table, 1, own},
		{"a hidden row id", hidden.Table, 1, mapped(filled)},
		{"a BIGINT after the table got a primary key", keyed.Table, 2, own},
		{"a hidden row id of CREATE TABLE … SELECT", txn.TableID(copied), 0, mapped(copied)},
		{"a BIGINT of CREATE TABLE … SELECT", txn.TableID(last), 0, own},
	} {
		if got := n.stored(db, want.table, want.key); got != want.value {
			t.Errorf("%s: got %s, want %s", want.what, got, want.value)
		}
	}

	f := n.Feed(0)
	got := map[txn.Position][]int64{}
	for p := txn.Position(0); p < last; {
		committed := n.next(f)
		p = committed.Position
		err := f.Events(n.context(), committed, func(e *txn.RowEvent) error {
			got[p] = append(got[p], e.After[len(e.After)-1].Int64())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for p, want := range map[txn.Position][]int64{
		filled:   {branchRow, txn.MapHidden(branchRow, filled)},
		refilled: {branchRow},
		copied:   {txn.MapHidden(branchRow, copied)},
		last:     {branchRow},
	} {
		if !slices.Equal(got[p], want) {
			t.Errorf("feed at %s: got %v, want %v", p, got[p], want)
		}
	}
}
