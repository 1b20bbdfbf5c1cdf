package connect

import (
	"context"
	"fmt"
	"testing"
	"time"

	"marmot/connect/sink"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fullSink has room for nothing, and knows nothing of any partition.
type fullSink struct{}

func (fullSink) Assign(context.Context, sink.Partition) (int64, error) { return sink.Unknown, nil }
func (fullSink) Write(context.Context, []sink.Record) error {
	return fmt.Errorf("no room: %w", sink.ErrTransient)
}
func (fullSink) Flush(context.Context) error                  { return nil }
func (fullSink) Revoke(context.Context, sink.Partition) error { return nil }
func (fullSink) Close(context.Context) error                  { return nil }

func TestRecordsThatTheSinkHasNotTakenAreNotCommitted(t *testing.T) {
	o, prefix, producer := source(t)
	produce(t, producer, 10, kgo.TryCommit, prefix)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o.FlushInterval, o.Sink, o.Events = 20*time.Millisecond, fullSink{}, Events{Waiting: func(err error) { cancel() }}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	offsets, err := kadm.NewClient(producer).FetchOffsets(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	offsets.Each(func(o kadm.OffsetResponse) {
		if o.At > 0 {
			t.Errorf("offset %d of %s/%d is committed, but the sink has taken nothing", o.At, o.Topic, o.Partition)
		}
	})
}
