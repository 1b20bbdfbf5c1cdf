package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

func wantMismatch(t *testing.T, err error, text string) {
	t.Helper()
	var a interface {
		Mismatch() bool
		DiskFull() bool
	}
	if !errors.As(err, &a) || !a.Mismatch() || a.DiskFull() || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v\nwant a mismatch with %q", err, text)
	}
}

// shape is a table with two rows and what the first may become.
type shape struct {
	table                  *schemas.Table
	first, second, changed []txn.Value
}

// shapes has a table of each row identity and of each kind of key.
func shapes() map[string]shape {
	prefix := define("t", true, "k text", "v text")
	prefix.Primary.Parts[0].Prefix = 2
	prefix.Settle(func(string) bool { return false })
	two := define("t", true, "a int", "b text", "v int")
	two.Columns[1].Nullable = false
	two.Primary.Parts = append(two.Primary.Parts, schemas.IndexPart{Column: 1})
	two.Settle(func(string) bool { return false })
	hidden := int64(5 << 24)
	return map[string]shape{
		"rowid":         {define("t", true, "id int", "v text", "r real"), row(1, "a", 1.0), row(2, nil, 0.5), row(7, "b", -0.25)},
		"without rowid": {define("t", true, "id bin", "v text", "r real"), row([]byte{1, 0, 2}, "a", 2.0), row([]byte{}, "b", nil), row([]byte{9}, "", 1e300)},
		"big unsigned":  {define("t", true, "id ubig", "v int"), row(1, 1), row("18446744073709551615", 2), row("18446744073709551614", nil)},
		"collated":      {define("t", true, "id text", "v text"), row("Ä", "a"), row("b", "x"), row("a", "ÿ\x00z")},
		"decimal":       {define("t", true, "id dec", "v dec"), row("1.50", "2.00"), row("-0.10", nil), row("1.51", "2.01")},
		"prefix":        {prefix, row("abc", "1"), row("xyz", "2"), row("ABd", "3")},
		"two columns":   {two, row(1, "x", 1), row(1, "y", 1), row(1, "X", 2)},
		"hidden":        {define("t", false, "a int", "b text"), row(1, "x", hidden), row(1, "x", hidden+1), row(2, nil, hidden)},
	}
}

func rowEvent(t *schemas.Table, op txn.Op, before, after []txn.Value) txn.RowEvent {
	return txn.RowEvent{Table: t.ID, Version: t.Version, Op: op, Before: before, After: after}
}

func TestApplyOnEveryRowIdentity(t *testing.T) {
	for name, c := range shapes() {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			db := f.createDatabase("d")
			table := f.createTable(db, c.table)
			want := func(rows ...[]txn.Value) {
				t.Helper()
				var got [][]txn.Value
				b := f.branch(db)
				defer b.Close()
				f.must(query(b.Reader(), "SELECT * FROM "+alias(db)+".t", func(r []txn.Value) error {
					var own []txn.Value
					for _, v := range r {
						own = append(own, v.Clone())
					}
					got = append(got, own)
					return nil
				}))
				for _, r := range rows {
					i := slices.IndexFunc(got, func(g []txn.Value) bool { return equalRows(g, r) })
					if i < 0 {
						t.Fatalf("no row %v in %v", r, got)
					}
					got = slices.Delete(got, i, i+1)
				}
				if len(got) > 0 {
					t.Fatalf("rows too many: %v", got)
				}
			}
			f.must(f.apply(db, rowEvent(table, txn.Insert, nil, c.first), rowEvent(table, txn.Insert, nil, c.second)))
			want(c.first, c.second)
			f.must(f.apply(db, update(table, c.first, c.changed)))
			want(c.changed, c.second)
			f.must(f.apply(db, update(table, c.changed, c.first), update(table, c.first, c.first), rowEvent(table, txn.Delete, c.second, nil)))
			want(c.first)

			wantMismatch(t, f.apply(db, rowEvent(table, txn.Insert, nil, c.first)), "UNIQUE")
			wantMismatch(t, f.apply(db, rowEvent(table, txn.Delete, c.second, nil)), "no such row")
			wantMismatch(t, f.apply(db, update(table, c.second, c.changed)), "no such row")
			other := slices.Clone(c.first)
			other[len(table.Columns)-1] = txn.TextString("another")
			wantMismatch(t, f.apply(db, update(table, other, c.changed)), "the change expects 'another'")
			wantMismatch(t, f.apply(db, rowEvent(table, txn.Delete, other, nil)), "the change expects 'another'")
			wantMismatch(t, f.apply(db, rowEvent(table, txn.Delete, c.first[:1], nil)), "columns")
			want(c.first)
			if f.s.FilePosition(db) != f.last-6 {
				t.Errorf("file is at %s, the last good record was %s", f.s.FilePosition(db), f.last-6)
			}
		})
	}
}

func TestBeforeImageIsComparedByBytes(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text", "r real"))
	f.must(f.apply(db, insert(table, 1, "Abc", math.Copysign(0, -1))))
	wantMismatch(t, f.apply(db, update(table, row(1, "abc", 0.0), row(1, "x", 0.0))), "is 'Abc'")
	wantMismatch(t, f.apply(db, update(table, row(1, []byte("Abc"), 0.0), row(1, "x", 0.0))), "is 'Abc'")
	f.must(f.apply(db, update(table, row(1, "Abc", math.Copysign(0, -1)), row(1, "x", 0.0))))
}

func TestNothingOfAFailedBatchStays(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	before, version := f.dump(db), f.s.Catalog().Version
	wider := define("t", true, "id int", "v text", "w int")
	err := f.s.Apply(db, []Applied{
		{Position: 10, Events: []txn.RowEvent{insert(table, 1, "a")}},
		{Position: 11, Changes: []txn.DefinitionChange{tableChange(db, table.ID, wider, "ALTER TABLE t ADD COLUMN w INTEGER")}},
		{Position: 12, Events: []txn.RowEvent{{Table: table.ID, Version: 11, Op: txn.Delete, Before: row(2, "b", nil)}}},
	})
	wantMismatch(t, err, `apply 12 to database "d", table "t": delete of row 2: no such row`)
	if got := f.dump(db); got != before || f.s.Catalog().Version != version {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	f.last = 20
	f.must(f.apply(db, insert(table, 1, "a")))
	wantMismatch(t, f.apply(db, txn.RowEvent{Table: table.ID, Version: 11, Op: txn.Insert, After: row(3, "x", 1)}), "version 11, the table is at version 2")
	wantMismatch(t, f.apply(db, txn.RowEvent{Table: 77, Version: 11, Op: txn.Insert, After: row(3)}), "table 77")
	wantMismatch(t, f.s.Apply(99, []Applied{{Position: 30}}), "no database with id 99")
}

func TestRecordsTheFileHasAreSkipped(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	batch := []Applied{
		{Position: 10, Events: []txn.RowEvent{insert(table, 1, "a")}},
		{Position: 11, Events: []txn.RowEvent{update(table, row(1, "a"), row(1, "b"))}},
		{Position: 12, Events: []txn.RowEvent{update(table, row(1, "b"), row(2, "b"))}},
	}
	for n := range batch {
		f.must(f.s.Apply(db, batch[:n+1]))
		f.must(f.s.Apply(db, batch[:n]))
		if f.s.Published(db) != batch[n].Position || f.s.FilePosition(db) != batch[n].Position {
			t.Errorf("published %s, file %s", f.s.Published(db), f.s.FilePosition(db))
		}
	}
	f.reopen()
	f.must(f.s.Apply(db, batch))
	if !strings.Contains(f.dump(db), "2 'b'") {
		t.Error(f.dump(db))
	}
}

func TestDefinitionsFollowTheDDL(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	a := f.createTable(db, define("a", true, "id int"))
	b := f.createTable(db, define("b", true, "id int"))
	f.must(f.apply(db, insert(a, 1), insert(b, 2)))
	ddl := func(changes ...txn.DefinitionChange) txn.Position {
		t.Helper()
		version := f.s.Catalog().Version
		p := f.next()
		f.must(f.s.Apply(db, []Applied{{Position: p, Changes: changes}}))
		if c := f.s.Catalog(); c.Version == version || c.Position != p || c.Databases["d"].Version != p {
			t.Fatalf("catalog version %d (was %d), position %s, database %s", c.Version, version, c.Position, c.Databases["d"].Version)
		}
		branch := f.branch(db)
		defer branch.Close()
		if branch.Schema(db) != p {
			t.Fatalf("a snapshot has the schema of %s, want %s", branch.Schema(db), p)
		}
		return p
	}
	// RENAME a TO b, b TO a: SQLite's names need not follow.
	na, nb := a.Clone(), b.Clone()
	na.Name, nb.Name = "b", "a"
	p := ddl(tableChange(db, a.ID, na), tableChange(db, b.ID, nb))
	if got := f.s.Catalog().Table("d", "b"); got.ID != a.ID || got.Version != p {
		t.Errorf("b is %d at %s", got.ID, got.Version)
	}
	f.must(f.apply(db, insert(f.table(a.ID), 3)))
	// TRUNCATE without a definition keeps it and raises the version.
	p = ddl(txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Update, ID: uint64(b.ID), DBID: db, Name: "a", Truncate: true, SQLite: []string{`DELETE FROM "b"`}})
	if got := f.table(b.ID); got.Version != p || got.Name != "a" || got.SQLiteName != "b" {
		t.Errorf("after TRUNCATE: %+v", got)
	}
	view, err := schemas.EncodeView(&schemas.View{Name: "v", Select: "select 1"})
	f.must(err)
	p = ddl(txn.DefinitionChange{Kind: txn.ObjectView, Op: txn.Insert, DBID: db, Name: "v", Definition: view})
	if v := f.s.Catalog().View("d", "v"); v == nil || v.ID != txn.TableID(p) || v.Version != p || v.DBID != db {
		t.Errorf("view %+v", v)
	}
	ddl(txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, ID: uint64(a.ID), DBID: db, Name: "b", SQLite: []string{`DROP TABLE "a"`}},
		txn.DefinitionChange{Kind: txn.ObjectView, Op: txn.Delete, ID: uint64(p), DBID: db, Name: "v"})
	before := f.dump(db)
	f.reopen()
	if got := f.dump(db); got != before || tableNames(f.s.Catalog().Database("d")) != "a" || len(f.s.Catalog().Database("d").Views) != 0 {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	for _, v := range []txn.Position{a.Version, 5} {
		if _, err := f.s.History().TableAt(a.ID, v); err != nil {
			t.Error(err)
		}
	}
	wantMismatch(t, f.s.Apply(db, []Applied{{Position: f.next(), Changes: []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Delete, ID: 99, Name: "x"}}}}), "no object 99")
	wantMismatch(t, f.s.Apply(db, []Applied{{Position: f.next(), Changes: []txn.DefinitionChange{tableChange(db, 0, define("a", true, "id int"), "SELECT 1")}}}), "already")
}

func TestAlterDatabaseKeepsTables(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	f.createTable(db, define("a", true, "id int"))
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: "d", Charset: "latin1", Collation: "latin1_bin"})
	f.must(err)
	p := f.next()
	c := txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Update, ID: uint64(db), Database: "d", Name: "d", Definition: definition}
	f.must(f.s.ApplyDatabase(p, 0, c))
	f.must(f.s.ApplyDatabase(p, 0, c))
	f.reopen()
	if d := f.s.Catalog().Database("d"); d.Charset != "latin1" || d.Version != p || d.Tables["a"] == nil || d.ID != db || f.s.FilePosition(db) != p {
		t.Errorf("database %+v", d)
	}
}

func TestRowsOfCreateTableSelect(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	p := f.next()
	f.must(f.s.Apply(db, []Applied{{
		Position: p, TimeUS: 42,
		Changes: []txn.DefinitionChange{tableChange(db, 0, define("t", false, "v text"))},
		Events:  []txn.RowEvent{{Op: txn.Insert, After: row("a", int64(p)<<24)}, {Op: txn.Insert, After: row("b", int64(p)<<24|1)}},
	}}))
	if table := f.s.Catalog().Table("d", "t"); table.ID != txn.TableID(p) || table.CreatedUS != 42 {
		t.Errorf("table %+v", table)
	}
	if got := f.dump(db); !strings.Contains(got, fmt.Sprintf("'a' %d\n'b' %d", int64(p)<<24, int64(p)<<24|1)) {
		t.Error(got)
	}
}

func TestConversionOfAColumn(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	f.must(f.apply(db, insert(table, 1, "12.345"), insert(table, 2, nil), insert(table, 3, "7")))
	a := Applied{Position: f.next(), Changes: []txn.DefinitionChange{tableChange(db, table.ID, define("t", true, "id int", "v dec"), "SELECT 1")}}
	a.Conversions = []txn.Conversion{{Name: "column", Version: 1, Table: table.ID, Args: []string{"v"}}}
	f.must(f.s.Apply(db, []Applied{a}))
	if got := f.dump(db); !strings.Contains(got, "1 '12.35'\n2 NULL\n3 '7.00'") {
		t.Error(got)
	}
	for _, c := range []txn.Conversion{{Name: "column", Version: 2, Table: table.ID, Args: []string{"v"}}, {Name: "other", Version: 1}} {
		err := f.s.Apply(db, []Applied{{Position: f.next(), Conversions: []txn.Conversion{c}}})
		if !errors.Is(err, txn.ErrFuture) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	wantMismatch(t, f.s.Apply(db, []Applied{{Position: f.next(), Conversions: []txn.Conversion{{Name: "column", Version: 1, Table: table.ID, Args: []string{"x"}}}}}), "no such column")
}

func TestFullDiskAppliesNothing(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	d := f.s.database(db)
	pages := strings.TrimSpace(rows(t, d.writer, "PRAGMA page_count"))
	rows(t, d.writer, "PRAGMA max_page_count="+pages)
	before := f.dump(db)
	big := Applied{Position: f.next(), Events: []txn.RowEvent{insert(table, 1, "a"), insert(table, 2, strings.Repeat("x", 10*pageSize))}}
	err := f.s.Apply(db, []Applied{big})
	var a *ApplyError
	if !errors.As(err, &a) || !a.DiskFull() || a.Mismatch() {
		t.Fatalf("got %v", err)
	}
	if got := f.dump(db); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	rows(t, d.writer, "PRAGMA max_page_count=1000000") // room again
	f.must(f.s.Apply(db, []Applied{big}))
}

func TestOneRecordOfSeveralDatabases(t *testing.T) {
	f := newFixture(t)
	a, b := f.createDatabase("a"), f.createDatabase("b")
	ta, tb := f.createTable(a, define("t", true, "id int")), f.createTable(b, define("t", true, "id int"))
	together := func(id int) map[txn.DatabaseID]Applied {
		p := f.next()
		return map[txn.DatabaseID]Applied{
			a: {Position: p, Events: []txn.RowEvent{insert(ta, id)}},
			b: {Position: p, Events: []txn.RowEvent{insert(tb, id)}},
		}
	}
	f.must(f.s.ApplyTogether(together(1)))
	if f.s.PublishedAll() != f.last {
		t.Errorf("published %s, want %s", f.s.PublishedAll(), f.last)
	}
	// One of two does not fit: neither changes.
	before := f.dump(a)
	bad := together(2)
	bad[b] = Applied{Position: f.last, Events: []txn.RowEvent{remove(tb, 9)}}
	wantMismatch(t, f.s.ApplyTogether(bad), "no such row")
	if got := f.dump(a); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	// A crash left the record in one file only: repeating it brings the other up.
	half := together(3)
	f.must(f.s.Apply(a, []Applied{half[a]}))
	f.must(f.s.ApplyTogether(half))
	f.must(f.s.ApplyTogether(half))
	for _, id := range []txn.DatabaseID{a, b} {
		if f.s.FilePosition(id) != f.last || !strings.Contains(f.dump(id), "1\n3\n") {
			t.Errorf("database %d at %s:\n%s", id, f.s.FilePosition(id), f.dump(id))
		}
	}
}

// TestPositionsComeAfterAllFiles: a position that is published can be read, in each database that its record wrote.
func TestPositionsComeAfterAllFiles(t *testing.T) {
	f := newFixture(t)
	a, b := f.createDatabase("a"), f.createDatabase("b")
	ta, tb := f.createTable(a, define("t", true, "id int")), f.createTable(b, define("t", true, "id int"))
	before := f.last
	p := f.next()
	f.s.publication.RLock() // as a snapshot of both files holds it: the commits wait
	done := make(chan error, 1)
	go func() {
		done <- f.s.ApplyTogether(map[txn.DatabaseID]Applied{
			a: {Position: p, Events: []txn.RowEvent{insert(ta, 1)}},
			b: {Position: p, Events: []txn.RowEvent{insert(tb, 1)}},
		})
	}()
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); <-time.After(time.Millisecond) {
		if f.s.Published(a) > before || f.s.Published(b) > before {
			t.Error("the position is published before the files have it")
			break
		}
	}
	f.s.publication.RUnlock()
	f.must(<-done)
	if f.s.Published(a) != p || f.s.Published(b) != p {
		t.Errorf("published %s and %s, want %s", f.s.Published(a), f.s.Published(b), p)
	}
}

func TestHalfCommittedRecordIsNotShown(t *testing.T) {
	f := newFixture(t)
	a, b := f.createDatabase("a"), f.createDatabase("b")
	ta, tb := f.createTable(a, define("t", true, "id int")), f.createTable(b, define("t", true, "id int"))
	p := f.next()
	batch := map[txn.DatabaseID]Applied{
		a: {Position: p, Events: []txn.RowEvent{insert(ta, 1)}},
		b: {Position: p, Events: []txn.RowEvent{insert(tb, 1)}},
	}
	var prepared []*pending
	for _, id := range []txn.DatabaseID{a, b} {
		d := f.s.database(id)
		q, err := f.s.prepare(d, []Applied{batch[id]})
		f.must(err)
		prepared = append(prepared, q)
	}
	rollback(prepared[1].database.writer) // so that its COMMIT fails
	if n, err := f.s.commitTogether(prepared); n != 1 || err == nil {
		t.Fatalf("%d committed, %v", n, err)
	}
	both, one := f.branchOf(a, b), f.branchOf(b)
	defer both.Close()
	defer one.Close()
	if err := both.Snapshot(t.Context()); err == nil || !strings.Contains(err.Error(), "Database 'b' waits") {
		t.Errorf("snapshot of both: %v", err)
	}
	f.must(one.Snapshot(t.Context()))
	f.must(f.s.ApplyTogether(batch))
	f.must(both.Snapshot(t.Context()))
}
