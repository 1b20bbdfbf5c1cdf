// Package simulation runs several nodes over the log in memory and checks, by name, what must always hold. It
// holds tests only.
//
// A node is a real store in a directory, a real applier, origin and engine of sessions with the real planner; what is made
// up is the log's faults, crashes, pauses, full disks and the clients. One test's clients make transactions as records, the
// other's speak SQL in all isolation levels, beside DDL that converts what they write, databases that come and go, trims of
// the log and a rolling change of the rules. Triggers keep a trail and sums, procedures and functions move and count, events tick,
// rows are loaded from files, partitions are cut anew, accounts gain and lose privileges, and now and then a node gets the files of
// another one's snapshot. At rest every node's files, accounts, searches, ledger, counters, references and replayed events are
// compared with each other and with what the clients were told. An occurrence of an event runs at most once: a node that is killed
// once it has claimed it loses it. What fails names the invariant of ARCHITECTURE.md.
//
// A seed decides about faults, crashes and clients. It does not decide which goroutine runs when, nor how long anything
// takes: that is Go's and the machine's (testing/synctest knows no cgo). So a failing seed may hold when it runs again; the command
// that a failure prints runs it twenty times, until it fails:
//
//	make simulate SEED=17
//	go test ./internal/simulation -args -seed 1000 -seeds 500 -transactions 200
package simulation
