package applier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/log/memory"
	"marmot/store"
	"marmot/txn"
)

func TestWhatCommitsIsAppliedAndWhatConflictsIsNot(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	db := c.create("d")
	first := c.write(row{db, 1, "first", txn.Position(db)})
	second := c.write(row{db, 1, "second", txn.Position(db)})
	d, err := n.Decision(n.context(), first)
	if err != nil || d.Verdict != txn.Commit {
		t.Fatalf("first: %s, %v", d, err)
	}
	d, err = n.Decision(n.context(), second)
	if err != nil || d.Verdict != txn.Conflict || d.Against != first {
		t.Fatalf("second: %s, %v", d, err)
	}
	n.applied(second)
	n.expect(db, 1, "first")
	if err := n.Ready(n.context()); err != nil {
		t.Fatal(err)
	}
}

func TestDecisionIsWaitedForAndOutcomeFoundByID(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	next := txn.Position(c.epoch) + 2
	got := make(chan ledger.Decision, 1)
	go func() {
		d, _ := n.Decision(n.context(), next)
		got <- d
	}()
	changed := n.Changed()
	c.append(&txn.Lease{Table: 7, Count: 3})
	<-changed
	lease := c.append(&txn.Lease{Table: 7, Count: 5})
	if d := <-got; d.LeaseFirst != 4 || d.LeaseCount != 5 {
		t.Errorf("got %+v", d)
	}
	again := c.appendAs(c.epoch, c.sequence, "n1", &txn.Noop{})
	d, p, found := n.Outcome(n.context(), txn.ID{Epoch: c.epoch, Sequence: c.sequence}, again)
	if !found || p != lease || d.LeaseFirst != 4 {
		t.Errorf("got %s at %s, %v", d, p, found)
	}
	if _, _, found := n.Outcome(n.context(), txn.ID{Epoch: c.epoch, Sequence: 999}, again); found {
		t.Error("found what never was")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Decision(ctx, 1_000_000); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRecordedFindsTransactionsOfAllRuns(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	db := c.create("d")
	c.write(row{db, 1, "first", c.genesis.Base + 1})
	committed := txn.ID{Epoch: c.epoch, Sequence: c.sequence}
	c.write(row{db, 1, "second", 1})
	conflict := txn.ID{Epoch: c.epoch, Sequence: c.sequence}
	c.sequence++ // its record is lost
	missing := txn.ID{Epoch: c.epoch, Sequence: c.sequence}
	n.applied(c.append(&txn.Noop{}))
	coming := txn.ID{Epoch: c.epoch, Sequence: c.sequence + 1}
	never := txn.ID{Epoch: c.epoch + 1, Sequence: 1}
	check := func(id txn.ID, wantCommitted, wantKnown bool) {
		t.Helper()
		if committed, known, err := n.Recorded(n.context(), id); err != nil || committed != wantCommitted || known != wantKnown {
			t.Errorf("%s: committed %v, known %v, %v", id, committed, known, err)
		}
	}
	check(committed, true, true)
	check(conflict, false, true)
	check(missing, false, true)
	check(coming, false, false)
	check(never, false, false)
	n.applied(c.appendAs(0, 0, "n1", &txn.Opening{Rules: 1}))
	check(coming, false, true)
	check(committed, true, true)
}

func TestBatchesFormUnderLoadOnly(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	entered, proceed := make(chan struct{}, 1000), make(chan struct{})
	s.beforeApply = func(txn.DatabaseID, []store.Applied) error {
		entered <- struct{}{}
		<-proceed
		return nil
	}
	n := c.node(s, nil)
	db := c.create("d")
	c.write(row{db, 0, "v", 0})
	<-entered
	var last txn.Position
	for i := range 100 {
		last = c.write(row{db, int64(i), "v", 0})
	}
	if _, err := n.Decision(n.context(), last); err != nil {
		t.Fatal(err)
	}
	n.until("a queue of 100", func() bool {
		w := n.databases.get(db)
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.queue) == 100
	})
	close(proceed)
	n.applied(last)
	if got := s.databases[db].batches; !slices.Equal(got, []int{1, 100}) {
		t.Errorf("batches of %v records, want 1 and 100", got)
	}
}

func TestRecordOfSeveralDatabasesIsAppliedAtOnce(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	n := c.node(s, nil)
	a, b, e := c.create("a"), c.create("b"), c.create("e")
	var last txn.Position
	for i := range int64(200) {
		c.write(row{a, i, "a", 0})
		c.write(row{a, i, "ab", 0}, row{b, i, "ab", 0})
		last = c.write(row{b, i, "b", 0})
	}
	n.applied(last)
	for i := range int64(200) {
		n.expect(a, i, "ab")
		n.expect(b, i, "b")
	}
	if !slices.IsSorted(s.databases[a].positions) || !slices.IsSorted(s.databases[b].positions) {
		t.Error("records were applied out of order")
	}
	if got := s.Published(e); got < last {
		t.Errorf("quiet database is published up to %s of %s", got, last)
	}
}

func TestDatabasesComeAndGo(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	n := c.node(s, nil)
	db := c.create("d")
	for i := range int64(50) {
		c.write(row{db, i, "v", 0})
	}
	c.drop(db)
	c.write(row{db, 99, "late", 0})
	again := c.create("d")
	last := c.write(row{again, 1, "new", 0})
	n.applied(last)
	n.expect(again, 1, "new")
	if got := n.row(db, 1); got != "no database" {
		t.Errorf("dropped database holds %q", got)
	}
}

// TestRestartFindsEveryState starts from files and system.db at all kinds of different positions.
func TestRestartFindsEveryState(t *testing.T) {
	for _, lost := range []string{"nothing", "files", "decisions", "one file"} {
		t.Run(lost, func(t *testing.T) {
			c := newCluster(t, txn.Settings{})
			n := c.node(newFakeStore(), nil)
			a, b := c.create("a"), c.create("b")
			n.applied(c.write(row{a, 1, "1", 0}, row{b, 1, "1", 0}))
			n.until("all is saved", func() bool { return n.Saved() >= n.Decided() })
			early := n.store.crash()
			base := n.Decided()
			for i := range int64(30) {
				c.write(row{a, i, fmt.Sprint(i), base})
				c.write(row{a, i, "refused", base})
				c.write(row{b, i, fmt.Sprint(i), 0}, row{a, 100 + i, fmt.Sprint(i), 0})
			}
			last := c.write(row{b, 50, "50", 0})
			n.applied(last)
			n.until("all is saved", func() bool { return n.Saved() >= last })
			n.crash()
			s := n.store.crash()
			switch lost {
			case "files":
				s.databases = early.databases
			case "decisions":
				s.decided, s.deltas, s.aborted = early.decided, early.deltas, early.aborted
			case "one file":
				s.databases[a] = early.databases[a]
			}
			m := c.node(s, nil)
			if err := m.Ready(m.context()); err != nil {
				t.Fatal(err)
			}
			for i := range int64(30) {
				m.expect(a, i, fmt.Sprint(i))
				m.expect(b, i, fmt.Sprint(i))
				m.expect(a, 100+i, fmt.Sprint(i))
			}
			m.expect(b, 50, "50")
			if m.ledger.Hash() != n.ledger.Hash() {
				t.Error("the ledgers differ")
			}
			final := c.write(row{a, 5, "end", last})
			m.applied(final)
			m.expect(a, 5, "end")
		})
	}
}

func TestDatabaseIsThereBeforeItsPositionIsStoredAsDecided(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	power := errors.New("power is gone")
	var db txn.DatabaseID
	s.beforeDatabase = func(txn.DefinitionChange) error { return power }
	n := c.node(s, nil)
	db = c.create("d")
	if err := n.fails(); !errors.Is(err, power) {
		t.Fatalf("Run ended with %v", err)
	} else {
		n.ended <- err
	}
	if last, _, _, _ := s.LoadDecided(); last >= txn.Position(db) {
		t.Fatalf("%s is stored as decided, and database %d is not there", last, db)
	}
	m := c.node(s.crash(), nil)
	m.applied(c.write(row{db, 1, "v", 0}))
	m.expect(db, 1, "v")
}

func TestFullDiskIsWaitedFor(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	var full atomic.Bool
	s.beforeApply = func(txn.DatabaseID, []store.Applied) error {
		if full.Load() {
			return &fitError{full: true}
		}
		return nil
	}
	s.beforeSave = func(store.Decided) error {
		if full.Load() {
			return store.ErrDiskFull
		}
		return nil
	}
	var told sync.Map
	n := c.node(s, func(o *Options) {
		o.Events.Stalled = func(err error) { told.Store(err != nil, true) }
	})
	a, b := c.create("a"), c.create("b")
	n.applied(c.write(row{a, 1, "1", 0}))
	full.Store(true)
	c.write(row{a, 2, "2", 0})
	last := c.write(row{a, 3, "3", 0}, row{b, 3, "3", 0})
	n.until("a stall", func() bool { return n.Stalled() != nil })
	if d, err := n.Decision(n.context(), last); err != nil || d.Verdict != txn.Commit {
		t.Errorf("decisions go on: got %s, %v", d, err)
	}
	full.Store(false)
	n.applied(last)
	n.until("the end of the stall", func() bool { return n.Stalled() == nil })
	n.expect(a, 3, "3")
	n.expect(b, 3, "3")
	_, began := told.Load(true)
	_, ended := told.Load(false)
	if !began || !ended {
		t.Error("the observer was not told")
	}
}

func TestRecordThatDoesNotFitQuarantinesItsDatabaseUntilItIsVoided(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	entered, proceed := make(chan struct{}, 100), make(chan struct{})
	var bad atomic.Uint64
	var a, b txn.DatabaseID
	s.beforeApply = func(db txn.DatabaseID, batch []store.Applied) error {
		if db == txn.DatabaseID(bad.Load()) {
			return nil
		}
		entered <- struct{}{}
		<-proceed
		for _, r := range batch {
			for _, e := range r.Events {
				if string(e.After[1].Bytes()) == "poison" && e.Table == txn.TableID(1000+db) {
					return &fitError{mismatch: true}
				}
			}
		}
		return nil
	}
	n := c.node(s, nil)
	a, b = c.create("a"), c.create("b")
	c.write(row{a, 0, "hold", 0})
	<-entered
	before := c.write(row{a, 1, "before", 0})
	poison := c.write(row{a, 2, "poison", 0})
	c.write(row{a, 3, "after", 0})
	c.write(row{a, 4, "both", before}, row{b, 4, "both", 0})
	c.write(row{a, 5, "refused", 0}, row{a, 4, "refused", before})
	last := c.write(row{b, 5, "b", 0})
	close(proceed)
	n.until("quarantine", func() bool { return n.Quarantined(a) != nil })
	n.applied(last)
	n.expect(a, 1, "before")
	n.expect(a, 2, "")
	n.expect(a, 3, "")
	n.expect(b, 4, "both")
	n.expect(b, 5, "b")
	if got := s.FilePosition(a); got != before {
		t.Errorf("quarantined file is at %s, want %s", got, before)
	}
	if n.Quarantined(b) != nil {
		t.Error("the other database is quarantined too")
	}
	c.append(&txn.Resolve{At: before, Reason: "another"})
	end := c.append(&txn.Resolve{At: poison, Reason: "poison"})
	n.until("the end of the quarantine", func() bool { return n.Quarantined(a) == nil })
	n.applied(end)
	n.applied(c.write(row{a, 6, "on", 0}))
	n.expect(a, 2, "")
	n.expect(a, 3, "after")
	n.expect(a, 4, "both")
	n.expect(a, 5, "")
	n.expect(a, 6, "on")
	// A restart passes over it as well, even of a file from before it.
	n.crash()
	s2 := n.store.crash()
	s2.databases[a] = &fakeDatabase{file: txn.Position(a), published: txn.Position(a), rows: map[string]string{}}
	m := c.node(s2, nil)
	m.applied(end)
	m.expect(a, 2, "")
	m.expect(a, 3, "after")
}

func TestPoisonInOneOfSeveralDatabases(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	var bad atomic.Uint64
	s.beforeApply = func(db txn.DatabaseID, batch []store.Applied) error {
		if db == txn.DatabaseID(bad.Load()) {
			return &fitError{mismatch: true}
		}
		return nil
	}
	n := c.node(s, nil)
	a, b := c.create("a"), c.create("b")
	n.applied(c.write(row{a, 1, "1", 0}))
	bad.Store(uint64(a))
	n.applied(c.write(row{a, 2, "2", 0}, row{b, 2, "2", 0}))
	n.until("quarantine", func() bool { return n.Quarantined(a) != nil })
	n.expect(b, 2, "2")
	n.expect(a, 2, "")
	n.applied(c.write(row{a, 3, "3", 0}, row{b, 3, "3", 0}))
	n.expect(b, 3, "3")
}

func TestEventOfATableThatTheRecordDoesNotNameIsPoison(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	a, b := c.create("a"), c.create("b")
	body := c.transaction(row{a, 1, "1", 0}, row{b, 1, "1", 0})
	body.Tables[1].Table = 77
	p := c.append(body)
	short := c.transaction(row{b, 2, "2", 0})
	short.Events = 2
	c.append(short)
	n.until("quarantine", func() bool { return n.Quarantined(a) != nil && n.Quarantined(b) != nil })
	if got := n.store.FilePosition(a); got >= p {
		t.Errorf("file is at %s", got)
	}
}

// next returns the next committed record; those that only tell how far the feed is are passed over.
func (n *node) next(f *Feed) *Committed {
	n.t.Helper()
	for {
		c, err := f.Next(n.context())
		if err != nil {
			n.t.Fatal(err)
		}
		if c.Transaction != nil || c.DDL != nil {
			return c
		}
	}
}

func TestFeedGivesWhatCommittedInOrder(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	var want []txn.Position
	db := c.create("d")
	want = append(want, txn.Position(db))
	for i := range int64(50) {
		want = append(want, c.write(row{db, i, fmt.Sprint(i), txn.Position(db)}))
		c.write(row{db, i, "refused", txn.Position(db)})
		c.append(&txn.Noop{})
		c.append(&txn.Transaction{}) // nothing in it
	}
	f := n.Feed(0)
	for i, p := range want {
		got := n.next(f)
		if got.Position != p || got.Node != "n1" || got.TimeUS != 5 {
			t.Fatalf("got %s, want %s", got.Position, p)
		}
		if i == 0 {
			if got.DDL == nil || got.Body.Text != "DDL" {
				t.Fatalf("got %+v", got)
			}
			continue
		}
		events := 0
		err := f.Events(n.context(), got, func(e *txn.RowEvent) error {
			events++
			if e.After[0].Int64() != int64(i-1) {
				return fmt.Errorf("row %s at %s", e.After[0], p)
			}
			return nil
		})
		if err != nil || events != 1 {
			t.Fatalf("%d events, %v", events, err)
		}
	}
	next := n.Feed(want[10])
	if got := n.next(next); got.Position != want[11] {
		t.Errorf("feed after %s: got %+v", want[10], got)
	}
	ctx, cancel := context.WithCancel(n.context())
	cancel()
	for {
		if _, err := f.Next(ctx); err != nil {
			break // it waits at the end of the log
		}
	}
}

func TestCheckpointsAreWrittenInTurnAndCompared(t *testing.T) {
	c := newCluster(t, txn.Settings{CheckpointGap: 16})
	appended := make(chan txn.Checkpoint, 100)
	writer := func(o *Options) { o.Checkpoint = func(b txn.Checkpoint) { appended <- b } }
	n := c.node(newFakeStore(), writer)
	c.appendAs(0, 0, "n2", &txn.Opening{Rules: 1})
	other := c.node(newFakeStore(), func(o *Options) { o.Node = "n2"; writer(o) })
	for n.Decided() < 16 {
		p := c.append(&txn.Noop{})
		n.until("decision", func() bool { n.Decision(n.context(), p); return true })
	}
	b := <-appended // by n1, whose epoch is the lowest
	if b.First != 1 || b.Last != 16 || len(b.Aborted) != 0 {
		t.Fatalf("got %+v", b)
	}
	// n1 does not append it; the turn passes on, and n2 does.
	var second txn.Checkpoint
	for waiting := true; waiting; {
		p := c.append(&txn.Noop{})
		for _, m := range []*node{n, other} {
			if _, err := m.Decision(m.context(), p); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case second = <-appended:
			waiting = false
		default:
		}
	}
	if second.Last != 16 || second.Ledger != b.Ledger || second.Chain != b.Chain {
		t.Fatalf("got %+v after %+v", second, b)
	}
	p := c.append(&second)
	if d, err := n.Decision(n.context(), p); err != nil || !d.Taken {
		t.Fatalf("got %+v, %v", d, err)
	}
	n.applied(c.append(&txn.Noop{}))
}

func TestDivergedNodeStops(t *testing.T) {
	for _, what := range []string{"ledger", "chain", "aborted"} {
		t.Run(what, func(t *testing.T) {
			c := newCluster(t, txn.Settings{CheckpointGap: 8})
			appended := make(chan txn.Checkpoint, 10)
			n := c.node(newFakeStore(), func(o *Options) { o.Checkpoint = func(b txn.Checkpoint) { appended <- b } })
			for range 8 {
				c.append(&txn.Noop{})
			}
			b := <-appended
			switch what {
			case "ledger":
				b.Ledger[3]++
			case "chain":
				b.Chain[3]++
			case "aborted":
				b.Aborted = []txn.Position{4}
			}
			c.append(&b)
			err := n.fails()
			n.ended <- err
			if !errors.Is(err, log.ErrDiverged) {
				t.Errorf("Run ended with %v", err)
			}
			_, err = New(Options{Log: c.log, Genesis: c.genesis, Store: n.store, Node: "n1"})
			if !errors.Is(err, log.ErrDiverged) || !strings.Contains(err.Error(), "data.dir") {
				t.Errorf("a restart on the same files: %v, want ErrDiverged and what to do", err)
			}
		})
	}
}

func TestRestartBetweenASpansEndAndItsCheckpoint(t *testing.T) {
	c := newCluster(t, txn.Settings{CheckpointGap: 8})
	n := c.node(newFakeStore(), nil)
	var last txn.Position
	for range 9 {
		last = c.append(&txn.Noop{})
	}
	n.until("all is saved", func() bool { return n.Saved() >= last })
	n.crash()
	appended := make(chan txn.Checkpoint, 10)
	m := c.node(n.store.crash(), func(o *Options) { o.Checkpoint = func(b txn.Checkpoint) { appended <- b } })
	c.append(&txn.Noop{})
	b := <-appended
	if d, err := m.Decision(m.context(), c.append(&b)); err != nil || !d.Taken {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestLaterRunOfTheNodeEndsThisOne(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	n.Opened(c.epoch)
	c.appendAs(0, 0, "n2", &txn.Opening{Rules: 1})
	n.applied(c.append(&txn.Noop{}))
	c.appendAs(0, 0, "n1", &txn.Opening{Rules: 1})
	if err := n.fails(); !errors.Is(err, ErrFenced) {
		t.Errorf("Run ended with %v", err)
	}
	n.ended <- nil
}

func TestNewerRulesEndRun(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	n := c.node(s, nil)
	c.epoch = txn.Epoch(c.appendAs(0, 0, "n1", &txn.Opening{Rules: 99}))
	c.sequence = 0
	c.append(&txn.SettingsChange{Settings: txn.Settings{Rules: 99}})
	if err := n.fails(); !errors.Is(err, txn.ErrFuture) {
		t.Errorf("Run ended with %v", err)
	}
	n.ended <- nil
	if _, err := New(Options{Log: c.log, Genesis: c.genesis, Store: s, Node: "n1"}); !errors.Is(err, txn.ErrFuture) {
		t.Errorf("the next start of the same release gives %v", err)
	}
	if _, err := New(Options{Log: c.log, Genesis: c.genesis, Store: s, Node: "n1", Rules: 99}); err != nil {
		t.Errorf("the start of the newer release: %v", err)
	}
}

func TestOtherLogIsNoticedAtStart(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	last := c.append(&txn.Noop{})
	n.until("all is saved", func() bool { return n.Saved() >= last })
	n.crash()
	c.log.Truncate(log.Order, 2)
	m := c.node(n.store.crash(), nil)
	if err := m.fails(); !errors.Is(err, log.ErrTruncated) {
		t.Errorf("Run ended with %v", err)
	}
	m.ended <- nil
}

func TestUnreachableLogIsWaitedFor(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	client := &unreachable{Log: c.log.Client("n")}
	n := c.node(newFakeStore(), func(o *Options) { o.Log = client })
	db := c.create("d")
	n.applied(c.write(row{db, 1, "1", 0}))
	client.failures.Store(3)
	n.applied(c.write(row{db, 2, "2", 0}))
	n.applied(c.write(row{db, 3, "3", 0}))
	n.until("all failures", func() bool { return client.failures.Load() <= 0 })
}

// unreachable fails reads a number of times.
type unreachable struct {
	log.Log
	failures atomic.Int32
}

func (u *unreachable) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	if u.failures.Load() > 0 && u.failures.Add(-1) >= 0 {
		return nil, fmt.Errorf("broker is away: %w", log.ErrUnreachable)
	}
	return u.Log.Read(ctx, s, offset, maxBytes)
}

func TestChunkWithAnotherHashStopsTheNode(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	db := c.create("d")
	body := c.transaction(row{db, 1, "1", 0})
	chunk, err := txn.EncodeChunk(&txn.Chunk{Header: txn.Header{Cluster: c.genesis.Cluster}, Kind: txn.ChunkRows, Ordinals: txn.OrdinalRange{End: 1}, Payload: body.Inline})
	if err != nil {
		t.Fatal(err)
	}
	offset, err := log.AppendWait(t.Context(), c.log, 0, chunk)
	if err != nil {
		t.Fatal(err)
	}
	body.Inline = nil
	body.Chunks = []txn.ChunkRef{{Offset: offset, Bytes: int32(len(chunk)), Hash: txn.HashChunk(chunk)}}
	n.applied(c.append(body))
	n.expect(db, 1, "1")
	body.Chunks[0].Hash[0]++
	c.append(body)
	if err := n.fails(); !errors.Is(err, log.ErrDiverged) {
		t.Errorf("Run ended with %v", err)
	}
	n.ended <- nil
}

func BenchmarkCommitLatency(b *testing.B) {
	c := &cluster{log: memory.New(memory.Options{Partitions: 1})}
	g, err := log.Init(b.Context(), c.log, log.Genesis{Cluster: txn.UUID{1}}, "n1", 1, "test")
	if err != nil {
		b.Fatal(err)
	}
	c.genesis = g
	s := newFakeStore()
	s.databases[5] = &fakeDatabase{rows: map[string]string{}}
	a, err := New(Options{Log: c.log, Genesis: g, Store: s, Node: "n1"})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go a.Run(ctx)
	put := func(h txn.Header, body txn.Body) txn.Position {
		h.Cluster, h.Generation, h.Node = g.Cluster, g.Generation, "n1"
		value, err := txn.EncodeRecord(&txn.Record{Header: h, Body: body})
		if err != nil {
			b.Fatal(err)
		}
		offset, err := log.AppendWait(ctx, c.log, log.Order, value)
		if err != nil {
			b.Fatal(err)
		}
		return g.Position(offset)
	}
	epoch := txn.Epoch(put(txn.Header{}, &txn.Opening{}))
	sequence := txn.Sequence(0)
	body := c.transaction(row{5, 1, "v", 0})
	for b.Loop() {
		sequence++
		p := put(txn.Header{Epoch: epoch, Sequence: sequence}, body)
		if _, err := a.Decision(ctx, p); err != nil {
			b.Fatal(err)
		}
		for {
			progress := a.progress.wait()
			if s.Published(5) >= p {
				break
			}
			<-progress
		}
	}
}

func TestForeignRecordsAreToldAndPassedOver(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	var told []txn.Position
	n := c.node(newFakeStore(), func(o *Options) { o.Events.Foreign = func(p txn.Position) { told = append(told, p) } })
	offset, err := log.AppendWait(t.Context(), c.log, log.Order, []byte("hello from somebody else"))
	if err != nil {
		t.Fatal(err)
	}
	db := c.create("d")
	last := c.write(row{db, 1, "v", 0})
	n.applied(last)
	n.expect(db, 1, "v")
	n.crash()
	if want := c.genesis.Position(offset); len(told) != 1 || told[0] != want {
		t.Errorf("told of %v, want %s", told, want)
	}
}
