// Package sqlite is a thin layer over the SQLite library that github.com/mattn/go-sqlite3
// compiles into the program: connections, statements, functions and collations of Marmot's
// own, and branches.
//
// A Conn belongs to one goroutine at a time; only Interrupt may be called from others. Rows
// come in batches: one call into C steps many rows into a flat buffer, and the values handed
// out share that buffer until the next Step.
//
// A Branch is a private copy-on-write view of a snapshot of one or several WAL files. A plain
// connection R pins the snapshot with SQLite's own read lock, so that checkpoints respect it. A
// second connection B opens the same files through a VFS that gives it a private copy of the
// wal-index and keeps what it writes to the WAL in memory (or in an unlinked file): to SQLite, B is
// an ordinary WAL connection, and nothing it writes reaches the files. A hook notes every row that
// a statement of B inserts, changes or deletes.
//
// The rules a branch relies on, and which the Go side enforces:
//   - R's read transaction is open before the wal-index is copied and stays open while B works:
//     without a snapshot both connections refuse statements (ErrNoSnapshot).
//   - The wal-index is copied, never shared: at ROLLBACK SQLite reloads its header and clears hash
//     entries, which in the live one would be the applier's.
//   - B may not change how a file is written: an authorizer refuses ATTACH, VACUUM and every PRAGMA that
//     is not a question.
//   - The capture hook is set before the first statement is prepared and never taken off, because a
//     DELETE prepared without it may drop a table's rows unseen.
//
// The program must be built with the tags and C flags of the Makefile; CheckBuild tells.
package sqlite
