package node

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/debezium"
	"marmot/log"
	"marmot/log/memory"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// place is what several nodes' publishers share: what is published, and who may publish.
type place struct {
	mu       sync.Mutex
	progress debezium.Progress
	owner    *fakePublisher
	topics   []string // of the records published, in order
	changed  chan struct{}
}

// fakePublisher is a debezium.Publisher in memory; as with Kafka the last to ask for Progress fences the others.
type fakePublisher struct {
	place *place
	// fail, if not nil, is what Publish returns.
	fail func() error
}

// Progress implements debezium.Publisher.
func (f *fakePublisher) Progress(context.Context) (debezium.Progress, error) {
	f.place.mu.Lock()
	defer f.place.mu.Unlock()
	f.place.owner = f
	f.place.tell()
	return f.place.progress, nil
}

// Publish implements debezium.Publisher.
func (f *fakePublisher) Publish(_ context.Context, batch []debezium.Record, p debezium.Progress) error {
	f.place.mu.Lock()
	defer f.place.mu.Unlock()
	if f.place.owner != f {
		return debezium.ErrFenced
	}
	if f.fail != nil {
		if err := f.fail(); err != nil {
			return err
		}
	}
	p.Reset = max(p.Reset, f.place.progress.Reset)
	f.place.progress = p
	for i := range batch {
		f.place.topics = append(f.place.topics, batch[i].Topic)
	}
	f.place.tell()
	return nil
}

func (p *place) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// until waits until f is true of the place.
func (p *place) until(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		p.mu.Lock()
		done, changed := f(), p.changed
		p.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waiting for %s: nothing happens", what)
		}
	}
}

// emitting is a node that has nothing but what an emission needs.
type emitting struct {
	*emission
	t         *testing.T
	publisher *fakePublisher
	stop      context.CancelFunc
	ended     chan error // what the emission's run returned
	leave     context.CancelFunc
	halt      context.CancelFunc // ends the emission's run
	halted    chan struct{}      // closed when it has ended
}

func startEmitting(t *testing.T, l *memory.Log, g log.Genesis, where *place, name txn.NodeID) *emitting {
	t.Helper()
	return startEmission(t, l, g, name, mainEmission, &fakePublisher{place: where})
}

// startEmission starts a node with one emission, whose publisher is given.
func startEmission(t *testing.T, l *memory.Log, g log.Genesis, name txn.NodeID, emissionName string, publisher *fakePublisher) *emitting {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetCluster(store.Cluster{UUID: g.Cluster, Name: "test", Generation: 1}); err != nil {
		t.Fatal(err)
	}
	client := l.Client(string(name))
	a, err := applier.New(applier.Options{Log: client, Genesis: g, Store: s, Node: name})
	if err != nil {
		t.Fatal(err)
	}
	origin := commit.New(commit.Options{Log: client, Genesis: g, Node: name, DataUUID: s.DataUUID(), Version: "test", Verdicts: a, Now: time.Now})
	encoder, err := debezium.NewEncoder(debezium.Options{TopicPrefix: "test", SchemaChanges: true}, debezium.JSONFormat(debezium.JSONOptions{}), s.History(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	live := func(run func(context.Context) error) {
		all.Go(func() { _ = run(ctx) })
	}
	live(a.Run)
	live(origin.Run)
	epoch, err := origin.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.Opened(epoch)
	n := &emitting{t: t, publisher: publisher, stop: stop, ended: make(chan error, 1)}
	var listening sync.WaitGroup
	hear, leave := context.WithCancel(ctx)
	m := newMembers(client, func() log.Member {
		return log.Member{Node: name, Epoch: epoch, Applied: a.Applied(), UpdatedUS: time.Now().UnixMicro()}
	}, slog.New(slog.DiscardHandler))
	listening.Go(func() { _ = m.run(hear) })
	n.leave = func() { // and wait until the good-bye is said
		leave()
		listening.Wait()
	}
	n.emission = &emission{
		name: emissionName, node: name, epoch: func() txn.Epoch { return epoch }, applier: a, origin: origin, members: m, store: s,
		encoder: encoder, publisher: n.publisher, logger: slog.New(slog.DiscardHandler),
		first: func(context.Context) (txn.Position, error) { return g.Base + 1, nil },
	}
	emitting, halt := context.WithCancel(ctx)
	n.halt, n.halted = halt, make(chan struct{})
	all.Go(func() {
		n.ended <- n.run(emitting)
		close(n.halted)
	})
	t.Cleanup(func() {
		n.leave()
		stop()
		all.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// createDatabase commits a CREATE DATABASE, which is one event on the topic of schema changes.
func (n *emitting) createDatabase(name string) {
	n.t.Helper()
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: name})
	if err != nil {
		n.t.Fatal(err)
	}
	tx := n.origin.Begin(1, n.applier.Decided())
	body := &txn.DDLBody{Text: "CREATE DATABASE " + name, Database: name, Changes: []txn.DefinitionChange{
		{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: name, Name: name, Definition: definition}}}
	if _, err := tx.CommitDDL(n.t.Context(), &txn.DDL{}, body); err != nil {
		n.t.Fatal(err)
	}
}

func newEmissionWorld(t *testing.T) (*memory.Log, log.Genesis, *place) {
	t.Helper()
	l := memory.New(memory.Options{Partitions: 1})
	t.Cleanup(func() { l.Close() })
	g, err := log.Init(t.Context(), l, log.Genesis{Cluster: txn.UUID{1}, Settings: txn.Settings{Rules: 1}}, "a", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	return l, g, &place{changed: make(chan struct{})}
}

// TestOneNodeEmitsAndAnotherTakesOverWhenItLeaves: each event is published once, whoever does it.
func TestOneNodeEmitsAndAnotherTakesOverWhenItLeaves(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	first := startEmitting(t, l, g, where, "a")
	first.createDatabase("one")
	where.until(t, "the first event", func() bool { return len(where.topics) == 1 })
	second := startEmitting(t, l, g, where, "b")
	second.createDatabase("two")
	where.until(t, "the second event", func() bool { return len(where.topics) == 2 })
	where.mu.Lock()
	owner := where.owner
	where.mu.Unlock()
	if owner != first.publisher || second.emitting.Load() {
		t.Error("the second node emits beside the first, which lives")
	}
	if _, node := second.owner(); node != "a" {
		t.Errorf("the ledger says that %s emits, want a", node)
	}

	first.leave()
	where.until(t, "the second node to take over", func() bool { return where.owner == second.publisher })
	second.createDatabase("three")
	where.until(t, "the third event", func() bool { return len(where.topics) == 3 })
	if _, node := first.owner(); node != "b" {
		t.Errorf("the ledger says that %s emits, want b", node)
	}
	select {
	case err := <-first.ended:
		t.Errorf("the first node's part ended: %v", err)
	default:
	}
}

// TestAnEmitterThatLostTheEmissionStops as soon as its node knows.
func TestAnEmitterThatLostTheEmissionStops(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	n := startEmitting(t, l, g, where, "a")
	where.until(t, "an owner", func() bool { return where.owner != nil })
	epoch, _ := n.owner()
	other := commit.New(commit.Options{Log: l.Client("b"), Genesis: g, Node: "b", DataUUID: txn.UUID{2}, Version: "test", Verdicts: n.applier, Now: time.Now})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = other.Run(ctx) }() // ends with ctx
	if _, err := other.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := other.Control(t.Context(), &txn.EmissionOwner{Emission: mainEmission, Previous: epoch})
	if err != nil || !result.Decision.Taken {
		t.Fatalf("taking the emission: %+v, %v", result, err)
	}
	var now txn.NodeID
	n.applier.Ask(func(l *ledger.Ledger) { _, now = l.Emitter(mainEmission) })
	if now != "b" {
		t.Fatalf("%s emits, want b", now)
	}
	deadline := time.Now().Add(time.Minute)
	for n.emitting.Load() {
		if time.Now().After(deadline) {
			t.Fatal("the emitter goes on without the emission")
		}
		time.Sleep(time.Millisecond)
	}
}
