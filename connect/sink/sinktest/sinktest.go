// Package sinktest holds the tests that every sink passes.
package sinktest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"marmot/connect/sink"
)

// Target is one place that sinks write to, across restarts.
type Target interface {
	// Open starts a sink on the target. Nothing of an earlier sink runs any more; it may have
	// ended without Close, as by kill -9.
	Open(t *testing.T) sink.Sink
	// Read returns what is stored, in the order of each partition's offsets.
	Read(t *testing.T) map[sink.Partition][]sink.Record
}

// Run runs the suite; target makes an empty Target.
func Run(t *testing.T, target func(t *testing.T) Target) {
	t.Run("RecordsAreStoredInOrder", func(t *testing.T) { recordsAreStored(t, target(t)) })
	t.Run("NothingIsKnownOfANewPartition", func(t *testing.T) { nothingKnown(t, target(t)) })
	t.Run("RecordsAreLeftOutBelowTheWantedOffset", func(t *testing.T) { leftOut(t, target(t)) })
	t.Run("UnassignedPartitionsAreRefused", func(t *testing.T) { unassigned(t, target(t)) })
	t.Run("APartitionMovesBetweenSinks", func(t *testing.T) { moves(t, target(t)) })
	t.Run("EachRecordIsStoredOnceAcrossCrashes", func(t *testing.T) { crashes(t, target(t)) })
}

var shop = sink.Partition{Topic: "m.shop.item", ID: 0}

func record(p sink.Partition, offset int64) sink.Record {
	r := sink.Record{Topic: p.Topic, Partition: p.ID, Offset: offset, TimestampMS: 1_700_000_000_000 + offset*1000,
		Key: fmt.Appendf(nil, `{"id":%d}`, offset%5), Value: fmt.Appendf(nil, `{"after":{"id":%d,"text":"ä\n"}}`, offset),
		Headers: []sink.Header{{Name: "h", Value: []byte("x")}}}
	switch offset % 7 {
	case 3:
		r.Value = nil
	case 5:
		r.Key = nil
	}
	return r
}

func records(p sink.Partition, from, to int64) []sink.Record {
	var list []sink.Record
	for o := from; o < to; o++ {
		list = append(list, record(p, o))
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func assign(t *testing.T, s sink.Sink, p sink.Partition, want int64) {
	t.Helper()
	got, err := s.Assign(t.Context(), p)
	must(t, err)
	if got != want {
		t.Fatalf("%s/%d: the sink wants %d, want %d", p.Topic, p.ID, got, want)
	}
}

// check compares what is stored with records [from, to).
func check(t *testing.T, target Target, p sink.Partition, from, to int64) {
	t.Helper()
	stored := target.Read(t)[p]
	if int64(len(stored)) != to-from {
		t.Errorf("%s/%d: %d records are stored, want %d", p.Topic, p.ID, len(stored), to-from)
	}
	for i := range stored {
		want := record(p, from+int64(i))
		got := stored[i]
		if got.Offset != want.Offset || string(got.Key) != string(want.Key) || string(got.Value) != string(want.Value) ||
			(got.Value == nil) != (want.Value == nil) || (got.Key == nil) != (want.Key == nil) {
			t.Fatalf("%s/%d: record %d is %d %s %s, want %d %s %s", p.Topic, p.ID, i, got.Offset, got.Key, got.Value, want.Offset, want.Key, want.Value)
		}
	}
}

func recordsAreStored(t *testing.T, target Target) {
	s := target.Open(t)
	other := sink.Partition{Topic: "m.shop.item", ID: 1}
	assign(t, s, shop, sink.Unknown)
	assign(t, s, other, sink.Unknown)
	for o := int64(0); o < 100; o += 10 {
		must(t, s.Write(t.Context(), append(records(shop, o, o+10), records(other, o, o+10)...)))
		must(t, s.Flush(t.Context()))
	}
	must(t, s.Close(t.Context()))
	check(t, target, shop, 0, 100)
	check(t, target, other, 0, 100)
}

func nothingKnown(t *testing.T, target Target) {
	s := target.Open(t)
	assign(t, s, shop, sink.Unknown)
	must(t, s.Close(t.Context()))
	again := target.Open(t)
	assign(t, again, shop, sink.Unknown)
	must(t, again.Close(t.Context()))
}

func leftOut(t *testing.T, target Target) {
	s := target.Open(t)
	assign(t, s, shop, sink.Unknown)
	must(t, s.Write(t.Context(), records(shop, 5, 20)))
	must(t, s.Write(t.Context(), records(shop, 10, 25)))
	must(t, s.Close(t.Context()))
	again := target.Open(t)
	assign(t, again, shop, 25)
	must(t, again.Write(t.Context(), records(shop, 0, 30)))
	must(t, again.Close(t.Context()))
	check(t, target, shop, 5, 30)
}

func unassigned(t *testing.T, target Target) {
	s := target.Open(t)
	if err := s.Write(t.Context(), records(shop, 0, 1)); err == nil {
		t.Error("a record of an unassigned partition was taken")
	}
	must(t, s.Close(t.Context()))
}

func moves(t *testing.T, target Target) {
	first, second := target.Open(t), target.Open(t)
	assign(t, first, shop, sink.Unknown)
	must(t, first.Write(t.Context(), records(shop, 0, 10)))
	must(t, first.Revoke(t.Context(), shop))
	assign(t, second, shop, 10)
	must(t, second.Write(t.Context(), records(shop, 10, 20)))
	must(t, second.Revoke(t.Context(), shop))
	assign(t, first, shop, 20)
	must(t, first.Close(t.Context()))
	must(t, second.Close(t.Context()))
	check(t, target, shop, 0, 20)
}

// crashes drops sinks at random places without closing them.
func crashes(t *testing.T, target Target) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 7))
		p := sink.Partition{Topic: "m.shop.crash", ID: int32(seed)}
		const total = 300
		for next := int64(0); next < total; {
			s := target.Open(t)
			wanted, err := s.Assign(t.Context(), p)
			must(t, err)
			next = max(wanted, 0)
			for range random.IntN(6) {
				end := min(next+1+random.Int64N(20), total)
				must(t, s.Write(t.Context(), records(p, next, end)))
				if next = end; random.IntN(2) == 0 {
					must(t, s.Flush(context.Background()))
				}
			}
			if next == total {
				must(t, s.Close(t.Context()))
			}
		}
		check(t, target, p, 0, total)
	}
}
