package session

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// retry runs a transaction until it is not rolled back for another's sake.
func retry(t *testing.T, s *testSession, statements ...string) (answers []string) {
	t.Helper()
	for range 10_000 {
		answers = answers[:0]
		for _, sql := range statements {
			answers = append(answers, s.run(sql))
			if last := answers[len(answers)-1]; strings.HasPrefix(last, "ERROR") {
				break
			}
		}
		last := answers[len(answers)-1]
		if last == "ERROR 1213" {
			continue
		}
		if strings.HasPrefix(last, "ERROR") {
			t.Errorf("%s: %s", statements[len(answers)-1], last)
		}
		return answers
	}
	t.Error("a transaction was rolled back 10,000 times")
	return answers
}

func TestOneNodeNeverConflictsWithItselfOnAHotRow(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	const sessions, times = 64, 5
	var group sync.WaitGroup
	for range sessions {
		s := c.session(0, "d")
		group.Go(func() {
			for range times {
				s.want("UPDATE t SET n = n + 1 WHERE id = 1", "ok 1")
			}
		})
	}
	group.Wait()
	a.want("SELECT n FROM t", fmt.Sprint(sessions*times))
	if n := c.nodes[0].engine.counts.conflicts.Load(); n != 0 {
		t.Errorf("%d conflicts on a single node", n)
	}
	if n := c.nodes[0].engine.counts.moves.Load(); n != 0 {
		t.Errorf("%d statements ran again after their wait; want them to wait before they run", n)
	}
}

func TestExplicitTransactionsOfOneNodeQueueOnAHotRow(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	const sessions, times = 16, 10
	var group sync.WaitGroup
	for range sessions {
		s := c.session(0, "d")
		group.Go(func() {
			for range times {
				s.want("BEGIN", "ok")
				s.want("UPDATE t SET n = n + 1 WHERE id = 1", "ok 1")
				s.want("COMMIT", "ok")
			}
		})
	}
	group.Wait()
	a.want("SELECT n FROM t", fmt.Sprint(sessions*times))
}

func TestCountersOfThreeNodesLoseNothing(t *testing.T) {
	c := newCluster(t, 3, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	c.sync()
	const times = 20
	var group sync.WaitGroup
	for node := range 3 {
		for range 3 {
			s := c.session(node, "d")
			group.Go(func() {
				for range times {
					s.want("UPDATE t SET n = n + 1 WHERE id = 1", "ok 1")
				}
			})
		}
	}
	group.Wait()
	c.sync()
	a.want("SELECT n FROM t", fmt.Sprint(9*times))
}

func TestTransfersOfThreeNodesKeepTheTotal(t *testing.T) {
	c := newCluster(t, 3, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (0, 100), (1, 100), (2, 100), (3, 100), (4, 100)")
	c.sync()
	var group sync.WaitGroup
	for worker := range 6 {
		s := c.session(worker%3, "d")
		random := rand.New(rand.NewPCG(uint64(worker), 7))
		group.Go(func() {
			for range 15 {
				from, to := random.IntN(5), random.IntN(5)
				retry(t, s, "BEGIN",
					fmt.Sprintf("SELECT n FROM t WHERE id = %d FOR UPDATE", from),
					fmt.Sprintf("UPDATE t SET n = n - 1 WHERE id = %d", from),
					fmt.Sprintf("UPDATE t SET n = n + 1 WHERE id = %d", to),
					"COMMIT")
			}
		})
	}
	reader := c.session(2, "d")
	group.Go(func() {
		for range 30 {
			total := 0
			for _, line := range strings.Fields(reader.run("SELECT n FROM t")) {
				var n int
				if _, err := fmt.Sscan(line, &n); err != nil {
					t.Errorf("row %q", line)
				}
				total += n
			}
			if total != 500 {
				t.Errorf("a snapshot's total is %d", total)
			}
		}
	})
	group.Wait()
	c.sync()
	for node := range 3 {
		s := c.session(node, "d")
		if got, want := s.run("SELECT * FROM t"), a.run("SELECT * FROM t"); got != want {
			t.Errorf("node %d:\n%s\nnode 0:\n%s", node, got, want)
		}
	}
}

func TestAutoIncrementOfManyWritersIsUnique(t *testing.T) {
	c := newCluster(t, 3, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s INT)")
	c.sync()
	var group sync.WaitGroup
	for worker := range 9 {
		s := c.session(worker%3, "d")
		group.Go(func() {
			for range 20 {
				s.want("INSERT INTO t (s) VALUES (1), (2)", "ok 2")
			}
		})
	}
	group.Wait()
	c.sync()
	if n := len(strings.Fields(a.run("SELECT id FROM t"))); n != 9*20*2 {
		t.Errorf("%d rows", n)
	}
	if n := c.nodes[0].engine.counts.conflicts.Load(); n != 0 {
		t.Errorf("%d conflicts of rows with different ids", n)
	}
}

func TestRowsWithoutPrimaryKeyOfManyWriters(t *testing.T) {
	c := newCluster(t, 3, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (s INT)")
	c.sync()
	var group sync.WaitGroup
	for node := range 3 {
		s := c.session(node, "d")
		group.Go(func() {
			for range 10 {
				s.want("INSERT INTO t VALUES (1), (2)", "ok 2")
				retry(t, s, "BEGIN", "INSERT INTO t VALUES (3)", "DELETE FROM t WHERE s = 3", "COMMIT")
			}
		})
	}
	group.Wait()
	c.sync()
	for node := range 3 {
		s := c.session(node, "d")
		if n := len(strings.Fields(s.run("SELECT s FROM t"))); n != 60 {
			t.Errorf("node %d has %d rows", node, n)
		}
	}
}

func TestAConsistentSnapshotDoesNotMindDatabasesThatComeAndGo(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	var passing sync.WaitGroup
	var over atomic.Bool
	for i := range 2 {
		s := c.session(0, "")
		passing.Go(func() {
			for !over.Load() {
				s.want(fmt.Sprintf("CREATE DATABASE passing%d", i), "ok 1")
				s.want(fmt.Sprintf("DROP DATABASE passing%d", i), "ok")
			}
		})
	}
	reader := c.session(0, "d")
	for range 3000 {
		reader.want("START TRANSACTION WITH CONSISTENT SNAPSHOT", "ok")
		// A database that goes takes along the snapshots that hold it.
		if got := reader.run("SELECT COUNT(*) FROM t"); got != "0" && got != "ERROR 1213" {
			t.Errorf("SELECT in the snapshot: %s", got)
		}
		reader.want("COMMIT", "ok")
	}
	over.Store(true)
	passing.Wait()
}
