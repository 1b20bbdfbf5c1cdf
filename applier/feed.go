package applier

import (
	"context"
	"fmt"

	"marmot/log"
	"marmot/txn"
)

// Committed is a committed transaction or DDL.
type Committed struct {
	Position    txn.Position
	TimeUS      int64 // origin's clock at the commit, µs since 1970
	Node        txn.NodeID
	Transaction *txn.Transaction // nil for a DDL
	DDL         *txn.DDL
	Body        *txn.DDLBody // what the DDL does
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

// Next waits for the next committed record that this node has decided. Run must be running.
func (f *Feed) Next(ctx context.Context) (*Committed, error) {
	for {
		r, err := f.next(ctx)
		if err != nil {
			return nil, err
		}
		if r.Record == nil {
			continue
		}
		switch r.Record.Body.(type) {
		case *txn.Transaction, *txn.DDL:
		default:
			continue
		}
		c, err := f.committed(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("feed at %s: %w", r.Position, err)
		}
		if c != nil {
			return c, nil
		}
	}
}

func (f *Feed) next(ctx context.Context) (*log.Read, error) {
	if len(f.reads) == 0 {
		reads, err := f.applier.next(ctx, f.reader, false)
		if err != nil {
			return nil, fmt.Errorf("feed: %w", err)
		}
		f.reads = reads
	}
	r := &f.reads[0]
	f.reads = f.reads[1:]
	return r, nil
}

// committed returns nil for a record that was refused, voided by hand, or changed nothing.
func (f *Feed) committed(ctx context.Context, r *log.Read) (*Committed, error) {
	a := f.applier
	if err := a.waitSaved(ctx, r.Position, 0); err != nil {
		return nil, err
	}
	f.verdicts.last = txn.Position(a.saved.Load())
	aborted, err := f.verdicts.aborted(r.Position)
	if err != nil || aborted || a.resolved(r.Position) {
		return nil, err
	}
	c := &Committed{Position: r.Position, TimeUS: r.Record.TimeUS, Node: r.Record.Node}
	switch b := r.Record.Body.(type) {
	case *txn.Transaction:
		if b.Events == 0 {
			return nil, nil
		}
		c.Transaction = b
	case *txn.DDL:
		c.DDL = b
		err = a.reaching(ctx, func() (err error) {
			c.Body, err = log.Definition(ctx, a.o.Log, b)
			return err
		})
	}
	return c, err
}

// Events hands the row events of c to each, in order. An event lives until each returns. Rows of the
// table that a DDL itself creates get the table's id. After an error of the log some
// events may have been handed out already.
func (f *Feed) Events(ctx context.Context, c *Committed, each func(*txn.RowEvent) error) error {
	if c.Transaction != nil {
		return log.Events(ctx, f.applier.o.Log, c.Position, c.Transaction, each)
	}
	return log.Events(ctx, f.applier.o.Log, c.Position, &c.DDL.Transaction, func(e *txn.RowEvent) error {
		if e.Table == 0 {
			e.Table, e.Version = txn.TableID(c.Position), c.Position
		}
		return each(e)
	})
}
