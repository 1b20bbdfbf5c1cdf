// Package sink says what marmot-connect can write to.
//
// A Sink stores the records of topic partitions and knows, for each partition, which record it
// wants next. That knowledge is stored together with the records, so that each is there once, whatever dies when;
// offsets that the consumer group commits are only a hint. Package sinktest holds the tests that
// every sink passes.
package sink

import (
	"context"
	"errors"
)

// Record is a record of a topic.
type Record struct {
	Topic       string
	Partition   int32
	Offset      int64
	TimestampMS int64
	Key, Value  []byte // nil: none
	Headers     []Header
}

// Header is a header of a record.
type Header struct {
	Name  string
	Value []byte
}

// Partition names a partition of a topic.
type Partition struct {
	Topic string
	ID    int32
}

// Unknown is the next offset of a partition of which a sink has nothing.
const Unknown = int64(-1)

// ErrTransient marks errors after which the same call may succeed later, such as a full disk. Of a Write the sink
// may have taken a part, which it leaves out when the call is repeated.
var ErrTransient = errors.New("the sink cannot write now")

// Sink stores records. Its methods are called by one goroutine.
type Sink interface {
	// Assign takes over a partition, finishes what an earlier owner left behind, and returns the
	// offset of the record it wants next, or Unknown.
	Assign(ctx context.Context, p Partition) (next int64, err error)
	// Write takes records of assigned partitions; those of one partition ascend in offset. Records below the
	// wanted offset are left out. After an error that is not ErrTransient, Assign tells what is stored.
	Write(ctx context.Context, records []Record) error
	// Flush makes durable all that was written, and finishes what is due.
	Flush(ctx context.Context) error
	// Revoke flushes a partition and gives it up.
	Revoke(ctx context.Context, p Partition) error
	// Close flushes and gives up all partitions.
	Close(ctx context.Context) error
}
