package log

import (
	"context"

	"marmot/txn"
)

// Cursor is a place in the order stream: what has been read, and the hash chain there.
// The zero Cursor has read nothing.
type Cursor struct {
	Position txn.Position
	Chain    txn.ChainHash
}

// Read is one record of the order stream, read and decoded.
type Read struct {
	Position txn.Position
	Chain    txn.ChainHash
	TimeUS   int64       // time of the append by the log's clock, µs since 1970
	Record   *txn.Record // nil: a foreign record, ignored
	Bytes    int
}

// Reader reads the order stream.
type Reader struct{}

// NewReader returns a Reader.
func NewReader(l Log, g Genesis, after Cursor) *Reader { panic("not built yet") }

// Verify compares.
func (r *Reader) Verify(ctx context.Context) error { panic("not built yet") }

// Next reads.
func (r *Reader) Next(ctx context.Context, maxBytes int) ([]Read, error) { panic("not built yet") }
