package log_test

import (
	"context"
	"errors"
	"testing"

	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

func bounds(t *testing.T, l log.Log, s log.Stream) (start, end int64) {
	t.Helper()
	start, end, err := l.Bounds(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return start, end
}

func position(t *testing.T, l log.Log, g log.Genesis) txn.Position {
	t.Helper()
	_, end := bounds(t, l, log.Order)
	return g.Position(end - 1)
}

// trimmable is a log with ten committed transactions of a chunk in stream 0 each.
func trimmable(t *testing.T) (*memory.Log, log.Genesis) {
	t.Helper()
	l, g := newLog(t, log.Genesis{})
	for i := range uint64(10) {
		appendBody(t, l, g, chunkAt(t, l, 0, i))
	}
	return l, g
}

// TestTrimKeepsTheChunksOfTransactionsThatWereOpen: a transaction that has sent a chunk before the mark may commit between the
// mark and the trim record; all that its record names stays, in the order of its streams.
func TestTrimKeepsTheChunksOfTransactionsThatWereOpen(t *testing.T) {
	l, g := trimmable(t)
	open := chunkAt(t, l, 0, 100)
	second := chunkAt(t, l, 1, 101)
	open.Chunks, open.Events = append(open.Chunks, second.Chunks...), 2
	definition := chunkAt(t, l, 1, 102).Chunks
	for i := range uint64(5) {
		appendBody(t, l, g, chunkAt(t, l, 0, 10+i))
		chunkAt(t, l, 1, 103) // of nobody
	}
	mark, err := log.TakeMark(t.Context(), l, g)
	if err != nil {
		t.Fatal(err)
	}
	appendBody(t, l, g, open)
	appendBody(t, l, g, &txn.DDL{Definition: definition})
	appendBody(t, l, g, &txn.TrimFloor{Floor: mark.Floor})
	last := position(t, l, g)
	appendBody(t, l, g, &txn.Transaction{Chunks: []txn.ChunkRef{{Partition: 0, Offset: 1}}, Events: 1}) // refused: it began below the floor

	for range 2 { // again does no harm
		if err := mark.Cut(t.Context(), l, g, last); err != nil {
			t.Fatal(err)
		}
	}
	if start, _ := bounds(t, l, log.Order); start != g.Offset(mark.Floor) {
		t.Errorf("the order starts at %d, want %d", start, g.Offset(mark.Floor))
	}
	for _, c := range append(open.Chunks, definition[0]) {
		if _, err := l.Read(t.Context(), log.Stream(c.Partition), c.Offset, 1); err != nil {
			t.Errorf("chunk %d of stream %d, which a kept record names: %v", c.Offset, c.Partition, err)
		}
	}
	for s, want := range []int64{open.Chunks[0].Offset, second.Chunks[0].Offset} {
		if start, _ := bounds(t, l, log.Stream(s)); start != want {
			t.Errorf("stream %d starts at %d, want %d", s, start, want)
		}
	}
}

// TestTrimGivesUpAllThatIsBelowTheMark when no transaction was open.
func TestTrimGivesUpAllThatIsBelowTheMark(t *testing.T) {
	l, g := trimmable(t)
	mark, err := log.TakeMark(t.Context(), l, g)
	if err != nil {
		t.Fatal(err)
	}
	appendBody(t, l, g, &txn.TrimFloor{Floor: mark.Floor})
	appendBody(t, l, g, chunkAt(t, l, 0, 50))
	if err := mark.Cut(t.Context(), l, g, position(t, l, g)); err != nil {
		t.Fatal(err)
	}
	for s, end := range mark.Ends {
		if start, _ := bounds(t, l, log.Stream(s)); start != end {
			t.Errorf("stream %d starts at %d, want %d", s, start, end)
		}
	}
	if again, err := log.ReadGenesis(t.Context(), l); err != nil || again.Cluster != g.Cluster {
		t.Errorf("genesis of the trimmed log: %+v, %v", again, err)
	}
}

// racing appends a chunk and its order record at the moment when a mark has read the first stream's end.
type racing struct {
	log.Log
	race func()
}

func (r *racing) Bounds(ctx context.Context, s log.Stream) (start, end int64, err error) {
	start, end, err = r.Log.Bounds(ctx, s)
	if race := r.race; race != nil && s == 0 {
		r.race = nil
		race()
	}
	return start, end, err
}

// TestAMarkHasNoChunkOfTransactionsThatBeginAtItsFloor: its ends are read before its floor.
func TestAMarkHasNoChunkOfTransactionsThatBeginAtItsFloor(t *testing.T) {
	l, g := trimmable(t)
	var begin txn.Position
	var late *txn.Transaction
	mark, err := log.TakeMark(t.Context(), &racing{Log: l, race: func() {
		appendBody(t, l, g, &txn.Noop{})
		begin = position(t, l, g)
		late = chunkAt(t, l, 0, 60)
	}}, g)
	if err != nil {
		t.Fatal(err)
	}
	if begin >= mark.Floor {
		t.Fatalf("floor %s, the late transaction began at %s", mark.Floor, begin)
	}
	if late.Chunks[0].Offset < mark.Ends[0] {
		t.Errorf("the mark gives up chunk %d, which came after it began", late.Chunks[0].Offset)
	}
}

// TestNothingIsCutWhenTheOrderCannotBeRead: what a record names must be known first.
func TestNothingIsCutWhenTheOrderCannotBeRead(t *testing.T) {
	l, g := trimmable(t)
	mark, err := log.TakeMark(t.Context(), l, g)
	if err != nil {
		t.Fatal(err)
	}
	appendBody(t, l, g, &txn.TrimFloor{Floor: mark.Floor})
	lost := errors.New("lost")
	if err := mark.Cut(t.Context(), &unreadable{l, lost}, g, position(t, l, g)); !errors.Is(err, lost) {
		t.Errorf("cut: %v", err)
	}
	for _, s := range []log.Stream{log.Order, 0, 1} {
		if start, _ := bounds(t, l, s); start != 0 {
			t.Errorf("stream %d starts at %d", s, start)
		}
	}
	mark.Ends = mark.Ends[:1]
	if err := mark.Cut(t.Context(), l, g, position(t, l, g)); err == nil {
		t.Error("a mark of another number of streams was cut")
	}
}

type unreadable struct {
	log.Log
	err error
}

func (u *unreadable) Read(context.Context, log.Stream, int64, int) ([]log.Entry, error) {
	return nil, u.err
}

// TestAMarkBelowTheCutOfAnotherNodeIsNothingToDo: whoever takes over trimming may have older marks than the log has records.
func TestAMarkBelowTheCutOfAnotherNodeIsNothingToDo(t *testing.T) {
	l, g := trimmable(t)
	older, err := log.TakeMark(t.Context(), l, g)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(10) {
		appendBody(t, l, g, chunkAt(t, l, 0, 10+i))
	}
	newer, err := log.TakeMark(t.Context(), l, g)
	if err != nil {
		t.Fatal(err)
	}
	appendBody(t, l, g, &txn.TrimFloor{Floor: newer.Floor})
	last := position(t, l, g)
	for _, m := range []log.Mark{newer, older} {
		if err := m.Cut(t.Context(), l, g, last); err != nil {
			t.Fatalf("cut below %s: %v", m.Floor, err)
		}
	}
	if start, _ := bounds(t, l, log.Order); start != g.Offset(newer.Floor) {
		t.Errorf("the order begins at %d, want %d", start, g.Offset(newer.Floor))
	}
}
