package connect

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marmot/connect/sink/file"
	"marmot/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// source is a Kafka to write events to.
func source(t *testing.T) (o Options, prefix string, producer *kgo.Client) {
	t.Helper()
	brokers, security := kafkatest.Brokers(t)
	prefix = fmt.Sprintf("test-p%d", time.Now().UnixNano())
	producer, err := kafkatest.Client(brokers, security, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID("marmot-"+prefix))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(producer.Close)
	_, err = kadm.NewClient(producer).CreateTopics(t.Context(), 2, -1, nil, prefix, prefix+".shop.item", prefix+"else")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Brokers: brokers, Security: security, Group: prefix, Prefix: prefix}, prefix, producer
}

// produce writes n records a topic in one transaction.
func produce(t *testing.T, producer *kgo.Client, n int, end kgo.TransactionEndTry, topics ...string) {
	t.Helper()
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	var list []*kgo.Record
	for _, topic := range topics {
		for i := range n {
			list = append(list, &kgo.Record{Topic: topic, Partition: int32(i % 2), Value: fmt.Appendf(nil, `{"n":%d,"committed":%v}`, i, end)})
		}
	}
	if err := producer.ProduceSync(t.Context(), list...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := producer.EndTransaction(t.Context(), end); err != nil {
		t.Fatal(err)
	}
}

// lines counts the lines of finished and open files below dir by topic.
func lines(t *testing.T, dir string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	names, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // renamed meanwhile; the caller looks again
		}
		topic := filepath.Base(filepath.Dir(filepath.Dir(name)))
		counts[topic] += strings.Count(string(text), "\n")
		if strings.Contains(string(text), "false") {
			t.Errorf("%s holds an aborted record", name)
		}
	}
	return counts
}

// run starts a pipeline into dir and ends it once dir holds the wanted lines of each topic.
func run(t *testing.T, o Options, dir string, want map[string]int) {
	t.Helper()
	s, err := file.New(file.Options{Dir: dir, RotateBytes: 500, RotateInterval: time.Second, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	o.Sink, o.FlushInterval = s, 20*time.Millisecond
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for missing(lines(t, dir), want) {
		select {
		case err := <-done:
			t.Fatalf("the pipeline ended at %v: %v", lines(t, dir), err)
		case <-tick.C:
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func missing(got, want map[string]int) bool {
	for topic, n := range want {
		if got[topic] < n {
			return true
		}
	}
	return false
}

func TestCommittedRecordsOfThePrefixAreStoredOnce(t *testing.T) {
	o, prefix, producer := source(t)
	dir := t.TempDir()
	topic := prefix + ".shop.item"
	produce(t, producer, 40, kgo.TryCommit, prefix, topic, prefix+"else")
	produce(t, producer, 10, kgo.TryAbort, prefix, topic)
	run(t, o, dir, map[string]int{topic: 40, prefix: 40})
	produce(t, producer, 30, kgo.TryCommit, topic)
	run(t, o, dir, map[string]int{topic: 70, prefix: 40})
	// A group that lost its offsets changes nothing: the sink knows.
	o.Group += "-other"
	produce(t, producer, 10, kgo.TryCommit, prefix, topic)
	run(t, o, dir, map[string]int{topic: 80, prefix: 50})
	got := lines(t, dir)
	if got[topic] != 80 || got[prefix] != 50 || got[prefix+"else"] != 0 {
		t.Errorf("lines %v, want 80 of the table, 50 of the prefix, none of the other", got)
	}
}
