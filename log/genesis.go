package log

import (
	"context"

	"marmot/txn"
)

// Genesis is what record 0 of the order stream says of the log: whose it is and where
// its positions begin.
type Genesis struct {
	Cluster      txn.UUID
	Generation   uint32        // counts the logs that the history has lived in, from 1
	Base         txn.Position  // last position of the previous generation, or 0
	PreviousHash txn.ChainHash // chain at Base
	Partitions   int           // number of changes streams
	Settings     txn.Settings
}

// Position returns the position of the order record at offset.
func (g Genesis) Position(offset int64) txn.Position { return g.Base + txn.Position(offset) + 1 }

// Offset returns the offset of the order record at position p, which lies above Base.
func (g Genesis) Offset(p txn.Position) int64 { return int64(p-g.Base) - 1 }

// Init writes the genesis.
func Init(ctx context.Context, l Log, g Genesis, node txn.NodeID, nowUS int64, createdBy string) (Genesis, error) {
	panic("not built yet")
}

// ReadGenesis reads the genesis.
func ReadGenesis(ctx context.Context, l Log) (Genesis, error) { panic("not built yet") }
