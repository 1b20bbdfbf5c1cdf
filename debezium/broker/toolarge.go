package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"marmot/debezium"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// batchOverhead is more than what a batch of one record has besides key, value and headers.
const batchOverhead = 512

// batchLimits says how large a batch of a topic may be: topics of somebody else's making may take less than ours. The client asks
// from goroutines of its own, so that limits must not change.
func batchLimits(limits map[string]int32) func(topic string) int32 {
	return func(topic string) int32 {
		if limit := limits[topic]; limit > 0 {
			return limit
		}
		return maxEventBytes
	}
}

// validTopic reports whether Kafka takes a topic of that name.
func validTopic(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= 249 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
}

// tooLarge handles what Kafka said of a batch that was too large for its topic; index is that of a record in it. The
// transaction is aborted.
//
// Kafka refuses batches, not records: so the topic's limit is asked for, and the emitter comes again with the batch, which then
// leaves in smaller ones. A record that is refused under that limit is too large by itself.
func (p *Publisher) tooLarge(ctx context.Context, batch []debezium.Record, index int, cause error) error {
	topic := batch[index].Topic
	var limit int32
	err := p.step(ctx, func(ctx context.Context) (err error) { limit, err = p.topicLimit(ctx, topic); return err })
	if err != nil {
		return fmt.Errorf("%w; its limit is not to be had: %w", cause, err)
	}
	r := batch[index].Kafka()
	size := len(r.Key) + len(r.Value) + batchOverhead
	for _, h := range r.Headers {
		size += len(h.Key) + len(h.Value)
	}
	if p.limits[topic] == limit && size >= int(limit) {
		return &debezium.RecordError{Index: index, Cause: fmt.Errorf("its %d bytes are more than max.message.bytes of the topic, %d, allows: %w", size-batchOverhead, limit, cause)}
	}
	p.limits[topic] = limit
	return fmt.Errorf("%w: batches for %s are made smaller", cause, topic)
}

// topicLimit asks for max.message.bytes of a topic.
func (p *Publisher) topicLimit(ctx context.Context, topic string) (int32, error) {
	configs, err := kadm.NewClient(p.client).DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return 0, err
	}
	c, err := configs.On(topic, nil)
	if err == nil {
		err = c.Err
	}
	if err != nil {
		return 0, err
	}
	for _, e := range c.Configs {
		if e.Key == "max.message.bytes" && e.Value != nil {
			n, err := strconv.ParseInt(*e.Value, 10, 32)
			return int32(min(max(n, batchOverhead), maxEventBytes)), err
		}
	}
	return 0, errors.New("the topic has no max.message.bytes")
}

// produced remembers the first record of a batch that failed.
type produced struct {
	index int
	err   error
}

// produce hands a batch to Kafka, and the progress if there is one.
func (p *Publisher) produce(ctx context.Context, batch []debezium.Record, progress []byte) produced {
	results := make(chan produced, len(batch)+1)
	send := func(i int, r *kgo.Record) {
		p.client.Produce(ctx, r, func(_ *kgo.Record, err error) { results <- produced{i, err} })
	}
	for i := range batch {
		send(i, batch[i].Kafka())
	}
	sent := len(batch)
	if progress != nil {
		sent++
		send(-1, &kgo.Record{Topic: ProgressTopic(p.options.Cluster), Key: []byte(p.options.Emission), Value: progress})
	}
	var first produced
	for range sent {
		r := <-results
		if errors.Is(r.err, kerr.UnknownTopicOrPartition) || errors.Is(r.err, kerr.UnknownTopicID) {
			clear(p.topics) // somebody has deleted one: it is made again
		}
		// A record that is too large tells more than those that failed with it.
		if r.err != nil && (first.err == nil || errors.Is(r.err, kerr.MessageTooLarge) && !errors.Is(first.err, kerr.MessageTooLarge)) {
			first = r
		}
	}
	return first
}
