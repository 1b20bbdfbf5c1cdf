package node

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"marmot/applier"
	"marmot/commit"
	"marmot/log"
	"marmot/log/memory"
	"marmot/snapshot"
	"marmot/store"
	"marmot/txn"
)

// keeping is a node that has nothing but what a keeper needs.
type keeping struct {
	*keeper
	t      *testing.T
	log    *memory.Client
	origin *commit.Origin
	time   time.Time
	events txn.Position // what bound says
	mine   bool
}

func startKeeping(t *testing.T, topic log.Members) *keeping {
	t.Helper()
	l := memory.New(memory.Options{Partitions: 2})
	g, err := log.Init(t.Context(), l, log.Genesis{Cluster: txn.UUID{1}, Settings: txn.Settings{Rules: 1, CheckpointGap: 100}}, "a", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetCluster(store.Cluster{UUID: g.Cluster, Name: "test", Generation: 1}); err != nil {
		t.Fatal(err)
	}
	k := &keeping{t: t, log: l.Client("a"), time: time.Unix(1_700_000_000, 0), events: 1 << 40, mine: true}
	ctx, stop := context.WithCancel(context.Background())
	a, err := applier.New(applier.Options{Log: k.log, Genesis: g, Store: s, Node: "a", Checkpoint: func(c txn.Checkpoint) {
		_, _ = k.origin.Control(ctx, &c) // what fails comes again
	}})
	if err != nil {
		t.Fatal(err)
	}
	k.origin = commit.New(commit.Options{Log: k.log, Genesis: g, Node: "a", DataUUID: s.DataUUID(), Version: "test", Verdicts: a, Now: time.Now, Partitions: 2})
	var all sync.WaitGroup
	all.Go(func() {
		if err := a.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("the applier ended: %v", err)
		}
	})
	all.Go(func() { _ = k.origin.Run(ctx) })
	t.Cleanup(func() {
		stop()
		all.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := k.origin.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.keeper = &keeper{
		interval: time.Hour, retain: time.Minute, memberRetention: time.Hour, keep: 1, trim: true,
		storage: snapshot.Directory(filepath.Join(dir, "snapshots")), now: func() time.Time { return k.time }, logger: slog.New(slog.DiscardHandler),
		log: k.log, genesis: g, store: s, applier: a, members: membersOf(topic, word("a", 2, 0, 0)),
		bound:    func() (txn.Position, bool) { return k.events, k.mine },
		requests: make(chan chan savedSnapshot),
		control: func(ctx context.Context, b txn.Body) error {
			_, err := k.origin.Control(ctx, b)
			return err
		},
	}
	return k
}

// fill appends n records.
func (k *keeping) fill(n int) {
	k.t.Helper()
	for range n {
		if _, err := k.origin.Barrier(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
	}
}

// newest is the floor of the newest mark. A checkpoint may have come between it and the snapshot.
func (k *keeping) newest() txn.Position {
	k.t.Helper()
	if len(k.marks) == 0 {
		k.t.Fatal("there is no mark")
	}
	return k.marks[len(k.marks)-1].Floor
}

// pass does a round after a time.
func (k *keeping) pass(d time.Duration) {
	k.t.Helper()
	k.time = k.time.Add(d)
	if _, err := k.round(k.t.Context(), false); err != nil {
		k.t.Fatal(err)
	}
}

// start is the first position that the log has.
func (k *keeping) start() txn.Position {
	k.t.Helper()
	start, _, err := k.log.Bounds(k.t.Context(), log.Order)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.genesis.Position(start)
}

func (k *keeping) expect(what string, start txn.Position) {
	k.t.Helper()
	if got := k.start(); got != start {
		k.t.Errorf("%s: the log begins at %s, want %s (floor %s)", what, got, start, k.floor())
	}
}

// TestTheLogIsTrimmedOnceItIsOldAndNeededByNobody.
func TestTheLogIsTrimmedOnceItIsOldAndNeededByNobody(t *testing.T) {
	k := startKeeping(t, nil)
	k.fill(300)
	k.pass(0)
	mark := k.newest()
	if k.acknowledged.Load() != k.saved.Load() || mark < 300 {
		t.Fatalf("acknowledged %d, saved %d", k.acknowledged.Load(), k.saved.Load())
	}
	k.expect("younger than log.retain", 1)
	k.fill(300)
	k.pass(k.retain / 2)
	k.expect("still younger", 1)
	k.events = mark - 2
	k.pass(k.retain)
	k.expect("an event is not out", 1)
	k.events, k.mine = 1<<40, false
	k.pass(k.retain)
	k.expect("it is for another node to do", 1)
	k.mine, k.trim = true, false
	k.pass(k.retain)
	k.expect("log.trim = false", 1)
	k.trim, k.events = true, mark-1
	k.pass(0)
	k.expect("what the first snapshot has", mark)
	if floor := k.floor(); floor != mark {
		t.Errorf("floor %s, want %s", floor, mark)
	}
	_, end, err := k.log.Bounds(t.Context(), log.Order)
	if err != nil {
		t.Fatal(err)
	}
	k.events = 1 << 40
	k.pass(k.retain)
	if k.start() <= mark {
		t.Error("the second mark is not cut")
	}
	for range 5 {
		k.pass(k.retain)
	}
	if _, now, err := k.log.Bounds(t.Context(), log.Order); err != nil || now > end+3 { // a trim record, and up to two checkpoints that were due; 5 rounds would append 5
		t.Errorf("an idle node appends records: %d to %d, %v", end, now, err)
	}
}

// TestAbortedPositionsGoWithTheLog, but not before the checkpoint that names them was compared: that would look like a
// diverged node.
func TestAbortedPositionsGoWithTheLog(t *testing.T) {
	k := startKeeping(t, nil)
	void, err := txn.EncodeRecord(&txn.Record{Header: txn.Header{Cluster: k.genesis.Cluster, Generation: 1, Node: "a", Epoch: 1 << 50, Sequence: 1}, Body: &txn.Noop{}})
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		for range 30 {
			k.fill(9)
			if _, err := log.AppendWait(t.Context(), k.log, log.Order, void); err != nil {
				t.Fatal(err)
			}
		}
		k.pass(k.retain)
	}
	floor := k.floor()
	if floor < 2000 {
		t.Fatalf("floor %s", floor)
	}
	list, err := k.keeper.store.Aborted(0, floor)
	if err != nil || len(list) == 0 || len(list) > 60 {
		t.Errorf("%d aborted positions are known below the floor, %v", len(list), err)
	}
}

// TestTheLogWaitsForMembers: for those that run and those that are gone, but not longer than log.member_retention.
func TestTheLogWaitsForMembers(t *testing.T) {
	k := startKeeping(t, away{})
	k.members.since = time.Now()
	hear := func(acknowledged txn.Position, ago time.Duration) {
		w := word("b", 3, 0, k.time.Add(-ago).UnixMicro())
		w.Acknowledged, w.Applied, w.Left = acknowledged, 1<<40, true
		k.members.hear([]log.Member{w}, time.Now())
	}
	k.fill(300)
	k.pass(0)
	mark := k.newest()
	k.pass(2 * k.retain)
	k.expect("nobody was listened for", 1)
	hear(mark-2, k.memberRetention-time.Minute)
	k.pass(0)
	k.expect("a member needs it", 1)
	hear(0, k.memberRetention-time.Minute)
	k.pass(0)
	k.expect("a member that has not said what it has", 1)
	hear(mark-1, 0)
	k.pass(0)
	k.expect("the member has it", mark)
	k.fill(300)
	hear(mark-1, 0)
	k.pass(0)
	next := k.newest()
	hear(mark-1, k.memberRetention)
	k.pass(2 * k.retain)
	k.expect("the member is gone for too long", next)
}

// TestMarksOutliveTheProcess, and those of an earlier generation do not.
func TestMarksOutliveTheProcess(t *testing.T) {
	k := startKeeping(t, nil)
	k.fill(300)
	k.pass(0)
	again := &keeper{storage: k.storage, genesis: k.genesis, store: k.store, logger: k.logger}
	if err := again.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(again.marks) != 1 || again.marks[0].Floor != k.marks[0].Floor || again.saved.Load() != k.saved.Load() || again.acknowledged.Load() != uint64(k.marks[0].Floor)-1 {
		t.Errorf("marks %v, saved %d, acknowledged %d", again.marks, again.saved.Load(), again.acknowledged.Load())
	}
	later := k.genesis
	later.Generation, later.Base = 2, txn.Position(k.saved.Load())
	again = &keeper{storage: k.storage, genesis: later, store: k.store, logger: k.logger}
	if err := again.load(t.Context()); err != nil || len(again.marks) != 0 || again.saved.Load() != 0 {
		t.Errorf("marks of an earlier generation: %v, saved %d, %v", again.marks, again.saved.Load(), err)
	}
}

// TestMarksAreFew, whatever the settings, and the oldest and the newest are among them.
func TestMarksAreFew(t *testing.T) {
	k := startKeeping(t, nil)
	var first, last mark
	for i := range 1000 {
		last = mark{TakenUS: int64(i+1) * time.Hour.Microseconds(), Floor: txn.Position(i+1) * 10_000, Ends: []int64{1, 1}}
		if i == 0 {
			first = last
		}
		if err := k.note(last); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(k.marks); n > maxMarks || k.marks[0].Floor != first.Floor || k.marks[n-1].Floor != last.Floor {
		t.Errorf("%d marks from %s to %s", n, k.marks[0].Floor, k.marks[n-1].Floor)
	}
}

// TestARoundThatCannotSaveTrimsNothing.
func TestARoundThatCannotSaveTrimsNothing(t *testing.T) {
	k := startKeeping(t, nil)
	k.storage = broken{k.storage}
	k.fill(300)
	for range 3 {
		k.time = k.time.Add(2 * k.retain)
		if _, err := k.round(t.Context(), false); !errors.Is(err, errBrokenStorage) {
			t.Fatalf("round: %v", err)
		}
	}
	k.expect("no snapshot", 1)
	if len(k.marks) != 0 || k.saved.Load() != 0 {
		t.Errorf("marks %v, saved %d", k.marks, k.saved.Load())
	}
}

var errBrokenStorage = errors.New("no room")

// broken is a storage that takes nothing.
type broken struct{ snapshot.Storage }

// Stage implements snapshot.Storage.
func (broken) Stage(context.Context, int64) (string, error) { return "", errBrokenStorage }

// TestTheLogGoesOnFromTheOldestSnapshotThatIsKept: should the newest one rot, the one before it is good for something.
func TestTheLogGoesOnFromTheOldestSnapshotThatIsKept(t *testing.T) {
	k := startKeeping(t, nil)
	k.keep = 2
	var saved []txn.Position
	for range 3 {
		k.fill(300)
		k.pass(k.retain)
		saved = append(saved, txn.Position(k.saved.Load()))
	}
	k.pass(k.retain)
	if k.oldest != saved[1] {
		t.Errorf("the oldest that is kept is at %s, want %s of %v", k.oldest, saved[1], saved)
	}
	if floor := k.floor(); floor > saved[1]+1 || floor <= saved[0] {
		t.Errorf("the log begins at %s; want it behind %s and not behind %s", floor, saved[0], saved[1])
	}
}

func TestAYoungSnapshotDoesForTheNextRun(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	k := &keeper{interval: time.Hour, now: func() time.Time { return now }}
	for _, c := range []struct {
		saved time.Time // zero: none
		want  time.Duration
	}{
		{time.Time{}, firstRound},
		{now.Add(-20 * time.Minute), 40 * time.Minute},
		{now.Add(-59*time.Minute - 55*time.Second), firstRound},
		{now.Add(-5 * time.Hour), firstRound},
		{now.Add(5 * time.Hour), time.Hour}, // the clock was set back
	} {
		k.savedUS.Store(0)
		if !c.saved.IsZero() {
			k.savedUS.Store(c.saved.UnixMicro())
		}
		if got := k.firstWait(); got != c.want {
			t.Errorf("saved at %s: wait %s, want %s", c.saved, got, c.want)
		}
	}
	k.interval = time.Second
	k.savedUS.Store(0)
	if got := k.firstWait(); got != time.Second {
		t.Errorf("wait %s, want the interval", got)
	}
}

func TestASavedSnapshotIsToldWhateverFailsAfterIt(t *testing.T) {
	m := &snapshot.Manifest{Generation: 1, Position: 7}
	name, failed := snapshot.Name(1, 7), errors.New("no room")
	for _, c := range []struct {
		m    *snapshot.Manifest
		err  error
		want savedSnapshot
	}{
		{m, nil, savedSnapshot{Name: name, Position: 7}},
		{m, failed, savedSnapshot{Name: name, Position: 7, Warning: "no room"}},
		{nil, failed, savedSnapshot{Error: "no room"}},
		{nil, nil, savedSnapshot{Error: "no snapshot was saved"}},
	} {
		if got := answerSaved(c.m, c.err); got != c.want {
			t.Errorf("%v, %v: %+v, want %+v", c.m, c.err, got, c.want)
		}
	}
}

func TestOneRoundAnswersAllWhoAskForASnapshot(t *testing.T) {
	k := &keeper{requests: make(chan chan savedSnapshot, 5)}
	var asked []chan savedSnapshot
	for range 5 {
		r := make(chan savedSnapshot, 1)
		asked = append(asked, r)
		k.requests <- r
	}
	if got := k.moreRequests(<-k.requests); !slices.Equal(got, asked) {
		t.Errorf("%d requests are answered, want %d", len(got), len(asked))
	}
}
