package txn

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"marmot/txn/txnpb"
)

// Every record begins with these four bytes and the version of the format. They are
// part of the format and never change.
const (
	magic         = "MRMT"
	formatVersion = 1
	prefixLength  = len(magic) + 1
)

// EncodeRecord returns the bytes of an order record. It refuses what DecodeRecord would
// not give back: keys of a table that Tables does not name, a table named twice, text
// that is not UTF-8 in names. The order of keys is kept within a table only: they come back
// grouped by table, in the order of Tables.
func EncodeRecord(r *Record) ([]byte, error) {
	p := &txnpb.Record{Header: headerToProto(&r.Header)}
	if err := bodyToProto(p, r.Body); err != nil {
		return nil, fmt.Errorf("encode record %s: %w", r.ID(), err)
	}
	b, err := appendProto(p)
	if err != nil {
		return nil, fmt.Errorf("encode record %s: %w", r.ID(), err)
	}
	return b, nil
}

// DecodeRecord reads the bytes of an order record. Errors are ErrForeign, ErrFuture and
// ErrCorrupt. The record shares no bytes with b.
func DecodeRecord(b []byte) (*Record, error) {
	var p txnpb.Record
	if err := readProto(b, &p); err != nil {
		return nil, err
	}
	h, err := headerFromProto(p.Header)
	if err != nil {
		return nil, err
	}
	if p.Body == nil {
		if len(p.ProtoReflect().GetUnknown()) > 0 {
			return nil, fmt.Errorf("order record of an unknown type: %w", ErrFuture)
		}
		return nil, corrupt("order record without a body")
	}
	body, err := bodyFromProto(&p)
	if err != nil {
		return nil, err
	}
	return &Record{Header: h, Body: body}, nil
}

// EncodeStreamGenesis returns the bytes of record 0 of a changes stream. (That of the
// order stream is an order record whose body is the Genesis.)
func EncodeStreamGenesis(h Header, g *Genesis) ([]byte, error) {
	b, err := appendProto(&txnpb.StreamGenesis{Header: headerToProto(&h), Genesis: genesisToProto(g)})
	if err != nil {
		return nil, fmt.Errorf("encode genesis of stream %d: %w", g.Partition, err)
	}
	return b, nil
}

// DecodeStreamGenesis reads what EncodeStreamGenesis returns; its errors are those of DecodeRecord.
func DecodeStreamGenesis(b []byte) (Header, *Genesis, error) {
	var p txnpb.StreamGenesis
	if err := readProto(b, &p); err != nil {
		return Header{}, nil, err
	}
	h, err := headerFromProto(p.Header)
	if err != nil {
		return Header{}, nil, err
	}
	if p.Genesis == nil {
		return Header{}, nil, corrupt("stream genesis without a body")
	}
	g, err := genesisFromProto(p.Genesis)
	if err != nil {
		return Header{}, nil, err
	}
	return h, g, nil
}

func appendProto(m proto.Message) ([]byte, error) {
	options := proto.MarshalOptions{Deterministic: true}
	b := make([]byte, prefixLength, prefixLength+options.Size(m))
	copy(b, magic)
	b[len(magic)] = formatVersion
	return options.MarshalAppend(b, m)
}

// readProto checks the prefix and reads the rest into m. Unknown fields are let through: a
// field that is added later has a zero value that means what its absence meant.
func readProto(b []byte, m proto.Message) error {
	if len(b) < prefixLength || string(b[:len(magic)]) != magic {
		return ErrForeign
	}
	switch version := b[len(magic)]; {
	case version == 0:
		return corrupt("format version 0")
	case version > formatVersion:
		return fmt.Errorf("format version %d, this release reads up to %d; start a release that knows it: %w", version, formatVersion, ErrFuture)
	}
	if err := proto.Unmarshal(b[prefixLength:], m); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return nil
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrCorrupt)...)
}

func headerToProto(h *Header) *txnpb.Header {
	return &txnpb.Header{
		Cluster:    h.Cluster[:],
		Generation: h.Generation,
		Node:       string(h.Node),
		Epoch:      uint64(h.Epoch),
		Sequence:   uint64(h.Sequence),
		TimeUs:     h.TimeUS,
	}
}

func headerFromProto(p *txnpb.Header) (Header, error) {
	if p == nil {
		return Header{}, corrupt("record without a header")
	}
	h := Header{
		Generation: p.Generation,
		Node:       NodeID(p.Node),
		Epoch:      Epoch(p.Epoch),
		Sequence:   Sequence(p.Sequence),
		TimeUS:     p.TimeUs,
	}
	if err := readFixed(h.Cluster[:], p.Cluster, "cluster uuid"); err != nil {
		return Header{}, err
	}
	return h, nil
}

// readFixed copies bytes of a known length.
func readFixed(dst, src []byte, what string) error {
	if len(src) != len(dst) {
		return corrupt("%s of %d bytes, want %d", what, len(src), len(dst))
	}
	copy(dst, src)
	return nil
}

// positionsToProto and positionsFromProto convert lists of numbers that differ in type only.
func positionsToProto[T ~uint64](list []T) []uint64 {
	if len(list) == 0 {
		return nil
	}
	out := make([]uint64, len(list))
	for i, v := range list {
		out[i] = uint64(v)
	}
	return out
}

func positionsFromProto[T ~uint64](list []uint64) []T {
	if len(list) == 0 {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = T(v)
	}
	return out
}
