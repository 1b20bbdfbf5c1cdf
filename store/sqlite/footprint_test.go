package sqlite

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

var branches = flag.Int("branches", 0, "how many branches TestMemoryIsFlatOverManyBranches opens; 0: few, or 100,000 with -long")

// footprint is what the process holds.
type footprint struct {
	resident, heap, counted int64 // bytes: of the process, of C's allocator, of this package's C code
	files, goroutines       int
}

func (f footprint) String() string {
	return fmt.Sprintf("resident %.1f MiB, C heap %.1f MiB, branches' C code %d bytes, %d files, %d goroutines",
		float64(f.resident)/(1<<20), float64(f.heap)/(1<<20), f.counted, f.files, f.goroutines)
}

func measure(t *testing.T) footprint {
	t.Helper()
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("needs /proc")
	}
	f := footprint{counted: allocated(), files: openFiles(t), goroutines: runtime.NumGoroutine()}
	f.heap, _ = HeapBytes()
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	must(t, err)
	f.resident = kib << 10
	return f
}

// shortLife opens a branch, writes with a failure and a savepoint, reads what was captured, and drops it,
// in one of the states in which sessions drop branches.
func shortLife(t *testing.T, one, two string, spill string, n int) {
	t.Helper()
	options := BranchOptions{Set: everything(), SpillDir: spill}
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
	must(t, c.Exec("BEGIN; INSERT INTO t VALUES(NULL, 'new'); SAVEPOINT s; INSERT INTO b.t SELECT id + 1000, s FROM t LIMIT 5; ROLLBACK TO s"))
	must(t, c.Exec("CREATE TEMP TRIGGER IF NOT EXISTS x AFTER UPDATE ON b.t BEGIN INSERT INTO t(s) VALUES(NEW.s); END; UPDATE b.t SET s = s || 'x' WHERE id = 1"))
	if _, err := query(c, "INSERT INTO t VALUES(1, 'again')"); err == nil {
		t.Fatal("a duplicate key was taken")
	}
	rows := 0
	must(t, b.Captured(0, func(Row) error { rows++; return nil }))
	if rows == 0 {
		t.Fatal("nothing was captured")
	}
	switch n % 3 {
	case 0:
		must(t, c.Exec("ROLLBACK"))
	case 1:
		must(t, c.Exec("COMMIT"))
		must(t, b.Snapshot())
	}
	must(t, b.Close())
}

// TestMemoryIsFlatOverManyBranches opens, writes and drops branches. After a tenth of them nothing that
// the process holds may grow any more, but for what an allocator keeps for itself.
func TestMemoryIsFlatOverManyBranches(t *testing.T) {
	const schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES(1,'one'),(2,'two')"
	one, _ := newFile(t, schema)
	two, _ := newFile(t, schema)
	spill := t.TempDir()
	count := *branches
	switch {
	case count > 0:
	case *long:
		count = 100_000
	default:
		count = 5_000
	}
	for n := range count / 10 {
		shortLife(t, one, two, spill, n)
	}
	before := measure(t)
	for n := range count - count/10 {
		shortLife(t, one, two, spill, n)
	}
	after := measure(t)
	t.Logf("after %d branches: %s", count/10, before)
	t.Logf("after %d branches: %s", count, after)
	if after.counted != before.counted || after.files > before.files || after.goroutines > before.goroutines {
		t.Error("branches leave something behind")
	}
	if _, known := HeapBytes(); !known {
		return // the sanitizer keeps what is freed, and looks for leaks itself
	}
	if grown := after.heap - before.heap; grown > 1<<20 {
		t.Errorf("C's heap has grown by %d bytes", grown)
	}
	if grown := after.resident - before.resident; grown > 8<<20 {
		t.Errorf("the process has grown by %d bytes", grown)
	}
}
