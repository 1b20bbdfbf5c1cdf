package broker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
)

// smallTopic makes a topic that takes 10,000 bytes, as somebody else might.
func smallTopic(ctx context.Context, t *testing.T, o Options, topic string) {
	t.Helper()
	client, err := kafkatest.Client(o.Brokers, o.Security)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	limit := "10000"
	r, err := kadm.NewClient(client).CreateTopics(ctx, 1, o.Replication, map[string]*string{"max.message.bytes": &limit}, topic)
	if err != nil || r.Error() != nil {
		t.Fatal(err, r.Error())
	}
}

// incompressible is n bytes that no compression makes smaller.
func incompressible(n int) []byte {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// publishUntil publishes as an emitter does: after an error it asks for progress and comes again.
func publishUntil(ctx context.Context, p *Publisher, batch []debezium.Record) error {
	var err error
	for range 5 {
		var record *debezium.RecordError
		if err = p.Publish(ctx, batch, debezium.Progress{Position: 4}); err == nil || errors.As(err, &record) {
			return err
		}
		if _, err := p.Progress(ctx); err != nil {
			return err
		}
	}
	return err
}

func TestBatchesFitTheTopic(t *testing.T) {
	t.Run("exactly once", func(t *testing.T) { batchesFit(t, false) })
	t.Run("at least once", func(t *testing.T) { batchesFit(t, true) })
}

func batchesFit(t *testing.T, atLeastOnce bool) {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	o := options(t)
	o.AtLeastOnce = atLeastOnce
	topic := o.Cluster + ".small"
	smallTopic(ctx, t, o, topic)
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	var batch []debezium.Record
	for range 20 {
		batch = append(batch, debezium.Record{Topic: topic, Partition: 0, Value: incompressible(4000)})
	}
	if err := publishUntil(ctx, p, batch); err != nil {
		t.Fatalf("a batch of records that the topic takes one by one: %v", err)
	}
	large := []debezium.Record{batch[0], {Topic: topic, Partition: 0, Value: incompressible(20000)}, batch[1]}
	err := publishUntil(ctx, p, large)
	var record *debezium.RecordError
	if !errors.As(err, &record) || record.Index != 1 || !strings.Contains(err.Error(), "max.message.bytes of the topic, 10000") {
		t.Fatalf("a record that the topic does not take: %v", err)
	}
	if err := p.Publish(ctx, []debezium.Record{large[0], large[2]}, debezium.Progress{Position: 5}); err != nil {
		t.Fatalf("the batch without it: %v", err)
	}
	if got := consume(ctx, t, o, topic, 22); len(got) != 22 && !atLeastOnce {
		t.Errorf("%d records", len(got))
	}
}

func TestARecordWhoseTopicHasNoNameIsRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	o.Replicas = map[string]int16{"other": o.Replication}
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	batch := []debezium.Record{{Topic: o.Cluster + ".a", Partition: -1}, {Topic: "order created", Partition: -1, Value: []byte("x")}}
	var record *debezium.RecordError
	if err := p.Publish(ctx, batch, debezium.Progress{Position: 1}); !errors.As(err, &record) || record.Index != 1 {
		t.Fatalf("%v", err)
	}
	if err := p.Publish(ctx, batch[:1], debezium.Progress{Position: 1}); err != nil {
		t.Errorf("without it: %v", err)
	}
}
