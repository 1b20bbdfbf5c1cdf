package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Storage keeps snapshots by name. A directory is one; others fetch to a local directory what SQLite has to read.
type Storage interface {
	// Stage makes an empty local directory to build a snapshot of about so many bytes in. It is an error if that would
	// fill the disk, which the node needs.
	Stage(ctx context.Context, bytes int64) (dir string, err error)
	// Publish makes the snapshot in a staged directory, which is on disk, one of that name: whole, or not at all.
	Publish(ctx context.Context, staged, name string) error
	// Names lists the snapshots, oldest position first. There may be none.
	Names(ctx context.Context) ([]string, error)
	// Local returns a local directory that holds the snapshot until release is called.
	Local(ctx context.Context, name string) (dir string, release func(), err error)
	// Remove takes a snapshot away: at once it is none any more.
	Remove(ctx context.Context, name string) error
}

// spareBytes are left free for the node itself.
const spareBytes = 32 << 20

const (
	namePrefix = "snapshot-"
	staging    = ".staging" // not a snapshot yet
	removing   = ".removing-"
)

// Directory keeps snapshots as directories of a local one.
type Directory string

// Stage implements Storage. What an interrupted run has left is removed: one process uses a directory at a time.
func (d Directory) Stage(_ context.Context, bytes int64) (string, error) {
	if err := os.MkdirAll(string(d), 0o750); err != nil {
		return "", fmt.Errorf("snapshot.dir: %w", err)
	}
	if err := d.sweep(); err != nil {
		return "", err
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(string(d), &disk); err != nil {
		return "", fmt.Errorf("snapshot.dir = %q: %w", string(d), err)
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < bytes+spareBytes {
		return "", fmt.Errorf("snapshot.dir = %q: %d bytes are free, a snapshot takes %d, and %d shall be left: make room, lower snapshot.keep, or name another disk", string(d), free, bytes, int64(spareBytes))
	}
	dir := filepath.Join(string(d), staging)
	return dir, os.Mkdir(dir, 0o750)
}

// sweep removes what is no snapshot, or none any more.
func (d Directory) sweep() error {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == staging || strings.HasPrefix(e.Name(), removing) {
			if err := os.RemoveAll(filepath.Join(string(d), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Publish implements Storage.
func (d Directory) Publish(_ context.Context, staged, name string) error {
	if err := os.Rename(staged, filepath.Join(string(d), name)); err != nil {
		return err
	}
	return syncDirectory(string(d))
}

// Names implements Storage.
func (d Directory) Names(context.Context) ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), namePrefix) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Local implements Storage.
func (d Directory) Local(_ context.Context, name string) (string, func(), error) {
	dir := filepath.Join(string(d), name)
	_, err := os.Stat(dir)
	return dir, func() {}, err
}

// Remove implements Storage.
func (d Directory) Remove(_ context.Context, name string) error {
	gone := filepath.Join(string(d), removing+name)
	if err := os.Rename(filepath.Join(string(d), name), gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// syncDirectory has the names in a directory on disk.
func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncTree has a directory and everything below it on disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncDirectory(path) // of a file it syncs the content
	})
}
