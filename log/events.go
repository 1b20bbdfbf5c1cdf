package log

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"marmot/txn"
)

// hiddenIDs is how many hidden row ids a transaction may give: ordinals fit 24 bits.
const hiddenIDs = int64(1) << 24

// Events hands the row events of the transaction at p to each, merged by ordinal over its chunks, those in
// voided ranges left out. Every chunk's length and hash are compared with the record's reference
// (ErrDiverged). One chunk of each partition is held at a time, and a row that is larger than a chunk
// is put together. An event and its values live until each returns.
//
// Hidden row ids are mapped from the branch's numbers to the position's. Events does not know the
// schema: it takes an integer in the last place of an image for a hidden row id if it lies in the 2²⁴ values from
// txn.HiddenBase on. EventsOf is for callers that know the tables.
func Events(ctx context.Context, l Log, p txn.Position, t *txn.Transaction, each func(*txn.RowEvent) error) error {
	return EventsOf(ctx, l, p, t, nil, each)
}

// EventsOf is Events for callers that know which tables have a hidden row id: only in
// their events the last value of the images is mapped.
func EventsOf(ctx context.Context, l Log, p txn.Position, t *txn.Transaction, hidden func(txn.TableID) bool, each func(*txn.RowEvent) error) error {
	m := merger{ctx: ctx, position: p, transaction: t, voided: ascending(t.Voided), hidden: hidden, each: each}
	if len(t.Chunks) == 0 {
		return m.inline(t.Inline)
	}
	source := sourceOf(l, t.Chunks)
	for _, ref := range t.Chunks {
		part := m.part(ref.Partition)
		part.source = source
		part.refs = append(part.refs, ref)
	}
	return m.merge()
}

// Definition reads what a DDL does, from its record or its chunks.
func Definition(ctx context.Context, l Log, d *txn.DDL) (*txn.DDLBody, error) {
	if len(d.Definition) == 0 {
		return txn.DecodeDDLBody(d.InlineBody)
	}
	source := sourceOf(l, d.Definition)
	var body []byte
	for i, ref := range d.Definition {
		chunk, err := readChunk(ctx, source, ref, txn.ChunkDDL)
		if err != nil {
			return nil, fmt.Errorf("definition: %w", err)
		}
		if chunk.Continues != (i > 0) {
			return nil, fmt.Errorf("definition: part %d of %d is out of place: %w", i+1, len(d.Definition), txn.ErrCorrupt)
		}
		body = append(body, chunk.Payload...)
	}
	return txn.DecodeDDLBody(body)
}

// merger merges the events of a transaction's partitions by ordinal.
type merger struct {
	ctx         context.Context //nolint:containedctx // lives as long as one call of EventsOf
	position    txn.Position
	transaction *txn.Transaction
	voided      []txn.OrdinalRange // by first ordinal; those before next are gone
	hidden      func(txn.TableID) bool
	each        func(*txn.RowEvent) error
	parts       []*part
	next        uint64 // lowest ordinal that may follow
	count       uint64
}

func (m *merger) part(partition int32) *part {
	for _, p := range m.parts {
		if p.partition == partition {
			return p
		}
	}
	p := &part{partition: partition}
	m.parts = append(m.parts, p)
	return p
}

func (m *merger) inline(b []byte) error {
	for len(b) > 0 {
		e, rest, err := txn.ReadRowEvent(b)
		if err != nil {
			return fmt.Errorf("transaction at %s: %w", m.position, err)
		}
		if err := m.take(&e); err != nil {
			return err
		}
		b = rest
	}
	return m.complete()
}

func (m *merger) merge() error {
	for _, p := range m.parts {
		if err := p.advance(m.ctx); err != nil {
			return fmt.Errorf("transaction at %s: %w", m.position, err)
		}
	}
	for {
		var first *part
		for _, p := range m.parts {
			if p.ready && (first == nil || p.event.Ordinal < first.event.Ordinal) {
				first = p
			}
		}
		if first == nil {
			return m.complete()
		}
		if err := m.take(&first.event); err != nil {
			return err
		}
		if err := first.advance(m.ctx); err != nil {
			return fmt.Errorf("transaction at %s: %w", m.position, err)
		}
	}
}

// take hands one event on, unless it is voided.
func (m *merger) take(e *txn.RowEvent) error {
	if e.Ordinal < m.next {
		return fmt.Errorf("transaction at %s: row event %d comes after %d: %w", m.position, e.Ordinal, m.next-1, txn.ErrCorrupt)
	}
	m.next = e.Ordinal + 1
	for len(m.voided) > 0 && m.voided[0].End <= e.Ordinal {
		m.voided = m.voided[1:]
	}
	if len(m.voided) > 0 && m.voided[0].First <= e.Ordinal {
		return nil
	}
	m.count++
	if m.hidden == nil || m.hidden(e.Table) {
		m.mapHidden(e.Before)
		m.mapHidden(e.After)
	}
	return m.each(e)
}

// ascending returns the ranges by their first ordinal.
func ascending(ranges []txn.OrdinalRange) []txn.OrdinalRange {
	byFirst := func(a, b txn.OrdinalRange) int { return cmp.Compare(a.First, b.First) }
	if slices.IsSortedFunc(ranges, byFirst) {
		return ranges
	}
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, byFirst)
	return ranges
}

func (m *merger) mapHidden(image []txn.Value) {
	if len(image) == 0 {
		return
	}
	last := &image[len(image)-1]
	if last.Kind() != txn.KindInteger {
		return
	}
	if v := last.Int64(); v >= txn.HiddenBase && v < txn.HiddenBase+hiddenIDs {
		*last = txn.Int(txn.MapHidden(v, m.position))
	}
}

// complete checks that the events found are as many as the record says.
func (m *merger) complete() error {
	if m.count != m.transaction.Events {
		return fmt.Errorf("transaction at %s: %d row events found, its record says %d: %w",
			m.position, m.count, m.transaction.Events, txn.ErrCorrupt)
	}
	return nil
}

// part reads the events of one partition's chunks in order.
type part struct {
	partition int32
	source    chunkSource
	refs      []txn.ChunkRef
	rest      []byte // events not yet read; the last one may be cut off
	event     txn.RowEvent
	ready     bool // event holds the next one
}

// advance reads the next event; ready is false when there is none.
func (p *part) advance(ctx context.Context) error {
	p.ready = false
	for {
		size, err := txn.RowEventLength(p.rest)
		if err != nil {
			return err
		}
		if size > 0 && size <= int64(len(p.rest)) {
			p.event, p.rest, err = txn.ReadRowEvent(p.rest)
			p.ready = err == nil
			return err
		}
		if len(p.refs) == 0 {
			if len(p.rest) > 0 {
				return fmt.Errorf("changes stream %d: the last row event is cut off: %w", p.partition, txn.ErrCorrupt)
			}
			return nil
		}
		ref := p.refs[0]
		chunk, err := readChunk(ctx, p.source, ref, txn.ChunkRows)
		if err != nil {
			return err
		}
		if chunk.Continues != (len(p.rest) > 0) {
			return fmt.Errorf("chunk %d/%d is out of place in its transaction: %w", ref.Partition, ref.Offset, txn.ErrCorrupt)
		}
		p.refs = p.refs[1:]
		p.rest = joinParts(p.rest, chunk.Payload, size)
	}
}

// joinParts puts a part behind the beginning of an event of the given size (0: unknown).
func joinParts(begin, part []byte, size int64) []byte {
	const mostAtOnce = 16 << 20 // what a damaged length may allocate ahead of the bytes
	if len(begin) == 0 {
		return part
	}
	if want := min(size, mostAtOnce); int64(cap(begin)) < want {
		begin = append(make([]byte, 0, want), begin...)
	}
	return append(begin, part...)
}

func readChunk(ctx context.Context, source chunkSource, ref txn.ChunkRef, kind txn.ChunkKind) (*txn.Chunk, error) {
	value, err := source.chunk(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("chunk %d/%d: %w", ref.Partition, ref.Offset, err)
	}
	if len(value) != int(ref.Bytes) || txn.HashChunk(value) != ref.Hash {
		return nil, fmt.Errorf("chunk %d/%d has %d bytes and hash %s, its order record names %d and %s: %w", ref.Partition, ref.Offset,
			len(value), txn.HashChunk(value), ref.Bytes, ref.Hash, ErrDiverged)
	}
	chunk, err := txn.DecodeChunk(value)
	if errors.Is(err, txn.ErrForeign) {
		err = fmt.Errorf("%w, though its hash is right: %w", err, txn.ErrCorrupt)
	}
	if err != nil {
		return nil, fmt.Errorf("chunk %d/%d: %w", ref.Partition, ref.Offset, err)
	}
	if chunk.Kind != kind {
		return nil, fmt.Errorf("chunk %d/%d is of kind %d, want %d: %w", ref.Partition, ref.Offset, chunk.Kind, kind, txn.ErrCorrupt)
	}
	return chunk, nil
}

// chunkSource gives the record value at a reference.
type chunkSource interface {
	chunk(ctx context.Context, ref txn.ChunkRef) ([]byte, error)
}

func sourceOf(l Log, refs []txn.ChunkRef) chunkSource {
	if source, ok := l.(chunkSource); ok {
		return source
	}
	s := &directSource{log: l, bytes: map[int32]int64{}, ahead: map[place][]byte{}}
	for _, ref := range refs {
		s.bytes[ref.Partition] += int64(ref.Bytes)
	}
	return s
}

// place is where a chunk lies.
type place struct {
	partition int32
	offset    int64
}

// directSource reads chunks from the log as they are asked for, and keeps what a read brought
// beyond the one asked for, since the chunks of one transaction lie close together.
type directSource struct {
	log   Log
	bytes map[int32]int64 // still to be read of the transaction, by partition
	ahead map[place][]byte
}

func (s *directSource) chunk(ctx context.Context, ref txn.ChunkRef) ([]byte, error) {
	at := place{ref.Partition, ref.Offset}
	s.bytes[ref.Partition] -= int64(ref.Bytes)
	if value, ok := s.ahead[at]; ok {
		delete(s.ahead, at)
		return value, nil
	}
	for old := range s.ahead {
		if old.partition == ref.Partition {
			delete(s.ahead, old)
		}
	}
	want := min(int64(ref.Bytes)+s.bytes[ref.Partition], readAheadBytes)
	entries, err := s.log.Read(ctx, Stream(ref.Partition), ref.Offset, int(want))
	if err != nil {
		return nil, err
	}
	if entries[0].Offset != ref.Offset {
		return nil, fmt.Errorf("offset %d came: %w", entries[0].Offset, ErrGap)
	}
	for _, e := range entries[1:] {
		s.ahead[place{ref.Partition, e.Offset}] = e.Value
	}
	return entries[0].Value, nil
}
