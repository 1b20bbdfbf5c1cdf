package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

func (f *fixture) exec(b *Branch, sql string, args ...any) {
	f.t.Helper()
	if err := run(b.Conn(), sql, row(args...)...); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// events runs f in the branch and prints the events of it.
func (f *fixture) events(b *Branch, do func()) (events []txn.RowEvent, text string) {
	f.t.Helper()
	mark := b.Mark()
	do()
	events, matched, err := b.Events(mark, f.s.Catalog())
	f.must(err)
	for _, e := range events {
		text += fmt.Sprintf("%s %d %v %v\n", e.Op, e.Table, e.Before, e.After)
	}
	for _, e := range matched {
		text += fmt.Sprintf("matched %d %v\n", e.Table, e.Before)
	}
	return events, text
}

func TestBranchKeepsItsSnapshot(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	f.must(f.apply(db, insert(table, 1, "a")))
	b := f.branch(db)
	defer b.Close()
	at := f.last
	f.exec(b, "BEGIN")
	f.exec(b, "UPDATE d1.t SET v = 'mine'")
	f.must(f.apply(db, insert(table, 2, "b")))
	if got := rows(t, b.Reader(), "SELECT * FROM d1.t"); got != "1 'a'\n" {
		t.Errorf("reader sees %s", got)
	}
	if got := rows(t, b.Conn(), "SELECT * FROM d1.t"); got != "1 'mine'\n" {
		t.Errorf("branch sees %s", got)
	}
	if b.Position() != at || b.Schema(db) != table.Version || b.PositionOf(db) != at || b.Schema(99) != 0 {
		t.Errorf("position %s, schema %s", b.Position(), b.Schema(db))
	}
	if err := b.Snapshot(t.Context()); err == nil {
		t.Error("a new snapshot within a transaction")
	}
	f.must(b.Snapshot(t.Context())) // the refusal ended the transaction
	if got := rows(t, b.Conn(), "SELECT * FROM d1.t"); got != "1 'a'\n2 'b'\n" {
		t.Errorf("fresh snapshot sees %s", got)
	}
	b.Release()
	if err := run(b.Conn(), "SELECT * FROM d1.t"); !errors.Is(err, sqlite.ErrNoSnapshot) {
		t.Errorf("after Release: %v", err)
	}
}

func TestQuietDatabaseLooksNew(t *testing.T) {
	f := newFixture(t)
	a, q := f.createDatabase("a"), f.createDatabase("quiet")
	f.s.AdvanceAll(50)
	b := f.branch(a, q)
	defer b.Close()
	f.s.Advance(a, 60)
	if b.Position() != 50 {
		t.Errorf("position is %s", b.Position())
	}
	f.must(b.Snapshot(t.Context()))
	if b.Position() != 50 || b.PositionOf(a) != 60 {
		t.Errorf("position is %s, of a %s", b.Position(), b.PositionOf(a))
	}
}

func TestRefusedSnapshotLetsGoOfTheOldOne(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	b := f.branch(db)
	defer b.Close()
	never := make(chan struct{})
	f.s.database(db).wal.blocked.Store(&never)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Snapshot(ended); !errors.Is(err, context.Canceled) || b.inner.Held() || len(f.s.active.held) != 0 {
		t.Errorf("got %v, held %v, %d active", err, b.inner.Held(), len(f.s.active.held))
	}
	f.must(b.Snapshot(t.Context())) // waits its 50 ms, and no longer
}

func TestBranchWithoutDatabases(t *testing.T) {
	f := newFixture(t)
	f.s.AdvanceAll(7)
	b := f.branch()
	defer b.Close()
	if got := rows(t, b.Conn(), "SELECT 1"); got != "1\n" || b.Position() != 7 {
		t.Errorf("got %s at %s", got, b.Position())
	}
}

func TestDatabaseJoinsInsideATransaction(t *testing.T) {
	f := newFixture(t)
	a, c := f.createDatabase("a"), f.createDatabase("c")
	ta, tc := f.createTable(a, define("t", true, "id int")), f.createTable(c, define("t", true, "id int"))
	b := f.branch(a)
	defer b.Close()
	f.exec(b, "BEGIN")
	mark := b.Mark()
	f.exec(b, "INSERT INTO d1.t VALUES (1)")
	f.must(f.apply(a, insert(ta, 5)))
	f.must(f.apply(c, insert(tc, 5)))
	f.must(b.Use(a, c, c))
	f.exec(b, "INSERT INTO d2.t SELECT id + 1 FROM d2.t")
	events, _, err := b.Events(mark, f.s.Catalog())
	f.must(err)
	if len(events) != 2 || events[0].Table != ta.ID || events[1].Table != tc.ID || events[1].After[0].Int64() != 6 {
		t.Errorf("events %v", events)
	}
	if b.Position() >= b.PositionOf(c) || b.PositionOf(c) != f.last {
		t.Errorf("position %s, of c %s", b.Position(), b.PositionOf(c))
	}
}

func TestEventsOfABranch(t *testing.T) {
	for name, c := range shapes() {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			db := f.createDatabase("d")
			table := f.createTable(db, c.table)
			b := f.branch(db)
			defer b.Close()
			f.exec(b, "BEGIN")
			w := newTableWriter(table, alias(db))
			all := []txn.RowEvent{
				rowEvent(table, txn.Insert, nil, c.first), rowEvent(table, txn.Insert, nil, c.second),
				update(table, c.first, c.changed), update(table, c.second, c.second), rowEvent(table, txn.Delete, c.second, nil),
			}
			events, text := f.events(b, func() {
				for i := range all {
					f.must(w.apply(b.Conn(), &all[i]))
				}
			})
			if len(events) != 4 || strings.Count(text, "matched") != 1 {
				t.Fatalf("got\n%s", text)
			}
			for i, want := range []txn.RowEvent{all[0], all[1], all[2], all[4]} {
				if e := events[i]; e.Op != want.Op || e.Table != table.ID || e.Version != table.Version || !sameImage(e.Before, want.Before) || !sameImage(e.After, want.After) {
					t.Errorf("got %v, want %v", e, want)
				}
			}
			// The applier writes them, and a fresh branch replays them, with the same outcome.
			f.exec(b, "ROLLBACK")
			f.must(b.Snapshot(t.Context()))
			f.must(b.Replay(events, f.s.Catalog()))
			if b.Mark() != 0 {
				t.Error("replay was captured")
			}
			f.must(f.apply(db, events...))
			other := f.branch(db)
			defer other.Close()
			if mine, theirs := rows(t, b.Conn(), "SELECT * FROM d1.t"), rows(t, other.Reader(), "SELECT * FROM d1.t"); mine != theirs || mine == "" {
				t.Errorf("replayed\n%sapplied\n%s", mine, theirs)
			}
			wantMismatch(t, b.Replay(events[3:], f.s.Catalog()), "no such row")
		})
	}
}

func sameImage(a, b []txn.Value) bool {
	return len(a) == len(b) && (a == nil) == (b == nil) && equalRows(a, b)
}

func TestEventsOfStatements(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text", "r real"))
	f.createTable(db, define("log", false, "v text"))
	f.must(f.apply(db, insert(table, 1, "a", 1.5), insert(table, 2, "b", nil)))
	b := f.branch(db)
	defer b.Close()
	f.exec(b, "CREATE TEMP TABLE tt (id INTEGER PRIMARY KEY)")
	f.exec(b, "CREATE TEMP TRIGGER audit AFTER DELETE ON d1.t BEGIN INSERT INTO d1.log VALUES (OLD.v, 4611686018427387904 + OLD.id); END")
	f.exec(b, "BEGIN")
	for _, c := range []struct{ sql, want string }{
		{"UPDATE d1.t SET r = 2 WHERE id = 1", "update 2 [1 'a' 1.5] [1 'a' 2]\n"},
		{"UPDATE d1.t SET r = 2 WHERE id = 1", "matched 2 [1 'a' 2]\n"},
		{"REPLACE INTO d1.t VALUES (9, 'n', 1), (9, 'm', 1)", "insert 2 [] [9 'n' 1]\ndelete 2 [9 'n' 1] []\ninsert 3 [] ['n' 4611686018427387913]\ninsert 2 [] [9 'm' 1]\n"},
		{"DELETE FROM d1.log", "delete 3 ['n' 4611686018427387913] []\n"},
		{"DELETE FROM d1.t", "delete 2 [1 'a' 2] []\ninsert 3 [] ['a' 4611686018427387905]\ndelete 2 [2 'b' NULL] []\ninsert 3 [] ['b' 4611686018427387906]\ndelete 2 [9 'm' 1] []\ninsert 3 [] ['m' 4611686018427387913]\n"},
		{"INSERT INTO tt VALUES (1)", ""},
		{"DELETE FROM d1.log WHERE v = 'b'", "delete 3 ['b' 4611686018427387906] []\n"},
	} {
		if _, got := f.events(b, func() { f.exec(b, c.sql) }); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.sql, got, c.want)
		}
	}
	mark := b.Mark()
	f.exec(b, "SAVEPOINT s")
	f.exec(b, "INSERT INTO d1.t VALUES (20, 'x', 0)")
	if b.CapturedBytes() == 0 {
		t.Error("nothing captured")
	}
	f.exec(b, "ROLLBACK TO s")
	b.Cut(mark)
	if _, got := f.events(b, func() {}); got != "" {
		t.Errorf("after the cut: %s", got)
	}
}

func TestColumnsAddedBehindTheHiddenRowID(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", false, "a int"))
	f.must(f.apply(db, insert(table, 1, int64(77))))
	f.must(f.s.Apply(db, []Applied{{Position: f.next(), Changes: []txn.DefinitionChange{tableChange(db, table.ID, define("t", false, "a int", "Ü text"), `ALTER TABLE t ADD COLUMN "Ü" TEXT`)}}}))
	table = f.table(table.ID)
	b := f.branch(db)
	defer b.Close()
	f.exec(b, "BEGIN")
	events, text := f.events(b, func() { f.exec(b, `UPDATE d1.t SET "Ü" = 'x'`) })
	if text != fmt.Sprintf("update %d [1 NULL 77] [1 'x' 77]\n", table.ID) {
		t.Errorf("got %s", text)
	}
	f.must(f.apply(db, events...))
}

func TestReplayFiresNoTriggers(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int"))
	b := f.branch(db)
	defer b.Close()
	f.exec(b, `CREATE TEMP TRIGGER "a ""b" AFTER INSERT ON d1.t WHEN NEW.id < 10 BEGIN INSERT INTO d1.t VALUES (NEW.id + 10); END`)
	f.exec(b, "BEGIN")
	f.must(b.Replay([]txn.RowEvent{insert(table, 1)}, f.s.Catalog()))
	f.exec(b, "SAVEPOINT s")
	f.exec(b, "INSERT INTO d1.t VALUES (2)")
	if got := rows(t, b.Conn(), "SELECT id FROM d1.t ORDER BY id"); got != "1\n2\n12\n" {
		t.Errorf("got %s", got)
	}
	f.exec(b, "ROLLBACK")
	f.exec(b, "INSERT INTO d1.t VALUES (3)")
	if got := rows(t, b.Conn(), "SELECT id FROM d1.t ORDER BY id"); got != "3\n13\n" {
		t.Errorf("after ROLLBACK: %s", got)
	}
}

func TestFileBranchValidatesDDL(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int"))
	f.must(f.apply(db, insert(table, 1)))
	b, err := f.s.OpenFileBranch(db)
	f.must(err)
	defer b.Close()
	f.must(b.Snapshot(t.Context()))
	before := f.dump(db)
	f.exec(b, "BEGIN")
	created := define("n", false, "v text")
	f.must(b.Conn().Exec(strings.Join(created.CreateSQLite(), ";")))
	mark := b.Mark()
	f.exec(b, "INSERT INTO n SELECT 'x' || id, 4611686018427387904 FROM t")
	c := &schemas.Catalog{Databases: map[string]*schemas.Database{"d": {ID: db, Alias: alias(db), Tables: map[string]*schemas.Table{"n": created}}}}
	events, _, err := b.Events(mark, c)
	f.must(err)
	if len(events) != 1 || events[0].After[0].String() != "'x1'" || b.Schema(db) != table.Version {
		t.Errorf("events %v, schema %s", events, b.Schema(db))
	}
	if got := f.dump(db); got != before {
		t.Errorf("the file changed:\n%s", got)
	}
	if _, err := f.s.OpenFileBranch(99); mysqlerr.Code(err) != 1049 {
		t.Errorf("unknown database: %v", err)
	}
}

func TestPoolKeepsBranchesBySet(t *testing.T) {
	f := newFixture(t)
	a, c := f.createDatabase("a"), f.createDatabase("c")
	b := f.branch(a, c)
	inner := b.inner
	f.exec(b, "BEGIN")
	b.Conn().SetState("state of a session")
	b.Close()
	b.Close()
	if again := f.branch(a); again.inner == inner {
		t.Error("a branch of two databases served for one")
	} else {
		again.Close()
	}
	again := f.branch(c, a)
	if again.inner != inner || again.Conn().InTransaction() {
		t.Error("the branch was not used again, or its transaction is still open")
	}
	f.exec(again, "CREATE TEMP TABLE private (x)")
	again.Close()
	if third := f.branch(a, c); third.inner == inner {
		t.Error("a branch with TEMP tables came back")
	} else {
		third.Release()
		third.Close()
	}
	if f.s.pool.count != 2 {
		t.Errorf("%d idle branches", f.s.pool.count)
	}
	var open []*Branch
	for range maxIdleBranches + 5 {
		open = append(open, f.branch(a))
	}
	for _, b := range open {
		b.Close()
	}
	if f.s.pool.count != maxIdleBranches || len(f.s.pool.idle) != 1 {
		t.Errorf("%d idle branches of %d sets", f.s.pool.count, len(f.s.pool.idle))
	}
}

func TestTooManyDatabases(t *testing.T) {
	f := newFixture(t)
	var ids []txn.DatabaseID
	for i := range maxAttached + 1 {
		ids = append(ids, f.createDatabase(fmt.Sprint("d", i)))
	}
	b := f.branch(ids[:maxAttached]...)
	defer b.Close()
	if err := b.Use(ids[maxAttached]); mysqlerr.Code(err) != 1116 {
		t.Errorf("got %v", err)
	}
	if err := b.Use(12345); mysqlerr.Code(err) != 1049 {
		t.Errorf("unknown database: %v", err)
	}
}

func TestOldSnapshotsAreEnded(t *testing.T) {
	time0 := &clock{now: time.Unix(1e9, 0)}
	f := newFixture(t)
	f.close()
	f.o.Now, f.o.MaxSnapshotAge = time0.Now, time.Minute
	f.open()
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int"))
	old, resting := f.branch(db), f.branch(db)
	defer old.Close()
	defer resting.Close()
	time0.now = time0.now.Add(40 * time.Second)
	young := f.branch(db)
	defer young.Close()
	f.exec(old, "BEGIN")
	f.exec(old, "INSERT INTO d1.t VALUES (1)")
	time0.now = time0.now.Add(40 * time.Second)
	resting.Rest()
	f.s.endOldSnapshots()
	if resting.inner.Held() || !old.inner.Held() {
		t.Error("a branch at rest loses its snapshot at once, others by themselves")
	}
	for _, c := range []*sqlite.Conn{old.Reader(), old.Conn(), resting.Reader(), resting.Conn()} {
		if err := run(c, "SELECT * FROM d1.t"); !errors.Is(err, sqlite.ErrNoSnapshot) {
			t.Errorf("a statement on an old snapshot: %v", err)
		}
	}
	_, _, events := old.Events(0, f.s.Catalog())
	for _, err := range []error{old.Err(), events, old.Use(db), old.Replay([]txn.RowEvent{insert(table, 2)}, f.s.Catalog())} {
		if mysqlerr.Code(err) != 1213 || !strings.Contains(err.Error(), "txn.max_snapshot_age") {
			t.Errorf("got %v", err)
		}
	}
	f.must(young.Err())
	young.Rest()
	f.s.endOldSnapshots()
	rows(t, young.Reader(), "SELECT * FROM d1.t")
	old.Release()
	f.must(old.Snapshot(t.Context()))
	f.must(old.Err())
	rows(t, old.Reader(), "SELECT * FROM d1.t")
}

func TestLongWALIsEmptied(t *testing.T) {
	f := newFixture(t)
	f.close()
	f.o.WALLimitBytes = 100 * frameBytes
	f.open()
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int", "v text"))
	d := f.s.database(db)
	id := 0
	fill := func() {
		for range 60 {
			id++
			f.must(f.apply(db, insert(table, id, strings.Repeat("x", 3*pageSize))))
		}
	}
	fill()
	f.must(f.s.checkpoint(&d.wal, d.path, &d.mutex))
	if frames, _, err := d.wal.checkpoint(d.path, "PASSIVE", 0); err != nil || frames != 0 {
		t.Errorf("%d frames in an emptied WAL, %v", frames, err)
	}
	// A reader that needs the WAL keeps it; then new snapshots wait for the attempt, and no longer.
	d.wal.relieved = time.Time{}
	old := f.branch(db)
	fill()
	done := make(chan struct{})
	d.wal.blocked.Store(&done)
	waited := make(chan error, 1)
	go func() { waited <- d.wal.await(context.Background()) }()
	close(done)
	d.wal.blocked.Store(nil)
	f.must(<-waited)
	f.must(f.s.checkpoint(&d.wal, d.path, &d.mutex))
	if frames, _, err := d.wal.checkpoint(d.path, "PASSIVE", 0); err != nil || frames < 100 {
		t.Errorf("%d frames in the WAL under a reader, %v", frames, err)
	}
	rows(t, old.Reader(), "SELECT count(*) FROM d1.t")
	old.Close()
	d.wal.relieved = time.Time{}
	f.must(f.s.checkpoint(&d.wal, d.path, &d.mutex))
	if frames, _, err := d.wal.checkpoint(d.path, "PASSIVE", 0); err != nil || frames != 0 {
		t.Errorf("%d frames after the reader went, %v", frames, err)
	}
}

func TestLargeWALsAreEmptiedBelowTheirLimit(t *testing.T) {
	f := newFixture(t)
	f.close()
	f.o.WALLimitBytes = largeWAL * 100 * frameBytes
	f.open()
	for range 150 {
		f.must(f.s.SetMeta("large", make([]byte, 3*pageSize)))
	}
	w := &f.s.system.wal
	before, err := os.Stat(f.s.system.path + "-wal")
	f.must(err)
	f.must(f.s.checkpoint(w, f.s.system.path, &f.s.system.mutex))
	after, err := os.Stat(f.s.system.path + "-wal")
	f.must(err)
	if before.Size() < 100*frameBytes || before.Size() > f.o.WALLimitBytes || after.Size() != 0 {
		t.Errorf("the WAL of system.db had %d bytes and has %d", before.Size(), after.Size())
	}
}

func TestRunWritesThePositionsOfQuietDatabases(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	f.s.AdvanceAll(1000)
	f.s.settle()
	if f.s.FilePosition(db) != 1000 {
		t.Errorf("file is at %s", f.s.FilePosition(db))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.s.Run(ctx) }()
	f.s.wakeKeeper()
	cancel()
	f.must(<-done)
}
