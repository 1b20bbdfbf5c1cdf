package session

import (
	"sync/atomic"
	"testing"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// gate holds up the applier between the decision on a transaction and its application.
type gate struct {
	shut    atomic.Bool
	reached chan struct{} // a transaction was decided while the gate was shut
	open    chan struct{}
}

func newGate() *gate { return &gate{reached: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) events(int) applier.Events {
	return applier.Events{Decided: func(r *log.Read, _ ledger.Decision) {
		if _, ok := r.Record.Body.(*txn.Transaction); ok && g.shut.CompareAndSwap(true, false) {
			close(g.reached)
			<-g.open
		}
	}}
}

// staysSo reports whether a condition holds for a while: what would end it has had time to.
func staysSo(condition func() bool) bool {
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); <-time.After(time.Millisecond) {
		if !condition() {
			return false
		}
	}
	return true
}

// TestLocksStayUntilPublication: whoever gets a lock reads what its last holder has written, so it moves once
// and its statement runs once more, not twice.
func TestLocksStayUntilPublication(t *testing.T) {
	g := newGate()
	c := newWatchedCluster(t, 1, nil, g.events)
	a, b := c.session(0, ""), c.session(0, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, n INT); INSERT INTO d.t VALUES (1, 1)")
	a.exec("BEGIN; UPDATE d.t SET n = n + 1 WHERE id = 1")
	b.exec("BEGIN")
	moves := c.nodes[0].engine.counts.moves.Load()
	waits := make(chan string, 1)
	go func() { waits <- b.run("UPDATE d.t SET n = n + 10 WHERE n < 5") }()
	waiting := func() bool { return b.state() == "waiting for a row lock" }
	waitFor(t, "the second session does not wait for the row", waiting)
	g.shut.Store(true)
	commits := make(chan string, 1)
	go func() { commits <- a.run("COMMIT") }()
	<-g.reached
	if !staysSo(func() bool { return waiting() && len(commits) == 0 }) {
		t.Error("the lock was given up, or COMMIT answered, before the commit was published")
	}
	close(g.open)
	if got := <-commits; got != "ok" {
		t.Errorf("COMMIT: %s", got)
	}
	if got := <-waits; got != "ok 1" {
		t.Errorf("the second UPDATE: %s", got)
	}
	if n := c.nodes[0].engine.counts.moves.Load() - moves; n != 1 {
		t.Errorf("the waiting transaction moved %d times, want once", n)
	}
	b.want("COMMIT", "ok")
	b.want("SELECT n FROM d.t", "12")
}

// TestAStatementThatLosesTwiceFencesItsTable: a statement must not lose for ever against a node that is quicker.
func TestAStatementThatLosesTwiceFencesItsTable(t *testing.T) {
	var c *testCluster
	var quicker *testSession
	losses := 0
	// overtake lets another node commit what the next attempt of this one has not seen.
	overtake := func() {
		c.nodes[0].log.StaleStream(log.Order, 1000)
		quicker.want("UPDATE d.t SET n = n + 100 WHERE id = 1", "ok 1")
		end := c.end()
		go func() {
			waitFor(t, "no further attempt came", func() bool { return c.end() > end })
			c.nodes[0].log.StaleStream(log.Order, 0)
		}()
	}
	c = newWatchedCluster(t, 2, nil, func(node int) applier.Events {
		return applier.Events{Decided: func(r *log.Read, d ledger.Decision) {
			if node == 0 && d.Verdict == txn.Conflict {
				if losses++; losses < 3 {
					overtake()
				}
			}
		}}
	})
	a := c.session(0, "")
	quicker = c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, n INT); INSERT INTO d.t VALUES (1, 1)")
	c.sync()
	overtake()
	a.want("UPDATE d.t SET n = n + 1 WHERE id = 1", "ok 1")
	if n := c.nodes[0].engine.counts.fencedRetries.Load(); losses != 2 || n != 1 {
		t.Errorf("the statement lost %d times and ran behind a fence %d times, want 2 and once", losses, n)
	}
	a.want("SELECT n FROM d.t", "302")
}
