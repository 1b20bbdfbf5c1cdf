package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// memoryWait is how long a transaction that begins waits for memory.
const memoryWait = 5 * time.Second

// memoryBudget is what all transactions of the node hold together: private pages, captured rows, row events. It is counted
// after the fact, after each statement and every few milliseconds within one, so it goes beyond its limit by what the
// slots can write in that time.
type memoryBudget struct {
	limit int64
	used  atomic.Int64

	mu    sync.Mutex
	freed chan struct{} // closed when something is given back; nil while nobody waits
}

func (m *memoryBudget) full() bool { return m.used.Load() > m.limit }

func (m *memoryBudget) add(bytes int64) {
	m.used.Add(bytes)
	if bytes >= 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freed != nil {
		close(m.freed)
		m.freed = nil
	}
}

// await waits until there is room.
func (m *memoryBudget) await(ctx context.Context) error {
	if !m.full() {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, memoryWait, errNodeMemory)
	defer cancel()
	for {
		m.mu.Lock()
		if m.freed == nil {
			m.freed = make(chan struct{})
		}
		freed := m.freed
		m.mu.Unlock()
		if !m.full() {
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// charge counts what the transaction holds now.
func (t *transaction) charge() {
	now := int64(0)
	if t.branch != nil {
		now = t.branch.Memory()
		if !t.written.dropped {
			now += t.written.bytes
		}
	}
	if now != t.charged {
		t.session.engine.memory.add(now - t.charged)
		t.charged = now
	}
}

// discharge gives back what was counted.
func (t *transaction) discharge() {
	if t.charged != 0 {
		t.session.engine.memory.add(-t.charged)
		t.charged = 0
	}
}

// awaitMemory comes before a statement that writes. A transaction that holds memory is refused at once while there is
// none, for it may be what the others wait for; one that holds none waits for them.
func (s *Session) awaitMemory(ctx context.Context) error {
	m := &s.engine.memory
	if s.tx == nil || s.tx.charged == 0 {
		return m.await(ctx)
	}
	if m.full() {
		return errNodeMemory
	}
	return nil
}
