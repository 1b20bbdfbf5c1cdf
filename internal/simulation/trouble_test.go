package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"marmot/commit"
	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

// appendTimeout is how long a node waits for the log: a silent log must not hold a seed up.
const appendTimeout = 150 * time.Millisecond

// maxKills is how often nodes are killed in one phase: on a busy machine a phase lasts long, and a start costs much.
const maxKills = 6

// troublemakers is how many things may go wrong at a time, each on another node.
const troublemakers = 2

// trouble is one thing that goes wrong on a node, and is over when strike returns.
type trouble struct {
	name   string
	weight int
	strike func(w *world, n *node, random *rand.Rand)
}

// troubles are what happens to nodes while clients work. What happens to single appends is the faults' part.
var troubles = []trouble{
	{"kill", 6, (*world).killAndRestart},
	{"cut off", 4, (*world).cutOff},
	{"stale ends", 2, (*world).staleEnds},
	{"stale stream", 4, (*world).staleStream},
	{"pause", 2, (*world).pauseFiles},
	{"disk full", 2, (*world).fillDisk},
	{"rules", 1, (*world).askForRules},
	{"trim", 2, (*world).trimUnderLoad},
	{"emitters", 3, (*world).steerEmitter},
	{"reseed", 1, (*world).reseed},
	{"time", 3, (*world).passTime},
}

// live lets clients work while nodes crash and the log misbehaves.
func (w *world) live(number uint64, client func(number uint64, transactions int)) {
	much := float64(1 + w.seed%3) // faults of some seeds are rare, of others not
	for i, n := range w.nodes {
		n.client.SetFaults(memory.Random(w.seed*10+uint64(i), memory.Rates{
			Refuse: 0.01 * much, Lose: 0.01 * much, Late: 0.01 * much, Hold: 0.02 * much, Duplicate: 0.02 * much, LoseAck: 0.02 * much,
			Silent: 0.003 * much}))
	}
	w.kills.Store(0)
	var clients, trouble sync.WaitGroup
	for i := range number {
		clients.Go(func() { client(i, *load) })
	}
	ctx, cancel := context.WithCancel(context.Background())
	for i := range uint64(troublemakers) {
		trouble.Go(func() { w.makeTrouble(ctx, 7+i) })
	}
	clients.Wait()
	cancel()
	trouble.Wait()
}

// makeTrouble strikes one node after another until ctx ends.
func (w *world) makeTrouble(ctx context.Context, stream uint64) {
	random := rand.New(rand.NewPCG(w.seed, stream))
	sum := 0
	for i := range troubles {
		sum += troubles[i].weight
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(aWhile(random)):
		}
		w.log.Settle() // else everybody might wait for records that are held
		n := w.nodes[random.IntN(len(w.nodes))]
		at := random.IntN(sum)
		if !n.troubled.TryLock() {
			continue
		}
		for i := range troubles {
			if at -= troubles[i].weight; at < 0 {
				troubles[i].strike(w, n, random)
				w.struck(troubles[i].name)
				break
			}
		}
		n.troubled.Unlock()
	}
}

// aWhile is how long things go well, or wrong.
func aWhile(random *rand.Rand) time.Duration {
	return time.Duration(5+random.IntN(30)) * time.Millisecond
}

// struck counts what has happened.
func (w *world) struck(name string) {
	w.happened.Lock()
	defer w.happened.Unlock()
	w.happened.count[name]++
}

// killAndRestart ends the process at once and starts the next one, now and then of the newer release.
func (w *world) killAndRestart(n *node, random *rand.Rand) {
	if w.kills.Add(1) > maxKills {
		w.cutOff(n, random)
		return
	}
	if err := n.kill(); err != nil {
		w.broken(survival, "%v", err)
	}
	if random.IntN(3) == 0 {
		n.rules = newRules
	}
	if err := n.start(); err != nil {
		w.broken(survival, "restart %s: %v", n.id, err)
	}
}

func (w *world) cutOff(n *node, random *rand.Rand) {
	n.client.Cut(true)
	time.Sleep(aWhile(random))
	n.client.Cut(false)
}

func (w *world) staleEnds(n *node, random *rand.Rand) {
	n.client.StaleEnd(int64(1 + random.IntN(5)))
	time.Sleep(aWhile(random))
	n.client.StaleEnd(0)
}

// staleStream reorders partitions for one node: chunks come after the order records that name them, or long before.
func (w *world) staleStream(n *node, random *rand.Rand) {
	s := log.Stream(random.IntN(partitions+1)) + log.Order
	n.client.StaleStream(s, int64(1+random.IntN(8)))
	time.Sleep(aWhile(random))
	n.client.StaleStream(s, 0)
}

// pauseFiles stops all that writes to the node's files, while its clients and the log go on.
func (w *world) pauseFiles(n *node, random *rand.Rand) {
	if r := n.present(); r != nil {
		r.store.paused.Lock()
		time.Sleep(aWhile(random))
		r.store.paused.Unlock()
	}
}

func (w *world) fillDisk(n *node, random *rand.Rand) {
	if r := n.present(); r != nil {
		r.store.full.Store(true)
		time.Sleep(aWhile(random))
		r.store.full.Store(false)
	}
}

// askForRules asks for the newer rules, whoever supports them by now.
func (w *world) askForRules(n *node, _ *rand.Rand) {
	_ = n.use(func(r *run) error { // a node that is down asks for nothing
		ctx, cancel := context.WithTimeout(r.ctx, publishTimeout)
		defer cancel()
		_, err := w.raiseRules(ctx, r)
		return err
	})
}

// trimUnderLoad trims the log up to what every node has in its files and the events have come to.
func (w *world) trimUnderLoad(n *node, _ *rand.Rand) {
	if w.emission == nil || w.seed%3 == 0 {
		return // the log of these is read from its start once more
	}
	_ = n.use(func(r *run) error { // a node that goes down leaves the log as it is
		ctx, cancel := context.WithTimeout(r.ctx, publishTimeout)
		defer cancel()
		err := w.trim(ctx, r)
		if err != nil && r.ctx.Err() == nil && !harmless(err) {
			w.broken(survival, "trim by %s: %v", n.id, err)
		}
		return err
	})
}

// harmless tells whether something was given up for want of the log.
func harmless(err error) bool {
	if not := new(commit.NotCommittedError); errors.As(err, &not) {
		return true
	}
	for _, cause := range []error{log.ErrUnknown, log.ErrUnreachable, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// trim raises the floor and cuts the log below it.
func (w *world) trim(ctx context.Context, r *run) error {
	w.trims.one.Lock()
	defer w.trims.one.Unlock()
	if err := w.emission.follow(ctx, w, r); err != nil {
		return err
	}
	mark, err := log.TakeMark(ctx, r.client, w.genesis)
	if err != nil {
		return err
	}
	floor := min(mark.Floor, w.emission.position()+1)
	for _, n := range w.nodes {
		other := n.present()
		if other == nil {
			return nil // it is being started
		}
		floor = min(floor, other.applier.Saved()+1)
		for _, db := range other.store.Databases() {
			floor = min(floor, other.store.FilePosition(db)+1)
		}
	}
	w.trims.list = append(w.trims.list, mark) // for later, if not all have come to it
	mark, found := w.trims.take(floor)
	if !found {
		return nil
	}
	result, err := r.origin.Control(ctx, &txn.TrimFloor{Floor: mark.Floor})
	if err != nil {
		return err
	}
	w.struck("trim that cuts")
	return mark.Cut(ctx, r.client, w.genesis, result.Position)
}

// trims knows where the log may be cut later, oldest first.
type trims struct {
	one  sync.Mutex // one node trims at a time; guards list
	list []log.Mark
}

// take returns the last mark that is not above the floor, and forgets those before.
func (m *trims) take(floor txn.Position) (mark log.Mark, found bool) {
	for len(m.list) > 0 && m.list[0].Floor <= floor {
		mark, found = m.list[0], true
		m.list = m.list[1:]
	}
	return mark, found
}

// heal ends all trouble and brings every node to one position.
func (w *world) heal() {
	for _, n := range w.nodes {
		n.client.SetFaults(nil)
		n.client.Cut(false)
		n.client.StaleEnd(0)
	}
	w.log.Settle()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var p txn.Position
	w.eventually("barrier", func(r *run) (err error) {
		p, err = r.origin.Barrier(ctx)
		return err
	})
	for _, n := range w.nodes {
		select {
		case <-n.run.ready:
		case err := <-n.run.ended:
			n.run.ended <- err
		case <-ctx.Done():
		}
		err := n.use(func(r *run) error {
			for _, db := range r.store.Databases() {
				if err := r.applier.Quarantined(db); err != nil {
					return err
				}
			}
			return r.store.WaitPublished(ctx, p)
		})
		if err != nil {
			w.fatal("node %s after healing: %v", n.id, err)
		}
	}
}

func (w *world) stop() {
	for _, n := range w.nodes {
		r := n.present()
		if r == nil {
			continue
		}
		if err := n.end(r, false); err != nil {
			w.broken(survival, "%v", err)
		}
	}
	if w.states.broken != nil {
		w.broken(equalNodes, "%v", w.states.broken)
	}
}
