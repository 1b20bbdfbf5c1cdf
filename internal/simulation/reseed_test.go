package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"marmot/dialect"
	"marmot/snapshot"
	"marmot/store"
	"marmot/txn"
)

// passTime lets the clock go on, so that events become due.
func (w *world) passTime(*node, *rand.Rand) { w.clock.Add((700 * time.Millisecond).Microseconds()) }

// rest is heal, with no event that runs or begins.
func (w *world) rest() {
	for _, n := range w.nodes {
		err := n.use(func(r *run) error {
			c, err := w.connect(r, 0, nil)
			if err != nil {
				return err
			}
			defer c.session.Close()
			if _, err := c.query("SET GLOBAL event_scheduler = OFF"); err != nil {
				return err
			}
			for idle := 0; idle < 3 && r.ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
				a, err := c.query("SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Daemon'")
				if err != nil {
					return err
				}
				if idle++; a.number() != 0 {
					idle = 0
				}
			}
			return nil
		})
		if err != nil {
			w.broken(survival, "node %s does not come to rest: %v", n.id, err)
		}
	}
	w.heal()
}

// wake lets events run again.
func (w *world) wake() {
	for _, n := range w.nodes {
		err := n.use(func(r *run) error {
			c, err := w.connect(r, 0, nil)
			if err == nil {
				defer c.session.Close()
				_, err = c.query("SET GLOBAL event_scheduler = ON")
			}
			return err
		})
		if err != nil {
			w.broken(survival, "node %s does not wake: %v", n.id, err)
		}
	}
}

// reseed kills a node and gives it the files of another one's snapshot, as a node that was down for too long gets them.
func (w *world) reseed(n *node, random *rand.Rand) {
	if w.emission == nil || w.kills.Add(1) > maxKills {
		return
	}
	w.trims.one.Lock() // else the log might be cut beyond the snapshot
	defer w.trims.one.Unlock()
	from := w.nodes[random.IntN(len(w.nodes))]
	if from == n || !from.mu.TryRLock() {
		return
	}
	storage := snapshot.Directory(filepath.Join(filepath.Dir(n.dir), fmt.Sprintf("snapshots-%s-%d", n.id, n.n)))
	name, err := w.save(from.run, storage)
	from.mu.RUnlock()
	if err != nil {
		return // it is going down, or what it writes stands still
	}
	if err := n.kill(); err != nil {
		w.broken(survival, "%v", err)
	}
	n.n++
	n.dir = filepath.Join(filepath.Dir(n.dir), fmt.Sprintf("%s-%d", n.id, n.n))
	if _, err := snapshot.Restore(context.Background(), storage, name, n.dir, dialect.Extensions()); err != nil {
		w.broken(survival, "restore a snapshot of %s on %s: %v", from.id, n.id, err)
	}
	if err := n.start(); err != nil {
		w.broken(survival, "restart %s from a snapshot of %s: %v", n.id, from.id, err)
	}
	w.struck("reseed that is done")
}

// save makes a snapshot of a run's files.
func (w *world) save(r *run, storage snapshot.Directory) (name string, err error) {
	if r == nil || !r.isReady() {
		return "", errDown
	}
	ctx, cancel := context.WithTimeout(r.ctx, publishTimeout)
	defer cancel()
	var cut *store.Cut
	if err := r.applier.Cut(ctx, func(p, _ txn.Position) (err error) {
		cut, err = r.store.Cut(p)
		return err
	}); err != nil {
		return "", err
	}
	defer func() { _ = cut.Close() }() // it was only read
	m, err := snapshot.Save(ctx, storage, cut, snapshot.Saving{Generation: w.genesis.Generation, Now: w.now(), Version: "simulation", Set: dialect.Extensions()})
	if err != nil {
		return "", err
	}
	return snapshot.Name(m.Generation, m.Position), nil
}
