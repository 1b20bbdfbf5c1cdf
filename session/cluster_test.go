package session

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/dialect"
	"marmot/log"
	"marmot/log/memory"
	"marmot/mysqlerr"
	"marmot/store"
	"marmot/txn"
)

// testCluster is some nodes in this process over one log in memory.
type testCluster struct {
	t      testing.TB
	log    *memory.Log
	nodes  []*testNode
	events func(node int) applier.Events
}

// testNode is all of a node but its connections.
type testNode struct {
	log     *memory.Client
	store   *store.Store
	applier *applier.Applier
	origin  *commit.Origin
	engine  *Engine
}

// newCluster starts n nodes. configure, if not nil, changes the options of each engine.
func newCluster(t testing.TB, n int, configure func(*Options)) *testCluster {
	t.Helper()
	return newWatchedCluster(t, n, configure, func(int) applier.Events { return applier.Events{} })
}

// newWatchedCluster is newCluster; the applier of each node tells its events.
func newWatchedCluster(t testing.TB, n int, configure func(*Options), events func(node int) applier.Events) *testCluster {
	t.Helper()
	c := &testCluster{t: t, log: memory.New(memory.Options{Partitions: 4}), events: events}
	uuid, err := txn.NewUUID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	genesis, err := log.Init(t.Context(), c.log, log.Genesis{Cluster: uuid, Generation: 1, Partitions: 4}, "n0", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.TempDir() // its removal comes after what is cleaned up below: the nodes' files lie in it
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		group.Wait()
		for _, node := range c.nodes {
			if err := node.store.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range n {
		c.nodes = append(c.nodes, c.start(ctx, &group, genesis, i, configure))
	}
	return c
}

func (c *testCluster) start(ctx context.Context, group *sync.WaitGroup, genesis log.Genesis, i int, configure func(*Options)) *testNode {
	t := c.t
	t.Helper()
	id := txn.NodeID(fmt.Sprintf("n%d", i))
	logger := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	node := &testNode{log: c.log.Client(string(id))}
	var err error
	node.store, err = store.Open(store.Options{Dir: filepath.Join(t.TempDir(), string(id)), Set: dialect.Extensions(), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	if err := node.store.SetCluster(store.Cluster{UUID: genesis.Cluster, Name: "test", Generation: 1}); err != nil {
		t.Fatal(err)
	}
	var engine atomic.Pointer[Engine]
	events := c.events(i)
	told := events.Decided
	events.Decided = func(r *log.Read, d ledger.Decision) {
		if told != nil {
			told(r, d)
		}
		if e := engine.Load(); e != nil && d.Verdict == txn.Commit {
			e.Observe(r.Record)
		}
	}
	node.applier, err = applier.New(applier.Options{Log: node.log, Genesis: genesis, Store: node.store, Node: id, Logger: logger, Events: events})
	if err != nil {
		t.Fatal(err)
	}
	node.origin = commit.New(commit.Options{Log: node.log, Genesis: genesis, Node: id, DataUUID: node.store.DataUUID(), Version: "test", Verdicts: node.applier, Now: time.Now})
	run := func(name string, f func(context.Context) error) {
		group.Go(func() {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				t.Errorf("%s of %s: %v", name, id, err)
			}
		})
	}
	run("applier", node.applier.Run)
	run("store", node.store.Run)
	run("origin", node.origin.Run)
	epoch, err := node.origin.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	node.applier.Opened(epoch)
	o := Options{
		Planner: dialect.NewPlanner(dialect.Options{}), Store: node.store, Origin: node.origin, Applier: node.applier, Node: id, Epoch: epoch,
		Version: "8.4.0-marmot", Random: rand.Reader, Logger: logger, Slots: 2, PublishTimeout: time.Minute,
	}
	if configure != nil {
		configure(&o)
	}
	if node.engine, err = NewEngine(o); err != nil {
		t.Fatal(err)
	}
	engine.Store(node.engine)
	run("engine", node.engine.Run)
	if err := node.engine.ClaimNumber(ctx); err != nil {
		t.Fatal(err)
	}
	return node
}

// session opens a session on a node, which ends with the test.
func (c *testCluster) session(node int, database string) *testSession {
	c.t.Helper()
	s, err := c.nodes[node].engine.NewSession(ConnInfo{User: "root", Host: "localhost", Account: Account{User: "root", Host: "%"}, Database: database, MultiQuery: true, CollationID: 255})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(s.Close)
	return &testSession{t: c.t, Session: s}
}

// end is the number of records in the order stream.
func (c *testCluster) end() int64 {
	c.t.Helper()
	_, end, err := c.log.Bounds(c.t.Context(), log.Order)
	if err != nil {
		c.t.Fatal(err)
	}
	return end
}

// sync waits until all nodes have applied all that is in the log.
func (c *testCluster) sync() {
	c.t.Helper()
	end := c.end()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for i, n := range c.nodes {
		if err := n.store.WaitPublished(ctx, txn.Position(end)); err != nil {
			c.t.Fatalf("node %d did not reach %d: %v", i, end, err)
		}
	}
}

// testSession runs statements and writes their answers as text.
type testSession struct {
	t testing.TB
	*Session
}

// run executes SQL and returns the answer as a script shows it.
func (s *testSession) run(sql string) string {
	answer := &textAnswer{}
	err := s.Execute(s.t.Context(), []byte(sql), answer)
	return answer.text(err)
}

// exec executes SQL that must succeed.
func (s *testSession) exec(sql string) {
	s.t.Helper()
	if got := s.run(sql); strings.Contains(got, "ERROR") {
		s.t.Fatalf("%s: %s", sql, got)
	}
}

// want executes SQL and compares the answer.
func (s *testSession) want(sql, want string) {
	s.t.Helper()
	if got := s.run(sql); got != want {
		s.t.Errorf("%s:\n%s\nwant:\n%s", sql, got, want)
	}
}

// textAnswer is a ResultWriter that makes text.
type textAnswer struct {
	lines   []string
	rows    int
	columns []dialect.ResultColumn
	result  Result
}

func (a *textAnswer) Columns(columns []dialect.ResultColumn) error {
	a.rows, a.columns = 0, columns
	return nil
}

func (a *textAnswer) Row(values []txn.Value) error {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(plainBytes(v))
		if v.IsNull() {
			words[i] = "NULL"
		}
	}
	a.lines = append(a.lines, strings.Join(words, " | "))
	a.rows++
	return nil
}

func (a *textAnswer) End(r Result) error {
	if a.rows == 0 {
		a.lines = append(a.lines, "none")
	}
	a.result = r
	return nil
}

func (a *textAnswer) OK(r Result) error {
	line := "ok"
	if r.Affected > 0 {
		line += fmt.Sprintf(" %d", r.Affected)
	}
	if r.Warnings > 0 {
		line += fmt.Sprintf(" (%d warnings)", r.Warnings)
	}
	a.lines = append(a.lines, line)
	a.result = r
	return nil
}

func (a *textAnswer) Rewind() bool { return true }

func (a *textAnswer) text(err error) string {
	if err != nil {
		code := mysqlerr.Code(err)
		if code == 0 {
			a.lines = append(a.lines, "ERROR "+err.Error())
		} else {
			a.lines = append(a.lines, fmt.Sprintf("ERROR %d", code))
		}
	}
	return strings.Join(a.lines, "\n")
}
