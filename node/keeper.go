package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/log"
	"marmot/snapshot"
	"marmot/sqlext"
	"marmot/store"
	"marmot/txn"
)

const (
	// cutTimeout bounds how long the applying may stand still for a snapshot.
	cutTimeout = 10 * time.Second
	// catchUpTimeout bounds the wait until this node has applied what the log held when a round began.
	catchUpTimeout = time.Minute
	// controlTimeout bounds the append of a trim record.
	controlTimeout = 30 * time.Second
	// firstRound is the longest that a run without a snapshot waits with its first round.
	firstRound = 30 * time.Second
	// fewPositions are not worth a snapshot or a trim record: either adds positions itself.
	fewPositions = 256
	// maxMarks bounds the marks that wait for their time.
	maxMarks = 64
)

// marksKey is where system.db keeps the marks of this node.
const marksKey = "log.marks"

// mark is a place at which the log may be cut once it is old enough.
type mark struct {
	TakenUS   int64        `json:"taken_us"`
	Floor     txn.Position `json:"floor"`
	Ends      []int64      `json:"ends"`
	Unchecked txn.Position `json:"unchecked"` // aborted positions from here on may be compared with a checkpoint
}

// keeper makes what the node holds durable from time to time, saves snapshots, and trims the log when it is for this node
// to do so.
type keeper struct {
	interval, retain, memberRetention time.Duration
	keep                              int
	trim                              bool
	storage                           snapshot.Storage
	set                               sqlext.Set
	now                               func() time.Time
	logger                            *slog.Logger

	log     log.Log
	genesis log.Genesis
	store   *store.Store
	applier *applier.Applier
	control func(context.Context, txn.Body) error
	members *members
	// bound returns the position up to which the log is not needed for events any more, and whether it is for this
	// node to trim.
	bound func() (p txn.Position, mine bool)
	// report, if not nil, tells the others what this node's emitters need no more.
	report func(ctx context.Context) error

	requests     chan chan savedSnapshot
	acknowledged atomic.Uint64 // on disk in every file
	saved        atomic.Uint64 // position of the newest verified snapshot
	savedUS      atomic.Int64  // when it was made
	failures     atomic.Uint64 // rounds that failed

	mu     sync.Mutex // guards marks
	marks  []mark     // oldest first
	cutAt  txn.Position
	oldest txn.Position // of the snapshots that are kept: the log goes on from each of them
}

// savedSnapshot answers a request for a snapshot.
type savedSnapshot struct {
	Name     string `json:"name,omitempty"`
	Position uint64 `json:"position,omitempty"`
	Warning  string `json:"warning,omitempty"` // what failed once it was saved: removing old ones, trimming the log
	Error    string `json:"error,omitempty"`
}

// load restores the marks and looks for the newest snapshot.
func (k *keeper) load(ctx context.Context) error {
	text, ok, err := k.store.Meta(marksKey)
	if err != nil {
		return err
	}
	if ok {
		if err := json.Unmarshal(text, &k.marks); err != nil {
			return fmt.Errorf("system.db, %s: %w", marksKey, err)
		}
	}
	k.marks = slices.DeleteFunc(k.marks, func(m mark) bool {
		return m.Floor <= k.genesis.Base+1 || len(m.Ends) != k.genesis.Partitions // of an earlier generation
	})
	if n := len(k.marks); n > 0 {
		k.acknowledged.Store(uint64(k.marks[n-1].Floor - 1))
	}
	names, err := k.storage.Names(ctx)
	if err != nil {
		return fmt.Errorf("snapshot.dir: %w", err)
	}
	for _, name := range slices.Backward(names) {
		m, err := snapshot.Read(ctx, k.storage, name)
		if err != nil {
			k.logger.Warn("snapshot passed over", "error", err)
			continue
		}
		// One from beyond what this node has applied is of a life that this one does not continue.
		if m.Cluster != k.genesis.Cluster || m.Generation != k.genesis.Generation || m.Position > k.store.PublishedAll() {
			continue
		}
		if k.saved.Load() == 0 {
			k.saved.Store(uint64(m.Position))
			k.savedUS.Store(m.CreatedUS)
		}
		k.oldest = m.Position
	}
	return nil
}

// firstWait returns how long a new run waits with its first round: the snapshot of an earlier run does for its time.
func (k *keeper) firstWait() time.Duration {
	soon := min(k.interval, firstRound)
	saved := k.savedUS.Load()
	if saved == 0 {
		return soon
	}
	age := max(k.now().Sub(time.UnixMicro(saved)), 0)
	return max(soon, k.interval-age)
}

// run does a round at each interval, and when one is asked for, until ctx ends.
func (k *keeper) run(ctx context.Context) error {
	wait := k.firstWait()
	for {
		timer := time.NewTimer(wait)
		var requests []chan savedSnapshot
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case r := <-k.requests:
			timer.Stop()
			requests = k.moreRequests(r)
		case <-timer.C:
		}
		m, err := k.round(ctx, requests != nil)
		if err != nil && ctx.Err() == nil {
			k.failures.Add(1)
			k.logger.Warn("snapshot and trimming", "error", err)
		}
		for _, r := range requests {
			r <- answerSaved(m, err) // has room for one
		}
		wait = k.interval
	}
}

// moreRequests returns the request and all others that wait: one round answers them.
func (k *keeper) moreRequests(first chan savedSnapshot) []chan savedSnapshot {
	requests := []chan savedSnapshot{first}
	for {
		select {
		case r := <-k.requests:
			requests = append(requests, r)
		default:
			return requests
		}
	}
}

// answerSaved tells of a snapshot that is saved even when what followed it failed.
func answerSaved(m *snapshot.Manifest, err error) savedSnapshot {
	var s savedSnapshot
	if m != nil {
		s.Name, s.Position = snapshot.Name(m.Generation, m.Position), uint64(m.Position)
	}
	switch {
	case err != nil && m != nil:
		s.Warning = err.Error()
	case err != nil:
		s.Error = err.Error()
	case m == nil:
		s.Error = "no snapshot was saved"
	}
	return s
}

// save asks for a snapshot now.
func (k *keeper) save(ctx context.Context) savedSnapshot {
	answer := make(chan savedSnapshot, 1)
	select {
	case k.requests <- answer:
	case <-ctx.Done():
		return answerSaved(nil, ctx.Err())
	}
	select {
	case s := <-answer:
		return s
	case <-ctx.Done():
		return answerSaved(nil, ctx.Err())
	}
}

// round makes everything durable, saves a snapshot if one is worth it or asked for, and trims.
func (k *keeper) round(ctx context.Context, asked bool) (*snapshot.Manifest, error) {
	if k.report != nil {
		if err := k.report(ctx); err != nil {
			k.logger.Warn("what emitters need of the log is not told", "error", err)
		}
	}
	events, mine := k.bound() // before the cut, which makes durable what it rests on
	m, cut, err := k.cut(ctx)
	if err != nil {
		return nil, err
	}
	k.acknowledged.Store(uint64(cut.Position))
	saved, err := k.saveCut(ctx, cut, asked)
	if err = errors.Join(err, cut.Close()); err != nil {
		return saved, err
	}
	if txn.Position(k.saved.Load())+1 >= m.Floor {
		if err := k.note(m); err != nil {
			return saved, err
		}
	}
	return saved, k.trimLog(ctx, events, mine && k.trim)
}

// cut takes a mark and then a cut of the files at or behind it.
func (k *keeper) cut(ctx context.Context) (m mark, cut *store.Cut, err error) {
	place, err := log.TakeMark(ctx, k.log, k.genesis)
	if err != nil {
		return m, nil, err
	}
	m = mark{TakenUS: k.now().UnixMicro(), Floor: place.Floor, Ends: place.Ends}
	waiting, stop := context.WithTimeout(ctx, catchUpTimeout)
	defer stop()
	if err := k.store.WaitPublished(waiting, m.Floor-1); err != nil {
		return m, nil, fmt.Errorf("this node has not applied everything up to %s within %s: %w", m.Floor-1, catchUpTimeout, err)
	}
	bounded, cancel := context.WithTimeout(ctx, cutTimeout)
	defer cancel()
	began := k.now()
	err = k.applier.Cut(bounded, func(p, unchecked txn.Position) (err error) {
		m.Unchecked = min(unchecked, m.Floor)
		cut, err = k.store.Cut(p)
		return err
	})
	k.logger.Debug("applying stood still", "for", k.now().Sub(began), "error", err)
	return m, cut, err
}

// saveCut saves a snapshot and removes old ones. Nil without an error: none was due.
func (k *keeper) saveCut(ctx context.Context, cut *store.Cut, asked bool) (*snapshot.Manifest, error) {
	if !asked && (k.keep == 0 || cut.Position < txn.Position(k.saved.Load())+fewPositions) {
		return nil, nil
	}
	m, err := snapshot.Save(ctx, k.storage, cut, snapshot.Saving{Generation: k.genesis.Generation, Now: k.now(), Version: Version, Set: k.set})
	if err != nil {
		return nil, err
	}
	k.saved.Store(uint64(m.Position))
	k.savedUS.Store(m.CreatedUS)
	gone, oldest, err := snapshot.Prune(ctx, k.storage, m, k.keep)
	k.oldest = oldest
	if err != nil {
		return m, err
	}
	k.logger.Info("snapshot saved", "position", m.Position, "files", len(m.Files), "removed", len(gone))
	return m, nil
}

// note keeps a mark, unless the last one is hardly older.
func (k *keeper) note(m mark) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.marks); n > 0 {
		last := k.marks[n-1]
		if m.Floor < last.Floor+fewPositions || m.TakenUS-last.TakenUS < k.retain.Microseconds()/(maxMarks/2) {
			return nil
		}
	}
	k.marks = append(k.marks, m)
	if len(k.marks) > maxMarks { // every second of the older half
		kept := k.marks[:0]
		for i, old := range k.marks {
			if i >= maxMarks/2 || i%2 == 0 {
				kept = append(kept, old)
			}
		}
		k.marks = kept
	}
	return k.writeMarks()
}

// writeMarks writes the marks; the caller holds mu.
func (k *keeper) writeMarks() error {
	text, err := json.Marshal(k.marks)
	if err != nil {
		return err
	}
	return k.store.SetMeta(marksKey, text)
}

// newest returns the newest mark that fits.
func (k *keeper) newest(fits func(mark) bool) (mark, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range slices.Backward(k.marks) {
		if fits(m) {
			return m, true
		}
	}
	return mark{}, false
}

// floor returns the ledger's trim floor.
func (k *keeper) floor() (p txn.Position) {
	k.applier.Ask(func(l *ledger.Ledger) { p = l.TrimFloor() })
	return p
}

// trimLog raises the trim floor if that is for this node to do, and gives up what lies below the floor.
func (k *keeper) trimLog(ctx context.Context, events txn.Position, mine bool) error {
	if mine {
		if err := k.raise(ctx, min(events, k.oldest)); err != nil {
			return err
		}
	}
	floor := k.floor()
	m, found := k.newest(func(m mark) bool { return m.Floor <= floor })
	if !found {
		return nil
	}
	if mine && m.Floor > k.cutAt {
		place := log.Mark{Floor: m.Floor, Ends: m.Ends}
		if err := place.Cut(ctx, k.log, k.genesis, k.applier.Decided()); err != nil {
			return err
		}
		k.cutAt = m.Floor
	}
	return k.forget(m)
}

// raise appends a trim record for the newest mark that is old enough and at or below what everybody has.
func (k *keeper) raise(ctx context.Context, bound txn.Position) error {
	now := k.now()
	others, known := k.members.acknowledged(now, k.memberRetention)
	if !known {
		return nil
	}
	bound = min(bound, others)
	m, found := k.newest(func(m mark) bool {
		return m.Floor <= bound+1 && now.Sub(time.UnixMicro(m.TakenUS)) >= k.retain
	})
	if !found || m.Floor < k.floor()+fewPositions {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	if err := k.control(bounded, &txn.TrimFloor{Floor: m.Floor}); err != nil {
		return fmt.Errorf("trim record: %w", err)
	}
	k.logger.Info("the log is trimmed", "floor", m.Floor)
	return nil
}

// forget drops what the log has no records for any more.
func (k *keeper) forget(m mark) error {
	if err := k.store.TrimAborted(m.Unchecked); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	before := len(k.marks)
	k.marks = slices.DeleteFunc(k.marks, func(old mark) bool { return old.Floor < m.Floor })
	if len(k.marks) == before {
		return nil
	}
	return k.writeMarks()
}
