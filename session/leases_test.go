package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/log"
	"marmot/schemas"
	"marmot/txn"
)

// counter grants leases as the ledger does, and can give values to another node in between.
type counter struct {
	last  uint64
	asked []uint64
}

func (c *counter) Control(_ context.Context, body txn.Body) (commit.Result, error) {
	b := body.(*txn.Lease)
	c.asked = append(c.asked, b.Count)
	c.last = max(c.last, b.AtLeast-1)
	d := ledger.Decision{Verdict: txn.Commit, Taken: true, LeaseFirst: c.last + 1, LeaseCount: b.Count}
	c.last += b.Count
	return commit.Result{Decision: d}, nil
}

func TestLeasesGrowWithTheRateAndStayDense(t *testing.T) {
	now := time.Unix(0, 0)
	c := &counter{}
	l := newLeases(c, func() time.Time { return now })
	table := &schemas.Table{ID: 1, Version: 1}
	take := func(n, want uint64) {
		t.Helper()
		if got, err := l.take(t.Context(), table, n); err != nil || got != want {
			t.Fatalf("take %d: %d, %v, want %d", n, got, err, want)
		}
	}
	next := uint64(1)
	for range 3000 {
		take(1, next)
		next++
	}
	if largest := c.asked[len(c.asked)-1]; largest != maxLease || len(c.asked) > 15 {
		t.Errorf("leases %v", c.asked)
	}
	take(5, next)
	next += 5
	if got, _ := l.peek(table); got != next {
		t.Errorf("the next value is %d, want %d", got, next)
	}
	now = now.Add(time.Minute)
	for left := c.last - next + 1; left > 0; left-- {
		take(1, next)
		next++
	}
	take(1, next)
	if last := c.asked[len(c.asked)-1]; last != 1 {
		t.Errorf("a lease after a pause is of %d values", last)
	}
}

func TestExplicitValuesRaiseTheLease(t *testing.T) {
	c := &counter{}
	l := newLeases(c, time.Now)
	table := &schemas.Table{ID: 1, Version: 1}
	take := func(want uint64) {
		t.Helper()
		if got, err := l.take(t.Context(), table, 1); err != nil || got != want {
			t.Fatalf("take: %d, %v, want %d", got, err, want)
		}
	}
	take(1)
	l.note(table, 10)
	take(11)
	l.note(table, 5) // below the counter: nothing changes
	take(12)
	c.last += 100 // another node has taken values
	for range 2 * maxLease {
		if got, err := l.take(t.Context(), table, 1); err != nil || got <= 12 {
			t.Fatalf("take: %d, %v", got, err)
		}
	}
	altered := &schemas.Table{ID: 1, Version: 2, AutoIncrementStart: 1_000_000}
	if got, err := l.take(t.Context(), altered, 1); err != nil || got != 1_000_000 {
		t.Errorf("after ALTER TABLE: %d, %v", got, err)
	}
}

// silent is an origin that is never told what became of its records.
type silent struct{}

func (silent) Control(context.Context, txn.Body) (commit.Result, error) {
	return commit.Result{}, &commit.UnknownError{ID: txn.ID{Epoch: 1, Sequence: 2}, Cause: commit.ErrStopped}
}

// The outcome of a lease is not that of the statement that needs its values.
func TestAnUnknownLeaseIsNoUnknownOutcome(t *testing.T) {
	l := newLeases(silent{}, time.Now)
	table := &schemas.Table{ID: 1, Version: 1}
	_, err := l.take(t.Context(), table, 1)
	var refused *commit.NotCommittedError
	if !errors.As(err, &refused) || isUnknown(err) || !errors.Is(err, commit.ErrStopped) {
		t.Errorf("a lease of unknown outcome: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errKilledQuery)
	if _, err := l.take(ctx, table, 1); !errors.Is(err, errKilledQuery) || isUnknown(err) {
		t.Errorf("a lease of a killed query: %v", err)
	}
}

// A statement that runs again gets the values that it had, but not those of before a TRUNCATE, which others have by now.
func TestValuesOfAStatementThatRunsAgain(t *testing.T) {
	c := newCluster(t, 1, nil)
	s := c.session(0, "")
	s.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT)")
	table := *c.nodes[0].store.Catalog().Table("d", "t")
	s.Session.run = &run{ctx: t.Context()}
	take := func() uint64 {
		t.Helper()
		s.Session.run.nextAuto = 0
		first, err := s.NextAutoIncrement(&table, 2)
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	first := take()
	if again := take(); again != first {
		t.Errorf("values from %d on, and from %d on when the statement runs again", first, again)
	}
	table.Version++
	if later := take(); later == first {
		t.Errorf("values from %d on, of another version of the table", later)
	}
}

// TRUNCATE on another node begins to count anew while a statement here, whose snapshot still has the old rows, waits
// for its values.
func TestValuesOfAfterATruncateAreNotHeldAgainstRowsOfBefore(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, n INT); INSERT INTO d.t (n) VALUES (1), (2), (3)")
	for _, begin := range []string{"SELECT 1", "BEGIN"} {
		c.sync()
		b.run(begin)
		c.nodes[1].log.StaleEnd(100) // it does not see what comes now
		a.exec("TRUNCATE TABLE d.t")
		records := func() int64 {
			_, end, err := c.log.Bounds(t.Context(), log.Order)
			if err != nil {
				t.Fatal(err)
			}
			return end
		}
		before := records()
		answer := make(chan string, 1)
		go func() { answer <- b.run("INSERT INTO d.t (n) VALUES (4)") }()
		waitFor(t, "no lease is asked for", func() bool { return records() > before })
		c.nodes[1].log.StaleEnd(0)
		if got := <-answer; got != "ok 1" {
			t.Errorf("INSERT after %s: %s", begin, got)
		}
		b.want("COMMIT", "ok")
		b.want("SELECT COUNT(*) FROM d.t", "1")
	}
}
