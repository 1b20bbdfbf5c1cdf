package node

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"marmot/applier/ledger"
	"marmot/debezium"
	"marmot/txn"
)

// emissionState is what is told of an emission on the node that owns it. Any goroutine may read it.
type emissionState struct {
	emitted  atomic.Uint64 // position up to which everything is published
	known    atomic.Bool   // emitted is what the publisher has, not what nobody has looked for yet
	resetAt  atomic.Uint64 // newest reset that was carried out
	records  atomic.Uint64
	retries  atomic.Uint64
	refused  atomic.Uint64 // events that became dead letters or were left out
	emitting atomic.Bool
	taken    atomic.Uint64 // position at which this run took the emission over first
	movedUS  atomic.Int64  // when emitted moved last, or the emitter began
	failure  atomic.Pointer[failure]
}

// failure is what went wrong last; a success after it makes it none.
type failure struct {
	text string
	at   time.Time
	// since is when the first of the failures came that no success parts.
	since time.Time
	// position is that of the event which ended the emission: nothing before it is a success. 0: it was no event's.
	position txn.Position
	// telling is of all those failures.
	telling debezium.Telling
}

func (s *emissionState) began(now time.Time) {
	s.movedUS.Store(now.UnixMicro())
	s.emitting.Store(true)
}

func (s *emissionState) ended() { s.emitting.Store(false) }

// stands is told what the publisher holds whenever it is asked.
func (s *emissionState) stands(p debezium.Progress) {
	s.emitted.Store(uint64(p.Position))
	s.resetAt.Store(uint64(p.Reset))
	s.known.Store(true)
}

// published returns the failure that it ends, if any.
func (s *emissionState) published(p txn.Position, records int, now time.Time) *failure {
	if s.emitted.Swap(uint64(p)) != uint64(p) || records > 0 {
		s.movedUS.Store(now.UnixMicro())
	}
	s.known.Store(true)
	s.records.Add(uint64(records))
	f := s.failure.Load()
	if f == nil || p < f.position {
		return nil
	}
	s.failure.Store(nil)
	return f
}

// stopped reports whether the emission has ended with an error. While it is tried again it counts as stopped until it has passed the event that
// ended it: an alert must not come and go with each try.
func (s *emissionState) stopped() bool {
	f := s.failure.Load()
	return f != nil && (!s.emitting.Load() || f.position > 0)
}

func (s *emissionState) failed(err error, now time.Time) {
	f := &failure{text: err.Error(), at: now, since: now}
	var refused *debezium.EventError
	if errors.As(err, &refused) {
		f.position = refused.Position
	}
	if last := s.failure.Load(); last != nil {
		f.since, f.telling = last.since, last.telling
	}
	s.failure.Store(f)
}

// tell reports whether the last failure is to have a line in the log, and takes it for told then.
func (s *emissionState) tell(now time.Time) bool {
	f := *s.failure.Load()
	due := f.telling.Due(now)
	s.failure.Store(&f)
	return due
}

// carryOut carries out a reset that the publisher has not: the emission goes on behind the reset's position, and the publisher
// stores that it does.
func carryOut(ctx context.Context, publisher debezium.Publisher, state ledger.Emission) error {
	p, err := publisher.Progress(ctx)
	if err != nil || p.Reset >= state.ResetAt {
		return err
	}
	kept, err := debezium.ResetState(p.State)
	if err != nil {
		return err
	}
	return publisher.Publish(ctx, nil, debezium.Progress{Position: state.ResetTo, Reset: state.ResetAt, State: kept})
}
