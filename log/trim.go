package log

import (
	"context"
	"errors"
	"fmt"

	"marmot/txn"
)

// Mark is a place at which the log may be cut, taken at a moment when the order stream ended before Floor: each chunk
// below Ends was in the log by then, so whatever transaction it belongs to began below Floor.
type Mark struct {
	Floor txn.Position // first position that is kept
	Ends  []int64      // of the changes streams
}

// TakeMark reads where the log ends now.
func TakeMark(ctx context.Context, l Log, g Genesis) (Mark, error) {
	m := Mark{Ends: make([]int64, l.Partitions())}
	var err error
	for s := range m.Ends { // before the order: what is in a stream by then began at or below the order's end
		if _, m.Ends[s], err = l.Bounds(ctx, Stream(s)); err != nil {
			return m, fmt.Errorf("end of changes stream %d: %w", s, err)
		}
	}
	_, end, err := l.Bounds(ctx, Order)
	if err != nil {
		return m, fmt.Errorf("end of the order: %w", err)
	}
	m.Floor = g.Position(end)
	return m, nil
}

// trimReadBytes is how much of the order is read at once.
const trimReadBytes = 1 << 20

// Cut gives up what lies below the mark. The ledger's trim floor is at the mark, or above, since a position of at most
// last: order records after that name no chunk below the mark, for they would have begun below the floor and be refused. Those
// from the mark up to last may, and what they name is kept. Cutting again does no harm.
func (m Mark) Cut(ctx context.Context, l Log, g Genesis, last txn.Position) error {
	if len(m.Ends) != l.Partitions() {
		return fmt.Errorf("trim below %s: the mark knows %d changes streams, the log has %d", m.Floor, len(m.Ends), l.Partitions())
	}
	if m.Floor <= g.Base+1 {
		return nil
	}
	start, _, err := l.Bounds(ctx, Order)
	if err != nil || start > g.Offset(m.Floor) { // another node has cut further
		return err
	}
	needed, err := m.needed(ctx, l, g, last)
	if err != nil {
		return fmt.Errorf("trim below %s: %w", m.Floor, err)
	}
	for s, before := range needed {
		if err := l.Trim(ctx, Stream(s), before); err != nil {
			return fmt.Errorf("trim below %s: %w", m.Floor, err)
		}
	}
	if err := l.Trim(ctx, Order, g.Offset(m.Floor)); err != nil {
		return fmt.Errorf("trim below %s: %w", m.Floor, err)
	}
	return nil
}

// needed returns the first offset of each changes stream that is kept.
func (m Mark) needed(ctx context.Context, l Log, g Genesis, last txn.Position) ([]int64, error) {
	needed := append([]int64(nil), m.Ends...)
	keep := func(refs []txn.ChunkRef) error {
		for _, ref := range refs {
			if ref.Partition < 0 || int(ref.Partition) >= len(needed) {
				return fmt.Errorf("a chunk in stream %d of %d: %w", ref.Partition, len(needed), txn.ErrCorrupt)
			}
			needed[ref.Partition] = min(needed[ref.Partition], ref.Offset)
		}
		return nil
	}
	reader := NewReader(l, g, Cursor{Position: m.Floor - 1})
	for at := m.Floor - 1; at < last; {
		reads, err := reader.Next(ctx, trimReadBytes)
		if err != nil {
			return nil, err
		}
		for i := range reads {
			if at = reads[i].Position; at > last {
				return needed, nil
			}
			if reads[i].Record == nil {
				continue
			}
			var err error
			switch b := reads[i].Record.Body.(type) {
			case *txn.Transaction:
				err = keep(b.Chunks)
			case *txn.DDL:
				err = errors.Join(keep(b.Chunks), keep(b.Definition))
			}
			if err != nil {
				return nil, fmt.Errorf("record %s of the log: %w", at, err)
			}
		}
	}
	return needed, nil
}
