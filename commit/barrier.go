package commit

import (
	"context"
	"errors"
	"sync"

	"marmot/log"
	"marmot/txn"
)

// barriers lets those who want a barrier at about the same time share one.
type barriers struct {
	mu      sync.Mutex
	waiting *barrier // queued, not yet handed to the log: one may still join it
}

// barrier is one barrier record; the rest is set before done is closed.
type barrier struct {
	done     chan struct{}
	position txn.Position
	err      error
	gone     bool // the leader's context ended; the others try again
}

// Barrier appends a barrier and returns its position: who has applied that has applied all that was acknowledged to
// anybody before the call. It is shared by those who came before it was handed to the log.
func (o *Origin) Barrier(ctx context.Context) (txn.Position, error) {
	for {
		b, leader := o.barriers.join()
		if leader {
			o.lead(ctx, b)
			return b.position, b.err
		}
		select {
		case <-b.done:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if !b.gone {
			return b.position, b.err
		}
	}
}

func (s *barriers) join() (b *barrier, leader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting != nil {
		return s.waiting, false
	}
	s.waiting = &barrier{done: make(chan struct{})}
	return s.waiting, true
}

// leave closes b to those who come later.
func (s *barriers) leave(b *barrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == b {
		s.waiting = nil
	}
}

// lead brings a barrier into the log. One that may or may not be there is of no use and does no
// harm: another is appended, until ctx ends.
func (o *Origin) lead(ctx context.Context, b *barrier) {
	defer close(b.done)
	defer o.barriers.leave(b)
	for {
		r := newRequest(&txn.Barrier{})
		r.taken = func() { o.barriers.leave(b) }
		if b.err = o.enqueue(ctx, r); b.err != nil {
			b.gone = ctx.Err() != nil
			return
		}
		select {
		case a := <-r.answer:
			b.err = a.err
			b.position = o.options.Genesis.Position(a.offset)
		case <-o.fenced:
			b.err = ErrFenced
		case <-o.stopped:
			b.err = ErrStopped
		case <-ctx.Done():
			b.err = ctx.Err()
		}
		r.cancel()
		if !errors.Is(b.err, log.ErrUnknown) {
			b.gone = ctx.Err() != nil
			return
		}
	}
}
