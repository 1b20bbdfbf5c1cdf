package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/log"
	"marmot/log/memory"
	"marmot/schemas"
	"marmot/txn"
)

const (
	nodes      = 3
	partitions = 3
	accounts   = 6   // in each of two databases
	opening    = 100 // balance of each
	counters   = 3
	tags       = 12 // values that are to be unique

	// publishTimeout is how long a client waits for what is committed: a killed process applies nothing.
	publishTimeout = time.Second
)

// world is one simulated cluster.
type world struct {
	t         *testing.T
	seed      uint64
	log       *memory.Log
	genesis   log.Genesis
	nodes     []*node
	inline    int64
	clock     atomic.Int64
	random    io.Reader // of the nodes
	logger    *slog.Logger
	attempts  *attempts // of clients that speak SQL
	shop      shop
	states    states
	results   results
	workloads []workload // of clients that speak SQL
	inside    inside
	kills     atomic.Int64
	emission  *emission // in worlds that speak SQL
	trims     trims
	checks    int // of checkSQL so far
	happened  happened
	ranked    map[string]string // what searches gave at a check
}

// epoch is when the simulation begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// happened counts troubles, so that a seed in which nothing goes wrong is seen.
type happened struct {
	sync.Mutex
	count map[string]int
}

// shop is what the clients work on: database a holds accounts, counters and a journal of all that was
// tried, b holds accounts and tags.
type shop struct {
	a, b                         txn.DatabaseID
	accountsA, counters, journal txn.TableID
	accountsB, tags              txn.TableID
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	w := &world{t: t, seed: seed, log: memory.New(memory.Options{Partitions: partitions, Seed: seed}), random: newChaos(seed), logger: slog.New(slog.DiscardHandler)}
	if *logs {
		w.logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if random.IntN(2) == 0 {
		w.inline = 4096
	}
	settings := txn.Settings{WindowRecords: []uint64{150, 2000}[random.IntN(2)], CheckpointGap: 32}
	g, err := log.Init(t.Context(), w.log, log.Genesis{Cluster: txn.UUID{1, byte(seed)}, Settings: settings}, "n0", 1, "simulation")
	if err != nil {
		t.Fatal(err)
	}
	w.genesis = g
	w.states.positions = map[txn.Position]state{}
	w.results.init()
	w.happened.count = map[string]int{}
	w.ranked = map[string]string{}
	w.clock.Store(epoch.UnixMicro())
	dir := t.TempDir()
	for i := range nodes {
		id := txn.NodeID(fmt.Sprintf("n%d", i))
		w.nodes = append(w.nodes, &node{world: w, id: id, rules: oldRules, client: w.log.Client(string(id)), dir: filepath.Join(dir, string(id)+"-0")})
	}
	for _, n := range w.nodes {
		if err := n.start(); err != nil {
			w.fatal("start %s: %v", n.id, err)
		}
	}
	return w
}

// chaos is a seeded source of bytes that several goroutines may read.
type chaos struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func newChaos(seed uint64) *chaos {
	return &chaos{source: rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)})}
}

// Read implements io.Reader.
func (c *chaos) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source.Read(p)
}

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Add(7)) }

// state is what all nodes must agree on at one position.
type state struct {
	hash     txn.Hash128
	decision ledger.Decision
	node     txn.NodeID
}

// states collects what each node says at each position.
type states struct {
	mu        sync.Mutex
	positions map[txn.Position]state
	broken    error
}

// note checks "two nodes at the same position have the same ledger state".
func (s *states) note(n *node, r *run, read *log.Read, d ledger.Decision) {
	here := state{decision: d, node: n.id}
	r.applier.Ask(func(l *ledger.Ledger) { here.hash = l.Hash() })
	s.mu.Lock()
	defer s.mu.Unlock()
	there, known := s.positions[read.Position]
	switch {
	case !known:
		s.positions[read.Position] = here
	case s.broken == nil && (there.hash != here.hash || there.decision != here.decision):
		s.broken = fmt.Errorf("at %s node %s has ledger %s and says %s, node %s has %s and says %s", read.Position,
			there.node, there.hash, there.decision, here.node, here.hash, here.decision)
	}
}

// eventually repeats f over the nodes until one of them does it.
func (w *world) eventually(what string, f func(r *run) error) {
	w.t.Helper()
	var last error
	for i := range 200 {
		n := w.nodes[i%len(w.nodes)]
		if last = n.use(f); last == nil {
			return
		}
		if errors.Is(last, errDown) {
			time.Sleep(5 * time.Millisecond) // it is starting
		}
	}
	w.fatal("%s: %v", what, last)
}

// build makes databases and tables, through the log as everything.
func (w *world) build() {
	w.shop.a = txn.DatabaseID(w.ddl(nil, createDatabase(w.t, "a"), txn.TableUse{}, schemas.NameKey("a")))
	w.shop.b = txn.DatabaseID(w.ddl(nil, createDatabase(w.t, "b"), txn.TableUse{}, schemas.NameKey("b")))
	w.shop.accountsA = w.table(w.shop.a, "a", define("account", "id", "balance"))
	w.shop.counters = w.table(w.shop.a, "a", define("counter", "id", "n"))
	w.shop.journal = w.table(w.shop.a, "a", define("journal", "id", "kind"))
	w.shop.accountsB = w.table(w.shop.b, "b", define("account", "id", "balance"))
	tag := define("tag", "id", "value")
	tag.Indexes = []schemas.Index{{Name: "value", Unique: true, Parts: []schemas.IndexPart{{Column: 1}}}}
	tag.Settle(func(string) bool { return false })
	w.shop.tags = w.table(w.shop.b, "b", tag)
	w.eventually("opening balances", func(r *run) error {
		s, err := begin(w, r)
		if err != nil {
			return err
		}
		defer s.close()
		for i := range int64(accounts) {
			s.insert(w.shop.accountsA, txn.Int(i), txn.Int(opening))
			s.insert(w.shop.accountsB, txn.Int(i), txn.Int(opening))
		}
		for i := range int64(counters) {
			s.insert(w.shop.counters, txn.Int(i), txn.Int(0))
		}
		return s.commit()
	})
}

func (w *world) table(db txn.DatabaseID, database string, t *schemas.Table) txn.TableID {
	definition, err := schemas.EncodeTable(t)
	if err != nil {
		w.fatal("%v", err)
	}
	change := txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Insert, DBID: db, Database: database, Name: t.Name,
		Definition: definition, SQLite: t.CreateSQLite()}
	return txn.TableID(w.ddl([]txn.DatabaseID{db}, change, txn.TableUse{Table: txn.TableID(db), Database: db}, schemas.NameKey(t.Name)))
}

// ddl appends a DDL that takes a name.
func (w *world) ddl(databases []txn.DatabaseID, change txn.DefinitionChange, use txn.TableUse, name uint64) txn.Position {
	w.t.Helper()
	var p txn.Position
	w.eventually("DDL "+change.Name, func(r *run) error {
		ctx, cancel := context.WithTimeout(r.ctx, time.Minute)
		defer cancel()
		at := r.applier.Applied()
		body := &txn.DDL{}
		body.Tables = []txn.TableUse{use}
		body.Keys = []txn.Key{{Table: use.Table, Hash: name, Mode: txn.Exclusive, At: at}}
		result, err := r.origin.Begin(1, at).CommitDDL(ctx, body, &txn.DDLBody{Text: change.Name, Changes: []txn.DefinitionChange{change}})
		if err != nil {
			return err
		}
		if result.Decision.Verdict != txn.Commit {
			return errConflict
		}
		p = result.Position
		return r.store.WaitPublished(ctx, p, databases...)
	})
	return p
}

var errConflict = errors.New("conflict")

func createDatabase(t *testing.T, name string) txn.DefinitionChange {
	t.Helper()
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: name, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"})
	if err != nil {
		t.Fatal(err)
	}
	return txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: name, Name: name, Definition: definition}
}

// define makes a table of BIGINT columns, the first of which is the primary key.
func define(name string, columns ...string) *schemas.Table {
	t := &schemas.Table{Name: name, AutoIncrement: -1}
	for _, c := range columns {
		t.Columns = append(t.Columns, schemas.Column{Name: c, Type: schemas.Type{Kind: schemas.BigInt}})
	}
	t.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
	t.Settle(func(string) bool { return false })
	return t
}

// results is what the clients were told, by the number of what they tried.
type results struct {
	mu      sync.Mutex
	next    int64
	outcome map[int64]outcome
	counts  map[outcome]int
	causes  map[string]int // of what was not acknowledged
}

type outcome string

const (
	acknowledged outcome = "acknowledged"
	refused      outcome = "refused"
	unknown      outcome = "unknown"
)

func (r *results) init() {
	r.outcome = map[int64]outcome{}
	r.counts = map[outcome]int{}
	r.causes = map[string]int{}
}

func (r *results) number() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	return r.next
}

// note keeps what a client was told about attempt n.
func (r *results) note(n int64, err error) {
	o := unknown
	var not *commit.NotCommittedError
	switch {
	case err == nil:
		o = acknowledged
	case errors.As(err, &not), errors.Is(err, errConflict), errors.Is(err, errDown), errors.Is(err, errNothing):
		o = refused
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcome[n] = o
	r.counts[o]++
	if err != nil {
		cause := err
		for errors.Unwrap(cause) != nil {
			cause = errors.Unwrap(cause)
		}
		r.causes[cause.Error()]++
	}
}
