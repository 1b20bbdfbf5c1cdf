package applier

import (
	"context"
	"fmt"

	"marmot/log"
	"marmot/txn"
)

// Committed is a committed transaction or DDL, or a signal to emitters.
type Committed struct {
	Position    txn.Position
	TimeUS      int64 // origin's clock at the commit, µs since 1970
	Node        txn.NodeID
	Transaction *txn.Transaction // nil for a DDL
	DDL         *txn.DDL
	Body        *txn.DDLBody        // what the DDL does
	Signal      *txn.EmissionSignal // neither Transaction nor DDL then
	Accounts    *txn.AccountStatement
}

// Feed hands out committed records in the order of the log, those that changed rows or
// definitions. It has a reader of its own and serves one goroutine.
type Feed struct {
	applier  *Applier
	reader   *log.Reader
	verdicts verdicts
	reads    []log.Read
}

// Feed returns a Feed of what follows after. The aborted positions from there on must still be known to the store.
func (a *Applier) Feed(after txn.Position) *Feed {
	return &Feed{
		applier:  a,
		reader:   log.NewReader(a.o.Log, a.o.Genesis, a.cursorAt(after)),
		verdicts: verdicts{store: a.o.Store},
	}
}

// Next waits for the next committed record that this node has decided. After a run of records that
// changed nothing it returns a Committed with neither Transaction nor DDL for the last of them, which tells how
// far the feed is. A Next that ends with its ctx has passed over nothing. Run must be running.
func (f *Feed) Next(ctx context.Context) (*Committed, error) {
	for {
		r, err := f.peek(ctx)
		if err != nil {
			return nil, err
		}
		c, err := f.committed(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("feed at %s: %w", r.Position, err)
		}
		f.reads = f.reads[1:]
		if c == nil && len(f.reads) == 0 {
			c = &Committed{Position: r.Position}
			if r.Record != nil {
				c.TimeUS = r.Record.TimeUS
			}
		}
		if c != nil {
			return c, nil
		}
	}
}

// peek returns the next record of the log, which stays the next.
func (f *Feed) peek(ctx context.Context) (*log.Read, error) {
	if len(f.reads) == 0 {
		reads, err := f.applier.next(ctx, f.reader, false)
		if err != nil {
			return nil, fmt.Errorf("feed: %w", err)
		}
		f.reads = reads
	}
	return &f.reads[0], nil
}

// committed returns nil for a record that was refused, voided by hand, or changed nothing.
func (f *Feed) committed(ctx context.Context, r *log.Read) (*Committed, error) {
	if r.Record == nil {
		return nil, nil
	}
	switch r.Record.Body.(type) {
	case *txn.Transaction, *txn.DDL, *txn.EmissionSignal:
	default:
		if stated(r) == nil {
			return nil, nil
		}
	}
	a := f.applier
	refused, err := f.refused(ctx, r)
	if err != nil || refused || a.resolved(r.Position) {
		return nil, err
	}
	c := &Committed{Position: r.Position, TimeUS: r.Record.TimeUS, Node: r.Record.Node}
	switch b := r.Record.Body.(type) {
	case *txn.Transaction:
		if b.Events == 0 {
			return nil, nil
		}
		c.Transaction = b
	case *txn.EmissionSignal:
		c.Signal = b
	case *txn.Accounts:
		c.Accounts = b.Statement
	case *txn.DDL:
		c.DDL = b
		err = a.reaching(ctx, func() (err error) {
			c.Body, err = log.Definition(ctx, a.o.Log, b)
			return err
		})
	}
	return c, err
}

// refused waits until a record is decided and tells whether it was refused or void, or a statement on accounts that came too late. A decision of late is remembered; of an
// older one the store knows. It is not waited for being saved: after a crash the node decides the same again.
func (f *Feed) refused(ctx context.Context, r *log.Read) (bool, error) {
	a, p := f.applier, r.Position
	decision, c := a.decisions.wait(p)
	if c != nil {
		select {
		case decision = <-c:
		case <-ctx.Done():
			a.decisions.leave(p, c)
			return false, context.Cause(ctx)
		}
	}
	if decision.Verdict != 0 {
		return decision.Verdict != txn.Commit || stated(r) != nil && !decision.Taken, nil
	}
	if err := a.waitSaved(ctx, p, 0); err != nil {
		return false, err
	}
	f.verdicts.last = txn.Position(a.saved.Load())
	if aborted, err := f.verdicts.aborted(p); err != nil || aborted || stated(r) == nil {
		return aborted, err
	}
	return a.o.Store.Moot(p)
}

// Events hands the row events of c to each, in order. An event lives until each returns. Rows of the
// table that a DDL itself creates get the table's id. The history must hold the versions of the tables that c
// writes (schemas.ErrNoVersion): a DDL is applied some time after it is decided. After an error of the log some
// events may have been handed out already.
func (f *Feed) Events(ctx context.Context, c *Committed, each func(*txn.RowEvent) error) error {
	t := c.Transaction
	if t == nil {
		t = &c.DDL.Transaction
		give := each
		each = func(e *txn.RowEvent) error {
			if e.Table == 0 {
				e.Table, e.Version = txn.TableID(c.Position), c.Position
			}
			return give(e)
		}
	}
	hidden, err := f.applier.hiddenTables(t, c.Body, func(err error) error { return err })
	if err != nil {
		return err
	}
	return log.EventsOf(ctx, f.applier.o.Log, c.Position, t, hidden.has, each)
}
