package session

import (
	"context"
	"errors"
	"slices"
	"sync"

	"marmot/txn"
)

// lockMode is a set of the ways in which an owner holds a resource.
type lockMode uint8

// The modes. The intents are for whole tables: their holder has keys of the table.
const (
	lockIntentShared lockMode = 1 << iota
	lockIntentExclusive
	lockShared
	lockExclusive
)

// against is the set of modes that exclude m in the hands of another owner.
func (m lockMode) against() lockMode {
	var set lockMode
	if m&lockIntentShared != 0 {
		set |= lockExclusive
	}
	if m&(lockIntentExclusive) != 0 {
		set |= lockShared | lockExclusive
	}
	if m&lockShared != 0 {
		set |= lockIntentExclusive | lockExclusive
	}
	if m&lockExclusive != 0 {
		set |= lockIntentShared | lockIntentExclusive | lockShared | lockExclusive
	}
	return set
}

// resource is what sessions of this node lock: a key of a table, or the table.
type resource struct {
	table txn.TableID
	hash  uint64
	whole bool
}

// want is one lock that a statement needs.
type want struct {
	resource
	mode lockMode
}

// Errors of waiting for a lock.
var (
	errDeadlock = errors.New("waiting for this lock would close a circle of waiting sessions")
	errDoomed   = errors.New("a commit of another node has taken what the transaction holds")
)

// lockTable holds the locks that the sessions of this node have against each other. Locks
// of one resource are granted in the order in which they were asked for, except that who holds a
// resource already may strengthen its hold past those who wait.
type lockTable struct {
	mu      sync.Mutex
	locks   map[resource]*lock
	waiters int
}

func newLockTable() *lockTable { return &lockTable{locks: map[resource]*lock{}} }

// lock is the state of one resource. Invariant: the holders' modes are compatible, and nobody in
// the queue's first place could be granted.
type lock struct {
	holders []holding
	queue   []*request
}

type holding struct {
	owner *lockOwner
	mode  lockMode
}

// request is a lock that an owner waits for.
type request struct {
	owner *lockOwner
	want
	done chan struct{} // closed when granted or refused
	err  error         // set before done is closed
}

// lockOwner is a transaction as the lock table knows it. Its fields are guarded by the table's mutex.
type lockOwner struct {
	held    map[resource]heldLock
	waiting *request
	// committing: its order record is on the way, so that the verdict decides its fate.
	committing bool
	doomed     bool
	// readAt is the position at which what it relies on was read, for doom.
	readAt txn.Position
}

// heldLock is one lock of an owner. relied: a statement that is part of the transaction has read under it, so
// that the transaction is lost when a remote commit takes the key.
type heldLock struct {
	mode   lockMode
	relied bool
}

func newLockOwner() *lockOwner { return &lockOwner{held: map[resource]heldLock{}} }

// tryTake takes locks in order until one is not to be had, which it returns; nil when it has all.
func (t *lockTable) tryTake(o *lockOwner, wants []want) (*want, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.doomed {
		return nil, errDoomed
	}
	for i := range wants {
		w := &wants[i]
		if o.held[w.resource].mode&w.mode == w.mode {
			continue
		}
		l := t.lock(w.resource)
		if !l.grantable(o, w.mode, len(l.queue)) {
			return w, nil
		}
		l.grant(o, *w)
	}
	return nil, nil
}

// available reports whether o could take the lock now.
func (t *lockTable) available(o *lockOwner, w want) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.locks[w.resource]
	return l == nil || l.grantable(o, w.mode, len(l.queue))
}

func (t *lockTable) lock(r resource) *lock {
	l := t.locks[r]
	if l == nil {
		l = &lock{}
		t.locks[r] = l
	}
	return l
}

// grantable reports whether o may have the lock in mode, given the first queued requests.
func (l *lock) grantable(o *lockOwner, mode lockMode, queued int) bool {
	holds := false
	for _, h := range l.holders {
		if h.owner == o {
			holds = true
		} else if h.mode&mode.against() != 0 {
			return false
		}
	}
	if holds {
		return true
	}
	for _, r := range l.queue[:queued] {
		if r.owner != o && r.mode&mode.against() != 0 {
			return false
		}
	}
	return true
}

func (l *lock) grant(o *lockOwner, w want) {
	h := o.held[w.resource]
	h.mode |= w.mode
	o.held[w.resource] = h
	for i := range l.holders {
		if l.holders[i].owner == o {
			l.holders[i].mode |= w.mode
			return
		}
	}
	l.holders = append(l.holders, holding{owner: o, mode: w.mode})
}

// wait waits until o has the lock. errDeadlock: it would wait for ever.
func (t *lockTable) wait(ctx context.Context, o *lockOwner, w want) error {
	r, err := t.enqueue(o, w)
	if r == nil {
		return err
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.waiting != r { // granted or refused at the same moment
		return r.err
	}
	t.dequeue(r)
	return context.Cause(ctx)
}

// enqueue returns a request that waits, or nil when the lock was to be had or never will be.
func (t *lockTable) enqueue(o *lockOwner, w want) (*request, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.doomed {
		return nil, errDoomed
	}
	l := t.lock(w.resource)
	if l.grantable(o, w.mode, len(l.queue)) {
		l.grant(o, w)
		return nil, nil
	}
	r := &request{owner: o, want: w, done: make(chan struct{})}
	at := len(l.queue)
	if o.held[w.resource].mode != 0 { // a stronger hold goes before those who hold nothing
		at = 0
		for at < len(l.queue) && l.queue[at].owner.held[w.resource].mode != 0 {
			at++
		}
	}
	l.queue = slices.Insert(l.queue, at, r)
	o.waiting = r
	t.waiters++
	if t.waitsFor(o, o, map[*lockOwner]bool{}) {
		t.dequeue(r)
		return nil, errDeadlock
	}
	return r, nil
}

// waitsFor reports whether from waits, directly or through others, for target.
func (t *lockTable) waitsFor(from, target *lockOwner, seen map[*lockOwner]bool) bool {
	r := from.waiting
	if r == nil || seen[from] {
		return false
	}
	seen[from] = true
	blocks := func(o *lockOwner, mode lockMode) bool {
		return o != from && mode&r.mode.against() != 0 && (o == target || t.waitsFor(o, target, seen))
	}
	l := t.locks[r.resource]
	for _, h := range l.holders {
		if blocks(h.owner, h.mode) {
			return true
		}
	}
	if from.held[r.resource].mode != 0 {
		return false
	}
	for _, q := range l.queue {
		if q == r {
			break
		}
		if blocks(q.owner, q.mode) {
			return true
		}
	}
	return false
}

// dequeue takes r out of its queue and lets those behind it go on.
func (t *lockTable) dequeue(r *request) {
	l := t.locks[r.resource]
	if i := slices.Index(l.queue, r); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
	r.owner.waiting = nil
	t.waiters--
	t.advance(r.resource, l)
}

// advance grants what can be granted from the head of the queue on.
func (t *lockTable) advance(res resource, l *lock) {
	for i := 0; i < len(l.queue); {
		r := l.queue[i]
		if !l.grantable(r.owner, r.mode, i) {
			i++
			continue
		}
		l.grant(r.owner, r.want)
		l.queue = slices.Delete(l.queue, i, i+1)
		r.owner.waiting = nil
		t.waiters--
		close(r.done)
	}
	if len(l.holders) == 0 && len(l.queue) == 0 {
		delete(t.locks, res)
	}
}

// release gives up all that o holds.
func (t *lockTable) release(o *lockOwner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(o)
	o.committing, o.doomed = false, false
}

func (t *lockTable) drop(o *lockOwner) {
	for res := range o.held {
		t.giveUp(o, res)
	}
	clear(o.held)
}

func (t *lockTable) giveUp(o *lockOwner, res resource) {
	l := t.locks[res]
	l.holders = slices.DeleteFunc(l.holders, func(h holding) bool { return h.owner == o })
	t.advance(res, l)
}

// beginCommit reports errDoomed, or keeps o from being doomed from now on.
func (t *lockTable) beginCommit(o *lockOwner) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.doomed {
		return errDoomed
	}
	o.committing = true
	return nil
}

// endCommit ends what beginCommit began, for an owner that keeps its locks.
func (t *lockTable) endCommit(o *lockOwner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o.committing = false
}

// rely notes that the transaction rests on these locks of o, and that all it rests on was good at p.
func (t *lockTable) rely(o *lockOwner, wants []want, p txn.Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o.readAt = p
	for i := range wants {
		if h, ok := o.held[wants[i].resource]; ok && !h.relied {
			h.relied = true
			o.held[wants[i].resource] = h
		}
	}
}

// isDoomed reports whether o has lost what it held.
func (t *lockTable) isDoomed(o *lockOwner) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return o.doomed
}

// contended lists the holds that others wait for and whose owners are not committing.
func (t *lockTable) contended(dst []contention) []contention {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiters == 0 {
		return dst
	}
	for res, l := range t.locks {
		if len(l.queue) == 0 {
			continue
		}
		for _, h := range l.holders {
			if !h.owner.committing && h.owner.held[res].relied {
				dst = append(dst, contention{resource: res, owner: h.owner, mode: h.mode, readAt: h.owner.readAt})
			}
		}
	}
	return dst
}

// contention is a hold that somebody waits for.
type contention struct {
	resource
	owner  *lockOwner
	mode   lockMode
	readAt txn.Position
}

// doom takes everything from an owner that can no longer commit.
func (t *lockTable) doom(o *lockOwner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.committing || o.doomed {
		return
	}
	o.doomed = true
	if r := o.waiting; r != nil {
		r.err = errDoomed
		t.dequeue(r)
		close(r.done)
	}
	t.drop(o)
}
