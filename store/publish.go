package store

import (
	"container/heap"
	"context"
	"sync"
	"sync/atomic"

	"marmot/internal/stage"
	"marmot/txn"
)

// watermark is a position that only rises, except by reset, and wakes those who wait for it. The zero value is
// ready to use.
type watermark struct {
	position atomic.Uint64
	before   atomic.Uint64 // the highest it was at a reset
	mutex    sync.Mutex
	waiting  waitHeap
	ended    bool
	stages   *stage.Recorder // may be nil
}

// waiter waits for a position; done is closed when it is reached.
type waiter struct {
	position txn.Position
	done     chan struct{}
	reached  stage.Mark // when, set before done is closed
	index    int        // in the heap, -1 once it left
}

func (w *watermark) get() txn.Position { return txn.Position(w.position.Load()) }

// raise lifts the watermark to p, unless it is there already, and wakes who waited for it.
func (w *watermark) raise(p txn.Position) {
	for {
		old := w.position.Load()
		if uint64(p) <= old {
			return
		}
		if w.position.CompareAndSwap(old, uint64(p)) {
			break
		}
	}
	w.wake(p)
}

// wake wakes who waits for p or less.
func (w *watermark) wake(p txn.Position) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.waiting) == 0 || w.waiting[0].position > p {
		return
	}
	now := w.stages.Now()
	for len(w.waiting) > 0 && w.waiting[0].position <= p {
		next := heap.Pop(&w.waiting).(*waiter)
		next.reached = now
		close(next.done)
	}
}

// follow is raise, unless the watermark was reset and is still below where it was before.
func (w *watermark) follow(p txn.Position) {
	for {
		old := w.position.Load()
		if uint64(p) <= old || old < w.before.Load() {
			return
		}
		if w.position.CompareAndSwap(old, uint64(p)) {
			w.wake(p)
			return
		}
	}
}

// reset moves the watermark to p, be it backwards. Who waits goes on waiting.
func (w *watermark) reset(p txn.Position) {
	w.before.Store(max(w.before.Load(), w.position.Load()))
	w.position.Store(uint64(p))
	w.wake(p)
}

// end wakes everybody: nothing will be published any more.
func (w *watermark) end() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ended = true
	for len(w.waiting) > 0 {
		close(heap.Pop(&w.waiting).(*waiter).done)
	}
}

// wait waits until the watermark is at p or ended, or until also is closed, if it is not nil. It returns when p was reached,
// or zero if that was before.
func (w *watermark) wait(ctx context.Context, p txn.Position, also <-chan struct{}) (reached stage.Mark, err error) {
	if w.get() >= p {
		return 0, nil
	}
	w.mutex.Lock()
	if w.get() >= p || w.ended { // raise wakes under the mutex, after it lifted the position
		w.mutex.Unlock()
		return 0, nil
	}
	me := &waiter{position: p, done: make(chan struct{})}
	heap.Push(&w.waiting, me)
	w.mutex.Unlock()
	select {
	case <-me.done:
		return me.reached, nil
	case <-also:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if me.index >= 0 {
		heap.Remove(&w.waiting, me.index)
	}
	return 0, err
}

// waitHeap orders waiters by position.
type waitHeap []*waiter

func (h waitHeap) Len() int           { return len(h) }
func (h waitHeap) Less(i, j int) bool { return h[i].position < h[j].position }
func (h waitHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *waitHeap) Push(x any) {
	w := x.(*waiter)
	w.index = len(*h)
	*h = append(*h, w)
}

// Pop implements heap.Interface.
func (h *waitHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.index = -1
	return w
}

// Advance publishes p for a database that has nothing to apply up to p. The file is not
// written; Run does it from time to time.
func (s *Store) Advance(db txn.DatabaseID, p txn.Position) {
	if d := s.database(db); d != nil {
		d.published.raise(p)
	}
}

// AdvanceAll publishes p for every database, none of which has anything to apply up to p, and
// for a node without databases. One whose file was replaced by an older one is left alone until Apply and Advance
// have brought it to where it was.
func (s *Store) AdvanceAll(p txn.Position) {
	for _, d := range s.list() {
		d.published.follow(p)
	}
	s.advanced.raise(p)
}

// FilePosition returns the position that the database's file holds, 0 for an unknown database.
// Reading the log from the least of them on brings every file up to date.
func (s *Store) FilePosition(db txn.DatabaseID) txn.Position {
	if d := s.database(db); d != nil {
		return txn.Position(d.file.Load())
	}
	return 0
}

// Published returns the position up to which everything of the database can be read, 0 for an
// unknown database.
func (s *Store) Published(db txn.DatabaseID) txn.Position {
	if d := s.database(db); d != nil {
		return d.published.get()
	}
	return 0
}

// PublishedAll returns the least published position of all databases, or what AdvanceAll said
// last when there is none.
func (s *Store) PublishedAll() txn.Position {
	list := s.list()
	if len(list) == 0 {
		return s.advanced.get()
	}
	least := list[0].published.get()
	for _, d := range list[1:] {
		least = min(least, d.published.get())
	}
	return least
}

// OnWait has f called with each position that somebody begins to wait for, which may be published already.
func (s *Store) OnWait(f func(p txn.Position)) { s.onWait.Store(&f) }

// WaitPublished waits until p is published in the given databases, or in all there are when none is
// given. A database that is dropped meanwhile, or was, is not waited for; one that does not
// exist yet is waited for until it does.
func (s *Store) WaitPublished(ctx context.Context, p txn.Position, dbs ...txn.DatabaseID) error {
	_, err := s.WaitPublishedAt(ctx, p, dbs...)
	return err
}

// WaitPublishedAt is WaitPublished, and tells when the last of the given databases had it, or zero if all had it before.
func (s *Store) WaitPublishedAt(ctx context.Context, p txn.Position, dbs ...txn.DatabaseID) (at stage.Mark, err error) {
	if f := s.onWait.Load(); f != nil {
		(*f)(p)
	}
	if len(dbs) == 0 {
		return 0, s.waitAll(ctx, p)
	}
	for _, id := range dbs {
		d, err := s.awaitDatabase(ctx, id)
		if err != nil {
			return at, err
		}
		if d == nil {
			continue
		}
		reached, err := d.published.wait(ctx, p, nil)
		if err != nil {
			return at, err
		}
		at = max(at, reached)
	}
	return at, nil
}

func (s *Store) waitAll(ctx context.Context, p txn.Position) error {
	for s.PublishedAll() < p {
		changed := s.changed()
		list := s.list()
		if len(list) == 0 {
			if _, err := s.advanced.wait(ctx, p, changed); err != nil {
				return err
			}
		}
		for _, d := range list {
			if _, err := d.published.wait(ctx, p, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitDatabase waits until the database exists; nil if it is dropped.
func (s *Store) awaitDatabase(ctx context.Context, id txn.DatabaseID) (*database, error) {
	for {
		changed := s.changed()
		if d := s.database(id); d != nil {
			return d, nil
		}
		if _, ok := s.tombstone(id); ok {
			return nil, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
