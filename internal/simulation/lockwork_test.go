package simulation

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"marmot/txn"
)

// upsert counts by INSERT … ON DUPLICATE KEY UPDATE, as text or prepared.
func (c *connection) upsert() error {
	c.now.key = c.random.Int64N(counters)
	if c.random.IntN(2) == 0 {
		_, err := c.query("INSERT INTO a.tally VALUES (%d, 'name %[1]d', 1) ON DUPLICATE KEY UPDATE n = n + 1", c.now.key)
		return err
	}
	s, err := c.session.Prepare(c.run.ctx, []byte("INSERT INTO a.tally VALUES (?, CONCAT('name ', ?), 1) ON DUPLICATE KEY UPDATE n = n + 1"))
	if err != nil {
		return err
	}
	defer s.Close()
	key := txn.Int(c.now.key)
	return s.Execute(c.run.ctx, []txn.Value{key, key}, &answer{})
}

// partly lets a statement of a transaction fail, and goes on: nothing of the statement may stay.
func (c *connection) partly() error {
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		c.now.key = 0
		_, err := c.query("INSERT INTO a.member (email, attempt) VALUES ('fresh%d', %d), ('m%d@example.org', %[2]d)", c.now.number, -c.now.number, c.random.IntN(40))
		if codeOf(err) == 1062 {
			return nil
		}
		c.now.key = 2 // rows
		return err
	}))
}

// sweep changes many rows often, now and then so many that the transaction cannot move any more.
func (c *connection) sweep() error {
	rows := 50
	if c.random.IntN(10) == 0 {
		rows = c.world.fields()
	}
	return c.sawJournal(c.transaction(isolations[c.random.IntN(2)], func() error {
		for range 4 {
			if _, err := c.query("UPDATE b.field SET n = n + 1 WHERE id < %d", rows); err != nil {
				return err
			}
			c.pause()
		}
		return nil
	}))
}

// replace puts a row in the place of others: the table keeps one row for each name.
func (c *connection) replace() error {
	_, err := c.query("REPLACE INTO b.badge VALUES (%d, 'B%d')", c.random.IntN(9), c.random.IntN(5))
	return err
}

// countAll adds one to all rows of a table.
func (c *connection) countAll() error {
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		_, err := c.query("UPDATE b.step SET n = n + 1")
		return err
	}))
}

// large writes rows that need several chunks, and takes a part of them back.
func (c *connection) large() error {
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		return c.all(fmt.Sprintf("INSERT INTO b.paper VALUES (%d, REPEAT('x', 300000), 1)", c.now.number),
			"SAVEPOINT s", "UPDATE b.paper SET version = version + 1, text = CONCAT(text, 'y')", "ROLLBACK TO s",
			fmt.Sprintf("INSERT INTO b.paper VALUES (%d, REPEAT('z', 200000), 1)", -c.now.number),
			"DELETE FROM b.paper WHERE id < 0 OR id < (SELECT MAX(id) FROM b.step)")
	}))
}

// skipLocked takes one job that nobody else works on.
func (c *connection) skipLocked() error {
	isolation := isolations[c.random.IntN(2)]
	return c.sawJournal(c.transaction(isolation, func() error {
		a, err := c.query("SELECT id FROM a.job WHERE taken = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
		if err != nil {
			return err
		}
		if len(a.rows) == 0 {
			_, err := c.query("INSERT INTO a.job (taken) VALUES (0), (0), (0)")
			return err
		}
		c.pause()
		c.now.key = a.number()
		_, err = c.query("UPDATE a.job SET taken = taken + 1 WHERE id = %d", c.now.key)
		return err
	}))
}

// lockTables adds one in two steps that only LOCK TABLES keeps together.
func (c *connection) lockTables() error {
	if _, err := c.query("LOCK TABLES b.turn WRITE"); err != nil {
		return err
	}
	a, err := c.query("SELECT n FROM b.turn")
	if err == nil {
		c.pause()
		_, err = c.query("UPDATE b.turn SET n = %d", a.number()+1)
	}
	if _, failed := c.query("UNLOCK TABLES"); failed != nil {
		c.expect(failed)
	}
	return err
}

// inside knows, by name, the processes whose sessions believe to hold a lock of GET_LOCK.
type inside struct {
	mu      sync.Mutex
	holders [2]map[*run]int
}

// enter returns how many sessions of living processes hold the lock now. What a process held is free once it has been killed,
// whatever its clients believe.
func (s *inside) enter(lock int, r *run) (living int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[lock] == nil {
		s.holders[lock] = map[*run]int{}
	}
	s.holders[lock][r]++
	for holder, sessions := range s.holders[lock] {
		if holder.ctx.Err() == nil {
			living += sessions
		}
	}
	return living
}

func (s *inside) leave(lock int, r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holders[lock][r]--
}

// getLock checks that a named lock has one holder in the cluster.
func (c *connection) getLock() error {
	i := c.random.IntN(2)
	a, err := c.query("SELECT GET_LOCK('lock %d', 1)", i)
	if err != nil {
		return err
	}
	if a.value() != "1" {
		return errNothing
	}
	c.now.key = int64(i)
	if n := c.world.inside.enter(i, c.run); n > 1 && c.run.ctx.Err() == nil {
		c.world.broken(firstCommitterWins, "transaction %d: %d sessions hold lock %d", c.now.number, n, i)
	}
	c.pause()
	c.world.inside.leave(i, c.run)
	a, err = c.query("SELECT RELEASE_LOCK('lock %d')", i)
	if err == nil && a.value() != "1" {
		c.world.broken(firstCommitterWins, "transaction %d releases lock %d that it took: %s", c.now.number, i, a)
	}
	return err
}

// pause lets others come between, now and then for longer than a session idles before it sends its row events.
func (c *connection) pause() {
	if c.random.IntN(3) == 0 {
		time.Sleep(time.Duration(c.random.IntN(4000)) * time.Microsecond)
	}
}

// checkLocks checks what upserts, jobs and locks have counted.
func (w *world) checkLocks(c *connection) {
	w.checkCount(c, "upsert", func(key int64) [][]string { return c.rows("SELECT n FROM a.tally WHERE id = %d", key) })
	w.checkCount(c, "lock tables", func(key int64) [][]string {
		if key > 0 {
			return nil
		}
		return c.rows("SELECT n FROM b.turn")
	})
	for _, row := range c.rows("SELECT id, taken FROM a.job WHERE taken > 1") {
		w.broken(firstCommitterWins, "job %s was done %s times", row[0], row[1])
	}
	for _, row := range c.rows("SELECT s.id, s.n, (SELECT COUNT(*) FROM a.journal WHERE kind = 'count all') FROM b.step s") {
		if row[1] != row[2] {
			w.broken(firstCommitterWins, "step %s is %s after %s transactions", row[0], row[1], row[2])
		}
	}
	for _, row := range c.rows("SELECT label, COUNT(*) FROM b.badge GROUP BY label HAVING COUNT(*) > 1") {
		w.broken(firstCommitterWins, "badge %s is there %s times", row[0], row[1])
	}
	for _, row := range c.rows("SELECT j.id, j.k, (SELECT COUNT(*) FROM a.member m WHERE m.attempt = -j.id) FROM a.journal j WHERE j.kind = 'partly'") {
		if row[1] != row[2] {
			w.broken(firstCommitterWins, "transaction %s has %s rows, want %s: a failed statement left a trace", row[0], row[2], row[1])
		}
	}
	if n := c.rows("SELECT DISTINCT n %% 4 FROM b.field"); len(n) != 1 || n[0][0] != "0" {
		w.broken(firstCommitterWins, "a field was swept in part: %s", n)
	}
	for _, row := range c.rows("SELECT id, version, LENGTH(text) FROM b.paper WHERE version <> 1 OR LENGTH(text) <> 300000") {
		w.broken(firstCommitterWins, "paper %s was rolled back to version 1 of 300000 bytes and is %s", row[0], strings.Join(row[1:], ", "))
	}
}

// checkCount checks that what attempts of a kind have counted is between what was acknowledged and what may have come.
func (w *world) checkCount(c *connection, kind string, rows func(key int64) [][]string) {
	for key := range int64(counters) {
		least, most := int64(0), int64(0)
		for _, a := range w.attempts.list {
			switch {
			case a.kind != kind || a.key != key:
			case a.outcome == acknowledged || a.settled == acknowledged:
				least, most = least+1, most+1
			case a.outcome == unknown && a.settled != refused:
				most++
			}
		}
		got := int64(0)
		for _, row := range rows(key) {
			got += number(row[0])
		}
		if rows(key) != nil && (got < least || got > most) {
			w.broken(firstCommitterWins, "node %s: %s %d is %d, want %d to %d", w.nameOf(c), kind, key, got, least, most)
		}
	}
}
