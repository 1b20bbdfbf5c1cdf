package node

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// client is one connection.
type client struct {
	t    *testing.T
	conn *sql.Conn
}

func connect(t *testing.T, db *sql.DB) *client {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &client{t, conn}
}

func (c *client) run(statement string) error {
	_, err := c.conn.ExecContext(c.t.Context(), statement)
	return err
}

func (c *client) must(statements ...string) {
	c.t.Helper()
	for _, s := range statements {
		if err := c.run(s); err != nil {
			c.t.Fatalf("%.80s: %v", s, err)
		}
	}
}

// refused checks an error's code, and that it names the limit.
func refused(t *testing.T, what string, err error, code uint16, words ...string) {
	t.Helper()
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != code {
		t.Errorf("%s: %v, want error %d", what, err, code)
		return
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("%s: %q does not say %q", what, e.Message, w)
		}
	}
	t.Logf("%s: %v", what, err)
}

func wide(id, bytes int) string {
	return fmt.Sprintf("INSERT INTO d.t VALUES (%d, REPEAT('x', %d))", id, bytes)
}

// TestLimitsOfTransactionsAreReached runs into each limit of a node by a client's statements. What came before the refused
// statement is intact, and so is everybody else's.
func TestLimitsOfTransactionsAreReached(t *testing.T) {
	const perTransaction, budget = 900_000, 24 << 20
	serve(t, t.TempDir(), "", func(db *sql.DB) {
		a := connect(t, db)
		a.must("CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, s LONGTEXT)")
		count := func(want int) {
			t.Helper()
			if got := answers(t, db, "SELECT COUNT(*) FROM d.t"); got != fmt.Sprintf("%d\n", want) {
				t.Errorf("%s rows, want %d", strings.TrimSpace(got), want)
			}
		}

		a.must("BEGIN", wide(1, 10))
		refused(t, "a statement beyond txn.max_bytes", a.run(wide(2, 2<<20)), 1197, "'txn.max_bytes' (1048576)", "increase this configuration key")
		a.must(wide(3, 10))
		a.must(wide(4, 600_000))
		refused(t, "a transaction beyond txn.max_bytes", a.run(wide(5, 600_000)), 1197, "'txn.max_bytes' (1048576)")
		a.must("COMMIT")
		count(3)

		// Transactions fill the memory; then those that hold some are refused, and those that begin wait.
		waiting := make(chan error, 1)
		var open []*client
		var late *client
		for n := 0; ; n++ {
			c := connect(t, db)
			c.must("BEGIN")
			err := c.run(wide(100+n, perTransaction))
			if err == nil && n*perTransaction < 2*budget {
				open = append(open, c)
				continue
			}
			if err == nil {
				t.Fatalf("%d transactions of %d bytes fit into %d", n, perTransaction, budget)
			}
			refused(t, "a transaction that begins and waits in vain", err, 1197, "'txn.memory' (25165824 bytes)")
			late = c
			break
		}
		refused(t, "a transaction that grows while the memory is used up", open[0].run(wide(200, 10)), 1197, "'txn.memory' (25165824 bytes)", "commit or roll back")
		go func() { waiting <- late.run(wide(202, 10)) }()
		for _, c := range open {
			c.must("COMMIT")
		}
		if err := <-waiting; err != nil {
			t.Errorf("a transaction that waited for memory: %v", err)
		}
		late.must("COMMIT")
		count(3 + len(open) + 1)
		if len(open) < 3 {
			t.Errorf("only %d transactions fitted", len(open))
		}
		t.Logf("%d transactions of %d bytes filled %d", len(open), perTransaction, budget)
	}, "--txn.max_bytes", "1MiB", "--txn.memory", "24MiB")
}

// TestOldSnapshotsEndWithTheirError keeps a reader and a writer open for longer than txn.max_snapshot_age.
func TestOldSnapshotsEndWithTheirError(t *testing.T) {
	serve(t, t.TempDir(), "", func(db *sql.DB) {
		reader, writer, other := connect(t, db), connect(t, db), connect(t, db)
		other.must("CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, s LONGTEXT)", wide(1, 10))
		reader.must("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "BEGIN", "SELECT * FROM d.t")
		writer.must("BEGIN", wide(2, 10))
		ended := func(c *client, statement string) error {
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
				other.must("UPDATE d.t SET s = CONCAT(s, 'y') WHERE id = 1") // others go on meanwhile
				if err := c.run(statement); err != nil {
					return err
				}
			}
			return nil
		}
		refused(t, "a reader with an old snapshot", ended(reader, "SELECT * FROM d.t"), 1213, "txn.max_snapshot_age", "try restarting transaction")
		err := writer.run("COMMIT")
		if got := answers(t, db, "SELECT COUNT(*) FROM d.t WHERE id = 2"); (err == nil) != (got == "1\n") {
			t.Errorf("COMMIT of a writer that rested says %v, and there are %s rows", err, got)
		}
		reader.must("ROLLBACK", "BEGIN", "SELECT * FROM d.t", wide(3, 10), "COMMIT")
		if got := answers(t, db, "SELECT COUNT(*) FROM d.t WHERE id = 3"); got != "1\n" {
			t.Errorf("%s rows of the transaction after it", got)
		}
		t.Logf("COMMIT of a writer that rested: %v", err)
	}, "--txn.max_snapshot_age", "1s")
}
