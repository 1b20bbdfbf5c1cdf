package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	accounts    = 20
	startMoney  = 1000
	counters    = 4
	faultLength = 30 * time.Second
)

// outcome counts what clients were told.
type outcome struct {
	committed, refused, unknown atomic.Int64
}

// TestTransfersSurviveTheLossOfANodeAndABroker runs transfers and n = n + 1 on all nodes
// while a node and a broker are killed. Money is neither made nor lost, each counter equals its
// acknowledgements (plus at most the commits whose outcome a client could not learn), the
// files of all nodes are equal, and the Debezium files rebuild them.
func TestTransfersSurviveTheLossOfANodeAndABroker(t *testing.T) {
	c := startCluster(t, 3, 3)
	c.exec(0, "", "CREATE DATABASE bank")
	c.exec(0, "bank",
		"CREATE TABLE account (id INT PRIMARY KEY, money BIGINT NOT NULL)",
		"CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT NOT NULL)",
		"CREATE TABLE transfer (id BIGINT AUTO_INCREMENT PRIMARY KEY, source INT NOT NULL, target INT NOT NULL, money BIGINT NOT NULL)")
	for i := range accounts {
		c.exec(0, "bank", fmt.Sprintf("INSERT INTO account VALUES (%d, %d)", i, startMoney))
	}
	for i := range counters {
		c.exec(0, "bank", fmt.Sprintf("INSERT INTO counter VALUES (%d, 0)", i))
	}
	c.settle()
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")

	ctx, cancel := context.WithTimeout(context.Background(), faultLength)
	defer cancel()
	var wg sync.WaitGroup
	var transfers outcome
	var counts [counters]outcome
	for node := range c.MySQL {
		db := c.open(node, "bank")
		for worker := range 4 {
			random := rand.New(rand.NewPCG(uint64(node), uint64(worker)))
			wg.Add(1)
			go func() {
				defer wg.Done()
				for ctx.Err() == nil {
					if worker < 2 {
						transfers.count(transfer(db, random), t)
					} else {
						i := random.IntN(counters)
						counts[i].count(increment(db, i), t)
					}
				}
			}()
		}
	}
	c.faults(ctx)
	wg.Wait()

	c.checkBank(&transfers, &counts)
	content := c.sameFiles("bank")
	c.sameAsEvents(connect, events, "bank", content)
	t.Logf("transfers: %d committed, %d refused, %d unknown", transfers.committed.Load(), transfers.refused.Load(), transfers.unknown.Load())
	for i := range counts {
		t.Logf("counter %d: %d committed, %d refused, %d unknown", i, counts[i].committed.Load(), counts[i].refused.Load(), counts[i].unknown.Load())
	}
}

// faults kills the node that emits events and broker 3 and brings both back, within the length of the test.
func (c *cluster) faults(ctx context.Context) {
	emitter := c.emitter()
	steps := []struct {
		after time.Duration
		verb  string
		arg   string
	}{{6 * time.Second, "kill-node", emitter}, {5 * time.Second, "start-node", emitter}, {4 * time.Second, "kill-broker", "3"}, {6 * time.Second, "start-broker", "3"}}
	for _, s := range steps {
		select {
		case <-ctx.Done():
			c.t.Errorf("time was up before %s", s.verb)
			return
		case <-time.After(s.after):
		}
		c.do(s.verb, s.arg)
	}
}

// emitter is the number of the node that emits events.
func (c *cluster) emitter() string {
	c.t.Helper()
	status, err := c.status(0)
	if err != nil {
		c.t.Fatal(err)
	}
	name, _ := status["emitter"].(string)
	number, ok := strings.CutPrefix(name, "node-")
	if !ok {
		c.t.Fatalf("no node emits events: %v", status)
	}
	return number
}

// checkBank compares the sums with what clients were told.
func (c *cluster) checkBank(transfers *outcome, counts *[counters]outcome) {
	c.t.Helper()
	c.settle()
	for node := range c.MySQL {
		db := c.open(node, "bank")
		var money, rows int64
		if err := db.QueryRow("SELECT SUM(money) FROM account").Scan(&money); err != nil {
			c.t.Fatal(err)
		}
		if money != accounts*startMoney {
			c.t.Errorf("node %d: the accounts hold %d, want %d", node+1, money, accounts*startMoney)
		}
		if err := db.QueryRow("SELECT COUNT(*) FROM transfer").Scan(&rows); err != nil {
			c.t.Fatal(err)
		}
		within(c.t, fmt.Sprintf("node %d: transfers", node+1), rows, transfers)
		for i := range counts {
			var n int64
			if err := db.QueryRow("SELECT n FROM counter WHERE id = ?", i).Scan(&n); err != nil {
				c.t.Fatal(err)
			}
			within(c.t, fmt.Sprintf("node %d: counter %d", node+1, i), n, &counts[i])
		}
	}
	if transfers.committed.Load() == 0 {
		c.t.Error("no transfer was committed")
	}
}

// within checks that n is the number of acknowledged commits, plus at most the unknown ones.
func within(t *testing.T, what string, n int64, o *outcome) {
	t.Helper()
	low, high := o.committed.Load(), o.committed.Load()+o.unknown.Load()
	if n < low || n > high {
		t.Errorf("%s: %d, but clients were told of %d commits (and %d of unknown outcome)", what, n, low, high-low)
	}
}

// count sorts the result of one operation.
func (o *outcome) count(err error, t *testing.T) {
	var my *mysql.MySQLError
	switch {
	case err == nil:
		o.committed.Add(1)
	case errors.Is(err, errBeforeCommit):
		o.refused.Add(1)
		pause(err)
	case errors.As(err, &my) && (my.Number == 1213 || my.Number == 1205):
		o.refused.Add(1)
	case errors.As(err, &my) && my.Number == 1180:
		if strings.Contains(my.Message, "not committed") {
			o.refused.Add(1)
		} else {
			o.unknown.Add(1)
		}
		pause(err)
	case errors.As(err, &my):
		t.Errorf("unexpected error of a node: %v", err)
		o.unknown.Add(1)
	default: // the connection broke: nobody said what became of it
		o.unknown.Add(1)
		pause(err)
	}
}

// pause keeps a client whose node is gone from spinning.
func pause(error) { time.Sleep(50 * time.Millisecond) }

// errBeforeCommit marks a failure before COMMIT was sent, which cannot have committed anything.
var errBeforeCommit = errors.New("failed before commit")

// transfer moves money between two accounts in one transaction.
func transfer(db *sql.DB, random *rand.Rand) error {
	source, target, money := random.IntN(accounts), random.IntN(accounts), 1+random.IntN(10)
	tx, err := db.Begin()
	if err != nil {
		return fmt.Errorf("%w: %w", errBeforeCommit, err)
	}
	steps := []struct {
		text string
		args []any
	}{
		{"UPDATE account SET money = money - ? WHERE id = ?", []any{money, source}},
		{"UPDATE account SET money = money + ? WHERE id = ?", []any{money, target}},
		{"INSERT INTO transfer (source, target, money) VALUES (?, ?, ?)", []any{source, target, money}},
	}
	for _, s := range steps {
		if _, err := tx.Exec(s.text, s.args...); err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("%w: %w", errBeforeCommit, err)
		}
	}
	return tx.Commit()
}

// increment adds one to a counter, autocommitted.
func increment(db *sql.DB, i int) error {
	_, err := db.Exec("UPDATE counter SET n = n + 1 WHERE id = ?", i)
	return err
}
