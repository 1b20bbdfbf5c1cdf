// Package session runs what one client asks for.
//
// An Engine is one node's; a Session is one client's. A session plans a statement (package dialect),
// runs it in a branch of a snapshot (package store), collects what it read and took as
// keys, and at COMMIT sends row events and keys to the log (package commit); the ledger's verdict
// answers the client. Sessions of one node wait for each other on a table of local locks,
// which hold until the verdict is published here; so one node alone behaves as MySQL does and
// never conflicts with itself. Between nodes the ledger judges.
//
// What it promises: OK means committed and visible on this node; error 1213 means rolled back, run it again;
// error 1180 says whether nothing was committed or that the outcome is unknown, with the id to ask
// marmot_outcome() about. A statement that fails leaves no trace in its transaction.
//
// SQLite runs only while the session holds one of a few execution slots, which it gives back before any
// wait: for a lock, the log, the client or a snapshot. Order of waiting: local locks, fence, slot.
//
// A transaction's data: C, the branch in which its writes and locking reads run, is as current as it has to
// be; V, what its plain reads see under REPEATABLE READ, is the same branch until C must move. Keys
// need no position of their own, for all of them are good at C's position: when C moves, the
// ledger is asked first whether any was taken.
package session
