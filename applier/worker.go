package applier

import (
	"context"
	"fmt"
	"sync"

	"marmot/internal/stage"
	"marmot/log"
	"marmot/store"
	"marmot/txn"
)

// item is one committed record on its way to a database.
type item struct {
	read        *log.Read
	transaction *txn.Transaction
	body        *txn.DDLBody  // of a DDL
	together    *together     // set if several databases are concerned
	rest        chan struct{} // closed when the queue has come to it; such an item carries nothing else
}

// worker applies what committed in one database, in order.
type worker struct {
	applier *Applier
	db      txn.DatabaseID
	wake    chan struct{} // something is queued; capacity one
	room    chan struct{} // something was taken out; capacity one
	end     chan struct{} // closed when the database is gone

	mu          sync.Mutex
	queue       []*item
	busy        bool         // what was taken out of the queue is being applied
	target      txn.Position // published when the queue is empty
	quarantined error
	at          txn.Position // of the record that did not fit
}

func newWorker(a *Applier, db txn.DatabaseID) *worker {
	return &worker{
		applier: a, db: db,
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1), end: make(chan struct{}),
	}
}

// push queues an item, and waits while the queue is full. One goroutine pushes.
func (w *worker) push(ctx context.Context, it *item) error {
	for {
		w.mu.Lock()
		if len(w.queue) < maxQueued {
			w.queue = append(w.queue, it)
			w.mu.Unlock()
			signal(w.wake)
			return nil
		}
		w.mu.Unlock()
		select {
		case <-w.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// advance publishes p if nothing is under way, else when the queue is empty.
func (w *worker) advance(p txn.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = p
	if w.quarantined == nil && !w.busy && len(w.queue) == 0 {
		w.applier.o.Store.Advance(w.db, p)
	}
}

// rest waits until all that is queued has been applied.
func (w *worker) rest(ctx context.Context) error {
	it := &item{rest: make(chan struct{})}
	if err := w.push(ctx, it); err != nil {
		return err
	}
	select {
	case <-it.rest:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run applies until ctx ends, the database is gone, or something fails that is not the database's fault.
func (w *worker) run(ctx context.Context) error {
	for {
		batch := w.take()
		if len(batch) == 0 {
			select {
			case <-w.wake:
				continue
			case <-w.end:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if err := w.apply(ctx, batch); err != nil {
			return err
		}
	}
}

// take takes items out of the queue: ordinary ones up to the limit, or one that is handled
// alone. An empty queue publishes what the deciding goroutine left to be published.
func (w *worker) take() []*item {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.queue) && n < maxBatchRecords && !w.queue[n].alone() {
		n++
	}
	if n == 0 && len(w.queue) > 0 {
		n = 1
	}
	w.busy = n > 0
	if n == 0 {
		if w.target > 0 && w.quarantined == nil {
			w.applier.o.Store.Advance(w.db, w.target)
			w.applier.progress.tell()
		}
		return nil
	}
	batch := w.queue[:n:n]
	if w.queue = w.queue[n:]; len(w.queue) == 0 {
		w.queue = nil
	}
	signal(w.room)
	return batch
}

func (it *item) alone() bool { return it.together != nil || it.rest != nil }

func (w *worker) apply(ctx context.Context, batch []*item) error {
	switch first := batch[0]; {
	case first.rest != nil:
		close(first.rest)
		return nil
	case first.together != nil:
		return first.together.arrive(ctx, w, first)
	}
	for len(batch) > 0 && w.quarantine() == nil {
		n, err := w.applySome(ctx, batch)
		if err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

// applySome applies the first items of a batch, as many as fit one SQLite transaction, and returns
// how many those are. A DDL is the last of them, since the rows that follow are read by its definitions. If one does
// not fit its rows, those before it are applied and the database is quarantined.
func (w *worker) applySome(ctx context.Context, batch []*item) (int, error) {
	a := w.applier
	began := a.o.Stages.Now()
	file := a.o.Store.FilePosition(w.db)
	records := make([]store.Applied, 0, len(batch))
	size, n := 0, 0
	var bad error
	for defined := false; n < len(batch) && size < maxBatchBytes && !defined; {
		it := batch[n]
		n++
		defined = it.body != nil
		if it.read.Position <= file {
			continue // replayed
		}
		split, bytes, err := a.collect(ctx, it, []txn.DatabaseID{w.db})
		if err != nil && !isMismatch(err) {
			return 0, fmt.Errorf("record %s of the log: %w", it.read.Position, err)
		}
		if bad = err; bad != nil {
			break
		}
		records = append(records, split[w.db])
		size += bytes
	}
	if err := w.store(ctx, records); err != nil {
		return 0, err
	}
	a.o.Stages.Lap(stage.Batch, began)
	if bad != nil && w.quarantine() == nil {
		a.quarantine(w, batch[n-1].read.Position, bad)
	}
	return n, nil
}

// store applies records. When one of several does not fit, they are applied one by one up to it.
func (w *worker) store(ctx context.Context, records []store.Applied) error {
	if len(records) == 0 {
		return nil
	}
	a := w.applier
	err := a.patiently(ctx, func() error { return a.o.Store.Apply(w.db, records) })
	switch {
	case err == nil:
		w.applied(records[len(records)-1].Position, len(records))
		return nil
	case !isMismatch(err):
		return err
	case len(records) == 1:
		a.quarantine(w, records[0].Position, err)
		return nil
	}
	for i := range records {
		if err := w.store(ctx, records[i:i+1]); err != nil || w.quarantine() != nil {
			return err
		}
	}
	return nil
}

func (w *worker) applied(last txn.Position, records int) {
	if f := w.applier.o.Events.Applied; f != nil {
		f(w.db, last, records)
	}
	w.applier.progress.tell()
}

// quarantine returns why the database is quarantined, or nil.
func (w *worker) quarantine() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.quarantined
}

// stoppedAt tells whether the record at p quarantined the database.
func (w *worker) stoppedAt(p txn.Position) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.quarantined != nil && w.at == p
}

// release ends the quarantine.
func (w *worker) release() {
	w.mu.Lock()
	w.quarantined, w.at, w.target = nil, 0, 0
	w.mu.Unlock()
	if f := w.applier.o.Events.Quarantined; f != nil {
		f(w.db, nil)
	}
}
