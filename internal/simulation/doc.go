// Package simulation runs several nodes over the log in memory and checks, by name, what must always hold. It
// holds tests only.
//
// A node is a real store in a directory, a real applier and a real origin; what is made up is the log's faults, crashes
// and the clients. A seed decides about all of those; which goroutine runs when is Go's. A failed check prints
// the seed, and `-seed N` runs it alone:
//
//	go test ./internal/simulation -seed 17
//	go test ./internal/simulation -seeds 500
package simulation
