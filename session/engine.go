package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/dialect"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/store"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Planner turns a statement's text into a plan under a context; *dialect.Planner is one.
type Planner interface {
	Plan(c *dialect.Context, sql []byte) (dialect.Bound, error)
	// Prepare plans a statement that may hold ? parameters.
	Prepare(c *dialect.Context, sql []byte) (*dialect.Bound, error)
}

// Committer sends to the log; *commit.Origin is one.
type Committer interface {
	Begin(connection uint64, seen txn.Position) *commit.Tx
	Control(ctx context.Context, body txn.Body) (commit.Result, error)
	Barrier(ctx context.Context) (txn.Position, error)
	Outcome(ctx context.Context, id txn.ID) (committed, known bool, err error)
}

// Applier answers what the ledger knows; *applier.Applier is one.
type Applier interface {
	// Ask runs f under the ledger's read lock; f keeps nothing of it.
	Ask(f func(*ledger.Ledger))
	// Decided is the last position decided.
	Decided() txn.Position
	// Decision waits until p is decided.
	Decision(ctx context.Context, p txn.Position) (ledger.Decision, error)
	// Recorded looks in the log for what became of a transaction of any run.
	Recorded(ctx context.Context, id txn.ID) (committed, known bool, err error)
	// Changed is closed at the next decision.
	Changed() <-chan struct{}
}

// Options configures an Engine. Planner, Store, Origin, Applier, Epoch and Random are required; zero values
// of the rest mean the defaults named there.
type Options struct {
	Planner Planner
	Store   *store.Store
	Origin  Committer
	Applier Applier
	Node    txn.NodeID
	Epoch   txn.Epoch // of this run, as Origin.Open gave it
	Version string    // @@version
	Random  io.Reader
	Now     func() time.Time // time.Now
	Logger  *slog.Logger     // slog.Default()
	Stages  *stage.Recorder  // of statements; may be nil

	TxnMaxBytes    int64         // row events of one transaction; 64 MiB
	MemoryBytes    int64         // of all transactions together; 2 GiB
	TemporaryBytes int64         // of one session's temporary tables; 1 GiB
	TxnMaxDuration time.Duration // an explicit transaction is rolled back after it; 0: never
	PublishTimeout time.Duration // OK with a warning when a commit is not applied here by then; 10 s
	MaxConnections int           // sessions at a time; 1000. The connections' own limit is the variable max_connections
	Slots          int           // statements that run in SQLite at once; GOMAXPROCS-1, at least 1
	RowsQuery      bool          // statements' texts travel with their row events (log.rows_query)
	// Variables are global system variables that differ from their defaults (port, datadir, …).
	Variables map[string]string
	// Binlog is what replicas read; nil: none can attach.
	Binlog BinlogSource
	// Status lists what SHOW STATUS tells of parts that the engine does not know; may be nil.
	Status func() []dialect.NameValue
	// Emitters are those of events; nil: none.
	Emitters Emitters
}

// Limits of an Engine.
const (
	defaultTxnMaxBytes    = 64 << 20
	defaultMemoryBytes    = 2 << 30
	defaultTemporaryBytes = 1 << 30
	defaultPublishTimeout = 10 * time.Second
	defaultMaxConnections = 1000
	doomPeriod            = 250 * time.Millisecond // how often long transactions are looked for
)

// Engine is the sessions of one node.
type Engine struct {
	options Options
	slots   *slots
	memory  memoryBudget
	locks   *lockTable
	leases  *leases
	rules   ruleCache
	globals *globals
	// directory is the accounts.
	directory *directory
	logins    loginGate
	usages    usages
	kills     kills
	replicas  replicas
	private   privateIDs
	branches  branches
	rowCounts
	started time.Time
	counts  counters
	// background is the context of waits that outlive their statement; Run ends it.
	background context.Context //nolint:containedctx // lives as long as the engine
	stop       context.CancelFunc
	stragglers sync.WaitGroup

	mu       sync.Mutex
	sessions map[uint64]*Session
	nextID   uint32 // without the number
	number   uint32 // of this node among those that give ids
}

// counters are what SHOW STATUS tells.
type counters struct {
	connections, questions, reads, writes, ddls atomic.Uint64
	commits, rollbacks, conflicts, retries      atomic.Uint64
	fencedRetries, moves, lockWaits, deadlocks  atomic.Uint64
	unknownOutcomes, notCommitted, unpublished  atomic.Uint64
}

// NewEngine builds the engine of a node whose run has been opened and whose files are ready.
func NewEngine(o Options) (*Engine, error) {
	switch {
	case o.Planner == nil, o.Store == nil, o.Origin == nil, o.Applier == nil, o.Random == nil:
		return nil, errors.New("session engine: planner, store, origin, applier and random are required")
	case o.Epoch == 0:
		return nil, errors.New("session engine: the epoch of this run is required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.TxnMaxBytes <= 0 {
		o.TxnMaxBytes = defaultTxnMaxBytes
	}
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = defaultMemoryBytes
	}
	if o.TemporaryBytes <= 0 {
		o.TemporaryBytes = defaultTemporaryBytes
	}
	if o.PublishTimeout <= 0 {
		o.PublishTimeout = defaultPublishTimeout
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.Slots <= 0 {
		o.Slots = max(1, runtime.GOMAXPROCS(0)-1)
	}
	e := &Engine{
		options:  o,
		slots:    newSlots(o.Slots),
		locks:    newLockTable(),
		started:  o.Now(),
		sessions: map[uint64]*Session{},
		kills:    kills{waiting: map[uint64]chan uint32{}, answers: make(chan struct{}, maxKillAnswers)},
	}
	e.memory.limit = o.MemoryBytes
	e.leases = newLeases(o.Origin, o.Now)
	e.background, e.stop = context.WithCancel(context.Background())
	g, err := newGlobals(e)
	if err != nil {
		return nil, err
	}
	e.globals = g
	e.directory = newDirectory(e)
	return e, nil
}

// Run ends transactions that cannot or must not commit any more, until ctx ends; then it ends
// what still waits in the background.
func (e *Engine) Run(ctx context.Context) error {
	defer func() {
		e.stop()
		e.stragglers.Wait()
	}()
	var events sync.WaitGroup
	defer events.Wait()
	events.Go(func() { e.runEvents(ctx) })
	ticker := time.NewTicker(doomPeriod)
	defer ticker.Stop()
	var held []contention
	for {
		changed := e.options.Applier.Changed()
		held = e.doomLost(held[:0])
		e.directory.refresh()
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-ticker.C:
			e.expire()
		}
	}
}

// doomLost takes the locks of transactions whose keys a commit of another node has taken, so that
// nobody waits for them.
func (e *Engine) doomLost(held []contention) []contention {
	held = e.locks.contended(held)
	if len(held) == 0 {
		return held
	}
	var lost []*lockOwner
	e.options.Applier.Ask(func(l *ledger.Ledger) {
		for i := range held {
			if takenFromUnder(l, &held[i]) {
				lost = append(lost, held[i].owner)
			}
		}
	})
	for _, o := range lost {
		e.locks.doom(o)
	}
	return held
}

func takenFromUnder(l *ledger.Ledger, c *contention) bool {
	if c.whole {
		return false
	}
	mode := txn.Reference
	if c.mode&lockExclusive != 0 {
		mode = txn.Exclusive
	}
	_, taken := l.TakenAfter(c.table, c.hash, mode, c.readAt)
	return taken
}

// expire rolls back transactions that have been open for too long.
func (e *Engine) expire() {
	if e.options.TxnMaxDuration <= 0 {
		return
	}
	limit := e.options.Now().Add(-e.options.TxnMaxDuration)
	for _, s := range e.list() {
		s.expire(limit)
	}
}

// list returns the sessions there are.
func (e *Engine) list() []*Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]*Session, 0, len(e.sessions))
	for _, s := range e.sessions {
		list = append(list, s)
	}
	return list
}

// Sessions returns the number of sessions.
func (e *Engine) Sessions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.sessions)
}

// NewSession opens a session. Errors: 1040 when there are too many, 1049 when the database
// asked for does not exist.
func (e *Engine) NewSession(info ConnInfo) (*Session, error) {
	s := newSession(e, info)
	s.setUpRights()
	if info.Database != "" {
		if err := s.useAtLogin(info.Database); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.sessions) >= e.options.MaxConnections {
		return nil, mysqlerr.New(mysql.ER_CON_COUNT_ERROR)
	}
	if err := e.refuseMany(info.Account); err != nil {
		return nil, err
	}
	if err := e.usages.connect(info.Account, e.options.Now()); err != nil {
		return nil, err
	}
	if s.info.ID == 0 {
		s.info.ID = uint64(e.newID())
	} else if e.sessions[s.info.ID] != nil {
		return nil, fmt.Errorf("session %d: the id is in use", s.info.ID)
	}
	e.sessions[s.info.ID] = s
	e.counts.connections.Add(1)
	return s, nil
}

func (e *Engine) forget(s *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s.info.ID)
	e.replicas.forget(s)
}

// ask puts a question to the ledger.
func (e *Engine) ask(f func(*ledger.Ledger)) { e.options.Applier.Ask(f) }

// whenPublished runs f once p is published in the databases, or the engine ends.
func (e *Engine) whenPublished(p txn.Position, databases []txn.DatabaseID, f func()) {
	e.stragglers.Go(func() {
		_ = e.options.Store.WaitPublished(e.background, p, databases...) // it ends with the engine, and f is due then too
		f()
	})
}
