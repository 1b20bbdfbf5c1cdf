package commit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// settler keeps the records of this run whose outcome the log did not tell, until a no-op behind them is decided,
// and remembers what came out of the last maxOutcomes. While it is full nothing is submitted, so that those that are
// under way by then are all that may come on top of maxUnsettled.
type settler struct {
	mu      sync.Mutex
	open    map[txn.Sequence]*unsettled
	known   map[txn.Sequence]*unsettled
	queue   []txn.Sequence // keys of known, oldest first
	arrived chan struct{}  // gets a token when open was empty
}

// unsettled is one such record; result and found are set before done is closed.
type unsettled struct {
	id     txn.ID
	cause  error
	done   chan struct{}
	result Result
	found  bool
}

func (u *unsettled) committed() bool { return u.found && u.result.Decision.Verdict == txn.Commit }

func newSettler() *settler {
	return &settler{
		open:    map[txn.Sequence]*unsettled{},
		known:   map[txn.Sequence]*unsettled{},
		arrived: make(chan struct{}, 1),
	}
}

// add registers a record; the Origin settles it in its own time.
func (s *settler) add(id txn.ID, cause error) *unsettled {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.open[id.Sequence]; u != nil {
		return u
	}
	if u := s.known[id.Sequence]; u != nil {
		return u
	}
	u := &unsettled{id: id, cause: cause, done: make(chan struct{})}
	s.open[id.Sequence] = u
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return u
}

func (s *settler) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open) >= maxUnsettled
}

// list returns what is open.
func (s *settler) list() []*unsettled {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*unsettled, 0, len(s.open))
	for _, u := range s.open {
		list = append(list, u)
	}
	return list
}

func (s *settler) close(u *unsettled, result Result, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.result, u.found = result, found
	close(u.done)
	delete(s.open, u.id.Sequence)
	s.known[u.id.Sequence] = u
	s.queue = append(s.queue, u.id.Sequence)
	for len(s.queue) > maxOutcomes {
		delete(s.known, s.queue[0])
		s.queue = s.queue[1:]
	}
}

// wait returns the outcome of a record that was or is unsettled, and false for others.
func (s *settler) wait(ctx context.Context, sequence txn.Sequence, stopped <-chan struct{}) (*unsettled, bool, error) {
	s.mu.Lock()
	u := s.known[sequence]
	if u == nil {
		u = s.open[sequence]
	}
	s.mu.Unlock()
	if u == nil {
		return nil, false, nil
	}
	select {
	case <-u.done:
		return u, true, nil
	case <-stopped:
		return nil, false, ErrStopped
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

// settled waits until the record's outcome is settled.
func (o *Origin) settled(ctx context.Context, id txn.ID, cause error) (Result, error) {
	u := o.settler.add(id, cause)
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	select {
	case <-u.done:
	case <-o.stopped:
		return Result{}, &UnknownError{id, cause}
	case <-ctx.Done():
		return Result{}, &UnknownError{id, cause}
	}
	if u.found {
		return u.result, nil
	}
	if o.ended() != nil {
		cause = fmt.Errorf("%w: %w", o.ended(), cause)
	}
	return Result{}, &NotCommittedError{notUnknown{cause}}
}

// notUnknown hides log.ErrUnknown in the cause of an outcome that has become known.
type notUnknown struct{ cause error }

func (e notUnknown) Error() string { return e.cause.Error() + "; by now it is settled" }

func (e notUnknown) Is(target error) bool {
	return !errors.Is(target, log.ErrUnknown) && errors.Is(e.cause, target)
}

// settle settles what is open, with one no-op for all, until ctx ends or the run is fenced.
func (o *Origin) settle(ctx context.Context) error {
	pause := settlePause
	for {
		select {
		case <-o.settler.arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
		for list := o.settler.list(); len(list) > 0; list = o.settler.list() {
			err := o.settleAll(ctx, list)
			if err == nil {
				pause = settlePause
				continue
			}
			if err := wait(ctx, pause); err != nil {
				return err
			}
			pause = min(2*pause, maxSettlePause)
		}
	}
}

// settleAll appends a no-op and, once it is decided, looks up every record of the list. All of them have
// been handed to the log before the no-op, so their sequences are lower. That holds for a void no-op as well:
// then a later record of this run has been seen, or the run is over, and either closes the case.
func (o *Origin) settleAll(ctx context.Context, list []*unsettled) error {
	r := newRequest(&txn.Noop{})
	if err := o.enqueue(ctx, r); err != nil {
		return err
	}
	var a answer
	select {
	case a = <-r.answer:
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.err != nil {
		return a.err
	}
	p := o.options.Genesis.Position(a.offset)
	d, err := o.options.Verdicts.Decision(ctx, p)
	if err != nil {
		return err
	}
	for _, u := range list {
		first, at, found := o.options.Verdicts.Outcome(ctx, u.id, p)
		if err := ctx.Err(); err != nil {
			return err
		}
		found = found && first.Verdict != txn.Void
		o.settler.close(u, Result{ID: u.id, Position: at, Decision: first}, found)
	}
	if d.Verdict == txn.Void && d.Reason == ledger.ReasonEpoch {
		o.Fence()
	}
	return nil
}
