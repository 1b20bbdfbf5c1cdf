package commit

import (
	"context"
	"fmt"

	"marmot/log"
	"marmot/txn"
)

// send turns what is pending into chunks, partition by partition, and appends them. The caller holds the lock.
func (t *Tx) send() error {
	for len(t.pending) > 0 {
		partition := t.pending[0].partition
		rest := t.pending[:0:0]
		c := cutter{tx: t, partition: partition}
		for _, p := range t.pending {
			if p.partition != partition {
				rest = append(rest, p)
				continue
			}
			if err := c.add(p.ordinal, t.buffer[p.start:p.end]); err != nil {
				return err
			}
			t.sent = max(t.sent, p.ordinal+1)
		}
		if err := c.leave(); err != nil {
			return err
		}
		t.pending = rest
	}
	t.buffer, t.pending = t.buffer[:0], nil
	return nil
}

// cutter fills chunks of one partition with events, and cuts those that are longer than a chunk.
type cutter struct {
	tx        *Tx
	partition int32
	payload   []byte
	ordinals  txn.OrdinalRange
	continues bool
}

func (c *cutter) add(ordinal uint64, event []byte) error {
	if len(c.payload)+len(event) > chunkBytes {
		if err := c.leave(); err != nil {
			return err
		}
	}
	if c.ordinals.First == c.ordinals.End {
		c.ordinals.First = ordinal
	}
	c.ordinals.End = ordinal + 1
	for len(event) > chunkBytes {
		c.payload, event = event[:chunkBytes:chunkBytes], event[chunkBytes:]
		if err := c.leave(); err != nil {
			return err
		}
		c.continues, c.ordinals = true, txn.OrdinalRange{First: ordinal + 1, End: ordinal + 1}
	}
	if len(c.payload) == 0 {
		// The buffer outlives the chunk's encoding, so a lone event need not be copied.
		c.payload = event[:len(event):len(event)]
		return nil
	}
	c.payload = append(c.payload, event...)
	return nil
}

// leave sends the chunk as it is, if there is one.
func (c *cutter) leave() error {
	if len(c.payload) == 0 {
		return nil
	}
	err := c.tx.sendChunk(c.partition, &txn.Chunk{
		Kind: txn.ChunkRows, Ordinals: c.ordinals, Continues: c.continues, Payload: c.payload,
	})
	c.payload, c.continues, c.ordinals = nil, false, txn.OrdinalRange{}
	return err
}

// sendDefinition sends an encoded DDL body.
func (t *Tx) sendDefinition(partition int32, body []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return errEnded
	}
	for continues := false; len(body) > 0; continues = true {
		part := body[:min(len(body), chunkBytes)]
		body = body[len(part):]
		if err := t.sendChunk(partition, &txn.Chunk{Kind: txn.ChunkDDL, Continues: continues, Payload: part}); err != nil {
			return err
		}
	}
	return nil
}

// sendChunk appends one chunk; the answer goes to t.acks. It waits while too much is in flight.
func (t *Tx) sendChunk(partition int32, c *txn.Chunk) error {
	o := t.origin
	if err := o.ended(); err != nil {
		return err
	}
	if o.Epoch() == 0 {
		return errNotOpen
	}
	if t.branch == 0 {
		t.branch = o.branch.Add(1)
	}
	c.Header, c.Branch = o.header(o.Epoch(), 0), t.branch
	value, err := txn.EncodeChunk(c)
	if err != nil {
		return err
	}
	size := int64(len(value))
	ctx, cancel := context.WithTimeout(context.Background(), o.options.AppendTimeout)
	if err := o.chunks.Acquire(ctx, size); err != nil {
		cancel()
		return fmt.Errorf("%d MiB of row events wait for the log: %w", maxChunksInFlight>>20, err)
	}
	n := t.acks.expect()
	t.chunks = append(t.chunks, sentChunk{
		ref:  txn.ChunkRef{Partition: partition, Bytes: int32(size), Hash: txn.HashChunk(value)},
		kind: c.Kind,
	})
	o.options.Log.Append(ctx, log.Stream(partition), value, func(offset int64, err error) {
		cancel()
		o.chunks.Release(size)
		t.acks.take(n, offset, err)
	})
	return nil
}
