package debezium

import (
	"errors"
	"reflect"
	"testing"
)

func TestTopicsAreMadeAsTheirGroupsSay(t *testing.T) {
	o, err := ParseOptions(map[string]string{
		"topic.prefix": "shop", "topic.creation.default.replication.factor": "3", "topic.creation.default.partitions": "10",
		"topic.creation.default.cleanup.policy": "compact", "topic.creation.default.compression.type": "lz4",
		"topic.creation.groups": "orders, logs", "topic.creation.orders.include": `shop\.inv\.order.*,shop\.o`, "topic.creation.orders.exclude": ".*_old",
		"topic.creation.orders.partitions": "20", "topic.creation.orders.retention.ms": "7776000000",
		"topic.creation.logs.include": `shop\.inv\..*`, "topic.creation.logs.replication.factor": "-1", "topic.creation.enable": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	orders := TopicSettings{20, 3, map[string]string{"retention.ms": "7776000000"}}
	logs := TopicSettings{10, -1, nil}
	other := TopicSettings{10, 3, map[string]string{"cleanup.policy": "compact", "compression.type": "lz4"}}
	for topic, want := range map[string]TopicSettings{"shop.inv.orders": orders, "shop.o": orders, "shop.inv.orders_old": logs, "shop.inv.x": logs, "shop": other} {
		if got := o.TopicSettings(topic); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", topic, got, want)
		}
	}
	plain, err := ParseOptions(map[string]string{"topic.prefix": "shop"})
	if got := plain.TopicSettings("shop"); err != nil || !reflect.DeepEqual(got, TopicSettings{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWrongTopicGroupsAreNamed(t *testing.T) {
	for name, value := range map[string]string{"topic.creation.other.partitions": "3", "topic.creation.default.partitions": "0", "topic.creation.default.replication.factor": "x",
		"topic.creation.default.include": "a", "topic.creation.a.include": "(", "topic.creation.default": "1", "topic.creation.enable": "false"} {
		_, err := ParseOptions(map[string]string{"topic.prefix": "shop", "topic.creation.groups": "a", name: value})
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != name {
			t.Errorf("%s = %s: %v", name, value, err)
		}
	}
}
