package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/debezium"
	"marmot/store"
	"marmot/txn"
)

// emissionCheck is how often a node looks whether the emission needs an owner.
const emissionCheck = 250 * time.Millisecond

// Bounds of the wait before an emission that failed by itself is tried again.
const (
	shortestFailurePause = time.Second
	longestFailurePause  = 30 * time.Second
)

// errNotOwner and errChanged end an emitter whose node has lost the emission, or that was paused, reset or dropped.
var (
	errNotOwner = errors.New("another node owns the emission")
	errChanged  = errors.New("the emission is paused, reset or dropped")
)

// emission runs the emitter while this node owns it, and takes it over when its owner is gone.
type emission struct {
	name      string
	config    emitterConfig
	node      txn.NodeID
	epoch     func() txn.Epoch
	applier   *applier.Applier
	origin    *commit.Origin
	members   *members
	store     *store.Store
	encoder   *debezium.Encoder
	publisher debezium.Publisher
	sources   debezium.Sources // of what is beside the stream
	// first returns the first position that the log has.
	first  func(ctx context.Context) (txn.Position, error)
	logger *slog.Logger
	// reached, if not nil, is called with the position up to which everything is published.
	reached func(ctx context.Context, p txn.Position) error
	// idle, if not nil, is called when the emission is not to emit for the time being, or cannot.
	idle func(ctx context.Context) error

	emissionState
}

// view is what the ledger says of an emission.
type view struct {
	epoch      txn.Epoch // of the owner
	node       txn.NodeID
	state      ledger.Emission
	registered bool
}

// halted reports whether nobody is to emit.
func (v *view) halted() bool { return v.state.Paused || v.state.Dropped }

// same reports whether an emitter that began under v may go on under w.
func (v *view) same(w view) bool {
	return v.epoch == w.epoch && v.halted() == w.halted() && v.state.ResetAt == w.state.ResetAt
}

func (e *emission) look() (v view) {
	e.applier.Ask(func(l *ledger.Ledger) {
		v.epoch, v.node = l.Emitter(e.name)
		v.state, _ = l.Emission(e.name)
		v.registered = l.Registered(e.name)
	})
	return v
}

// owner returns who owns the emission by the ledger.
func (e *emission) owner() (epoch txn.Epoch, node txn.NodeID) {
	v := e.look()
	return v.epoch, v.node
}

// run owns, emits, or waits, until ctx ends. What fails in one emission holds up no other one, nor the node: it is tried again.
func (e *emission) run(ctx context.Context) error {
	ticker := time.NewTicker(emissionCheck)
	defer ticker.Stop()
	pause := shortestFailurePause
	for {
		again, err := e.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, debezium.ErrBroken):
			return fmt.Errorf("emitter %s: %w", e.name, err)
		case err != nil:
			e.failed(err, time.Now())
			e.logger.Error("an emitter failed and is tried again", "emitter", e.name, "error", err, "in", pause)
			if !e.restAfter(ctx, pause) {
				return nil
			}
			pause = min(2*pause, longestFailurePause)
			continue
		case again:
			pause = shortestFailurePause
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// restAfter waits after a failure, until it is time or the log says other than it did. It returns false if ctx ends meanwhile.
func (e *emission) restAfter(ctx context.Context, pause time.Duration) bool {
	v := e.look()
	for end := time.Now().Add(pause); time.Now().Before(end) && v.same(e.look()); {
		if !sleep(ctx, min(emissionCheck, pause)) {
			return false
		}
	}
	return true
}

// sleep returns false if ctx ends meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// round does what is to be done now; again asks for another round at once. An error is the emission's own.
func (e *emission) round(ctx context.Context) (again bool, err error) {
	v := e.look()
	switch {
	case v.halted():
		if err := e.rest(ctx); err != nil {
			return false, err
		}
		if err := e.settle(ctx, v); err != nil {
			return false, err
		}
		if v.state.Dropped || v.epoch == e.epoch() {
			return false, nil
		}
	case v.epoch == e.epoch():
		err := e.emit(ctx, v)
		switch {
		case errors.Is(err, errNotOwner), errors.Is(err, errChanged):
			return true, nil
		case errors.Is(err, debezium.ErrFenced):
			return false, nil
		case err != nil && ctx.Err() == nil && !errors.Is(err, debezium.ErrBroken):
			if rest := e.rest(ctx); rest != nil {
				return false, rest
			}
		}
		return false, err
	}
	if v.epoch == 0 || v.node == e.node && v.epoch != e.epoch() || v.epoch != e.epoch() && !e.members.alive(v.node, v.epoch) && e.members.mostAdvanced() {
		if err := e.takeOver(ctx, v.epoch); err != nil && ctx.Err() == nil {
			e.logger.Warn("emission: taking over", "emitter", e.name, "error", err)
		}
		owner, _ := e.owner()
		return owner == e.epoch(), nil
	}
	return false, nil
}

// settle says in the log where a paused emission stands, for those who look while no emitter runs.
func (e *emission) settle(ctx context.Context, v view) error {
	needs, known := e.needs()
	if v.epoch != e.epoch() || v.state.Dropped || !known || needs <= v.state.Needs || v.state.ResetAt != txn.Position(e.resetAt.Load()) {
		return nil
	}
	_, err := e.origin.Control(ctx, &txn.EmissionControl{Emission: e.name, Action: txn.EmissionNeeds, Position: needs, Reset: v.state.ResetAt})
	return err
}

func (e *emission) rest(ctx context.Context) error {
	if e.idle == nil {
		return nil
	}
	return e.idle(ctx)
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
		e.taken.CompareAndSwap(0, uint64(result.Position))
		e.logger.Info("this node emits events now", "emitter", e.name, "position", result.Position, "previous", uint64(previous))
	}
	return nil
}

// emit runs the emitter until it is fenced, the ledger says other than v, or ctx ends.
func (e *emission) emit(ctx context.Context, v view) error {
	if e.name != mainEmission && !v.registered {
		// The log waits for it from now on, whether it has an owner or not.
		if _, err := e.origin.Control(ctx, &txn.EmissionControl{Emission: e.name, Action: txn.EmissionNeeds}); err != nil {
			return fmt.Errorf("register: %w", err)
		}
	}
	e.began(time.Now())
	defer e.ended()
	if e.config.delivery == atLeastOnce {
		defer e.applier.Hasten()()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		e.watch(ctx, v, cancel)
	}()
	if err := e.reset(ctx, v); err != nil {
		cancel(nil)
		<-done
		return causeOf(ctx, err)
	}
	m := debezium.NewEmitter(e.encoder, func(after txn.Position) debezium.Feed { return e.feed(ctx, after) }, e.publisher, debezium.Events{
		Published: func(p debezium.Progress, records int) {
			e.moved(p.Position, records)
		},
		Reached: func(p txn.Position) error {
			e.moved(p, 0)
			if e.reached != nil {
				return e.reached(ctx, p)
			}
			return nil
		},
		Retrying: e.retrying,
	})
	m.Use(e.sources)
	err := causeOf(ctx, m.Run(ctx))
	cancel(nil)
	<-done
	return err
}

// causeOf returns why the emission's run ended: err, or what the log says.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errNotOwner) || errors.Is(cause, errChanged) {
		return cause
	}
	return err
}

func (e *emission) retrying(err error) {
	e.retries.Add(1)
	now := time.Now()
	e.failed(err, now)
	if e.tell(now) {
		e.logger.Warn("events wait", "emitter", e.name, "for", now.Sub(e.failure.Load().since).Round(time.Second), "error", err)
	}
}

// moved notes what is published, and says that events which waited go on.
func (e *emission) moved(p txn.Position, records int) {
	now := time.Now()
	if f := e.published(p, records, now); f != nil && f.telling.Told() {
		e.logger.Info("events go on", "emitter", e.name, "after", now.Sub(f.since).Round(time.Second))
	}
}

// reset carries out the newest reset, if nobody has, and tries for as long as its publisher is out of reach.
func (e *emission) reset(ctx context.Context, v view) error {
	for v.state.ResetAt != 0 && txn.Position(e.resetAt.Load()) != v.state.ResetAt {
		err := carryOut(ctx, e.publisher, v.state)
		switch {
		case err == nil:
			e.resetAt.Store(uint64(v.state.ResetAt))
			e.failure.Store(nil) // it goes on elsewhere
		case errors.Is(err, debezium.ErrFenced), errors.Is(err, debezium.ErrBroken), ctx.Err() != nil:
			return err
		default:
			e.retrying(err)
			if !sleep(ctx, shortestFailurePause) {
				return ctx.Err()
			}
		}
	}
	return nil
}

// watch cancels when the ledger says other than v.
func (e *emission) watch(ctx context.Context, v view, cancel context.CancelCauseFunc) {
	for {
		changed := e.applier.Changed()
		switch now := e.look(); {
		case now.epoch != v.epoch:
			cancel(errNotOwner)
			return
		case !v.same(now):
			cancel(errChanged)
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
		f.emission.logger.Warn("events begin where the log begins", "emitter", f.emission.name, "first", first, "published", f.after)
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
		out.ConnectionID, out.Statements, out.XA = c.Transaction.ConnectionID, c.Transaction.Statements, c.Transaction.XA
		out.Writes = written(c.Transaction)
	case c.DDL != nil:
		t := &c.DDL.Transaction
		out.ConnectionID, out.Statements = t.ConnectionID, t.Statements
	case c.Accounts != nil: // of which the connector knows that it is in the binary log
		out.ConnectionID, out.DDL = c.Accounts.ConnectionID, &txn.DDLBody{Text: c.Accounts.Text, Database: c.Accounts.Database}
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
