package broker

import (
	"context"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
)

func TestTopicsAreMadeWithTheirOwnSettings(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	own := o.Cluster + ".own"
	o.Topic = func(topic string) debezium.TopicSettings {
		if topic == own {
			return debezium.TopicSettings{Partitions: 5, Configs: map[string]string{"cleanup.policy": "compact", "max.message.bytes": "2000000"}}
		}
		return debezium.TopicSettings{}
	}
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	other := o.Cluster + ".other"
	batch := []debezium.Record{{Topic: own, Partition: 4, Key: []byte("k"), Value: []byte("v")}, {Topic: other, Partition: -1, Key: []byte("k"), Value: []byte("v")}}
	if err := p.Publish(ctx, batch, debezium.Progress{Position: 1}); err != nil {
		t.Fatal(err)
	}
	client, err := kafkatest.Client(o.Brokers, o.Security)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	topics, err := admin.ListTopics(ctx, own, other)
	if err != nil || len(topics[own].Partitions) != 5 || len(topics[other].Partitions) != 2 {
		t.Errorf("%d and %d partitions, %v", len(topics[own].Partitions), len(topics[other].Partitions), err)
	}
	configs, err := admin.DescribeTopicConfigs(ctx, own, other)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs {
		for _, config := range c.Configs {
			want := map[string]string{own + " cleanup.policy": "compact", own + " max.message.bytes": "2000000", other + " max.message.bytes": "95420416"}[c.Name+" "+config.Key]
			if want != "" && config.MaybeValue() != want {
				t.Errorf("%s: %s = %s, want %s", c.Name, config.Key, config.MaybeValue(), want)
			}
		}
	}
}
