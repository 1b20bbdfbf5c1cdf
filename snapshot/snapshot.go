package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marmot/sqlext"
	"marmot/store"
	"marmot/txn"
)

// Saving is what a new snapshot says of itself besides what is in the files.
type Saving struct {
	Generation uint32
	Now        time.Time
	Version    string
	Set        sqlext.Set // functions and collations of the files
}

// Name is the name of the snapshot at a position.
func Name(generation uint32, p txn.Position) string {
	return fmt.Sprintf("%s%05d-%020d", namePrefix, generation, uint64(p))
}

// Save makes a snapshot of a cut, and returns its manifest when it is verified and on disk. One of the same position that
// is there already stays. An interrupted Save leaves nothing that is taken for a snapshot.
func Save(ctx context.Context, s Storage, cut *store.Cut, o Saving) (*Manifest, error) {
	name := Name(o.Generation, cut.Position)
	m, err := save(ctx, s, cut, name, o)
	if err != nil {
		return nil, fmt.Errorf("save %s: %w", name, err)
	}
	return m, nil
}

func save(ctx context.Context, s Storage, cut *store.Cut, name string, o Saving) (*Manifest, error) {
	names, err := s.Names(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(names, name) {
		m, err := Verify(ctx, s, name, o.Set)
		if err == nil && (m.Cluster != cut.Cluster || m.Generation != o.Generation || m.Position != cut.Position || m.Chain != cut.Chain) {
			err = ErrForeign
		}
		return m, err
	}
	bytes, err := cut.Bytes()
	if err != nil {
		return nil, err
	}
	dir, err := s.Stage(ctx, bytes)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Cluster: cut.Cluster, Generation: o.Generation, Position: cut.Position, Chain: cut.Chain, CreatedUS: o.Now.UnixMicro(), Version: o.Version}
	if err := build(ctx, dir, cut, m, o.Set); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return m, s.Publish(ctx, dir, name)
}

// build fills a staged directory and verifies it.
func build(ctx context.Context, dir string, cut *store.Cut, m *Manifest, set sqlext.Set) error {
	if err := cut.CopyTo(ctx, dir); err != nil {
		return err
	}
	names := cut.Files()
	slices.Sort(names)
	for _, name := range names {
		f, err := sum(ctx, filepath.Join(dir, name))
		if err != nil {
			return err
		}
		f.Name = filepath.ToSlash(name)
		m.Files = append(m.Files, f)
	}
	text, err := m.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, manifestName), text, 0o640); err != nil {
		return err
	}
	if err := syncTree(dir); err != nil {
		return err
	}
	return check(ctx, dir, m, set)
}

// sum reads a file for its size and hash.
func sum(ctx context.Context, path string) (f File, err error) {
	in, err := os.Open(path)
	if err != nil {
		return f, err
	}
	hash := sha256.New()
	f.Bytes, err = io.Copy(hash, &bounded{ctx, in})
	f.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return f, errors.Join(err, in.Close())
}

// bounded reads until its context ends.
type bounded struct {
	ctx context.Context //nolint:containedctx // of one copy
	in  io.Reader
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.in.Read(p)
}

// Read returns a snapshot's manifest; the files are not looked at.
func Read(ctx context.Context, s Storage, name string) (*Manifest, error) {
	dir, release, err := s.Local(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer release()
	m, err := readManifest(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func readManifest(dir string) (*Manifest, error) {
	f, err := os.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, damagedf("%v", err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxManifestBytes))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return DecodeManifest(b)
}

// Verify reads all of a snapshot: sizes, hashes, every page of every file, and that all stand at the manifest's position.
func Verify(ctx context.Context, s Storage, name string, set sqlext.Set) (*Manifest, error) {
	dir, release, err := s.Local(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer release()
	m, err := readManifest(dir)
	if err == nil {
		err = verify(ctx, dir, m, set)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func verify(ctx context.Context, dir string, m *Manifest, set sqlext.Set) error {
	for _, want := range m.Files {
		got, err := sum(ctx, filepath.Join(dir, filepath.FromSlash(want.Name)))
		if errors.Is(err, os.ErrNotExist) {
			return damagedf("%s is missing", want.Name)
		}
		if err != nil {
			return err
		}
		if got.Bytes != want.Bytes || got.SHA256 != want.SHA256 {
			return damagedf("%s has %d bytes with hash %s, want %d with %s", want.Name, got.Bytes, got.SHA256, want.Bytes, want.SHA256)
		}
	}
	return check(ctx, dir, m, set)
}

// check looks into the files.
func check(ctx context.Context, dir string, m *Manifest, set sqlext.Set) error {
	for _, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		state, err := store.CheckCopy(filepath.Join(dir, filepath.FromSlash(f.Name)), set)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		switch {
		case state.System != (f.Name == systemFile):
			return damagedf("%s is another kind of file", f.Name)
		case state.Position != m.Position:
			return damagedf("%s stands at %s, the snapshot at %s", f.Name, state.Position, m.Position)
		case state.System && state.Chain != m.Chain:
			return damagedf("%s has chain %s, the snapshot %s", f.Name, state.Chain, m.Chain)
		case !state.System && state.Cluster != m.Cluster:
			return damagedf("%s is of cluster %s, the snapshot of %s", f.Name, state.Cluster, m.Cluster)
		}
	}
	return nil
}

// Newest returns the newest snapshot that is whole, verified, and fits; ErrNone if none is. Others are told to skipped.
func Newest(ctx context.Context, s Storage, set sqlext.Set, fits func(*Manifest) bool, skipped func(name string, err error)) (string, *Manifest, error) {
	names, err := s.Names(ctx)
	if err != nil {
		return "", nil, err
	}
	for _, name := range slices.Backward(names) {
		m, err := Read(ctx, s, name)
		if err == nil && !fits(m) {
			continue
		}
		if err == nil {
			m, err = Verify(ctx, s, name, set)
		}
		if err == nil {
			return name, m, nil
		}
		if ctx.Err() != nil {
			return "", nil, err
		}
		skipped(name, err)
	}
	return "", nil, ErrNone
}

// Prune removes all but the newest keep snapshots of the history that newest belongs to, and never newest itself. Snapshots
// of other clusters and generations stay, and so do those that cannot be read: a person decides about them. It returns the
// names of those that are gone and the position of the oldest that is kept.
func Prune(ctx context.Context, s Storage, newest *Manifest, keep int) (gone []string, oldest txn.Position, err error) {
	names, err := s.Names(ctx)
	if err != nil {
		return nil, 0, err
	}
	var own []*Manifest
	for _, name := range names {
		m, err := Read(ctx, s, name)
		if err == nil && m.Cluster == newest.Cluster && m.Generation == newest.Generation && m.Position <= newest.Position {
			own = append(own, m)
		}
	}
	oldest = newest.Position
	for i, m := range own {
		if i >= len(own)-max(keep, 1) {
			return gone, min(oldest, m.Position), nil
		}
		name := Name(m.Generation, m.Position)
		if err := s.Remove(ctx, name); err != nil {
			return gone, min(oldest, m.Position), fmt.Errorf("remove %s: %w", name, err)
		}
		gone = append(gone, name)
	}
	return gone, oldest, nil
}

// Restore verifies a snapshot and makes the files of a data directory of it in dir, which is made, and becomes
// whole or not at all. It has no uuid: whoever opens it makes one.
func Restore(ctx context.Context, s Storage, name, dir string, set sqlext.Set) (*Manifest, error) {
	m, err := restore(ctx, s, name, dir, set)
	if err != nil {
		return nil, fmt.Errorf("restore %s to %s: %w", name, dir, err)
	}
	return m, nil
}

func restore(ctx context.Context, s Storage, name, dir string, set sqlext.Set) (*Manifest, error) {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(errors.New("it is there already"), err)
	}
	m, err := Verify(ctx, s, name, set)
	if err != nil {
		return nil, err
	}
	from, release, err := s.Local(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release()
	half := strings.TrimRight(dir, "/") + ".half"
	if err := os.RemoveAll(half); err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if err := restoreFile(ctx, filepath.Join(from, f.Name), filepath.Join(half, f.Name), f); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(half, "db"), 0o750); err != nil {
		return nil, err
	}
	if err := syncTree(half); err != nil {
		return nil, err
	}
	if err := os.Rename(half, dir); err != nil {
		return nil, err
	}
	return m, syncDirectory(filepath.Dir(dir))
}

// restoreFile copies one file, compares it once more and makes it fit for use.
func restoreFile(ctx context.Context, from, to string, want File) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), &bounded{ctx, in})
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want.SHA256 {
		return damagedf("%s has hash %s, want %s", want.Name, got, want.SHA256)
	}
	return store.UseCopy(to)
}

// Install moves restored files into a data directory that nobody has open, and puts those that it had into the directory
// before, in place of what that has. Cut short, it is called again, and goes on.
func Install(restored, data, before string) error {
	for _, name := range []string{"db", systemFile} {
		if _, err := os.Stat(filepath.Join(restored, name)); errors.Is(err, os.ErrNotExist) {
			continue // it is in place already
		} else if err != nil {
			return err
		}
		for _, old := range companions(name) {
			if err := putAway(filepath.Join(data, old), filepath.Join(before, old)); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(restored, name), filepath.Join(data, name)); err != nil {
			return err
		}
		if err := errors.Join(syncDirectory(data), syncDirectory(restored)); err != nil {
			return err
		}
	}
	return os.RemoveAll(restored)
}

// companions lists a file with what SQLite keeps beside it: those must not meet the new file.
func companions(name string) []string {
	if name == systemFile {
		return []string{name + "-wal", name + "-shm", name}
	}
	return []string{name}
}

func putAway(path, to string) error {
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.Rename(path, to)
}
