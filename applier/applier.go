package applier

import (
	"context"

	"marmot/applier/ledger"
	"marmot/txn"
)

// Applier follows the log.
type Applier struct{}

func (a *Applier) Run(ctx context.Context) error   { panic("not built yet") }
func (a *Applier) Ready(ctx context.Context) error { panic("not built yet") }
func (a *Applier) Decision(ctx context.Context, p txn.Position) (ledger.Decision, error) {
	panic("not built yet")
}
func (a *Applier) Outcome(ctx context.Context, id txn.ID, settled txn.Position) (ledger.Decision, txn.Position, bool) {
	panic("not built yet")
}
func (a *Applier) Decided() txn.Position         { panic("not built yet") }
func (a *Applier) Applied() txn.Position         { panic("not built yet") }
func (a *Applier) Ask(f func(*ledger.Ledger))    { panic("not built yet") }
func (a *Applier) Changed() <-chan struct{}      { panic("not built yet") }
func (a *Applier) Feed(after txn.Position) *Feed { panic("not built yet") }

// Feed hands out committed records in order.
type Feed struct{}

// Committed is a committed transaction or DDL.
type Committed struct {
	Position    txn.Position
	TimeUS      int64
	Node        txn.NodeID
	Transaction *txn.Transaction
	DDL         *txn.DDL
	Body        *txn.DDLBody
}

func (f *Feed) Next(ctx context.Context) (*Committed, error) { panic("not built yet") }
func (f *Feed) Events(ctx context.Context, c *Committed, each func(*txn.RowEvent) error) error {
	panic("not built yet")
}
