package sqlite

import (
	"flag"
	"fmt"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"

	"marmot/txn"
)

var (
	long      = flag.Bool("long", false, "run the random tests and races for minutes instead of seconds")
	firstSeed = flag.Int64("seed", 1, "first seed of the random test")
)

// The random test runs the same statements in a branch and on a real copy of the snapshot, and
// compares every result and error; then it replays the captured rows on a second copy and compares the
// contents. Meanwhile another connection commits to the files and checkpoints them.

const randomSchema = `
CREATE TABLE x.t(id INTEGER PRIMARY KEY, k INT, s TEXT, n REAL); CREATE INDEX x.tk ON t(k); CREATE INDEX x.ts ON t(s,k);
CREATE TABLE x.nr(a TEXT, b BLOB, UNIQUE(a));
CREATE TABLE x.p(id INTEGER PRIMARY KEY, v TEXT NOT NULL, u INT UNIQUE, CHECK(u<>13));
CREATE TABLE x.c(id INTEGER PRIMARY KEY, pid INT, x); CREATE INDEX x.cp ON c(pid);
CREATE TABLE x.wr(a INT, b TEXT, c, PRIMARY KEY(b,a)) WITHOUT ROWID;
CREATE TABLE x.log(id INTEGER PRIMARY KEY AUTOINCREMENT, m TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) INSERT INTO x.t SELECT i, i%500, hex(zeroblob(i%150)), 1.5 FROM n;
INSERT INTO x.p SELECT id, 'p', id FROM x.t WHERE id<40 AND id<>13;`

// randomTriggers are a foreign key of A's p (which is $p) to $c with cascades, and a user trigger.
const randomTriggers = `
CREATE TEMP TRIGGER child AFTER INSERT ON $c.c WHEN marmot_cascade()=0 AND NEW.pid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM $p.p WHERE id=NEW.pid)
BEGIN SELECT RAISE(ABORT, '1452:fk'); END;
CREATE TEMP TRIGGER gone BEFORE DELETE ON $p.p BEGIN SELECT marmot_cascade(1); DELETE FROM $c.c WHERE pid=OLD.id; SELECT marmot_cascade(-1); END;
CREATE TEMP TRIGGER moved AFTER UPDATE OF id ON $p.p WHEN NEW.id IS NOT OLD.id
BEGIN SELECT marmot_cascade(1); UPDATE $c.c SET pid=NEW.id WHERE pid=OLD.id; SELECT marmot_cascade(-1); END;
CREATE TEMP TRIGGER noted AFTER UPDATE ON $p.p BEGIN INSERT INTO $p.log(m) VALUES(OLD.v||NEW.v); END;`

var randomPolicies = []string{"", "", "", "OR REPLACE", "OR IGNORE"}

func randomText(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.Intn(26))
	}
	return string(b)
}

// randomStatement writes a statement that changes rows in one of the files, and maybe reads another.
func randomStatement(r *rand.Rand, files []string) string {
	i := r.Intn
	d, e, policy := files[i(len(files))], files[i(len(files))], randomPolicies[i(len(randomPolicies))]
	statements := []func() string{
		func() string {
			return fmt.Sprintf("INSERT INTO %s.t(k,s,n) VALUES(%d,'%s',%d.5)", d, i(500), randomText(r, i(300)), i(100))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.t(id,k,s) VALUES(%d,%d,'%s')", policy, d, i(2000), i(500), randomText(r, i(3000)))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET k=k+%d, s='%s' WHERE id=%d", d, i(5), randomText(r, i(900)), i(2000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET k=%d WHERE k BETWEEN %d AND %d", d, i(500), i(500), i(500))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.t WHERE k=%d", d, i(500)) },
		func() string { return fmt.Sprintf("DELETE FROM %s.t WHERE id BETWEEN %d AND %d", d, i(2000), i(2000)) },
		func() string {
			return fmt.Sprintf("INSERT OR REPLACE INTO %s.t(id,k,s) SELECT id+%d,k,s||'x' FROM %s.t WHERE k<%d", d, i(3), e, i(50))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET s=(SELECT s FROM %s.t x WHERE x.k=t.k ORDER BY id LIMIT 1) WHERE k=%d", d, e, i(500))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.p SELECT id+%d,'%s',u+1 FROM %s.p WHERE id>%d", policy, d, i(9), randomText(r, 5), e, i(60))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.p VALUES(%d,'%s',%d)", policy, d, i(60), randomText(r, 5), i(60))
		},
		func() string {
			return fmt.Sprintf("INSERT INTO %s.p VALUES(%d,'%s',%d) ON CONFLICT(id) DO UPDATE SET v=excluded.v, u=u+1", d, i(60), randomText(r, 5), i(60))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.p WHERE id=%d", d, i(60)) },
		func() string { return fmt.Sprintf("UPDATE %s %s.p SET id=%d WHERE id=%d", policy, d, i(60), i(60)) },
		func() string { return fmt.Sprintf("UPDATE %s.p SET u=u+100 WHERE u<%d RETURNING id, u", d, i(60)) },
		func() string { return fmt.Sprintf("INSERT INTO %s.c(pid,x) VALUES(%d,'q'),(%d,'r')", d, i(40), i(60)) },
		func() string {
			return fmt.Sprintf("INSERT INTO %s.wr VALUES(%d,'%s',%d) ON CONFLICT DO UPDATE SET c=c+1", d, i(30), randomText(r, 1), i(99))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s %s.wr SET a=a+%d WHERE b='%s'", policy, d, i(4), randomText(r, 1))
		},
		func() string {
			return fmt.Sprintf("INSERT OR REPLACE INTO %s.nr VALUES('%s',zeroblob(%d))", d, randomText(r, 1), i(20000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.nr SET a='%s', rowid=rowid+%d WHERE a='%s'", d, randomText(r, 1), i(3), randomText(r, 1))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET n=g.c FROM (SELECT pid,count(*) c FROM %s.c GROUP BY pid) g WHERE g.pid=t.k", d, e)
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.wr WHERE a<%d", d, i(10)) },
		func() string { return fmt.Sprintf("DELETE FROM %s.%s", d, []string{"log", "nr", "c", "wr"}[i(4)]) },
	}
	return statements[i(len(statements))]()
}

// randomDefinition writes a statement that changes a definition.
func randomDefinition(r *rand.Rand, files []string) string {
	d, n := files[r.Intn(len(files))], r.Intn(3)
	switch r.Intn(5) {
	case 0:
		return fmt.Sprintf("CREATE TABLE %s.extra%d AS SELECT id, k FROM %s.t WHERE id<%d", d, n, d, r.Intn(300))
	case 1:
		return fmt.Sprintf("CREATE INDEX %s.more%d ON t(n, k)", d, n)
	case 2:
		return fmt.Sprintf("DROP INDEX %s.more%d", d, n)
	case 3:
		return fmt.Sprintf("ALTER TABLE %s.extra%d ADD COLUMN z%d DEFAULT 7", d, n, r.Intn(4))
	}
	return fmt.Sprintf("DROP TABLE %s.extra%d", d, n)
}

// randomDumps are queries over everything.
func randomDumps(files []string) []string {
	var out []string
	for _, d := range files {
		for _, q := range []string{"SELECT * FROM x.t ORDER BY id", "SELECT count(*),sum(k),sum(length(s)) FROM x.t INDEXED BY tk WHERE k>=0",
			"SELECT s,k FROM x.t INDEXED BY ts WHERE s>='' ORDER BY s,k", "SELECT rowid,a,length(b) FROM x.nr ORDER BY rowid", "SELECT * FROM x.p ORDER BY id",
			"SELECT id,pid,x FROM x.c ORDER BY id", "SELECT * FROM x.wr ORDER BY b,a", "SELECT * FROM x.log ORDER BY id", "SELECT name FROM x.sqlite_schema ORDER BY 1"} {
			out = append(out, strings.ReplaceAll(q, "x.", d+"."))
		}
	}
	return out
}

// world is what one random run works on.
type world struct {
	t      *testing.T
	random *rand.Rand
	where  string // seed and round, for messages
	files  []string
	writer *Conn // commits to the files
	other  *Conn // checkpoints them
	branch *Branch
	copy   *Conn // runs the same statements
	replay *Conn // gets the captured rows
	marks  []int // of open savepoints
	done   int   // captured rows up to here are replayed
	counts struct{ statements, failed, captured, commits, checkpoints int }
}

// newWorld makes the files; a single one is the main database of the branch.
func newWorld(t *testing.T, seed int64, files int) *world {
	w := &world{t: t, random: rand.New(rand.NewSource(seed)), files: []string{"main", "b", "c"}[:files]}
	dir := t.TempDir()
	options := BranchOptions{MemoryLimit: 16 << 20, SpillDir: dir}
	if seed/10%2 == 0 {
		options.MemoryLimit = minMemoryLimit
	}
	w.writer, w.other = w.open(":memory:"), w.open(":memory:")
	if files > 1 {
		w.files = []string{"a", "b", "c"}[:files]
	} else {
		options.Main = filepath.Join(dir, "main.db")
		w.writer, w.other = nil, nil
	}
	var paths []string
	for i, alias := range w.files {
		path := filepath.Join(dir, alias+".db")
		c, err := Open(OpenOptions{Path: path, Create: true})
		must(t, err)
		must(t, c.Exec("PRAGMA journal_mode=DELETE; PRAGMA page_size="+[]string{"4096", "1024", "8192"}[i]+"; VACUUM; PRAGMA journal_mode=WAL"))
		must(t, c.Exec(strings.ReplaceAll(randomSchema, "x.", "main.")))
		must(t, c.Close())
		paths = append(paths, path)
	}
	if files == 1 {
		w.writer, w.other = w.open(paths[0]), w.open(paths[0])
	} else {
		for i, path := range paths {
			must(t, w.writer.Attach(path, w.files[i]))
			must(t, w.other.Attach(path, w.files[i]))
		}
	}
	for _, alias := range w.files {
		must(t, w.writer.Exec("PRAGMA "+alias+".synchronous=OFF"))
	}
	must(t, w.writer.Exec("PRAGMA busy_timeout=0; PRAGMA wal_autocheckpoint=0"))
	must(t, w.other.Exec("PRAGMA busy_timeout=0"))
	w.branch = openBranch(t, options)
	for i, path := range paths {
		if files > 1 {
			must(t, w.branch.Attach(w.files[i], path))
		}
	}
	must(t, w.branch.Snapshot())
	must(t, w.branch.Conn().Exec(w.triggers()))
	return w
}

func (w *world) open(path string) *Conn {
	c, err := Open(OpenOptions{Path: path})
	must(w.t, err)
	w.t.Cleanup(func() { must(w.t, c.Close()) })
	return c
}

func (w *world) triggers() string {
	return strings.NewReplacer("$p", w.files[0], "$c", w.files[len(w.files)-1]).Replace(randomTriggers)
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s: %s", w.where, fmt.Sprintf(format, args...))
}

// commit changes the files behind the branch's back.
func (w *world) commit() {
	r := w.random
	must(w.t, w.writer.Exec("BEGIN IMMEDIATE"))
	for n := r.Intn(12); n >= 0; n-- {
		_, _ = query(w.writer, randomStatement(r, w.files))
	}
	if r.Intn(8) == 0 {
		_, _ = query(w.writer, randomDefinition(r, w.files))
	}
	for _, alias := range w.files { // keep the sizes within bounds
		must(w.t, w.writer.Exec(fmt.Sprintf("DELETE FROM %s.t WHERE id>2000; INSERT OR IGNORE INTO %s.t(id,k,s) SELECT id+1000, k, s FROM %s.t WHERE id<50", alias, alias, alias)))
	}
	must(w.t, w.writer.Exec([]string{"COMMIT", "COMMIT", "COMMIT", "ROLLBACK"}[r.Intn(4)]))
	w.counts.commits++
	if r.Intn(10) == 0 {
		_, _ = query(w.writer, "VACUUM "+w.files[r.Intn(len(w.files))])
	}
	if r.Intn(2) == 0 {
		mode := []string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"}[r.Intn(4)]
		_, err := query(w.other, "PRAGMA "+w.files[r.Intn(len(w.files))]+".wal_checkpoint("+mode+")")
		if err != nil && !IsBusy(err) {
			w.fail("checkpoint: %v", err)
		}
		w.counts.checkpoints++
	}
}

// copies makes the two copies of the snapshot.
func (w *world) copies() (close func()) {
	var made []*Conn
	for range 2 {
		c, err := Open(OpenOptions{Path: ":memory:"})
		must(w.t, err)
		must(w.t, c.Exec("PRAGMA recursive_triggers=ON"))
		must(w.t, registerCascade(c))
		for _, alias := range w.files {
			if alias != "main" {
				must(w.t, c.Attach(":memory:", alias))
			}
			must(w.t, w.branch.Read().Backup(alias, c, alias))
		}
		made = append(made, c)
	}
	w.copy, w.replay = made[0], made[1]
	must(w.t, w.copy.Exec(w.triggers()))
	return func() {
		for _, c := range made {
			must(w.t, c.Close())
		}
	}
}

// both runs a statement in the branch and on the copy and compares.
func (w *world) both(sql string) error {
	w.t.Helper()
	got, err := query(w.branch.Conn(), sql)
	wanted, wantedErr := query(w.copy, sql)
	w.counts.statements++
	if got != wanted || fmt.Sprint(err) != fmt.Sprint(wantedErr) {
		w.fail("%s\nbranch %.300q %v\ncopy   %.300q %v", sql, got, err, wanted, wantedErr)
	}
	if err != nil {
		w.counts.failed++
	}
	if in, copyIn := w.branch.Conn().InTransaction(), w.copy.InTransaction(); in != copyIn {
		w.fail("%s: in transaction %v, the copy %v", sql, in, copyIn)
	}
	return err
}

// step runs one random statement, and cuts the captured rows when it is undone.
func (w *world) step() {
	r := w.random
	mark := w.branch.Mark()
	sql := randomStatement(r, w.files)
	switch n := r.Intn(30); {
	case n == 0 && len(w.marks) < 5:
		w.marks = append(w.marks, mark)
		sql = fmt.Sprintf("SAVEPOINT s%d", len(w.marks))
	case n == 1 && len(w.marks) > 0:
		sql = fmt.Sprintf("ROLLBACK TO s%d", len(w.marks))
		mark = w.marks[len(w.marks)-1]
		w.branch.Cut(mark)
	case n == 2 && len(w.marks) > 0:
		sql = fmt.Sprintf("RELEASE s%d", len(w.marks))
		w.marks = w.marks[:len(w.marks)-1]
	case n < 5:
		dumps := randomDumps(w.files)
		sql = dumps[r.Intn(len(dumps))]
	case n == 5 && len(w.marks) == 0:
		w.replayRows() // the definition changes what the rows before it mean
		sql = randomDefinition(r, w.files)
		if w.both(sql) == nil {
			must(w.t, w.replay.Exec(sql))
		}
		w.branch.Cut(w.done) // a definition is no row
		return
	}
	if w.both(sql) != nil {
		w.branch.Cut(mark)
	}
}

// replayRows applies the captured rows to the second copy.
func (w *world) replayRows() {
	err := w.branch.Captured(w.done, func(row Row) error {
		w.counts.captured++
		return applyRow(w.replay, row)
	})
	if err != nil {
		w.fail("replay: %v", err)
	}
	w.done = w.branch.Mark()
}

// applyRow does what a captured row says, by row id or by primary key.
func applyRow(c *Conn, row Row) error {
	columns, err := query(c, fmt.Sprintf("SELECT name FROM pragma_table_info('%s','%s')", row.Table, row.Alias))
	if err != nil {
		return err
	}
	table, names := row.Alias+"."+row.Table, strings.Fields(columns)
	args := append([]txn.Value{}, row.New...)
	where, key := "rowid=?", []txn.Value{txn.Int(row.OldRowID)}
	if row.Table == "wr" {
		where = "a=? AND b=?"
		if row.Old != nil {
			key = row.Old[:2]
		}
	} else if row.Op != txn.Delete {
		names = append(names, "rowid")
		args = append(args, txn.Int(row.NewRowID))
	}
	var sql string
	switch row.Op {
	case txn.Insert:
		sql = "INSERT INTO " + table + "(" + strings.Join(names, ",") + ") VALUES(?" + strings.Repeat(",?", len(names)-1) + ")"
	case txn.Update:
		sql = "UPDATE " + table + " SET " + strings.Join(names, "=?,") + "=? WHERE " + where
		args = append(args, key...)
	case txn.Delete:
		sql, args = "DELETE FROM "+table+" WHERE "+where, key
	}
	if _, err := query(c, sql, args...); err != nil {
		return fmt.Errorf("%s %v: %w", sql, args, err)
	}
	if c.Changes() != 1 {
		return fmt.Errorf("%s %v: %d rows changed", sql, args, c.Changes())
	}
	return nil
}

// round takes a snapshot and runs one or two transactions in it.
func (w *world) round() {
	r, c := w.random, w.branch.Conn()
	must(w.t, w.branch.Snapshot())
	w.branch.Cut(0)
	w.done = 0
	defer w.copies()()
	transactions := 1 + r.Intn(2)
	for n := range transactions {
		w.marks = nil
		if n > 0 {
			w.branch.Cut(0) // only the first is replayed
			w.done = 0
		}
		w.both("BEGIN")
		for range 1 + r.Intn(40) {
			if r.Intn(6) == 0 {
				w.commit()
			}
			w.step()
		}
		if n == 0 {
			w.replayRows()
		}
		for _, dump := range randomDumps(w.files) {
			w.both(dump)
			if n == 0 && !strings.Contains(dump, "sqlite_schema") {
				got, err := query(c, dump)
				wanted, wantedErr := query(w.replay, dump)
				if got != wanted || err != nil || wantedErr != nil {
					w.fail("after replay: %s\nbranch %.300q %v\nreplay %.300q %v", dump, got, err, wanted, wantedErr)
				}
			}
		}
		if r.Intn(3) == 0 {
			for _, alias := range w.files {
				w.both("PRAGMA " + alias + ".integrity_check")
			}
		}
		end := "ROLLBACK"
		if n+1 < transactions || r.Intn(2) == 0 {
			end = "COMMIT"
		}
		w.both(end)
	}
}

func TestRandomStatementsAgreeWithACopy(t *testing.T) {
	seeds, rounds := int64(2), 10
	if *long {
		seeds, rounds = 20, 200
	}
	for files := 1; files <= 3; files += 2 {
		for seed := *firstSeed; seed < *firstSeed+seeds; seed++ {
			t.Run(fmt.Sprintf("files=%d seed=%d", files, seed), func(t *testing.T) {
				w := newWorld(t, seed*10+int64(files), files)
				for i := range rounds {
					w.where = fmt.Sprintf("round %d", i)
					w.round()
					w.commit()
				}
				for _, alias := range w.files {
					want(t, w.writer, "PRAGMA "+alias+".integrity_check", "ok")
				}
				t.Logf("%+v", w.counts)
				if w.counts.failed == 0 || w.counts.captured == 0 || w.counts.checkpoints == 0 {
					t.Error("the test has tested nothing")
				}
			})
		}
	}
}
