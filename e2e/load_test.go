package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	accounts   = 20
	startMoney = 1000
	counters   = 4
	listLength = 30 // operations for one list
)

// said is what a client was told of an operation.
type said int

const (
	saidCommitted said = iota
	saidRefused
	saidUnknown
)

// operation is one that a client has finished.
type operation struct {
	kind    string // transfer, person, counter, list, table, column, index
	name    string // unique
	target  int    // counter or list
	said    said
	code    uint16 // of MySQL's error, if that was the answer
	outcome string // for marmot_outcome(), when the node gave one
	node    int
	at      time.Time
}

// load is what runs on all nodes while faults happen, and what its clients were told.
type load struct {
	c             *cluster
	pause         time.Duration // of each client between two operations
	mu            sync.Mutex
	done          []operation
	emails, lists atomic.Int64
}

func newLoad(c *cluster) *load {
	c.exec(0, "", "CREATE DATABASE bank")
	c.exec(0, "bank",
		"CREATE TABLE account (id INT PRIMARY KEY, money BIGINT NOT NULL)",
		"CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT NOT NULL)",
		"CREATE TABLE transfer (name VARCHAR(40) PRIMARY KEY, source INT NOT NULL, target INT NOT NULL, money BIGINT NOT NULL)",
		"CREATE TABLE person (name VARCHAR(40) PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE)",
		"CREATE TABLE list (id INT PRIMARY KEY, items TEXT NOT NULL)")
	for i := range accounts {
		c.exec(0, "bank", fmt.Sprintf("INSERT INTO account VALUES (%d, %d)", i, startMoney))
	}
	for i := range counters {
		c.exec(0, "bank", fmt.Sprintf("INSERT INTO counter VALUES (%d, 0)", i))
	}
	c.settle()
	return &load{c: c}
}

// start runs the load on all nodes until it is stopped.
func (l *load) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for node := range l.c.MySQL {
		db := l.c.open(node, "bank")
		for worker, run := range []func(*sql.DB, *rand.Rand, *operation) error{l.transfer, l.person, l.counter, l.list, l.definition} {
			random := rand.New(rand.NewPCG(uint64(node), uint64(worker)))
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					op := operation{name: fmt.Sprintf("%d-%d-%d", node+1, worker, i), node: node}
					l.finish(op, func(op *operation) error { return run(db, random, op) })
					l.pass(l.pause)
				}
			})
		}
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// pass lets the load run on.
func (l *load) pass(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}

// errBeforeCommit marks a failure before COMMIT was sent, which cannot have committed anything.
var errBeforeCommit = errors.New("failed before commit")

var outcomeID = regexp.MustCompile(`marmot_outcome\('([^']+)'\)`)

// finish runs an operation and notes what became of it.
func (l *load) finish(op operation, run func(*operation) error) {
	err := run(&op)
	op.at = time.Now()
	var my *mysql.MySQLError
	var dial *net.OpError
	if errors.As(err, &my) {
		op.code = my.Number
	}
	switch {
	case err == nil:
		op.said = saidCommitted
	case errors.As(err, &my) && my.Number == 1180 && !errors.Is(err, errBeforeCommit):
		op.said = saidRefused
		if !strings.Contains(my.Message, "not committed") {
			op.said = saidUnknown
			if found := outcomeID.FindStringSubmatch(my.Message); found != nil {
				op.outcome = found[1]
			} else {
				l.c.t.Errorf("node %d: an unknown outcome without a name to ask for: %v", op.node+1, err)
			}
		}
	case errors.As(err, &my):
		op.said = saidRefused
		if !op.expected() {
			l.c.t.Errorf("node %d: %s %s: unexpected error: %v", op.node+1, op.kind, op.name, err)
		}
	case errors.Is(err, errBeforeCommit), errors.As(err, &dial) && dial.Op == "dial": // it never reached a node
		op.said = saidRefused
	default: // the connection broke: nobody said what became of it
		op.said = saidUnknown
	}
	l.mu.Lock()
	l.done = append(l.done, op)
	l.mu.Unlock()
	if err != nil && (my == nil || my.Number == 1180) {
		pause(err)
	}
}

// expected tells whether load and faults may bring the error: deadlock, lock wait, commit refused, shutdown, full disk; a
// login whose time ran out while its node was stopped; a duplicate email; a definition that a client of unknown outcome has made before.
func (op *operation) expected() bool {
	codes := []uint16{1213, 1205, 1180, 1053, 1021, 1159}
	switch op.kind {
	case "person":
		codes = append(codes, 1062)
	case "definition", "create", "drop":
		codes = append(codes, 1050, 1051, 1060, 1061, 1091)
	}
	return slices.Contains(codes, op.code)
}

func (l *load) transfer(db *sql.DB, random *rand.Rand, op *operation) error {
	op.kind = "transfer"
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
		{"INSERT INTO transfer (name, source, target, money) VALUES (?, ?, ?, ?)", []any{op.name, source, target, money}},
	}
	for _, s := range steps {
		if _, err := tx.Exec(s.text, s.args...); err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("%w: %w", errBeforeCommit, err)
		}
	}
	return tx.Commit()
}

// person inserts an email that another client is likely to want as well.
func (l *load) person(db *sql.DB, _ *rand.Rand, op *operation) error {
	op.kind = "person"
	_, err := db.Exec("INSERT INTO person (name, email) VALUES (?, ?)", op.name, fmt.Sprintf("%d@example.com", l.emails.Add(1)/2))
	return err
}

func (l *load) counter(db *sql.DB, random *rand.Rand, op *operation) error {
	op.kind, op.target = "counter", random.IntN(counters)
	_, err := db.Exec("UPDATE counter SET n = n + 1 WHERE id = ?", op.target)
	return err
}

// list appends to a list that clients of all nodes append to, and leaves it when it is long.
func (l *load) list(db *sql.DB, _ *rand.Rand, op *operation) error {
	op.kind, op.target = "list", int(l.lists.Add(1)/listLength)
	_, err := db.Exec("INSERT INTO list (id, items) VALUES (?, ?) ON DUPLICATE KEY UPDATE items = CONCAT(items, VALUES(items))", op.target, op.name+",")
	return err
}

// definition changes the tables that everybody writes, and makes tables of which it drops every other.
func (l *load) definition(db *sql.DB, random *rand.Rand, op *operation) error {
	time.Sleep(100 * time.Millisecond)
	var i int
	if _, err := fmt.Sscanf(op.name[strings.LastIndex(op.name, "-")+1:], "%d", &i); err != nil {
		return err
	}
	mine := fmt.Sprintf("by_%d", op.node+1)
	op.kind = "definition"
	var text string
	switch i % 6 {
	case 0:
		text = "ALTER TABLE person ADD COLUMN " + mine + " INT DEFAULT 7"
	case 1:
		text = "CREATE INDEX " + mine + " ON transfer (source, money)"
	case 2:
		op.kind, op.target = "create", i/6
		text = fmt.Sprintf("CREATE TABLE made_%d_%d (id INT PRIMARY KEY, text VARCHAR(20))", op.node+1, op.target)
	case 3:
		text = "ALTER TABLE person DROP COLUMN " + mine
	case 4:
		text = "DROP INDEX " + mine + " ON transfer"
	case 5:
		if i/6%2 == 0 {
			op.kind, op.target = "drop", i/6
			text = fmt.Sprintf("DROP TABLE made_%d_%d", op.node+1, op.target)
			break
		}
		text = fmt.Sprintf("INSERT INTO account VALUES (%d, 0) ON DUPLICATE KEY UPDATE money = money", random.IntN(accounts))
	}
	_, err := db.Exec(text)
	return err
}

// dropExtras drops the columns that the load has left: an ALTER emits no events of the rows that are there, so a replay
// would not have their defaults.
func (l *load) dropExtras() {
	l.c.t.Helper()
	for _, name := range column(l.c.t, l.c.shared(0), "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'bank' AND TABLE_NAME = 'person' AND COLUMN_NAME LIKE 'by%'") {
		l.c.exec(0, "bank", "ALTER TABLE person DROP COLUMN "+name)
	}
}

// acknowledged counts the writes that any node acknowledged between two times.
func (l *load) acknowledged(from, to time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, op := range l.done {
		if op.said == saidCommitted && op.at.After(from) && op.at.Before(to) {
			n++
		}
	}
	return n
}

// longestGap is the longest time without an acknowledged write of a node between two times, of which the second has passed.
func (l *load) longestGap(node int, from, to time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, longest := from, time.Duration(0)
	for _, op := range l.done { // in the order of time
		if op.node == node && op.said == saidCommitted && op.at.After(from) && op.at.Before(to) {
			longest = max(longest, op.at.Sub(last))
			last = op.at
		}
	}
	return max(longest, to.Sub(last))
}

// firstAfter is how long after a time a node acknowledged a write; an hour if it has not.
func (l *load) firstAfter(node int, from time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, op := range l.done {
		if op.node == node && op.said == saidCommitted && op.at.After(from) {
			return op.at.Sub(from)
		}
	}
	return time.Hour
}

// reads has every node answer reads for a while.
func (l *load) reads(length time.Duration) {
	l.c.t.Helper()
	end := time.Now().Add(length)
	n := 0
	for time.Now().Before(end) {
		for node := range l.c.MySQL {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			var count int
			err := l.c.shared(node).QueryRowContext(ctx, "SELECT COUNT(*) FROM account").Scan(&count)
			cancel()
			if err != nil || count != accounts {
				l.c.t.Errorf("node %d: a read without a log: %d accounts, %v", node+1, count, err)
			}
			n++
		}
		time.Sleep(200 * time.Millisecond)
	}
	l.c.t.Logf("%d reads were answered meanwhile", n)
}
