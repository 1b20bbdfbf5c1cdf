package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/log"
)

// writeCounter counts produce requests of which a byte has left for a broker.
type writeCounter struct{ writes *atomic.Int64 }

const produceKey = 0

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (c writeCounter) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, bytesWritten int, _, _ time.Duration, _ error) {
	if key == produceKey && bytesWritten > 0 {
		c.writes.Add(1)
	}
}

var _ kgo.HookBrokerWrite = writeCounter{}

// Append implements log.Log. Order records travel in rounds, and so do those of all changes streams together: what
// comes while a round is on its way leaves with the next one. Without rounds each of many sessions pays for a request, its
// replication and every reader's fetch of its own. When a crowd waits, the next round lets it grow for half the time that the
// last one took, at most 5 ms: a round that is slow is so for the work that rounds make. Chunks do not wait for a round that has been
// on its way for long: one of its partitions may be without a leader, and theirs not.
func (l *Log) Append(ctx context.Context, s log.Stream, value []byte, done func(int64, error)) {
	topic, partition, err := l.place(s)
	if err == nil && len(value) > MaxValueBytes {
		err = fmt.Errorf("record of %d bytes: %w", len(value), log.ErrTooLarge)
	}
	if err == nil {
		err = l.reserve(ctx, int64(len(value)))
	}
	if err != nil {
		go done(0, err)
		return
	}
	a := &appending{record: &kgo.Record{Topic: topic, Partition: partition, Value: value}, done: done}
	a.stop = context.AfterFunc(ctx, func() { a.giveUp(context.Cause(ctx)) })
	r := &l.changes
	if s == log.Order {
		r = &l.order
	}
	r.mu.Lock()
	if r.flying > 0 || r.growing {
		r.waiting = append(r.waiting, a)
		if len(r.waiting) == 1 && r == &l.changes {
			r.impatience = time.AfterFunc(roundPatience-time.Since(r.left), func() { l.launch(r, r.overdue()...) })
		}
		r.mu.Unlock()
		return
	}
	r.flying, r.left = 1, time.Now()
	r.mu.Unlock()
	l.launch(r, a)
}

const (
	crowd         = 8 // so many that wait let their round grow
	longestGrowth = 5 * time.Millisecond
	roundPatience = 250 * time.Millisecond // of chunks that wait for the round before theirs
)

// round is what is on its way to the order stream or to the changes streams, and what waits for it to arrive.
type round struct {
	mu      sync.Mutex
	flying  int
	left    time.Time
	growing bool // a crowd waits for its time to leave
	waiting []*appending

	impatience *time.Timer // runs while chunks wait
}

// landed notes that the log has answered for one record. After the last one it returns the next round, or how long that has yet
// to grow.
func (r *round) landed() (next []*appending, growth time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flying--
	if r.flying > 0 {
		return nil, 0
	}
	if len(r.waiting) >= crowd {
		r.growing = true
		return nil, min(1+time.Since(r.left)/2, longestGrowth)
	}
	return r.depart(), 0
}

// grown returns the round that has grown.
func (r *round) grown() []*appending {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.growing = false
	return r.depart()
}

// overdue returns what waits as a round beside those that are on their way, or nothing if it leaves by itself.
func (r *round) overdue() []*appending {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flying == 0 || r.growing {
		return nil
	}
	return r.depart()
}

// depart returns what waits as the next round.
func (r *round) depart() []*appending {
	next := r.waiting
	r.waiting, r.left = nil, time.Now()
	r.flying += len(next)
	if r.impatience != nil {
		r.impatience.Stop()
		r.impatience = nil
	}
	return next
}

// appending is one record between Append and its answer.
type appending struct {
	record *kgo.Record
	done   func(int64, error)
	stop   func() bool
	state  atomic.Int32
}

const (
	appendWaits int32 = iota
	appendLeft
	appendAnswered
)

// giveUp answers for a record whose time is over: if it still waits it will never leave.
func (a *appending) giveUp(cause error) {
	if a.state.CompareAndSwap(appendWaits, appendAnswered) {
		a.done(0, fmt.Errorf("%w: the records before it have not arrived: %w", log.ErrUnreachable, cause))
		return
	}
	a.answer(0, fmt.Errorf("%w: %w", log.ErrUnknown, cause))
}

// answer gives the answer to a record that has left, once.
func (a *appending) answer(offset int64, err error) {
	if a.state.CompareAndSwap(appendLeft, appendAnswered) {
		a.done(offset, err)
	}
}

// launch hands records to the producer, whose promises launch the next round. The record does not get the context: kgo
// would fail a whole batch by the context of its first record.
func (l *Log) launch(r *round, batch ...*appending) {
	before := l.writes.Load()
	for _, a := range batch {
		if !a.state.CompareAndSwap(appendWaits, appendLeft) {
			l.landed(r, a)
			continue
		}
		l.producer.Produce(context.Background(), a.record, func(record *kgo.Record, err error) {
			a.stop()
			if err != nil {
				err = l.classify(err, l.writes.Load() != before)
			}
			a.answer(record.Offset, err)
			l.landed(r, a)
		})
	}
}

// landed gives back what a record held and launches the next round after the last one.
func (l *Log) landed(r *round, a *appending) {
	l.slots.Release(1)
	l.bytes.Release(int64(len(a.record.Value)))
	next, growth := r.landed()
	if growth > 0 {
		time.AfterFunc(growth, func() { l.launch(r, r.grown()...) })
		return
	}
	l.launch(r, next...)
}

// produce hands a record to the producer at once.
func (l *Log) produce(ctx context.Context, r *kgo.Record, done func(int64, error)) {
	size := int64(len(r.Value) + len(r.Key))
	if err := l.reserve(ctx, size); err != nil {
		go done(0, err)
		return
	}
	var once sync.Once
	stop := context.AfterFunc(ctx, func() {
		once.Do(func() { done(0, fmt.Errorf("%w: %w", log.ErrUnknown, context.Cause(ctx))) })
	})
	before := l.writes.Load()
	l.producer.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		l.slots.Release(1)
		l.bytes.Release(size)
		stop()
		once.Do(func() {
			if err != nil {
				done(0, l.classify(err, l.writes.Load() != before))
				return
			}
			done(r.Offset, nil)
		})
	})
}

func (l *Log) reserve(ctx context.Context, size int64) error {
	if l.isClosed() {
		return log.ErrClosed
	}
	if err := l.slots.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("%w: %d records wait for it: %w", log.ErrUnreachable, maxBuffered, err)
	}
	if err := l.bytes.Acquire(ctx, size); err != nil {
		l.slots.Release(1)
		return fmt.Errorf("%w: %d MiB wait for it: %w", log.ErrUnreachable, maxBufferedBytes>>20, err)
	}
	return nil
}

// classify tells what an error of the producer means. The last error is not the whole story: an earlier
// attempt may have been written and its answer lost. So only two things are sure: what the broker refuses for the record's
// content it refuses each time, and what never left is not there. Close fails records while they are being written, before
// that is counted, so of those nothing is sure.
func (l *Log) classify(err error, left bool) error {
	switch {
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return fmt.Errorf("%w: %w; max.message.bytes of the topic must be %d", log.ErrTooLarge, err, maxMessageBytes)
	case errors.Is(err, kerr.InvalidRecord):
		return err
	case !left && !l.isClosed():
		return fmt.Errorf("%w: %w", log.ErrUnreachable, l.options.Security.Explain(err))
	}
	return fmt.Errorf("%w: %w", log.ErrUnknown, l.options.Security.Explain(err))
}
