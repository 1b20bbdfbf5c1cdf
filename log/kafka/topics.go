package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"marmot/log"
)

// topics knows the topics' ids and the leaders of their partitions.
type topics struct {
	mu      sync.Mutex
	cluster string
	ids     map[string]kadm.TopicID // as they were when the log was opened
	leaders map[string][]int32
}

// load reads them anew. Another topic id than at the first time is log.ErrRecreated.
func (t *topics) load(ctx context.Context, l *Log) error {
	names := []string{l.options.orderTopic(), l.options.changesTopic(), l.options.membersTopic()}
	m, err := freshMetadata(ctx, l.admin, names...)
	if err != nil {
		return fmt.Errorf("%w: topics of the log: %w", log.ErrUnreachable, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	leaders := map[string][]int32{}
	for _, name := range names {
		d, ok := m.Topics[name]
		if err := t.missing(name, d, ok); err != nil {
			return err
		}
		for range d.Partitions {
			leaders[name] = append(leaders[name], -1)
		}
		for _, p := range d.Partitions {
			if int(p.Partition) >= len(d.Partitions) {
				return fmt.Errorf("%w: topic %s: a partition is missing in its metadata", log.ErrUnreachable, name)
			}
			leaders[name][p.Partition] = p.Leader
		}
		if id, known := t.ids[name]; known && id != d.ID {
			return fmt.Errorf("topic %s had id %s and has %s: %w", name, id, d.ID, log.ErrRecreated)
		}
	}
	if t.ids == nil {
		t.cluster = m.Cluster
		t.ids = map[string]kadm.TopicID{}
		for _, name := range names {
			t.ids[name] = m.Topics[name].ID
		}
	}
	t.leaders = leaders
	return nil
}

// freshMetadata asks a broker. Plain kadm answers from a cache that is seconds old, which hides a topic
// that was deleted and created anew; asked for authorized operations too, it does not.
func freshMetadata(ctx context.Context, admin *kadm.Client, topics ...string) (kadm.Metadata, error) {
	return admin.Metadata(kadm.WithAuthorizedOps(ctx), topics...)
}

func (t *topics) missing(name string, d kadm.TopicDetail, ok bool) error {
	switch {
	case ok && d.Err == nil:
		return nil
	case ok && !errors.Is(d.Err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("%w: topic %s: %w", log.ErrUnreachable, name, d.Err)
	case t.ids != nil:
		return fmt.Errorf("topic %s is gone: %w", name, log.ErrRecreated)
	}
	return fmt.Errorf("%w: topic %s does not exist; run `marmot log init` once for this cluster", log.ErrNoGenesis, name)
}

func (t *topics) count(topic string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.leaders[topic])
}

// leader returns the id of the topic and the leader of its partition, -1 if there is none.
func (t *topics) leader(topic string, partition int32) (kadm.TopicID, int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	leaders := t.leaders[topic]
	if int(partition) >= len(leaders) {
		return t.ids[topic], -1
	}
	return t.ids[topic], leaders[partition]
}

// Identity implements log.Log: Kafka's cluster id and the ids of the topics.
func (l *Log) Identity(ctx context.Context) (log.Identity, error) {
	if l.isClosed() {
		return log.Identity{}, log.ErrClosed
	}
	names := []string{l.options.orderTopic(), l.options.changesTopic()}
	m, err := freshMetadata(ctx, l.admin, names...)
	if err != nil {
		return log.Identity{}, fmt.Errorf("%w: identity of the log: %w", log.ErrUnreachable, err)
	}
	identity := log.Identity{Cluster: m.Cluster}
	for _, name := range names {
		d, ok := m.Topics[name]
		if err := l.topics.missing(name, d, ok); err != nil {
			return log.Identity{}, err
		}
		identity.Topics = append(identity.Topics, d.ID.String())
	}
	return identity, nil
}

// Bounds implements log.Log.
func (l *Log) Bounds(ctx context.Context, s log.Stream) (start, end int64, err error) {
	topic, partition, err := l.place(s)
	if err != nil {
		return 0, 0, err
	}
	if l.isClosed() {
		return 0, 0, log.ErrClosed
	}
	starts, err := l.admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: start of %s: %w", log.ErrUnreachable, topic, err)
	}
	ends, err := l.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: end of %s: %w", log.ErrUnreachable, topic, err)
	}
	first, _ := starts.Lookup(topic, partition)
	last, ok := ends.Lookup(topic, partition)
	if err := errors.Join(first.Err, last.Err); err != nil || !ok {
		return 0, 0, fmt.Errorf("%w: bounds of %s/%d: %w", log.ErrUnreachable, topic, partition, err)
	}
	return first.Offset, last.Offset, nil
}

// Trim implements log.Log by DeleteRecords.
func (l *Log) Trim(ctx context.Context, s log.Stream, before int64) error {
	topic, partition, err := l.place(s)
	if err != nil {
		return err
	}
	start, end, err := l.Bounds(ctx, s)
	switch {
	case err != nil:
		return err
	case before <= start:
		return nil
	case before > end:
		return fmt.Errorf("trim %s/%d before %d: it ends at %d", topic, partition, before, end)
	}
	if s == log.Order {
		if err := l.keepGenesis(ctx, start); err != nil {
			return fmt.Errorf("trim %s: keep the genesis: %w", topic, err)
		}
	}
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, partition, before, -1)
	responses, err := l.admin.DeleteRecords(ctx, offsets)
	if err == nil {
		err = responses.Error()
	}
	if err != nil {
		return fmt.Errorf("trim %s/%d before %d: %w", topic, partition, before, err)
	}
	return nil
}
