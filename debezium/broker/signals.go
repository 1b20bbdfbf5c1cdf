package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkaclient"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Signals reads the topic of an emitter's signals. Owned by one goroutine.
type Signals struct {
	Brokers []string
	Topic   string
	Key     string // topic.prefix: signals of other emitters have other keys
	// Security is how brokers are reached; nil: PLAINTEXT.
	Security *kafkaclient.Security
	Logger   *slog.Logger

	client *kgo.Client // nil until Read, and after an error
	at     map[int32]int64
}

// signalWait is how long one look waits for records.
const signalWait = 200 * time.Millisecond

// maxSignals bounds the records of one look.
const maxSignals = 1000

// Read returns the signals since the offsets, by partition, and moves them. A partition without offset is read from its present end on. A
// topic that does not exist has none.
func (s *Signals) Read(ctx context.Context, offsets map[int32]int64) ([]debezium.Signal, error) {
	list, err := s.read(ctx, offsets)
	return list, s.Security.Explain(err)
}

func (s *Signals) read(ctx context.Context, offsets map[int32]int64) ([]debezium.Signal, error) {
	if s.client == nil || !s.standsAt(offsets) {
		s.Close()
		known, err := s.open(ctx, offsets)
		if err != nil || !known {
			s.Close()
			return nil, err
		}
	}
	bounded, cancel := context.WithTimeout(ctx, signalWait)
	defer cancel()
	fetches := s.client.PollRecords(bounded, maxSignals)
	var list []debezium.Signal
	fetches.EachRecord(func(r *kgo.Record) {
		offsets[r.Partition], s.at[r.Partition] = r.Offset+1, r.Offset+1
		if string(r.Key) != s.Key {
			return
		}
		signal, err := debezium.ParseSignal(r.Value)
		if err != nil {
			s.Logger.Warn("a signal that cannot be read is ignored", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "error", err)
			return
		}
		list = append(list, signal)
	})
	for _, e := range fetches.Errors() {
		if !errors.Is(e.Err, context.DeadlineExceeded) && !errors.Is(e.Err, context.Canceled) {
			s.Close()
			return list, fmt.Errorf("read signals of %s: %w", s.Topic, e.Err)
		}
	}
	return list, ctx.Err()
}

// standsAt reports whether the client reads on from the offsets.
func (s *Signals) standsAt(offsets map[int32]int64) bool {
	for p, at := range s.at {
		if offsets[p] != at {
			return false
		}
	}
	return true
}

// open begins at the offsets; false: there is no such topic.
func (s *Signals) open(ctx context.Context, offsets map[int32]int64) (bool, error) {
	bounded, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	options := append([]kgo.Opt{kgo.SeedBrokers(s.Brokers...)}, s.Security.Options()...)
	client, err := kgo.NewClient(options...)
	if err != nil {
		return false, fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(bounded, s.Topic)
	if err == nil {
		err = ends.Error()
	}
	var starts kadm.ListedOffsets
	if err == nil {
		starts, err = admin.ListStartOffsets(bounded, s.Topic)
	}
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("topic of signals %s: %w", s.Topic, err)
	}
	from := map[int32]kgo.Offset{}
	s.at = map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		at, ok := offsets[end.Partition]
		if !ok || at > end.Offset { // new, or the topic was made anew
			at = end.Offset
		}
		if start, ok := starts.Lookup(s.Topic, end.Partition); ok {
			at = max(at, start.Offset)
		}
		offsets[end.Partition], s.at[end.Partition] = at, at
		from[end.Partition] = kgo.NewOffset().At(at)
	})
	s.client, err = kgo.NewClient(append(options, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{s.Topic: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(signalWait/2))...)
	return err == nil, err
}

// Close ends the client.
func (s *Signals) Close() {
	if s.client != nil {
		s.client.Close()
		s.client = nil
	}
}
