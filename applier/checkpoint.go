package applier

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// span is a checkpoint's stretch of the log, with the hashes at its end.
type span struct {
	first, last txn.Position
	ledger      txn.Hash128
	chain       txn.ChainHash
}

// duty is this node's part in writing checkpoints: the span that is due, and the chain at its
// end, which the ledger does not know.
type duty struct {
	span  span
	round uint64 // turns that have passed since it was due, plus one
	ask   chan span
}

// metaCheckpoint is where the store keeps the chain at the end of the last span: a restart
// between the end of a span and its record must not lose it.
const metaCheckpoint = "checkpoint"

func (d *duty) load(s Store) error {
	d.ask = make(chan span, 1)
	b, found, err := s.Meta(metaCheckpoint)
	if err != nil {
		return fmt.Errorf("load the last checkpoint: %w", err)
	}
	if found && len(b) == 8+len(d.span.chain) {
		d.span.last = txn.Position(binary.BigEndian.Uint64(b))
		copy(d.span.chain[:], b[8:])
	}
	return nil
}

// noteSpan is called with mu held, after each decision: it remembers the chain at the end of a
// span, and asks for the checkpoint when it is this node's turn.
func (a *Applier) noteSpan(r *log.Read) {
	first, last, hash, due := a.ledger.CheckpointDue()
	if !due {
		return
	}
	d := &a.duty
	switch {
	case last == r.Position:
		d.span, d.round = span{first: first, last: last, ledger: hash, chain: r.Chain}, 0
		b := append(binary.BigEndian.AppendUint64(nil, uint64(last)), r.Chain[:]...)
		if err := a.o.Store.SetMeta(metaCheckpoint, b); err != nil {
			a.o.Logger.Warn("chain at the end of a span is not stored; if this node restarts now, another one has to write the checkpoint", "error", err)
		}
	case d.span.last != last:
		return // the chain there is not known
	}
	d.span.first, d.span.ledger = first, hash
	round := uint64(r.Position-last)/max(1, a.ledger.Settings().CheckpointGap/checkpointRounds) + 1
	if a.o.Checkpoint == nil || round == d.round {
		return
	}
	d.round = round
	if a.turn(round - 1) {
		select {
		case d.ask <- d.span:
		default: // it is being written; the next round comes
		}
	}
}

// turn tells whether it is for this node to write the checkpoint: first for the emitter, then for
// the others by epoch. Every node sees the same order, and a second checkpoint of a span does no harm.
func (a *Applier) turn(round uint64) bool {
	runs := a.ledger.Epochs()
	if len(runs) == 0 {
		return false
	}
	if emitter := a.ledger.AnyEmitter(); emitter != 0 {
		i := slices.IndexFunc(runs, func(r ledger.Run) bool { return r.Epoch == emitter })
		run := runs[i]
		runs = slices.Insert(slices.Delete(runs, i, i+1), 0, run)
	}
	run := &runs[round%uint64(len(runs))]
	own := txn.Epoch(a.epoch.Load())
	return run.Node == a.o.Node && (own == 0 || own == run.Epoch)
}

// writeCheckpoints is the goroutine that has checkpoints appended.
func (a *Applier) writeCheckpoints(ctx context.Context) error {
	for {
		var s span
		select {
		case s = <-a.duty.ask:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := a.waitSaved(ctx, s.last, 0); err != nil {
			return err
		}
		aborted, err := a.o.Store.Aborted(s.first, s.last)
		if err != nil {
			return fmt.Errorf("checkpoint %s-%s: %w", s.first, s.last, err)
		}
		a.o.Checkpoint(txn.Checkpoint{First: s.first, Last: s.last, Aborted: aborted, Ledger: s.ledger, Chain: s.chain})
	}
}

// metaDiverged is where the store keeps that this node has diverged: a restart must not go on with its files as
// if nothing had happened until the next checkpoint shows it again.
const metaDiverged = "diverged"

// diverged notes the divergence and returns it as the error that ends the node.
func (a *Applier) diverged(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	err := fmt.Errorf("%s: %w", what, log.ErrDiverged)
	if note := a.o.Store.SetMeta(metaDiverged, []byte(what)); note != nil {
		return errors.Join(err, fmt.Errorf("note it: %w", note))
	}
	return err
}

// refuseDiverged is an error if this node has diverged before.
func refuseDiverged(s Store) error {
	b, found, err := s.Meta(metaDiverged)
	switch {
	case err != nil:
		return fmt.Errorf("load whether this node has diverged: %w", err)
	case found:
		return fmt.Errorf("%w: %s; move db and system.db out of data.dir, and the node fills itself from the log; where that is trimmed, run marmot restore --from a snapshot of another node", log.ErrDiverged, b)
	}
	return nil
}

// compare compares a checkpoint that was taken up with what this node knows of the span.
func (a *Applier) compare(ctx context.Context, b *txn.Checkpoint, decision ledger.Decision) error {
	if decision.Diverged {
		return a.diverged("ledger of this node differs from the cluster's at %s (%s)", b.Last, b.Ledger)
	}
	if !decision.Taken {
		return nil
	}
	if known := &a.duty.span; known.last == b.Last && known.chain != b.Chain {
		return a.diverged("chain at %s is %s, the cluster's is %s", b.Last, known.chain, b.Chain)
	}
	if b.First <= a.start.decided {
		return nil // this process has not decided all of it
	}
	if err := a.waitSaved(ctx, b.Last, 0); err != nil {
		return err
	}
	aborted, err := a.o.Store.Aborted(b.First, b.Last)
	if err != nil {
		return fmt.Errorf("compare checkpoint %s-%s: %w", b.First, b.Last, err)
	}
	if !slices.Equal(aborted, b.Aborted) {
		return a.diverged("%d records are refused in %s-%s, in the cluster %d", len(aborted), b.First, b.Last, len(b.Aborted))
	}
	return nil
}
