package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"marmot/mysqlerr"
	"marmot/store/sqlite"
	"marmot/txn"
)

// copyOf writes a copy of the database's file as it is now.
func (f *fixture) copyOf(db txn.DatabaseID, name string) string {
	f.t.Helper()
	path := filepath.Join(f.o.Dir, name)
	d := f.s.database(db)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	f.must(d.writer.Exec("VACUUM INTO '" + path + "'"))
	return path
}

// replaceFixture has a database with one table; copy.db is older than its file by one row.
func replaceFixture(t *testing.T) (f *fixture, path string, insertNext func(id int) error) {
	f = newFixture(t)
	f.must(f.s.SetCluster(Cluster{UUID: txn.UUID{1}, Name: "c"}))
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int"))
	f.must(f.apply(db, insert(table, 1)))
	path = f.copyOf(db, "copy.db")
	f.must(f.apply(db, insert(table, 2)))
	return f, path, func(id int) error { return f.apply(db, insert(table, id)) }
}

func (f *fixture) ids() string {
	f.t.Helper()
	b := f.branch(1)
	defer b.Close()
	return strings.Join(strings.Fields(rows(f.t, b.Reader(), "SELECT id FROM d1.t ORDER BY id")), " ")
}

func TestReplaceGoesBackAndForth(t *testing.T) {
	f, older, insertNext := replaceFixture(t)
	newer := f.copyOf(1, "newer.db")
	busy, idle, resting := f.branch(1), f.branchOf(1), f.branch(1)
	resting.Rest()
	f.branch(1).Close() // one in the pool
	waiting := make(chan error, 1)
	go func() { waiting <- f.s.WaitPublished(t.Context(), 5, 1) }()
	f.must(f.s.Replace(1, older))
	if f.ids() != "1" || f.s.FilePosition(1) != 3 || f.s.Published(1) != 3 {
		t.Errorf("rows %s, file at %s, published %s", f.ids(), f.s.FilePosition(1), f.s.Published(1))
	}
	if _, err := os.Stat(older); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	for name, b := range map[string]*Branch{"busy": busy, "resting": resting, "idle": idle} {
		if err := b.Err(); mysqlerr.Code(err) != 1213 || !strings.Contains(err.Error(), "'d' was replaced") {
			t.Errorf("%s branch: %v", name, err)
		}
	}
	if busy.ended.Load() == nil || resting.inner.Held() {
		t.Error("the snapshots of the old file go on")
	}
	if err := idle.Snapshot(t.Context()); mysqlerr.Code(err) != 1213 {
		t.Errorf("snapshot of a branch of the old file: %v", err)
	}
	f.s.AdvanceAll(9)
	if f.s.Published(1) != 3 {
		t.Errorf("AdvanceAll lifted a replaced database to %s", f.s.Published(1))
	}
	f.last = 3
	f.must(insertNext(2))
	f.must(f.s.Replace(1, newer))
	if f.ids() != "1 2" || f.s.Published(1) != 4 {
		t.Errorf("rows %s, published %s", f.ids(), f.s.Published(1))
	}
	f.s.AdvanceAll(9)
	if err := <-waiting; err != nil || f.s.Published(1) != 9 {
		t.Errorf("waiter %v, published %s", err, f.s.Published(1))
	}
	f.last = 9
	f.must(insertNext(7))
	for _, b := range []*Branch{busy, idle, resting} {
		b.Close()
	}
	if f.ids() != "1 2 7" {
		t.Errorf("rows %s after the branches of the old files closed", f.ids())
	}
	f.reopen()
	if f.ids() != "1 2 7" {
		t.Errorf("rows %s after a restart", f.ids())
	}
	f.dump(1)
}

// TestReplaceBesideReadersAndAWriter: whoever reads sees the rows of one file, at its position.
func TestReplaceBesideReadersAndAWriter(t *testing.T) {
	f, _, insertNext := replaceFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for ctx.Err() == nil {
				if err := f.readWhole(ctx); err != nil && ctx.Err() == nil && mysqlerr.Code(err) != 1213 {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Go(func() { f.s.Run(ctx) })
	for n := range 12 {
		base := f.s.FilePosition(1)
		path := f.copyOf(1, fmt.Sprintf("copy%d.db", n))
		stop, gated := make(chan struct{}), make(chan struct{})
		f.s.onStep = func(step string) {
			if step == stepGated {
				close(gated)
				<-stop // the writer has the mutex for what it began; its last Apply waits behind this one
			}
		}
		var writing error
		var writer sync.WaitGroup
		writer.Go(func() {
			defer close(stop)
			for done := false; !done && writing == nil; {
				select {
				case <-gated:
					done = true
				default:
				}
				writing = insertNext(int(f.last) - 1) // its position is the id + 2
			}
		})
		f.must(f.s.WaitPublished(ctx, base+2, 1))
		err := f.s.Replace(1, path)
		writer.Wait()
		if err != nil || writing != nil || f.s.FilePosition(1) != base {
			t.Fatalf("replace %v, writer %v, file at %s, want %s", err, writing, f.s.FilePosition(1), base)
		}
		f.last = base
		f.must(insertNext(int(base) - 1))
	}
	f.s.onStep = nil
	cancel()
	group.Wait()
}

func (f *fixture) readWhole(ctx context.Context) error {
	b, err := f.s.OpenBranch()
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Use(1); err != nil {
		return err
	}
	if err := b.Snapshot(ctx); err != nil {
		return err
	}
	err = query(b.Reader(), "SELECT count(*), max(id) FROM d1.t", func(row []txn.Value) error {
		if p := b.Position(); row[0].Int64() != row[1].Int64() || row[1].Int64()+2 != int64(p) {
			return fmt.Errorf("at %s: %d rows up to %d", p, row[0].Int64(), row[1].Int64())
		}
		return nil
	})
	if reason := b.Err(); err != nil && reason != nil {
		return reason
	}
	return err
}

func TestReplaceRefusesOtherFiles(t *testing.T) {
	change := func(sql string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			c, err := sqlite.Open(sqlite.OpenOptions{Path: path})
			if err == nil {
				err = errors.Join(c.Exec(sql), c.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, path string)
		want   error
		text   string
	}{
		{"another database", change("UPDATE _marmot_state SET database = 9; UPDATE _marmot_catalog SET id = 9 WHERE kind = 1"), ErrDamagedFile, "catalog"},
		{"another cluster", change("UPDATE _marmot_state SET cluster = x'02'"), ErrOtherCluster, "this one is"},
		{"no cluster", change("UPDATE _marmot_state SET cluster = x''"), ErrOtherCluster, "this one is"},
		{"newer format", change("PRAGMA user_version=9"), ErrFutureFile, "format 9"},
		{"foreign file", change("PRAGMA application_id=7"), ErrForeignFile, "application_id"},
		{"damaged page", func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err == nil {
				info, _ := f.Stat()
				_, err = f.WriteAt([]byte(strings.Repeat("\xff", 100)), info.Size()-pageSize)
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}, ErrDamagedFile, ""},
		{"with a -wal", func(t *testing.T, path string) {
			if err := os.WriteFile(path+"-wal", []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, ErrUnfinishedFile, "-wal"},
		{"missing", func(t *testing.T, path string) { os.Remove(path) }, os.ErrNotExist, "copy.db"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, path, _ := replaceFixture(t)
			c.change(t, path)
			before := f.dump(1)
			b := f.branch(1)
			defer b.Close()
			f.refused(path, c.want, c.text)
			if b.Err() != nil || f.dump(1) != before || f.ids() != "1 2" {
				t.Errorf("something changed: %v, rows %s", b.Err(), f.ids())
			}
		})
	}
	f, _, _ := replaceFixture(t)
	other := f.createDatabase("e")
	f.refused(f.copyOf(other, "e.db"), ErrForeignFile, `holds database "e"`)
	f.refused(f.s.database(other).path, ErrForeignFile, "in use of database e")
}

func (f *fixture) refused(path string, want error, text string) {
	f.t.Helper()
	err := f.s.Replace(1, path)
	var file *FileError
	if !errors.Is(err, want) || !errors.As(err, &file) || file.Path != path || file.Remedy == "" || !strings.Contains(err.Error(), text) {
		f.t.Errorf("got %v, want %v with %q", err, want, text)
	}
}

// TestReplaceKilledAtEachStep: a crash leaves one of the two files whole, and its WAL never meets the other.
func TestReplaceKilledAtEachStep(t *testing.T) {
	for _, step := range []struct{ name, want string }{
		{stepGated, "1 2"}, {stepClosed, "1 2"}, {stepCommitted, "1"}, {stepCleaned, "1"}, {stepSwapped, "1"},
	} {
		t.Run(step.name, func(t *testing.T) {
			f, _, insertNext := replaceFixture(t)
			wal, err := os.ReadFile(f.s.database(1).path + "-wal")
			f.must(err)
			path := f.s.database(1).path
			f.close()
			f.must(os.WriteFile(path+"-wal", wal, 0o644)) // as after an earlier crash: the WAL has all frames again
			f.crash(0, childVariable+"_REPLACE="+step.name)
			f.open()
			if got := f.ids(); got != step.want {
				t.Errorf("rows %s, want %s", got, step.want)
			}
			f.last = f.s.FilePosition(1)
			f.must(insertNext(3))
			if got := f.ids(); got != step.want+" 3" {
				t.Errorf("rows %s after another insert", got)
			}
			f.dump(1)
			if left, _ := filepath.Glob(path + replacement + "*"); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

// TestReplaceIgnoresALeftOverWAL puts the old file's -wal back at the last moment.
func TestReplaceIgnoresALeftOverWAL(t *testing.T) {
	f, older, _ := replaceFixture(t)
	path := f.s.database(1).path
	wal, err := os.ReadFile(path + "-wal")
	f.must(err)
	if len(wal) == 0 {
		t.Fatal("the WAL is empty")
	}
	f.s.onStep = func(step string) {
		if step == stepClosed || step == stepSwapped {
			f.must(os.WriteFile(path+"-wal", wal, 0o644))
		}
	}
	f.must(f.s.Replace(1, older))
	if f.ids() != "1" || f.s.Published(1) != 3 {
		t.Errorf("rows %s at %s", f.ids(), f.s.Published(1))
	}
	f.dump(1)
}

func TestReplaceThatFailsBeforeItsCommitKeepsTheOldFile(t *testing.T) {
	f, older, insertNext := replaceFixture(t)
	f.s.onStep = func(step string) {
		if step == stepClosed {
			f.must(os.Remove(older))
		}
	}
	if err := f.s.Replace(1, older); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	f.must(insertNext(3))
	if f.ids() != "1 2 3" || f.s.Published(1) != 5 {
		t.Errorf("rows %s at %s", f.ids(), f.s.Published(1))
	}
}

// TestApplyThatWaitedForAReplaceWritesNothing: its records may not be the next ones of the new file.
func TestApplyThatWaitedForAReplaceWritesNothing(t *testing.T) {
	f, older, insertNext := replaceFixture(t)
	d := f.s.database(1)
	f.must(f.s.Replace(1, older))
	next := f.s.database(1)
	defer func() { f.s.databases[1] = next }()
	f.s.databases[1] = d // as Apply found it before
	if err := insertNext(9); !errors.Is(err, ErrReplaced) {
		t.Errorf("got %v", err)
	}
	if err := f.s.ApplyTogether(map[txn.DatabaseID]Applied{1: {Position: f.next()}}); !errors.Is(err, ErrReplaced) {
		t.Errorf("got %v", err)
	}
}
