package log

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"marmot/txn"
)

// Cursor is a place in the order stream: the position of the last record that has been
// read, and the hash chain there. The zero Cursor has read nothing.
type Cursor struct {
	Position txn.Position
	Chain    txn.ChainHash
}

// Read is one record of the order stream, read and decoded.
type Read struct {
	Position txn.Position
	Chain    txn.ChainHash
	Record   *txn.Record // nil: a foreign record, counted and ignored
	Bytes    int         // length of the record's value
}

// Reader reads the order stream from a cursor on, with positions and the hash chain. A record of
// ours that it cannot decode is an error that names the position: nothing is ever skipped.
// A Reader belongs to one goroutine.
type Reader struct {
	log      Log
	genesis  Genesis
	cursor   Cursor
	previous *txn.ChainHash // chain before the record at cursor, once known
	identity *Identity      // of the log, once read
	foreign  uint64
}

// NewReader returns a Reader of what follows after. It reads nothing yet.
func NewReader(l Log, g Genesis, after Cursor) *Reader {
	return &Reader{log: l, genesis: g, cursor: after}
}

// Cursor returns the place of the last record that Next returned.
func (r *Reader) Cursor() Cursor { return r.cursor }

// Foreign returns how many records of others Next has met.
func (r *Reader) Foreign() uint64 { return r.foreign }

// Next returns the records that follow, at least one and about maxBytes at most, and waits until
// there is one. Errors of the log are those of Log.Read; txn.ErrFuture and txn.ErrCorrupt come with the position.
// After an error the Reader stands where it stood before.
func (r *Reader) Next(ctx context.Context, maxBytes int) ([]Read, error) {
	cursor, err := r.start()
	if err != nil {
		return nil, err
	}
	offset := r.genesis.Offset(cursor.Position + 1)
	entries, err := r.read(ctx, offset, maxBytes)
	if err != nil {
		return nil, fmt.Errorf("read the log at %s: %w", cursor.Position+1, err)
	}
	reads := make([]Read, 0, len(entries))
	previous := cursor.Chain
	foreign := uint64(0)
	for i, e := range entries {
		p := cursor.Position + 1
		if e.Offset != offset+int64(i) {
			return nil, fmt.Errorf("read the log at %s: offset %d follows %d: %w", p, e.Offset, offset+int64(i)-1, ErrGap)
		}
		record, err := r.decode(e.Value)
		if err != nil {
			return nil, fmt.Errorf("record %s of the log: %w", p, err)
		}
		if record == nil {
			foreign++
		}
		previous = cursor.Chain
		cursor = Cursor{Position: p, Chain: txn.NextChain(previous, e.Value)}
		reads = append(reads, Read{Position: p, Chain: cursor.Chain, Record: record, Bytes: len(e.Value)})
	}
	r.cursor, r.previous, r.foreign = cursor, &previous, r.foreign+foreign
	return reads, nil
}

// read returns what this node appended itself, if that comes next, or else what the log holds.
func (r *Reader) read(ctx context.Context, offset int64, maxBytes int) ([]Entry, error) {
	if c, ok := r.log.(*Chunks); ok {
		if entries := c.orders.run(offset, maxBytes); len(entries) > 0 {
			return entries, nil
		}
	}
	return r.log.Read(ctx, Order, offset, maxBytes)
}

// start returns the cursor to read after. A reader that has seen nothing starts at the log's
// base; one that stopped before the base belongs to an earlier generation and missed its end.
func (r *Reader) start() (Cursor, error) {
	switch {
	case r.cursor.Position > r.genesis.Base:
		return r.cursor, nil
	case r.cursor == Cursor{} && r.genesis.Base == 0:
		return Cursor{Chain: r.genesis.PreviousHash}, nil
	case r.cursor.Position < r.genesis.Base:
		return Cursor{}, fmt.Errorf("read the log at %s: generation %d begins after %s: %w",
			r.cursor.Position+1, r.genesis.Generation, r.genesis.Base, ErrTrimmed)
	case r.cursor.Chain != r.genesis.PreviousHash:
		return Cursor{}, fmt.Errorf("chain at %s is %s, generation %d of the log continues %s: %w",
			r.cursor.Position, r.cursor.Chain, r.genesis.Generation, r.genesis.PreviousHash, ErrDiverged)
	}
	return r.cursor, nil
}

// decode returns nil for a record that is not of this log.
func (r *Reader) decode(value []byte) (*txn.Record, error) {
	record, err := txn.DecodeRecord(value)
	if errors.Is(err, txn.ErrForeign) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if record.Cluster != r.genesis.Cluster || record.Generation != r.genesis.Generation {
		return nil, nil
	}
	return record, nil
}

// Verify tells whether the log still holds what this node has read: the log is the one it was at
// the last Verify (else ErrRecreated), reaches the cursor (else ErrTruncated, or ErrTrimmed), and the chain that it
// gives at the cursor is the cursor's (else ErrDiverged). It is called at start and when the log
// may have changed under us. A record alone does not give its link, so the chain is computed again
// from the nearest anchor before it: the record read before, a checkpoint, or the genesis.
func (r *Reader) Verify(ctx context.Context) error {
	if err := r.verifyIdentity(ctx); err != nil {
		return err
	}
	cursor, err := r.start()
	if err != nil {
		return err
	}
	for last := int64(-1); ; {
		start, end, err := r.log.Bounds(ctx, Order)
		if err != nil {
			return fmt.Errorf("verify the log at %s: %w", cursor.Position, err)
		}
		err = r.verifyChain(ctx, cursor, start, end)
		if !errors.Is(err, ErrTrimmed) || start <= last {
			return err
		}
		last = start // it may have been trimmed under us: what is looked at begins before the cursor
	}
}

// verifyChain is Verify of a log that has the order records in [start, end).
func (r *Reader) verifyChain(ctx context.Context, cursor Cursor, start, end int64) error {
	next := r.genesis.Offset(cursor.Position + 1)
	switch {
	case next > end:
		return fmt.Errorf("the log ends at %s, this node has read %s: %w", r.genesis.Position(end-1), cursor.Position, ErrTruncated)
	case next < start && next > 0:
		return fmt.Errorf("the log starts at %s, this node has read %s: %w", r.genesis.Position(start), cursor.Position, ErrTrimmed)
	case next == 0 || next == start:
		// Nothing at the cursor to compare: nothing was read, or the record has been trimmed.
		return nil
	}
	chain, known, err := r.chainAt(ctx, max(start, 0), next-1)
	if err != nil {
		return err
	}
	if known && chain != cursor.Chain {
		return fmt.Errorf("chain at %s is %s in the log, this node has %s: %w", cursor.Position, chain, cursor.Chain, ErrDiverged)
	}
	return nil
}

func (r *Reader) verifyIdentity(ctx context.Context) error {
	identity, err := r.log.Identity(ctx)
	if err != nil {
		return fmt.Errorf("verify the log: %w", err)
	}
	if r.identity == nil {
		r.identity = &identity
		return nil
	}
	if err := r.identity.Same(identity); err != nil {
		return fmt.Errorf("verify the log: %w", err)
	}
	return nil
}

// Same returns ErrRecreated, with what differs, unless the log that is now is the one that was.
func (was Identity) Same(now Identity) error {
	if was.Cluster != now.Cluster {
		return fmt.Errorf("the log was in %s and is in %s: %w", was.Cluster, now.Cluster, ErrRecreated)
	}
	if !slices.Equal(was.Topics, now.Topics) {
		return fmt.Errorf("the log's topics were %v and are %v: %w", was.Topics, now.Topics, ErrRecreated)
	}
	return nil
}

// chainAt computes the chain at the record at offset from what the log holds from start on.
// Unknown: nothing that is kept anchors it.
func (r *Reader) chainAt(ctx context.Context, start, offset int64) (txn.ChainHash, bool, error) {
	if r.previous != nil {
		entries, err := r.log.Read(ctx, Order, offset, 1)
		if err != nil {
			return txn.ChainHash{}, false, fmt.Errorf("verify the log at %s: %w", r.genesis.Position(offset), err)
		}
		return txn.NextChain(*r.previous, entries[0].Value), true, nil
	}
	const firstStep = 64 // records; doubled until an anchor is among them
	upper, step := offset+1, int64(firstStep)
	for upper > start {
		lower := max(start, upper-step)
		anchor, chain, found, err := r.anchor(ctx, lower, upper)
		if err != nil {
			return txn.ChainHash{}, false, err
		}
		if found {
			chain, err = r.chainFrom(ctx, anchor, offset, chain)
			return chain, true, err
		}
		upper, step = lower, step*2
	}
	if start > 0 {
		return txn.ChainHash{}, false, nil
	}
	chain, err := r.chainFrom(ctx, -1, offset, r.genesis.PreviousHash)
	return chain, true, err
}

// anchor returns the offset of the newest record whose chain a checkpoint in [lower, upper) tells.
func (r *Reader) anchor(ctx context.Context, lower, upper int64) (int64, txn.ChainHash, bool, error) {
	anchor, chain, found := int64(0), txn.ChainHash{}, false
	start, _, err := r.log.Bounds(ctx, Order)
	if err != nil {
		return 0, chain, false, fmt.Errorf("verify the log: %w", err)
	}
	err = r.scan(ctx, lower, upper, func(e Entry) error {
		record, err := r.decode(e.Value)
		if err != nil {
			return fmt.Errorf("record %s of the log: %w", r.genesis.Position(e.Offset), err)
		}
		if record == nil {
			return nil
		}
		c, ok := record.Body.(*txn.Checkpoint)
		// What a checkpoint says of a place that is no longer kept cannot be continued from.
		if ok && c.Last >= r.genesis.Base && r.genesis.Offset(c.Last+1) >= start && r.genesis.Offset(c.Last) < e.Offset {
			anchor, chain, found = r.genesis.Offset(c.Last), c.Chain, true
		}
		return nil
	})
	return anchor, chain, found, err
}

// chainFrom continues the chain from the record at offset after to the one at offset to.
func (r *Reader) chainFrom(ctx context.Context, after, to int64, chain txn.ChainHash) (txn.ChainHash, error) {
	err := r.scan(ctx, after+1, to+1, func(e Entry) error {
		chain = txn.NextChain(chain, e.Value)
		return nil
	})
	return chain, err
}

// scan hands the entries of [lower, upper) to each.
func (r *Reader) scan(ctx context.Context, lower, upper int64, each func(Entry) error) error {
	const scanBytes = 1 << 20
	for lower < upper {
		entries, err := r.log.Read(ctx, Order, lower, scanBytes)
		if err != nil {
			return fmt.Errorf("verify the log at %s: %w", r.genesis.Position(lower), err)
		}
		for _, e := range entries {
			if e.Offset != lower {
				return fmt.Errorf("verify the log: offset %d where %d should be: %w", e.Offset, lower, ErrGap)
			}
			if lower == upper {
				return nil
			}
			if err := each(e); err != nil {
				return err
			}
			lower++
		}
	}
	return nil
}
