// Package memory is a log in memory.
package memory

import "marmot/log"

// Options of a Log.
type Options struct {
	Partitions int
	Seed       uint64
}

// Log is a log in memory.
type Log struct{ log.Log }

// New builds a log.
func New(o Options) *Log { panic("not built yet") }
