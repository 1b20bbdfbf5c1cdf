package mirror

import (
	"strings"
	"testing"

	"marmot/debezium"
)

// TestEmissionsShareABrokerAndNothingElse: each has its own progress and topics, before a restart and after it.
func TestEmissionsShareABrokerAndNothingElse(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	open := func(listen string) (main, audit *Mirror) {
		main, err := New(t.Context(), Options{Listen: listen, ClusterID: "c", Partitions: 3, RetentionBytes: 2 << 20, Meta: meta, Emissions: []string{"audit"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(main.Close)
		return main, main.Emission("audit")
	}
	record := func(topic string) []debezium.Record {
		return []debezium.Record{{Topic: topic, Value: []byte(strings.Repeat("x", 1<<18))}}
	}
	put := func(m *Mirror, topic string, p debezium.Progress) {
		t.Helper()
		if err := m.Publish(t.Context(), record(topic), p); err != nil {
			t.Fatal(err)
		}
	}
	first, audit := open("127.0.0.1:0")
	put(first, "m.shop.a", debezium.Progress{Position: 4})
	put(audit, "audit.shop.a", debezium.Progress{Position: 2})
	if err := audit.Publish(t.Context(), nil, debezium.Progress{Position: 1, Reset: 3}); err != nil {
		t.Fatal(err)
	}
	put(audit, "audit.shop.a", debezium.Progress{Position: 2})
	err := audit.Publish(t.Context(), record("m.shop.a"), debezium.Progress{Position: 3, Reset: 3})
	if err == nil || !strings.Contains(err.Error(), "topic m.shop.a is that of emitter main") {
		t.Errorf("two emissions write to one topic: %v", err)
	}
	if p, err := first.Progress(t.Context()); err != nil || p.Position != 4 {
		t.Errorf("main stands at %+v, %v", p, err)
	}
	if first.Emission("other") != nil {
		t.Error("there is an emission that nobody named")
	}
	first.Close()

	first, audit = open(first.Addr())
	if p, err := first.Progress(t.Context()); err != nil || p.Position != 0 {
		t.Errorf("main begins after %+v, %v", p, err)
	}
	want := debezium.Progress{Position: 1, Reset: 3}
	if p, err := audit.Progress(t.Context()); err != nil || p != want || audit.Resume() != 1 {
		t.Errorf("audit begins after %+v and would resume after %s, %v", p, audit.Resume(), err)
	}
	if end := audit.state.ends["audit.shop.a"]; end[0]+end[1]+end[2] != 1 {
		t.Errorf("the topic begins with the offsets %v", end)
	}
}
