package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/mysqlerr"
	"marmot/txn"
)

func TestNewDirectory(t *testing.T) {
	f := newFixture(t)
	if f.s.DataUUID().IsZero() || len(f.s.Databases()) != 0 || f.s.PublishedAll() != 0 {
		t.Errorf("uuid %s, databases %v, published %s", f.s.DataUUID(), f.s.Databases(), f.s.PublishedAll())
	}
	if c := f.s.Catalog(); len(c.Databases) != 0 || c.Version == 0 {
		t.Errorf("catalog %+v", c)
	}
	uuid := f.s.DataUUID()
	f.reopen()
	if f.s.DataUUID() != uuid {
		t.Errorf("uuid is %s, was %s", f.s.DataUUID(), uuid)
	}
}

func TestOneProcessUsesTheDirectory(t *testing.T) {
	f := newFixture(t)
	_, err := Open(f.o)
	if !errors.Is(err, ErrDirectoryLocked) || !strings.Contains(err.Error(), "pid ") || !strings.Contains(err.Error(), f.o.Dir) {
		t.Errorf("got %v", err)
	}
}

func TestFileNamesAreMySQLs(t *testing.T) {
	for name, want := range map[string]string{
		"shop":                  "shop.db",
		"Shop_2":                "Shop_2.db",
		"a-b c$":                "a@002db@0020c@0024.db",
		"größe":                 "gr@00f6@00dfe.db",
		"../etc":                "@002e@002e@002fetc.db",
		"":                      ".db",
		strings.Repeat("語", 64): strings.Repeat("@8a9e", 40) + "@@7.db",
	} {
		if got := fileName(name, 7); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

func TestEverythingSurvivesReopening(t *testing.T) {
	f := newFixture(t)
	f.must(f.s.SetCluster(Cluster{UUID: txn.UUID{1}, Name: "c", Generation: 2, Base: 3}))
	a := f.createDatabase("a-b")
	table := f.createTable(a, define("T", true, "id int", "v text"))
	f.must(f.apply(a, insert(table, 1, "x")))
	f.must(f.s.SetMeta("k", []byte("v")))
	before, version := f.dump(a), f.s.Catalog().Databases["a-b"].Version
	f.reopen()
	if got := f.dump(a); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
	if c, ok := f.s.Cluster(); !ok || c != (Cluster{UUID: txn.UUID{1}, Name: "c", Generation: 2, Base: 3}) {
		t.Errorf("cluster %+v", c)
	}
	d := f.s.Catalog().Database("a-b")
	if d == nil || d.Version != version || d.ID != a || d.Alias != "d1" || d.Tables["T"].ID != table.ID {
		t.Errorf("database %+v, version was %s", d, version)
	}
	if v, ok, err := f.s.Meta("k"); err != nil || !ok || string(v) != "v" {
		t.Errorf("meta %q %v %v", v, ok, err)
	}
	if f.s.FilePosition(a) != f.last || f.s.Published(a) != f.last {
		t.Errorf("file at %s, published %s, want %s", f.s.FilePosition(a), f.s.Published(a), f.last)
	}
}

func TestClusterCannotChange(t *testing.T) {
	f := newFixture(t)
	f.must(f.s.SetCluster(Cluster{UUID: txn.UUID{1}, Name: "c", Generation: 2}))
	f.must(f.s.SetCluster(Cluster{UUID: txn.UUID{1}, Name: "c", Generation: 3}))
	for _, c := range []Cluster{{UUID: txn.UUID{2}, Name: "c", Generation: 3}, {UUID: txn.UUID{1}, Name: "c", Generation: 2}} {
		if err := f.s.SetCluster(c); !errors.Is(err, ErrOtherCluster) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestMetaValues(t *testing.T) {
	f := newFixture(t)
	if _, ok, err := f.s.Meta("none"); ok || err != nil {
		t.Errorf("got %v %v", ok, err)
	}
	for _, v := range [][]byte{[]byte("a"), {}, bytes.Repeat([]byte{7}, 1<<20)} {
		f.must(f.s.SetMeta("k", v))
		if got, ok, err := f.s.Meta("k"); !ok || err != nil || !bytes.Equal(got, v) {
			t.Errorf("got %d bytes, %v, %v", len(got), ok, err)
		}
	}
	f.must(f.s.SetMeta("k", nil))
	if _, ok, _ := f.s.Meta("k"); ok {
		t.Error("a removed value is still there")
	}
}

func TestDecisionsComeBack(t *testing.T) {
	f := newFixture(t)
	if last, _, deltas, err := f.s.LoadDecided(); last != 0 || deltas != nil || err != nil {
		t.Errorf("new directory: %s %v %v", last, deltas, err)
	}
	f.must(f.s.SaveDecided(Decided{Last: 10, Chain: txn.ChainHash{1}, LedgerDelta: []byte("a"), Aborted: []txn.Position{3, 7}}))
	f.must(f.s.SaveDecided(Decided{Last: 20, Chain: txn.ChainHash{2}, LedgerDelta: []byte("b")}))
	f.must(f.s.SaveDecided(Decided{Last: 20, Chain: txn.ChainHash{2}, LedgerDelta: []byte("b2"), Aborted: []txn.Position{12}}))
	f.must(f.s.SaveDecided(Decided{Last: 30, Chain: txn.ChainHash{3}, LedgerDelta: []byte("c"), WindowStart: 15}))
	f.must(f.s.SaveDecided(Decided{Last: 31, Chain: txn.ChainHash{4}, WindowStart: 15}))
	f.reopen()
	last, chain, deltas, err := f.s.LoadDecided()
	if last != 31 || chain != (txn.ChainHash{4}) || string(bytes.Join(deltas, []byte(" "))) != "b2 c" || err != nil {
		t.Errorf("got %s %x %q %v", last, chain[:2], deltas, err)
	}
	for _, c := range []struct {
		from, to txn.Position
		want     int
	}{{0, 100, 3}, {3, 7, 2}, {4, 11, 1}, {8, 11, 0}, {12, 12, 1}} {
		if list, err := f.s.Aborted(c.from, c.to); err != nil || len(list) != c.want {
			t.Errorf("aborted %d..%d: %v %v", c.from, c.to, list, err)
		}
	}
	f.must(f.s.TrimAborted(8))
	if list, err := f.s.Aborted(0, 100); err != nil || len(list) != 1 || list[0] != 12 {
		t.Errorf("after trim: %v %v", list, err)
	}
}

func TestPublishedPositions(t *testing.T) {
	f := newFixture(t)
	f.s.AdvanceAll(5)
	if f.s.PublishedAll() != 5 {
		t.Errorf("without databases: %s", f.s.PublishedAll())
	}
	f.last = 9
	a, b := f.createDatabase("a"), f.createDatabase("b")
	if a != 10 || b != 11 || f.s.PublishedAll() != 10 {
		t.Errorf("ids %d %d, published %s", a, b, f.s.PublishedAll())
	}
	f.s.Advance(a, 20)
	if f.s.PublishedAll() != 11 || f.s.Published(a) != 20 || f.s.FilePosition(a) != 10 {
		t.Errorf("published %s, a %s, file %s", f.s.PublishedAll(), f.s.Published(a), f.s.FilePosition(a))
	}
	f.s.AdvanceAll(21)
	f.s.Advance(a, 3)
	if f.s.Published(a) != 21 || f.s.Published(b) != 21 {
		t.Errorf("a %s, b %s", f.s.Published(a), f.s.Published(b))
	}
	f.must(f.s.WaitPublished(t.Context(), 21))
	f.must(f.s.WaitPublished(t.Context(), 21, a, b))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, dbs := range [][]txn.DatabaseID{nil, {a}, {99}} {
		if err := f.s.WaitPublished(ended, 22, dbs...); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: got %v", dbs, err)
		}
	}
	f.reopen() // Close writes the positions of quiet databases
	if f.s.FilePosition(a) != 21 || f.s.PublishedAll() != 21 {
		t.Errorf("after reopening: %s, %s", f.s.FilePosition(a), f.s.PublishedAll())
	}
}

func TestWaitingForADatabaseThatIsYetToCome(t *testing.T) {
	f := newFixture(t)
	done := make(chan error, 2)
	go func() { done <- f.s.WaitPublished(t.Context(), 1, 1) }()
	go func() { done <- f.s.WaitPublished(t.Context(), 1) }()
	f.createDatabase("a")
	for range 2 {
		f.must(<-done)
	}
	go func() { done <- f.s.WaitPublished(t.Context(), 100, 1) }()
	f.dropDatabase(1, "a")
	f.must(<-done)
	f.must(f.s.WaitPublished(t.Context(), 100, 1)) // it is gone for good
}

func TestDroppedDatabaseIsGone(t *testing.T) {
	f := newFixture(t)
	a, other := f.createDatabase("a"), f.createDatabase("b")
	table := f.createTable(a, define("t", true, "id int", "v text"))
	f.must(f.apply(a, insert(table, 1, "x")))
	idle := f.branch(a)
	idle.Close()
	busy, both := f.branch(a), f.branch(a, other)
	path := f.s.database(a).path
	f.dropDatabase(a, "a")
	for _, b := range []*Branch{busy, both} {
		if err := b.Err(); mysqlerr.Code(err) != 1049 {
			t.Errorf("branch says %v", err)
		}
		if _, _, err := b.Events(0, f.s.Catalog()); mysqlerr.Code(err) != 1049 {
			t.Errorf("events: %v", err)
		}
		if err := b.Snapshot(t.Context()); mysqlerr.Code(err) != 1049 {
			t.Errorf("snapshot: %v", err)
		}
		b.Close()
	}
	if len(f.s.pool.idle) != 0 {
		t.Errorf("pool has %d sets", len(f.s.pool.idle))
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s%s: %v", path, suffix, err)
		}
	}
	if f.s.Catalog().Database("a") != nil || f.s.Catalog().Database("b") == nil || len(f.s.Databases()) != 1 {
		t.Errorf("catalog %v, databases %v", f.s.Catalog().Databases, f.s.Databases())
	}
	// The log is read again from before: nothing of it comes back.
	for range 2 {
		f.must(f.s.ApplyDatabase(txn.Position(a), 0, createChange(t, "a")))
		f.must(f.s.Apply(a, []Applied{{Position: 4, Events: []txn.RowEvent{insert(table, 2, "y")}}}))
		f.must(f.s.ApplyTogether(map[txn.DatabaseID]Applied{a: {Position: 5}, other: {Position: 5}}))
		if len(f.s.Databases()) != 1 {
			t.Fatalf("databases %v", f.s.Databases())
		}
		f.reopen()
	}
	again := f.createDatabase("a")
	b := f.branch(again)
	if got := rows(t, b.Reader(), "SELECT count(*) FROM "+alias(again)+".sqlite_schema WHERE name = 't'"); got != "0\n" {
		t.Errorf("the new database has a table of the old one")
	}
	b.Close()
	if _, err := f.s.History().TableAt(table.ID, table.Version); err != nil {
		t.Errorf("history: %v", err)
	}
}

func TestCrashWhileDroppingIsFinishedAtOpen(t *testing.T) {
	f := newFixture(t)
	a := f.createDatabase("a")
	path := f.s.database(a).path
	f.close()
	copyFile(t, path, path+".saved")
	f.open()
	f.dropDatabase(a, "a")
	f.close()
	f.must(os.Rename(path+".saved", path))
	for _, leftOver := range []string{"gone.db-wal", "gone.db-shm", "half.db.new"} {
		f.must(os.WriteFile(filepath.Join(f.o.Dir, "db", leftOver), []byte("left over"), 0o644))
	}
	f.open()
	entries, err := os.ReadDir(filepath.Join(f.o.Dir, "db"))
	if err != nil || len(entries) != 0 || len(f.s.Databases()) != 0 {
		t.Errorf("left: %v %v, databases %v", entries, err, f.s.Databases())
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
