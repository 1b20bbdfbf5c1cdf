// Package embedded is a log in files.
package embedded

import (
	"time"

	"marmot/log"
)

// Options of a Log.
type Options struct {
	Dir          string
	Partitions   int
	SegmentBytes int64
	Now          func() time.Time
}

// Log is a log in files.
type Log struct {
	log.Log
	log.Members
}

// Open opens a log.
func Open(o Options) (*Log, error) { panic("not built yet") }
