package memory

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"marmot/log"
	"marmot/txn"
)

// MaxValueBytes is the largest record that the log takes, as large as Kafka's topics are set to.
const MaxValueBytes = 8 << 20

// Options of a Log; the zero value is a log of 16 changes streams.
type Options struct {
	Partitions int          // changes streams; 0 = 16
	Seed       uint64       // makes the identity, and the faults of Random
	NowUS      func() int64 // clock of the log, µs since 1970; nil counts the records
}

// Log is the core that all clients share, and itself a client without faults.
type Log struct {
	*client
	core *core
}

// client lets Log promote the methods of a Client without a field of that name.
type client = Client

// core holds the streams.
type core struct {
	mu       sync.Mutex
	seed     uint64
	nowUS    func() int64
	created  uint64 // how many times the log was created
	streams  []*stream
	appended int64         // records of all streams, ever
	changed  chan struct{} // closed at every change that a waiting Read may care for
	members  map[txn.NodeID]log.Member
	checks   error
}

type stream struct {
	first   []byte // value of record 0, kept for ever in the order stream
	firstUS int64
	start   int64
	entries []log.Entry // from start on
	late    []lateRecord
}

// lateRecord comes into the stream after due further appends to it.
type lateRecord struct {
	due    int
	value  []byte
	holder *Client            // whose later appends wait behind it; nil: nobody's
	then   func(offset int64) // nil: nobody waits
}

// New returns an empty log.
func New(o Options) *Log {
	if o.Partitions == 0 {
		o.Partitions = 16
	}
	c := &core{seed: o.Seed, nowUS: o.NowUS, changed: make(chan struct{}), members: map[txn.NodeID]log.Member{}}
	for range o.Partitions + 1 {
		c.streams = append(c.streams, &stream{})
	}
	return &Log{client: newClient(c, ""), core: c}
}

// Client returns a new client of the log, for one node.
func (l *Log) Client(name string) *Client { return newClient(l.core, name) }

// Truncate takes away the records of the stream from end on, as an unclean election does.
func (l *Log) Truncate(s log.Stream, end int64) {
	l.core.mu.Lock()
	defer l.core.mu.Unlock()
	stream, err := l.core.stream(s)
	if err != nil || end >= stream.end() {
		return
	}
	end = max(end, stream.start)
	stream.entries = stream.entries[:end-stream.start]
	l.core.wake()
}

// Replace changes the value of one record under its readers, as no log should.
func (l *Log) Replace(s log.Stream, offset int64, value []byte) {
	l.core.mu.Lock()
	defer l.core.mu.Unlock()
	stream, err := l.core.stream(s)
	if err != nil || offset < stream.start || offset >= stream.end() {
		return
	}
	stream.entries[offset-stream.start].Value = value
	if offset == 0 {
		stream.first = value
	}
}

// Recreate deletes the log and creates it anew, with another identity.
func (l *Log) Recreate() {
	l.core.mu.Lock()
	defer l.core.mu.Unlock()
	l.core.created++
	for i := range l.core.streams {
		l.core.streams[i] = &stream{}
	}
	l.core.wake()
}

// FailCheck makes Check return err, for all clients.
func (l *Log) FailCheck(err error) {
	l.core.mu.Lock()
	defer l.core.mu.Unlock()
	l.core.checks = err
}

// Settle brings the late and held records of all streams in, in the order in which they are due.
func (l *Log) Settle() {
	l.core.mu.Lock()
	defer l.core.mu.Unlock()
	for _, s := range l.core.streams {
		for len(s.late) > 0 {
			next := 0
			for i := range s.late {
				if s.late[i].due < s.late[next].due {
					next = i
				}
			}
			record := s.late[next]
			s.late = slices.Delete(s.late, next, next+1)
			l.core.add(s, record)
		}
	}
}

func (c *core) stream(s log.Stream) (*stream, error) {
	if s < log.Order || int(s)+1 >= len(c.streams) {
		return nil, fmt.Errorf("stream %d: the log has %d changes streams", s, len(c.streams)-1)
	}
	return c.streams[s+1], nil
}

func (s *stream) end() int64 { return s.start + int64(len(s.entries)) }

// tick counts one further append against the first n late records, and lets those in that are due.
func (c *core) tick(s *stream, n int) {
	rest := s.late[:0:0]
	due := []lateRecord{}
	for i, r := range s.late {
		if i < n {
			r.due--
		}
		if r.due <= 0 {
			due = append(due, r)
		} else {
			rest = append(rest, r)
		}
	}
	s.late = rest
	for _, r := range due {
		c.add(s, r)
	}
}

func (c *core) add(s *stream, r lateRecord) int64 {
	c.appended++
	timeUS := c.appended
	if c.nowUS != nil {
		timeUS = c.nowUS()
	}
	offset := s.end()
	s.entries = append(s.entries, log.Entry{Offset: offset, Value: r.value, TimeUS: timeUS})
	if offset == 0 {
		s.first, s.firstUS = r.value, timeUS
	}
	if r.then != nil {
		r.then(offset)
	}
	c.wake()
	return offset
}

func (c *core) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// read returns entries of the stream as a client sees it that is stale records behind, or
// the channel to wait for.
func (c *core) read(s log.Stream, offset int64, maxBytes int, stale int64) ([]log.Entry, <-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stream, err := c.stream(s)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case offset == 0 && stream.start > 0 && s == log.Order:
		return []log.Entry{{Value: stream.first, TimeUS: stream.firstUS}}, nil, nil
	case offset < stream.start:
		return nil, nil, fmt.Errorf("offset %d, the first is %d: %w", offset, stream.start, log.ErrTrimmed)
	case offset > stream.end():
		return nil, nil, fmt.Errorf("offset %d, the end is %d: %w", offset, stream.end(), log.ErrTruncated)
	case offset >= stream.end()-stale:
		return nil, c.changed, nil
	}
	var entries []log.Entry
	for _, e := range stream.entries[offset-stream.start : stream.end()-stale-stream.start] {
		if len(entries) > 0 && maxBytes < len(e.Value) {
			break
		}
		maxBytes -= len(e.Value)
		entries = append(entries, e)
	}
	return entries, nil, nil
}

// identity is a function of the seed and of how often the log was created.
func (c *core) identity() log.Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := func(n uint64) string {
		var b [24]byte
		binary.BigEndian.PutUint64(b[:], c.seed)
		binary.BigEndian.PutUint64(b[8:], c.created)
		binary.BigEndian.PutUint64(b[16:], n)
		sum := sha256.Sum256(b[:])
		return fmt.Sprintf("%x", sum[:8])
	}
	return log.Identity{Cluster: "memory", Topics: []string{name(0), name(1)}}
}

// sleepUntil waits for a change or for the end of ctx.
func sleepUntil(ctx context.Context, changed ...<-chan struct{}) error {
	var second <-chan struct{}
	if len(changed) > 1 {
		second = changed[1]
	}
	select {
	case <-changed[0]:
	case <-second:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
