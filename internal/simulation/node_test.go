package simulation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/dialect"
	"marmot/log"
	"marmot/log/memory"
	"marmot/session"
	"marmot/store"
	"marmot/txn"
)

// node is one machine: a directory, and while it is up a run.
type node struct {
	world  *world
	id     txn.NodeID
	client *memory.Client
	rules  uint32 // that its release supports

	troubled sync.Mutex // held by what goes wrong with the node

	mu  sync.RWMutex // held shared by whoever uses the run
	run *run
	dir string
	n   int // of directories so far
}

// run is one process.
type run struct {
	store   *mortal
	client  *memory.Client
	applier *applier.Applier
	origin  *commit.Origin
	engine  *session.Engine // once it is ready
	ctx     context.Context //nolint:containedctx // of the process
	cancel  context.CancelFunc
	ended   chan error
	ready   chan struct{} // closed when the node may serve
}

// mortal is a store that stops writing at once when its process is killed, waits while its machine is paused, and has a
// disk that may be full.
type mortal struct {
	*store.Store
	dead   atomic.Bool
	full   atomic.Bool
	paused sync.RWMutex // held by the pause
}

var errKilled = errors.New("the process is killed")

// gate is passed before anything is written.
func (m *mortal) gate() error {
	m.paused.RLock()
	defer m.paused.RUnlock()
	switch {
	case m.dead.Load():
		return errKilled
	case m.full.Load():
		return fmt.Errorf("simulated: %w", store.ErrDiskFull)
	}
	return nil
}

func (m *mortal) SaveDecided(d store.Decided) error {
	if err := m.gate(); err != nil {
		return err
	}
	return m.Store.SaveDecided(d)
}

func (m *mortal) Apply(db txn.DatabaseID, batch []store.Applied) error {
	if err := m.gate(); err != nil {
		return err
	}
	return m.Store.Apply(db, batch)
}

func (m *mortal) ApplyTogether(batch map[txn.DatabaseID]store.Applied) error {
	if err := m.gate(); err != nil {
		return err
	}
	return m.Store.ApplyTogether(batch)
}

func (m *mortal) ApplyDatabase(p txn.Position, timeUS int64, c txn.DefinitionChange) error {
	if err := m.gate(); err != nil {
		return err
	}
	return m.Store.ApplyDatabase(p, timeUS, c)
}

// present is the run of the node, nil while it is down.
func (n *node) present() *run {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.run
}

// start brings the node up.
func (n *node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := store.Open(store.Options{Dir: n.dir, Set: dialect.Extensions(), Logger: n.world.logger})
	if err != nil {
		return err
	}
	r := &run{store: &mortal{Store: s}, client: n.client, ended: make(chan error, 1), ready: make(chan struct{})}
	if err := n.build(r); err != nil {
		return errors.Join(err, s.Close())
	}
	n.run = r
	return nil
}

func (n *node) build(r *run) error {
	w := n.world
	if err := r.store.SetCluster(store.Cluster{UUID: w.genesis.Cluster, Name: "simulation", Generation: w.genesis.Generation}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx, r.cancel = ctx, cancel
	chunks := log.NewChunks(n.client, 1<<20)
	var err error
	r.applier, err = applier.New(applier.Options{
		Logger: w.logger, Log: chunks, Genesis: w.genesis, Store: r.store, Node: n.id, Rules: n.rules, After: impatient,
		Gather: time.Duration(w.seed%3) * 5 * time.Millisecond,
		Events: applier.Events{Decided: func(read *log.Read, d ledger.Decision) {
			w.states.note(n, r, read, d)
			w.noteRules(n, r, read, d)
		}},
		Checkpoint: func(b txn.Checkpoint) {
			bounded, end := context.WithTimeout(ctx, time.Second)
			defer end()
			r.origin.Control(bounded, &b) // what is not appended is asked for again
		},
	})
	if err != nil {
		return err
	}
	r.origin = commit.New(commit.Options{
		Log: chunks, Genesis: w.genesis, Node: n.id, DataUUID: r.store.DataUUID(), Version: "simulation",
		Verdicts: r.applier, Now: w.now, InlineMaxBytes: w.inline, Rules: n.rules, AppendTimeout: appendTimeout,
	})
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.store.Run(ctx) })
	group.Go(func() error { return chunks.Run(ctx) })
	group.Go(func() error { return r.applier.Run(ctx) })
	group.Go(func() error { return r.origin.Run(ctx) })
	group.Go(func() error { return n.serve(ctx, r) })
	go func() { r.ended <- group.Wait() }()
	return nil
}

// impatient is the clock of the applier's pauses: those before something is tried again are a tenth as long.
func impatient(d time.Duration) <-chan time.Time {
	if d >= 50*time.Millisecond {
		d /= 10
	}
	return time.After(d)
}

// serve opens the run when the node has caught up, and lives as a server does.
func (n *node) serve(ctx context.Context, r *run) error {
	if err := r.applier.Ready(ctx); err != nil {
		return err
	}
	epoch, err := r.origin.Open(ctx)
	if err != nil {
		return err
	}
	r.applier.Opened(epoch)
	r.engine, err = session.NewEngine(session.Options{
		Planner: dialect.NewPlanner(dialect.Options{}), Store: r.store.Store, Origin: r.origin, Applier: r.applier, Node: n.id, Epoch: epoch,
		Version: "8.4.0-marmot", Random: n.world.random, Now: n.world.now, Logger: n.world.logger, PublishTimeout: publishTimeout,
	})
	if err != nil {
		return err
	}
	close(r.ready)
	return r.engine.Run(ctx)
}

// kill ends the process at once; what it had written stays, and the next start finds a copy of it as it was.
func (n *node) kill() error {
	r := n.present()
	if r == nil {
		return nil
	}
	select {
	case err := <-r.ended:
		r.ended <- err
	default:
		r.store.dead.Store(true)
	}
	return n.end(r, true)
}

// end ends a run, and returns an error if it had ended before.
func (n *node) end(r *run, killed bool) error {
	var early error
	select {
	case early = <-r.ended:
		early = fmt.Errorf("node %s ended by itself: %w", n.id, early)
		r.ended <- early
		if killed && errors.Is(early, errKilled) { // it has noticed before it was asked
			early = nil
		}
	default:
	}
	r.cancel()
	<-r.ended
	n.mu.Lock()
	defer n.mu.Unlock()
	n.run = nil
	if killed {
		n.n++
		next := filepath.Join(filepath.Dir(n.dir), fmt.Sprintf("%s-%d", n.id, n.n))
		if err := os.CopyFS(next, os.DirFS(n.dir)); err != nil {
			return err
		}
		n.dir = next
	}
	return errors.Join(early, r.store.Close())
}

// use runs f with the node's run, unless the node is down.
func (n *node) use(f func(r *run) error) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.run == nil {
		return errDown
	}
	if !n.run.isReady() {
		return errDown
	}
	return f(n.run)
}

func (r *run) isReady() bool {
	select {
	case <-r.ready:
		return true
	default:
		return false
	}
}

var errDown = errors.New("the node is down")
