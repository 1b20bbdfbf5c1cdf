package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"marmot/log"
)

// Client is one node's way to the log. It has faults of its own.
type Client struct {
	name string
	core *core

	mu      sync.Mutex
	appends uint64 // calls of Append, which number them for Faults
	faults  Faults
	cut     bool
	stale   map[log.Stream]int64
	closed  bool
	changed chan struct{} // closed when cut, stale or closed changes
	cutOff  []*pending    // appends made while cut
	answers answers
}

// pending is an append without an answer.
type pending struct {
	once sync.Once
	done func(int64, error)
	stop func() bool // ends the watch over ctx
}

func newClient(c *core, name string) *Client {
	return &Client{name: name, core: c, stale: map[log.Stream]int64{}, changed: make(chan struct{})}
}

// SetFaults makes f decide what becomes of each further append; nil is no faults.
func (c *Client) SetFaults(f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
}

// Cut separates the client from the log, and false joins them again. While cut, reads wait, and appends
// wait until their context ends or Cut(false) refuses them: what was handed over while cut never reaches the log.
func (c *Client) Cut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	refused := c.cutOff
	if !cut {
		c.cutOff = nil
		for _, p := range refused {
			c.answer(p, 0, log.ErrUnreachable)
		}
	}
	c.wake()
}

// StaleEnd lets the client see the end of every stream so many records late.
func (c *Client) StaleEnd(records int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := log.Order; int(s) < c.Partitions(); s++ {
		c.stale[s] = records
	}
	c.wake()
}

// StaleStream lets the client see the end of one stream so many records late: order records before the chunks that they
// name, or chunks long before their order records.
func (c *Client) StaleStream(s log.Stream, records int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale[s] = records
	c.wake()
}

func (c *Client) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Append implements log.Log.
func (c *Client) Append(ctx context.Context, s log.Stream, value []byte, done func(int64, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &pending{done: done}
	if err := c.refusal(ctx, s, value); err != nil {
		c.answer(p, 0, err)
		return
	}
	p.stop = context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.cutOff != nil && slices.Contains(c.cutOff, p) {
			c.cutOff = slices.DeleteFunc(c.cutOff, func(q *pending) bool { return q == p })
			c.answer(p, 0, fmt.Errorf("%w: %w", log.ErrUnreachable, context.Cause(ctx)))
			return
		}
		c.answer(p, 0, fmt.Errorf("%w: %w", log.ErrUnknown, context.Cause(ctx)))
	})
	if c.cut {
		c.cutOff = append(c.cutOff, p)
		return
	}
	fault := Fault{}
	if c.faults != nil {
		fault = c.faults(Append{Client: c.name, Number: c.appends, Stream: s, Bytes: len(value), Value: value})
	}
	c.appends++
	c.hand(s, slices.Clone(value), fault, p)
}

func (c *Client) refusal(ctx context.Context, s log.Stream, value []byte) error {
	switch {
	case c.closed:
		return log.ErrClosed
	case len(value) > MaxValueBytes:
		return fmt.Errorf("record of %d bytes: %w", len(value), log.ErrTooLarge)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	_, err := c.core.stream(s)
	return err
}

// hand gives an append to the core as its fault wants it.
func (c *Client) hand(s log.Stream, value []byte, f Fault, p *pending) {
	if f.Refuse != nil {
		c.answer(p, 0, f.Refuse)
		return
	}
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	stream, err := c.core.stream(s)
	if err != nil {
		c.answer(p, 0, err)
		return
	}
	acknowledge := func(offset int64) {
		switch {
		case f.LoseAck:
			c.answer(p, 0, log.ErrUnknown)
		case f.Silent:
			// The context of the append answers.
		default:
			c.answer(p, offset, nil)
		}
	}
	earlier := len(stream.late)
	switch behind := heldUntil(stream, c); {
	case f.Lose && f.Silent:
		// As below, and nothing comes into the log.
	case f.Lose:
		c.answer(p, 0, log.ErrUnknown)
	case f.Late > 0:
		stream.late = append(stream.late, lateRecord{due: f.Late, value: value})
		c.answer(p, 0, log.ErrUnknown)
	case f.Hold > 0 || behind > 0:
		stream.late = append(stream.late, lateRecord{due: max(f.Hold, behind), value: value, holder: c, then: acknowledge})
	default:
		offset := c.core.add(stream, lateRecord{value: value})
		if f.Duplicate {
			second := c.core.add(stream, lateRecord{value: value})
			if f.AckSecond {
				offset = second
			}
		}
		acknowledge(offset)
	}
	c.core.tick(stream, earlier)
}

// heldUntil returns for how many further appends the last held record of the client is still held: what the
// client appends now waits behind it, so that a client's records keep their order.
func heldUntil(s *stream, c *Client) int {
	for i := len(s.late) - 1; i >= 0; i-- {
		if s.late[i].holder == c {
			return s.late[i].due
		}
	}
	return 0
}

// answer calls done once, later, in the order of the answers. Callers hold some lock, and
// done may come back to the log, so it runs in a goroutine of its own, which ends when all is said.
func (c *Client) answer(p *pending, offset int64, err error) {
	p.once.Do(func() {
		if p.stop != nil {
			p.stop()
		}
		c.answers.give(func() { p.done(offset, err) })
	})
}

// Read implements log.Log.
func (c *Client) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	for {
		c.mu.Lock()
		cut, stale, closed, mine := c.cut, c.stale[s], c.closed, c.changed
		c.mu.Unlock()
		if closed {
			return nil, log.ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var shared <-chan struct{}
		if !cut {
			entries, changed, err := c.core.read(s, offset, maxBytes, stale)
			if err != nil || len(entries) > 0 {
				return entries, err
			}
			shared = changed
		}
		if err := sleepUntil(ctx, mine, shared); err != nil {
			return nil, err
		}
	}
}

// reach waits until the client is joined to the log.
func (c *Client) reach(ctx context.Context) error {
	for {
		c.mu.Lock()
		cut, closed, changed := c.cut, c.closed, c.changed
		c.mu.Unlock()
		switch {
		case closed:
			return log.ErrClosed
		case ctx.Err() != nil:
			return fmt.Errorf("%w: %w", log.ErrUnreachable, ctx.Err())
		case !cut:
			return nil
		}
		if err := sleepUntil(ctx, changed); err != nil {
			return fmt.Errorf("%w: %w", log.ErrUnreachable, err)
		}
	}
}

// Bounds implements log.Log.
func (c *Client) Bounds(ctx context.Context, s log.Stream) (start, end int64, err error) {
	if err := c.reach(ctx); err != nil {
		return 0, 0, err
	}
	c.mu.Lock()
	stale := c.stale[s]
	c.mu.Unlock()
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	stream, err := c.core.stream(s)
	if err != nil {
		return 0, 0, err
	}
	return stream.start, max(stream.start, stream.end()-stale), nil
}

// Trim implements log.Log.
func (c *Client) Trim(ctx context.Context, s log.Stream, before int64) error {
	if err := c.reach(ctx); err != nil {
		return err
	}
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	stream, err := c.core.stream(s)
	if err != nil || before <= stream.start {
		return err
	}
	if before > stream.end() {
		return fmt.Errorf("trim stream %d before %d: it ends at %d", s, before, stream.end())
	}
	stream.entries = slices.Clone(stream.entries[before-stream.start:])
	stream.start = before
	c.core.wake()
	return nil
}

// Partitions implements log.Log.
func (c *Client) Partitions() int { return len(c.core.streams) - 1 }

// Identity implements log.Log.
func (c *Client) Identity(ctx context.Context) (log.Identity, error) {
	if err := c.reach(ctx); err != nil {
		return log.Identity{}, err
	}
	return c.core.identity(), nil
}

// Check implements log.Log.
func (c *Client) Check(ctx context.Context) error {
	if err := c.reach(ctx); err != nil {
		return err
	}
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	return c.core.checks
}

// Close implements log.Log; other clients go on.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, p := range c.cutOff {
		c.answer(p, 0, log.ErrClosed)
	}
	c.cutOff = nil
	c.wake()
	return nil
}

// Announce implements log.Members.
func (c *Client) Announce(ctx context.Context, m log.Member) error {
	if err := c.reach(ctx); err != nil {
		return err
	}
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	c.core.members[m.Node] = m
	return nil
}

// List implements log.Members.
func (c *Client) List(ctx context.Context) ([]log.Member, error) {
	if err := c.reach(ctx); err != nil {
		return nil, err
	}
	c.core.mu.Lock()
	defer c.core.mu.Unlock()
	members := make([]log.Member, 0, len(c.core.members))
	for _, m := range c.core.members {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b log.Member) int { return cmp.Compare(a.Node, b.Node) })
	return members, nil
}

var (
	_ log.Log     = (*Client)(nil)
	_ log.Members = (*Client)(nil)
	_ log.Members = (*Log)(nil)
)
