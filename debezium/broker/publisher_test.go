package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkatest"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kgo"
)

func options(t *testing.T) Options {
	t.Helper()
	addresses, security := kafkatest.Brokers(t)
	return Options{Brokers: addresses, Security: security, Cluster: fmt.Sprintf("test%d", time.Now().UnixNano()), Emission: "main", Partitions: 2, Replication: int16(min(len(addresses), 3))}
}

func TestProgressAndRecordsAreStoredTogether(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	p := New(o)
	defer p.Close()
	if got, err := p.Progress(ctx); err != nil || got != (debezium.Progress{}) {
		t.Fatalf("progress of a new emission: %+v, %v", got, err)
	}
	topic := o.Cluster + ".shop.item"
	for i := range 3 {
		batch := []debezium.Record{
			{Topic: topic, Partition: -1, Key: []byte("k"), Value: fmt.Appendf(nil, "v%d", i), Headers: []debezium.Header{{Name: "h", Value: []byte("x")}}},
			{Topic: topic, Partition: -1, Value: fmt.Appendf(nil, "unkeyed%d", i)},
		}
		if err := p.Publish(ctx, batch, debezium.Progress{Position: 10, Events: uint64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	q := New(o)
	defer q.Close()
	if got, err := q.Progress(ctx); err != nil || got != (debezium.Progress{Position: 10, Events: 2}) {
		t.Fatalf("progress after three batches: %+v, %v", got, err)
	}
	if got := consume(ctx, t, o, topic, 6); len(got) != 6 {
		t.Errorf("consumed %v", got)
	}
}

// TestACopyOfTheNameHasProgressOfItsOwn: a cluster that was made anew with the name of an earlier one begins at the beginning.
func TestACopyOfTheNameHasProgressOfItsOwn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	for _, step := range []struct {
		cluster     string
		finds, puts txn.Position
	}{{"", 0, 5}, {"old", 5, 40}, {"new", 5, 7}, {"old", 40, 41}, {"new", 7, 8}} {
		o.ClusterID = step.cluster
		p := New(o)
		if got, err := p.Progress(ctx); err != nil || got.Position != step.finds {
			t.Errorf("%q finds %+v, %v; want %s", step.cluster, got, err, step.finds)
		}
		if err := p.Publish(ctx, nil, debezium.Progress{Position: step.puts}); err != nil {
			t.Error(err)
		}
		p.Close()
	}
}

func TestAnEarlierPublisherIsFenced(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	first, second := New(o), New(o)
	defer first.Close()
	defer second.Close()
	topic := o.Cluster + ".shop.item"
	record := func(v string) []debezium.Record {
		return []debezium.Record{{Topic: topic, Partition: 0, Value: []byte(v)}}
	}
	if _, err := first.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	if err := first.Publish(ctx, record("a"), debezium.Progress{Position: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	if err := first.Publish(ctx, record("stale"), debezium.Progress{Position: 2}); !errors.Is(err, debezium.ErrFenced) {
		t.Errorf("publish of a fenced emitter: %v, want ErrFenced", err)
	}
	if err := second.Publish(ctx, record("b"), debezium.Progress{Position: 2}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(consume(ctx, t, o, topic, 2), " "); got != "a b" {
		t.Errorf("consumed %q, want a b", got)
	}
}

// TestProgressWaitsForNobodysTransaction: one that is open in the progress topic, of another emission or of nobody any more, holds no emission up, and what was
// taken back is no progress.
func TestProgressWaitsForNobodysTransaction(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(ctx, nil, debezium.Progress{Position: 4}); err != nil {
		t.Fatal(err)
	}
	other := o
	other.Emission = "other"
	q := New(other)
	defer q.Close()
	if _, err := q.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	begin := func(p *Publisher, position txn.Position) {
		t.Helper()
		value, err := encodeProgress(debezium.Progress{Position: position}, "")
		if err == nil {
			err = p.client.BeginTransaction()
		}
		if err == nil {
			err = p.produce(ctx, nil, value).err
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	begin(q, 9) // stays open
	begin(p, 5)
	if err := p.client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	for _, want := range []txn.Position{4, 6} {
		if want == 6 {
			if err := p.Publish(ctx, nil, debezium.Progress{Position: want}); err != nil {
				t.Fatal(err)
			}
		}
		next := New(o)
		next.patient = 5 * time.Second // less than a transaction may be open
		if got, err := next.Progress(ctx); err != nil || got.Position != want {
			t.Errorf("progress %+v, %v, want position %s", got, err, want)
		}
		next.Close()
		if _, err := p.Progress(ctx); err != nil { // next has fenced it
			t.Fatal(err)
		}
	}
}

// consume reads n committed values of a topic.
func consume(ctx context.Context, t *testing.T, o Options, topic string, n int) []string {
	t.Helper()
	client, err := kafkatest.Client(o.Brokers, o.Security, kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var values []string
	for len(values) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("after %v: %v", values, err)
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values
}

// TestALargeEventIsPublished: Kafka's default limit of a message is 1 MiB, a row may be larger.
func TestALargeEventIsPublished(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	topic := o.Cluster + ".shop.item"
	value := make([]byte, 5<<20)
	for i := range value {
		value[i] = byte(i * i >> 3) // nothing that compression makes small
	}
	if err := p.Publish(ctx, []debezium.Record{{Topic: topic, Partition: 0, Value: value}}, debezium.Progress{Position: 1}); err != nil {
		t.Fatal(err)
	}
	if got := consume(ctx, t, o, topic, 1); len(got[0]) != len(value) {
		t.Errorf("consumed %d bytes, want %d", len(got[0]), len(value))
	}
}
