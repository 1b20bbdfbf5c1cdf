// Package applier makes a node follow the log: it reads every order record, asks the ledger, writes what
// committed to the store, and wakes whoever waits.
//
// One goroutine reads and decides. It hands what committed to one goroutine for each database, through
// bounded queues; that one takes what is queued, collects the row events, and applies all of it in one SQLite
// transaction. Batches form under load only: a record that finds the queue empty is applied at once. A record of
// several databases waits until each of them has come to it, and is applied by the last to come. Changes of whole databases are
// made by the deciding goroutine, when the database has come to rest. One more goroutine stores what was decided
// (cursor, ledger, aborted positions) in system.db, beside the applying and a little behind it.
//
// After a restart, files and system.db may be at different positions. A file skips records that it has. Positions that system.db
// has decided take their verdict from there, those after it are decided again, with the same result. CREATE and DROP
// DATABASE are done before their position is stored as decided, for there is no file that would tell of them.
//
// Disk full: applying stops, is tried again with growing pauses, and goes on by itself (Stalled). A change that does not
// fit its rows quarantines its database: reads go on, applying stops until `marmot resolve` voids the record. A log
// that cannot be reached is waited for. All other errors end Run, and with it the node.
package applier
