package sqlite

import (
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/txn"
)

// raceTime is how long a race runs.
func raceTime() time.Duration {
	if *long {
		return time.Minute
	}
	return 1200 * time.Millisecond
}

// race runs functions side by side until the time is over or one fails.
type race struct {
	t     *testing.T
	stop  atomic.Bool
	group sync.WaitGroup
}

func (r *race) fail(format string, args ...any) {
	r.stop.Store(true)
	r.t.Errorf(format, args...)
}

func (r *race) run(f func() error) {
	r.group.Go(func() {
		for !r.stop.Load() {
			if err := f(); err != nil {
				r.fail("%v", err)
			}
		}
	})
}

// wait ends the race once its time is over and raced is true, which a busy machine may take longer for.
func (r *race) wait(raced func() bool) {
	timer := time.AfterFunc(raceTime(), func() {
		for deadline := time.Now().Add(time.Minute); !raced() && !r.stop.Load() && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		r.stop.Store(true)
	})
	r.group.Wait()
	timer.Stop()
}

// openWriter opens a plain connection to a file for a race.
func openWriter(t *testing.T, path string) *Conn {
	c, err := Open(OpenOptions{Path: path})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	must(t, c.Exec("PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=20"))
	return c
}

// checkpoints runs checkpoints of every mode and counts those that were not in anybody's way.
func checkpoints(c *Conn, seed int64, complete *atomic.Int64) func() error {
	r := rand.New(rand.NewSource(seed))
	return func() error {
		mode := []string{"PASSIVE", "RESTART", "TRUNCATE", "FULL"}[r.Intn(4)]
		busy, err := query(c, "PRAGMA wal_checkpoint("+mode+")")
		if err == nil && busy[0] == '0' {
			complete.Add(1)
		}
		if IsBusy(err) {
			return nil
		}
		return err
	}
}

// Every row holds the version of the last commit; a snapshot must be one version, no older than what was
// committed before it was taken, the same through the index, and stay so.
const raceRows = 60

func TestSnapshotsRaceCommitsAndCheckpoints(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE v(id INTEGER PRIMARY KEY, ver INT, pad TEXT); CREATE INDEX vi ON v(ver,id); CREATE TABLE h(id INTEGER PRIMARY KEY, ver INT); INSERT INTO h VALUES(1,0);"+
		fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO v SELECT i,0,hex(zeroblob(900)) FROM n", raceRows))
	writer, checkpointer := openWriter(t, path), openWriter(t, path)
	r := &race{t: t}
	var committed, complete, snapshots atomic.Int64
	random := rand.New(rand.NewSource(5))
	version := int64(0)
	r.run(func() error {
		err := writer.Exec("BEGIN IMMEDIATE")
		if err == nil {
			_, err = query(writer, "UPDATE v SET ver=?", txn.Int(version+1))
		}
		if err == nil {
			_, err = query(writer, "UPDATE h SET ver=?", txn.Int(version+1))
		}
		if IsBusy(err) {
			return nil
		}
		if err != nil || random.Intn(8) == 0 {
			return errors.Join(err, writer.Exec("ROLLBACK"))
		}
		if err := writer.Exec("COMMIT"); err != nil {
			return err
		}
		version++
		committed.Store(version)
		return nil
	})
	r.run(checkpoints(checkpointer, 6, &complete))
	var branches []*Branch
	for i := range 3 {
		b := openBranch(t, BranchOptions{}, "d", path)
		branches = append(branches, b)
		random := rand.New(rand.NewSource(int64(i)))
		r.run(func() error {
			snapshots.Add(1)
			return raceSnapshot(b, random, &committed)
		})
	}
	raced := func() bool { return committed.Load() > 0 && snapshots.Load() > 0 && complete.Load() > 0 }
	r.wait(raced)
	retries := int64(0)
	for _, b := range branches {
		retries += int64(b.c.retries)
	}
	t.Logf("%d commits, %d snapshots, %d complete checkpoints, %d torn headers read again", committed.Load(), snapshots.Load(), complete.Load(), retries)
	if !raced() {
		t.Error("nothing raced")
	}
	want(t, writer, "PRAGMA integrity_check", "ok")
}

// raceSnapshot takes one snapshot, changes rows in it and looks at it again and again.
func raceSnapshot(b *Branch, r *rand.Rand, committed *atomic.Int64) error {
	low := committed.Load()
	b.Release() // so that a checkpoint may come to its end
	if err := b.Snapshot(); err != nil {
		return err
	}
	high := committed.Load() + 1
	c := b.Conn()
	if err := c.Exec("BEGIN"); err != nil {
		return err
	}
	first, err := raceVersion(c, 0)
	if err != nil {
		return err
	}
	if first < low || first > high {
		return fmt.Errorf("snapshot of version %d, want %d to %d", first, low, high)
	}
	for range 1 + r.Intn(3) {
		own := 1 + r.Intn(30)
		if _, err := query(c, "SAVEPOINT x"); err != nil {
			return err
		}
		if _, err := query(c, "UPDATE v SET ver=-1 WHERE id<=?", txn.Int(int64(own))); err != nil {
			return err
		}
		if v, err := raceVersion(c, own); err != nil || v != first {
			return fmt.Errorf("version %d became %d with %d own rows, %w", first, v, own, err)
		}
		if err := c.Exec("ROLLBACK TO x; RELEASE x"); err != nil {
			return err
		}
		if v, err := raceVersion(c, 0); err != nil || v != first {
			return fmt.Errorf("version %d became %d, %w", first, v, err)
		}
	}
	if r.Intn(20) == 0 {
		if ok, err := query(c, "PRAGMA d.integrity_check"); err != nil || ok != "ok\n" {
			return fmt.Errorf("integrity: %s %w", ok, err)
		}
	}
	if _, err := query(c, "UPDATE v SET ver=-1 WHERE id<=3"); err != nil {
		return err
	}
	if r.Intn(2) == 0 {
		return c.Exec("COMMIT")
	}
	return c.Exec("ROLLBACK")
}

// raceVersion returns the version of all rows but the first own ones.
func raceVersion(c *Conn, own int) (int64, error) {
	s, err := c.Prepare("SELECT (SELECT min(ver) FROM v NOT INDEXED WHERE id>?1), (SELECT max(ver) FROM v NOT INDEXED WHERE id>?1), (SELECT count(*) FROM v NOT INDEXED WHERE id>?1), " +
		"(SELECT min(ver) FROM v INDEXED BY vi WHERE ver>=0), (SELECT max(ver) FROM v INDEXED BY vi WHERE ver>=0), (SELECT count(*) FROM v INDEXED BY vi WHERE ver>=0), (SELECT ver FROM h)")
	if err != nil {
		return 0, err
	}
	defer s.Reset()
	if err := s.Bind([]txn.Value{txn.Int(int64(own))}); err != nil {
		return 0, err
	}
	if _, err := s.Step(); err != nil {
		return 0, err
	}
	row, rows := s.Row(), int64(raceRows-own)
	v := row[0].Int64()
	if row[1].Int64() != v || row[2].Int64() != rows || row[3].Int64() != v || row[4].Int64() != v || row[5].Int64() != rows || row[6].Int64() != v {
		return 0, fmt.Errorf("torn snapshot: %v, want %d rows", row, rows)
	}
	return v, nil
}

// With the publication lock, the shared side around Snapshot and the exclusive one around a COMMIT to
// several files, no snapshot shows one file without the other.
func TestSnapshotsOfSeveralFilesAreOnePoint(t *testing.T) {
	dir := t.TempDir()
	writer := newMemory(t, "")
	checkpointer := newMemory(t, "PRAGMA busy_timeout=5")
	files := []string{"a", "b", "c"}
	for _, alias := range files {
		path := filepath.Join(dir, alias+".db")
		c, err := Open(OpenOptions{Path: path, Create: true})
		must(t, err)
		must(t, c.Exec("CREATE TABLE v(ver INT); INSERT INTO v VALUES(0)"))
		must(t, c.Close())
		must(t, writer.Attach(path, alias))
		must(t, checkpointer.Attach(path, alias))
		must(t, writer.Exec("PRAGMA "+alias+".synchronous=OFF"))
	}
	must(t, writer.Exec("PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=1000"))
	var publication sync.RWMutex
	var commits, snapshots, complete atomic.Int64
	r := &race{t: t}
	r.run(func() error {
		if err := writer.Exec("BEGIN IMMEDIATE; UPDATE a.v SET ver=ver+1; UPDATE b.v SET ver=ver+1; UPDATE c.v SET ver=ver+1"); err != nil {
			return err
		}
		publication.Lock()
		defer publication.Unlock()
		commits.Add(1)
		return writer.Exec("COMMIT")
	})
	random := rand.New(rand.NewSource(7))
	r.run(func() error {
		_, err := query(checkpointer, fmt.Sprintf("PRAGMA %s.wal_checkpoint(%s)", files[random.Intn(3)], []string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"}[random.Intn(4)]))
		complete.Add(1)
		if IsBusy(err) {
			return nil
		}
		return err
	})
	for range 2 {
		b := openBranch(t, BranchOptions{}, "a", filepath.Join(dir, "a.db"), "b", filepath.Join(dir, "b.db"), "c", filepath.Join(dir, "c.db"))
		r.run(func() error {
			snapshots.Add(1)
			publication.RLock()
			err := b.Snapshot()
			publication.RUnlock()
			if err != nil {
				return err
			}
			c := b.Conn()
			if err := c.Exec("BEGIN; UPDATE b.v SET ver=ver+1000000"); err != nil {
				return err
			}
			got, err := query(c, "SELECT (SELECT ver FROM a.v)=(SELECT ver-1000000 FROM b.v) AND (SELECT ver FROM c.v)=(SELECT ver FROM a.v)")
			read, readErr := query(b.Read(), "SELECT (SELECT ver FROM a.v)=(SELECT ver FROM b.v) AND (SELECT ver FROM c.v)=(SELECT ver FROM a.v)")
			if err := errors.Join(err, readErr, c.Exec("ROLLBACK")); err != nil {
				return err
			}
			if got != "1\n" || read != "1\n" {
				return fmt.Errorf("torn snapshot: branch %s, reader %s", got, read)
			}
			return nil
		})
	}
	raced := func() bool { return commits.Load() > 0 && snapshots.Load() > 0 }
	r.wait(raced)
	t.Logf("%d commits, %d snapshots, %d checkpoints", commits.Load(), snapshots.Load(), complete.Load())
	if !raced() {
		t.Error("nothing raced")
	}
}

// TestBothConnectionsOfABranchSeeOneSnapshot: what the reader tells of the files (their position, their definitions) holds for
// the branch too, whoever commits while the snapshot is taken.
func TestBothConnectionsOfABranchSeeOneSnapshot(t *testing.T) {
	path, writer := newFile(t, "CREATE TABLE h(id INTEGER PRIMARY KEY, ver INT); INSERT INTO h VALUES(1,0)")
	must(t, writer.Exec("PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=20"))
	checkpointer := openWriter(t, path)
	r := &race{t: t}
	var commits, snapshots, complete atomic.Int64
	r.run(func() error {
		_, err := query(writer, "UPDATE h SET ver=ver+1")
		if IsBusy(err) {
			return nil
		}
		commits.Add(1)
		return err
	})
	r.run(checkpoints(checkpointer, 9, &complete))
	for range 2 {
		b := openBranch(t, BranchOptions{}, "d", path)
		r.run(func() error {
			snapshots.Add(1)
			if err := b.Snapshot(); err != nil {
				return err
			}
			outside, err := query(b.Read(), "SELECT ver FROM d.h")
			if err != nil {
				return err
			}
			inside, err := query(b.Conn(), "SELECT ver FROM d.h")
			if err != nil || inside != outside {
				return fmt.Errorf("the reader sees version %q, the branch %q, %w", outside, inside, err)
			}
			b.Release()
			return nil
		})
	}
	raced := func() bool { return commits.Load() > 0 && snapshots.Load() > 0 }
	r.wait(raced)
	t.Logf("%d commits, %d snapshots, %d checkpoints", commits.Load(), snapshots.Load(), complete.Load())
	if !raced() {
		t.Error("nothing raced")
	}
}
