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
		if err != nil {
			return nil, nil, err // not l: a nil pointer in an interface is not nil
		}
		return l, nil, nil
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

func newGenesis(partitions int) (log.Genesis, error) {
	id, err := txn.NewUUID(rand.Reader)
	return log.Genesis{Cluster: id, Generation: 1, Partitions: partitions, Settings: txn.Settings{Rules: 1}}, err
}

func nodeID(c *settings.Config) txn.NodeID { return txn.NodeID(c.String("node.id")) }

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
	if err := l.Check(ctx); err != nil {
		return fmt.Errorf("log settings: %w", err)
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
