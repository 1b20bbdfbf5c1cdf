package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/log"
	"marmot/log/memory"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// waitFor polls until the condition holds.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatal(what)
		}
	}
}

func TestKillEndsAWaitForALock(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	b := c.session(0, "d")
	a.exec("BEGIN; UPDATE t SET n = 1")
	answer := make(chan string, 1)
	go func() { answer <- b.run("UPDATE t SET n = 2") }()
	waitFor(t, "b does not wait", func() bool { return b.state() != "" })
	a.want(fmt.Sprintf("KILL QUERY %d", b.ConnectionID()), "ok")
	if got := <-answer; got != "ERROR 1317" {
		t.Errorf("the killed statement answers %s", got)
	}
	a.exec("COMMIT")
	b.want("UPDATE t SET n = 3", "ok 1")
	a.want("KILL 12345", "ERROR 1094")
}

func TestKillEndsARunningQuery(t *testing.T) {
	c := newCluster(t, 1, nil)
	a, b := c.session(0, ""), c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT); INSERT INTO t (n) VALUES (1), (2)")
	for range 9 {
		a.exec("INSERT INTO t (n) SELECT n FROM t")
	}
	answer := make(chan string, 1)
	go func() { answer <- b.run("SELECT SUM(a.n * b.n + c.n) FROM d.t a, d.t b, d.t c, d.t e") }()
	waitFor(t, "b does not run", func() bool {
		b.activity.Lock()
		defer b.activity.Unlock()
		return b.activity.command == "Query"
	})
	if err := a.Kill(t.Context(), b.ConnectionID(), false); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "ERROR 1317" {
		t.Errorf("the killed query answers %s", got)
	}
	b.exec("SET max_execution_time = 50")
	b.want("SELECT SUM(a.n * b.n + c.n) FROM d.t a, d.t b, d.t c, d.t e", "ERROR 3024")
}

func TestStatementsBeyondTxnMaxBytesFailAlone(t *testing.T) {
	c := newCluster(t, 1, func(o *Options) { o.TxnMaxBytes = 100_000 })
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, s LONGTEXT); BEGIN; INSERT INTO t VALUES (1, 'x')")
	a.want("INSERT INTO t VALUES (2, '"+strings.Repeat("y", 200_000)+"')", "ERROR 1197")
	a.want("INSERT INTO t VALUES (3, 'z')", "ok 1")
	a.want("COMMIT", "ok")
	a.want("SELECT id FROM t", "1\n3")
}

func TestTransactionsThatIdleTooLongAreRolledBack(t *testing.T) {
	var ahead atomic.Int64
	c := newCluster(t, 1, func(o *Options) {
		o.TxnMaxDuration = time.Hour
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	b := c.session(0, "d")
	a.exec("BEGIN; UPDATE t SET n = 1")
	ahead.Store(int64(2 * time.Hour))
	b.want("UPDATE t SET n = 2", "ok 1") // waits until a has lost its lock
	a.want("COMMIT", "ERROR 1213")
	a.want("SELECT n FROM t", "2")
}

// stuckWriter is a client that stops reading after the head of the result.
type stuckWriter struct {
	textAnswer
	reached chan struct{}
	release chan struct{}
	once    sync.Once
}

func (w *stuckWriter) Row(values []txn.Value) error {
	w.once.Do(func() { close(w.reached) })
	<-w.release
	return w.textAnswer.Row(values)
}

func TestAClientThatDoesNotReadHoldsNoSlot(t *testing.T) {
	c := newCluster(t, 1, func(o *Options) { o.Slots = 1 })
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(1000)); INSERT INTO t VALUES (1, '" + strings.Repeat("x", 900) + "')")
	for range 7 {
		a.exec("INSERT INTO t SELECT id + (SELECT MAX(id) FROM t), s FROM t")
	}
	b := c.session(0, "d")
	w := &stuckWriter{reached: make(chan struct{}), release: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- b.Execute(t.Context(), []byte("SELECT * FROM t"), w) }()
	<-w.reached
	a.want("SELECT id FROM t WHERE id = 1", "1")
	a.want("DELETE FROM t WHERE id = 2", "ok 1")
	close(w.release)
	if err := <-done; err != nil || w.rows != 128 {
		t.Errorf("%d rows, %v", w.rows, err)
	}
}

func TestTransactionsOfManyRowsAndTheirSavepoints(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT); INSERT INTO t (n) VALUES (1)")
	a.exec("BEGIN")
	for range 14 {
		a.exec("INSERT INTO t (n) SELECT n FROM t")
	}
	a.want("SELECT COUNT(*) FROM t", "16384")
	a.exec("SAVEPOINT s; UPDATE t SET n = 2")
	a.want("SELECT SUM(n) FROM t", "32768")
	a.exec("ROLLBACK TO s; DELETE FROM t WHERE id = 1; COMMIT")
	a.want("SELECT COUNT(*), SUM(n) FROM t", "16383 | 16383")
	c.sync()
	b := c.session(1, "d")
	b.want("SELECT COUNT(*), SUM(n) FROM t", "16383 | 16383")
}

func TestTheFirstAccountIsMadeOnce(t *testing.T) {
	c := newCluster(t, 2, nil)
	var made [2]string
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			password, err := c.nodes[i].engine.EnsureRoot(t.Context(), FirstRoot{})
			if err != nil {
				t.Error(err)
			}
			made[i] = password
		})
	}
	group.Wait()
	c.sync()
	password := made[0] + made[1]
	if made[0] != "" && made[1] != "" || len(password) < 20 {
		t.Fatalf("passwords %q", made)
	}
	for _, n := range c.nodes {
		account, ok := n.engine.Lookup("root", "10.0.0.1")
		if !ok {
			t.Fatal("root is not known")
		}
		if match, err := accounts.CheckPassword(account.Verifier, password); err != nil || !match {
			t.Errorf("password of root: %v, %v", match, err)
		}
		if _, ok := n.engine.Lookup("nobody", "10.0.0.1"); ok {
			t.Error("an unknown user has an account")
		}
	}
}

func TestAnInterruptedStatementIsNotCommitted(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errKilledQuery)
	err := a.Execute(ctx, []byte("INSERT INTO t VALUES (1)"), &textAnswer{})
	if err == nil || !errors.Is(err, errKilledQuery) {
		t.Errorf("a cancelled statement: %v", err)
	}
	a.want("SELECT * FROM t", "none")
}

func TestWhatTheLogRefusesIsToldAsNotCommitted(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	for _, stream := range []log.Stream{log.Order, 0} { // the order record, and a chunk
		c.nodes[0].log.SetFaults(func(x memory.Append) memory.Fault {
			if (x.Stream == log.Order) == (stream == log.Order) {
				return memory.Fault{Refuse: log.ErrUnreachable}
			}
			return memory.Fault{}
		})
		err := a.Execute(t.Context(), []byte("INSERT INTO t VALUES (1)"), &textAnswer{})
		if mysqlerr.Code(err) != 1180 || !strings.Contains(err.Error(), "not committed") {
			t.Errorf("insert: %v", err)
		}
		c.nodes[0].log.SetFaults(nil)
		a.want("SELECT * FROM t", "none")
	}
	a.want("INSERT INTO t VALUES (1)", "ok 1")
}

func TestALostAnswerIsSettled(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	for i, fault := range []memory.Fault{{LoseAck: true}, {Lose: true}} {
		first := true
		c.nodes[0].log.SetFaults(func(x memory.Append) memory.Fault {
			if x.Stream != log.Order || !first {
				return memory.Fault{}
			}
			first = false
			return fault
		})
		want := []string{"ok 1", "ERROR 1180"}[i]
		a.want(fmt.Sprintf("INSERT INTO t VALUES (%d)", i), want)
		c.nodes[0].log.SetFaults(nil)
	}
	a.want("SELECT * FROM t", "0")
}

func TestOutcomesAreToldByEveryNode(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	var order []uint64 // sequences of the order records handed to the log
	c.nodes[0].log.SetFaults(func(x memory.Append) memory.Fault {
		if r, err := txn.DecodeRecord(x.Value); x.Stream == log.Order && err == nil {
			order = append(order, uint64(r.Sequence))
			return memory.Fault{Lose: len(order) == 1}
		}
		return memory.Fault{}
	})
	a.want("INSERT INTO t VALUES (1)", "ERROR 1180")
	a.want("INSERT INTO t VALUES (2)", "ok 1")
	c.nodes[0].log.SetFaults(nil)
	c.sync()
	epoch := c.nodes[0].engine.options.Epoch
	lost, stored := order[0], order[len(order)-1]
	for _, s := range []*testSession{a, b} {
		s.want(fmt.Sprintf("SELECT marmot_outcome('%d-%d')", epoch, lost), "not committed")
		s.want(fmt.Sprintf("SELECT marmot_outcome('%d-%d')", epoch, stored), "committed")
		s.want(fmt.Sprintf("SELECT marmot_outcome('%d-%d')", epoch, stored+1000), "unknown")
		s.want("SELECT marmot_outcome('first')", "ERROR 1210")
		s.want("SELECT marmot_outcome(NULL)", "NULL")
	}
}

func TestNobodyWaitsForATransactionThatLostItsKey(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)")
	c.sync()
	b, other := c.session(0, "d"), c.session(1, "d")
	a.exec("BEGIN; UPDATE t SET n = 1")
	other.want("UPDATE t SET n = n + 10", "ok 1")
	b.want("UPDATE t SET n = n + 100", "ok 1") // a still holds the row, but can't commit
	a.want("SELECT 1", "1")
	a.want("COMMIT", "ERROR 1213")
	b.want("SELECT n FROM t", "110")
}

func TestDDLAndWritesGoTogether(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
	c.sync()
	var group sync.WaitGroup
	for worker := range 4 {
		s := c.session(worker%2, "d")
		group.Go(func() {
			for range 15 {
				s.want("INSERT INTO t (n) VALUES (1)", "ok 1")
			}
		})
	}
	for node := range 2 {
		s := c.session(node, "d")
		group.Go(func() {
			for i := range 3 {
				s.exec(fmt.Sprintf("CREATE TABLE x%d_%d (id INT PRIMARY KEY)", node, i))
				s.exec(fmt.Sprintf("CREATE INDEX i%d_%d ON t (n)", node, i))
				s.exec(fmt.Sprintf("DROP TABLE x%d_%d", node, i))
			}
		})
	}
	group.Wait()
	c.sync()
	for node := range 2 {
		s := c.session(node, "d")
		s.want("SELECT COUNT(*) FROM t", "60")
	}
}

func TestWrittenRowsAreReadByPosition(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	c.sync()
	b.exec("USE d")
	for i := range 20 {
		c.nodes[1].log.Cut(i%5 == 0)
		answer := &textAnswer{}
		if err := a.Execute(t.Context(), fmt.Appendf(nil, "INSERT INTO t VALUES (%d)", i), answer); err != nil {
			t.Fatal(err)
		}
		if answer.result.GTID == "" {
			t.Fatal("no GTID")
		}
		b.exec("SET marmot_wait_gtid = '" + answer.result.GTID + "'")
		if i%5 == 0 { // the row cannot be there yet
			time.AfterFunc(10*time.Millisecond, func() { c.nodes[1].log.Cut(false) })
		}
		b.want(fmt.Sprintf("SELECT id FROM t WHERE id = %d", i), fmt.Sprint(i))
	}
}

func TestPreparedStatementsRunAgainAfterDDL(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT)")
	insert, err := a.Prepare(t.Context(), []byte("INSERT INTO t VALUES (?, ?)"))
	if err != nil {
		t.Fatal(err)
	}
	if insert.Params() != 2 || insert.Columns() != nil {
		t.Errorf("%d parameters, columns %v", insert.Params(), insert.Columns())
	}
	for i := range int64(3) {
		if i == 2 {
			a.exec("CREATE INDEX i ON t (n)")
		}
		answer := &textAnswer{}
		if got := answer.text(insert.Execute(t.Context(), []txn.Value{txn.Int(i), txn.Int(10 * i)}, answer)); got != "ok 1" {
			t.Errorf("execute: %s", got)
		}
	}
	a.want("SELECT * FROM t", "0 | 0\n1 | 10\n2 | 20")
	if _, err := a.Prepare(t.Context(), []byte("SELECT 1; SELECT 2")); err == nil {
		t.Error("two statements are prepared as one")
	}
}

func TestLastInsertIDOfAnExpressionIsReported(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, k INT UNIQUE, n INT); INSERT INTO t (k, n) VALUES (7, 1); SELECT LAST_INSERT_ID(42)")
	for _, x := range []struct {
		sql  string
		want uint64
	}{
		{"INSERT INTO t (k, n) VALUES (7, 1) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), n = n + 1", 1},
		{"UPDATE t SET n = LAST_INSERT_ID(n + 500)", 502},
	} {
		answer := &textAnswer{}
		if err := a.Execute(t.Context(), []byte(x.sql), answer); err != nil || answer.result.InsertID != x.want {
			t.Errorf("%s: id %d, %v, want %d", x.sql, answer.result.InsertID, err, x.want)
		}
		a.want("SELECT LAST_INSERT_ID()", fmt.Sprint(x.want))
	}
	a.want("SELECT LAST_INSERT_ID(5), LAST_INSERT_ID()", "5 | 5")
}

// columnTypes keeps the types of a result set.
type columnTypes struct {
	textAnswer
	kinds []schemas.Kind
}

func (c *columnTypes) Columns(columns []dialect.ResultColumn) error {
	for i := range columns {
		c.kinds = append(c.kinds, columns[i].Type.Kind)
	}
	return nil
}

func TestUserVariablesHaveTheTypeOfTheirValue(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("SET @i = 5, @r = 1e0, @s = 'x'")
	for range 2 { // a plan made and a plan found
		answer := &columnTypes{}
		if err := a.Execute(t.Context(), []byte("SELECT @i, @r, @s, @none, @`o''``x`"), answer); err != nil {
			t.Fatal(err)
		}
		if want := []schemas.Kind{schemas.BigInt, schemas.Double, schemas.LongText, schemas.LongText, schemas.LongText}; !slices.Equal(answer.kinds, want) {
			t.Errorf("types %v, want %v", answer.kinds, want)
		}
	}
}

func TestAPanicOfThePlannerIsTheStatementsError(t *testing.T) {
	var logged bytes.Buffer
	c := newCluster(t, 1, func(o *Options) {
		o.Planner = new(dialect.Planner) // which no constructor made
		o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	})
	s := c.session(0, "")
	s.want("SELECT 1", "ERROR 1815")
	s.want("SELECT 1", "ERROR 1815")
	if !strings.Contains(logged.String(), "planner.go") {
		t.Errorf("the log does not say where: %s", &logged)
	}
}
