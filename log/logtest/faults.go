package logtest

import (
	"errors"
	"fmt"
	"testing"

	"marmot/log"
)

func testReopen(t *testing.T, f Factory) {
	if f.Reopen == nil {
		t.Skip("the log does not outlive its process")
	}
	l := f.New(t)
	identity, err := l.Identity(context30(t))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		for i := range 20 {
			n := round*20 + i
			for s := log.Order; s < Partitions; s++ {
				if got := mustAppend(t, l, s, fmt.Sprint(s, " ", n)); got != int64(n) {
					t.Fatalf("round %d: offset %d in stream %d, want %d", round, got, s, n)
				}
			}
		}
		l = f.Reopen(t, l)
		for s := log.Order; s < Partitions; s++ {
			for i, e := range readAll(t, l, s, 0, int64(round+1)*20) {
				if want := fmt.Sprint(s, " ", i); string(e.Value) != want {
					t.Fatalf("stream %d, offset %d: %q, want %q", s, i, e.Value, want)
				}
			}
		}
	}
	again, err := l.Identity(context30(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := identity.Same(again); err != nil {
		t.Errorf("after a crash: %v", err)
	}
}

func testTruncated(t *testing.T, f Factory) {
	if f.Truncate == nil {
		t.Skip("the log cannot be truncated by a test")
	}
	l := f.New(t)
	g := mustInit(t, l)
	for range 5 {
		mustAppend(t, l, log.Order, "another program's record")
	}
	reader := log.NewReader(l, g, log.Cursor{})
	readTo(t, reader, 6)
	f.Truncate(t, l, 3)
	if err := reader.Verify(context30(t)); !errors.Is(err, log.ErrTruncated) {
		t.Errorf("verify: %v, want ErrTruncated", err)
	}
	if _, err := reader.Next(context30(t), 1000); !errors.Is(err, log.ErrTruncated) {
		t.Errorf("next: %v, want ErrTruncated", err)
	}
	for range 3 {
		mustAppend(t, l, log.Order, "something else at the same offset")
	}
	if err := reader.Verify(context30(t)); !errors.Is(err, log.ErrDiverged) {
		t.Errorf("verify with other records at the same offsets: %v, want ErrDiverged", err)
	}
}

func testRecreated(t *testing.T, f Factory) {
	if f.Recreate == nil {
		t.Skip("the log cannot be recreated by a test")
	}
	l := f.New(t)
	g := mustInit(t, l)
	reader := log.NewReader(l, g, log.Cursor{})
	readTo(t, reader, 1)
	if err := reader.Verify(context30(t)); err != nil {
		t.Fatalf("verify: %v", err)
	}
	f.Recreate(t, l)
	if err := reader.Verify(context30(t)); !errors.Is(err, log.ErrRecreated) {
		t.Errorf("verify: %v, want ErrRecreated", err)
	}
}

func testLostAck(t *testing.T, f Factory) {
	if f.LoseNextAck == nil {
		t.Skip("the test cannot take the log's answers away")
	}
	l := f.New(t)
	mustAppend(t, l, log.Order, "0")
	f.LoseNextAck(t, l)
	if _, err := log.AppendWait(context30(t), l, log.Order, []byte("1")); !errors.Is(err, log.ErrUnknown) {
		t.Fatalf("append: %v, want ErrUnknown", err)
	}
	if offset := mustAppend(t, l, log.Order, "2"); offset != 2 {
		t.Fatalf("offset %d, want 2", offset)
	}
	if entries := readAll(t, l, log.Order, 1, 3); string(entries[0].Value) != "1" {
		t.Fatalf("offset 1 holds %q", entries[0].Value)
	}
}

func testRefused(t *testing.T, f Factory) {
	if f.RefuseNext == nil {
		t.Skip("the test cannot make the log refuse")
	}
	l := f.New(t)
	mustAppend(t, l, log.Order, "0")
	f.RefuseNext(t, l)
	if _, err := log.AppendWait(context30(t), l, log.Order, []byte("refused")); err == nil || errors.Is(err, log.ErrUnknown) {
		t.Fatalf("append: %v, want an error other than ErrUnknown", err)
	}
	if offset := mustAppend(t, l, log.Order, "1"); offset != 1 {
		t.Fatalf("offset %d, want 1", offset)
	}
	if entries := readAll(t, l, log.Order, 1, 2); string(entries[0].Value) != "1" {
		t.Fatalf("offset 1 holds %q", entries[0].Value)
	}
}
