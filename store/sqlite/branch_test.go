package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shopSchema = `
CREATE TABLE p(id INTEGER PRIMARY KEY, v TEXT NOT NULL, u INT UNIQUE, CHECK(u<>13));
CREATE TABLE c(id INTEGER PRIMARY KEY, pid INT, x);
CREATE TABLE wr(a INT, b TEXT, c, PRIMARY KEY(b,a)) WITHOUT ROWID;
CREATE TABLE log(id INTEGER PRIMARY KEY AUTOINCREMENT, m TEXT);
CREATE INDEX pv ON p(v);
INSERT INTO p VALUES(1,'a',10),(2,'b',20),(3,'c',30);
INSERT INTO c VALUES(1,1,'x'),(2,1,'y'),(3,2,'z');
INSERT INTO wr VALUES(1,'k',1),(2,'k',2);
`

// openBranch opens a branch whose main is the given file, or with files attached under their aliases.
func openBranch(t testing.TB, o BranchOptions, files ...string) *Branch {
	t.Helper()
	b, err := OpenBranch(o)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	for i := 0; i+1 < len(files); i += 2 {
		must(t, b.Attach(files[i], files[i+1]))
	}
	must(t, b.Snapshot())
	return b
}

// printCaptured prints the captured rows since the mark, separated by blanks: op, depth, table, images.
func printCaptured(t testing.TB, b *Branch, from int) string {
	t.Helper()
	var out []string
	must(t, b.Captured(from, func(r Row) error {
		out = append(out, fmt.Sprintf("%s/%d %s.%s%v%v", r.Op, r.Depth, r.Alias, r.Table, r.Old, r.New))
		return nil
	}))
	return strings.Join(out, " ")
}

// eachForm runs a test on a branch with the file as main and on one with it attached.
func eachForm(t *testing.T, schema string, test func(t *testing.T, b *Branch, w *Conn)) {
	t.Run("main", func(t *testing.T) {
		path, w := newFile(t, schema)
		test(t, openBranch(t, BranchOptions{Main: path}), w)
	})
	t.Run("attached", func(t *testing.T) {
		path, w := newFile(t, schema)
		test(t, openBranch(t, BranchOptions{}, "d", path), w)
	})
}

func TestBuildHasWhatItNeeds(t *testing.T) { must(t, CheckBuild()) }

func TestBranchWritesInPrivate(t *testing.T) {
	eachForm(t, shopSchema, func(t *testing.T, b *Branch, w *Conn) {
		c := b.Conn()
		want(t, c, "SELECT count(*) FROM p", "3")
		// another writer holds the lock and commits: the branch does not care
		must(t, w.Exec("BEGIN IMMEDIATE; INSERT INTO p VALUES(100,'applier',1000)"))
		must(t, c.Exec("BEGIN IMMEDIATE; INSERT INTO p VALUES(4,'d',40)"))
		want(t, c, "SELECT count(*) FROM p", "4")
		must(t, w.Exec("COMMIT"))
		want(t, c, "SELECT count(*) FROM p", "4")
		want(t, b.Read(), "SELECT count(*) FROM p", "3")
		wantError(t, c, "INSERT INTO p VALUES(4,'d',41)", "UNIQUE constraint failed: p.id")
		wantError(t, c, "INSERT INTO p VALUES(5,'d',40)", "UNIQUE constraint failed: p.u")
		wantError(t, c, "INSERT INTO p VALUES(5,NULL,50)", "NOT NULL constraint failed")
		wantError(t, c, "INSERT INTO p VALUES(5,'e',13)", "CHECK constraint failed")
		wantError(t, c, "INSERT INTO p VALUES(6,'six',60),(7,'seven',10)", "UNIQUE constraint failed: p.u")
		want(t, c, "SELECT count(*) FROM p", "4")
		want(t, c, "UPDATE p SET v=v||'!' FROM (SELECT 2 AS k) s WHERE p.id=s.k RETURNING id,v", "2|b!")
		must(t, c.Exec("SAVEPOINT a; INSERT INTO p VALUES(50,'s',500); SAVEPOINT b; DELETE FROM p; ROLLBACK TO b"))
		want(t, c, "SELECT count(*) FROM p", "5")
		must(t, c.Exec("ROLLBACK TO a; RELEASE a"))
		must(t, c.Exec("CREATE TEMP TABLE tt(a); INSERT INTO tt SELECT v FROM p"))
		want(t, c, "SELECT count(*) FROM tt", "4")
		want(t, c, "PRAGMA integrity_check", "ok")
		must(t, c.Exec("ROLLBACK"))
		want(t, c, "SELECT count(*) FROM p", "3")

		must(t, b.Snapshot())
		want(t, c, "SELECT count(*) FROM p", "4")
		want(t, b.Read(), "SELECT count(*) FROM p", "4")
		// a real COMMIT stays private too, and the next snapshot drops it
		must(t, c.Exec("BEGIN; CREATE TEMP TABLE keep(a); INSERT INTO keep VALUES(1); INSERT INTO p VALUES(7,'g',70); COMMIT"))
		must(t, c.Exec("BEGIN; INSERT INTO p VALUES(8,'h',80); COMMIT"))
		want(t, c, "SELECT count(*) FROM p", "6")
		want(t, w, "SELECT count(*) FROM p", "4")
		want(t, b.Read(), "SELECT count(*) FROM p", "4")
		want(t, c, "PRAGMA integrity_check", "ok")
		must(t, b.Snapshot())
		want(t, c, "SELECT count(*) FROM p", "4")
		want(t, c, "SELECT count(*) FROM keep", "1")
		want(t, c, "PRAGMA integrity_check", "ok")
		want(t, w, "PRAGMA integrity_check", "ok")
	})
}

func TestDefinitionsChangeInABranch(t *testing.T) {
	path, w := newFile(t, shopSchema)
	b := openBranch(t, BranchOptions{Main: path})
	c := b.Conn()
	s, err := c.Prepare("SELECT * FROM p WHERE id=1")
	must(t, err)
	s.Reset()
	must(t, c.Exec("BEGIN; CREATE TABLE nt(a INTEGER PRIMARY KEY, b); CREATE INDEX nti ON nt(b); INSERT INTO nt SELECT id,v FROM p;"+
		"ALTER TABLE nt ADD COLUMN z DEFAULT 7; ALTER TABLE p RENAME COLUMN v TO vv; DROP INDEX pv"))
	want(t, c, "SELECT group_concat(a||b||z) FROM nt", "1a7,2b7,3c7")
	want(t, c, "PRAGMA integrity_check", "ok")
	must(t, c.Exec("ROLLBACK"))
	must(t, b.Snapshot())
	want(t, c, "SELECT count(*) FROM sqlite_schema WHERE name IN ('nt','nti')", "0")
	// definitions of the file change between snapshots: old statements go on
	must(t, w.Exec("ALTER TABLE p ADD COLUMN w DEFAULT 'new'; CREATE TABLE later(a); INSERT INTO later VALUES(5)"))
	want(t, c, "SELECT * FROM p WHERE id=1", "1|a|10")
	must(t, b.Snapshot())
	want(t, c, "SELECT * FROM p WHERE id=1", "1|a|10|new")
	want(t, c, "SELECT a FROM later", "5")
}

func TestStatementsAreJudgedByTheNewDefinitions(t *testing.T) {
	eachForm(t, "CREATE TABLE t(a, b); CREATE INDEX i ON t(a)", func(t *testing.T, b *Branch, w *Conn) {
		alias := "main"
		if _, ok := b.files["d"]; ok {
			alias = "d"
		}
		want(t, b.Conn(), "SELECT count(*) FROM t", "0")
		want(t, b.Read(), "SELECT count(*) FROM t", "0")
		must(t, w.Exec("ALTER TABLE t ADD COLUMN c; DROP INDEX i"))
		must(t, b.Snapshot())
		must(t, b.Conn().Exec("BEGIN; CREATE INDEX "+alias+".i ON t(c); INSERT INTO t VALUES(1,2,3)"))
		want(t, b.Conn(), "SELECT c FROM t", "3")
		must(t, b.Conn().Exec("ROLLBACK"))
		must(t, w.Exec("ALTER TABLE t DROP COLUMN c"))
		must(t, b.Snapshot())
		must(t, b.Conn().Exec("BEGIN; INSERT INTO t VALUES(1,2)"))
		want(t, b.Read(), "SELECT 1 FROM (SELECT 1,2 UNION ALL SELECT * FROM t)", "1")
		must(t, b.Conn().Exec("ROLLBACK"))
		wantError(t, b.Conn(), "INSERT INTO t VALUES(1,2,3)", "has 2 columns but 3 values")
	})
}

// A definition committed in the branch and one committed to the file then have the same schema version,
// but other root pages.
func TestOwnDefinitionsAreForgottenWithTheSnapshot(t *testing.T) {
	eachForm(t, "CREATE TABLE t(a)", func(t *testing.T, b *Branch, w *Conn) {
		alias := "main"
		if _, ok := b.files["d"]; ok {
			alias = "d"
		}
		for round := range 3 {
			must(t, b.Conn().Exec("BEGIN; CREATE TABLE "+alias+".mine(a); INSERT INTO mine VALUES(1); COMMIT"))
			want(t, b.Conn(), "SELECT count(*) FROM mine", "1")
			must(t, w.Exec(fmt.Sprintf("CREATE TABLE theirs%d(a, b); INSERT INTO theirs%d VALUES(%d,2)", round, round, round)))
			if round == 1 {
				b.Release()
				b.Release()
			}
			must(t, b.Snapshot())
			wantError(t, b.Conn(), "SELECT count(*) FROM mine", "no such table")
			want(t, b.Conn(), fmt.Sprintf("SELECT a, b FROM theirs%d", round), fmt.Sprintf("%d|2", round))
			want(t, b.Conn(), "PRAGMA integrity_check", "ok")
		}
	})
}

func TestAttachedNamesDoNotCollide(t *testing.T) {
	one, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES('one')")
	dir := filepath.Join(t.TempDir(), "odd name?#%25'ü")
	must(t, os.Mkdir(dir, 0o700))
	two := filepath.Join(dir, "@0024x.db")
	w, err := Open(OpenOptions{Path: two, Create: true})
	must(t, err)
	must(t, w.Exec("CREATE TABLE t(a); INSERT INTO t VALUES('two')"))
	b := openBranch(t, BranchOptions{}, `x"y`, one, "d2", two)
	want(t, b.Conn(), `SELECT x.a, y.a FROM "x""y".t x, d2.t y`, "one|two")
	must(t, b.Conn().Exec(`BEGIN; UPDATE d2.t SET a=(SELECT a FROM "x""y".t)`))
	want(t, b.Conn(), "SELECT a FROM d2.t", "one")
	want(t, w, "SELECT a FROM t", "two")
	if err := b.Attach("d2", one); err == nil {
		t.Error("an alias was taken twice")
	}
	must(t, b.Close())
	must(t, w.Close())
}

func TestFileJoinsInTheMiddleOfATransaction(t *testing.T) {
	one, w1 := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	two, w2 := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	b := openBranch(t, BranchOptions{}, "a", one)
	c := b.Conn()
	must(t, c.Exec("BEGIN; INSERT INTO a.t VALUES(2); SAVEPOINT s"))
	must(t, w1.Exec("UPDATE t SET a=100; PRAGMA wal_checkpoint(PASSIVE)"))
	must(t, w2.Exec("UPDATE t SET a=100; PRAGMA wal_checkpoint(PASSIVE)"))
	must(t, b.Attach("b", two))
	want(t, c, "SELECT (SELECT group_concat(a) FROM a.t), (SELECT group_concat(a) FROM b.t)", "1,2|100")
	must(t, c.Exec("INSERT INTO b.t SELECT a FROM a.t; ROLLBACK TO s"))
	want(t, c, "SELECT (SELECT group_concat(a) FROM a.t), (SELECT group_concat(a) FROM b.t)", "1,2|100")
	if err := b.Detach("b"); err == nil {
		t.Error("detached in a transaction")
	}
	must(t, c.Exec("ROLLBACK"))
}

func TestDetachTakesTempTriggersAlong(t *testing.T) {
	one, _ := newFile(t, "CREATE TABLE t(a)")
	two, _ := newFile(t, "CREATE TABLE t(a)")
	b := openBranch(t, BranchOptions{}, "a", one, "b", two)
	const trigger = "CREATE TEMP TRIGGER tr AFTER INSERT ON b.t BEGIN INSERT INTO a.t VALUES(NEW.a); END"
	must(t, b.Conn().Exec(trigger))
	must(t, b.Detach("b"))
	if err := b.Conn().Exec("SELECT 1"); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("after Detach: %v", err)
	}
	must(t, b.Attach("b", two))
	must(t, b.Snapshot())
	must(t, b.Conn().Exec("BEGIN; INSERT INTO b.t VALUES(1)"))
	want(t, b.Conn(), "SELECT count(*) FROM a.t", "0")
	must(t, b.Conn().Exec("ROLLBACK"))
	must(t, b.Conn().Exec(trigger))
	must(t, b.Conn().Exec("BEGIN; INSERT INTO b.t VALUES(1)"))
	want(t, b.Conn(), "SELECT count(*) FROM a.t", "1")
	must(t, b.Conn().Exec("ROLLBACK"))
	if err := b.Detach("nope"); err == nil {
		t.Error("an unknown alias was detached")
	}
}

func TestManyFilesAttach(t *testing.T) {
	dir := t.TempDir()
	b, err := OpenBranch(BranchOptions{})
	must(t, err)
	for i := range MaxAttached + 1 {
		path := filepath.Join(dir, fmt.Sprintf("f%d.db", i))
		w, err := Open(OpenOptions{Path: path, Create: true})
		must(t, err)
		must(t, w.Exec(fmt.Sprintf("CREATE TABLE t%d(a); INSERT INTO t%d VALUES(%d)", i, i, i)))
		must(t, w.Close())
		err = b.Attach(fmt.Sprintf("a%d", i), path)
		if i < MaxAttached {
			must(t, err)
		} else if err == nil || !strings.Contains(err.Error(), "too many attached databases") {
			t.Errorf("file %d: %v", i, err)
		}
	}
	must(t, b.Snapshot())
	want(t, b.Conn(), "SELECT t0.a + t29.a FROM t0, t29", "29")
	must(t, b.Close())
}

func TestBranchNeedsASnapshot(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)")
	b := openBranch(t, BranchOptions{}, "d", path)
	c := b.Conn()
	rows, err := c.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n, t")
	must(t, err)
	if row, err := rows.Step(); !row || err != nil {
		t.Fatal(err)
	}
	if err := b.Snapshot(); err == nil || !strings.Contains(err.Error(), "rows left") {
		t.Errorf("snapshot under a running statement: %v", err)
	}
	must(t, c.Exec("BEGIN; INSERT INTO t VALUES(3)"))
	rows.Reset()
	if err := b.Snapshot(); err == nil || !strings.Contains(err.Error(), "transaction is open") {
		t.Errorf("snapshot in a transaction: %v", err)
	}
	if _, err := rows.Step(); err != nil {
		t.Fatal(err)
	}
	b.Release()
	if _, err := rows.Step(); !errors.Is(err, ErrReset) {
		t.Errorf("a statement outlives its snapshot: %v", err)
	}
	for _, conn := range []*Conn{c, b.Read()} {
		if err := conn.Exec("SELECT 1"); !errors.Is(err, ErrNoSnapshot) {
			t.Errorf("without snapshot: %v", err)
		}
		if _, err := conn.Prepare("SELECT 1"); !errors.Is(err, ErrNoSnapshot) {
			t.Errorf("prepare without snapshot: %v", err)
		}
	}
	if b.Mark() != 0 || b.Held() {
		t.Error("Release left something")
	}
	must(t, b.Snapshot())
	want(t, c, "SELECT count(*) FROM t", "2")
	must(t, b.Close())
	if err := b.Snapshot(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed branch: %v", err)
	}
	b.Release()
}

func TestBranchRefusesToChangeItsFiles(t *testing.T) {
	eachForm(t, shopSchema, func(t *testing.T, b *Branch, w *Conn) {
		for _, c := range []*Conn{b.Conn(), b.Read()} {
			for _, sql := range []string{"PRAGMA journal_mode=DELETE", "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA cache_spill=OFF",
				"PRAGMA mmap_size=1000", "PRAGMA writable_schema=ON", "PRAGMA foreign_keys=ON", "PRAGMA wal_autocheckpoint=1", "ATTACH ':memory:' AS z", "DETACH d",
				"CREATE VIRTUAL TABLE temp.r USING rtree(a,b,c)", "SELECT load_extension('x')", "PRAGMA query_only=OFF", "PRAGMA user_version=7"} {
				wantError(t, c, sql, "not authorized")
			}
			if _, err := query(c, "VACUUM"); err == nil {
				t.Error("VACUUM ran")
			}
			want(t, c, "SELECT count(*) FROM p", "3")
			want(t, c, "PRAGMA integrity_check", "ok")
			want(t, c, "SELECT count(*) FROM pragma_table_info('p')", "3")
		}
		wantError(t, b.Read(), "INSERT INTO p VALUES(9,'x',9)", "readonly")
		want(t, w, "PRAGMA journal_mode", "wal")
		want(t, w, "PRAGMA integrity_check", "ok")
	})
}

func TestFilesThatAreNotWAL(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rollback.db")
	w, err := Open(OpenOptions{Path: path, Create: true})
	must(t, err)
	must(t, w.Exec("PRAGMA journal_mode=DELETE; CREATE TABLE t(a)"))
	must(t, w.Close())
	b, err := OpenBranch(BranchOptions{})
	must(t, err)
	if err := b.Attach("d", path); !errors.Is(err, ErrNotWAL) {
		t.Errorf("attach: %v", err)
	}
	if err := b.Attach("d", filepath.Join(dir, "none.db")); err == nil || !strings.Contains(err.Error(), "unable to open") {
		t.Errorf("missing file: %v", err)
	}
	junk := filepath.Join(dir, "junk.db")
	must(t, os.WriteFile(junk, []byte(strings.Repeat("junk ", 1000)), 0o600))
	if err := b.Attach("d", junk); !IsNotADatabase(err) {
		t.Errorf("file of junk: %v", err)
	}
	if len(b.files) != 0 {
		t.Errorf("left: %v", b.files)
	}
	good, _ := newFile(t, "CREATE TABLE t(a)")
	must(t, b.Attach("d", good))
	must(t, b.Snapshot())
	want(t, b.Conn(), "SELECT count(*) FROM d.t", "0")
	must(t, b.Close())
	if _, err := OpenBranch(BranchOptions{Main: path}); !errors.Is(err, ErrNotWAL) {
		t.Errorf("main file: %v", err)
	}
}

func TestInterruptOnTheReaderEndsOneStatementOnly(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	b := openBranch(t, BranchOptions{}, "d", path)
	for _, c := range []*Conn{b.Read(), b.Conn()} {
		calls := 0
		c.SetProgress(1000, func() bool {
			if calls++; calls == 3 {
				c.Interrupt()
			}
			return false
		})
		_, err := query(c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n")
		if !IsInterrupt(err) {
			t.Errorf("endless query: %v", err)
		}
		want(t, c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 9000) SELECT count(*), (SELECT a FROM t) FROM n", "9000|1")
	}
}

func TestMemoryBeyondTheLimitSpills(t *testing.T) {
	path, w := newFile(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT)")
	const fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<6000) INSERT INTO t SELECT i, hex(randomblob(500)) FROM n"
	must(t, w.Exec(fill))
	dir := t.TempDir()
	b := openBranch(t, BranchOptions{MemoryLimit: minMemoryLimit, SpillDir: dir}, "d", path)
	c := b.Conn()
	b.SetCapture(false)
	before := b.Memory()
	for _, end := range []string{"ROLLBACK", "COMMIT"} {
		must(t, c.Exec("BEGIN; UPDATE t SET s='x'||s; SAVEPOINT a; UPDATE t SET s='y'||s WHERE id%2=0; ROLLBACK TO a; CREATE INDEX d.ts ON t(s)"))
		if used := b.Memory() - before; used > 8*minMemoryLimit {
			t.Errorf("%d bytes used", used)
		}
		want(t, c, "SELECT count(*), min(substr(s,1,1)), max(substr(s,1,1)), count(DISTINCT s) FROM t INDEXED BY ts WHERE s>''", "6000|x|x|6000")
		want(t, c, "PRAGMA integrity_check", "ok")
		must(t, c.Exec(end))
	}
	want(t, c, "SELECT count(*) FROM t INDEXED BY ts WHERE s>'x'", "6000")
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 0 {
		t.Errorf("spill files have names: %v", entries)
	}
	must(t, b.Snapshot())
	wantError(t, c, "SELECT count(*) FROM t INDEXED BY ts", "no such index")
	if used := b.Memory() - before; used > 2*minMemoryLimit {
		t.Errorf("%d bytes used after the snapshot", used)
	}

	strict := openBranch(t, BranchOptions{MemoryLimit: minMemoryLimit}, "d", path)
	must(t, strict.Conn().Exec("BEGIN; UPDATE t SET s='z' WHERE id=1"))
	_, err = query(strict.Conn(), "UPDATE t SET s='x'||s")
	if !errors.Is(err, ErrBranchMemory) || !IsFull(err) {
		t.Fatalf("beyond the limit: %v", err)
	}
	strict.Release()
	must(t, strict.Snapshot())
	want(t, strict.Conn(), "SELECT count(*) FROM t WHERE s LIKE 'x%'", "0")
	want(t, strict.Conn(), "PRAGMA integrity_check", "ok")
}

// Small pages make a WAL that covers several regions of the wal-index; large ones have an encoding of
// their own in its header.
func TestPageSizesAndLongWALs(t *testing.T) {
	for _, size := range []int{512, 1024, 8192, 65536} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			path, w := newFile(t, "PRAGMA journal_mode=DELETE; PRAGMA page_size="+fmt.Sprint(size)+"; VACUUM; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; "+
				"CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, s TEXT); CREATE INDEX tn ON t(n)")
			want(t, w, "PRAGMA page_size", fmt.Sprint(size))
			b := openBranch(t, BranchOptions{MemoryLimit: minMemoryLimit, SpillDir: t.TempDir()}, "d", path)
			c := b.Conn()
			b.SetCapture(false)
			must(t, w.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1200) INSERT INTO t SELECT i, 0, hex(zeroblob(180)) FROM n"))
			for round := 1; round <= 6; round++ {
				must(t, w.Exec("UPDATE t SET n=n+1"))
				must(t, b.Snapshot())
				for own := 1; own <= 2; own++ {
					must(t, c.Exec("BEGIN; UPDATE t SET n=n+100, s=s||'x'; SAVEPOINT s; DELETE FROM t WHERE id%2=0; ROLLBACK TO s"))
					sum := fmt.Sprintf("%d|%d|1200", 1200*(round+100*own), 1200*(360+own))
					want(t, c, "SELECT sum(n), sum(length(s)), count(*) FROM t", sum)
					must(t, c.Exec("COMMIT"))
					want(t, c, "SELECT sum(n), sum(length(s)), count(*) FROM t", sum)
					want(t, c, "SELECT count(*) FROM t INDEXED BY tn WHERE n="+fmt.Sprint(round+100*own), "1200")
				}
				want(t, c, "PRAGMA integrity_check", "ok")
				want(t, b.Read(), "SELECT sum(n) FROM t", fmt.Sprint(1200*round))
			}
			if regions := int(b.files["d"].region_count); size == 512 && regions < 3 {
				t.Errorf("%d regions: the WAL is too short for the test", regions)
			}
			want(t, w, "PRAGMA integrity_check", "ok")
		})
	}
}

func TestCascadeCounter(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, next INT); CREATE TABLE log(depth)")
	b := openBranch(t, BranchOptions{}, "d", path)
	c := b.Conn()
	must(t, c.Exec("CREATE TEMP TRIGGER tc BEFORE DELETE ON d.t BEGIN SELECT marmot_cascade(1); DELETE FROM d.t WHERE id=OLD.next; SELECT marmot_cascade(-1); "+
		"INSERT INTO d.log SELECT marmot_cascade(); END"))
	chain := func(n int) { // row i leads to row i+1
		must(t, c.Exec(fmt.Sprintf("BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO d.t SELECT i, i+1 FROM n", n)))
	}
	chain(15)
	must(t, c.Exec("DELETE FROM d.t WHERE id=1"))
	want(t, c, "SELECT count(*), max(depth), (SELECT count(*) FROM d.t) FROM d.log", "15|14|0")
	must(t, c.Exec("ROLLBACK"))
	chain(16)
	_, err := query(c, "DELETE FROM d.t WHERE id=1")
	var e *Error
	if !errors.As(err, &e) || e.Message != "3008:15" || e.Extended != 1811 || e.RolledBack {
		t.Fatalf("too deep: %#v", err)
	}
	if b.writer.c.cascade == 0 {
		t.Error("the counter is expected to be left high")
	}
	b.ResetCascade()
	want(t, c, "SELECT marmot_cascade()", "0")
	want(t, c, "SELECT count(*) FROM d.t", "16")
	must(t, c.Exec("ROLLBACK"))
}

func TestEscapedPath(t *testing.T) {
	if got := escapePath("/a b/ü?#%.db"); got != "/a%20b/%C3%BC%3F%23%25.db" {
		t.Error(got)
	}
}
