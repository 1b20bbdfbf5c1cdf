package broker

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/debezium"
	"marmot/internal/kafkatest"
	"marmot/txn"
)

func recordOf(topic, value string) []debezium.Record {
	return []debezium.Record{{Topic: topic, Partition: 0, Value: []byte(value)}}
}

// TestWithoutTransactionsProgressIsStoredBehind: an orderly end stores the last, and so does time; a crash loses what came since.
func TestWithoutTransactionsProgressIsStoredBehind(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	o.AtLeastOnce = true
	var told []debezium.Progress
	o.Told = func(p debezium.Progress) { told = append(told, p) }
	topic := o.Cluster + ".shop.item"
	p := New(o)
	if got, err := p.Progress(ctx); err != nil || got != (debezium.Progress{}) {
		t.Fatalf("progress of a new emission: %+v, %v", got, err)
	}
	if !p.Eager() {
		t.Error("batches are said to be costly")
	}
	for i := 1; i <= 3; i++ {
		if err := p.Publish(ctx, recordOf(topic, fmt.Sprint(i)), debezium.Progress{Position: 10, Events: uint64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	q := New(o) // as after a crash of p
	defer q.Close()
	if got, err := q.Progress(ctx); err != nil || got.Events > 3 {
		t.Fatalf("progress that a second one finds: %+v, %v", got, err)
	}
	for p.Resume() != 10 { // by the timer
		select {
		case <-ctx.Done():
			t.Fatal("the progress is not stored while nothing else comes")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := p.Publish(ctx, recordOf(topic, "4"), debezium.Progress{Position: 11}); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Progress(ctx); err != nil || got.Position != 11 {
		t.Errorf("the same process goes on from %+v, %v", got, err)
	}
	if err := p.Publish(ctx, recordOf(topic, "5"), debezium.Progress{Position: 12}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if got, err := q.Progress(ctx); err != nil || got.Position != 12 {
		t.Errorf("after an orderly end another goes on from %+v, %v", got, err)
	}
	if got := strings.Join(consume(ctx, t, o, topic, 5), ""); got != "12345" {
		t.Errorf("consumed %s", got)
	}
	if len(told) != 4 || told[3].Position != 12 {
		t.Errorf("told %+v", told)
	}
}

// TestNothingComesAgainAfterARest: an emitter that is told to rest knows of what is on its way, and goes on behind it.
func TestNothingComesAgainAfterARest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	o := options(t)
	o.AtLeastOnce = true
	topic := o.Cluster + ".shop.item"
	p := New(o)
	defer p.Close()
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(ctx, recordOf(topic, "1 "), debezium.Progress{Position: 1}); err != nil { // makes the topic, which is given up at a rest
		t.Fatal(err)
	}
	const rests = 60
	next := 2
	want := []string{"1 "}
	for i := range rests {
		short, rest := context.WithCancel(ctx)
		time.AfterFunc(time.Duration(i%20)*100*time.Microsecond, rest)
		_ = p.Publish(short, recordOf(topic, fmt.Sprint(next, " ")), debezium.Progress{Position: txn.Position(next)}) // it may not have begun
		rest()
		got, err := p.Progress(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for ; next <= int(got.Position); next++ {
			want = append(want, fmt.Sprint(next, " "))
		}
	}
	if len(want) == 1 || len(want) > 1+rests {
		t.Fatalf("%d of %d arrived", len(want)-1, rests)
	}
	if err := p.Publish(ctx, recordOf(topic, "end"), debezium.Progress{Position: txn.Position(next)}); err != nil {
		t.Fatal(err)
	}
	want = append(want, "end")
	if got := consume(ctx, t, o, topic, len(want)); strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("consumed %s, want %s", got, want)
	}
}

// TestAResetIsKeptByWhatIsPublishedAfterIt in both ways of delivery: who publishes need not know of it.
func TestAResetIsKeptByWhatIsPublishedAfterIt(t *testing.T) {
	for _, atLeastOnce := range []bool{false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		o := options(t)
		o.AtLeastOnce = atLeastOnce
		topic := o.Cluster + ".shop.item"
		p := New(o)
		if _, err := p.Progress(ctx); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(ctx, recordOf(topic, "a"), debezium.Progress{Position: 100}); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(ctx, nil, debezium.Progress{Position: 7, Reset: 101}); err != nil {
			t.Fatal(err)
		}
		if p.Resume() != 7 {
			t.Errorf("at least once: %v: another would go on from %s", atLeastOnce, p.Resume())
		}
		if err := p.Publish(ctx, recordOf(topic, "b"), debezium.Progress{Position: 8}); err != nil {
			t.Fatal(err)
		}
		p.Close()
		q := New(o)
		defer q.Close()
		if got, err := q.Progress(ctx); err != nil || got != (debezium.Progress{Position: 8, Reset: 101}) {
			t.Errorf("at least once: %v: progress is %+v, %v", atLeastOnce, got, err)
		}
	}
}

// TestProgressOfAnEmissionThatRestedIsFound behind many records of others.
func TestProgressOfAnEmissionThatRestedIsFound(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	o := options(t)
	o.AtLeastOnce = true
	p := New(o)
	if _, err := p.Progress(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(ctx, nil, debezium.Progress{Position: 5}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	busy, err := kafkatest.Client(o.Brokers, o.Security, kgo.DefaultProduceTopic(ProgressTopic(o.Cluster)))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	others := make([]*kgo.Record, 2*progressLook)
	for i := range others {
		value, err := encodeProgress(debezium.Progress{Position: 6, Events: uint64(i)}, "")
		if err != nil {
			t.Fatal(err)
		}
		others[i] = &kgo.Record{Key: []byte("busy"), Value: value}
	}
	if err := busy.ProduceSync(ctx, others...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	q := New(o)
	defer q.Close()
	if got, err := q.Progress(ctx); err != nil || got.Position != 5 {
		t.Errorf("it is %+v, %v", got, err)
	}
}
