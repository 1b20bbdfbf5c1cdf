// Package store keeps the SQLite files of one node: one file a database and system.db.
//
// The applier is the only writer. It hands over what committed, in the order of the log, one
// goroutine for each database; a batch becomes one SQLite transaction that holds the rows, the
// definitions and the position, so that a file is always exactly at the position it names.
// Records at or below a file's position are skipped: replaying is harmless. A change that does
// not fit its row is an error with Mismatch() true, a full disk one with DiskFull() true; in both
// cases the file stays as it was.
//
// Sessions read and write in branches: snapshots of one or more files with private pages that are
// thrown away. What a branch captured comes out as row events in the form of MySQL's binlog.
//
// Every file holds its catalog, its database's id and its position, in tables whose names begin
// with _marmot_. The versions of all definitions stay in system.db, as do the ledger's
// deltas, the aborted positions and small values of other packages.
//
// No file is opened with package os while SQLite may have it open: closing it would drop SQLite's locks.
package store
