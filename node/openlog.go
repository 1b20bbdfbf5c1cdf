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
	"marmot/internal/stage"
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
		l, err := openEmbedded(c, c.String("data.dir"), c.Int("log.partitions"))
		if err != nil {
			return nil, nil, err // not l: a nil pointer in an interface is not nil
		}
		return l, nil, nil
	}
	o, err := kafkaOptions(c, logger)
	if err != nil {
		return nil, nil, err
	}
	l, err := kafka.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return l, l, nil
}

// openEmbedded opens the log in a data directory; partitions 0 takes it as it is.
func openEmbedded(c *settings.Config, dataDir string, partitions int) (*embedded.Log, error) {
	return embedded.Open(embedded.Options{
		Dir:          filepath.Join(dataDir, "log"),
		Partitions:   partitions,
		SegmentBytes: c.Bytes("log.segment_bytes"),
		Now:          time.Now,
	})
}

func kafkaOptions(c *settings.Config, logger *slog.Logger) (kafka.Options, error) {
	security, err := logSecurity(c)
	return kafka.Options{
		Security:    security,
		Brokers:     c.List("log.brokers"),
		Cluster:     c.String("cluster.name"),
		AllowUnsafe: c.Bool("log.allow_unsafe"),
		Partitions:  c.Int("log.partitions"),
		Replication: c.Int("log.replication"),
		Logger:      logger,
	}, err
}

// openStore opens the files; stages may be nil.
func openStore(c *settings.Config, dir string, logger *slog.Logger, stages *stage.Recorder) (*store.Store, error) {
	return store.Open(store.Options{
		Dir:               dir,
		Set:               dialect.Extensions(),
		Now:               time.Now,
		Random:            rand.Reader,
		MaxSnapshotAge:    c.Duration("txn.max_snapshot_age"),
		BranchMemoryBytes: c.Bytes("branch.memory"),
		Logger:            logger,
		Stages:            stages,
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
	options, err := kafkaOptions(c, logger)
	if err != nil {
		return err
	}
	if err := kafka.Create(ctx, options); err != nil {
		return err
	}
	l, err := kafka.Open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // it was only read
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
	var g log.Genesis
	if o.From != "" {
		g, err = goOn(ctx, c, l, o.From)
	} else if g, err = newGenesis(l.Partitions()); err == nil {
		g, err = initialise(ctx, c, l, g)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "created the log of cluster %q: %s, generation %d, positions after %s\n", c.String("cluster.name"), g.Cluster, g.Generation, g.Base)
	return nil
}

func initialise(ctx context.Context, c *settings.Config, l log.Log, g log.Genesis) (log.Genesis, error) {
	return log.Init(ctx, l, g, nodeID(c), time.Now().UnixMicro(), Version)
}
