package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"marmot/dialect"
	"marmot/internal/settings"
	"marmot/log"
	"marmot/log/embedded"
	"marmot/log/kafka"
	"marmot/store"
	"marmot/txn"
)

// openLog opens the log that the configuration names. Members is nil of a log that one node has
// for itself.
func openLog(ctx context.Context, c *settings.Config, logger *slog.Logger) (log.Log, log.Members, error) {
	if c.String("log.kind") == "embedded" {
		l, err := openEmbedded(c, c.String("data.dir"))
		return l, nil, err
	}
	l, err := kafka.Open(ctx, kafkaOptions(c, logger))
	if err != nil {
		return nil, nil, err
	}
	return l, l, nil
}

func openEmbedded(c *settings.Config, dataDir string) (*embedded.Log, error) {
	return embedded.Open(embedded.Options{
		Dir:          filepath.Join(dataDir, "log"),
		Partitions:   c.Int("log.partitions"),
		SegmentBytes: c.Bytes("log.segment_bytes"),
		Now:          time.Now,
	})
}

func kafkaOptions(c *settings.Config, logger *slog.Logger) kafka.Options {
	return kafka.Options{
		Brokers:     c.List("log.brokers"),
		Cluster:     c.String("cluster.name"),
		AllowUnsafe: c.Bool("log.allow_unsafe"),
		Partitions:  c.Int("log.partitions"),
		Replication: c.Int("log.replication"),
		Logger:      logger,
	}
}

func openStore(c *settings.Config, dir string, logger *slog.Logger) (*store.Store, error) {
	return store.Open(store.Options{
		Dir:               dir,
		Set:               dialect.Extensions(),
		Now:               time.Now,
		Random:            rand.Reader,
		MaxSnapshotAge:    c.Duration("txn.max_snapshot_age"),
		BranchMemoryBytes: c.Bytes("branch.memory"),
		Logger:            logger,
	})
}

// genesis reads the log's genesis. A single node with an empty data directory makes its own.
func genesis(ctx context.Context, c *settings.Config, l log.Log, s *store.Store) (log.Genesis, error) {
	g, err := log.ReadGenesis(ctx, l)
	_, known := s.Cluster()
	if errors.Is(err, log.ErrNoGenesis) && c.String("log.kind") == "embedded" && !known {
		g, err = newGenesis(l.Partitions())
		if err == nil {
			g, err = log.Init(ctx, l, g, nodeID(c), time.Now().UnixMicro(), Version)
		}
	}
	if err != nil {
		return g, err
	}
	return g, adopt(c, g, s)
}

func newGenesis(partitions int) (log.Genesis, error) {
	id, err := txn.NewUUID(rand.Reader)
	return log.Genesis{Cluster: id, Generation: 1, Partitions: partitions, Settings: txn.Settings{Rules: 1}}, err
}

func nodeID(c *settings.Config) txn.NodeID { return txn.NodeID(c.String("node.id")) }

// adopt checks that the data directory belongs to the log's cluster, and notes the cluster in a
// new one.
func adopt(c *settings.Config, g log.Genesis, s *store.Store) error {
	was, known := s.Cluster()
	now := store.Cluster{UUID: g.Cluster, Name: c.String("cluster.name"), Generation: g.Generation, Base: g.Base}
	dir := c.String("data.dir")
	switch {
	case known && was.UUID != g.Cluster:
		return fmt.Errorf("data.dir = %q holds cluster %s (%s), the log belongs to cluster %s: name the right log, or an empty data.dir", dir, was.UUID, was.Name, g.Cluster)
	case known && was.Generation > g.Generation:
		return fmt.Errorf("data.dir = %q has followed generation %d of the log, this one is generation %d: the history has moved on to another log; name that one", dir, was.Generation, g.Generation)
	case !known && g.Base > 0:
		return fmt.Errorf("the log begins at position %s, and data.dir = %q is empty: copy the data directory of a stopped node here (db/ and system.db, without uuid)", g.Base, dir)
	case known && was.Generation < g.Generation:
		last, _, _, err := s.LoadDecided()
		if err != nil {
			return err
		}
		if last != g.Base {
			return fmt.Errorf("data.dir = %q stands at position %s, generation %d of the log goes on after %s: copy the data directory of a node that has followed it", dir, last, g.Generation, g.Base)
		}
	case known:
		return nil
	}
	return s.SetCluster(now)
}

// InitOptions configure InitLog.
type InitOptions struct {
	IfMissing bool   // succeed when the log is there already
	From      string // data directory whose history goes on, or empty
	Out       io.Writer
}

// InitLog creates the topics of a cluster's log and writes its genesis.
func InitLog(ctx context.Context, c *settings.Config, o InitOptions) error {
	if c.String("log.kind") != "kafka" {
		return c.Bad("log.kind", "only a log in Kafka is created by hand; the embedded one creates itself")
	}
	logger := NewLogger(c, io.Discard)
	if err := kafka.Create(ctx, kafkaOptions(c, logger)); err != nil {
		return err
	}
	l, err := kafka.Open(ctx, kafkaOptions(c, logger))
	if err != nil {
		return err
	}
	defer l.Close()
	if g, err := log.ReadGenesis(ctx, l); err == nil {
		if !o.IfMissing {
			return fmt.Errorf("the log of cluster %q is there already (%s, generation %d); nothing was changed; --if-missing makes that a success", c.String("cluster.name"), g.Cluster, g.Generation)
		}
		fmt.Fprintf(o.Out, "the log of cluster %q is there already: %s, generation %d\n", c.String("cluster.name"), g.Cluster, g.Generation)
		return nil
	} else if !errors.Is(err, log.ErrNoGenesis) {
		return err
	}
	g, err := newGenesis(l.Partitions())
	if err == nil && o.From != "" {
		g, err = continued(ctx, c, o.From, l.Partitions())
	}
	if err != nil {
		return err
	}
	if g, err = log.Init(ctx, l, g, nodeID(c), time.Now().UnixMicro(), Version); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "created the log of cluster %q: %s, generation %d, positions after %s\n", c.String("cluster.name"), g.Cluster, g.Generation, g.Base)
	return nil
}

// continued makes the genesis of a log that goes on where the embedded log of a stopped node ends.
func continued(ctx context.Context, c *settings.Config, dir string, partitions int) (log.Genesis, error) {
	var g log.Genesis
	s, err := openStore(c, dir, NewLogger(c, io.Discard))
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	defer s.Close()
	l, err := openEmbedded(c, dir)
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	defer l.Close()
	old, err := log.ReadGenesis(ctx, l)
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	last, chain, _, err := s.LoadDecided()
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	_, end, err := l.Bounds(ctx, log.Order)
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	if last != old.Position(end-1) {
		return g, fmt.Errorf("--from %s: the node has applied %s of %s records: start it once, let it catch up, and stop it with SIGTERM", dir, last, old.Position(end-1))
	}
	return log.Genesis{Cluster: old.Cluster, Generation: old.Generation + 1, Base: last, PreviousHash: chain, Partitions: partitions, Settings: old.Settings}, nil
}
