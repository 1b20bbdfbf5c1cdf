package connect

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"marmot/connect/sink"
	"marmot/internal/kafkaclient"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// countingSink takes everything, and notes in what state it was closed.
type countingSink struct {
	taken  atomic.Int64
	closed error // of the context at Close
}

func (s *countingSink) Assign(context.Context, sink.Partition) (int64, error) {
	return sink.Unknown, nil
}
func (s *countingSink) Write(_ context.Context, records []sink.Record) error {
	s.taken.Add(int64(len(records)))
	return nil
}
func (s *countingSink) Flush(context.Context) error                  { return nil }
func (s *countingSink) Revoke(context.Context, sink.Partition) error { return nil }
func (s *countingSink) Close(ctx context.Context) error {
	s.closed = ctx.Err()
	return nil
}

// begin starts a pipeline into a sink that counts, and waits until it has taken so many records; end says what came of it.
func begin(t *testing.T, o Options, records int64) (s *countingSink, stop func(), end <-chan error) {
	t.Helper()
	s = &countingSink{}
	o.Sink, o.FlushInterval = s, 20*time.Millisecond
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for begun := time.Now(); s.taken.Load() < records; time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			stop()
			t.Fatalf("%d records after a minute, want %d", s.taken.Load(), records)
		}
	}
	return s, stop, done
}

// TestAKilledProcessHoldsItsPartitionsShortly: one that was killed has not left its group, which waits for it until its session is over.
func TestAKilledProcessHoldsItsPartitionsShortly(t *testing.T) {
	t.Parallel()
	fake, o, give := group(t)
	var dead atomic.Bool
	fake.ControlKey(int16(kmsg.LeaveGroup), func(r kmsg.Request) (kmsg.Response, error, bool) {
		fake.KeepControl()
		return r.ResponseKind(), nil, dead.Load() // its last word does not reach the group
	})
	give()
	_, stop, end := begin(t, o, 1)
	dead.Store(true)
	stop()
	if err := <-end; err != nil {
		t.Error(err)
	}
	dead.Store(false)
	give()
	begun := time.Now()
	_, stop, end = begin(t, o, 1)
	if took := time.Since(begun); took > sessionTimeout+10*time.Second {
		t.Errorf("the next process read after %s", took)
	}
	stop()
	if err := <-end; err != nil {
		t.Error(err)
	}
}

// TestAnEndWaitsForNoBroker: a group whose coordinator does not answer any more, or is busy for ever, holds up no process that is told to end, and its
// sink has time to finish what it has.
func TestAnEndWaitsForNoBroker(t *testing.T) {
	for name, away := range map[string]func(fake *kfake.Cluster, r kmsg.Request) kmsg.Response{
		"busy": func(_ *kfake.Cluster, r kmsg.Request) kmsg.Response { return busy(r) },
		"silent": func(fake *kfake.Cluster, r kmsg.Request) kmsg.Response {
			fake.SleepControl(func() { time.Sleep(time.Minute) })
			return busy(r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, o, give := group(t)
			var gone atomic.Bool
			for _, key := range []kmsg.Key{kmsg.OffsetCommit, kmsg.LeaveGroup} {
				fake.ControlKey(int16(key), func(r kmsg.Request) (kmsg.Response, error, bool) {
					fake.KeepControl()
					if !gone.Load() {
						return nil, nil, false
					}
					return away(fake, r), nil, true
				})
			}
			give()
			s, stop, end := begin(t, o, 1)
			gone.Store(true)
			give()
			for s.taken.Load() < 2 {
				time.Sleep(10 * time.Millisecond)
			}
			begun := time.Now()
			stop()
			if err := <-end; err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > commitTimeout+leaveTimeout+5*time.Second {
				t.Errorf("it ended after %s", took)
			}
			if s.closed != nil {
				t.Errorf("the sink was closed when there was no time left for it: %v", s.closed)
			}
		})
	}
}

// group is a broker with a topic, into which give puts a record.
func group(t *testing.T) (fake *kfake.Cluster, o Options, give func()) {
	t.Helper()
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	producer, err := kgo.NewClient(kgo.SeedBrokers(fake.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(producer.Close)
	if _, err := kadm.NewClient(producer).CreateTopics(t.Context(), 1, 1, nil, "c"); err != nil {
		t.Fatal(err)
	}
	return fake, Options{Brokers: fake.ListenAddrs(), Group: "g", Prefix: "c", Security: &kafkaclient.Security{}}, func() {
		t.Helper()
		if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: "c", Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// busy answers as a coordinator that has just taken over.
func busy(r kmsg.Request) kmsg.Response {
	code := kerr.CoordinatorLoadInProgress.Code
	switch r := r.(type) {
	case *kmsg.LeaveGroupRequest:
		response := r.ResponseKind().(*kmsg.LeaveGroupResponse)
		response.ErrorCode = code
		return response
	case *kmsg.OffsetCommitRequest:
		response := r.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, t := range r.Topics {
			topic := kmsg.NewOffsetCommitResponseTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				partition := kmsg.NewOffsetCommitResponseTopicPartition()
				partition.Partition, partition.ErrorCode = p.Partition, code
				topic.Partitions = append(topic.Partitions, partition)
			}
			response.Topics = append(response.Topics, topic)
		}
		return response
	}
	return nil
}
