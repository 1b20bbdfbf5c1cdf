package txn

import (
	"fmt"

	"marmot/txn/txnpb"
)

// EncodeChunk returns the bytes of a record of a changes stream.
func EncodeChunk(c *Chunk) ([]byte, error) {
	b, err := appendProto(&txnpb.Chunk{
		Header: headerToProto(&c.Header), Branch: c.Branch, Kind: uint32(c.Kind),
		First: c.Ordinals.First, End: c.Ordinals.End, Continues: c.Continues, Payload: c.Payload,
	})
	if err != nil {
		return nil, fmt.Errorf("encode chunk of branch %d of epoch %d: %w", c.Branch, c.Epoch, err)
	}
	return b, nil
}

// DecodeChunk reads the bytes of a record of a changes stream. Errors are ErrForeign,
// ErrFuture and ErrCorrupt. The chunk shares no bytes with b.
func DecodeChunk(b []byte) (*Chunk, error) {
	var p txnpb.Chunk
	if err := readProto(b, &p); err != nil {
		return nil, err
	}
	h, err := headerFromProto(p.Header)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Kind == 0:
		return nil, corrupt("chunk without a kind")
	case p.Kind > uint32(ChunkDDL):
		return nil, fmt.Errorf("chunk of kind %d: %w", p.Kind, ErrFuture)
	case p.First > p.End:
		return nil, corrupt("chunk of ordinals %d to %d", p.First, p.End)
	}
	return &Chunk{
		Header: h, Branch: p.Branch, Kind: ChunkKind(p.Kind),
		Ordinals: OrdinalRange{First: p.First, End: p.End}, Continues: p.Continues, Payload: p.Payload,
	}, nil
}
