package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// memoryMeta is a Meta that survives the mirror.
type memoryMeta struct {
	mu     sync.Mutex
	values map[string][]byte
}

// Meta implements Meta.
func (m *memoryMeta) Meta(key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok, nil
}

// SetMeta implements Meta.
func (m *memoryMeta) SetMeta(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return nil
}

func newMirror(t *testing.T, meta Meta, listen string, retention int64) *Mirror {
	t.Helper()
	m, err := New(t.Context(), Options{Listen: listen, ClusterID: "c", Partitions: 3, RetentionBytes: retention, Meta: meta})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// publish publishes positions [from, to] of an endless history: each position has one record on each of
// two topics.
func publish(t *testing.T, m *Mirror, from, to, size int) {
	t.Helper()
	for p := from; p <= to; p++ {
		value := fmt.Sprintf("%d %s", p, strings.Repeat("x", size))
		batch := []debezium.Record{
			{Topic: "m.shop.a", Partition: -1, Key: fmt.Appendf(nil, "k%d", p%7), Value: []byte(value)},
			{Topic: "m.shop.b", Partition: -1, Value: []byte(value)},
		}
		if err := m.Publish(t.Context(), batch, debezium.Progress{Position: txn.Position(p)}); err != nil {
			t.Fatal(err)
		}
	}
}

// again publishes what a start has to: everything after the mirror's progress.
func again(t *testing.T, m *Mirror, to, size int) (from int) {
	t.Helper()
	p, err := m.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	publish(t, m, int(p.Position)+1, to, size)
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return int(p.Position)
}

// read consumes with a group until it has seen n records, and commits.
func read(t *testing.T, address string, n int) map[string]int {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumerGroup("g"), kgo.ConsumeTopics("m.shop.a", "m.shop.b"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := map[string]int{}
	for total := 0; total < n; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%d of %d records after a minute", total, n)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			number, _, _ := strings.Cut(string(r.Value), " ")
			seen[r.Topic+" "+number]++
			total++
		})
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestAConsumerGoesOnAfterARestart: a new mirror over the same log and Meta shows an attached
// group the records that it has not read, and only those.
func TestAConsumerGoesOnAfterARestart(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	first := newMirror(t, meta, "127.0.0.1:0", 1<<20)
	again(t, first, 20, 10)
	address := first.Addr()
	seen := read(t, address, 40)
	first.Close()

	second := newMirror(t, meta, address, 1<<20)
	if from := again(t, second, 30, 10); from != 0 {
		t.Errorf("the second mirror began at %d although all records fit", from)
	}
	for k, n := range read(t, address, 20) {
		seen[k] += n
	}
	for _, topic := range []string{"m.shop.a", "m.shop.b"} {
		for p := 1; p <= 30; p++ {
			if n := seen[fmt.Sprintf("%s %d", topic, p)]; n != 1 {
				t.Errorf("position %d of %s was seen %d times", p, topic, n)
			}
		}
	}
}

// TestARestartBeginsAtACheckpoint: with more history than the retention, a start begins in its
// midst, and offsets are what they were.
// TestLargeRowsAndBatchesArePublished: brokers take a MiB at a time unless they are told otherwise.
func TestLargeRowsAndBatchesArePublished(t *testing.T) {
	m := newMirror(t, &memoryMeta{values: map[string][]byte{}}, "127.0.0.1:0", 256<<20)
	publish(t, m, 1, 1, 10<<20)
	var batch []debezium.Record
	for i := range 100 {
		batch = append(batch, debezium.Record{Topic: "m.shop.a", Partition: 0, Value: fmt.Appendf(nil, "%d of many %s", i, strings.Repeat("x", 50_000))})
	}
	if err := m.Publish(t.Context(), batch, debezium.Progress{Position: 2}); err != nil {
		t.Fatal(err)
	}
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen := read(t, m.Addr(), 102); len(seen) != 101 {
		t.Errorf("%d different records, want 101", len(seen))
	}
}

func TestARestartBeginsAtACheckpoint(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	const retention, size = 1 << 20, 4000
	first := newMirror(t, meta, "127.0.0.1:0", retention)
	again(t, first, 1000, size)
	want := first.state.ends
	address := first.Addr()
	first.Close()

	second := newMirror(t, meta, address, retention)
	if from := again(t, second, 1000, size); from == 0 {
		t.Error("the second mirror began at the start of the log")
	}
	for topic, ends := range want {
		for p, end := range ends {
			if got := second.state.ends[topic][p]; got != end {
				t.Errorf("%s/%d ends at %d, before the restart at %d", topic, p, got, end)
			}
			info := second.broker.PartitionInfo(topic, int32(p))
			if info.HighWatermark != end {
				t.Errorf("%s/%d: the broker ends at %d, want %d", topic, p, info.HighWatermark, end)
			}
		}
	}
	if second.keptSize > retention {
		t.Errorf("%d bytes are kept, more than %d", second.keptSize, retention)
	}
}

func TestClientsWaitUntilTheMirrorIsOpen(t *testing.T) {
	m := newMirror(t, &memoryMeta{values: map[string][]byte{}}, "127.0.0.1:0", 1<<20)
	client, err := kgo.NewClient(kgo.SeedBrokers(m.Addr()), kgo.RequestRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := client.Ping(ctx); err == nil {
		t.Error("a client got an answer before Open")
	}
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	longer, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := client.Ping(longer); err != nil {
		t.Errorf("ping after Open: %v", err)
	}
}

func TestAnOccupiedPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = New(t.Context(), Options{Listen: l.Addr().String(), Partitions: 1, RetentionBytes: 1 << 20, Meta: &memoryMeta{values: map[string][]byte{}}})
	if err == nil || !strings.Contains(err.Error(), "kafka.listen") || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("error %v does not name kafka.listen and the address", err)
	}
}

func TestDamagedStateIsRefused(t *testing.T) {
	for _, key := range []string{checkpointsKey} {
		_, err := New(t.Context(), Options{Listen: "127.0.0.1:0", Partitions: 1, RetentionBytes: 1 << 20,
			Meta: &memoryMeta{values: map[string][]byte{key: []byte("{")}}})
		if !errors.Is(err, txn.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", key, err)
		}
	}
}

// TestABrokenMirrorPublishesNothingMore: a batch that is in the broker in part cannot be taken back, so its
// records must not be published again behind themselves.
func TestABrokenMirrorPublishesNothingMore(t *testing.T) {
	m := newMirror(t, &memoryMeta{values: map[string][]byte{}}, "127.0.0.1:0", 1<<20)
	publish(t, m, 1, 3, 10)
	batch := []debezium.Record{{Topic: "m.shop.a", Partition: -1, Key: []byte("k"), Value: []byte("v")}}
	m.client.Close()
	if err := m.Publish(t.Context(), batch, debezium.Progress{Position: 4}); !errors.Is(err, debezium.ErrBroken) {
		t.Errorf("publish: %v, want ErrBroken", err)
	}
	if err := m.Publish(t.Context(), batch, debezium.Progress{Position: 4}); !errors.Is(err, debezium.ErrBroken) {
		t.Errorf("publish again: %v, want ErrBroken", err)
	}
	if _, err := m.Progress(t.Context()); !errors.Is(err, debezium.ErrBroken) {
		t.Errorf("progress: %v, want ErrBroken", err)
	}
}

// TestABatchThatHasBegunIsFinished: an emission that is paused or given away ends its context, at any moment.
func TestABatchThatHasBegunIsFinished(t *testing.T) {
	m := newMirror(t, &memoryMeta{values: map[string][]byte{}}, "127.0.0.1:0", 1<<20)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	batch := []debezium.Record{{Topic: "m.shop.a", Partition: -1, Key: []byte("k"), Value: []byte("v")}}
	if err := m.Publish(ended, batch, debezium.Progress{Position: 4}); err != nil {
		t.Fatal(err)
	}
	if p, err := m.Progress(t.Context()); err != nil || p.Position != 4 {
		t.Errorf("progress %+v, %v, want position 4", p, err)
	}
	publish(t, m, 5, 6, 10)
}

// TestTheGateOutlivesErrorsOfAccept: an accept may fail for a moment, as when the process has no
// descriptors left.
func TestTheGateOutlivesErrorsOfAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(&failingListener{Listener: l, failures: 3}, nil)
	defer g.Close()
	g.open()
	if _, err := net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		_, err := g.Accept()
		accepted <- err
	}()
	select {
	case err := <-accepted:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("no connection got through within a minute")
	}
}

// failingListener fails a few times before it accepts.
type failingListener struct {
	net.Listener
	failures int
}

// Accept implements net.Listener.
func (l *failingListener) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, fmt.Errorf("accept: %w", syscall.EMFILE)
	}
	return l.Listener.Accept()
}

func TestAFullTableOfOffsetsRefusesNewOnesOnly(t *testing.T) {
	g := &groups{meta: &memoryMeta{values: map[string][]byte{}}, offsets: map[string]map[string]map[int32]committed{}}
	commit := func(group string, from, to int32, offset int64) error {
		r := kmsg.NewPtrOffsetCommitRequest()
		r.Group = group
		topic := kmsg.NewOffsetCommitRequestTopic()
		topic.Topic = "m.shop.a"
		for p := from; p < to; p++ {
			partition := kmsg.NewOffsetCommitRequestTopicPartition()
			partition.Partition, partition.Offset = p, offset
			topic.Partitions = append(topic.Partitions, partition)
		}
		r.Topics = append(r.Topics, topic)
		return g.store(r)
	}
	if err := commit("old", 0, maxGroupOffsets, 1); err != nil {
		t.Fatal(err)
	}
	if err := commit("new", 0, 1, 1); err == nil {
		t.Error("one offset more than the limit was taken")
	}
	if err := commit("old", 0, 1, 2); err != nil {
		t.Errorf("a group that is known cannot commit: %v", err)
	}
}
