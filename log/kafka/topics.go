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
	ids     map[string]kadm.TopicID // as they were when the log was opened
	leaders map[string][]int32
}

// load reads them anew. Another topic id than at the first time is log.ErrRecreated.
func (t *topics) load(ctx context.Context, l *Log) error {
	names := []string{l.options.orderTopic(), l.options.changesTopic(), l.options.membersTopic()}
	m, err := l.describe(ctx, names...)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	leaders := map[string][]int32{}
	for _, name := range names {
		d := m.Topics[name]
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
		t.ids = map[string]kadm.TopicID{}
		for _, name := range names {
			t.ids[name] = m.Topics[name].ID
		}
	}
	t.leaders = leaders
	return nil
}

// known tells whether the topics have been there.
func (t *topics) known() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ids != nil
}

// describe asks for topics. A broker may not have heard yet of one that has just been created, so a missing topic is
// believed only after a while: then it is log.ErrNoGenesis, or log.ErrRecreated if it has been there.
func (l *Log) describe(ctx context.Context, names ...string) (kadm.Metadata, error) {
	patient, cancel := context.WithTimeout(ctx, missingPatience)
	defer cancel()
	for {
		m, err := freshMetadata(ctx, l.admin, names...)
		if err != nil {
			return m, fmt.Errorf("%w: topics of the log: %w", log.ErrUnreachable, err)
		}
		missing, err := "", error(nil)
		for _, name := range names {
			d, ok := m.Topics[name]
			if !ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
				missing = name
			} else if d.Err != nil {
				err = fmt.Errorf("%w: topic %s: %w", log.ErrUnreachable, name, d.Err)
			}
		}
		if missing == "" || err != nil {
			return m, err
		}
		if l.sleep(patient, 5*firstPause) == nil {
			continue
		}
		if l.topics.known() {
			return m, fmt.Errorf("topic %s is gone: %w", missing, log.ErrRecreated)
		}
		return m, fmt.Errorf("%w: topic %s does not exist; run `marmot log init` once for this cluster", log.ErrNoGenesis, missing)
	}
}

// freshMetadata asks a broker. Plain kadm answers from a cache that is seconds old, which hides a topic
// that was deleted and created anew; asked for authorized operations too, it does not.
func freshMetadata(ctx context.Context, admin *kadm.Client, topics ...string) (kadm.Metadata, error) {
	return admin.Metadata(kadm.WithAuthorizedOps(ctx), topics...)
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
	m, err := l.describe(ctx, names...)
	if err != nil {
		return log.Identity{}, fmt.Errorf("identity of the log: %w", err)
	}
	identity := log.Identity{Cluster: m.Cluster}
	for _, name := range names {
		identity.Topics = append(identity.Topics, m.Topics[name].ID.String())
	}
	return identity, nil
}

// Bounds implements log.Log.
func (l *Log) Bounds(ctx context.Context, s log.Stream) (start, end int64, err error) {
	topic, partition, err := l.place(s)
	if err != nil {
		return 0, 0, err
	}
	patient, cancel := context.WithTimeout(ctx, electionPatience)
	defer cancel()
	for {
		if l.isClosed() {
			return 0, 0, log.ErrClosed
		}
		start, err := offsetOf(ctx, l.admin.ListStartOffsets, topic, partition)
		if err == nil {
			end, err = offsetOf(ctx, l.admin.ListEndOffsets, topic, partition)
		}
		// A leader that is just being elected answers with an error that passes.
		if err == nil || !kerr.IsRetriable(err) || l.sleep(patient, 5*firstPause) != nil {
			return start, end, err
		}
	}
}

// offsetOf asks for one end of a partition.
func offsetOf(ctx context.Context, list func(context.Context, ...string) (kadm.ListedOffsets, error), topic string, partition int32) (int64, error) {
	offsets, err := list(ctx, topic)
	listed, ok := offsets.Lookup(topic, partition)
	switch {
	case err != nil && !ok:
		return 0, fmt.Errorf("%w: bounds of %s/%d: %w", log.ErrUnreachable, topic, partition, err)
	case listed.Err != nil:
		return 0, fmt.Errorf("%w: bounds of %s/%d: %w", log.ErrUnreachable, topic, partition, listed.Err)
	case !ok:
		return 0, fmt.Errorf("%w: bounds of %s/%d: %w", log.ErrUnreachable, topic, partition, kerr.UnknownTopicOrPartition)
	}
	return listed.Offset, nil
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
		return fmt.Errorf("trim %s/%d before %d: %w", topic, partition, before, l.options.Security.Explain(err))
	}
	return nil
}
