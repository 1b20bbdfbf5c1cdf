package commit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

// judge follows the log and decides as the ledger does as far as sequences and epochs go; every
// other record is a commit.
type judge struct {
	mu        sync.Mutex
	decided   []ledger.Decision // by position - 1
	records   []*txn.Record
	counts    map[txn.ID]txn.Position
	sequences map[txn.Epoch]txn.Sequence
	runs      map[txn.NodeID]txn.Epoch
	changed   chan struct{}
}

func startJudge(t *testing.T, l log.Log, g log.Genesis) *judge {
	t.Helper()
	j := &judge{
		counts: map[txn.ID]txn.Position{}, sequences: map[txn.Epoch]txn.Sequence{}, runs: map[txn.NodeID]txn.Epoch{},
		changed: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		reader := log.NewReader(l, g, log.Cursor{})
		for {
			reads, err := reader.Next(ctx, 1<<20)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Errorf("judge: %v", err)
				return
			}
			for _, r := range reads {
				j.decide(r)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return j
}

func (j *judge) decide(r log.Read) {
	j.mu.Lock()
	defer j.mu.Unlock()
	d := ledger.Decision{Verdict: txn.Commit}
	rec := r.Record
	switch {
	case rec == nil || rec.Epoch == 0:
		if rec != nil {
			if _, ok := rec.Body.(*txn.Opening); ok {
				j.runs[rec.Node] = txn.Epoch(r.Position)
				d.Epoch = txn.Epoch(r.Position)
			}
		}
	case j.runs[rec.Node] != rec.Epoch:
		d = ledger.Decision{Verdict: txn.Void, Reason: ledger.ReasonEpoch}
	case rec.Sequence <= j.sequences[rec.Epoch]:
		d = ledger.Decision{Verdict: txn.Void, Reason: ledger.ReasonRepeat}
	default:
		j.sequences[rec.Epoch] = rec.Sequence
		j.counts[rec.ID()] = r.Position
	}
	j.decided = append(j.decided, d)
	j.records = append(j.records, rec)
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *judge) Decision(ctx context.Context, p txn.Position) (ledger.Decision, error) {
	for {
		j.mu.Lock()
		changed := j.changed
		if int(p) <= len(j.decided) {
			defer j.mu.Unlock()
			return j.decided[p-1], nil
		}
		j.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ledger.Decision{}, ctx.Err()
		}
	}
}

func (j *judge) Outcome(ctx context.Context, id txn.ID, settled txn.Position) (ledger.Decision, txn.Position, bool) {
	if _, err := j.Decision(ctx, settled); settled > 0 && err != nil {
		return ledger.Decision{}, 0, false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	p, ok := j.counts[id]
	if !ok {
		return ledger.Decision{}, 0, false
	}
	return j.decided[p-1], p, true
}

func (j *judge) Decided() txn.Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	return txn.Position(len(j.decided))
}

// world is a log with one origin on it.
type world struct {
	log    *memory.Log
	client *memory.Client
	judge  *judge
	origin *Origin
	ended  chan error // what Run returned
}

func start(t *testing.T, inline int64) *world {
	t.Helper()
	l := memory.New(memory.Options{Partitions: 4})
	g, err := log.Init(t.Context(), l, log.Genesis{Cluster: txn.UUID{1}}, "a", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{log: l, client: l.Client("a"), judge: startJudge(t, l.Client("judge"), g)}
	w.origin, w.ended = w.open(t, g, inline)
	return w
}

func (w *world) open(t *testing.T, g log.Genesis, inline int64) (*Origin, chan error) {
	t.Helper()
	o := New(Options{Log: w.client, Genesis: g, Node: "a", DataUUID: txn.UUID{2}, Version: "test", Verdicts: w.judge,
		Now: func() time.Time { return time.UnixMicro(77) }, InlineMaxBytes: inline})
	if _, err := o.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	t.Cleanup(cancel)
	return o, ended
}

// orderFaults gives the order records of the client these faults, one after another.
func (w *world) orderFaults(faults ...memory.Fault) {
	w.client.SetFaults(func(a memory.Append) memory.Fault {
		if a.Stream != log.Order || len(faults) == 0 {
			return memory.Fault{}
		}
		f := faults[0]
		faults = faults[1:]
		return f
	})
}

func event(ordinal uint64, bytes int) *txn.RowEvent {
	return &txn.RowEvent{Ordinal: ordinal, Table: 5, Version: 5, Op: txn.Insert,
		After: []txn.Value{txn.Int(int64(ordinal)), txn.TextString(strings.Repeat("x", bytes))}}
}

// ordinals reads the row events of the transaction at p back.
func (w *world) ordinals(t *testing.T, p txn.Position) string {
	t.Helper()
	w.judge.mu.Lock()
	var body *txn.Transaction
	switch b := w.judge.records[p-1].Body.(type) {
	case *txn.Transaction:
		body = b
	case *txn.DDL:
		body = &b.Transaction
	}
	w.judge.mu.Unlock()
	var got []string
	err := log.Events(t.Context(), w.log, p, body, func(e *txn.RowEvent) error {
		got = append(got, fmt.Sprint(e.Ordinal))
		return nil
	})
	if err != nil {
		t.Fatalf("row events at %s: %v", p, err)
	}
	return strings.Join(got, " ")
}

func write(t *testing.T, tx *Tx, table string, e *txn.RowEvent) {
	t.Helper()
	if err := tx.Write(table, e); err != nil {
		t.Fatalf("write %d: %v", e.Ordinal, err)
	}
}

func TestCommittedRowEventsComeBackInOrder(t *testing.T) {
	for _, inline := range []int64{0, 1 << 20} {
		w := start(t, inline)
		tx := w.origin.Begin(9, 1)
		for i := range uint64(20) {
			write(t, tx, fmt.Sprintf("d.t%d", i%3), event(i, 10))
			if i == 7 {
				tx.Flush()
			}
		}
		r, err := tx.Commit(t.Context(), &txn.Transaction{Tables: []txn.TableUse{{Table: 5, Database: 4}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.ordinals(t, r.Position); got != "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" {
			t.Errorf("inline %d: row events %s", inline, got)
		}
		body := w.judge.records[r.Position-1].Body.(*txn.Transaction)
		if body.ConnectionID != 9 || body.Begin != 1 || body.Events != 20 || (len(body.Inline) > 0) != (inline > 0) {
			t.Errorf("inline %d: order record %+v", inline, body)
		}
		if r.ID != w.judge.records[r.Position-1].ID() || r.Decision.Verdict != txn.Commit {
			t.Errorf("result %+v", r)
		}
	}
}

func TestLargeRowsAreCutIntoChunksOfBoundedSize(t *testing.T) {
	w := start(t, 0)
	tx := w.origin.Begin(1, 1)
	write(t, tx, "d.t", event(0, 100))
	write(t, tx, "d.t", event(1, 1_700_000))
	write(t, tx, "d.u", event(2, 100))
	write(t, tx, "d.t", event(3, chunkBytes))
	write(t, tx, "d.t", event(4, 10))
	r, err := tx.Commit(t.Context(), &txn.Transaction{})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.ordinals(t, r.Position); got != "0 1 2 3 4" {
		t.Errorf("row events %s", got)
	}
	for _, ref := range w.judge.records[r.Position-1].Body.(*txn.Transaction).Chunks {
		if ref.Bytes > 512<<10 {
			t.Errorf("chunk of %d bytes", ref.Bytes)
		}
	}
}

func TestVoidedRowEventsAreLeftOut(t *testing.T) {
	tests := []struct {
		name   string
		flush  uint64 // after this ordinal
		voids  []txn.OrdinalRange
		listed int // ranges in the order record
	}{
		{"before they left", 99, []txn.OrdinalRange{{First: 3, End: 6}}, 0},
		{"after they left", 5, []txn.OrdinalRange{{First: 3, End: 6}}, 1},
		{"half of them left", 4, []txn.OrdinalRange{{First: 3, End: 6}}, 1},
		{"twice", 5, []txn.OrdinalRange{{First: 3, End: 6}, {First: 4, End: 6}}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := start(t, 0)
			tx := w.origin.Begin(1, 1)
			for i := range uint64(6) {
				write(t, tx, "d.t", event(i, 10))
				if i == test.flush {
					tx.Flush()
				}
			}
			for _, r := range test.voids {
				tx.Void(r)
			}
			write(t, tx, "d.t", event(6, 10))
			r, err := tx.Commit(t.Context(), &txn.Transaction{})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.ordinals(t, r.Position); got != "0 1 2 6" {
				t.Errorf("row events %s", got)
			}
			if body := w.judge.records[r.Position-1].Body.(*txn.Transaction); len(body.Voided) != test.listed || body.Events != 4 {
				t.Errorf("voided %v, %d events", body.Voided, body.Events)
			}
		})
	}
}

func TestVoidedRangesAreJoined(t *testing.T) {
	for _, c := range []struct{ add, want string }{
		{"5-6 6-7 7-8", "5-8"},
		{"5-6 1-2 8-9", "1-2 5-6 8-9"},
		{"1-2 4-5 7-8 3-6", "1-2 3-6 7-8"},
		{"1-2 4-5 7-8 0-9", "0-9"},
		{"0-9 2-3", "0-9"},
	} {
		var got []txn.OrdinalRange
		for text := range strings.FieldsSeq(c.add) {
			var r txn.OrdinalRange
			if _, err := fmt.Sscanf(text, "%d-%d", &r.First, &r.End); err != nil {
				t.Fatal(err)
			}
			got = join(got, r)
		}
		var texts []string
		for _, r := range got {
			texts = append(texts, fmt.Sprintf("%d-%d", r.First, r.End))
		}
		if joined := strings.Join(texts, " "); joined != c.want {
			t.Errorf("%s: got %s, want %s", c.add, joined, c.want)
		}
	}
}

func TestADefinitionTravelsInChunksOrInline(t *testing.T) {
	for _, inline := range []int64{0, 1 << 20} {
		w := start(t, inline)
		d := &txn.DDLBody{Text: "CREATE TABLE t" + strings.Repeat(" ", 600_000), Database: "d",
			Changes: []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Insert, DBID: 4, Database: "d", Name: "t"}}}
		tx := w.origin.Begin(1, 1)
		write(t, tx, "d.t", event(0, 10))
		r, err := tx.CommitDDL(t.Context(), &txn.DDL{}, d)
		if err != nil {
			t.Fatal(err)
		}
		body := w.judge.records[r.Position-1].Body.(*txn.DDL)
		got, err := log.Definition(t.Context(), w.log, body)
		if err != nil || got.Text != d.Text || (len(body.Definition) == 0) != (inline > 0) {
			t.Errorf("inline %d: %d chunks, %v", inline, len(body.Definition), err)
		}
		if got := w.ordinals(t, r.Position); got != "0" {
			t.Errorf("inline %d: row events %q", inline, got)
		}
	}
}

func TestANodeThatCannotApplyTakesNothing(t *testing.T) {
	w := start(t, 0)
	full := errors.New("the disk is full")
	var refusal error
	w.origin.options.Refuse = func() error { return refusal }
	attempt := func() []error {
		tx, ddl := w.origin.Begin(1, 1), w.origin.Begin(1, 1)
		write(t, tx, "d.t", event(0, 10))
		_, first := tx.Commit(t.Context(), &txn.Transaction{})
		_, second := ddl.CommitDDL(t.Context(), &txn.DDL{}, &txn.DDLBody{Text: "CREATE TABLE t (id INT)"})
		return []error{first, second}
	}
	refusal = full
	for _, err := range attempt() {
		var refused *NotCommittedError
		if !errors.As(err, &refused) || !errors.Is(err, full) {
			t.Errorf("got %v, want a NotCommittedError of a full disk", err)
		}
	}
	if _, err := w.origin.Control(t.Context(), &txn.Noop{}); err != nil {
		t.Errorf("a control record: %v", err)
	}
	refusal = nil
	for _, err := range attempt() {
		if err != nil {
			t.Errorf("with room again: %v", err)
		}
	}
}

func TestOutcomesUnderFaults(t *testing.T) {
	refused := errors.New("refused")
	tests := []struct {
		name      string
		faults    []memory.Fault
		committed bool
		cause     error // of the NotCommittedError
	}{
		{"no fault", nil, true, nil},
		{"refused", []memory.Fault{{Refuse: refused}}, false, refused},
		{"in the log, the answer lost", []memory.Fault{{LoseAck: true}}, true, nil},
		{"lost with its answer", []memory.Fault{{Lose: true}}, false, nil},
		{"comes after the no-op", []memory.Fault{{Late: 2}}, false, nil},
		{"comes with the no-op", []memory.Fault{{Late: 1}}, false, nil},
		{"the first no-op unknown too", []memory.Fault{{LoseAck: true}, {Lose: true}}, true, nil},
		{"in the log twice", []memory.Fault{{Duplicate: true}}, true, nil},
		{"in the log twice, told the second place", []memory.Fault{{Duplicate: true, AckSecond: true}}, true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := start(t, 0)
			tx := w.origin.Begin(1, 1)
			write(t, tx, "d.t", event(0, 10))
			w.orderFaults(test.faults...)
			r, err := tx.Commit(t.Context(), &txn.Transaction{})
			var refusal *NotCommittedError
			switch {
			case test.committed && err != nil:
				t.Fatal(err)
			case test.committed:
				if got := w.ordinals(t, r.Position); got != "0" || r.Decision.Verdict != txn.Commit {
					t.Errorf("result %+v, row events %s", r, got)
				}
			case !errors.As(err, &refusal) || errors.Is(err, log.ErrUnknown) || test.cause != nil && !errors.Is(err, test.cause):
				t.Fatalf("commit: %v, want a NotCommittedError", err)
			}
			w.log.Settle()
			w.orderFaults()
			// Whatever happened, the next one goes through, and the first has not changed its mind.
			next, err := w.origin.Control(t.Context(), &txn.Noop{})
			if err != nil {
				t.Fatal(err)
			}
			committed := false
			for i, rec := range w.judge.records[:next.Position] {
				_, isTx := rec.Body.(*txn.Transaction)
				committed = committed || isTx && w.judge.decided[i].Verdict == txn.Commit
			}
			if committed != test.committed {
				t.Errorf("in the log committed: %v, the client was told %v", committed, test.committed)
			}
		})
	}
}

func TestAnUnknownChunkRefusesTheTransaction(t *testing.T) {
	w := start(t, 0)
	w.client.SetFaults(func(a memory.Append) memory.Fault { return memory.Fault{LoseAck: a.Stream != log.Order} })
	tx := w.origin.Begin(1, 1)
	write(t, tx, "d.t", event(0, 10))
	_, err := tx.Commit(t.Context(), &txn.Transaction{})
	var refusal *NotCommittedError
	if !errors.As(err, &refusal) || errors.Is(err, log.ErrUnknown) {
		t.Fatalf("commit: %v, want a NotCommittedError", err)
	}
	if w.judge.Decided() != 2 {
		t.Errorf("%d records in the order stream, want genesis and opening only", w.judge.Decided())
	}
}

func TestAnOutcomeThatStaysUnknownIsToldLater(t *testing.T) {
	w := start(t, 0)
	tx := w.origin.Begin(1, 1)
	write(t, tx, "d.t", event(0, 10))
	tx.Flush()
	if err := tx.acks.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.client.SetFaults(func(a memory.Append) memory.Fault {
		if a.Stream == log.Order {
			cancel()
		}
		return memory.Fault{Silent: a.Stream == log.Order}
	})
	_, err := tx.Commit(ctx, &txn.Transaction{})
	var unknown *UnknownError
	if !errors.As(err, &unknown) {
		t.Fatalf("commit: %v, want an UnknownError", err)
	}
	w.orderFaults()
	committed, known, err := w.origin.Outcome(t.Context(), unknown.ID)
	if !committed || !known || err != nil {
		t.Errorf("outcome: committed %v, known %v, %v; want committed", committed, known, err)
	}
}

// TestUnsettledOutcomesHaveALimit: while the log is away for long, each commit that times out leaves an outcome to settle.
func TestUnsettledOutcomesHaveALimit(t *testing.T) {
	w := start(t, 0)
	w.client.Cut(true)
	for sequence := range txn.Sequence(maxUnsettled) {
		w.origin.settler.add(txn.ID{Epoch: w.origin.Epoch(), Sequence: 1<<40 + sequence}, log.ErrUnknown)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := w.origin.Control(ctx, &txn.Noop{})
	var refused *NotCommittedError
	if !errors.As(err, &refused) || !errors.Is(err, ErrUnsettled) {
		t.Errorf("got %v, want a NotCommittedError of ErrUnsettled", err)
	}
}

func TestACommitThatIsStillQueuedIsTakenBack(t *testing.T) {
	w := start(t, 1000)
	stalled := New(w.origin.options) // never run
	stalled.epoch.Store(2)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	tx := stalled.Begin(1, 1)
	write(t, tx, "d.t", event(0, 1))
	_, err := tx.Commit(ctx, &txn.Transaction{})
	var refusal *NotCommittedError
	if !errors.As(err, &refusal) || !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v, want a NotCommittedError", err)
	}
}

func TestALaterRunFencesTheEarlier(t *testing.T) {
	w := start(t, 0)
	later, _ := w.open(t, w.origin.options.Genesis, 0)
	tx := w.origin.Begin(1, 1)
	write(t, tx, "d.t", event(0, 10))
	_, err := tx.Commit(t.Context(), &txn.Transaction{})
	var refusal *NotCommittedError
	if !errors.As(err, &refusal) || !errors.Is(err, ErrFenced) {
		t.Errorf("commit of the earlier run: %v, want not committed, fenced", err)
	}
	if err := <-w.ended; !errors.Is(err, ErrFenced) {
		t.Errorf("the earlier run ended with %v, want ErrFenced", err)
	}
	if _, err := w.origin.Barrier(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("barrier of the earlier run: %v, want ErrFenced", err)
	}
	if _, err := later.Control(t.Context(), &txn.Noop{}); err != nil {
		t.Errorf("the later run: %v", err)
	}
}

func TestManySessionsGetWhatTheyAskedForInAnyWeather(t *testing.T) {
	w := start(t, 0)
	w.client.SetFaults(memory.Random(3, memory.Rates{Refuse: 0.05, Lose: 0.05, LoseAck: 0.1, Duplicate: 0.1, Late: 0.05}))
	const sessions, each = 8, 30
	var mu sync.Mutex
	told := map[uint64]bool{} // by connection: committed
	var group sync.WaitGroup
	for s := range sessions {
		group.Go(func() {
			for i := range each {
				connection := uint64(s*each + i)
				tx := w.origin.Begin(connection, 1)
				err := tx.Write("d.t", event(0, 10))
				if err == nil {
					_, err = tx.Commit(t.Context(), &txn.Transaction{})
				}
				var refusal *NotCommittedError
				if err != nil && !errors.As(err, &refusal) {
					t.Errorf("connection %d: %v", connection, err)
				}
				mu.Lock()
				told[connection] = err == nil
				mu.Unlock()
			}
		})
	}
	group.Wait()
	w.client.SetFaults(nil)
	w.log.Settle()
	last, err := w.origin.Control(t.Context(), &txn.Noop{})
	if err != nil {
		t.Fatal(err)
	}
	committed := map[uint64]int{}
	for i, rec := range w.judge.records[:last.Position] {
		if body, ok := rec.Body.(*txn.Transaction); ok && w.judge.decided[i].Verdict == txn.Commit {
			committed[body.ConnectionID]++
			w.ordinals(t, txn.Position(i+1))
		}
	}
	for connection, ok := range told {
		if want := map[bool]int{true: 1}[ok]; committed[connection] != want {
			t.Errorf("connection %d: %d times in the log, told %v", connection, committed[connection], ok)
		}
	}
}

func TestBarriersAreShared(t *testing.T) {
	w := start(t, 0)
	w.client.Cut(true) // the first barrier fills the way, the others wait together
	const n = 50
	positions := make(chan txn.Position, n)
	for range n {
		go func() {
			for {
				p, err := w.origin.Barrier(t.Context())
				if err == nil {
					positions <- p
					return
				}
				if !errors.Is(err, log.ErrUnreachable) {
					t.Errorf("barrier: %v", err)
					positions <- 0
					return
				}
			}
		}()
	}
	w.client.Cut(false)
	before := w.judge.Decided()
	for range n {
		if p := <-positions; p < before {
			t.Errorf("barrier at %s, the log was at %s before", p, before)
		}
	}
}

// TestABarrierServesWhoCameBeforeItWasHandedOver: one that is in the log already lies before what was acknowledged since.
func TestABarrierServesWhoCameBeforeItWasHandedOver(t *testing.T) {
	w := start(t, 0)
	handed := make(chan struct{})
	var once sync.Once
	w.client.SetFaults(func(a memory.Append) memory.Fault {
		first := false
		once.Do(func() { first = true; close(handed) })
		return memory.Fault{Silent: first} // in the log, without an answer
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		_, _ = w.origin.Barrier(ctx) // ends when cancelled
		close(ended)
	}()
	<-handed
	between, err := w.origin.Control(t.Context(), &txn.Noop{})
	if err != nil {
		t.Fatal(err)
	}
	wait, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if p, err := w.origin.Barrier(wait); err != nil || p <= between.Position {
		t.Errorf("barrier at %s, %v, want one after %s", p, err, between.Position)
	}
	cancel()
	<-ended
}

func BenchmarkCommit(b *testing.B) {
	l := memory.New(memory.Options{})
	g, err := log.Init(b.Context(), l, log.Genesis{Cluster: txn.UUID{1}}, "a", 1, "bench")
	if err != nil {
		b.Fatal(err)
	}
	w := &world{log: l, client: l.Client("a"), judge: startJudge(&testing.T{}, l.Client("judge"), g)}
	o := New(Options{Log: w.client, Genesis: g, Node: "a", Verdicts: w.judge, Now: time.Now})
	if _, err := o.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go o.Run(ctx)
	for b.Loop() {
		tx := o.Begin(1, 1)
		if err := tx.Write("d.t", event(0, 200)); err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Commit(b.Context(), &txn.Transaction{}); err != nil {
			b.Fatal(err)
		}
	}
}
