package ledger

import "marmot/txn"

// checkpoints knows when the next checkpoint is due. A span ends at the first position
// that is a gap or more after the last one's end; the hash of that moment is kept until a
// record takes it up.
type checkpoints struct {
	last    txn.Position // end of the last span that a record took up
	due     txn.Position // end of the span that waits for its record, or 0
	dueHash txn.Hash128
}

// endSpan notes the hash when a span ends at the ledger's position.
func (l *Ledger) endSpan() {
	c := &l.checkpoints
	if c.due != 0 || l.position < c.last+txn.Position(l.settings.CheckpointGap) {
		return
	}
	// The hash is that of a state without due: it must not depend on itself.
	hash := l.Hash()
	c.due, c.dueHash = l.position, hash
}

// CheckpointDue returns the span whose checkpoint is due and the ledger's hash at its end.
func (l *Ledger) CheckpointDue() (first, last txn.Position, hash txn.Hash128, due bool) {
	c := &l.checkpoints
	return c.last + 1, c.due, c.dueHash, c.due != 0
}

// checkpoint takes up the due span. One that is not due changes nothing; a second one of the
// same span is usual when its writer changes.
func (l *Ledger) checkpoint(b *txn.Checkpoint) Decision {
	c := &l.checkpoints
	if c.due == 0 || b.Last != c.due || b.First != c.last+1 {
		return Decision{Verdict: txn.Commit, Against: c.last}
	}
	if b.Ledger != c.dueHash {
		return Decision{Verdict: txn.Commit, Reason: ReasonDiverge, Against: c.due, Diverged: true}
	}
	*c = checkpoints{last: c.due}
	return Decision{Verdict: txn.Commit, Taken: true}
}
