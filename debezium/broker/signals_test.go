package broker

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"marmot/debezium"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestSignalsAreReadOnceFromTheirOffsets: those for this emitter, from the end of the topic on at first and then from where they were read.
func TestSignalsAreReadOnceFromTheirOffsets(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	send := func(key, value string) {
		t.Helper()
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "p-signal", Key: []byte(key), Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	reader := func() *Signals {
		return &Signals{Brokers: cluster.ListenAddrs(), Topic: "p-signal", Key: "p", Logger: slog.New(slog.DiscardHandler)}
	}
	offsets := map[int32]int64{}
	s := reader()
	if list, err := s.Read(t.Context(), offsets); err != nil || len(list) > 0 || len(offsets) > 0 {
		t.Fatalf("without a topic: %+v, %v, %v", list, offsets, err)
	}
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, "p-signal"); err != nil {
		t.Fatal(err)
	}
	send("p", `{"id":"early","type":"log"}`)
	if list, err := s.Read(t.Context(), offsets); err != nil || len(list) > 0 || offsets[0] != 1 {
		t.Fatalf("what was there before: %+v, %v, %v", list, offsets, err)
	}
	send("p", `{"id":"one","type":"log","data":{"message":"m"}}`)
	send("other", `{"id":"others","type":"log"}`)
	send("p", `no signal`)
	send("p", `{"id":"two","type":"log"}`)
	read := func(s *Signals, want ...debezium.Signal) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var got []debezium.Signal
		for len(got) < len(want) {
			list, err := s.Read(ctx, offsets)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, list...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	read(s, debezium.Signal{ID: "one", Type: "log", Data: `{"message":"m"}`}, debezium.Signal{ID: "two", Type: "log"})
	s.Close()
	send("p", `{"id":"three","type":"log"}`)
	again := reader() // another emitter goes on there
	defer again.Close()
	read(again, debezium.Signal{ID: "three", Type: "log"})
	offsets[0]-- // what was not stored comes again
	read(again, debezium.Signal{ID: "three", Type: "log"})
}
