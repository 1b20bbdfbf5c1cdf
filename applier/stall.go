package applier

import (
	"context"
	"sync"
	"time"

	"marmot/txn"
)

// stall counts the goroutines that wait for room on the disk.
type stall struct {
	mu      sync.Mutex
	waiting int
	err     error
}

// Stalled returns why applying has stopped for the time being (the disk is full), or nil. It goes on
// by itself.
func (a *Applier) Stalled() error {
	a.stall.mu.Lock()
	defer a.stall.mu.Unlock()
	return a.stall.err
}

// patiently repeats f while the disk is full.
func (a *Applier) patiently(ctx context.Context, f func() error) error {
	err := f()
	if !isDiskFull(err) {
		return err
	}
	a.stallFor(err)
	defer a.goOn()
	pause := firstPause
	for {
		if err := a.pause(ctx, &pause); err != nil {
			return err
		}
		if err := f(); !isDiskFull(err) {
			return err
		}
	}
}

func (a *Applier) stallFor(err error) {
	a.stall.mu.Lock()
	a.stall.waiting++
	first := a.stall.waiting == 1
	a.stall.err = err
	a.stall.mu.Unlock()
	if first {
		a.o.Logger.Error("applying stops until there is room on the disk", "error", err)
		if a.o.Events.Stalled != nil {
			a.o.Events.Stalled(err)
		}
	}
	a.progress.tell()
}

func (a *Applier) goOn() {
	a.stall.mu.Lock()
	a.stall.waiting--
	last := a.stall.waiting == 0
	if last {
		a.stall.err = nil
	}
	a.stall.mu.Unlock()
	if last {
		a.o.Logger.Info("applying goes on")
		if a.o.Events.Stalled != nil {
			a.o.Events.Stalled(nil)
		}
	}
}

// pause waits, each time longer.
func (a *Applier) pause(ctx context.Context, d *time.Duration) error {
	select {
	case <-a.o.After(*d):
		*d = min(2**d, longestPause)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// quarantine stops applying to a database: the record at p does not fit what its file holds.
func (a *Applier) quarantine(w *worker, p txn.Position, err error) {
	w.mu.Lock()
	w.quarantined, w.at = err, p
	w.mu.Unlock()
	a.o.Logger.Error("database is quarantined: reads go on, applying stops until the record is voided",
		"database", w.db, "position", p, "error", err, "remedy", "marmot resolve")
	if a.o.Events.Quarantined != nil {
		a.o.Events.Quarantined(w.db, err)
	}
	a.progress.tell()
}

// Quarantined returns why applying to the database has stopped for good, or nil.
func (a *Applier) Quarantined(db txn.DatabaseID) error {
	if w := a.databases.get(db); w != nil {
		return w.quarantine()
	}
	return nil
}

// Applied returns the position up to which everything can be read in every database that is not quarantined.
func (a *Applier) Applied() txn.Position {
	applied := txn.Position(a.handed.Load())
	for _, db := range a.o.Store.Databases() {
		if a.Quarantined(db) == nil {
			applied = min(applied, a.o.Store.Published(db))
		}
	}
	return applied
}

// Ready waits until what the log held when Run began is applied, and every file is at the
// position of the furthest. Nothing may be served before. Quarantined databases are not waited for.
func (a *Applier) Ready(ctx context.Context) error {
	select {
	case <-a.start.known:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		progress := a.progress.wait()
		if a.Applied() >= a.start.target {
			return nil
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
