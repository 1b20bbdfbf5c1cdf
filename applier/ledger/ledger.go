package ledger

import "marmot/txn"

// Ledger is the state that decides.
type Ledger struct{ settings txn.Settings }

func New(settings txn.Settings) *Ledger                         { return &Ledger{settings: settings.WithDefaults()} }
func (l *Ledger) Decide(p txn.Position, r *txn.Record) Decision { panic("not built yet") }
func (l *Ledger) Position() txn.Position                        { panic("not built yet") }
func (l *Ledger) Hash() txn.Hash128                             { panic("not built yet") }
func (l *Ledger) Settings() txn.Settings                        { panic("not built yet") }
func (l *Ledger) WindowStart() txn.Position                     { panic("not built yet") }
func (l *Ledger) Conflict(q *txn.Transaction, epoch txn.Epoch) (Decision, bool) {
	panic("not built yet")
}
func (l *Ledger) TakenAfter(table txn.TableID, hash uint64, mode txn.Mode, after txn.Position) (txn.Position, bool) {
	panic("not built yet")
}
func (l *Ledger) WrittenAfter(table txn.TableID, after txn.Position) (txn.Position, bool) {
	panic("not built yet")
}
func (l *Ledger) Emitter(name string) (txn.Epoch, txn.NodeID)         { panic("not built yet") }
func (l *Ledger) EventOwner() (txn.Epoch, txn.NodeID)                 { panic("not built yet") }
func (l *Ledger) Epochs() []Run                                       { panic("not built yet") }
func (l *Ledger) Members() []txn.NodeID                               { panic("not built yet") }
func (l *Ledger) Fences() []Fence                                     { panic("not built yet") }
func (l *Ledger) LockOwner(name string) (Holder, bool)                { panic("not built yet") }
func (l *Ledger) TrimFloor() txn.Position                             { panic("not built yet") }
func (l *Ledger) AutoIncrement(table txn.TableID) uint64              { panic("not built yet") }
func (l *Ledger) Accounts() []txn.Account                             { panic("not built yet") }
func (l *Ledger) AppendDelta(dst []byte) []byte                       { panic("not built yet") }
func Restore(settings txn.Settings, deltas [][]byte) (*Ledger, error) { panic("not built yet") }

// Holder is who holds something: a session (owner) of a run (epoch).
type Holder struct {
	Epoch txn.Epoch
	Owner uint64
}

// Fence is a fence in force.
type Fence struct {
	Holder
	At        txn.Position
	Tables    []txn.TableID
	Databases []txn.DatabaseID
	Exclusive bool
}

// Run is one run of a node that no later one has fenced.
type Run struct {
	Epoch    txn.Epoch
	Node     txn.NodeID
	DataUUID txn.UUID
	Version  string
	Rules    uint32
	Sequence txn.Sequence // last seen
}
