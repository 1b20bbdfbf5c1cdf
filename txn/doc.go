// Package txn holds the words every part of Marmot shares: positions, row
// events, keys, transactions and verdicts, and their bytes.
//
// A position is a place in the total order of the log. A transaction is what one
// client committed: row events, which travel in chunks, and one order record that
// names the chunks, the keys they take and the tables they touch. The bytes are
// protobuf (package txnpb) behind a five-byte prefix; row events inside a chunk
// have a flat encoding of their own, described at AppendRowEvent.
//
// The package does no I/O and starts no goroutine.
package txn
