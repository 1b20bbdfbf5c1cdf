package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// movedTables are two databases whose tables change places in one record, and that record.
type movedTables struct {
	a, b   txn.DatabaseID
	record map[txn.DatabaseID]Applied
	at     txn.Position
}

const movedRows = 300

// newMovedTables makes the tables with their rows: a.t with a primary key and an index, which goes to b.x, and b.u with a hidden row
// id, which goes to a.t.
func newMovedTables(f *fixture) *movedTables {
	f.t.Helper()
	m := &movedTables{a: f.createDatabase("a"), b: f.createDatabase("b")}
	indexed := define("t", true, "id int", "name text")
	indexed.Indexes = []schemas.Index{{Name: "name", Parts: []schemas.IndexPart{{Column: 1}}}}
	indexed.Settle(func(string) bool { return false })
	t := f.createTable(m.a, indexed)
	u := f.createTable(m.b, define("u", false, "v int"))
	for i := range movedRows {
		f.must(f.apply(m.a, insert(t, i, fmt.Sprint("n", i))))
		f.must(f.apply(m.b, insert(u, i%7, i+1)))
	}
	m.at = f.next()
	m.record = map[txn.DatabaseID]Applied{
		m.a: {Position: m.at, TimeUS: 9, Changes: []txn.DefinitionChange{leaves(m.a, t)}},
		m.b: {Position: m.at, TimeUS: 9, Changes: []txn.DefinitionChange{leaves(m.b, u)}},
	}
	m.moves(m.a, m.b, t, "x", "id, name")
	m.moves(m.b, m.a, u, "t", "v, "+schemas.HiddenColumn)
	return m
}

func leaves(db txn.DatabaseID, t *schemas.Table) txn.DefinitionChange {
	return txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, ID: uint64(t.ID), DBID: db, Name: t.Name,
		SQLite: []string{"DROP TABLE " + schemas.QuoteSQLite(t.SQLiteName)}}
}

// moves adds the arrival of a table in another database to the record.
func (m *movedTables) moves(from, to txn.DatabaseID, t *schemas.Table, name, columns string) {
	now := t.Clone()
	now.Name, now.SQLiteName = name, name
	for i := range now.Indexes {
		now.Indexes[i].SQLiteName = name + "." + now.Indexes[i].Name
	}
	way := fmt.Sprintf("_marmot_moved.%d", t.ID)
	move := txn.Move{From: from, To: to, Table: way, Create: now.CreateTableSQLite(way),
		Insert: fmt.Sprintf("INSERT INTO %q (%s) SELECT %s FROM %s.%q", way, columns, columns, txn.MovedFrom, t.SQLiteName)}
	change := tableChange(to, t.ID, now, append([]string{fmt.Sprintf("ALTER TABLE %q RENAME TO %q", way, name)}, now.CreateIndexesSQLite()...)...)
	change.Op = txn.Insert
	a := m.record[to]
	a.Changes = append(a.Changes, change)
	a.Conversions = append(a.Conversions, move.Conversion(t.ID))
	m.record[to] = a
}

// missing is the record without the databases that have it, as it is applied after a restart.
func (m *movedTables) missing(s *Store) map[txn.DatabaseID]Applied {
	rest := map[txn.DatabaseID]Applied{}
	for db, a := range m.record {
		if s.FilePosition(db) < m.at {
			rest[db] = a
		}
	}
	return rest
}

func (m *movedTables) dump(f *fixture) string { return f.dump(m.a) + "----\n" + f.dump(m.b) }

// crashImage copies the data directory as a kill at this moment would leave it.
func crashImage(t *testing.T, dir string) string {
	t.Helper()
	image := t.TempDir()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		rest, _ := filepath.Rel(dir, path)
		switch {
		case err != nil || strings.HasSuffix(path, "-shm"):
			return err
		case e.IsDir():
			return os.MkdirAll(filepath.Join(image, rest), 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(image, rest), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// opened opens an image as another fixture.
func (f *fixture) opened(t *testing.T, image string) *fixture {
	g := &fixture{t: t, o: f.o, last: f.last}
	g.o.Dir = image
	g.open()
	t.Cleanup(g.close)
	return g
}

func TestRowsThatMoveSurviveACrashAtEveryStep(t *testing.T) {
	f := newFixture(t)
	m := newMovedTables(f)
	before := crashImage(t, f.o.Dir)
	var names, images []string
	f.s.onStep = func(name string) {
		names, images = append(names, name), append(images, crashImage(t, f.o.Dir))
	}
	f.must(f.s.ApplyTogether(m.record))
	f.s.onStep = nil
	if got := strings.Join(names, " "); got != "arrived arrived half" {
		t.Fatalf("steps %s, want both arrivals and the moment between the commits", got)
	}
	want := m.dump(f)
	if n := strings.Count(want, "'n"); n != movedRows || strings.Contains(want, "_marmot_move") {
		t.Fatalf("%d rows of t are there, want %d, and nothing of the moving:\n%s", n, movedRows, want)
	}
	if f.table(4).Database != "a" || f.table(4).Name != "t" || f.table(3).Database != "b" || f.table(3).Name != "x" {
		t.Errorf("tables are %s.%s and %s.%s, want a.t and b.x", f.table(4).Database, f.table(4).Name, f.table(3).Database, f.table(3).Name)
	}
	names, images = append(names, "before"), append(images, before)
	for i, image := range images {
		g := f.opened(t, image)
		for range 2 { // and once more, which changes nothing
			g.must(g.s.ApplyTogether(m.missing(g.s)))
		}
		if got := m.dump(g); got != want {
			t.Errorf("crash at step %d (%s), then applied again:\n%s\nwant\n%s", i, names[i], got, want)
		}
	}
}

// A loss of power takes commits back that were not synced, in one file more than in the other. The rows that came are synced.
func TestRowsThatMoveSurviveALossOfPower(t *testing.T) {
	for _, lost := range []string{"a", "b"} {
		f := newFixture(t)
		m := newMovedTables(f)
		var synced string // both have come
		f.s.onStep = func(name string) {
			if name == stepArrived {
				synced = crashImage(t, f.o.Dir)
			}
		}
		f.must(f.s.ApplyTogether(m.record))
		want := m.dump(f)
		final := crashImage(t, f.o.Dir)
		files, err := filepath.Glob(filepath.Join(synced, "db", lost+".*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("files of %s: %v, %v", lost, files, err)
		}
		for _, file := range files {
			f.must(os.Rename(file, filepath.Join(final, "db", filepath.Base(file))))
		}
		g := f.opened(t, final)
		rest := m.missing(g.s)
		if len(rest) != 1 {
			t.Fatalf("%d files lack the record, want that of %s", len(rest), lost)
		}
		g.must(g.s.ApplyTogether(rest))
		if got := m.dump(g); got != want {
			t.Errorf("%s lost the record:\n%s\nwant\n%s", lost, got, want)
		}
	}
}

func TestRowsThatCameOutliveTheirSource(t *testing.T) {
	f := newFixture(t)
	m := newMovedTables(f)
	var image string
	f.s.onStep = func(name string) {
		if name == stepArrived {
			image = crashImage(t, f.o.Dir)
		}
	}
	f.must(f.s.ApplyTogether(m.record))
	want := f.dump(m.b)
	g := f.opened(t, image)
	g.dropDatabase(m.a, "a")
	g.must(g.s.Apply(m.b, []Applied{m.record[m.b]}))
	if got := g.dump(m.b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Where the source has the record and the destination never had the rows, they are nowhere: that is a mismatch, not an empty table.
func TestRowsThatAreGoneDoNotBecomeAnEmptyTable(t *testing.T) {
	f := newFixture(t)
	m := newMovedTables(f)
	old := m.record[m.a]
	old.Conversions = nil
	old.Changes = old.Changes[:1]
	f.must(f.s.Apply(m.a, []Applied{old}))
	before := f.dump(m.b)
	for _, err := range []error{
		f.s.ApplyTogether(map[txn.DatabaseID]Applied{m.b: m.record[m.b]}),
		f.s.Apply(m.b, []Applied{m.record[m.b]}),
	} {
		var apply *ApplyError
		if !errors.As(err, &apply) || !apply.Mismatch() {
			t.Errorf("got %v, want a mismatch", err)
		}
	}
	if got := f.dump(m.b); got != before {
		t.Errorf("the file changed:\n%s", got)
	}
}

// A record that was voided after its rows had come leaves them to be taken away by the next one.
func TestRowsOfAVoidedRecordAreForgotten(t *testing.T) {
	f := newFixture(t)
	m := newMovedTables(f)
	var image string
	f.s.onStep = func(name string) {
		if name == stepArrived { // the second time both have come
			image = crashImage(t, f.o.Dir)
		}
	}
	f.must(f.s.ApplyTogether(m.record))
	g := f.opened(t, image)
	table := g.table(3)
	g.must(g.apply(m.a, insert(table, movedRows, "late")))
	again := g.next()
	for db, a := range m.record {
		a.Position = again
		m.record[db] = a
	}
	g.must(g.s.ApplyTogether(m.record))
	if got := g.dump(m.b); !strings.Contains(got, "'late'") || strings.Contains(got, "_marmot_move") {
		t.Errorf("got\n%s\nwant the later row too", got)
	}
}
