package broker

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkaclient"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestNothingIsWaitedForForEver: a broker that takes requests and never says what became of them, or that is busy with an earlier transaction for
// ever, is given up after a while, and at once when the emitter is told to rest; once it answers, the emitter goes on where it stood.
func TestNothingIsWaitedForForEver(t *testing.T) {
	busy := kerr.ConcurrentTransactions.Code
	for name, c := range map[string]struct {
		key   kmsg.Key
		spoil func(kmsg.Request) (kmsg.Response, error)
	}{
		"a batch's fate": {kmsg.Produce, func(kmsg.Request) (kmsg.Response, error) { return nil, errors.New("the connection ends") }},
		"an end": {kmsg.EndTxn, func(r kmsg.Request) (kmsg.Response, error) {
			response := r.ResponseKind().(*kmsg.EndTxnResponse)
			response.ErrorCode = busy
			return response, nil
		}},
		"a beginning": {kmsg.InitProducerID, func(r kmsg.Request) (kmsg.Response, error) {
			response := r.ResponseKind().(*kmsg.InitProducerIDResponse)
			response.ErrorCode = busy
			return response, nil
		}},
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
				response, err := c.spoil(r)
				return response, err, true
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			p := New(Options{Brokers: fake.ListenAddrs(), Security: &kafkaclient.Security{}, Cluster: "c", Emission: "main", Partitions: 1, Replication: 1})
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
			if err := round(ctx); err == nil || !strings.Contains(err.Error(), "no answer within 300ms") {
				t.Errorf("%v, want that there was no answer", err)
			}
			p.patient = time.Hour
			resting, rest := context.WithTimeout(ctx, 300*time.Millisecond)
			defer rest()
			if err := round(resting); err == nil || ctx.Err() != nil {
				t.Errorf("told to rest: %v", err)
			}
			spoiled.Store(false)
			if err := round(ctx); err != nil {
				t.Fatal(err)
			}
			if progress, err := p.Progress(ctx); err != nil || progress.Position != 2 {
				t.Errorf("it stands at %+v, %v, want position 2", progress, err)
			}
			if got := strings.Join(consume(ctx, t, p.options, "c.shop.item", 2), " "); got != "1 2" {
				t.Errorf("consumed %q, want 1 2", got)
			}
		})
	}
}
