package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/dialect"
	"marmot/internal/settings"
	"marmot/log"
	"marmot/session"
	"marmot/store"
	"marmot/store/sqlite"
	"marmot/txn"
	"marmot/wire"

	"golang.org/x/sync/errgroup"
)

// ServeOptions are what a node is given besides its configuration.
type ServeOptions struct {
	Logger       *slog.Logger
	RootPassword string    // of the first start; empty: one is made and announced
	Announce     io.Writer // where people are told how to connect
	Terminal     bool      // Announce is a terminal, which keeps nothing
}

const (
	// chunkCacheBytes bounds the chunks that are kept because they are read soon after they are written.
	chunkCacheBytes = 64 << 20
	// planCacheSize is how many fingerprints keep their plan.
	planCacheSize = 4096
	// logCheckInterval is how often the log's settings are checked.
	logCheckInterval = time.Minute
	// openTimeout bounds each step that needs the log at start; a broker that is away is named then.
	openTimeout = time.Minute
	// maxSessions is beyond what max_connections can be: the connections' own limit comes first.
	maxSessions = 100_100
)

// server is the parts of a running node.
type server struct {
	config  *settings.Config
	options ServeOptions
	logger  *slog.Logger
	metrics *metrics

	store    *store.Store
	log      log.Log
	chunks   *log.Chunks
	genesis  log.Genesis
	applier  *applier.Applier
	origin   *commit.Origin
	members  *members
	emitters *emitters
	keeper   *keeper
	wire     *wire.Server
	admin    *admin

	engine atomic.Pointer[session.Engine] // nil until clients are served
	epoch  atomic.Uint64
	step   atomic.Pointer[string] // what the start is doing
}

// Serve runs a node until ctx ends or a part of it fails.
func Serve(ctx context.Context, c *settings.Config, o ServeOptions) error {
	if err := sqlite.CheckBuild(); err != nil {
		return err
	}
	if err := checkExposure(c); err != nil {
		return err
	}
	s := &server{config: c, options: o, logger: o.Logger, emitters: &emitters{}}
	s.metrics = newMetrics(s)
	defer s.close()
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.run(ctx)
}

// close releases what open acquired, in reverse order.
func (s *server) close() {
	s.emitters.close()
	if s.wire != nil {
		s.wire.Close()
	}
	if s.admin != nil {
		_ = s.admin.listener.Close() // run has closed it already, unless it never began
	}
	if s.log != nil {
		if err := s.log.Close(); err != nil {
			s.logger.Warn("closing the log", "error", err)
		}
	}
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			s.logger.Warn("closing the files", "error", err)
		}
	}
}

// open acquires files, ports and the log. Ports come first: a taken one is the most frequent mistake.
func (s *server) open(ctx context.Context) error {
	s.doing("opening files and ports")
	var err error
	c := s.config
	if address := c.String("admin.listen"); address != "" {
		if s.admin, err = listenAdmin(address, c.Bool("admin.profiling"), s.metrics.registry, s.status, s.saveSnapshot, s.serveEmitters); err != nil {
			return err
		}
	}
	if err := s.openWire(); err != nil {
		return err
	}
	if err := finishReseed(c.String("data.dir")); err != nil {
		return err
	}
	if s.store, err = openStore(c, c.String("data.dir"), s.logger, s.metrics.stages); err != nil {
		return err
	}
	s.doing("opening the log")
	var topic log.Members
	bounded, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if s.log, topic, err = openLog(bounded, c, s.logger); err != nil {
		if _, known := s.store.Cluster(); known && errors.Is(err, log.ErrNoGenesis) {
			return lostLog(c.String("data.dir"), fmt.Errorf("cluster.name = %q has no log at log.brokers: %w", c.String("cluster.name"), log.ErrRecreated))
		}
		return err
	}
	if err := s.log.Check(bounded); err != nil {
		return fmt.Errorf("log settings: %w", err)
	}
	if s.genesis, err = genesis(bounded, c, s.log, s.store); err != nil {
		return err
	}
	reseeded, err := s.reseed(ctx)
	if err == nil && reseeded {
		s.genesis, err = genesis(bounded, c, s.log, s.store)
	}
	if err != nil {
		return err
	}
	s.chunks = log.NewChunks(s.log, chunkCacheBytes)
	s.members = newMembers(topic, s.self, s.logger)
	if err := s.members.refuseTwin(ctx, nodeID(c), s.store.DataUUID()); err != nil {
		return err
	}
	return s.build(ctx)
}

// build makes the parts that live on the log.
func (s *server) build(ctx context.Context) error {
	var err error
	c := s.config
	s.applier, err = applier.New(applier.Options{
		Log: s.chunks, Genesis: s.genesis, Store: s.store, Node: nodeID(c), Logger: s.logger, Events: s.applierEvents(), Stages: s.metrics.stages,
		Gather: c.Duration("log.gather"),
		Checkpoint: func(k txn.Checkpoint) {
			if _, err := s.origin.Control(ctx, &k); err != nil && ctx.Err() == nil {
				s.logger.Warn("checkpoint", "error", err)
			}
		},
	})
	if err != nil {
		return err
	}
	s.origin = commit.New(commit.Options{
		Log: s.chunks, Genesis: s.genesis, Node: nodeID(c), DataUUID: s.store.DataUUID(), Version: Version,
		Verdicts: s.applier, Now: time.Now, InlineMaxBytes: c.Bytes("log.inline_max_bytes"), Partitions: s.genesis.Partitions,
		Refuse: s.stalled, Stages: s.metrics.stages,
	})
	if err := s.buildEmitters(ctx); err != nil {
		return err
	}
	return s.buildKeeper(ctx)
}

// buildKeeper makes what saves snapshots and trims the log.
func (s *server) buildKeeper(ctx context.Context) error {
	c := s.config
	s.keeper = &keeper{
		interval: c.Duration("snapshot.interval"), retain: c.Duration("log.retain"), memberRetention: c.Duration("log.member_retention"),
		keep: c.Int("snapshot.keep"), trim: c.Bool("log.trim"), storage: snapshots(c), set: dialect.Extensions(), now: time.Now, logger: s.logger,
		log: s.log, genesis: s.genesis, store: s.store, applier: s.applier, members: s.members, bound: s.emitters.trimBound, report: s.emitters.report, requests: make(chan chan savedSnapshot),
		control: func(ctx context.Context, b txn.Body) error {
			_, err := s.origin.Control(ctx, b)
			return err
		},
	}
	return s.keeper.load(ctx)
}

// stalled tells why this node takes no writes for the time being, or nil.
func (s *server) stalled() error {
	if err := s.applier.Stalled(); err != nil {
		return fmt.Errorf("the disk of this node is full; make room, and writing goes on by itself: %w", err)
	}
	return nil
}

// run lives: the core first, then clients; at the end clients leave before the core does.
func (s *server) run(ctx context.Context) error {
	coreCtx, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCore()
	core, coreCtx := errgroup.WithContext(coreCtx)
	clients, clientCtx := errgroup.WithContext(ctx)
	clientCtx, stopClients := context.WithCancel(clientCtx)
	defer stopClients()
	defer context.AfterFunc(coreCtx, stopClients)()

	core.Go(named(coreCtx, "files", s.store.Run))
	core.Go(named(coreCtx, "chunks", s.chunks.Run))
	core.Go(named(coreCtx, "applier", s.applier.Run))
	core.Go(named(coreCtx, "origin", s.origin.Run))
	core.Go(named(coreCtx, "log check", s.checkLog))
	if s.admin != nil {
		core.Go(named(coreCtx, "admin", s.admin.run))
	}
	clients.Go(func() error {
		err := s.serve(clientCtx, coreCtx, core)
		if clientCtx.Err() != nil && !hasCause(err) {
			return nil
		}
		return err
	})
	clientErr := clients.Wait()
	s.doing("stopping")
	s.emitters.release(coreCtx)
	stopCore()
	return errors.Join(clientErr, core.Wait())
}

// hasCause reports whether err is more than the end of a context.
func hasCause(err error) bool {
	return err != nil && !errors.Is(err, context.Canceled)
}

// named runs a part; its end by a context that ended is none of its faults.
func named(ctx context.Context, name string, run func(context.Context) error) func() error {
	return func() error {
		err := run(ctx)
		if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil
		}
		return fmt.Errorf("%s: %w", name, err)
	}
}

// serve waits until the node is caught up, opens its run, and serves clients.
func (s *server) serve(ctx, coreCtx context.Context, core *errgroup.Group) error {
	s.doing("catching up with the log")
	if err := s.applier.Ready(ctx); err != nil {
		return fmt.Errorf("catch up: %w", err)
	}
	s.doing("opening this run")
	epoch, err := s.origin.Open(ctx)
	if err != nil {
		return fmt.Errorf("open this run: %w", err)
	}
	s.epoch.Store(uint64(epoch))
	s.applier.Opened(epoch)
	core.Go(named(coreCtx, "members", s.members.run))
	core.Go(named(coreCtx, "emitters", s.emitters.run))
	core.Go(named(coreCtx, "snapshots", s.keeper.run))
	engine, err := s.newEngine(epoch)
	if err != nil {
		return err
	}
	first, err := s.firstRoot()
	if err != nil {
		return err
	}
	if err := engine.ClaimNumber(ctx); err != nil {
		return err
	}
	password, err := engine.EnsureRoot(ctx, first)
	if err != nil {
		return fmt.Errorf("account root: %w", err)
	}
	s.engine.Store(engine)
	s.step.Store(nil)
	s.announce(password)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(named(ctx, "sessions", engine.Run))
	group.Go(named(ctx, "MySQL port", s.wire.Run))
	return group.Wait()
}

// applierEvents are what the metrics count; the engine hears of committed records besides.
func (s *server) applierEvents() applier.Events {
	events := s.metrics.applierEvents(s.logger)
	count := events.Decided
	events.Decided = func(r *log.Read, d ledger.Decision) {
		count(r, d)
		s.emitters.observe(r)
		if engine := s.engine.Load(); engine != nil && d.Verdict == txn.Commit {
			engine.Observe(r.Record)
		}
	}
	return events
}

func (s *server) newEngine(epoch txn.Epoch) (*session.Engine, error) {
	c := s.config
	_, port, _ := net.SplitHostPort(s.mysqlAddress())
	return session.NewEngine(session.Options{
		Planner: dialect.NewPlanner(dialect.Options{CacheSize: planCacheSize}), Store: s.store, Origin: s.origin, Applier: s.applier,
		Node: nodeID(c), Epoch: epoch, Version: mysqlVersion, Random: rand.Reader, Now: time.Now, Logger: s.logger, Stages: s.metrics.stages,
		TxnMaxBytes: c.Bytes("txn.max_bytes"), MemoryBytes: c.Bytes("txn.memory"), TxnMaxDuration: c.Duration("txn.max_duration"),
		TemporaryBytes: c.Bytes("temporary.max_bytes"),
		MaxConnections: maxSessions, RowsQuery: c.Bool("log.rows_query"), Binlog: &binlogSource{s.log, s.genesis, s.applier, s.store}, Variables: s.variables(port), Status: s.wire.StatusValues,
		Emitters: sqlEmitters{s.emitters},
	})
}

func (s *server) mysqlAddress() string {
	if a := s.wire.Addr(); a != nil {
		return a.String()
	}
	return ""
}

// announce tells people how to connect; a generated password appears here once and nowhere else.
func (s *server) announce(password string) {
	host, port, _ := net.SplitHostPort(s.mysqlAddress())
	fmt.Fprintf(s.options.Announce, "marmot %s, node %s of cluster %s: ready\n", Version, s.config.String("node.id"), s.config.String("cluster.name"))
	fmt.Fprintf(s.options.Announce, "  mariadb -h %s -P %s -u root -p\n", host, port)
	if password != "" {
		fmt.Fprintf(s.options.Announce, "  password of root, made now and shown only once: %s\n", password)
		fmt.Fprintln(s.options.Announce, "  it has to be changed first: ALTER USER CURRENT_USER() IDENTIFIED BY '…'")
	}
	if socket := s.config.String("mysql.socket"); socket != "" {
		fmt.Fprintf(s.options.Announce, "  mariadb --socket %s -u root      (as the system user of the node)\n", socket)
	}
}

// firstRoot says which accounts a new cluster begins with. A password that nobody was given is shown on a terminal and nowhere else:
// without one there are only accounts that need none.
func (s *server) firstRoot() (session.FirstRoot, error) {
	c := s.config
	first := session.FirstRoot{Password: s.options.RootPassword, Open: s.options.RootPassword == "" && c.Bool("mysql.root_without_password")}
	var known bool
	s.applier.Ask(func(l *ledger.Ledger) { known = len(l.Accounts()) > 0 })
	if known || first.Open || first.Password != "" || s.options.Terminal {
		return first, nil
	}
	if c.String("mysql.socket") == "" {
		return first, errors.New("this cluster has no account yet, and there is no terminal to show the first password of root on: " +
			"set MARMOT_ROOT_PASSWORD, or mysql.socket to log in as the system user of the node, or, for development, mysql.root_without_password = true")
	}
	first.SocketOnly = true
	return first, nil
}

// doing notes the step of the start or end, which /readyz tells.
func (s *server) doing(step string) {
	s.step.Store(&step)
	s.logger.Info(step)
}

// checkLog checks the log's settings now and then (its identity is seen by whoever reads). A weaker setting is an alarm, not
// an end: what is committed stays.
func (s *server) checkLog(ctx context.Context) error {
	ticker := time.NewTicker(logCheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.log.Check(ctx)
		s.metrics.logUnsafe.Set(0)
		var check *log.CheckError
		switch {
		case errors.As(err, &check):
			s.metrics.logUnsafe.Set(1)
			s.logger.Error("log settings endanger committed data", "error", err)
		case err != nil && ctx.Err() == nil:
			s.logger.Warn("log check", "error", err)
		}
	}
}

// self is what this node says of itself.
func (s *server) self() log.Member {
	c := s.config
	applied, acknowledged := s.applier.Applied(), txn.Position(s.keeper.acknowledged.Load())
	return log.Member{
		Node: nodeID(c), DataUUID: s.store.DataUUID(), Epoch: txn.Epoch(s.epoch.Load()), Version: Version, Rules: txn.NewestRules,
		MySQLAddress: advertise(s.mysqlAddress(), c.String("node.advertise")), AdminAddress: advertise(c.String("admin.listen"), c.String("node.advertise")),
		Applied: applied, Acknowledged: acknowledged, UpdatedUS: time.Now().UnixMicro(),
		Emitters: s.emitters.word(),
	}
}

// advertise replaces the host of an address by the one that others reach.
func advertise(address, host string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return address
	}
	return net.JoinHostPort(host, port)
}

// status is what /status and /readyz tell.
func (s *server) status(ctx context.Context) Status {
	c := s.config
	status := Status{Node: c.String("node.id"), Version: Version, Cluster: c.String("cluster.name"), Epoch: s.epoch.Load(), Databases: map[string]uint64{}}
	if step := s.step.Load(); step != nil {
		status.Reason = *step
		return status
	}
	status.Ready = true
	status.UUID = s.genesis.Cluster.String()
	status.Position, status.Decided = uint64(s.applier.Applied()), uint64(s.applier.Decided())
	status.LogEnd = status.Decided
	if start, end, err := s.log.Bounds(ctx, log.Order); err == nil {
		status.LogStart, status.LogEnd = uint64(s.genesis.Position(start)), uint64(s.genesis.Position(end-1))
	}
	status.TrimFloor, status.Acknowledged = uint64(s.keeper.floor()), s.keeper.acknowledged.Load()
	if p := s.keeper.saved.Load(); p > 0 {
		status.Snapshot, status.SnapshotAgeMS = p, time.Since(time.UnixMicro(s.keeper.savedUS.Load())).Milliseconds()
	}
	for name, d := range s.store.Catalog().Databases {
		status.Databases[name] = uint64(s.store.Published(d.ID))
	}
	status.Sessions = s.engine.Load().Sessions()
	if err := s.stalled(); err != nil {
		status.Stalled = err.Error()
	}
	var registered []txn.NodeID
	s.applier.Ask(func(l *ledger.Ledger) { registered = l.Members() })
	status.Members = s.members.status(txn.Position(status.LogEnd), registered)
	s.emitters.fill(&status)
	return status
}

// saveSnapshot has the running node save a snapshot now.
func (s *server) saveSnapshot(ctx context.Context) savedSnapshot {
	if s.engine.Load() == nil {
		return savedSnapshot{Error: "the node does not serve yet"}
	}
	return s.keeper.save(ctx)
}

// checkExposure refuses ports without a password that others can reach, unless they are allowed by name.
func checkExposure(c *settings.Config) error {
	for _, port := range []struct{ key, allow string }{
		{"admin.listen", "admin.allow_insecure"}, {"kafka.listen", "kafka.allow_insecure"},
	} {
		if port.key == "kafka.listen" && c.String("log.kind") == "kafka" {
			continue
		}
		if err := c.RefuseExposed(port.key, port.allow); err != nil {
			return err
		}
	}
	for _, key := range []string{"mysql.listen", "mysql.also_listen", "mysql.admin_listen"} {
		addresses := []string{c.String(key)}
		if key == "mysql.also_listen" {
			addresses = c.List(key)
		}
		if !slices.ContainsFunc(addresses, settings.Exposed) {
			continue
		}
		if c.Bool("mysql.root_without_password") {
			return c.Bad("mysql.root_without_password", key+" can be reached from other machines; root without a password is for development on one")
		}
		if c.String("mysql.tls_cert") == "" && !c.Bool("mysql.require_secure_transport") && !c.Bool("mysql.allow_insecure") {
			return c.Bad(key, "other machines can reach it, and data could travel without TLS; set mysql.require_secure_transport = true, mysql.tls_cert and mysql.tls_key, or mysql.allow_insecure = true")
		}
	}
	return nil
}
