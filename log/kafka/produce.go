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

// Append implements log.Log.
func (l *Log) Append(ctx context.Context, s log.Stream, value []byte, done func(int64, error)) {
	topic, partition, err := l.place(s)
	if err == nil && len(value) > MaxValueBytes {
		err = fmt.Errorf("record of %d bytes: %w", len(value), log.ErrTooLarge)
	}
	if err != nil {
		go done(0, err)
		return
	}
	l.produce(ctx, &kgo.Record{Topic: topic, Partition: partition, Value: value}, done)
}

// produce hands the record to the producer. The record does not get the context: kgo would fail a whole batch
// by the context of its first record.
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
		return fmt.Errorf("%w: %w", log.ErrUnreachable, err)
	}
	return fmt.Errorf("%w: %w", log.ErrUnknown, err)
}
