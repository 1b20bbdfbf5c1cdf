package log

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"marmot/txn"
)

const (
	readAheadBytes    = 1 << 20  // one read of a changes stream
	defaultChunkBytes = 64 << 20 // cache of a Chunks
	ownOrdersBytes    = 4 << 20  // order records of this node's that a Chunks keeps
)

// Chunks is a Log that keeps recent chunks in memory: those that were appended through it, those
// that lay behind one that was read, and, while Run runs, those that come behind a chunk of another node that was asked for.
// Events reads through it, so that the chunks of a fresh transaction cost no trip to the log. The cache is a
// queue of bounded size: what leaves it is read from the log again. One Chunks serves readers at about the same
// place; a reader that lags far behind takes its own.
//
// It also keeps the order records that were appended through it, for Reader.Next: what the log has acknowledged at an offset
// is what it holds there, so a node that writes alone need not read back its own words. Read goes to the log.
type Chunks struct {
	Log
	parts  []*chunkPart
	orders ownOrders
}

// NewChunks wraps l with a cache of maxBytes in all; zero means 64 MiB.
func NewChunks(l Log, maxBytes int64) *Chunks {
	if maxBytes <= 0 {
		maxBytes = defaultChunkBytes
	}
	c := &Chunks{Log: l}
	for range l.Partitions() {
		c.parts = append(c.parts, newChunkPart(maxBytes/int64(l.Partitions())))
	}
	return c
}

// Append appends, and remembers what the log took.
func (c *Chunks) Append(ctx context.Context, s Stream, value []byte, done func(int64, error)) {
	c.Log.Append(ctx, s, value, func(offset int64, err error) {
		switch {
		case err != nil:
		case s == Order:
			c.orders.put(offset, value)
		default:
			c.Remember(int32(s), offset, value)
		}
		done(offset, err)
	})
}

// Remember puts a chunk into the cache. The value must not change any more.
func (c *Chunks) Remember(partition int32, offset int64, value []byte) {
	if partition < 0 || int(partition) >= len(c.parts) {
		return
	}
	p := c.parts[partition]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(offset, value, true)
	if offset == p.next {
		p.next++
	}
}

// Run reads the ends of the partitions in use ahead of need until ctx ends: once whenever a chunk was asked for that was not
// appended through c, so that a partition that only this node writes to is not read at all. It is advice only: errors of
// the log are met again, and reported, by whoever needs the chunk.
func (c *Chunks) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, p := range c.parts {
		group.Go(func() error { return p.follow(ctx, c.Log, Stream(i)) })
	}
	return group.Wait()
}

// chunk returns the value at ref from the cache or the log.
func (c *Chunks) chunk(ctx context.Context, ref txn.ChunkRef) ([]byte, error) {
	if ref.Partition < 0 || int(ref.Partition) >= len(c.parts) {
		return nil, fmt.Errorf("the log has %d changes streams: %w", len(c.parts), txn.ErrCorrupt)
	}
	p := c.parts[ref.Partition]
	if value, ok := p.use(ref.Offset); ok {
		return value, nil
	}
	entries, err := c.Log.Read(ctx, Stream(ref.Partition), ref.Offset, max(readAheadBytes, int(ref.Bytes)))
	if err != nil {
		return nil, err
	}
	if entries[0].Offset != ref.Offset {
		return nil, fmt.Errorf("offset %d came: %w", entries[0].Offset, ErrGap)
	}
	p.fill(entries)
	p.use(ref.Offset)
	return entries[0].Value, nil
}

// ownOrders keeps the order records that this node appended last. Invariant: bytes is the sum over values, and queue
// holds their offsets as they came.
type ownOrders struct {
	mu     sync.Mutex
	values map[int64][]byte
	queue  []int64
	bytes  int
}

func (o *ownOrders) put(offset int64, value []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.values == nil {
		o.values = map[int64][]byte{}
	}
	if _, ok := o.values[offset]; ok {
		return
	}
	o.values[offset] = value
	o.queue = append(o.queue, offset)
	o.bytes += len(value)
	for o.bytes > ownOrdersBytes && len(o.queue) > 1 {
		o.bytes -= len(o.values[o.queue[0]])
		delete(o.values, o.queue[0])
		o.queue = o.queue[1:]
	}
}

// run returns the records from offset on without a gap, about maxBytes at most; none if there is none of this node's at offset.
func (o *ownOrders) run(offset int64, maxBytes int) []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	var entries []Entry
	for bytes := 0; bytes < maxBytes; offset++ {
		value, ok := o.values[offset]
		if !ok {
			break
		}
		entries = append(entries, Entry{Offset: offset, Value: value})
		bytes += len(value)
	}
	return entries
}

// chunkPart is the cache of one partition.
// Invariant: bytes is the sum over entries, and queue holds their offsets as they came.
type chunkPart struct {
	limit int64

	mu       sync.Mutex
	entries  map[int64]cachedChunk
	queue    []int64
	bytes    int64
	received int64         // bytes that ever came in
	used     int64         // received as it was when the newest chunk that was asked for came in
	next     int64         // offset that follow reads next; -1: nobody has asked for a chunk
	wanted   bool          // a chunk of another node was asked for since follow last began to read
	asked    chan struct{} // closed when one is asked for
}

type cachedChunk struct {
	value []byte
	came  int64 // received after it
	own   bool  // appended by this node
}

func newChunkPart(limit int64) *chunkPart {
	return &chunkPart{limit: limit, entries: map[int64]cachedChunk{}, next: -1, asked: make(chan struct{})}
}

// put adds an entry and drops the oldest beyond the limit; the newest always stays.
func (p *chunkPart) put(offset int64, value []byte, own bool) {
	if _, ok := p.entries[offset]; ok {
		return
	}
	p.received += int64(len(value))
	p.bytes += int64(len(value))
	p.entries[offset] = cachedChunk{value, p.received, own}
	p.queue = append(p.queue, offset)
	for p.bytes > p.limit && len(p.queue) > 1 {
		oldest := p.queue[0]
		p.queue = p.queue[1:]
		p.bytes -= int64(len(p.entries[oldest].value))
		delete(p.entries, oldest)
	}
}

// use looks a chunk up and tells follow how far the readers are.
func (p *chunkPart) use(offset int64) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next < 0 {
		p.next = offset + 1
	}
	c, ok := p.entries[offset]
	if ok {
		p.used = max(p.used, c.came)
	}
	if !c.own && !p.wanted {
		p.wanted = true
		close(p.asked)
		p.asked = make(chan struct{})
	}
	return c.value, ok
}

// fill takes what a read brought. A read beyond the place of follow moves that on.
func (p *chunkPart) fill(entries []Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range entries {
		p.put(e.Offset, e.Value, false)
	}
	// Everything behind the first is ahead of use, but what was asked for is used.
	p.next = max(p.next, entries[len(entries)-1].Offset+1)
}

// place returns where follow reads now, and false with a channel to wait for when nobody has asked for a chunk of another node
// since it last read, or half of the cache is ahead of the readers.
func (p *chunkPart) place() (next int64, ready bool, asked <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ready = p.wanted && p.received-p.used <= p.limit/2
	p.wanted = false // the next use looks again
	return p.next, ready, p.asked
}

// follow reads the partition ahead of its readers.
func (p *chunkPart) follow(ctx context.Context, l Log, s Stream) error {
	for ctx.Err() == nil {
		next, ready, asked := p.place()
		if !ready {
			select {
			case <-asked:
			case <-ctx.Done():
			}
			continue
		}
		entries, err := l.Read(ctx, s, next, readAheadBytes)
		switch {
		case err == nil:
			p.fill(entries)
		case errors.Is(err, ErrClosed):
			return nil
		case ctx.Err() == nil:
			// Wait for the next reader, who meets the error itself, or gets beyond it.
			select {
			case <-asked:
			case <-ctx.Done():
			}
		}
	}
	return ctx.Err()
}
