package embedded

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"marmot/log"
	"marmot/txn"
)

// Limits of a Log.
const (
	defaultSegmentBytes = 16 << 20
	minSegmentBytes     = 4 << 10
	maxQueued           = 4096     // appends that wait for the writer
	maxQueuedBytes      = 64 << 20 // their values
	maxGroupBytes       = 4 << 20  // of one write
	maxOpenSegments     = 16       // older segments whose index is in memory
)

// Options of a Log.
type Options struct {
	Dir          string           // data/log; created if missing
	Partitions   int              // log.partitions, fixed at creation; 0: what is there, or 16
	SegmentBytes int64            // 0: 16 MiB
	Now          func() time.Time // nil: time.Now
	Random       io.Reader        // makes the log's uuid; nil: crypto/rand
	Logger       *slog.Logger     // gets a word when a torn tail is cut; nil: silent
}

// Log is a log in the files of one directory, which it holds locked.
type Log struct {
	options Options
	disk    disk
	uuid    txn.UUID
	lock    *os.File

	queue  chan *appending
	gate   sync.RWMutex        // held shared while something is put into queue
	bytes  *semaphore.Weighted // of the values in queue
	closed chan struct{}       // closed by Close
	once   sync.Once
	writer sync.WaitGroup
	err    error // of Close

	mu       sync.Mutex
	segments []*segment
	end      []int64       // of each stream, order first: what Read sees
	floor    []int64       // what Trim asked for
	genesis  *log.Entry    // record 0 of the order stream, once it is trimmed
	changed  chan struct{} // closed when end grows
	opened   []*segment    // older segments in memory, the longest unused first
	members  map[txn.NodeID]log.Member
}

// Open opens the log in o.Dir, or creates it. Errors name the file and what can be done.
func Open(o Options) (*Log, error) { return open(o, realDisk()) }

func open(o Options, d disk) (*Log, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	if o.SegmentBytes < minSegmentBytes || o.SegmentBytes > 1<<31 {
		return nil, fmt.Errorf("embedded log: segments of %d bytes, want 4 KiB to 2 GiB", o.SegmentBytes)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded log: %w; data.dir must be a directory that this user may write to", err)
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("embedded log: %w", err)
	}
	l := &Log{
		options: o, disk: d, lock: lock,
		queue:   make(chan *appending, maxQueued),
		bytes:   semaphore.NewWeighted(maxQueuedBytes),
		closed:  make(chan struct{}),
		changed: make(chan struct{}),
		members: map[txn.NodeID]log.Member{},
	}
	active, err := l.load()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded log: %w", err), lock.Close())
	}
	l.floor = slices.Clone(l.segments[0].header.first)
	w := newWriter(l, active)
	l.writer.Go(w.run)
	return l, nil
}

// Close writes what waits, syncs, and gives the directory up. Appends and reads from then on are log.ErrClosed.
func (l *Log) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.writer.Wait()
		l.gate.Lock()
		defer l.gate.Unlock()
		l.refuseQueued()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, s := range l.segments {
			l.err = errors.Join(l.err, s.close())
		}
		l.err = errors.Join(l.err, l.lock.Close())
	})
	return l.err
}

// refuseQueued answers what came into the queue when the writer had ended already.
func (l *Log) refuseQueued() {
	for {
		select {
		case a := <-l.queue:
			a.done(0, log.ErrClosed)
		default:
			return
		}
	}
}

// Append implements log.Log. A changes record is acknowledged when it is written, and becomes durable not later than any
// order record that is appended after its acknowledgement. Done must not wait for the log.
func (l *Log) Append(ctx context.Context, s log.Stream, value []byte, done func(int64, error)) {
	a := &appending{ctx: ctx, stream: s, value: value, done: done}
	if err := l.enqueue(ctx, a); err != nil {
		go done(0, err)
	}
}

func (l *Log) enqueue(ctx context.Context, a *appending) error {
	if err := l.checkStream(a.stream); err != nil {
		return err
	}
	if len(a.value) > MaxValueBytes {
		return fmt.Errorf("record of %d bytes: %w", len(a.value), log.ErrTooLarge)
	}
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.isClosed() {
		return log.ErrClosed
	}
	if err := l.reserve(ctx, int64(len(a.value))); err != nil {
		return err
	}
	select {
	case l.queue <- a:
		return nil
	case <-l.closed:
		l.bytes.Release(int64(len(a.value)))
		return log.ErrClosed
	case <-ctx.Done():
		l.bytes.Release(int64(len(a.value)))
		return ctx.Err()
	}
}

// reserve takes room for the bytes of a value. Close ends the wait: nobody gives room back after it.
func (l *Log) reserve(ctx context.Context, size int64) error {
	if l.bytes.TryAcquire(size) {
		return nil
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the wait
		select {
		case <-l.closed:
			cancel()
		case <-waiting.Done():
		}
	}()
	err := l.bytes.Acquire(waiting, size)
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil:
		return log.ErrClosed
	}
	return fmt.Errorf("the disk is too slow for what is written: %w", err)
}

func (l *Log) checkStream(s log.Stream) error {
	if s < log.Order || int(s) >= l.Partitions() {
		return fmt.Errorf("stream %d: the log has %d changes streams", s, l.Partitions())
	}
	return nil
}

// Partitions implements log.Log.
func (l *Log) Partitions() int { return len(l.end) - 1 }

// Bounds implements log.Log.
func (l *Log) Bounds(ctx context.Context, s log.Stream) (start, end int64, err error) {
	if err := l.checkStream(s); err != nil {
		return 0, 0, err
	}
	if err := l.usable(ctx); err != nil {
		return 0, 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.segments[0].header.first[s+1], l.end[s+1], nil
}

func (l *Log) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

func (l *Log) usable(ctx context.Context) error {
	if l.isClosed() {
		return log.ErrClosed
	}
	return ctx.Err()
}

// Read implements log.Log.
func (l *Log) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	if err := l.checkStream(s); err != nil {
		return nil, err
	}
	for {
		if err := l.usable(ctx); err != nil {
			return nil, err
		}
		entries, changed, err := l.readNow(s, offset, maxBytes)
		if err != nil || len(entries) > 0 {
			return entries, err
		}
		select {
		case <-changed:
		case <-l.closed:
		case <-ctx.Done():
		}
	}
}

// readNow returns what is there, or a channel to wait for.
func (l *Log) readNow(s log.Stream, offset int64, maxBytes int) ([]log.Entry, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed() { // Close takes mu before it takes the segments away
		return nil, nil, log.ErrClosed
	}
	start, end := l.segments[0].header.first[s+1], l.end[s+1]
	switch {
	case offset == 0 && s == log.Order && l.genesis != nil && start > 0:
		return []log.Entry{{TimeUS: l.genesis.TimeUS, Value: bytes.Clone(l.genesis.Value)}}, nil, nil
	case offset < start:
		return nil, nil, fmt.Errorf("offset %d, the first is %d: %w", offset, start, log.ErrTrimmed)
	case offset > end:
		return nil, nil, fmt.Errorf("offset %d, the end is %d: %w", offset, end, log.ErrTruncated)
	case offset == end:
		return nil, l.changed, nil
	}
	var entries []log.Entry
	for offset < end {
		e, err := l.readOne(s, offset)
		if err != nil {
			return nil, nil, err
		}
		maxBytes -= len(e.Value)
		if len(entries) > 0 && maxBytes < 0 {
			break
		}
		entries = append(entries, e)
		offset++
	}
	return entries, nil, nil
}

// readOne reads one record that is there.
func (l *Log) readOne(s log.Stream, offset int64) (log.Entry, error) {
	i, found := slices.BinarySearchFunc(l.segments, offset, func(seg *segment, offset int64) int {
		return cmp.Compare(seg.header.first[s+1], offset)
	})
	// Segments without a record of the stream share their first offset with the next: the last of them holds it.
	for found && i+1 < len(l.segments) && l.segments[i+1].header.first[s+1] == offset {
		i++
	}
	if !found {
		i--
	}
	seg := l.segments[i]
	if err := l.inMemory(i); err != nil {
		return log.Entry{}, err
	}
	f, err := seg.read(s, offset)
	if err != nil {
		return log.Entry{}, err
	}
	return log.Entry{Offset: offset, Value: f.value, TimeUS: f.timeUS}, nil
}

// Trim implements log.Log: whole segments go, once no stream needs them. It removes what all streams have
// given up, so a stream that is never trimmed keeps everything.
func (l *Log) Trim(ctx context.Context, s log.Stream, before int64) error {
	if err := l.checkStream(s); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil { // under mu: a closed log's directory may be another's
		return err
	}
	if before > l.end[s+1] {
		return fmt.Errorf("trim stream %d before %d: it ends at %d", s, before, l.end[s+1])
	}
	l.floor[s+1] = max(l.floor[s+1], before)
	for len(l.segments) > 1 && l.givenUp(l.segments[1]) {
		if err := l.keepGenesis(); err != nil {
			return fmt.Errorf("trim stream %d: keep the genesis: %w", s, err)
		}
		if err := l.removeOldest(); err != nil {
			return fmt.Errorf("trim stream %d: %w", s, err)
		}
	}
	return nil
}

// removeOldest removes the first segment. A file that is gone already was removed by a trim that failed behind that.
func (l *Log) removeOldest() error {
	oldest := l.segments[0]
	if err := os.Remove(oldest.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l.segments = l.segments[1:]
	l.opened = slices.DeleteFunc(l.opened, func(o *segment) bool { return o == oldest })
	return errors.Join(oldest.close(), syncDir(l.options.Dir))
}

// givenUp tells whether everything before the segment has been given up.
func (l *Log) givenUp(s *segment) bool {
	for i, first := range s.header.first {
		if l.floor[i] < first {
			return false
		}
	}
	return true
}

func (l *Log) keepGenesis() error {
	if l.genesis != nil || l.segments[0].header.first[0] > 0 || l.end[0] == 0 {
		return nil
	}
	e, err := l.readOne(log.Order, 0)
	if err != nil {
		return err
	}
	if err := l.disk.replace(filepath.Join(l.options.Dir, "genesis"), encodeGenesis(e)); err != nil {
		return err
	}
	l.genesis = &e
	return nil
}

// Identity implements log.Log: the uuid that the log was given at creation.
func (l *Log) Identity(ctx context.Context) (log.Identity, error) {
	if err := l.usable(ctx); err != nil {
		return log.Identity{}, err
	}
	return log.Identity{Cluster: "embedded", Topics: []string{l.uuid.String()}}, nil
}

// Check implements log.Log: there is nothing that could be set wrong.
func (l *Log) Check(ctx context.Context) error { return l.usable(ctx) }

// Announce implements log.Members; the only member is this process.
func (l *Log) Announce(ctx context.Context, m log.Member) error {
	if err := l.usable(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[m.Node] = m
	return nil
}

// List implements log.Members.
func (l *Log) List(ctx context.Context) ([]log.Member, error) {
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	members := make([]log.Member, 0, len(l.members))
	for _, m := range l.members {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b log.Member) int { return cmp.Compare(a.Node, b.Node) })
	return members, nil
}

var (
	_ log.Log     = (*Log)(nil)
	_ log.Members = (*Log)(nil)
)
