package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"marmot/store/sqlite"
	"marmot/txn"
)

const (
	// checkpointBytes is how much a WAL grows before Run checkpoints it; SQLite's own default.
	checkpointBytes = 4 << 20
	// snapshotWait is the longest that a new snapshot waits for a checkpoint, which is that of a WAL at its limit or above; one of
	// half that size is waited for half as long.
	snapshotWait = 50 * time.Millisecond
	// relieveGap is the time between two attempts to empty a WAL that a reader holds.
	relieveGap = time.Second
	// settleGap is the time between two writes of a quiet database's position.
	settleGap = 10 * time.Second
	// frameBytes is what one page takes in a WAL.
	frameBytes = pageSize + 24
	// largeWAL is the part of its limit above which a WAL is emptied if its readers end soon.
	largeWAL = 8
)

// walState is the WAL of one file, as Run sees it.
type walState struct {
	dirty   atomic.Int64                  // bytes written since the last checkpoint, estimated
	size    atomic.Int64                  // bytes in it after the last checkpoint
	blocked atomic.Pointer[chan struct{}] // closed when the checkpoint that snapshots wait for ends

	mutex    sync.Mutex
	conn     *sqlite.Conn // opened when it is needed first
	closed   bool
	relieved time.Time // last attempt to empty it
}

// grew notes bytes written and returns their sum.
func (w *walState) grew(n int64) int64 { return w.dirty.Add(n) }

// checkpoint moves what it can from the WAL into the file, and returns the frames in the WAL
// and how many of them are in the file now. TRUNCATE waits up to patience for readers, and empties nothing when they stay.
func (w *walState) checkpoint(path, mode string, patience time.Duration) (frames, moved int64, err error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return 0, 0, nil
	}
	w.dirty.Store(0)
	if w.conn == nil {
		if w.conn, err = openWriter(path); err != nil {
			return 0, 0, err
		}
	}
	if err := run(w.conn, fmt.Sprintf("PRAGMA busy_timeout=%d", patience.Milliseconds())); err != nil {
		return 0, 0, fileError(path, err)
	}
	err = query(w.conn, "PRAGMA wal_checkpoint("+mode+")", func(row []txn.Value) error {
		frames, moved = row[1].Int64(), row[2].Int64()
		return nil
	})
	if err == nil {
		w.size.Store(frames * frameBytes)
	}
	return frames, moved, fileError(path, err)
}

func (w *walState) close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.closed = true
	if w.conn == nil {
		return nil
	}
	return w.conn.Close()
}

// await waits until the checkpoint that new snapshots of the file shall let pass is over, at most 50 ms.
func (w *walState) await(ctx context.Context) error {
	blocked := w.blocked.Load()
	if blocked == nil {
		return nil
	}
	timer := time.NewTimer(snapshotWait)
	defer timer.Stop()
	select {
	case <-*blocked:
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (s *Store) wakeKeeper() {
	select {
	case s.kick <- struct{}{}:
	default: // it is awake already
	}
}

// keep is Run.
func (s *Store) keep(ctx context.Context) error {
	ticker := time.NewTicker(min(time.Second, s.o.MaxSnapshotAge/4+time.Millisecond))
	defer ticker.Stop()
	settled := s.o.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.kick:
		case <-ticker.C:
		}
		s.endOldSnapshots()
		if now := s.o.Now(); now.Sub(settled) >= settleGap {
			settled = now
			s.settle()
		}
		s.checkpointAll()
	}
}

// settle writes the positions of quiet databases.
func (s *Store) settle() {
	for _, d := range s.list() {
		if err := d.settle(); err != nil {
			s.o.Logger.Warn("position of a quiet database is not written", slog.String("database", d.name), slog.Any("error", err))
		}
	}
}

// endOldSnapshots ends the snapshots that keep WALs from being emptied for too long.
func (s *Store) endOldSnapshots() {
	limit := s.o.Now().Add(-s.o.MaxSnapshotAge)
	n := s.active.end(errSnapshotTooOld(s.o.MaxSnapshotAge), func(b *Branch) bool { return b.started.Before(limit) })
	if n > 0 {
		s.o.Logger.Warn("snapshots ended: older than txn.max_snapshot_age", slog.Int("snapshots", n), slog.Duration("age", s.o.MaxSnapshotAge))
	}
}

// checkpointAll checkpoints the files whose WAL has grown. A full disk or the like is logged:
// the next round tries again.
func (s *Store) checkpointAll() {
	for _, d := range s.list() {
		s.checkpointIfDue(&d.wal, d.path, &d.mutex)
	}
	s.checkpointIfDue(&s.system.wal, s.system.path, &s.system.mutex)
}

func (s *Store) checkpointIfDue(w *walState, path string, writer sync.Locker) {
	if w.dirty.Load() < checkpointBytes && w.size.Load() <= s.o.WALLimitBytes/largeWAL {
		return
	}
	if err := s.checkpoint(w, path, writer); err != nil {
		s.o.Logger.Warn("checkpoint", slog.String("file", path), slog.Any("error", err))
	}
}

// checkpoint checkpoints a file beside its writer and readers. A WAL that is large is then emptied without them, if they end in time.
// writer is what the file's writer holds.
func (s *Store) checkpoint(w *walState, path string, writer sync.Locker) error {
	frames, moved, err := w.checkpoint(path, "PASSIVE", 0)
	size := frames * frameBytes
	switch {
	case err != nil:
		return err
	case size > s.o.WALLimitBytes:
		return s.relieve(w, path, writer, snapshotWait)
	case size > s.o.WALLimitBytes/largeWAL && (frames-moved)*frameBytes < checkpointBytes/4:
		return s.relieve(w, path, writer, time.Duration(int64(snapshotWait)*size/s.o.WALLimitBytes))
	}
	return nil
}

// relieve empties a WAL unless a reader still needs it after patience. New snapshots and the writer wait meanwhile.
func (s *Store) relieve(w *walState, path string, writer sync.Locker, patience time.Duration) error {
	now := s.o.Now()
	if now.Sub(w.relieved) < relieveGap {
		return nil
	}
	w.relieved = now
	done := make(chan struct{})
	w.blocked.Store(&done)
	defer close(done)
	defer w.blocked.Store(nil)
	writer.Lock()
	defer writer.Unlock()
	_, _, err := w.checkpoint(path, "TRUNCATE", patience)
	return err
}
