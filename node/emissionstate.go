package node

import (
	"context"
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
	emitting atomic.Bool
	movedUS  atomic.Int64 // when emitted moved last, or the emitter began
	failure  atomic.Pointer[failure]
}

// failure is what went wrong last; a success after it makes it none.
type failure struct {
	text string
	at   time.Time
	// since is when the first of the failures came that no success parts.
	since time.Time
}

func (s *emissionState) began(now time.Time) {
	s.movedUS.Store(now.UnixMicro())
	s.emitting.Store(true)
}

func (s *emissionState) ended() { s.emitting.Store(false) }

// moved is told what the publisher holds, before anything is published.
func (s *emissionState) moved(p debezium.Progress) {
	s.emitted.Store(uint64(p.Position))
	s.resetAt.Store(uint64(p.Reset))
	s.known.Store(true)
}

func (s *emissionState) published(p txn.Position, records int, now time.Time) {
	if s.emitted.Swap(uint64(p)) != uint64(p) || records > 0 {
		s.movedUS.Store(now.UnixMicro())
	}
	s.records.Add(uint64(records))
	if s.failure.Load() != nil {
		s.failure.Store(nil)
	}
}

func (s *emissionState) failed(err error, now time.Time) {
	f := &failure{text: err.Error(), at: now, since: now}
	if last := s.failure.Load(); last != nil {
		f.since = last.since
	}
	s.failure.Store(f)
}

// resetPublisher carries out the newest reset of an emission that its publisher has not: it begins behind the reset's position, and
// the publisher stores that it did.
type resetPublisher struct {
	inner debezium.Publisher
	state ledger.Emission
	moved func(debezium.Progress)
}

// Progress implements debezium.Publisher.
func (r *resetPublisher) Progress(ctx context.Context) (debezium.Progress, error) {
	p, err := r.inner.Progress(ctx)
	if err != nil {
		return p, err
	}
	if r.state.ResetAt > p.Reset {
		p = debezium.Progress{Position: r.state.ResetTo, Reset: r.state.ResetAt}
		if err := r.inner.Publish(ctx, nil, p); err != nil {
			return p, err
		}
	}
	r.moved(p)
	return p, nil
}

// Publish implements debezium.Publisher.
func (r *resetPublisher) Publish(ctx context.Context, batch []debezium.Record, p debezium.Progress) error {
	p.Reset = r.state.ResetAt
	return r.inner.Publish(ctx, batch, p)
}
