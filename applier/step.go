package applier

import (
	"context"
	"fmt"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// step decides one record, wakes those who wait for the decision, and hands it on.
func (a *Applier) step(ctx context.Context, d *dispatcher, r *log.Read) error {
	if r.Record == nil {
		a.decide(r)
		if a.o.Events.Foreign != nil {
			a.o.Events.Foreign(r.Position)
		}
		return nil
	}
	if _, ddl := r.Record.Body.(*txn.DDL); ddl {
		return a.stepDDL(ctx, d, r)
	}
	return a.stepRecord(ctx, d, r)
}

// stepDDL keeps the saver out: a change of a whole database must be in place before its position is
// stored as decided.
func (a *Applier) stepDDL(ctx context.Context, d *dispatcher, r *log.Read) error {
	a.saving.Lock()
	defer a.saving.Unlock()
	err := a.stepRecord(ctx, d, r)
	a.unsavable = err != nil
	return err
}

func (a *Applier) stepRecord(ctx context.Context, d *dispatcher, r *log.Read) error {
	decision := a.decide(r)
	if a.o.Events.Decided != nil {
		a.o.Events.Decided(r, decision)
	}
	if decision.Verdict != txn.Commit {
		return nil
	}
	if err := a.heed(ctx, d, r, decision); err != nil {
		return err
	}
	return d.dispatch(ctx, r)
}

// decide asks the ledger and makes the decision known.
func (a *Applier) decide(r *log.Read) ledger.Decision {
	decision := a.judge(r)
	a.decisions.put(r, decision, r.Record != nil && r.Record.Node == a.o.Node)
	a.decided.Store(uint64(r.Position))
	a.changed.tell()
	return decision
}

// judge asks the ledger. From here on the saver may store the decision, before anybody knows of it.
func (a *Applier) judge(r *log.Read) ledger.Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	decision := a.ledger.Decide(r.Position, r.Record)
	a.cursor = log.Cursor{Position: r.Position, Chain: r.Chain}
	if decision.Verdict != txn.Commit {
		a.aborted = append(a.aborted, r.Position)
	} else if !decision.Taken && stated(r) != nil {
		a.moot = append(a.moot, r.Position)
	}
	a.noteSpan(r)
	return decision
}

// stated is the statement on accounts that a record carries, or nil.
func stated(r *log.Read) *txn.AccountStatement {
	if r.Record != nil {
		if b, ok := r.Record.Body.(*txn.Accounts); ok {
			return b.Statement
		}
	}
	return nil
}

// heed looks at what concerns the applier itself.
func (a *Applier) heed(ctx context.Context, d *dispatcher, r *log.Read, decision ledger.Decision) error {
	switch b := r.Record.Body.(type) {
	case *txn.Opening:
		if own := txn.Epoch(a.epoch.Load()); own != 0 && r.Record.Node == a.o.Node && decision.Epoch > own {
			return fmt.Errorf("epoch %d follows %d of this process: %w", decision.Epoch, own, ErrFenced)
		}
	case *txn.SettingsChange:
		if decision.Taken {
			return a.refuseNewerRules()
		}
	case *txn.Checkpoint:
		return a.compare(ctx, b, decision)
	case *txn.Resolve:
		return d.release(ctx, b.At, r.Position)
	}
	return nil
}

// refuseNewerRules refuses to go on when the cluster has rules that this release does not know: it would decide otherwise
// than the others.
func (a *Applier) refuseNewerRules() error {
	var rules uint32
	a.Ask(func(l *ledger.Ledger) { rules = l.Settings().Rules })
	if rules <= a.o.Rules {
		return nil
	}
	return fmt.Errorf("the cluster's rules are version %d, this release knows %d; install the newer release: %w", rules, a.o.Rules, txn.ErrFuture)
}

// Decided returns the last position that is decided.
func (a *Applier) Decided() txn.Position { return txn.Position(a.decided.Load()) }

// Saved returns the last position whose decision is stored; after a crash the node decides from
// there on.
func (a *Applier) Saved() txn.Position { return txn.Position(a.saved.Load()) }

// Ask runs f under the ledger's read lock. f must not block, nor keep the ledger.
func (a *Applier) Ask(f func(*ledger.Ledger)) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	f(a.ledger)
}

// Changed returns a channel that is closed at the next decision.
func (a *Applier) Changed() <-chan struct{} { return a.changed.wait() }
