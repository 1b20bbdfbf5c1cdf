package commit

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"marmot/applier/ledger"
	"marmot/internal/stage"
	"marmot/log"
	"marmot/txn"
)

// request is an order record on its way. Its state goes from queued to taken by the sending goroutine, or
// to cancelled by the one that waits, never back.
type request struct {
	body   txn.Body
	state  atomic.Int32
	taken  func()        // called when it is taken; may be nil
	handed chan struct{} // closed once id is set
	id     txn.ID
	answer chan answer // what the log said; never more than one
}

type answer struct {
	offset int64
	err    error
}

const (
	queued int32 = iota
	taken
	cancelled
)

func newRequest(body txn.Body) *request {
	return &request{body: body, handed: make(chan struct{}), answer: make(chan answer, 1)}
}

// cancel takes a request back that has not been taken; then it never reaches the log.
func (r *request) cancel() bool { return r.state.CompareAndSwap(queued, cancelled) }

// send numbers requests and hands them to the log, in order, until ctx ends or the run is fenced.
func (o *Origin) send(ctx context.Context) error {
	for {
		select {
		case r := <-o.queue:
			select {
			case o.inFlight <- struct{}{}:
				o.hand(ctx, r)
			case <-o.fenced:
				return ErrFenced
			case <-ctx.Done():
				return ctx.Err()
			}
		case <-o.fenced:
			return ErrFenced
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hand gives a request the next sequence and appends it. It holds a slot of inFlight, which the answer gives back.
func (o *Origin) hand(ctx context.Context, r *request) {
	release := func() { <-o.inFlight }
	if !r.state.CompareAndSwap(queued, taken) {
		release()
		return
	}
	if r.taken != nil {
		r.taken()
	}
	r.id = txn.ID{Epoch: o.Epoch(), Sequence: txn.Sequence(o.last.Add(1))}
	close(r.handed)
	value, err := txn.EncodeRecord(&txn.Record{Header: o.header(r.id.Epoch, r.id.Sequence), Body: r.body})
	if err == nil && r.id.Epoch == 0 {
		err = errNotOpen
	}
	if err != nil {
		release()
		r.answer <- answer{err: err}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, o.options.AppendTimeout)
	o.options.Log.Append(ctx, log.Order, value, func(offset int64, err error) {
		cancel()
		release()
		r.answer <- answer{offset, err}
	})
}

// stages returns what measures the stages of a record: that of a client's, not of the node's own.
func (o *Origin) stages(body txn.Body) *stage.Recorder {
	switch body.(type) {
	case *txn.Transaction, *txn.DDL:
		return o.options.Stages
	}
	return nil
}

// submit brings a record into the log and waits for its decision.
func (o *Origin) submit(ctx context.Context, body txn.Body) (Result, error) {
	if o.settler.full() {
		return Result{}, &NotCommittedError{ErrUnsettled}
	}
	stages := o.stages(body)
	began := stages.Now()
	r := newRequest(body)
	if err := o.enqueue(ctx, r); err != nil {
		return Result{}, &NotCommittedError{err}
	}
	a, err := o.await(ctx, r)
	switch {
	case err != nil:
		return Result{}, err
	case a.err == nil:
		taken := stages.Lap(stage.Order, began)
		defer stages.Lap(stage.Decide, taken)
		return o.decide(ctx, r.id, o.options.Genesis.Position(a.offset))
	case !errors.Is(a.err, log.ErrUnknown):
		return Result{}, &NotCommittedError{a.err}
	}
	return o.settled(ctx, r.id, a.err)
}

func (o *Origin) enqueue(ctx context.Context, r *request) error {
	if err := o.ended(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case o.queue <- r:
		return nil
	case <-o.fenced:
		return ErrFenced
	case <-o.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits for the log's answer. A request that is still queued when the wait ends is taken back; one that
// has been handed over is left to the settler, and its outcome is unknown.
func (o *Origin) await(ctx context.Context, r *request) (answer, error) {
	var cause error
	select {
	case a := <-r.answer:
		return a, nil
	case <-ctx.Done():
		cause = ctx.Err()
	case <-o.fenced:
		cause = ErrFenced
	case <-o.stopped:
		cause = ErrStopped
	}
	if r.cancel() {
		return answer{}, &NotCommittedError{cause}
	}
	<-r.handed
	if errors.Is(cause, ErrFenced) {
		// The answer still comes, within the append's time limit, and decides.
		select {
		case a := <-r.answer:
			return a, nil
		case <-ctx.Done():
			cause = ctx.Err()
		}
	}
	o.settler.add(r.id, cause)
	return answer{}, &UnknownError{r.id, cause}
}

// decide waits for the decision at p, the place that the log gave to the record.
func (o *Origin) decide(ctx context.Context, id txn.ID, p txn.Position) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(o.life, func() { cancel(ErrStopped) })()
	d, err := o.options.Verdicts.Decision(ctx, p)
	if err != nil {
		o.settler.add(id, err)
		return Result{}, &UnknownError{id, fmt.Errorf("in the log at %s, not decided on this node yet: %w", p, err)}
	}
	if d.Verdict != txn.Void {
		return Result{ID: id, Position: p, Decision: d}, nil
	}
	// The log may hold the record twice and have told the place of the second.
	first, at, found := o.options.Verdicts.Outcome(ctx, id, p)
	switch {
	case found && first.Verdict != txn.Void:
		return Result{ID: id, Position: at, Decision: first}, nil
	case ctx.Err() != nil:
		o.settler.add(id, context.Cause(ctx))
		return Result{}, &UnknownError{id, context.Cause(ctx)}
	}
	return Result{}, &NotCommittedError{o.voided(d)}
}

// voided turns the decision of a void record into an error, and notes that this run is over if it says so.
func (o *Origin) voided(d ledger.Decision) error {
	if d.Reason == ledger.ReasonEpoch {
		o.Fence()
		return ErrFenced
	}
	return errOvertaken
}
