package session

import (
	"context"
	"sync/atomic"
)

// slots bounds how many goroutines run SQLite at once, so that the applier always finds a
// processor. Who waits is served in the order of coming.
type slots struct {
	free    chan struct{}
	waiting atomic.Int64
}

func newSlots(n int) *slots { return &slots{free: make(chan struct{}, n)} }

// slot is one session's claim on the slots. Its goroutine owns it.
type slot struct {
	slots *slots
	held  bool
}

// take waits for a slot; a slot that is held already is kept.
func (s *slot) take(ctx context.Context) error {
	if s.held {
		return nil
	}
	select {
	case s.slots.free <- struct{}{}:
		s.held = true
		return nil
	default:
	}
	s.slots.waiting.Add(1)
	defer s.slots.waiting.Add(-1)
	select {
	case s.slots.free <- struct{}{}:
		s.held = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// give gives the slot back, if it is held.
func (s *slot) give() {
	if s.held {
		s.held = false
		<-s.slots.free
	}
}

// yield lets others go first, if any wait. When ctx ends meanwhile the slot is gone.
func (s *slot) yield(ctx context.Context) error {
	if !s.held || s.slots.waiting.Load() == 0 {
		return context.Cause(ctx)
	}
	s.give()
	return s.take(ctx)
}

// outside runs f, which waits for something, without the slot, and takes it again.
func (s *slot) outside(ctx context.Context, f func() error) error {
	held := s.held
	s.give()
	err := f()
	if !held {
		return err
	}
	if again := s.take(ctx); err == nil {
		err = again
	}
	return err
}
