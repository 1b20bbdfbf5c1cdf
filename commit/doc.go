// Package commit is the origin's side of a transaction: it takes the row events of a session, sends them to
// the changes streams in chunks, and at COMMIT appends the one order record that makes them count.
//
// An Origin stands for one run of one node. One goroutine of it numbers the order records and hands them
// to the log, in order, without waiting for acknowledgements in between. A transaction has a branch number from its first
// chunk on; its sequence is given when its order record is handed over.
//
// What a caller may rely on:
//
//   - A Result is in the log and decided; its Decision says commit or conflict.
//   - A NotCommittedError says that no order record of the transaction is in the log nor ever will be.
//   - When the log does not say whether a record is in it, a no-op with a higher sequence is
//     appended. Once that is decided, a record that has not been seen never will be, so the outcome is known. Only if that does
//     not succeed in time is the answer an UnknownError; Outcome tells later.
//   - Once a later run of the node is seen, everything ends with ErrFenced, Run too.
//
// COMMIT costs one trip to the log for what is left of the chunks and one for the order record, which names
// their offsets and so cannot leave before. A transaction of at most InlineMaxBytes rides inside its order record
// and costs one. Everything that waits is bounded by its context or by a constant of this package.
package commit
