package ledger

import (
	"fmt"

	"marmot/txn"
)

// Decision is what the ledger says of one record.
type Decision struct {
	Verdict txn.Verdict
	Reason  Reason       // why it is not a commit, or why a control record was not granted
	Against txn.Position // the record that it conflicts with, or 0
	Table   txn.TableID  // where, or 0
	Hash    uint64       // key that was taken, of ReasonKey

	// LeaseFirst is the first of the LeaseCount AUTO_INCREMENT values that a Lease got.
	LeaseFirst uint64
	LeaseCount uint64
	// Taken says that a control record got what it asked for: a Fence, a NamedLock (taken, or
	// released), an EmissionOwner, an EmissionControl, an EventOwner, a TrimFloor that was raised, a Checkpoint that was due,
	// Accounts that were as its sender saw them.
	Taken bool
	// Epoch is the run that an Opening starts, or has started: a second copy of it is told the same.
	Epoch txn.Epoch
	// Diverged says that a Checkpoint holds another hash of the ledger's state than this node computed.
	Diverged bool
}

// String prints the decision for logs and tests: "conflict key 5/2a after 17".
func (d Decision) String() string {
	s := d.Verdict.String()
	if d.Reason != 0 {
		s += " " + d.Reason.String()
	}
	switch {
	case d.Reason == ReasonKey:
		s += fmt.Sprintf(" %d/%x", d.Table, d.Hash)
	case d.Table != 0:
		s += fmt.Sprintf(" %d", d.Table)
	}
	if d.Against != 0 {
		s += fmt.Sprintf(" by %d", d.Against)
	}
	return s
}

// Reason says why a record is refused.
type Reason uint8

// The reasons. The zero Reason is none.
const (
	ReasonKey     Reason = iota + 1 // a key was taken after it was read
	ReasonTable                     // a table was written or taken after it was read
	ReasonSchema                    // a table's definition moved on
	ReasonWindow                    // it reads from before the window
	ReasonFence                     // a fence of another session covers it
	ReasonFloor                     // it began below the trim floor
	ReasonEpoch                     // its run has been fenced by a later one
	ReasonRepeat                    // its sequence has been seen
	ReasonHeld                      // another holds what it asks for
	ReasonRules                     // a member does not support the rules that it asks for, or an opening those in force
	ReasonDiverge                   // the checkpoint's hash is another than this ledger's
	ReasonChanged                   // the accounts are other than it saw
	ReasonUnknown                   // nobody has emitted the emission yet
	ReasonDropped                   // the emission was dropped
)

var reasonNames = [...]string{"", "key", "table", "schema", "window", "fence", "floor", "epoch", "repeat", "held", "rules", "diverged", "changed", "unknown", "dropped"}

// String prints the reason in lower case, as logs and metrics name it.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}
