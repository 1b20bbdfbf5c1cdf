package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"marmot/log"
)

// appending is one append on its way.
type appending struct {
	ctx    context.Context //nolint:containedctx // it bounds the append, which waits in a queue
	stream log.Stream
	value  []byte
	done   func(int64, error)
	offset int64
}

// writer is the goroutine that writes. It alone touches its fields.
type writer struct {
	log     *Log
	segment *segment
	size    int64 // of its file
	at      int64 // where the next record goes
	durable int64 // bytes of the segment that are on disk
	next    []int64
	lastUS  int64
	group   []*appending
	places  []uint32 // of the group's records
	buffer  []byte
	sealed  bool  // a write failed: what lies behind at is unknown, so the segment takes no more
	broken  error // a sync failed
	ready   chan readyFile
}

// readyFile is a file of zeros for the next segment.
type readyFile struct {
	file *os.File
	err  error
}

func newWriter(l *Log, active *segment) *writer {
	w := &writer{log: l, next: slices.Clone(l.end)}
	w.use(active)
	return w
}

// use makes the segment, whose bytes in use are on disk, the one that is written.
func (w *writer) use(s *segment) {
	w.segment, w.at, w.durable, w.sealed = s, s.used, s.used, false
	w.size = max(w.log.options.SegmentBytes, s.used)
}

// run takes what waits, group by group, until the log is closed; then it writes the rest.
func (w *writer) run() {
	for {
		select {
		case a := <-w.log.queue:
			w.writeGroup(a)
			continue
		case <-w.log.closed:
		}
		select {
		case a := <-w.log.queue:
			w.writeGroup(a)
		default:
			w.end()
			return
		}
	}
}

func (w *writer) end() {
	if w.broken == nil {
		w.log.err = w.log.disk.sync(w.segment.file)
	}
	if w.ready != nil {
		if r := <-w.ready; r.file != nil {
			w.log.err = errors.Join(w.log.err, r.file.Close(), os.Remove(w.log.readyPath()))
		}
	}
}

// writeGroup writes the append and all that wait behind it, as far as they fit.
func (w *writer) writeGroup(a *appending) {
	for a != nil {
		w.add(a)
		if len(w.buffer) >= maxGroupBytes {
			break
		}
		select {
		case a = <-w.log.queue:
		default:
			a = nil
		}
	}
	w.flush()
}

// add puts an append into the group.
func (w *writer) add(a *appending) {
	w.log.bytes.Release(int64(len(a.value)))
	if err := w.refusal(a); err != nil {
		w.flush() // keeps the order of answers
		a.done(0, err)
		return
	}
	a.offset = w.next[a.stream+1]
	w.next[a.stream+1]++
	w.lastUS = max(w.lastUS, w.log.options.Now().UnixMicro(), 1)
	f := frame{stream: a.stream, offset: a.offset, timeUS: w.lastUS, durable: w.durable, value: a.value}
	w.places = append(w.places, uint32(w.at+int64(len(w.buffer))))
	w.buffer = f.append(w.buffer)
	w.group = append(w.group, a)
}

// refusal makes room for the append, and says why that cannot be.
func (w *writer) refusal(a *appending) error {
	if w.broken != nil {
		return w.broken
	}
	if err := a.ctx.Err(); err != nil {
		return err
	}
	need := int64(frameBytes + len(a.value))
	if !w.sealed && w.at+int64(len(w.buffer))+need <= w.size {
		return nil
	}
	w.flush()
	if w.broken != nil {
		return w.broken
	}
	return w.roll(need)
}

// flush writes the group, syncs if an order record is in it, publishes it and answers.
func (w *writer) flush() {
	if len(w.group) == 0 {
		return
	}
	err := w.log.disk.write(w.segment.file, w.buffer, w.at)
	if err != nil {
		// The next append begins a new segment, whose header leaves out what may have been written here.
		w.sealed = true
		err = fmt.Errorf("write %s at byte %d: %w; %w", w.segment.path, w.at, err, log.ErrUnknown)
	} else if slices.ContainsFunc(w.group, func(a *appending) bool { return a.stream == log.Order }) {
		err = w.sync(w.at + int64(len(w.buffer)))
	}
	if err != nil {
		for _, a := range w.group {
			w.next[a.stream+1] = min(w.next[a.stream+1], a.offset)
		}
	} else {
		w.at += int64(len(w.buffer))
		w.publish()
	}
	for _, a := range w.group {
		a.done(a.offset, err)
	}
	w.group, w.places, w.buffer = w.group[:0], w.places[:0], w.buffer[:0]
	if cap(w.buffer) > 2*maxGroupBytes {
		w.buffer = nil
	}
}

// sync brings everything up to end to the disk. After a failure the kernel may have dropped what it
// could not write, so nothing more is written until the log is opened again.
func (w *writer) sync(end int64) error {
	if err := w.log.disk.sync(w.segment.file); err != nil {
		w.broken = fmt.Errorf("the log takes nothing since a sync of %s failed (%w); see to the disk and restart the node", w.segment.path, err)
		return fmt.Errorf("sync %s: %w; %w", w.segment.path, err, log.ErrUnknown)
	}
	w.durable = end
	return nil
}

// publish lets readers see the group.
func (w *writer) publish() {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, a := range w.group {
		w.segment.index[a.stream+1] = append(w.segment.index[a.stream+1], w.places[i])
		l.end[a.stream+1] = a.offset + 1
	}
	w.segment.used = w.at
	close(l.changed)
	l.changed = make(chan struct{})
}

// roll begins the next segment, with room for need bytes.
func (w *writer) roll(need int64) error {
	if err := w.sync(w.at); err != nil {
		return w.broken
	}
	header := &segmentHeader{
		log: w.log.uuid, number: w.segment.header.number + 1, previousEnd: uint64(w.at), first: slices.Clone(w.next),
	}
	size := max(w.log.options.SegmentBytes, need+int64(headerBytes(header.partitions())))
	var ready *os.File
	if w.ready != nil {
		// A file that could not be prepared is tried again now: there may be room by now.
		ready = (<-w.ready).file
		w.ready = nil
	}
	if ready != nil && size > w.log.options.SegmentBytes {
		if err := ready.Close(); err != nil {
			return err
		}
		ready = nil
	}
	s, err := w.log.createSegment(header, ready, size)
	if err != nil {
		return err
	}
	w.log.mu.Lock()
	old := w.segment
	w.log.segments = append(w.log.segments, s)
	err = w.log.keep(old)
	w.log.mu.Unlock()
	w.use(s)
	w.size = size
	w.prepare()
	return err
}

// prepare makes the file for the segment after this one, in the background.
func (w *writer) prepare() {
	results := make(chan readyFile, 1)
	w.ready = results
	w.log.writer.Go(func() {
		f, err := w.log.disk.create(w.log.readyPath(), nil, w.log.options.SegmentBytes)
		results <- readyFile{f, err}
	})
}
