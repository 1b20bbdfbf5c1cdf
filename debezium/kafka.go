package debezium

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka returns the record as franz-go's client takes it.
func (r *Record) Kafka() *kgo.Record {
	k := &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value, Partition: r.Partition}
	for _, h := range r.Headers {
		k.Headers = append(k.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
	}
	if r.Timestamp != 0 {
		k.Timestamp = time.UnixMilli(r.Timestamp)
	}
	return k
}

// Partitioner takes the partition that a record names, else Kafka's hash of its key. Records
// without key go to partition 0, so that the rows of a table keep their order.
func Partitioner() kgo.Partitioner { return partitioner{} }

type partitioner struct{}

// ForTopic implements kgo.Partitioner.
func (partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	return topicPartitioner{kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

type topicPartitioner struct{ byKey kgo.TopicPartitioner }

// RequiresConsistency implements kgo.TopicPartitioner: a partition is not chosen by who is alive.
func (topicPartitioner) RequiresConsistency(*kgo.Record) bool { return true }

// Partition implements kgo.TopicPartitioner.
func (t topicPartitioner) Partition(r *kgo.Record, n int) int {
	switch {
	case r.Partition >= 0:
		return int(r.Partition) % n
	case r.Key == nil:
		return 0
	}
	return t.byKey.Partition(r, n)
}
