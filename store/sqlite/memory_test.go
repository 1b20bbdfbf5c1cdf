package sqlite

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"marmot/sqlext"
	"marmot/txn"
)

// everything returns a set with a function, an aggregate and a collation.
func everything() sqlext.Set {
	asked := 0
	set := testSet(nil)
	set.Collations = []sqlext.Collation{foldedCollation(false, &asked)}
	return set
}

// life opens a branch over two files, uses all of it, and closes it, maybe in the middle of something.
func life(t *testing.T, one, two string, n int) {
	options := BranchOptions{Set: everything(), MemoryLimit: minMemoryLimit, SpillDir: t.TempDir()}
	if n%2 == 0 {
		options.Main = one
	}
	b, err := OpenBranch(options)
	must(t, err)
	if n%2 == 1 {
		must(t, b.Attach("a", one))
	}
	must(t, b.Attach("b", two))
	must(t, b.Snapshot())
	c := b.Conn()
	for range 3 {
		must(t, c.Exec("BEGIN; UPDATE t SET s='x'||s; INSERT INTO b.t SELECT id+10000, echo(s) FROM t"))
		if _, err := query(c, "SELECT total_of(id*2), max(s COLLATE folded_false) FROM t GROUP BY id%7 ORDER BY 1"); err != nil {
			t.Fatal(err)
		}
		must(t, b.Captured(0, func(Row) error { return nil }))
		if _, err := query(c, "SELECT refuse('x')"); err == nil {
			t.Fatal("no error")
		}
		if n%3 == 0 {
			must(t, c.Exec("COMMIT"))
			must(t, b.Snapshot())
		}
		b.Release()
		must(t, b.Snapshot())
	}
	must(t, b.Detach("b"))
	if err := b.Attach("b", one+".none"); err == nil {
		t.Fatal("attached a missing file")
	}
	must(t, b.Attach("b", two))
	must(t, b.Snapshot())
	if n%4 == 0 { // closed with a statement running
		must(t, c.Exec("BEGIN; DELETE FROM b.t"))
		s, err := c.Prepare("SELECT x.s FROM t x, t y")
		must(t, err)
		if row, err := s.Step(); !row || err != nil {
			t.Fatal(err)
		}
	}
	must(t, b.Close())
	must(t, b.Close())
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("needs /proc")
	}
	return len(entries)
}

func TestBranchesLeaveNothingBehind(t *testing.T) {
	const fill = "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1500) INSERT INTO t SELECT i, hex(zeroblob(150)) FROM n"
	one, _ := newFile(t, fill)
	two, _ := newFile(t, fill)
	life(t, one, two, 0)
	memory, files, goroutines := allocated(), openFiles(t), runtime.NumGoroutine()
	rounds := 40
	if *long {
		rounds = 2000
	}
	for n := range rounds {
		life(t, one, two, n)
	}
	if got := allocated(); got != memory {
		t.Errorf("%d bytes in C after %d branches, %d before", got, rounds, memory)
	}
	if got := openFiles(t); got != files {
		t.Errorf("%d files open, %d before", got, files)
	}
	if got := runtime.NumGoroutine(); got != goroutines {
		t.Errorf("%d goroutines, %d before", got, goroutines)
	}
}

func TestIdleBranchIsSmall(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES(1,'a')")
	b := openBranch(t, BranchOptions{}, "d", path)
	must(t, b.Conn().Exec("BEGIN; WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i<20000) INSERT INTO d.t SELECT i, hex(zeroblob(400)) FROM n"))
	if b.Memory() < 10<<20 || b.CapturedBytes() < 10<<20 {
		t.Errorf("memory %d, captured %d: the test writes more", b.Memory(), b.CapturedBytes())
	}
	must(t, b.Conn().Exec("COMMIT"))
	must(t, b.Snapshot())
	b.Release()
	if got := b.Memory(); got > 6<<20 {
		t.Errorf("an idle branch holds %d bytes", got)
	}
}

func TestPreparedBuffersAreBounded(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a)")
	before := allocated()
	big := make([]byte, 3<<20)
	for i := range 20 {
		want(t, c, fmt.Sprintf("SELECT length(?), %d", i), fmt.Sprintf("%d|%d", len(big), i), txn.Blob(big))
		want(t, c, fmt.Sprintf("SELECT length(x), %d FROM (SELECT ? AS x)", i), fmt.Sprintf("%d|%d", len(big), i), txn.Blob(big))
	}
	if got := allocated() - before; got > 4<<20 {
		t.Errorf("%d bytes kept for idle statements", got)
	}
}
