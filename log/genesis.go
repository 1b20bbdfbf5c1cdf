package log

import (
	"context"
	"errors"
	"fmt"

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

// Init writes record 0 of every stream that has none, and returns the genesis in force: the first
// one wins, so whoever comes second gets another cluster's uuid than it asked for. An Init that was cut
// short is completed by the next. A zero g.Partitions means as many as l has.
func Init(ctx context.Context, l Log, g Genesis, node txn.NodeID, nowUS int64, createdBy string) (Genesis, error) {
	switch {
	case g.Cluster.IsZero():
		return Genesis{}, errors.New("genesis: the cluster has no uuid")
	case g.Partitions == 0:
		g.Partitions = l.Partitions()
	case g.Partitions != l.Partitions():
		return Genesis{}, fmt.Errorf("genesis: log.partitions is %d, but the log has %d", g.Partitions, l.Partitions())
	}
	if g.Generation == 0 {
		g.Generation = 1
	}
	writer := genesisWriter{log: l, node: node, nowUS: nowUS, createdBy: createdBy}
	if err := writer.write(ctx, Order, g); err != nil {
		return Genesis{}, fmt.Errorf("genesis of the order stream: %w", err)
	}
	inForce, err := ReadGenesis(ctx, l)
	if err != nil {
		return Genesis{}, err
	}
	for p := range inForce.Partitions {
		if err := writer.write(ctx, Stream(p), inForce); err != nil {
			return Genesis{}, fmt.Errorf("genesis of changes stream %d: %w", p, err)
		}
	}
	return inForce, nil
}

// ReadGenesis reads the genesis in force. ErrNoGenesis: the order stream is empty, or record 0 of it is
// none of ours.
func ReadGenesis(ctx context.Context, l Log) (Genesis, error) {
	_, end, err := l.Bounds(ctx, Order)
	if err != nil {
		return Genesis{}, fmt.Errorf("read genesis: %w", err)
	}
	if end == 0 {
		return Genesis{}, fmt.Errorf("%w: run `marmot log init` once for this cluster", ErrNoGenesis)
	}
	entries, err := l.Read(ctx, Order, 0, 1)
	if err != nil {
		return Genesis{}, fmt.Errorf("read genesis: %w", err)
	}
	r, err := txn.DecodeRecord(entries[0].Value)
	if errors.Is(err, txn.ErrForeign) {
		return Genesis{}, fmt.Errorf("%w: another program wrote its first record; give cluster.name a value that no other topics use, then run `marmot log init`", ErrNoGenesis)
	}
	if err != nil {
		return Genesis{}, fmt.Errorf("read genesis: %w", err)
	}
	body, ok := r.Body.(*txn.Genesis)
	if !ok {
		return Genesis{}, fmt.Errorf("%w: its first record is another one of marmot's", ErrNoGenesis)
	}
	if int(body.Partitions) != l.Partitions() {
		return Genesis{}, fmt.Errorf("read genesis: it speaks of %d changes streams, but the log has %d; their number is fixed at creation", body.Partitions, l.Partitions())
	}
	return Genesis{
		Cluster:      r.Cluster,
		Generation:   r.Generation,
		Base:         body.Base,
		PreviousHash: body.PreviousHash,
		Partitions:   int(body.Partitions),
		Settings:     body.Settings,
	}, nil
}

type genesisWriter struct {
	log       Log
	node      txn.NodeID
	nowUS     int64
	createdBy string
}

// write appends record 0 of the stream unless the stream has a record.
func (w genesisWriter) write(ctx context.Context, s Stream, g Genesis) error {
	_, end, err := w.log.Bounds(ctx, s)
	if err != nil || end > 0 {
		return err
	}
	value, err := w.encode(s, g)
	if err != nil {
		return err
	}
	_, err = AppendWait(ctx, w.log, s, value)
	if !errors.Is(err, ErrUnknown) {
		return err
	}
	// Whoever wrote record 0, one is there; if none came, the stream still ends at 0.
	_, end, boundsErr := w.log.Bounds(ctx, s)
	if boundsErr == nil && end > 0 {
		return nil
	}
	return err
}

func (w genesisWriter) encode(s Stream, g Genesis) ([]byte, error) {
	header := txn.Header{Cluster: g.Cluster, Generation: g.Generation, Node: w.node, TimeUS: w.nowUS}
	body := &txn.Genesis{
		Base:         g.Base,
		PreviousHash: g.PreviousHash,
		Partitions:   int32(g.Partitions),
		Partition:    int32(s),
		Settings:     g.Settings,
		CreatedBy:    w.createdBy,
	}
	if s == Order {
		return txn.EncodeRecord(&txn.Record{Header: header, Body: body})
	}
	return txn.EncodeStreamGenesis(header, body)
}

// AppendWait appends value and waits for the log's answer, or for ctx: then the
// answer is ErrUnknown.
func AppendWait(ctx context.Context, l Log, s Stream, value []byte) (int64, error) {
	type answer struct {
		offset int64
		err    error
	}
	answers := make(chan answer, 1)
	l.Append(ctx, s, value, func(offset int64, err error) { answers <- answer{offset, err} })
	select {
	case a := <-answers:
		return a.offset, a.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	}
}
