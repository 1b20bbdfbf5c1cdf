package applier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"marmot/store"
	"marmot/txn"
)

// together is the meeting of the databases that one record concerns. The last to come applies it for all; the
// others wait, so that none goes on before the record is in each of them.
type together struct {
	members []*worker
	missing atomic.Int32
	done    chan struct{}
}

func newTogether(members []*worker) *together {
	t := &together{members: members, done: make(chan struct{})}
	t.missing.Store(int32(len(members)))
	return t
}

// arrive is called by each member when its queue has come to the record.
func (t *together) arrive(ctx context.Context, w *worker, it *item) error {
	if t.missing.Add(-1) > 0 {
		select {
		case <-t.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := t.apply(ctx, w.applier, it); err != nil {
		return fmt.Errorf("record %s of the log: %w", it.read.Position, err)
	}
	close(t.done)
	return nil
}

// apply writes the record to all members but those in quarantine and those that have it.
func (t *together) apply(ctx context.Context, a *Applier, it *item) error {
	p := it.read.Position
	workers := make(map[txn.DatabaseID]*worker, len(t.members))
	moves := it.moves()
	for _, w := range t.members {
		if cause := w.quarantine(); cause != nil && moves {
			t.quarantine(a, p, fmt.Errorf("rows move between this database and one in quarantine: %w", cause))
			return nil
		}
		if w.quarantine() == nil && a.o.Store.FilePosition(w.db) < p {
			workers[w.db] = w
		}
	}
	if len(workers) == 0 {
		return nil
	}
	members := slices.Sorted(maps.Keys(workers))
	split, _, err := a.collect(ctx, it, members)
	if err == nil {
		err = a.patiently(ctx, func() error { return a.o.Store.ApplyTogether(split) })
	}
	switch {
	case err == nil:
		for _, w := range workers {
			w.applied(p, 1)
		}
		return nil
	case !isMismatch(err):
		return err
	case split == nil || moves: // the source must not lose rows that have nowhere come
		t.quarantine(a, p, err)
		return nil
	}
	// It does not fit in one of them at least. The others take their part.
	for _, db := range members {
		if err := workers[db].store(ctx, []store.Applied{split[db]}); err != nil {
			return err
		}
	}
	return nil
}

// quarantine stops at the record those members that are not in quarantine and do not have it.
func (t *together) quarantine(a *Applier, p txn.Position, cause error) {
	for _, w := range t.members {
		if w.quarantine() == nil && a.o.Store.FilePosition(w.db) < p {
			a.quarantine(w, p, cause)
		}
	}
}

// moves tells whether the record moves rows from one database to another.
func (it *item) moves() bool {
	if it.body == nil {
		return false
	}
	list, err := it.body.Moves()
	return len(list) > 0 || err != nil
}
