package log_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

var cluster = txn.UUID{7}

func newLog(t *testing.T, g log.Genesis) (*memory.Log, log.Genesis) {
	t.Helper()
	l := memory.New(memory.Options{Partitions: 2})
	g.Cluster = cluster
	g, err := log.Init(t.Context(), l, g, "a", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	return l, g
}

func appendBody(t *testing.T, l log.Log, g log.Genesis, body txn.Body) {
	t.Helper()
	value, err := txn.EncodeRecord(&txn.Record{Header: txn.Header{Cluster: g.Cluster, Generation: g.Generation, Node: "a", Epoch: 2}, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.AppendWait(t.Context(), l, log.Order, value); err != nil {
		t.Fatal(err)
	}
}

func readTo(t *testing.T, l log.Log, g log.Genesis, after log.Cursor, p txn.Position) *log.Reader {
	t.Helper()
	r := log.NewReader(l, g, after)
	for r.Cursor().Position < p {
		// Small reads, so that a Reader stops where it is told to.
		if _, err := r.Next(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// counting counts the records that are read through it.
type counting struct {
	log.Log
	read atomic.Int64
}

func (c *counting) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	entries, err := c.Log.Read(ctx, s, offset, maxBytes)
	c.read.Add(int64(len(entries)))
	return entries, err
}

func TestVerifyStartsAtTheNearestCheckpoint(t *testing.T) {
	l, g := newLog(t, log.Genesis{Base: 50, PreviousHash: txn.ChainHash{3}})
	after := log.Cursor{Position: 50, Chain: txn.ChainHash{3}}
	for range 2000 {
		appendBody(t, l, g, &txn.Noop{})
	}
	anchor := readTo(t, l, g, after, 2051).Cursor()
	appendBody(t, l, g, &txn.Checkpoint{First: 51, Last: anchor.Position, Chain: anchor.Chain})
	for range 100 {
		appendBody(t, l, g, &txn.Noop{})
	}
	cursor := readTo(t, l, g, anchor, 2152).Cursor()

	c := &counting{Log: l}
	if err := log.NewReader(c, g, cursor).Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := c.read.Load(); n > 1000 {
		t.Errorf("%d records were read to verify a place 101 behind a checkpoint", n)
	}
	l.Replace(log.Order, g.Offset(cursor.Position)-10, []byte("another record"))
	if err := log.NewReader(l, g, cursor).Verify(t.Context()); !errors.Is(err, log.ErrDiverged) {
		t.Errorf("verify after a record was replaced: %v, want ErrDiverged", err)
	}
}

// trimming is a log that another node trims when it is read.
type trimming struct {
	log.Log
	before []int64 // each read trims to the next of them
}

func (l *trimming) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	if len(l.before) > 0 {
		if err := l.Trim(ctx, s, l.before[0]); err != nil {
			return nil, err
		}
		l.before = l.before[1:]
	}
	return l.Log.Read(ctx, s, offset, maxBytes)
}

func TestVerifyDoesNotMindThatTheLogIsTrimmedMeanwhile(t *testing.T) {
	l, g := newLog(t, log.Genesis{})
	for range 100 {
		appendBody(t, l, g, &txn.Noop{})
	}
	cursor := readTo(t, l, g, log.Cursor{}, 90).Cursor()
	if err := log.NewReader(&trimming{l, []int64{50, 60, 70}}, g, cursor).Verify(t.Context()); err != nil {
		t.Errorf("verify beside three trims below the cursor: %v", err)
	}
	if err := log.NewReader(&trimming{l, []int64{95}}, g, cursor).Verify(t.Context()); !errors.Is(err, log.ErrTrimmed) {
		t.Errorf("verify beside a trim above the cursor: %v, want ErrTrimmed", err)
	}
}

func TestVerifyKnowsWhatItCannot(t *testing.T) {
	l, g := newLog(t, log.Genesis{})
	for range 100 {
		appendBody(t, l, g, &txn.Noop{})
	}
	cursor := readTo(t, l, g, log.Cursor{}, 90).Cursor()
	behind := readTo(t, l, g, log.Cursor{}, 10).Cursor()
	if err := l.Trim(t.Context(), log.Order, 50); err != nil {
		t.Fatal(err)
	}
	// Nothing that is kept gives the chain at 90: there is no ground for an error.
	if err := log.NewReader(l, g, cursor).Verify(t.Context()); err != nil {
		t.Errorf("verify without an anchor: %v", err)
	}
	if err := log.NewReader(l, g, behind).Verify(t.Context()); !errors.Is(err, log.ErrTrimmed) {
		t.Errorf("verify of a place that has been trimmed: %v, want ErrTrimmed", err)
	}
	if _, err := log.NewReader(l, g, behind).Next(t.Context(), 100); !errors.Is(err, log.ErrTrimmed) {
		t.Errorf("next from a place that has been trimmed: %v, want ErrTrimmed", err)
	}
	if again, err := log.ReadGenesis(t.Context(), l); err != nil || again != g {
		t.Errorf("genesis of a trimmed log: %+v, %v", again, err)
	}
}

func TestAGenerationContinuesTheOneBefore(t *testing.T) {
	g := log.Genesis{Generation: 2, Base: 50, PreviousHash: txn.ChainHash{3}}
	l, g := newLog(t, g)
	tests := []struct {
		name   string
		cursor log.Cursor
		want   error
	}{
		{"at its end", log.Cursor{Position: 50, Chain: txn.ChainHash{3}}, nil},
		{"with another chain", log.Cursor{Position: 50, Chain: txn.ChainHash{4}}, log.ErrDiverged},
		{"before its end", log.Cursor{Position: 49, Chain: txn.ChainHash{3}}, log.ErrTrimmed},
		{"with nothing", log.Cursor{}, log.ErrTrimmed},
	}
	for _, test := range tests {
		reads, err := log.NewReader(l, g, test.cursor).Next(t.Context(), 100)
		if !errors.Is(err, test.want) || err == nil && reads[0].Position != 51 {
			t.Errorf("a node %s: %v, %v; want %v", test.name, reads, err, test.want)
		}
	}
}

func TestAReaderStaysWhereItIsAfterAnError(t *testing.T) {
	l, g := newLog(t, log.Genesis{})
	appendBody(t, l, g, &txn.Noop{})
	r := log.NewReader(l, g, log.Cursor{})
	good, err := l.Read(t.Context(), log.Order, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	l.Replace(log.Order, 1, append([]byte("MRMT\x01"), 0xff, 0xff))
	if _, err := r.Next(t.Context(), 1000); !errors.Is(err, txn.ErrCorrupt) || r.Cursor() != (log.Cursor{}) {
		t.Fatalf("next over a damaged record: %v, cursor %+v", err, r.Cursor())
	}
	l.Replace(log.Order, 1, good[0].Value)
	if reads, err := r.Next(t.Context(), 1000); err != nil || len(reads) != 2 {
		t.Errorf("next: %d records, %v", len(reads), err)
	}
}

// chunkAt appends a chunk with one event and returns the transaction that names it.
func chunkAt(t *testing.T, l log.Log, partition int32, ordinal uint64) *txn.Transaction {
	t.Helper()
	e := txn.RowEvent{Ordinal: ordinal, Table: 1, Version: 1, Op: txn.Insert, After: []txn.Value{txn.Int(int64(ordinal))}}
	value, err := txn.EncodeChunk(&txn.Chunk{Header: txn.Header{Cluster: cluster}, Branch: 1, Kind: txn.ChunkRows, Payload: txn.AppendRowEvent(nil, &e)})
	if err != nil {
		t.Fatal(err)
	}
	offset, err := log.AppendWait(t.Context(), l, log.Stream(partition), value)
	if err != nil {
		t.Fatal(err)
	}
	return &txn.Transaction{Events: 1, Chunks: []txn.ChunkRef{{Partition: partition, Offset: offset, Bytes: int32(len(value)), Hash: txn.HashChunk(value)}}}
}

func readChunks(t *testing.T, l log.Log, list []*txn.Transaction) {
	t.Helper()
	for _, body := range list {
		n := 0
		err := log.Events(t.Context(), l, 5, body, func(*txn.RowEvent) error { n++; return nil })
		if err != nil || n != 1 {
			t.Fatalf("%d events, %v", n, err)
		}
	}
}

func TestOwnChunksCostNoReadOfTheLog(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	c := &counting{Log: l}
	chunks := log.NewChunks(c, 0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- chunks.Run(ctx) }()
	var list []*txn.Transaction
	for i := range uint64(100) {
		list = append(list, chunkAt(t, chunks, int32(i%2), i))
		readChunks(t, chunks, list[i:])
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v", err)
	}
	if n := c.read.Load(); n != 0 {
		t.Errorf("%d records were read", n)
	}
}

func TestOwnOrderRecordsCostNoReadOfTheLog(t *testing.T) {
	l, g := newLog(t, log.Genesis{})
	c := &counting{Log: l}
	chunks := log.NewChunks(c, 0)
	r := readTo(t, chunks, g, log.Cursor{}, 1) // the genesis
	read := c.read.Load()
	for _, through := range []log.Log{chunks, chunks, l, chunks} {
		appendBody(t, through, g, &txn.Noop{})
	}
	want := readTo(t, l, g, r.Cursor(), 5).Cursor()
	for r.Cursor().Position < 5 {
		if _, err := r.Next(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.read.Load() - read; n != 1 || r.Cursor() != want {
		t.Errorf("%d records were read up to %v, want only that of another node, up to %v", n, r.Cursor(), want)
	}
	read = c.read.Load()
	if err := r.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.read.Load() == read {
		t.Error("the log was verified without being read")
	}
	// There is room for the newest four of these six.
	for range 6 {
		if _, err := log.AppendWait(t.Context(), chunks, log.Order, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	read = c.read.Load()
	for r.Cursor().Position < 11 {
		if _, err := r.Next(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.read.Load() - read; n != 2 {
		t.Errorf("%d records were read that had left the cache, want 2", n)
	}
}

func TestChunksThatLieBehindAreReadAhead(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	var list []*txn.Transaction
	for i := range uint64(100) {
		list = append(list, chunkAt(t, l, 0, i))
	}
	c := &counting{Log: l}
	readChunks(t, log.NewChunks(c, 0), list)
	if n := c.read.Load(); n != 100 {
		t.Errorf("%d records were read for 100 chunks", n)
	}
	// With room for next to nothing they are read again, and come all the same.
	readChunks(t, log.NewChunks(l, 100), list)
}

func TestFreshChunksAreThereBeforeTheyAreAskedFor(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	c := &counting{Log: l}
	chunks := log.NewChunks(c, 0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- chunks.Run(ctx) }()
	next := chunkAt(t, l, 0, 1)
	for i := range uint64(50) {
		readChunks(t, chunks, []*txn.Transaction{next})
		next = chunkAt(t, l, 0, i)
		for !chunks.Holds(next.Chunks[0]) {
			if t.Context().Err() != nil {
				t.Fatal("the chunk was not read ahead")
			}
			time.Sleep(time.Millisecond)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v", err)
	}
	if n := c.read.Load(); n != 51 {
		t.Errorf("%d records were read for 51 chunks", n)
	}
}

func TestARecordOfEventsMustAddUp(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	body := chunkAt(t, l, 0, 3)
	body.Events = 2
	err := log.Events(t.Context(), l, 5, body, func(*txn.RowEvent) error { return nil })
	if !errors.Is(err, txn.ErrCorrupt) {
		t.Errorf("one event of two: %v, want ErrCorrupt", err)
	}
	stop := fmt.Errorf("stop")
	body.Events = 1
	if err := log.Events(t.Context(), l, 5, body, func(*txn.RowEvent) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v, want the error of each", err)
	}
}

func TestHiddenRowIDsAreMappedWhereTheyMayBe(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	hidden, greatest := txn.Int(txn.HiddenBase+4), txn.Int(1<<63-1)
	events := []txn.RowEvent{
		{Ordinal: 0, Table: 1, Version: 1, Op: txn.Insert, After: []txn.Value{hidden, hidden}},
		{Ordinal: 1, Table: 2, Version: 1, Op: txn.Update, Before: []txn.Value{txn.Int(1), greatest}, After: []txn.Value{txn.Int(2), greatest}},
		{Ordinal: 2, Table: 3, Version: 1, Op: txn.Delete, Before: []txn.Value{txn.Int(1), hidden}},
	}
	body := &txn.Transaction{Events: 3}
	for i := range events {
		body.Inline = txn.AppendRowEvent(body.Inline, &events[i])
	}
	mapped := fmt.Sprint(int64(5)<<24 + 4)
	tests := []struct {
		hidden func(txn.TableID) bool
		want   string
	}{
		{nil, fmt.Sprint("[", hidden, " ", mapped, "] [2 ", greatest, "] [1 ", mapped, "] ")},
		{func(id txn.TableID) bool { return id == 1 }, fmt.Sprint("[", hidden, " ", mapped, "] [2 ", greatest, "] [1 ", hidden, "] ")},
	}
	for _, test := range tests {
		got := ""
		err := log.EventsOf(t.Context(), l, 5, body, test.hidden, func(e *txn.RowEvent) error {
			image := e.After
			if e.Op == txn.Delete {
				image = e.Before
			}
			got += fmt.Sprint(image, " ")
			return nil
		})
		if err != nil || got != test.want {
			t.Errorf("images %s, %v; want %s", got, err, test.want)
		}
	}
}

func TestVoidedRangesNeedNoOrder(t *testing.T) {
	body := &txn.Transaction{Voided: []txn.OrdinalRange{{First: 8, End: 9}, {First: 2, End: 4}, {First: 3, End: 6}, {First: 2, End: 3}}, Events: 5}
	for ordinal := range uint64(10) {
		body.Inline = txn.AppendRowEvent(body.Inline, &txn.RowEvent{Ordinal: ordinal, Table: 1, Version: 1, Op: txn.Insert, After: []txn.Value{txn.Int(1)}})
	}
	var got []uint64
	err := log.Events(t.Context(), nil, 1, body, func(e *txn.RowEvent) error {
		got = append(got, e.Ordinal)
		return nil
	})
	if want := []uint64{0, 1, 6, 7, 9}; err != nil || !slices.Equal(got, want) {
		t.Errorf("events %v, %v, want %v", got, err, want)
	}
}

// gapped is a log whose reads leave out a record.
type gapped struct {
	log.Log
	without int64
}

// Read implements log.Log.
func (l gapped) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	entries, err := l.Log.Read(ctx, s, offset, maxBytes)
	return slices.DeleteFunc(entries, func(e log.Entry) bool { return e.Offset == l.without }), err
}

func TestAGapOfTheOrderIsAnError(t *testing.T) {
	l, g := newLog(t, log.Genesis{})
	for range 4 {
		appendBody(t, l, g, &txn.Noop{})
	}
	for without := range int64(4) {
		r := log.NewReader(gapped{l, without}, g, log.Cursor{})
		if _, err := r.Next(t.Context(), 1<<20); !errors.Is(err, log.ErrGap) {
			t.Errorf("without the record at offset %d: %v, want ErrGap", without, err)
		}
		if p := r.Cursor().Position; p != 0 {
			t.Errorf("the reader stands at %s behind a gap", p)
		}
	}
}
