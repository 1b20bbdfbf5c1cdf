// Package logtest is the conformance suite of log.Log: what every implementation must do, whatever it stands on.
package logtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"marmot/log"
	"marmot/txn"
)

// limit ends a test that waits for what does not come.
const limit = 2 * time.Minute

// Partitions is the number of changes streams that the suite asks for.
const Partitions = 3

// Factory makes logs of one implementation. Functions that are nil stand for what it cannot do.
type Factory struct {
	// New returns an empty log of Partitions changes streams, closed by the test's cleanup.
	New func(t *testing.T) log.Log
	// Reopen ends the log as a crash of the process does, and returns the same log opened again.
	Reopen func(t *testing.T, l log.Log) log.Log
	// Recreate deletes the log and creates it anew.
	Recreate func(t *testing.T, l log.Log)
	// Truncate takes away what the order stream holds from end on.
	Truncate func(t *testing.T, l log.Log, end int64)
	// LoseNextAck makes the next append to the order stream succeed with its answer lost.
	LoseNextAck func(t *testing.T, l log.Log)
	// RefuseNext makes the next append to the order stream fail with nothing in the log.
	RefuseNext func(t *testing.T, l log.Log)
	// TrimsExactly says that Trim removes everything that it may.
	TrimsExactly bool
	// TooLarge is the length of a record that the log refuses.
	TooLarge int
}

// Run runs the suite.
func Run(t *testing.T, f Factory) {
	tests := []struct {
		name string
		run  func(*testing.T, Factory)
	}{
		{"offsets are contiguous in every stream", testOffsets},
		{"appends of one caller keep their order", testOrder},
		{"appends of many callers each get an offset of their own", testConcurrentAppends},
		{"a read at the end waits for the next record", testReadWaits},
		{"a read ends with its context", testReadEnds},
		{"a read returns one record at least and about maxBytes", testReadBytes},
		{"two readers at different places do not disturb each other", testTwoReaders},
		{"a read beyond the end says truncated", testBeyondEnd},
		{"trim moves the start and keeps record 0 of the order", testTrim},
		{"a record that is too large is refused", testTooLarge},
		{"an append whose context has ended is not in the log", testEndedContext},
		{"a closed log refuses", testClosed},
		{"identity stays", testIdentity},
		{"members keep the newest word of each node", testMembers},
		{"what was acknowledged is there after a crash", testReopen},
		{"a truncated log is noticed", testTruncated},
		{"a recreated log is noticed", testRecreated},
		{"a lost answer is unknown, and the log goes on", testLostAck},
		{"a refused append is not in the log, and the log goes on", testRefused},
		{"the first genesis wins", testGenesis},
		{"a reader follows the order and verifies it", testReader},
		{"row events come back merged, over chunks of any size", testEvents},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, f) })
	}
}

func context30(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

func mustAppend(t *testing.T, l log.Log, s log.Stream, value string) int64 {
	t.Helper()
	offset, err := log.AppendWait(context30(t), l, s, []byte(value))
	if err != nil {
		t.Fatalf("append %.20q to stream %d: %v", value, s, err)
	}
	return offset
}

// readAll reads the stream from offset up to end.
func readAll(t *testing.T, l log.Log, s log.Stream, offset, end int64) []log.Entry {
	t.Helper()
	var all []log.Entry
	for offset < end {
		entries, err := l.Read(context30(t), s, offset, 1<<20)
		if err != nil {
			t.Fatalf("read stream %d at %d: %v", s, offset, err)
		}
		for _, e := range entries {
			if e.Offset != offset {
				t.Fatalf("stream %d: offset %d came, want %d", s, e.Offset, offset)
			}
			offset++
		}
		all = append(all, entries...)
	}
	return all
}

func testOffsets(t *testing.T, f Factory) {
	l := f.New(t)
	if l.Partitions() != Partitions {
		t.Fatalf("%d changes streams, want %d", l.Partitions(), Partitions)
	}
	for i := range int64(5) {
		for s := log.Order; s < Partitions; s++ {
			if got := mustAppend(t, l, s, fmt.Sprintf("%d/%d", s, i)); got != i {
				t.Fatalf("stream %d: offset %d, want %d", s, got, i)
			}
		}
	}
	for s := log.Order; s < Partitions; s++ {
		start, end, err := l.Bounds(context30(t), s)
		if err != nil || start != 0 || end != 5 {
			t.Fatalf("bounds of stream %d: %d, %d, %v; want 0, 5", s, start, end, err)
		}
		last := int64(0)
		for i, e := range readAll(t, l, s, 0, 5) {
			if want := fmt.Sprintf("%d/%d", s, i); string(e.Value) != want {
				t.Errorf("stream %d, offset %d: %q, want %q", s, i, e.Value, want)
			}
			if e.TimeUS < last || e.TimeUS == 0 {
				t.Errorf("stream %d, offset %d: time %d after %d", s, i, e.TimeUS, last)
			}
			last = e.TimeUS
		}
	}
}

func testOrder(t *testing.T, f Factory) {
	l := f.New(t)
	const n = 500
	ctx := context30(t)
	var answered sync.WaitGroup
	offsets := make([]int64, n)
	for i := range n {
		answered.Add(1)
		l.Append(ctx, log.Order, fmt.Appendf(nil, "%d", i), func(offset int64, err error) {
			defer answered.Done()
			if err != nil {
				t.Errorf("append %d: %v", i, err)
			}
			offsets[i] = offset
		})
	}
	answered.Wait()
	for i, e := range readAll(t, l, log.Order, 0, n) {
		if string(e.Value) != fmt.Sprint(i) || offsets[i] != int64(i) {
			t.Fatalf("offset %d holds %q; append %d was told %d", i, e.Value, i, offsets[i])
		}
	}
}

func testConcurrentAppends(t *testing.T, f Factory) {
	l := f.New(t)
	const callers, each = 8, 25
	ctx := context30(t)
	var mu sync.Mutex
	told := map[int64]string{}
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			for i := range each {
				value := fmt.Sprintf("%d/%d", c, i)
				offset, err := log.AppendWait(ctx, l, 0, []byte(value))
				if err != nil {
					t.Errorf("append %s: %v", value, err)
				}
				mu.Lock()
				told[offset] = value
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for _, e := range readAll(t, l, 0, 0, callers*each) {
		if told[e.Offset] != string(e.Value) {
			t.Errorf("offset %d holds %q, its caller wrote %q", e.Offset, e.Value, told[e.Offset])
		}
	}
}

func testReadWaits(t *testing.T, f Factory) {
	l := f.New(t)
	mustAppend(t, l, log.Order, "before")
	ctx := context30(t)
	type result struct {
		entries []log.Entry
		err     error
	}
	for round := range 3 {
		results := make(chan result, 1)
		from := int64(round + 1)
		go func() {
			entries, err := l.Read(ctx, log.Order, from, 100)
			results <- result{entries, err}
		}()
		mustAppend(t, l, 1, "another stream")
		mustAppend(t, l, log.Order, fmt.Sprint("awaited ", round))
		r := <-results
		if r.err != nil || len(r.entries) != 1 || string(r.entries[0].Value) != fmt.Sprint("awaited ", round) {
			t.Fatalf("read returned %v, %v", r.entries, r.err)
		}
	}
}

func testReadEnds(t *testing.T, f Factory) {
	l := f.New(t)
	mustAppend(t, l, 2, "x")
	ctx, cancel := context.WithCancel(context30(t))
	time.AfterFunc(50*time.Millisecond, cancel)
	if entries, err := l.Read(ctx, 2, 1, 100); !errors.Is(err, context.Canceled) {
		t.Fatalf("read returned %v, %v; want context.Canceled", entries, err)
	}
}

func testReadBytes(t *testing.T, f Factory) {
	l := f.New(t)
	large := make([]byte, 100_000) // of bytes that nobody can compress
	rand.NewChaCha8([32]byte{}).Read(large)
	for range 10 {
		mustAppend(t, l, 0, string(large))
	}
	entries, err := l.Read(context30(t), 0, 0, 1)
	if err != nil || len(entries) == 0 {
		t.Fatalf("read of 1 byte: %d records, %v", len(entries), err)
	}
	entries, err = l.Read(context30(t), 0, 2, 250_000)
	if err != nil || len(entries) == 0 || len(entries) > 5 {
		t.Fatalf("read of 250,000 bytes: %d records of 100,000, %v", len(entries), err)
	}
}

func testTwoReaders(t *testing.T, f Factory) {
	l := f.New(t)
	const n = 100
	var group sync.WaitGroup
	for reader := range 3 {
		group.Go(func() {
			ctx := context30(t)
			for offset := int64(reader * 7); offset < n; {
				entries, err := l.Read(ctx, 1, offset, 40)
				if err != nil {
					t.Errorf("reader %d at %d: %v", reader, offset, err)
					return
				}
				for _, e := range entries {
					if e.Offset != offset || string(e.Value) != fmt.Sprint("value ", offset) {
						t.Errorf("reader %d: %d %q at %d", reader, e.Offset, e.Value, offset)
						return
					}
					offset++
				}
			}
		})
		// Readers that start beyond the end would be told so.
		for range 30 {
			_, end, err := l.Bounds(context30(t), 1)
			if err != nil {
				t.Fatal(err)
			}
			mustAppend(t, l, 1, fmt.Sprint("value ", end))
		}
	}
	for i := int64(90); i < n; i++ {
		mustAppend(t, l, 1, fmt.Sprint("value ", i))
	}
	group.Wait()
}

func testBeyondEnd(t *testing.T, f Factory) {
	l := f.New(t)
	mustAppend(t, l, log.Order, "x")
	if entries, err := l.Read(context30(t), log.Order, 5, 100); !errors.Is(err, log.ErrTruncated) {
		t.Fatalf("read at 5 of a stream that ends at 1: %v, %v; want ErrTruncated", entries, err)
	}
}

func testTrim(t *testing.T, f Factory) {
	l := f.New(t)
	ctx := context30(t)
	for i := range 10 {
		mustAppend(t, l, log.Order, fmt.Sprint(i))
		mustAppend(t, l, 0, fmt.Sprint(i))
	}
	for _, s := range []log.Stream{log.Order, 0} {
		if err := l.Trim(ctx, s, 6); err != nil {
			t.Fatalf("trim stream %d: %v", s, err)
		}
		start, end, err := l.Bounds(ctx, s)
		if err != nil || start > 6 || end != 10 || f.TrimsExactly && start != 6 {
			t.Fatalf("bounds of stream %d after a trim before 6: %d, %d, %v", s, start, end, err)
		}
		if got := readAll(t, l, s, 6, 10); string(got[0].Value) != "6" {
			t.Fatalf("stream %d, offset 6 holds %q", s, got[0].Value)
		}
		if start == 0 {
			continue
		}
		if _, err := l.Read(ctx, s, start-1, 100); start > 1 && !errors.Is(err, log.ErrTrimmed) {
			t.Errorf("read stream %d below its start: %v, want ErrTrimmed", s, err)
		}
	}
	entries, err := l.Read(ctx, log.Order, 0, 1<<20)
	if err != nil || string(entries[0].Value) != "0" || entries[0].Offset != 0 {
		t.Fatalf("record 0 of the order after a trim: %v, %v", entries, err)
	}
	if offset := mustAppend(t, l, log.Order, "10"); offset != 10 {
		t.Fatalf("offset %d after a trim, want 10", offset)
	}
}

func testTooLarge(t *testing.T, f Factory) {
	l := f.New(t)
	offset, err := log.AppendWait(context30(t), l, log.Order, make([]byte, f.TooLarge))
	if !errors.Is(err, log.ErrTooLarge) {
		t.Fatalf("append of %d bytes: %d, %v; want ErrTooLarge", f.TooLarge, offset, err)
	}
	if offset := mustAppend(t, l, log.Order, "small"); offset != 0 {
		t.Fatalf("offset %d after a refused record, want 0", offset)
	}
}

func testEndedContext(t *testing.T, f Factory) {
	l := f.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	answers := make(chan error, 2)
	l.Append(ctx, log.Order, []byte("x"), func(_ int64, err error) { answers <- err })
	if err := <-answers; err == nil || errors.Is(err, log.ErrUnknown) {
		t.Fatalf("append with an ended context: %v; want an error other than ErrUnknown", err)
	}
	if offset := mustAppend(t, l, log.Order, "y"); offset != 0 {
		t.Fatalf("offset %d, want 0", offset)
	}
}

func testClosed(t *testing.T, f Factory) {
	l := f.New(t)
	mustAppend(t, l, log.Order, "x")
	reads := make(chan error, 1)
	go func() {
		_, err := l.Read(context30(t), log.Order, 1, 100)
		reads <- err
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-reads; !errors.Is(err, log.ErrClosed) {
		t.Errorf("read under way at Close: %v, want ErrClosed", err)
	}
	if _, err := log.AppendWait(context30(t), l, log.Order, []byte("y")); !errors.Is(err, log.ErrClosed) {
		t.Errorf("append after Close: %v, want ErrClosed", err)
	}
	if _, err := l.Read(context30(t), log.Order, 0, 100); !errors.Is(err, log.ErrClosed) {
		t.Errorf("read after Close: %v, want ErrClosed", err)
	}
}

func testIdentity(t *testing.T, f Factory) {
	l := f.New(t)
	before, err := l.Identity(context30(t))
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, l, log.Order, "x")
	after, err := l.Identity(context30(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Same(after); err != nil || before.Cluster == "" || len(before.Topics) == 0 {
		t.Fatalf("identity %v, then %v: %v", before, after, err)
	}
}

func testMembers(t *testing.T, f Factory) {
	l, ok := f.New(t).(log.Members)
	if !ok {
		t.Skip("the log has no members")
	}
	ctx := context30(t)
	words := []log.Member{
		{Node: "a", Version: "1", Applied: 3, DataUUID: txn.UUID{1}},
		{Node: "a", Version: "1", Applied: 7, DataUUID: txn.UUID{1}, MySQLAddress: "127.0.0.1:3306", UpdatedUS: 9, Left: true},
	}
	for _, m := range words {
		if err := l.Announce(ctx, m); err != nil {
			t.Fatalf("announce: %v", err)
		}
	}
	members, err := l.List(ctx)
	if err != nil || len(members) != 1 || members[0] != words[1] {
		t.Fatalf("members %+v, %v; want %+v", members, err, words[1])
	}
}
