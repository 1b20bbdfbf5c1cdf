package simulation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// workload is one kind of transaction. run returns what the client was told.
type workload struct {
	kind     string
	weight   int
	evidence string
	run      func(*connection) error
	dear     bool // costs as much as many others
}

// workloads are what clients do.
var workloads = []workload{
	{"transfer", 6, "journal", (*connection).transfer, false},
	{"transfer in one statement", 1, "", (*connection).transferAtOnce, false},
	{"count", 3, "", (*connection).count, false},
	{"count together", 3, "journal", (*connection).countTogether, false},
	{"change for update", 3, "journal", (*connection).changeForUpdate, false},
	{"change serializably", 2, "journal", (*connection).changeSerializably, false},
	{"member", 3, "member", (*connection).addMember, false},
	{"append", 3, "list", (*connection).appendToList, false},
	{"note", 2, "note", (*connection).addNotes, false},
	{"parent", 2, "journal", (*connection).changeParent, false},
	{"child", 3, "journal", (*connection).changeChild, false},
	{"duty", 3, "journal", (*connection).changeDuty, false},
	{"booking", 2, "journal", (*connection).book, false},
	{"seat", 2, "seat", (*connection).takeSeat, false},
	{"upsert", 3, "", (*connection).upsert, false},
	{"replace", 2, "", (*connection).replace, false},
	{"count all", 1, "journal", (*connection).countAll, false},
	{"large", 1, "journal", (*connection).large, true},
	{"skip locked", 2, "journal", (*connection).skipLocked, false},
	{"partly", 2, "journal", (*connection).partly, false},
	{"sweep", 1, "journal", (*connection).sweep, true},
	{"lock tables", 1, "", (*connection).lockTables, false},
	{"morph", 3, "", (*connection).morph, false},
	{"visit", 1, "", (*connection).visit, false},
	{"get lock", 1, "", (*connection).getLock, false},
	{"total", 3, "", (*connection).readTotal, false},
	{"view", 2, "", (*connection).readTwice, false},
	{"late view", 2, "", (*connection).readLate, false},
	{"strong read", 1, "", (*connection).readStrongly, false},
}

// focused are the workloads of one seed: some of them come far more often than the others, so that they meet each other.
func focused(seed uint64) []workload {
	random := rand.New(rand.NewPCG(seed, 5))
	list := slices.Concat(workloads, programWorkloads, wanderWorkloads)
	for range 3 {
		if at := random.IntN(len(list)); !list[at].dear || seed%6 == 0 {
			list[at].weight += 15
		}
	}
	if random.IntN(3) == 0 { // those of foreign keys meet only if both come often
		for i := range list {
			if list[i].kind == "parent" || list[i].kind == "child" {
				list[i].weight += 20
			}
		}
	}
	return list
}

func pick(list []workload, random *rand.Rand) *workload {
	sum := 0
	for i := range list {
		sum += list[i].weight
	}
	n := random.IntN(sum)
	for i := range list {
		if n -= list[i].weight; n < 0 {
			return &list[i]
		}
	}
	return nil
}

// sqlClient works for a while, some transactions on a node at random, then on another.
func (w *world) sqlClient(number uint64, transactions int) {
	random := rand.New(rand.NewPCG(w.seed, 200+number))
	for done := 0; done < transactions; {
		n := w.nodes[random.IntN(len(w.nodes))]
		err := n.use(func(r *run) error {
			c, err := w.connect(r, number, random)
			if err != nil {
				return errDown // it is going down
			}
			for range 1 + random.IntN(8) {
				if c.session == nil || r.ctx.Err() != nil {
					break
				}
				c.work()
				done++
			}
			if c.session != nil {
				c.session.Close()
			}
			return nil
		})
		if errors.Is(err, errDown) {
			time.Sleep(time.Millisecond)
		}
	}
}

// work does one transaction and checks that its own session sees it.
func (c *connection) work() {
	l := pick(c.world.workloads, c.random)
	s := c.world.attempts
	c.late = false
	c.now = s.begin(l.kind, l.evidence)
	err := l.run(c)
	s.end(c.now, err)
	c.expect(err)
}

// transfer moves money inside a database or between the two, in steps that may be taken back.
func (c *connection) transfer() error {
	from, to := c.account(), c.account()
	amount := 1 + c.random.IntN(9)
	isolation := c.anyIsolation()
	err := c.transaction(isolation, func() error {
		if c.random.IntN(3) == 0 {
			if _, err := c.total(); err != nil { // fixes the view
				return err
			}
		}
		if _, err := c.query("UPDATE %s SET balance = balance - %d WHERE id = %d", from.table, amount, from.id); err != nil {
			return err
		}
		c.pause()
		if c.random.IntN(3) == 0 {
			other := c.account()
			if err := c.all("SAVEPOINT s", fmt.Sprintf("UPDATE %s SET balance = balance + 1000 WHERE id = %d", other.table, other.id),
				"ROLLBACK TO s"); err != nil {
				return err
			}
		}
		if _, err := c.query("UPDATE %s SET balance = balance + %d WHERE id = %d", to.table, amount, to.id); err != nil {
			return err
		}
		if isolation == "REPEATABLE READ" {
			return nil // its view is old but for the rows that it has changed itself
		}
		return c.checkTotal("after a transfer under " + isolation)
	})
	return c.sawJournal(err)
}

// place is an account.
type place struct {
	table string
	id    int
}

func (c *connection) account() place {
	return place{[]string{"a.account", "b.account"}[c.random.IntN(2)], c.random.IntN(accounts)}
}

// transferAtOnce moves money between the databases by one statement.
func (c *connection) transferAtOnce() error {
	_, err := c.query("UPDATE a.account x, b.account y SET x.balance = x.balance - 3, y.balance = y.balance + 3 WHERE x.id = %d AND y.id = %d",
		c.random.IntN(accounts), c.random.IntN(accounts))
	return err
}

// count adds one by a statement that is a transaction of its own.
func (c *connection) count() error {
	c.now.key = c.random.Int64N(counters)
	_, err := c.query("UPDATE a.counter SET n = n + 1 WHERE id = %d", c.now.key)
	return err
}

// countTogether adds one to two counters in any order, so that clients meet each other.
func (c *connection) countTogether() error {
	first, second := c.random.Int64N(counters), c.random.Int64N(counters)
	c.now.key = first*counters + second
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		if _, err := c.query("UPDATE a.counter SET n = n + 1 WHERE id = %d", first); err != nil {
			return err
		}
		c.pause()
		_, err := c.query("UPDATE a.counter SET n = n + 1 WHERE id = %d", second)
		return err
	}))
}

// changeForUpdate reads a number with FOR UPDATE and writes the next one.
func (c *connection) changeForUpdate() error {
	return c.change(isolations[c.random.IntN(2)], " FOR UPDATE")
}

// changeSerializably does it with a plain read, which locks under SERIALIZABLE.
func (c *connection) changeSerializably() error { return c.change("SERIALIZABLE", "") }

func (c *connection) change(isolation, suffix string) error {
	c.now.key = c.random.Int64N(counters)
	return c.sawJournal(c.transaction(isolation, func() error {
		if suffix != "" && c.random.IntN(2) == 0 {
			if _, err := c.query("SELECT n FROM a.number"); err != nil { // fixes the view
				return err
			}
			c.pause()
		}
		a, err := c.query("SELECT n FROM a.number WHERE id = %d%s", c.now.key, suffix)
		if err != nil {
			return err
		}
		c.pause()
		written := a.number() + 1
		if _, err = c.query("UPDATE a.number SET n = %d WHERE id = %d", written, c.now.key); err != nil {
			return err
		}
		a, err = c.query("SELECT n FROM a.number WHERE id = %d", c.now.key)
		if err == nil && a.number() != written {
			c.world.broken(freshReads, "transaction %d under %s wrote %d and reads %s", c.now.number, isolation, written, a)
		}
		return err
	}))
}

// addMember inserts an e-mail address that few can have, and gets an AUTO_INCREMENT value.
func (c *connection) addMember() error {
	email := fmt.Sprintf("m%d@Example.org", c.random.IntN(40))
	if c.random.IntN(2) == 0 {
		email = strings.ToUpper(email) // the same by the column's collation
	}
	a, err := c.query("INSERT INTO a.member (email, attempt) VALUES ('%s', %d)", email, c.now.number)
	if err != nil {
		c.expect(err, 1062)
		return tolerate(err, 1062)
	}
	seen, err := c.query("SELECT attempt FROM a.member WHERE id = %d", a.result.InsertID)
	if err == nil && a.result.Warnings == 0 && seen.number() != c.now.number {
		c.world.broken(freshReads, "transaction %d inserted member %d and does not see it: %s", c.now.number, a.result.InsertID, seen)
	}
	c.expect(err)
	return nil
}

// appendToList makes a list longer; who was told first stands first.
func (c *connection) appendToList() error {
	c.now.key = c.random.Int64N(counters)
	a, err := c.query("UPDATE b.list SET l = CONCAT(l, ',%d') WHERE id = %d", c.now.number, c.now.key)
	if err != nil {
		return err
	}
	return c.sawElsewhere(a, fmt.Sprintf("SELECT FIND_IN_SET('%d', l) > 0 FROM b.list WHERE id = %d", c.now.number, c.now.key))
}

// addNotes works on a table without a primary key.
func (c *connection) addNotes() error {
	if c.random.IntN(2) == 0 {
		_, err := c.query("INSERT INTO a.note VALUES (%d, 'kept'), (0, 'extra')", c.now.number)
		return err
	}
	if err := c.all("BEGIN", fmt.Sprintf("INSERT INTO a.note VALUES (%d, 'draft'), (0, 'extra'), (0, 'extra')", c.now.number),
		"DELETE FROM a.note WHERE text = 'extra' ORDER BY attempt LIMIT 1",
		fmt.Sprintf("UPDATE a.note SET text = 'kept' WHERE attempt = %d", c.now.number)); err != nil {
		_, failed := c.query("ROLLBACK")
		c.expect(failed)
		return err
	}
	_, err := c.query("COMMIT")
	return err
}

// changeParent inserts or deletes a row that others refer to. Deleting takes cascading children along.
func (c *connection) changeParent() error {
	c.now.key = c.random.Int64N(parents)
	err := c.transaction(c.anyIsolation(), func() error {
		defer c.pause()
		if c.random.IntN(2) == 0 {
			_, err := c.query("INSERT INTO a.parent VALUES (%d)", c.now.key)
			return err
		}
		_, err := c.query("DELETE FROM a.parent WHERE id = %d", c.now.key)
		return err
	})
	c.expect(err, 1062, 1451)
	return c.sawJournal(tolerate(err, 1062, 1451))
}

// changeChild inserts, moves or deletes children.
func (c *connection) changeChild() error {
	c.now.key = c.random.Int64N(parents)
	table := []string{"a.child", "a.heir"}[c.random.IntN(2)]
	err := c.transaction(c.anyIsolation(), func() error {
		defer c.pause()
		switch c.random.IntN(5) {
		case 0, 1:
			_, err := c.query("DELETE FROM %s WHERE parent = %d", table, c.now.key)
			return err
		case 2:
			_, err := c.query("UPDATE %s SET parent = %d WHERE parent = %d", table, c.now.key, c.random.Int64N(parents))
			return err
		}
		_, err := c.query("INSERT INTO %s (parent) VALUES (%d)", table, c.now.key)
		return err
	})
	c.expect(err, 1452)
	return c.sawJournal(tolerate(err, 1452))
}

// changeDuty lets a doctor leave if the other of the pair stays: write skew, if it goes wrong.
func (c *connection) changeDuty() error {
	pair, who := c.random.Int64N(counters), c.random.Int64N(2)
	c.now.key = pair
	return c.sawJournal(c.transaction("SERIALIZABLE", func() error {
		if c.random.IntN(3) == 0 {
			_, err := c.query("UPDATE a.duty SET present = 1 WHERE pair = %d", pair)
			return err
		}
		query := "SELECT present FROM a.duty WHERE pair = %d AND doctor = %d"
		if c.random.IntN(2) == 0 {
			query = "SELECT SUM(present) FROM a.duty WHERE pair = %d AND doctor <= %d AND doctor >= %[2]d"
		}
		a, err := c.query(query, pair, 1-who)
		if err != nil {
			return err
		}
		if a.number() == 0 {
			return errNothing
		}
		c.pause()
		_, err = c.query("UPDATE a.duty SET present = 0 WHERE pair = %d AND doctor = %d", pair, who)
		return err
	}))
}

// book books a room that has places for three: phantoms, if it goes wrong.
func (c *connection) book() error {
	c.now.key = c.random.Int64N(counters)
	return c.sawJournal(c.transaction("SERIALIZABLE", func() error {
		a, err := c.query("SELECT COUNT(*) FROM b.booking WHERE room = %d", c.now.key)
		if err != nil {
			return err
		}
		c.pause()
		if a.number() >= room {
			_, err = c.query("DELETE FROM b.booking WHERE room = %d ORDER BY attempt LIMIT 2", c.now.key)
			return err
		}
		_, err = c.query("INSERT INTO b.booking VALUES (%d, %d)", c.now.number, c.now.key)
		return err
	}))
}

// takeSeat does it in one statement, whose subquery is a locking read as in InnoDB.
func (c *connection) takeSeat() error {
	c.now.key = c.random.Int64N(counters)
	a, err := c.query("INSERT INTO b.seat (attempt, row_id) SELECT %d, %d FROM DUAL WHERE (SELECT COUNT(*) FROM b.seat WHERE row_id = %[2]d) < %d",
		c.now.number, c.now.key, seats)
	if err == nil && a.result.Affected == 0 {
		return errNothing
	}
	return err
}

// readTotal reads all balances in one snapshot.
func (c *connection) readTotal() error {
	return c.checkTotal("in a snapshot")
}

// readTwice reads the same in one REPEATABLE READ transaction, in two steps and twice.
func (c *connection) readTwice() error {
	begin := "BEGIN"
	if c.random.IntN(2) == 0 {
		begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT"
	}
	if err := c.all("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", begin); err != nil {
		return err
	}
	queries := []string{"SELECT id, balance FROM a.account ORDER BY id", "SELECT id, balance FROM b.account ORDER BY id",
		"SELECT pair, SUM(present) FROM a.duty GROUP BY pair", "SELECT id, l FROM b.list ORDER BY id"}
	first, err := c.readAll(queries, nil)
	if err == nil && c.random.IntN(2) == 0 { // what it writes must not make it see what others have written
		c.pause()
		_, err = c.query("UPDATE b.step SET n = n + 0")
	}
	if err == nil {
		_, err = c.readAll(queries, first)
	}
	if err == nil {
		err = c.checkTotal("in a view")
	}
	if _, failed := c.query("COMMIT"); err == nil {
		err = failed
	}
	return err
}

// readLate reads the two databases one after the other in a view, with something in between.
func (c *connection) readLate() error {
	first, second := "a", "b"
	if c.random.IntN(2) == 0 {
		first, second = second, first
	}
	sum := 0.0
	err := c.all("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "BEGIN")
	for i, database := range []string{first, second} {
		if i == 1 && err == nil {
			err = c.between(second)
		}
		var a *answer
		if err == nil {
			a, err = c.query("SELECT SUM(balance) FROM %s.account", database)
		}
		if err == nil {
			sum += decimal(a.value())
		}
	}
	if _, failed := c.query("ROLLBACK"); err == nil {
		err = failed
	}
	if err == nil && sum != 2*accounts*opening {
		c.world.broken(firstCommitterWins, "transaction %d: the bank total in a view of %s and then %s is %v, want %d", c.now.number, first, second, sum, 2*accounts*opening)
	}
	return err
}

// between does what must not change what a view sees: it writes, or reads a table beside.
func (c *connection) between(database string) error {
	c.pause()
	if c.random.IntN(2) == 0 {
		if _, err := c.query("UPDATE a.counter SET n = n + 1 WHERE id = 0"); err != nil {
			return err
		}
	}
	if c.random.IntN(2) == 0 {
		quiet := map[string]string{"a": "a.parent", "b": "b.step"}[database]
		if _, err := c.query("SELECT COUNT(*) FROM %s", quiet); err != nil {
			return err
		}
	}
	if c.random.IntN(3) == 0 {
		if _, err := c.query("UPDATE b.step SET n = n + 1 WHERE id = 1"); err != nil {
			return err
		}
	}
	c.pause()
	return nil
}

// readAll runs queries and checks that they answer what they answered before, if they did.
func (c *connection) readAll(queries, before []string) (answers []string, err error) {
	for i, sql := range queries {
		a, err := c.query("%s", sql)
		if err != nil {
			return nil, err
		}
		if before != nil && before[i] != a.String() {
			c.world.broken(firstCommitterWins, "transaction %d reads twice: %s:\n%sand then\n%s", c.now.number, sql, before[i], a)
		}
		answers = append(answers, a.String())
	}
	return answers, nil
}

// readStrongly checks "STRONG reads are linearizable": what anybody was told is there, on any node.
func (c *connection) readStrongly() error {
	last := c.world.attempts.latest("journal")
	if last == nil {
		return errNothing
	}
	if _, err := c.query("SET marmot_read_consistency = 'STRONG'"); err != nil {
		return err
	}
	a, err := c.query("SELECT COUNT(*) FROM a.journal WHERE id = %d", last.number)
	if err == nil && a.number() != 1 {
		c.world.broken(freshReads, "transaction %d reads strongly and does not see transaction %d, acknowledged before", c.now.number, last.number)
	}
	if _, failed := c.query("SET marmot_read_consistency = 'LOCAL'"); err == nil {
		err = failed
	}
	return err
}

func (c *connection) total() (string, error) {
	a, err := c.query("SELECT (SELECT SUM(balance) FROM a.account) + (SELECT SUM(balance) FROM b.account)")
	return a.value(), err
}

// checkTotal checks "bank totals constant at every snapshot".
func (c *connection) checkTotal(when string) error {
	got, err := c.total()
	if want := fmt.Sprintf("%d.00", 2*accounts*opening); err == nil && got != want {
		c.world.broken(firstCommitterWins, "transaction %d: the bank total %s is %s, want %s", c.now.number, when, got, want)
	}
	return err
}

// sawJournal checks that a session sees the transaction that it was told is committed.
func (c *connection) sawJournal(err error) error {
	if err != nil || c.session == nil {
		return err
	}
	a, failed := c.query("SELECT COUNT(*) FROM a.journal WHERE id = %d", c.now.number)
	if failed == nil && !c.late && a.number() != 1 {
		c.world.broken(freshReads, "transaction %d (%s) was acknowledged and its session does not see it: %s", c.now.number, c.now.kind, a)
	}
	c.expect(failed)
	return nil
}

// sawElsewhere checks "SESSION reads see the session's own writes on any node": the query answers 1, here
// and on another node that is told the GTID.
func (c *connection) sawElsewhere(committed *answer, query string) error {
	if committed.result.Warnings > 0 {
		return nil // not applied here yet
	}
	a, err := c.query("%s", query)
	if err == nil && a.value() != "1" {
		c.world.broken(freshReads, "transaction %d was acknowledged and its session does not see it: %s", c.now.number, a)
	}
	c.expect(err)
	return c.elsewhere(func(other *connection) error {
		if _, err := other.query("SET marmot_wait_gtid = '%s'", committed.result.GTID); err != nil {
			return err
		}
		a, err := other.query("%s", query)
		if err == nil && a.value() != "1" {
			c.world.broken(freshReads, "transaction %d, %s, is not seen on another node that waited for it: %s", c.now.number, committed.result.GTID, a)
		}
		return err
	})
}

func decimal(text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return -1
	}
	return f
}

// tolerate makes errors with the codes a refusal that is nothing special.
func tolerate(err error, codes ...uint16) error {
	if err != nil && slices.Contains(codes, codeOf(err)) {
		return errors.Join(errNothing, err)
	}
	return err
}
