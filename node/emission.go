package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/debezium"
	"marmot/store"
	"marmot/txn"
)

// emissionName is the one emission there is.
const emissionName = "main"

// emissionCheck is how often a node looks whether the emission needs an owner.
const emissionCheck = 250 * time.Millisecond

// errNotOwner ends an emitter whose node has lost the emission.
var errNotOwner = errors.New("another node owns the emission")

// emission runs the emitter while this node owns it, and takes it over when its owner is gone.
type emission struct {
	name      string
	node      txn.NodeID
	epoch     func() txn.Epoch
	applier   *applier.Applier
	origin    *commit.Origin
	members   *members
	store     *store.Store
	encoder   *debezium.Encoder
	publisher debezium.Publisher
	// first returns the first position that the log has.
	first  func(ctx context.Context) (txn.Position, error)
	logger *slog.Logger
	// reached, if not nil, is called with the position up to which everything is published.
	reached func(ctx context.Context, p txn.Position) error

	emitted  atomic.Uint64
	records  atomic.Uint64
	retries  atomic.Uint64
	emitting atomic.Bool
}

// owner returns who owns the emission by the ledger.
func (e *emission) owner() (epoch txn.Epoch, node txn.NodeID) {
	e.applier.Ask(func(l *ledger.Ledger) { epoch, node = l.Emitter(e.name) })
	return epoch, node
}

// run owns, emits, or waits, until ctx ends.
func (e *emission) run(ctx context.Context) error {
	ticker := time.NewTicker(emissionCheck)
	defer ticker.Stop()
	for {
		epoch, node := e.owner()
		switch {
		case epoch == e.epoch():
			err := e.emit(ctx)
			if err != nil && !errors.Is(err, errNotOwner) && !errors.Is(err, debezium.ErrFenced) && ctx.Err() == nil {
				return fmt.Errorf("emitter: %w", err)
			}
		case epoch == 0 || node == e.node || !e.members.alive(node, epoch) && e.members.mostAdvanced():
			if err := e.takeOver(ctx, epoch); err != nil && ctx.Err() == nil {
				e.logger.Warn("emission: taking over", "error", err)
			}
			if owner, _ := e.owner(); owner == e.epoch() {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// takeOver asks the ledger for the emission; of several that ask at once one gets it.
func (e *emission) takeOver(ctx context.Context, previous txn.Epoch) error {
	bounded, cancel := context.WithTimeout(ctx, 2*silence)
	defer cancel()
	result, err := e.origin.Control(bounded, &txn.EmissionOwner{Emission: e.name, Previous: previous})
	if err != nil {
		return err
	}
	if result.Decision.Taken {
		e.logger.Info("this node emits events now", "position", result.Position, "previous", uint64(previous))
	}
	return nil
}

// emit runs the emitter until it is fenced, the ledger names another owner, or ctx ends.
func (e *emission) emit(ctx context.Context) error {
	e.emitting.Store(true)
	defer e.emitting.Store(false)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		e.watchOwner(ctx, cancel)
	}()
	m := debezium.NewEmitter(e.encoder, func(after txn.Position) debezium.Feed { return e.feed(ctx, after) }, e.publisher, debezium.Events{
		Published: func(p debezium.Progress, records int) {
			e.emitted.Store(uint64(p.Position))
			e.records.Add(uint64(records))
		},
		Reached: func(p txn.Position) error {
			e.emitted.Store(uint64(p))
			if e.reached != nil {
				return e.reached(ctx, p)
			}
			return nil
		},
		Retrying: func(err error) {
			e.retries.Add(1)
			e.logger.Warn("events wait", "error", err)
		},
	})
	err := m.Run(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, errNotOwner) {
		err = cause
	}
	cancel(nil)
	<-done
	return err
}

// watchOwner cancels when the ledger names another owner.
func (e *emission) watchOwner(ctx context.Context, cancel context.CancelCauseFunc) {
	for {
		changed := e.applier.Changed()
		if epoch, _ := e.owner(); epoch != e.epoch() {
			cancel(errNotOwner)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// feed adapts the applier's feed to the emitter's.
func (e *emission) feed(ctx context.Context, after txn.Position) debezium.Feed {
	return &feed{ctx: ctx, emission: e, after: after, store: e.store}
}

type feed struct {
	ctx      context.Context //nolint:containedctx // of the emitter's run; events are read within it
	emission *emission
	after    txn.Position
	inner    *applier.Feed // made by the first Next
	store    *store.Store
	given    *applier.Committed // waits for its definitions
}

// open begins where the log begins, if that is later: while a node emits nothing is trimmed that is not out, but
// there are times in which nobody is to emit, and earlier generations of the log.
func (f *feed) open(ctx context.Context) error {
	first, err := f.emission.first(ctx)
	if err != nil {
		return &debezium.PublishError{Cause: fmt.Errorf("where the log begins: %w", err)}
	}
	if f.after+1 < first {
		f.emission.logger.Warn("events begin where the log begins", "first", first, "published", f.after)
		f.after = first - 1
	}
	f.inner = f.emission.applier.Feed(f.after)
	return nil
}

// Next implements debezium.Feed.
func (f *feed) Next(ctx context.Context) (*debezium.Committed, error) {
	if f.inner == nil {
		if err := f.open(ctx); err != nil {
			return nil, err
		}
	}
	if f.given == nil {
		c, err := f.inner.Next(ctx)
		if err != nil {
			return nil, err
		}
		f.given = c
	}
	c := f.given
	if err := f.awaitDefinitions(ctx, c); err != nil {
		return nil, err
	}
	f.given = nil
	out := &debezium.Committed{Position: c.Position, TimeUS: c.TimeUS, DDL: c.Body, Signal: c.Signal}
	switch {
	case c.Transaction != nil:
		out.ConnectionID, out.Statements = c.Transaction.ConnectionID, c.Transaction.Statements
	case c.DDL != nil:
		t := &c.DDL.Transaction
		out.ConnectionID, out.Statements = t.ConnectionID, t.Statements
	}
	out.Events = func(each func(*txn.RowEvent) error) error {
		if c.Transaction == nil && c.DDL == nil {
			return nil
		}
		return f.inner.Events(f.ctx, c, each)
	}
	return out, nil
}

// awaitDefinitions waits until the definitions that the rows of c were written under are in this
// node's history: a DDL may be decided and not applied yet.
func (f *feed) awaitDefinitions(ctx context.Context, c *applier.Committed) error {
	t := c.Transaction
	if t == nil && c.DDL != nil {
		t = &c.DDL.Transaction
	}
	if t == nil {
		return nil
	}
	for i := range t.Tables {
		use := &t.Tables[i]
		if !use.Writes {
			continue
		}
		if _, err := f.store.History().TableAt(use.Table, use.Version); err == nil {
			continue
		}
		if err := f.store.WaitPublished(ctx, use.Version, use.Database); err != nil {
			return err
		}
	}
	return nil
}
