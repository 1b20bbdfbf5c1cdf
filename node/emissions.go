package node

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/debezium"
	"marmot/debezium/broker"
	"marmot/debezium/mirror"
	"marmot/log"
	"marmot/txn"

	"golang.org/x/sync/errgroup"
)

// releaseTimeout bounds the time that the end of a node spends on handing its emissions over.
const releaseTimeout = 2 * time.Second

// reportGap is how far an emission comes before its owner says in the log that it needs nothing before.
const reportGap = fewPositions

// emitters are the emissions of one node: those of its configuration, each running for itself.
type emitters struct {
	list    []*emission
	mirror  *mirror.Mirror // nil without
	meter   logMeter
	log     log.Log
	genesis log.Genesis
	applier *applier.Applier
	members *members
	origin  *commit.Origin
	node    txn.NodeID
	epoch   func() txn.Epoch
	logger  *slog.Logger

	mu   sync.Mutex
	stop context.CancelFunc // ends what run runs; nil before
	done chan struct{}      // closed when that has ended
}

// buildEmitters makes the emissions of the configuration, and the mirror of a node without Kafka.
func (s *server) buildEmitters(ctx context.Context) error {
	c := s.config
	configs, err := emitterConfigs(c)
	if err != nil {
		return err
	}
	e := s.emitters
	e.log, e.genesis, e.applier, e.members, e.origin, e.logger = s.log, s.genesis, s.applier, s.members, s.origin, s.logger
	e.node, e.epoch = nodeID(c), func() txn.Epoch { return txn.Epoch(s.epoch.Load()) }
	var mirrored []*emission
	for _, config := range configs {
		if len(config.brokers) == 0 && c.String("kafka.listen") == "" {
			continue // nobody could read the events
		}
		one, err := s.buildEmission(config)
		if err != nil {
			return err
		}
		e.list = append(e.list, one)
		if len(config.brokers) > 0 {
			one.publisher = broker.New(broker.Options{
				Brokers: config.brokers, Cluster: c.String("cluster.name"), ClusterID: s.genesis.Cluster.String(), Emission: config.name,
				Partitions: int32(config.partitions), Replication: int16(config.replication),
				AtLeastOnce: config.delivery == atLeastOnce, Told: one.stands, Logger: s.logger, Replicas: deadLetterReplicas(config.options), Topic: config.options.TopicSettings,
				Security: config.security,
			})
			continue
		}
		mirrored = append(mirrored, one)
	}
	if len(mirrored) == 0 {
		return nil
	}
	return s.buildMirror(ctx, mirrored)
}

func (s *server) buildEmission(config emitterConfig) (*emission, error) {
	run, err := txn.NewUUID(rand.Reader)
	if err != nil {
		return nil, err
	}
	options := config.options
	options.ServerID, options.ClusterUUID, options.Version, options.RunID = 1, s.genesis.Cluster.String(), Version, run.String()
	format, err := debezium.NewFormat(options.Formats)
	if err != nil {
		return nil, err
	}
	encoder, err := debezium.NewEncoder(options, format, s.store.History(), time.Now)
	if err != nil {
		return nil, err
	}
	e := &emission{
		name: config.name, config: config, node: s.emitters.node, epoch: s.emitters.epoch,
		applier: s.applier, origin: s.origin, members: s.members, store: s.store, encoder: encoder, logger: s.logger,
		first: s.emitters.logStart,
	}
	e.tellFailures()
	e.sources = s.emitterSources(e)
	return e, nil
}

// logStart returns the first position that the log has.
func (e *emitters) logStart(ctx context.Context) (txn.Position, error) {
	start, _, err := e.log.Bounds(ctx, log.Order)
	return e.genesis.Position(start), err
}

// buildMirror makes the mirror; it opens once everything that consumers may have seen is published
// again, by those emissions that are to publish.
func (s *server) buildMirror(ctx context.Context, list []*emission) error {
	c := s.config
	start, end, err := s.log.Bounds(ctx, log.Order)
	if err != nil {
		return err
	}
	var others []string
	for _, e := range list {
		if e.name != mainEmission {
			others = append(others, e.name)
		}
	}
	s.emitters.mirror, err = mirror.New(ctx, mirror.Options{
		Listen: c.String("kafka.listen"), Advertise: c.String("node.advertise"), ClusterID: s.genesis.Cluster.String(),
		Partitions: int32(c.Int("debezium.topic.partitions")), RetentionBytes: max(c.Bytes("kafka.retention_bytes"), 1<<20), Meta: s.store,
		First: s.genesis.Position(start), Emissions: others,
		Seen: s.genesis.Position(end - 1), Journal: filepath.Join(c.String("data.dir"), "events.journal"),
	})
	if err != nil {
		return err
	}
	door := &mirrorDoor{waits: map[string]bool{}, open: func(ctx context.Context) error {
		s.logger.Info("events are served over the Kafka protocol", "address", s.emitters.mirror.Addr())
		return s.emitters.mirror.Open(ctx)
	}}
	target := s.genesis.Position(end - 1)
	for _, e := range list {
		part := s.emitters.mirror.Emission(e.name)
		part.Tell(e.stands)
		e.publisher = part
		door.waits[e.name] = true
		e.reached = func(ctx context.Context, p txn.Position) error {
			if p < target {
				return nil
			}
			return door.arrive(ctx, e.name)
		}
		e.idle = func(ctx context.Context) error { return door.arrive(ctx, e.name) }
	}
	return nil
}

// mirrorDoor opens the mirror when nobody has to be waited for any more.
type mirrorDoor struct {
	mu    sync.Mutex
	waits map[string]bool // emissions
	open  func(ctx context.Context) error
}

func (d *mirrorDoor) arrive(ctx context.Context, emission string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.waits[emission] {
		return nil
	}
	if len(d.waits) == 1 {
		if err := d.open(ctx); err != nil {
			return err
		}
	}
	delete(d.waits, emission)
	return nil
}

// run runs all emissions until ctx ends, or release ends them.
func (e *emitters) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	defer close(done)
	e.mu.Lock()
	e.stop, e.done = stop, done
	e.mu.Unlock()
	group, ctx := errgroup.WithContext(ctx)
	for _, one := range e.list {
		group.Go(func() error { return one.run(ctx) })
	}
	group.Go(func() error {
		e.meter.run(ctx, e)
		return nil
	})
	return group.Wait()
}

// release ends the emissions and gives up those that this node owns, so that another node takes them at once. A node that has the
// log for itself gives up nothing: nobody else could take them.
func (e *emitters) release(ctx context.Context) {
	e.mu.Lock()
	stop, done := e.stop, e.done
	e.mu.Unlock()
	if stop == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
	defer cancel()
	stop()
	select {
	case <-done:
	case <-ctx.Done():
		return
	}
	if e.members.topic == nil {
		return
	}
	for _, one := range e.list {
		if owner, _ := one.owner(); owner != e.epoch() {
			continue
		}
		if _, err := e.origin.Control(ctx, &txn.EmissionControl{Emission: one.name, Action: txn.EmissionRelease}); err != nil {
			e.logger.Warn("an emission is not handed over; others take it when this node has been silent for a while", "emitter", one.name, "error", err)
			return
		}
	}
}

func (e *emitters) close() {
	if e.mirror != nil {
		e.mirror.Close()
	}
	for _, one := range e.list {
		if p, ok := one.publisher.(*broker.Publisher); ok {
			p.Close()
		}
	}
}

// named returns an emission of this node's configuration, or nil.
func (e *emitters) named(name string) *emission {
	for _, one := range e.list {
		if one.name == name {
			return one
		}
	}
	return nil
}

// needs returns the position up to which the emission, which this node owns, needs nothing of the log any more. Not known: it
// has not asked its publisher yet.
func (e *emission) needs() (p txn.Position, known bool) {
	if !e.known.Load() {
		return 0, false
	}
	if r, ok := e.publisher.(interface{ Resume() txn.Position }); ok {
		return r.Resume(), true
	}
	return txn.Position(e.emitted.Load()), true
}

// trimBound returns the position up to which events need nothing of the log any more: the least over all emissions that have begun
// and were not dropped, and those of this node's configuration. It is for the node that emits to trim (of several the owner of the
// first), and where none does for the one that has applied most.
func (e *emitters) trimBound() (p txn.Position, mine bool) {
	var owner txn.Epoch
	var known []ledger.Emission
	owners := map[string]txn.Epoch{}
	e.applier.Ask(func(l *ledger.Ledger) {
		owner, known = l.AnyEmitter(), l.Emissions()
		for _, s := range known {
			owners[s.Name], _ = l.Emitter(s.Name)
		}
	})
	if owner == 0 && e.awaited(known) || owner != 0 && owner != e.epoch() || owner == 0 && !e.members.mostAdvanced() {
		return 0, false
	}
	p = math.MaxInt64
	seen := map[string]bool{}
	for _, s := range known {
		seen[s.Name] = true
		if s.Dropped {
			continue
		}
		needs := s.Needs
		if one := e.named(s.Name); one != nil && owners[s.Name] == e.epoch() && s.ResetAt == txn.Position(one.resetAt.Load()) {
			if fresh, ok := one.needs(); ok {
				needs = fresh
			}
		}
		p = min(p, needs)
	}
	for _, one := range e.list {
		if !seen[one.name] {
			return 0, true // it has not begun
		}
	}
	return p, true
}

// awaited reports whether this node is to take an emission of its configuration soon.
func (e *emitters) awaited(known []ledger.Emission) bool {
	return slices.ContainsFunc(e.list, func(one *emission) bool {
		return !slices.ContainsFunc(known, func(s ledger.Emission) bool { return s.Name == one.name && s.Dropped })
	})
}

// report says in the log what the emissions of this node need no more, if that has grown by much: the node that trims knows it from
// there. With one emission alone the node that owns it trims, and knows.
func (e *emitters) report(ctx context.Context) error {
	var states map[string]ledger.Emission
	var alone bool
	owned := map[string]bool{}
	e.applier.Ask(func(l *ledger.Ledger) {
		states = map[string]ledger.Emission{}
		list := l.Emissions()
		alone = len(list) < 2
		for _, s := range list {
			states[s.Name] = s
			owner, _ := l.Emitter(s.Name)
			owned[s.Name] = owner == e.epoch()
		}
	})
	if alone {
		return nil
	}
	for _, one := range e.list {
		s := states[one.name]
		needs, known := one.needs()
		if !owned[one.name] || !known || needs < s.Needs+reportGap {
			continue
		}
		record := &txn.EmissionControl{Emission: one.name, Action: txn.EmissionNeeds, Position: needs, Reset: txn.Position(one.resetAt.Load())}
		if _, err := e.origin.Control(ctx, record); err != nil {
			return err
		}
	}
	return nil
}
