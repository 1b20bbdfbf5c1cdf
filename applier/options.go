package applier

import (
	"errors"
	"log/slog"
	"time"

	"marmot/applier/ledger"
	"marmot/internal/stage"
	"marmot/log"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// Store is what the applier needs of the SQLite files; *store.Store is one.
type Store interface {
	LoadDecided() (last txn.Position, chain txn.ChainHash, deltas [][]byte, err error)
	SaveDecided(d store.Decided) error
	Aborted(from, to txn.Position) ([]txn.Position, error)
	Moot(p txn.Position) (bool, error)
	Meta(key string) ([]byte, bool, error)
	SetMeta(key string, value []byte) error
	// History holds the definitions of what was applied; which tables have a hidden row id follows from them.
	History() schemas.History

	Databases() []txn.DatabaseID
	FilePosition(db txn.DatabaseID) txn.Position
	Published(db txn.DatabaseID) txn.Position
	Apply(db txn.DatabaseID, batch []store.Applied) error
	ApplyTogether(batch map[txn.DatabaseID]store.Applied) error
	ApplyDatabase(p txn.Position, timeUS int64, c txn.DefinitionChange) error
	Advance(db txn.DatabaseID, p txn.Position)
	AdvanceAll(p txn.Position)
	// OnWait has f called with each position that somebody begins to wait for.
	OnWait(f func(p txn.Position))
}

var _ Store = (*store.Store)(nil)

// Options configures an Applier. Log, Genesis, Store and Node are required.
type Options struct {
	Log     log.Log // a *log.Chunks, shared with the origin, saves reading chunks back
	Genesis log.Genesis
	Store   Store
	Node    txn.NodeID
	Logger  *slog.Logger
	Events  Events
	// Checkpoint appends a checkpoint to the log; it is called when a span is full and it is this node's turn.
	// It may block. What it does not append is asked for again later. Nil: this node writes none.
	Checkpoint func(txn.Checkpoint)
	// Rules is the highest version of the ledger's rules that this release knows; 0: txn.NewestRules.
	Rules uint32
	// Gather is the shortest time between two reads of the log while nobody at this node waits for what follows;
	// 0: what is there is read at once.
	Gather time.Duration
	// After is the clock of pauses; time.After.
	After  func(time.Duration) <-chan time.Time
	Stages *stage.Recorder // of batches; may be nil
}

// Events tells observers what happens. Every function may be nil; they are called from the
// applier's goroutines and must not block.
type Events struct {
	// Decided is called for each record in order, by the deciding goroutine, before it is applied.
	Decided func(r *log.Read, d ledger.Decision)
	// Foreign is called instead for a record that is none of ours.
	Foreign func(p txn.Position)
	// Applied is called after a batch of a database is published up to last.
	Applied func(db txn.DatabaseID, last txn.Position, records int)
	// Quarantined is called when applying to a database stops, and with nil when it goes on.
	Quarantined func(db txn.DatabaseID, err error)
	// Stalled is called when applying stops because the disk is full, and with nil when it goes on.
	Stalled func(err error)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Rules == 0 {
		o.Rules = txn.NewestRules
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// ErrFenced ends Run when a later run of this node has opened: the process must end.
var ErrFenced = errors.New("a later run of this node has opened; is another process using this node.id?")

// Limits and pauses.
const (
	readBytes        = 1 << 20               // one read of the order stream
	maxQueued        = 4096                  // records that wait for one database
	maxBatchRecords  = 512                   // records in one SQLite transaction: bounds what the first of them waits
	maxBatchBytes    = 8 << 20               // of row events in one SQLite transaction
	maxUnsaved       = 16_384                // decided positions that system.db does not have yet, but for one read more
	maxRemembered    = 65_536                // decisions and outcomes that are kept; more than maxUnsaved and one read
	saveInterval     = 5 * time.Millisecond  // between two writes of system.db
	firstPause       = 50 * time.Millisecond // before something is tried again
	longestPause     = 2 * time.Second
	endLooks         = 6 // at an end of the log before what was read, over 1.5 s
	checkpointRounds = 8 // the turn to write a checkpoint passes on after gap/8 positions
)
