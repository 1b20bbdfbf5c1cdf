package broker

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkaclient"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestNothingIsWaitedForForEver: a broker that takes requests and never says what became of them, or that is busy with an earlier transaction for
// ever, is given up after a while, and at once when the emitter is told to rest; once it answers, the emitter goes on where it stood.
func TestNothingIsWaitedForForEver(t *testing.T) {
	busy := kerr.ConcurrentTransactions.Code
	for name, c := range map[string]struct {
		key         kmsg.Key
		spoil       func(kmsg.Request) (kmsg.Response, error) // nil: it does not answer
		atLeastOnce bool
	}{
		"a batch's fate": {kmsg.Produce, func(kmsg.Request) (kmsg.Response, error) { return nil, errors.New("the connection ends") }, false},
		"an end": {kmsg.EndTxn, func(r kmsg.Request) (kmsg.Response, error) {
			response := r.ResponseKind().(*kmsg.EndTxnResponse)
			response.ErrorCode = busy
			return response, nil
		}, false},
		"a beginning": {kmsg.InitProducerID, func(r kmsg.Request) (kmsg.Response, error) {
			response := r.ResponseKind().(*kmsg.InitProducerIDResponse)
			response.ErrorCode = busy
			return response, nil
		}, false},
		"a batch's fate, silent":                {kmsg.Produce, nil, false},
		"an end, silent":                        {kmsg.EndTxn, nil, false},
		"a beginning, silent":                   {kmsg.InitProducerID, nil, false},
		"its topic, silent":                     {kmsg.CreateTopics, nil, false},
		"a batch's fate, at least once":         {kmsg.Produce, func(kmsg.Request) (kmsg.Response, error) { return nil, errors.New("the connection ends") }, true},
		"a batch's fate, at least once, silent": {kmsg.Produce, nil, true},
		"its topic, at least once, silent":      {kmsg.CreateTopics, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			defer fake.Close()
			var spoiled atomic.Bool
			fake.ControlKey(int16(c.key), func(r kmsg.Request) (kmsg.Response, error, bool) {
				fake.KeepControl()
				if !spoiled.Load() {
					return nil, nil, false
				}
				if c.spoil == nil {
					fake.SleepControl(func() {
						for spoiled.Load() && t.Context().Err() == nil {
							time.Sleep(10 * time.Millisecond)
						}
					})
					return nil, errors.New("the connection has ended"), true
				}
				response, err := c.spoil(r)
				return response, err, true
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var said synced
			last := txn.Position(2)
			p := New(Options{Brokers: fake.ListenAddrs(), Security: &kafkaclient.Security{}, Cluster: "c", Emission: "main", Partitions: 1, Replication: 1,
				AtLeastOnce: c.atLeastOnce, Logger: slog.New(slog.NewTextHandler(&said, nil))})
			defer p.Close()
			round := func(ctx context.Context) error {
				progress, err := p.Progress(ctx)
				if err != nil {
					return err
				}
				progress.Position++
				return p.Publish(ctx, []debezium.Record{{Topic: "c.shop.item", Partition: 0, Value: []byte(progress.Position.String())}}, progress)
			}
			if err := round(ctx); err != nil {
				t.Fatal(err)
			}
			spoiled.Store(true)
			p.patient = 300 * time.Millisecond
			begun := time.Now()
			if c.atLeastOnce && c.key == kmsg.Produce {
				time.AfterFunc(time.Second, func() { spoiled.Store(false) })
				if err := round(ctx); err != nil || !strings.Contains(said.String(), "events wait") {
					t.Errorf("%v; it said %q, want that events wait, and that they are sent again", err, said.String())
				}
				last++
				spoiled.Store(true)
			} else if err := round(ctx); err == nil || time.Since(begun) > 5*time.Second || !strings.Contains(err.Error(), "no answer within 300ms") {
				t.Errorf("%v, want that there was no answer", err)
			}
			p.patient = time.Hour
			resting, rest := context.WithTimeout(ctx, 300*time.Millisecond)
			defer rest()
			begun = time.Now()
			if err := round(resting); err == nil || time.Since(begun) > storeTimeout+3*time.Second {
				t.Errorf("told to rest: %v after %s", err, time.Since(begun))
			}
			spoiled.Store(false)
			if err := round(ctx); err != nil {
				t.Fatal(err)
			}
			if progress, err := p.Progress(ctx); err != nil || progress.Position != last {
				t.Errorf("it stands at %+v, %v, want position %d", progress, err, last)
			}
			if got := strings.Join(consume(ctx, t, p.options, "c.shop.item", int(last)), " "); got != "1 2 3"[:2*last-1] {
				t.Errorf("consumed %q, want 1 to %d", got, last)
			}
		})
	}
}

// synced is a log that several goroutines write.
type synced struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (s *synced) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *synced) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
