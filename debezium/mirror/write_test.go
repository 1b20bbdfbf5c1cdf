package mirror

import (
	"fmt"
	"testing"

	"marmot/debezium"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestABatchIsSeenAtOnce: whoever has read one event of a batch finds the others, those of topics that are new too.
func TestABatchIsSeenAtOnce(t *testing.T) {
	const topics = 50
	m := newMirror(t, &memoryMeta{values: map[string][]byte{}}, "127.0.0.1:0", 1<<20)
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(m.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	published := make(chan error, 1)
	go func() {
		for i := range topics {
			batch := []debezium.Record{
				{Topic: "m.told", Partition: 0, Value: []byte("told")},
				{Topic: "m.rows", Partition: 1, Value: []byte("row")},
				{Topic: fmt.Sprintf("m.new-%d", i), Partition: 2, Value: []byte("row")},
			}
			if err := m.Publish(t.Context(), batch, debezium.Progress{Position: txn.Position(i + 1)}); err != nil {
				published <- err
				return
			}
		}
		published <- nil
	}()
	admin := kadm.NewClient(reader)
	for last := int64(0); last < topics; {
		select {
		case err := <-published:
			if err != nil {
				t.Fatal(err)
			}
		default:
		}
		told := endOf(t, admin, "m.told", 0)
		if rows := endOf(t, admin, "m.rows", 1); rows < told {
			t.Fatalf("%d batches of one topic are there, and %d of the other", told, rows)
		}
		for ; last < told; last++ {
			if topic := fmt.Sprintf("m.new-%d", last); endOf(t, admin, topic, 2) != 1 {
				t.Fatalf("batch %d is there, and its row of %s is not", last+1, topic)
			}
		}
	}
}

// endOf is where a partition ends, 0 while the topic is not there.
func endOf(t *testing.T, admin *kadm.Client, topic string, partition int32) int64 {
	t.Helper()
	ends, err := admin.ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, partition)
	return max(end.Offset, 0)
}
