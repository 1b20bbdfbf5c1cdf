package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"marmot/applier/ledger"
	"marmot/internal/settings"
	"marmot/log"
	"marmot/store"
	"marmot/txn"
)

// goOn begins log l where the history of a stopped node ends, as the next generation. The
// node's files then follow l: its earlier log, should it be there still, must get nothing more.
func goOn(ctx context.Context, c *settings.Config, l log.Log, dir string) (log.Genesis, error) {
	g, err := goOnIn(ctx, c, l, dir)
	if err != nil {
		return g, fmt.Errorf("--from %s: %w", dir, err)
	}
	return g, nil
}

func goOnIn(ctx context.Context, c *settings.Config, l log.Log, dir string) (log.Genesis, error) {
	s, err := openStore(c, dir, NewLogger(c, io.Discard), nil)
	if err != nil {
		return log.Genesis{}, err
	}
	defer func() { _ = s.Close() }() // it was only read
	g, err := nextGeneration(ctx, c, s, dir)
	if err != nil {
		return g, err
	}
	g.Partitions = l.Partitions()
	if g, err = initialise(ctx, c, l, g); err != nil {
		return g, err
	}
	now, err := l.Identity(ctx)
	if err != nil {
		return g, err
	}
	return g, adopt(c, dir, g, s, now)
}

// nextGeneration makes the genesis that follows what the files hold. All of them must hold all that was decided: their
// next log has nothing of what came before.
func nextGeneration(ctx context.Context, c *settings.Config, s *store.Store, dir string) (log.Genesis, error) {
	was, known := s.Cluster()
	if !known {
		return log.Genesis{}, errors.New("it holds no history to go on with")
	}
	last, chain, deltas, err := s.LoadDecided()
	if err != nil {
		return log.Genesis{}, err
	}
	end, err := embeddedEnd(ctx, c, dir, was.Generation)
	if err != nil {
		return log.Genesis{}, err
	}
	behind := last < end
	for _, db := range s.Databases() {
		behind = behind || s.FilePosition(db) < last
	}
	if behind {
		return log.Genesis{}, fmt.Errorf("the node has not applied everything up to %s: start it once, let it catch up, and stop it with SIGTERM", max(last, end))
	}
	l, err := ledger.Restore(txn.Settings{Rules: 1}, deltas)
	if err != nil {
		return log.Genesis{}, err
	}
	return log.Genesis{Cluster: was.UUID, Generation: was.Generation + 1, Base: last, PreviousHash: chain, Settings: l.Settings()}, nil
}

// embeddedEnd returns the last position of the embedded log in the data directory, or 0 if the history has not
// lived there of late.
func embeddedEnd(ctx context.Context, c *settings.Config, dir string, generation uint32) (txn.Position, error) {
	if _, err := os.Stat(filepath.Join(dir, "log")); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	l, err := openEmbedded(c, dir, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }() // it was only read
	g, err := log.ReadGenesis(ctx, l)
	if err != nil || g.Generation != generation {
		return 0, err
	}
	_, end, err := l.Bounds(ctx, log.Order)
	return g.Position(end - 1), err
}
