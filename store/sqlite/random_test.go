package sqlite

import (
	"flag"
	"fmt"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"

	"marmot/sqlext"
	"marmot/txn"
)

var (
	long      = flag.Bool("long", false, "run the random tests and races for minutes instead of seconds")
	firstSeed = flag.Int64("seed", 1, "first seed of the random test")
)

// The random test runs the same statements in a branch and on a real copy of the snapshot, and
// compares every result and error; then it replays the captured rows on a second copy and compares the
// contents. Meanwhile another connection commits to the files and checkpoints them.

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
	// follows: rows are replayed at every savepoint, and the second copy has savepoints too, so that
	// definitions may change within them. Otherwise rows are replayed at the end, when what was undone is cut.
	follows bool
	counts  struct{ statements, failed, interrupted, captured, savepoints, definitions, commits, checkpoints int }
}

// randomSet has the collation of the random tables.
func randomSet() sqlext.Set {
	return sqlext.Set{Collations: []sqlext.Collation{foldedCollation(false, new(int))}}
}

// newWorld makes the files; a single one is the main database of the branch.
func newWorld(t *testing.T, seed int64, files int) *world {
	w := &world{t: t, random: rand.New(rand.NewSource(seed)), files: []string{"main", "b", "c"}[:files]}
	dir := t.TempDir()
	options := BranchOptions{Set: randomSet(), MemoryLimit: 16 << 20, SpillDir: dir}
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
		must(t, c.Register(randomSet()))
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
	must(w.t, c.Register(randomSet()))
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
		must(w.t, c.Register(randomSet()))
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
	return w.compare(sql, got, err)
}

// compare runs a statement on the copy and compares with what it did in the branch.
func (w *world) compare(sql, got string, err error) error {
	w.t.Helper()
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

// interrupt runs a statement that may be stopped on its way, with a mark around it as sessions set one: SQLite can
// say "interrupted" of a statement that has just come to its end and left all its changes. It reports whether
// the transaction is over: that is how SQLite ends a statement that was stopped while it wrote.
func (w *world) interrupt(sql string, mark int) (over bool) {
	c := w.branch.Conn()
	must(w.t, c.Exec("SAVEPOINT statement"))
	calls := w.random.Intn(30)
	c.SetProgress(10, func() bool { calls--; return calls < 0 })
	got, err := query(c, sql)
	c.SetProgress(0, nil)
	if err != nil {
		w.branch.Cut(mark)
	}
	if !c.InTransaction() {
		w.counts.interrupted++
		return true
	}
	if err != nil {
		must(w.t, c.Exec("ROLLBACK TO statement"))
	}
	must(w.t, c.Exec("RELEASE statement"))
	if IsInterrupt(err) {
		w.counts.interrupted++
		return false
	}
	_ = w.compare(sql, got, err) // both failed alike, or neither
	return false
}

// step runs one random statement, and cuts the captured rows when it is undone. It reports whether
// the transaction is over.
func (w *world) step() (over bool) {
	r := w.random
	mark := w.branch.Mark()
	sql := randomStatement(r, w.files)
	switch n := r.Intn(24); {
	case n == 0 && len(w.marks) < 5:
		w.follow(fmt.Sprintf("SAVEPOINT s%d", len(w.marks)+1))
		w.marks = append(w.marks, mark)
		sql = fmt.Sprintf("SAVEPOINT s%d", len(w.marks))
		w.counts.savepoints++
	case n == 1 && len(w.marks) > 0:
		keep := 1 + r.Intn(len(w.marks)) // an outer one takes the inner ones along
		w.marks = w.marks[:keep]
		sql = fmt.Sprintf("ROLLBACK TO s%d", keep)
		mark = w.marks[keep-1]
		w.follow(sql)
		w.branch.Cut(mark)
		w.done = min(w.done, mark)
	case n == 2 && len(w.marks) > 0:
		keep := r.Intn(len(w.marks))
		sql = fmt.Sprintf("RELEASE s%d", keep+1)
		w.follow(sql)
		w.marks = w.marks[:keep]
	case n < 5:
		dumps := randomDumps(w.files)
		sql = dumps[r.Intn(len(dumps))]
	case n == 5 && (w.follows || len(w.marks) == 0):
		w.define(randomDefinition(r, w.files))
		return false
	case n == 6 && r.Intn(2) == 0:
		return w.interrupt(sql, mark)
	}
	if w.both(sql) != nil {
		w.branch.Cut(mark)
	}
	return false
}

// follow does on the second copy what becomes of savepoints.
func (w *world) follow(sql string) {
	if w.follows {
		w.replayRows()
		must(w.t, w.replay.Exec(sql))
	}
}

// define changes a definition, on the second copy too: captured rows mean what the definitions of their time say.
func (w *world) define(sql string) {
	w.replayRows()
	if w.both(sql) == nil {
		must(w.t, w.replay.Exec(sql))
		w.counts.definitions++
	}
	w.branch.Cut(w.done) // a definition is no row
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
	switch {
	case row.Table == "wr":
		where = "a=? AND b=?"
		if row.Old != nil {
			key = row.Old[:2]
		}
	case row.Table == "cw":
		where = "e=?"
		if row.Old != nil {
			key = row.Old[:1]
		}
	case row.Op != txn.Delete:
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
	w.follows = r.Intn(2) == 0
	transactions := 1 + r.Intn(2)
	for n := range transactions {
		w.marks = nil
		w.branch.Cut(0)
		w.done = 0
		w.both("BEGIN")
		must(w.t, w.replay.Exec("BEGIN"))
		over := false
		for range 1 + r.Intn(40) {
			if r.Intn(6) == 0 {
				w.commit()
			}
			if over = w.step(); over {
				break
			}
		}
		if over { // everything is as it was at BEGIN
			must(w.t, w.copy.Exec("ROLLBACK"))
			must(w.t, w.replay.Exec("ROLLBACK"))
			w.branch.Cut(0)
			w.done = 0
			w.both("BEGIN")
			must(w.t, w.replay.Exec("BEGIN"))
		}
		w.replayRows()
		for _, dump := range randomDumps(w.files) {
			w.both(dump)
			got, err := query(c, dump)
			wanted, wantedErr := query(w.replay, dump)
			if got != wanted || err != nil || wantedErr != nil {
				w.fail("after replay: %s\nbranch %.300q %v\nreplay %.300q %v", dump, got, err, wanted, wantedErr)
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
		must(w.t, w.replay.Exec(end))
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
				if w.counts.failed == 0 || w.counts.captured == 0 || w.counts.checkpoints == 0 || w.counts.savepoints == 0 {
					t.Error("the test has tested nothing")
				}
			})
		}
	}
}
