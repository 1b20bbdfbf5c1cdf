package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"marmot/dialect"
	"marmot/log"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"
)

// connection is one client's session on one node, for some transactions.
type connection struct {
	world   *world
	run     *run
	client  uint64
	random  *rand.Rand
	session *session.Session
	now     *attempt // the transaction under way
	late    bool     // what it has committed may not be applied on this node yet
}

// connect opens a session on the run. The caller keeps the node from being started anew meanwhile.
func (w *world) connect(r *run, client uint64, random *rand.Rand) (*connection, error) {
	s, err := r.engine.NewSession(session.ConnInfo{User: "root", Host: "localhost", Account: session.Account{User: "root", Host: "%"},
		MultiQuery: true, CollationID: 255})
	if err != nil {
		return nil, err
	}
	c := &connection{world: w, run: r, client: client, random: random, session: s}
	if _, err := c.query("SET innodb_lock_wait_timeout = 1, lock_wait_timeout = 1"); err != nil {
		s.Close()
		return nil, err
	}
	return c, nil
}

// answer is a ResultWriter that keeps rows as text.
type answer struct {
	rows   [][]string
	result session.Result
}

// null is how NULL reads in an answer.
const null = "NULL"

// Columns implements session.ResultWriter.
func (a *answer) Columns([]dialect.ResultColumn) error { a.rows = nil; return nil }

// Row implements session.ResultWriter.
func (a *answer) Row(values []txn.Value) error {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = plain(v)
	}
	a.rows = append(a.rows, row)
	return nil
}

// End implements session.ResultWriter.
func (a *answer) End(r session.Result) error { a.result = r; return nil }

// OK implements session.ResultWriter.
func (a *answer) OK(r session.Result) error { a.result = r; return nil }

// Rewind implements session.ResultWriter.
func (a *answer) Rewind() bool { a.rows = nil; return true }

// value is the only value of the answer.
func (a *answer) value() string {
	if len(a.rows) != 1 || len(a.rows[0]) != 1 {
		return fmt.Sprintf("%d rows", len(a.rows))
	}
	return a.rows[0][0]
}

// number is the only value of the answer; what is no number is -1.
func (a *answer) number() int64 {
	n, err := strconv.ParseInt(a.value(), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// String writes the rows, one a line.
func (a *answer) String() string {
	var b strings.Builder
	for _, row := range a.rows {
		b.WriteString(strings.Join(row, " | ") + "\n")
	}
	return b.String()
}

func plain(v txn.Value) string {
	switch v.Kind() {
	case txn.KindInteger:
		return strconv.FormatInt(v.Int64(), 10)
	case txn.KindReal:
		return strconv.FormatFloat(v.Float64(), 'g', -1, 64)
	case txn.KindText, txn.KindBlob:
		return string(v.Bytes())
	}
	return null
}

// statementError is an error of a statement, with its text.
type statementError struct {
	sql string
	err error
}

func (e *statementError) Error() string { return e.sql + ": " + e.err.Error() }
func (e *statementError) Unwrap() error { return e.err }

// query runs SQL in the session.
func (c *connection) query(format string, args ...any) (*answer, error) {
	sql := fmt.Sprintf(format, args...)
	a := &answer{}
	if err := c.session.Execute(c.run.ctx, []byte(sql), a); err != nil {
		return a, &statementError{sql, err}
	}
	return a, nil
}

// all runs statements one after another until one fails.
func (c *connection) all(statements ...string) error {
	for _, sql := range statements {
		if _, err := c.query("%s", sql); err != nil {
			return err
		}
	}
	return nil
}

// patiently runs statements one after another; on a busy machine the log may not answer in time, and what was not committed
// is tried again.
func (c *connection) patiently(statements ...string) error {
	for _, sql := range statements {
		if sql = strings.TrimSpace(sql); sql == "" {
			continue
		}
		_, err := c.query("%s", sql)
		for tries := 0; tries < 20 && err != nil && strings.Contains(err.Error(), "not committed:"); tries++ {
			_, err = c.query("%s", sql)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errAborted is the end of a transaction that its client does not want.
var errAborted = errors.New("rolled back by the client")

// isolations are what a transaction is begun with.
var isolations = []string{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}

func (c *connection) anyIsolation() string { return isolations[c.random.IntN(len(isolations))] }

// transaction runs body in an explicit transaction, with an entry in the journal, and commits. Now and then
// the client thinks better of it, or is gone.
func (c *connection) transaction(isolation string, body func() error) error {
	if err := c.all("SET TRANSACTION ISOLATION LEVEL "+isolation, "BEGIN"); err != nil {
		return err
	}
	err := body()
	if err == nil {
		_, err = c.query("INSERT INTO a.journal VALUES (%d, '%s', %d)", c.now.number, c.now.kind, c.now.key)
	}
	if err == nil && c.random.IntN(25) == 0 {
		err = errAborted
	}
	if err == nil {
		done, err := c.query("COMMIT")
		c.late = done.result.Warnings > 0
		return err
	}
	if c.random.IntN(10) == 0 {
		c.session.Close() // rolls back as well
		c.session = nil
		return err
	}
	if _, failed := c.query("ROLLBACK"); failed != nil && c.run.ctx.Err() == nil {
		return errors.Join(err, failed)
	}
	return err
}

// tolerated are the errors that any statement may end with while the log misbehaves: 1213 deadlock or conflict,
// 1205 lock wait timeout, 1180 the log, 1317 interrupted, 1053 shutdown.
var tolerated = []uint16{1213, 1205, 1180, 1317, 1053}

// expect fails the simulation for an error that nobody can explain. more are codes that this client expects.
func (c *connection) expect(err error, more ...uint16) {
	if err == nil || c.run.ctx.Err() != nil || errors.Is(err, errAborted) || errors.Is(err, errNothing) || errors.Is(err, log.ErrUnreachable) {
		return
	}
	code := mysqlerr.Code(err)
	if !slices.Contains(tolerated, code) && !slices.Contains(more, code) {
		c.world.broken(survival, "client %d, transaction %d (%s): error %d: %v", c.client, c.now.number, c.now.kind, code, err)
	}
}

// elsewhere runs f with a session on another node, if there is one that is up.
func (c *connection) elsewhere(f func(other *connection) error) error {
	n := c.world.nodes[c.random.IntN(len(c.world.nodes))]
	if !n.mu.TryRLock() {
		return nil // it is being killed
	}
	defer n.mu.RUnlock()
	r := n.run
	if r == nil || r == c.run || !r.isReady() {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, publishTimeout)
	defer cancel()
	bounded := *r
	bounded.ctx = ctx
	other, err := c.world.connect(&bounded, c.client, c.random)
	if err != nil {
		return nil // it is going down
	}
	defer other.session.Close()
	other.now = c.now
	if err := f(other); err != nil {
		other.expect(err)
	}
	return nil
}
