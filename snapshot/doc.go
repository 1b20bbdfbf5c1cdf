// Package snapshot saves whole copies of a node's files at one position, verifies them, and makes data directories of them.
//
// A snapshot is a directory: system.db and db/*.db as SQLite copied them, and "manifest", which says where in the history
// of which cluster they stand, and has the size and SHA-256 of each. It is built beside the others under a name that nobody
// takes for a snapshot, read back and verified, and gets its name when all of it is on disk.
package snapshot
