package applier

import (
	"context"
	"fmt"

	"marmot/store"
	"marmot/txn"
)

// save is the saving goroutine: it stores what was decided, at once after a pause and in
// batches under load. Once more at the end, so that the next start has little to repeat.
func (a *Applier) save(ctx context.Context) error {
	for {
		select {
		case <-a.kick:
		case <-ctx.Done():
			return a.saveOnce(context.WithoutCancel(ctx), true)
		}
		if err := a.saveOnce(ctx, false); err != nil {
			return err
		}
		select {
		case <-a.o.After(saveInterval):
		case <-ctx.Done():
		}
	}
}

// saveOnce stores what was decided since the last time. The last one does not wait for room on the disk.
func (a *Applier) saveOnce(ctx context.Context, last bool) error {
	a.saving.Lock()
	defer a.saving.Unlock()
	if a.unsavable {
		return nil
	}
	a.mu.Lock()
	if a.cursor.Position == txn.Position(a.saved.Load()) {
		a.mu.Unlock()
		return nil
	}
	d := store.Decided{
		Last: a.cursor.Position, Chain: a.cursor.Chain, Aborted: a.aborted, Moot: a.moot,
		LedgerDelta: a.ledger.AppendDelta(nil), WindowStart: a.ledger.WindowStart(),
	}
	a.aborted, a.moot = nil, nil
	a.mu.Unlock()
	try := func() error { return a.o.Store.SaveDecided(d) }
	var err error
	if last {
		err = try()
	} else {
		err = a.patiently(ctx, try)
	}
	if err != nil {
		return fmt.Errorf("store what was decided up to %s: %w", d.Last, err)
	}
	a.saved.Store(uint64(d.Last))
	a.progress.tell()
	return nil
}

// waitSaved waits until at most lag positions before p, which is decided or will be, are not saved.
func (a *Applier) waitSaved(ctx context.Context, p, lag txn.Position) error {
	for txn.Position(a.saved.Load())+lag < p {
		progress := a.progress.wait()
		if txn.Position(a.saved.Load())+lag >= p {
			return nil
		}
		signal(a.kick)
		select {
		case <-progress:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// verdicts reads aborted positions of saved decisions, a stretch at a time.
type verdicts struct {
	store Store
	last  txn.Position // saved

	from, to txn.Position // of list
	list     []txn.Position
}

// stretch is how many positions are asked for at once.
const stretch = 4096

// aborted tells whether the record at p, which is saved, was refused or void. Positions are asked for in ascending order.
func (v *verdicts) aborted(p txn.Position) (bool, error) {
	if p < v.from || p > v.to || v.to == 0 {
		to := min(p+stretch-1, v.last)
		list, err := v.store.Aborted(p, to)
		if err != nil {
			return false, fmt.Errorf("aborted positions from %s on: %w", p, err)
		}
		v.from, v.to, v.list = p, to, list
	}
	for len(v.list) > 0 && v.list[0] < p {
		v.list = v.list[1:]
	}
	return len(v.list) > 0 && v.list[0] == p, nil
}
