package commit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"marmot/applier/ledger"
	"marmot/internal/stage"
	"marmot/log"
	"marmot/txn"
)

// Limits of an Origin.
const (
	maxQueuedOrders   = 4096             // order records that wait for their sequence
	maxOrdersInFlight = 1024             // order records without an answer of the log
	maxChunksInFlight = 64 << 20         // bytes of chunks without an answer of the log
	appendTimeout     = 10 * time.Second // of one append, unless the options say another
	settleTimeout     = 10 * time.Second // how long COMMIT waits for an unknown outcome to be settled
	settlePause       = 100 * time.Millisecond
	maxSettlePause    = 2 * time.Second
	maxUnsettled      = 16384 // records without an outcome; with so many no other is taken
	maxOutcomes       = 16384 // settled outcomes that are remembered for Outcome
)

// Verdicts tells what the ledger decided; the applier implements it.
type Verdicts interface {
	// Decision waits until p is decided.
	Decision(ctx context.Context, p txn.Position) (ledger.Decision, error)
	// Outcome waits until settled is decided and finds a recent record of this node by its id: the
	// one that counts, if the log holds it twice.
	Outcome(ctx context.Context, id txn.ID, settled txn.Position) (ledger.Decision, txn.Position, bool)
	// Decided returns the last position that is decided.
	Decided() txn.Position
}

// Options of an Origin.
type Options struct {
	Log            log.Log
	Genesis        log.Genesis
	Node           txn.NodeID
	DataUUID       txn.UUID
	Version        string // release of the binary
	Verdicts       Verdicts
	Now            func() time.Time
	InlineMaxBytes int64 // log.inline_max_bytes; 0: no transaction rides inside its order record
	Partitions     int   // changes streams; 0: those of the genesis
	// Rules is the highest version of the ledger's rules that this release supports; 0: txn.NewestRules.
	Rules uint32
	// AppendTimeout is how long the log may take for one append before its outcome is unknown; 0: 10 s.
	AppendTimeout time.Duration
	// Refuse tells why this node takes no transactions and DDLs for the time being, as when it could not apply
	// them; nil: it takes them. Control records are sent in any case.
	Refuse func() error
	Stages *stage.Recorder // of transactions and DDLs; may be nil
}

// Result is a record that is in the log and decided.
type Result struct {
	ID       txn.ID
	Position txn.Position
	Decision ledger.Decision
}

// Errors to be matched with errors.Is.
var (
	ErrFenced        = errors.New("a later run of this node has opened; this process must end")
	ErrStopped       = errors.New("the node is stopping")
	ErrTooManyEvents = errors.New("more than 16,777,216 row events in one transaction")
	ErrUnsettled     = errors.New("too many outcomes wait to be settled until the log can be reached")
	errNotOpen       = errors.New("the node's run is not open yet")
	errOvertaken     = errors.New("a later record of this node came before it")
	errEnded         = errors.New("the transaction has ended")
)

// NotCommittedError says that nothing of the transaction counts in the log, nor ever will.
type NotCommittedError struct{ Cause error }

// Error gives the cause.
func (e *NotCommittedError) Error() string { return "not committed: " + e.Cause.Error() }

// Unwrap gives the cause.
func (e *NotCommittedError) Unwrap() error { return e.Cause }

// UnknownError says that the outcome could not be told in time. The transaction may be in the
// log, or come into it; Outcome tells more later.
type UnknownError struct {
	ID    txn.ID
	Cause error
}

// Error names the id to ask about.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("outcome of %s unknown (ask marmot_outcome('%s')): %s", e.ID, e.ID, e.Cause)
}

// Unwrap gives the cause.
func (e *UnknownError) Unwrap() error { return e.Cause }

// Origin sends the transactions and control records of one run of the node. Its methods may be called by
// several goroutines.
type Origin struct {
	options Options
	epoch   atomic.Uint64
	branch  atomic.Uint64 // last branch number given
	last    atomic.Uint64 // last sequence given

	queue    chan *request
	inFlight chan struct{} // a slot for each order record without an answer
	chunks   *semaphore.Weighted
	settler  *settler
	barriers barriers

	fence    sync.Once
	fenced   chan struct{}   // closed when a later run has been seen
	life     context.Context //nolint:containedctx // waits for verdicts end with it, without a goroutine for each
	stop     context.CancelFunc
	stopped  <-chan struct{} // closed when Run has ended
	payloads sync.Pool       // of *[]byte, buffers of ended transactions
}

// New builds an Origin; Open and Run bring it to life.
func New(o Options) *Origin {
	if o.Partitions == 0 {
		o.Partitions = o.Genesis.Partitions
	}
	if o.Rules == 0 {
		o.Rules = txn.NewestRules
	}
	if o.AppendTimeout == 0 {
		o.AppendTimeout = appendTimeout
	}
	life, stop := context.WithCancel(context.Background())
	return &Origin{
		options:  o,
		life:     life,
		stop:     stop,
		queue:    make(chan *request, maxQueuedOrders),
		inFlight: make(chan struct{}, maxOrdersInFlight),
		chunks:   semaphore.NewWeighted(maxChunksInFlight),
		settler:  newSettler(),
		fenced:   make(chan struct{}),
		stopped:  life.Done(),
		payloads: sync.Pool{New: func() any { return new([]byte) }},
	}
}

// Open appends the opening record of this run and waits for its decision; from it on, earlier runs of the node are
// fenced. Its position is the epoch. The applier must be running.
func (o *Origin) Open(ctx context.Context) (txn.Epoch, error) {
	value, err := txn.EncodeRecord(&txn.Record{
		Header: o.header(0, 0),
		Body:   &txn.Opening{DataUUID: o.options.DataUUID, Version: o.options.Version, Rules: o.options.Rules},
	})
	if err != nil {
		return 0, fmt.Errorf("open a run: %w", err)
	}
	pause := settlePause
	for {
		attempt, cancel := context.WithTimeout(ctx, o.options.AppendTimeout)
		offset, err := log.AppendWait(attempt, o.options.Log, log.Order, value)
		cancel()
		if err == nil {
			return o.opened(ctx, o.options.Genesis.Position(offset))
		}
		// An opening that may be in the log is harmless: the next one fences it.
		if !errors.Is(err, log.ErrUnknown) && !errors.Is(err, log.ErrUnreachable) {
			return 0, fmt.Errorf("open a run: %w", err)
		}
		if wait(ctx, pause) != nil {
			return 0, fmt.Errorf("open a run: %w", err)
		}
		pause = min(2*pause, maxSettlePause)
	}
}

func (o *Origin) opened(ctx context.Context, p txn.Position) (txn.Epoch, error) {
	d, err := o.options.Verdicts.Decision(ctx, p)
	if err != nil {
		return 0, fmt.Errorf("open a run at %s: %w", p, err)
	}
	if d.Verdict != txn.Commit {
		return 0, fmt.Errorf("open a run at %s: refused: %s; is another data directory in use under node.id %q?", p, d, o.options.Node)
	}
	o.epoch.Store(uint64(d.Epoch)) // of the first copy, if the log holds it twice
	return d.Epoch, nil
}

// Run numbers and sends order records until ctx ends, and settles unknown outcomes. It returns ErrFenced when a later run
// of the node has opened: the process must end then.
func (o *Origin) Run(ctx context.Context) error {
	defer o.stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return o.send(ctx) })
	group.Go(func() error { return o.settle(ctx) })
	return group.Wait()
}

// Fence tells the Origin from outside that a later run of the node has been seen.
func (o *Origin) Fence() { o.fence.Do(func() { close(o.fenced) }) }

// Epoch returns the epoch of this run, 0 before Open.
func (o *Origin) Epoch() txn.Epoch { return txn.Epoch(o.epoch.Load()) }

// ended returns why nothing can be sent any more, or nil.
func (o *Origin) ended() error {
	select {
	case <-o.fenced:
		return ErrFenced
	default:
	}
	select {
	case <-o.stopped:
		return ErrStopped
	default:
	}
	return nil
}

// Control appends a control record and waits for its decision.
func (o *Origin) Control(ctx context.Context, body txn.Body) (Result, error) {
	return o.submit(ctx, body)
}

// Outcome tells whether the transaction was committed, if that is known here. It waits for outcomes of this run that are
// being settled. Those of other runs are known while the applier remembers them.
func (o *Origin) Outcome(ctx context.Context, id txn.ID) (committed, known bool, err error) {
	if id.Epoch == o.Epoch() && uint64(id.Sequence) > o.last.Load() {
		return false, false, fmt.Errorf("transaction %s: this run has not given that number yet", id)
	}
	if id.Epoch == o.Epoch() {
		outcome, found, err := o.settler.wait(ctx, id.Sequence, o.stopped)
		if err != nil {
			return false, false, nil
		}
		if found {
			return outcome.committed(), true, nil
		}
	}
	d, _, found := o.options.Verdicts.Outcome(ctx, id, o.options.Verdicts.Decided())
	return found && d.Verdict == txn.Commit, found, ctx.Err()
}

func (o *Origin) header(epoch txn.Epoch, sequence txn.Sequence) txn.Header {
	return txn.Header{
		Cluster:    o.options.Genesis.Cluster,
		Generation: o.options.Genesis.Generation,
		Node:       o.options.Node,
		Epoch:      epoch,
		Sequence:   sequence,
		TimeUS:     o.options.Now().UnixMicro(),
	}
}

// wait waits for d or the end of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
