package log

import (
	"context"

	"marmot/txn"
)

// Events hands out row events.
func Events(ctx context.Context, l Log, p txn.Position, t *txn.Transaction, each func(*txn.RowEvent) error) error {
	panic("not built yet")
}

// Definition reads the body of a DDL.
func Definition(ctx context.Context, l Log, d *txn.DDL) (*txn.DDLBody, error) {
	panic("not built yet")
}

// Chunks is a Log with a cache of chunks.
type Chunks struct{ Log }

// NewChunks wraps l.
func NewChunks(l Log) *Chunks { panic("not built yet") }

// Remember puts a chunk into the cache.
func (c *Chunks) Remember(partition int32, offset int64, value []byte) { panic("not built yet") }

// Run prefetches until ctx ends.
func (c *Chunks) Run(ctx context.Context) error { panic("not built yet") }
