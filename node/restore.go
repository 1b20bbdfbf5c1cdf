package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"marmot/dialect"
	"marmot/internal/settings"
	"marmot/log"
	"marmot/snapshot"
)

// Names within a data directory.
const (
	reseedDir = "reseed"        // restored files that are whole and have to take their places
	beforeDir = "before-reseed" // what they replaced the last time
)

// snapshots is where the node's snapshots lie.
func snapshots(c *settings.Config) snapshot.Directory {
	return snapshot.Directory(c.String("snapshot.dir"))
}

// finishReseed goes on with a reseed that was cut short. The data directory is not open.
func finishReseed(data string) error {
	restored := filepath.Join(data, reseedDir)
	if _, err := os.Stat(restored); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return snapshot.Install(restored, data, filepath.Join(data, beforeDir))
}

// reseed looks whether the log still has what this node's files need next, and if not gives it the files of a
// snapshot in snapshot.dir. It reports whether the store was opened anew.
func (s *server) reseed(ctx context.Context) (bool, error) {
	need, _, _, err := s.store.LoadDecided()
	if err != nil {
		return false, err
	}
	for _, db := range s.store.Databases() {
		need = min(need, s.store.FilePosition(db))
	}
	start, _, err := s.log.Bounds(ctx, log.Order)
	if err != nil || need >= s.genesis.Base && s.genesis.Offset(need+1) >= start {
		return false, err
	}
	s.doing("looking for a snapshot: the log no longer has what this node needs")
	storage, first := snapshots(s.config), s.genesis.Position(start)
	name, m, err := snapshot.Newest(ctx, storage, dialect.Extensions(), func(m *snapshot.Manifest) bool {
		return m.Cluster == s.genesis.Cluster && m.Generation == s.genesis.Generation && m.Position+1 >= first && m.Position > need
	}, func(name string, err error) { s.logger.Warn("snapshot passed over", "snapshot", name, "error", err) })
	if errors.Is(err, snapshot.ErrNone) {
		return false, fmt.Errorf("data.dir = %q stands at position %s and the log begins at %s: %w; no snapshot in snapshot.dir = %q goes on from there: "+
			"move db/ and system.db out of the data directory and run marmot restore --from a snapshot of another node", s.config.String("data.dir"), need, first, log.ErrTrimmed, string(storage))
	}
	if err != nil {
		return false, err
	}
	return true, s.seedFrom(ctx, storage, name, m)
}

// seedFrom replaces the node's files by those of a snapshot.
func (s *server) seedFrom(ctx context.Context, storage snapshot.Storage, name string, m *snapshot.Manifest) error {
	data := s.config.String("data.dir")
	if _, err := snapshot.Restore(ctx, storage, name, filepath.Join(data, reseedDir), dialect.Extensions()); err != nil {
		return err
	}
	err := s.store.Close()
	s.store = nil
	if err != nil {
		return err
	}
	if err := finishReseed(data); err != nil {
		return err
	}
	s.logger.Warn("the files of this node are those of a snapshot now: the log no longer had what the earlier ones needed",
		"snapshot", name, "position", m.Position, "earlier", filepath.Join(data, beforeDir))
	s.store, err = openStore(s.config, data, s.logger, s.metrics.stages)
	return err
}

// RestoreOptions configure Restore.
type RestoreOptions struct {
	From string // a snapshot's directory, or one with several: then the newest
	Out  io.Writer
}

// Restore makes the node's data directory of a snapshot. One whose log is there goes on with it; the embedded log of a
// new one begins where the snapshot ends.
func Restore(ctx context.Context, c *settings.Config, o RestoreOptions) error {
	data := c.String("data.dir")
	if err := os.MkdirAll(data, 0o750); err != nil {
		return fmt.Errorf("data.dir: %w", err)
	}
	if err := finishReseed(data); err != nil {
		return err
	}
	for _, name := range []string{"system.db", "db"} {
		if entries, err := os.ReadDir(filepath.Join(data, name)); err == nil && len(entries) == 0 {
			continue
		}
		if _, err := os.Lstat(filepath.Join(data, name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("data.dir = %q: %s is there already, and nothing was changed; move it away, with db/ and the files beside it, or name an empty data.dir", data, name)
		}
	}
	storage, name, err := chooseSnapshot(ctx, o)
	if err != nil {
		return err
	}
	restored := filepath.Join(data, reseedDir)
	m, err := snapshot.Restore(ctx, storage, name, restored, dialect.Extensions())
	if err != nil {
		return err
	}
	if err := snapshot.Install(restored, data, filepath.Join(data, beforeDir)); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "restored %s: cluster %s, position %s, %d files\n", name, m.Cluster, m.Position, len(m.Files))
	if _, err := os.Stat(filepath.Join(data, "log")); c.String("log.kind") != "embedded" || err == nil {
		return nil
	}
	return newEmbeddedLog(ctx, c, o.Out)
}

// chooseSnapshot finds out what --from names.
func chooseSnapshot(ctx context.Context, o RestoreOptions) (snapshot.Storage, string, error) {
	from := filepath.Clean(o.From)
	if _, err := os.Stat(filepath.Join(from, "manifest")); err == nil {
		absolute, err := filepath.Abs(from)
		if err != nil {
			return nil, "", err
		}
		return snapshot.Directory(filepath.Dir(absolute)), filepath.Base(absolute), nil
	}
	storage := snapshot.Directory(from)
	name, _, err := snapshot.Newest(ctx, storage, dialect.Extensions(), func(*snapshot.Manifest) bool { return true },
		func(name string, err error) { fmt.Fprintf(o.Out, "passed over %s: %v\n", name, err) })
	if err != nil {
		return nil, "", fmt.Errorf("--from %s: %w", o.From, err)
	}
	return storage, name, nil
}

// newEmbeddedLog begins a log where restored files end: the next generation of the history. What the mirror of events and
// its consumers had in the lost log is gone, so the mirror begins anew.
func newEmbeddedLog(ctx context.Context, c *settings.Config, out io.Writer) error {
	data := c.String("data.dir")
	s, err := openStore(c, data, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // what matters was stored durably
	for _, key := range []string{"mirror.checkpoints", "mirror.groups", marksKey} {
		if err := s.SetMeta(key, nil); err != nil {
			return err
		}
	}
	g, err := nextGeneration(ctx, c, s, data)
	if err != nil {
		return err
	}
	l, err := openEmbedded(c, data, c.Int("log.partitions"))
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // the genesis was appended durably
	g.Partitions = l.Partitions()
	if g, err = initialise(ctx, c, l, g); err != nil {
		return err
	}
	now, err := l.Identity(ctx)
	if err != nil {
		return err
	}
	if err := adopt(c, data, g, s, now); err != nil {
		return err
	}
	fmt.Fprintf(out, "the embedded log begins anew behind position %s (generation %d); consumers of kafka.listen start over\n", g.Base, g.Generation)
	return nil
}

// ListSnapshots prints the snapshots in snapshot.dir.
func ListSnapshots(ctx context.Context, c *settings.Config, out io.Writer) error {
	storage := snapshots(c)
	names, err := storage.Names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		m, err := snapshot.Read(ctx, storage, name)
		if err != nil {
			fmt.Fprintf(out, "%s  %v\n", name, err)
			continue
		}
		bytes := int64(0)
		for _, f := range m.Files {
			bytes += f.Bytes
		}
		fmt.Fprintf(out, "%s  position %s, %s, %d files, %d bytes, release %s\n", name, m.Position, time.UnixMicro(m.CreatedUS).UTC().Format(time.RFC3339), len(m.Files), bytes, m.Version)
	}
	return nil
}

// VerifySnapshots reads all of a snapshot of snapshot.dir, or of each, and prints what it finds; damage is an error.
func VerifySnapshots(ctx context.Context, c *settings.Config, only string, out io.Writer) error {
	storage := snapshots(c)
	names, err := storage.Names(ctx)
	if err != nil {
		return err
	}
	if only != "" {
		names = []string{strings.TrimSuffix(only, "/")}
	}
	if len(names) == 0 {
		return fmt.Errorf("snapshot.dir = %q: %w", string(storage), snapshot.ErrNone)
	}
	var bad []error
	for _, name := range names {
		m, err := snapshot.Verify(ctx, storage, name, dialect.Extensions())
		if err != nil {
			bad = append(bad, err)
			continue
		}
		fmt.Fprintf(out, "%s  good: position %s, %d files\n", name, m.Position, len(m.Files))
	}
	return errors.Join(bad...)
}
