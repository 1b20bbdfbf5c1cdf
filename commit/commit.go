package commit

import (
	"context"
	"errors"
	"time"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// Verdicts tells what the ledger decided; the applier implements it.
type Verdicts interface {
	// Decision waits until p is decided.
	Decision(ctx context.Context, p txn.Position) (ledger.Decision, error)
	// Outcome waits until settled is decided and finds a recent record of this node by its id.
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
	InlineMaxBytes int64 // log.inline_max_bytes
	Partitions     int   // 0: those of the genesis
}

// Result is a record that is in the log and decided.
type Result struct {
	ID       txn.ID
	Position txn.Position
	Decision ledger.Decision
}

// ErrFenced says that a later run of this node has begun, or that it was taken off the list.
var ErrFenced = errors.New("a later run of this node has opened; this process must end")

// NotCommittedError says that nothing of the transaction is in the log, nor ever will be.
type NotCommittedError struct{ Cause error }

// Error gives the cause.
func (e *NotCommittedError) Error() string { return "not committed: " + e.Cause.Error() }

// Unwrap gives the cause.
func (e *NotCommittedError) Unwrap() error { return e.Cause }

// UnknownError says that the log did not tell the outcome in time.
type UnknownError struct {
	ID    txn.ID
	Cause error
}

// Error names the id.
func (e *UnknownError) Error() string {
	return "outcome of " + e.ID.String() + " unknown: " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *UnknownError) Unwrap() error { return e.Cause }

// Origin sends.
type Origin struct{}

// Tx is a transaction.
type Tx struct{}

// New builds.
func New(o Options) *Origin { panic("not built yet") }

// Open opens.
func (o *Origin) Open(ctx context.Context) (txn.Epoch, error) { panic("not built yet") }

// Run lives.
func (o *Origin) Run(ctx context.Context) error { panic("not built yet") }

// Begin begins.
func (o *Origin) Begin(connection uint64, seen txn.Position) *Tx { panic("not built yet") }

// Control sends.
func (o *Origin) Control(ctx context.Context, body txn.Body) (Result, error) { panic("not built yet") }

// Barrier sends.
func (o *Origin) Barrier(ctx context.Context) (txn.Position, error) { panic("not built yet") }

// Outcome asks.
func (o *Origin) Outcome(ctx context.Context, id txn.ID) (committed, known bool, err error) {
	panic("not built yet")
}

// Write writes.
func (t *Tx) Write(table string, e *txn.RowEvent) error { panic("not built yet") }

// Flush flushes.
func (t *Tx) Flush() { panic("not built yet") }

// Void voids.
func (t *Tx) Void(r txn.OrdinalRange) { panic("not built yet") }

// Commit commits.
func (t *Tx) Commit(ctx context.Context, body *txn.Transaction) (Result, error) {
	panic("not built yet")
}

// CommitDDL commits.
func (t *Tx) CommitDDL(ctx context.Context, body *txn.DDL, d *txn.DDLBody) (Result, error) {
	panic("not built yet")
}

// Abandon abandons.
func (t *Tx) Abandon() { panic("not built yet") }
