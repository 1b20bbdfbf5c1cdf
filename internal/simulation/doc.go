// Package simulation runs several nodes over the log in memory and checks, by name, what must always hold. It
// holds tests only.
//
// A node is a real store in a directory, a real applier, origin and engine of sessions with the real planner; what is made
// up is the log's faults, crashes and the clients. One test's clients make transactions as records, the other's speak SQL in
// all isolation levels, beside DDL. A seed decides about faults, crashes and clients; which goroutine runs when is
// Go's. At rest every node's files, ledger, counters, references and replayed events are compared with each other and with
// what the clients were told. A failed check prints the command that runs its seed again, which may need a few
// repetitions (-test.count):
//
//	go test ./internal/simulation -args -seed 17
//	go test ./internal/simulation -args -seed 1000 -seeds 500 -transactions 200
package simulation
