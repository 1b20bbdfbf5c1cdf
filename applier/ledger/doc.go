// Package ledger decides which transactions commit.
//
// It is a function of the log alone: two nodes that have read the same records give the
// same verdicts and hold the same state. Hence no clock, no I/O, no goroutine, no map iteration order that
// shows. Its state is the window (who took which key at which of the latest positions), what is known
// of each table, and the small things that control records set: runs, fences, named locks, owners, counters,
// members, accounts, settings, trim floor.
//
// The state is stored as it grows. AppendDelta returns what changed since it was last called; Restore
// builds the ledger again from the deltas. Deltas whose last position is at or below WindowStart are not needed
// any more: the small state is written out in full whenever its last full copy falls behind the window.
//
// A Ledger is not safe for concurrent use, but its questions change nothing: several goroutines
// may ask at once while none calls Decide or AppendDelta.
package ledger
