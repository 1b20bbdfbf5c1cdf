package applier

import (
	"context"
	"errors"
	"fmt"

	"marmot/applier/ledger"
	"marmot/txn"
)

// Cut calls f at a moment when everything up to a position is decided, saved and published in every database, and nothing
// beyond it. Whoever compares a checkpoint later needs aborted positions from unchecked on at most. The log is not
// followed until f returns, so f is quick. It is an error while applying stands still; ctx bounds the wait.
func (a *Applier) Cut(ctx context.Context, f func(p, unchecked txn.Position) error) error {
	select {
	case a.stepping <- struct{}{}:
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("a record is being applied: %w", context.Cause(ctx)), a.standing())
	}
	defer func() { <-a.stepping }()
	var p, unchecked txn.Position
	a.Ask(func(l *ledger.Ledger) {
		p = l.Position()
		unchecked, _, _, _ = l.CheckpointDue()
	})
	if err := a.waitSaved(ctx, p, 0); err != nil {
		return fmt.Errorf("position %s is not saved: %w", p, err)
	}
	for a.Applied() < p {
		progress := a.progress.wait()
		if a.Applied() >= p {
			break
		}
		if err := a.standing(); err != nil {
			return err
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return fmt.Errorf("position %s is not applied: %w", p, context.Cause(ctx))
		}
	}
	if err := a.standing(); err != nil {
		return err
	}
	return f(p, unchecked)
}

// standing returns why applying has stopped in a database, or nil.
func (a *Applier) standing() error {
	if err := a.Stalled(); err != nil {
		return err
	}
	for _, db := range a.o.Store.Databases() {
		if err := a.Quarantined(db); err != nil {
			return fmt.Errorf("database %d is quarantined: %w", db, err)
		}
	}
	return nil
}
