package broker

import (
	"context"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
)

// TestATopicThatIsDeletedIsMadeAgain: somebody removes a topic under a running emitter, and perhaps makes it anew with another number of partitions.
// Events go on in the topic that is there then.
func TestATopicThatIsDeletedIsMadeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		atLeastOnce bool
		partitions  int32 // of the one that somebody makes; 0: nobody does
	}{"exactly once": {false, 0}, "at least once": {true, 0}, "exactly once, other partitions": {false, 3}, "at least once, fewer partitions": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the client takes its time to believe that a topic is gone
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o := options(t)
			o.AtLeastOnce = c.atLeastOnce
			p := New(o)
			defer p.Close()
			if _, err := p.Progress(ctx); err != nil {
				t.Fatal(err)
			}
			lost, other := o.Cluster+".shop.lost", o.Cluster+".shop.other"
			batch := func(v string) []debezium.Record {
				return []debezium.Record{
					{Topic: lost, Partition: -1, Key: []byte("k"), Value: []byte(v)}, {Topic: lost, Partition: -1, Key: []byte("l"), Value: []byte(v)},
					{Topic: other, Partition: -1, Key: []byte("k"), Value: []byte(v)},
				}
			}
			if err := p.Publish(ctx, batch("before"), debezium.Progress{Position: 3}); err != nil {
				t.Fatal(err)
			}
			client, err := kafkatest.Client(o.Brokers, kafkatest.Administrator(t))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			admin := kadm.NewClient(client)
			if r, err := admin.DeleteTopics(ctx, lost); err != nil || r.Error() != nil {
				t.Fatal(err, r.Error())
			}
			if c.partitions > 0 {
				for _, err = admin.CreateTopic(ctx, c.partitions, o.Replication, nil, lost); err != nil; _, err = admin.CreateTopic(ctx, c.partitions, o.Replication, nil, lost) {
					if ctx.Err() != nil { // a deletion takes its time
						t.Fatal(err)
					}
				}
			}
			if err := publishUntil(ctx, p, batch("after")); err != nil {
				t.Fatal(err)
			}
			for _, v := range consume(ctx, t, o, lost, 2) {
				if v != "after" {
					t.Errorf("the topic has %q", v)
				}
			}
			if got := consume(ctx, t, o, other, 2); got[0]+" "+got[len(got)-1] != "before after" {
				t.Errorf("the other topic has %q", got)
			}
		})
	}
}
