package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"marmot/internal/kafkaclient"
	"marmot/internal/kafkatest"
	"marmot/log"
	"marmot/log/logtest"
)

// names gives every test topics of its own.
var names atomic.Int64

func newCluster(t *testing.T, brokers int) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(brokers))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func testOptions(brokers []string) Options {
	return Options{Brokers: brokers, Cluster: fmt.Sprintf("test-%d-%d", time.Now().UnixNano(), names.Add(1)), Partitions: logtest.Partitions}
}

func mustCreate(t *testing.T, o Options) *Log {
	t.Helper()
	if err := Create(t.Context(), o); err != nil {
		t.Fatalf("create: %v", err)
	}
	return mustOpen(t, o)
}

func mustOpen(t *testing.T, o Options) *Log {
	t.Helper()
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func factory(brokers []string, security *kafkaclient.Security) logtest.Factory {
	return logtest.Factory{
		New: func(t *testing.T) log.Log {
			o := testOptions(brokers)
			o.Security = security
			return mustCreate(t, o)
		},
		Reopen: func(t *testing.T, l log.Log) log.Log {
			// The process ends without a word to the brokers.
			return mustOpen(t, l.(*Log).options)
		},
		Recreate: func(t *testing.T, l log.Log) {
			o := l.(*Log).options
			admin := l.(*Log).admin
			if _, err := admin.DeleteTopics(t.Context(), o.orderTopic(), o.changesTopic()); err != nil {
				t.Fatal(err)
			}
			for {
				// Kafka deletes in the background.
				err := Create(t.Context(), o)
				if err == nil {
					return
				}
				if t.Context().Err() != nil {
					t.Fatal(err)
				}
			}
		},
		TrimsExactly: true,
		TooLarge:     MaxValueBytes + 1,
	}
}

func TestConformanceOnKfake(t *testing.T) {
	c := newCluster(t, 3)
	f := factory(c.ListenAddrs(), nil)
	f.RefuseNext = func(t *testing.T, l log.Log) {
		c.ControlKey(produceKey, func(request kmsg.Request) (kmsg.Response, error, bool) {
			return produceError(request.(*kmsg.ProduceRequest), kerr.InvalidRecord.Code), nil, true
		})
	}
	logtest.Run(t, f)
}

func TestConformanceOnKafka(t *testing.T) {
	brokers, security := kafkatest.Real(t)
	if len(brokers) == 0 {
		t.Skip("MARMOT_TEST_KAFKA names no brokers; kfake has been tested")
	}
	logtest.Run(t, factory(brokers, security))
}

// produceError answers a produce request with an error for each partition.
func produceError(request *kmsg.ProduceRequest, code int16) *kmsg.ProduceResponse {
	response := request.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range request.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, code
			t.Partitions = append(t.Partitions, p)
		}
		response.Topics = append(response.Topics, t)
	}
	return response
}

func TestUnreachableBrokersAreNamed(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	o := testOptions([]string{"127.0.0.1:1"})
	for _, open := range []func() error{
		func() error { _, err := Open(ctx, o); return err },
		func() error { return Create(ctx, o) },
	} {
		err := open()
		if !errors.Is(err, log.ErrUnreachable) || !strings.Contains(err.Error(), "log.brokers") || !strings.Contains(err.Error(), "127.0.0.1:1") {
			t.Errorf("%v, want ErrUnreachable with log.brokers", err)
		}
	}
}

func TestMissingTopicsNameTheCommand(t *testing.T) {
	_, err := Open(t.Context(), testOptions(newCluster(t, 1).ListenAddrs()))
	if !errors.Is(err, log.ErrNoGenesis) || !strings.Contains(err.Error(), "marmot log init") {
		t.Errorf("%v, want ErrNoGenesis with the command", err)
	}
}

func TestOtherPartitionsAreRefused(t *testing.T) {
	o := testOptions(newCluster(t, 3).ListenAddrs())
	mustCreate(t, o)
	o.Partitions = 5
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "log.partitions is 5") {
		t.Errorf("%v, want an error about log.partitions", err)
	}
}

func TestSettingsThatEndangerDataAreRefused(t *testing.T) {
	o := testOptions(newCluster(t, 3).ListenAddrs())
	l := mustCreate(t, o)
	if err := l.Check(t.Context()); err != nil {
		t.Fatalf("check of what Create made: %v", err)
	}
	unsafe := o
	unsafe.AllowUnsafe = true
	lenient := mustOpen(t, unsafe)
	tests := []struct {
		setting, value, good string
		fatal                bool
	}{
		{"min.insync.replicas", "1", "2", false},
		{"unclean.leader.election.enable", "true", "false", false},
		{"message.timestamp.type", "CreateTime", "LogAppendTime", false},
		{"retention.ms", "1000000", "-1", false},
		{"retention.bytes", "1000000", "-1", false},
		{"cleanup.policy", "compact", "delete", true},
		{"max.message.bytes", "1000000", fmt.Sprint(maxMessageBytes), true},
	}
	for _, test := range tests {
		set := func(value string) {
			r, err := l.admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: test.setting, Value: &value}}, o.orderTopic())
			if err == nil && len(r) > 0 {
				err = r[0].Err
			}
			if err != nil {
				t.Fatalf("%s: %v", test.setting, err)
			}
		}
		set(test.value)
		err := l.Check(t.Context())
		var wrong *log.CheckError
		if !errors.As(err, &wrong) || wrong.Setting != test.setting || wrong.Value != test.value || wrong.Want == "" || wrong.Remedy == "" {
			t.Errorf("%s=%s: %v", test.setting, test.value, err)
		}
		if err := lenient.Check(t.Context()); (err != nil) != test.fatal {
			t.Errorf("%s=%s with log.allow_unsafe: %v", test.setting, test.value, err)
		}
		set(test.good)
	}
}

func TestAnOrderTopicHasOnePartition(t *testing.T) {
	c := newCluster(t, 1)
	o := testOptions(c.ListenAddrs())
	o.AllowUnsafe = true
	if err := c.CreateTopic(o.orderTopic(), 2, nil); err != nil {
		t.Fatal(err)
	}
	l := mustCreate(t, o)
	var wrong *log.CheckError
	if err := l.Check(t.Context()); !errors.As(err, &wrong) || wrong.Setting != "number of partitions" || wrong.Value != "2" {
		t.Errorf("check: %v, want a CheckError of the partitions", err)
	}
}

func TestASingleBrokerNeedsAllowUnsafe(t *testing.T) {
	o := testOptions(newCluster(t, 1).ListenAddrs())
	err := Create(t.Context(), o)
	var wrong *log.CheckError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "log.allow_unsafe") {
		t.Fatalf("create: %v, want a CheckError", err)
	}
	o.AllowUnsafe = true
	l := mustCreate(t, o)
	if err := l.Check(t.Context()); err != nil {
		t.Errorf("check with log.allow_unsafe: %v", err)
	}
	o.AllowUnsafe = false
	if err := mustOpen(t, o).Check(t.Context()); !errors.As(err, &wrong) {
		t.Errorf("check: %v, want a CheckError", err)
	}
}

func TestWhatABrokerMayHaveTakenIsUnknown(t *testing.T) {
	c := newCluster(t, 3)
	l := mustCreate(t, testOptions(c.ListenAddrs()))
	if _, err := log.AppendWait(t.Context(), l, log.Order, []byte("0")); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	c.ControlKey(produceKey, func(kmsg.Request) (kmsg.Response, error, bool) {
		c.SleepControl(func() { <-release })
		return nil, nil, false
	})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	answers := make(chan error, 1)
	l.Append(ctx, log.Order, []byte("1"), func(_ int64, err error) { answers <- err })
	if err := <-answers; !errors.Is(err, log.ErrUnknown) {
		t.Errorf("append whose answer does not come: %v, want ErrUnknown", err)
	}
	close(release)
	if offset, err := log.AppendWait(t.Context(), l, log.Order, []byte("2")); err != nil || offset != 2 {
		t.Errorf("the next append: %d, %v; want 2", offset, err)
	}
}

func TestRecordsThatWaitForARoundKeepTheirOrderOrNeverLeave(t *testing.T) {
	c := newCluster(t, 3)
	l := mustCreate(t, testOptions(c.ListenAddrs()))
	if _, err := log.AppendWait(t.Context(), l, log.Order, []byte("0")); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	requests := 0
	c.ControlKey(produceKey, func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if requests++; requests == 1 {
			c.SleepControl(func() { <-release })
		}
		return nil, nil, false
	})
	type answer struct {
		offset int64
		err    error
	}
	answers := make([]chan answer, 6)
	impatient, cancel := context.WithCancel(t.Context())
	for i := range answers {
		ctx := t.Context()
		if i == 2 {
			ctx = impatient
		}
		answers[i] = make(chan answer, 1)
		l.Append(ctx, log.Order, fmt.Append(nil, i+1), func(offset int64, err error) { answers[i] <- answer{offset, err} })
	}
	cancel()
	if a := <-answers[2]; !errors.Is(a.err, log.ErrUnreachable) || errors.Is(a.err, log.ErrUnknown) {
		t.Errorf("a record that still waited: %v, want ErrUnreachable", a.err)
	}
	close(release)
	want := int64(1)
	for i, answered := range answers {
		if i == 2 {
			continue
		}
		if a := <-answered; a.err != nil || a.offset != want {
			t.Errorf("record %d: offset %d, %v; want %d", i, a.offset, a.err, want)
		}
		want++
	}
	if _, end, err := l.Bounds(t.Context(), log.Order); err != nil || end != want {
		t.Errorf("the log ends at %d, %v; want %d", end, err, want)
	}
}

func TestChunksDoNotWaitForAPartitionWithoutALeader(t *testing.T) {
	c := newCluster(t, 3)
	l := mustCreate(t, testOptions(c.ListenAddrs()))
	c.ControlKey(produceKey, func(request kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if p := request.(*kmsg.ProduceRequest); p.Topics[0].Partitions[0].Partition == 0 {
			return produceError(p, kerr.NotLeaderForPartition.Code), nil, true
		}
		return nil, nil, false
	})
	stuck := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	l.Append(ctx, log.Stream(0), []byte("0"), func(_ int64, err error) { stuck <- err })
	for i := range 3 {
		if _, err := log.AppendWait(t.Context(), l, log.Stream(1), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-stuck:
		t.Errorf("the partition without a leader answered: %v", err)
	default:
	}
	cancel()
	if err := <-stuck; !errors.Is(err, log.ErrUnknown) {
		t.Errorf("what has left for it: %v, want ErrUnknown", err)
	}
}

func TestWhatNeverLeftIsNotInTheLog(t *testing.T) {
	c := newCluster(t, 3)
	l := mustCreate(t, testOptions(c.ListenAddrs()))
	c.Close()
	offset, err := log.AppendWait(t.Context(), l, log.Order, []byte("1"))
	if err == nil || errors.Is(err, log.ErrUnknown) || !errors.Is(err, log.ErrUnreachable) {
		t.Errorf("append to a cluster that is gone: %d, %v; want ErrUnreachable", offset, err)
	}
}

func TestReadsOutliveALeadersMove(t *testing.T) {
	c := newCluster(t, 3)
	o := testOptions(c.ListenAddrs())
	l := mustCreate(t, o)
	read := make(chan error, 1)
	go func() {
		entries, err := l.Read(t.Context(), log.Order, 0, 100)
		if err == nil && string(entries[0].Value) != "after" {
			err = fmt.Errorf("read %q", entries[0].Value)
		}
		read <- err
	}()
	for node := range int32(3) {
		if err := c.MoveTopicPartition(o.orderTopic(), 0, node); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.AppendWait(t.Context(), l, log.Order, []byte("after")); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

func TestAGapIsAnError(t *testing.T) {
	c := newCluster(t, 3)
	o := testOptions(c.ListenAddrs())
	l := mustCreate(t, o)
	// A transaction's markers take offsets.
	producer, err := kgo.NewClient(kgo.SeedBrokers(o.Brokers...), kgo.TransactionalID("someone else's"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for range 2 {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: o.orderTopic(), Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
	}
	for offset := int64(0); ; {
		entries, err := l.Read(t.Context(), log.Order, offset, 1<<20)
		if errors.Is(err, log.ErrGap) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		offset += int64(len(entries))
		if offset > 2 {
			t.Fatalf("%d records of 2 were read without an error", offset)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	brokers, security := kafkatest.Real(b)
	if len(brokers) == 0 {
		b.Skip("MARMOT_TEST_KAFKA names no brokers")
	}
	o := testOptions(brokers)
	o.Security = security
	if err := Create(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	l, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		if _, err := log.AppendWait(b.Context(), l, log.Order, make([]byte, 300)); err != nil {
			b.Fatal(err)
		}
	}
}
