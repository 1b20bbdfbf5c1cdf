package node

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"marmot/log"
	"marmot/txn"
)

const (
	meterInterval = time.Second
	// maxSamples bounds what is remembered of how the log grew; beyond it every second of the older half is forgotten.
	maxSamples = 4096
)

// logMeter knows how many bytes of the log lie behind a position, and when what waits there was committed.
type logMeter struct {
	bytes atomic.Uint64 // of all records since the start, chunks included

	mu      sync.Mutex
	samples []meterSample // by position
	waits   map[string]waiting
}

type meterSample struct {
	position txn.Position
	bytes    uint64
}

// waiting is when the first record was committed that an emission has not published.
type waiting struct {
	after txn.Position // what is published
	us    int64
}

// observe counts a record.
func (e *emitters) observe(r *log.Read) {
	n := uint64(r.Bytes)
	if r.Record != nil {
		switch b := r.Record.Body.(type) {
		case *txn.Transaction:
			n += chunkBytes(b.Chunks)
		case *txn.DDL:
			n += chunkBytes(b.Chunks) + chunkBytes(b.Definition)
		}
	}
	e.meter.bytes.Add(n)
}

func chunkBytes(refs []txn.ChunkRef) (n uint64) {
	for _, ref := range refs {
		n += uint64(ref.Bytes)
	}
	return n
}

// run samples until ctx ends.
func (m *logMeter) run(ctx context.Context, e *emitters) {
	m.sample(e.applier.Decided())
	ticker := time.NewTicker(meterInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		decided := e.applier.Decided()
		m.sample(decided)
		for _, one := range e.list {
			if epoch, _ := one.owner(); epoch == e.epoch() {
				m.await(one.name, e.waitingSince(ctx, one, decided))
			}
		}
	}
}

// waitingSince looks when the first record was committed that the emission has not published.
func (e *emitters) waitingSince(ctx context.Context, one *emission, decided txn.Position) waiting {
	emitted := txn.Position(one.emitted.Load())
	if !one.known.Load() {
		emitted = one.look().state.Needs
	}
	last, found := e.meter.waiting(one.name)
	switch {
	case emitted >= decided:
		return waiting{after: emitted}
	case found && last.after == emitted && last.us > 0:
		return last
	}
	bounded, cancel := context.WithTimeout(ctx, meterInterval)
	defer cancel()
	first, err := e.logStart(bounded)
	if err != nil {
		return last
	}
	entries, err := e.log.Read(bounded, log.Order, e.genesis.Offset(max(emitted+1, first)), 1)
	if err != nil {
		return last // it is looked for again
	}
	us := entries[0].TimeUS
	if r, err := txn.DecodeRecord(entries[0].Value); err == nil {
		us = r.TimeUS
	}
	return waiting{after: emitted, us: us}
}

func (m *logMeter) await(emission string, w waiting) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waits == nil {
		m.waits = map[string]waiting{}
	}
	m.waits[emission] = w
}

func (m *logMeter) waiting(emission string) (waiting, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w, found := m.waits[emission]
	return w, found
}

func (m *logMeter) sample(decided txn.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.samples); n > 0 && m.samples[n-1].position >= decided {
		return
	}
	m.samples = append(m.samples, meterSample{decided, m.bytes.Load()})
	if len(m.samples) <= maxSamples {
		return
	}
	kept := m.samples[:0]
	for i, s := range m.samples {
		if i >= maxSamples/2 || i%2 == 0 {
			kept = append(kept, s)
		}
	}
	m.samples = kept
}

// between returns about how many bytes the log has from one position to another. What this process has not read is taken to be
// like what it has.
func (m *logMeter) between(from, to txn.Position) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to <= from || len(m.samples) == 0 {
		return 0
	}
	now := m.bytes.Load()
	i, _ := slices.BinarySearchFunc(m.samples, from, func(s meterSample, p txn.Position) int { return int(int64(s.position) - int64(p)) })
	if i < len(m.samples) && m.samples[i].position == from {
		return now - m.samples[i].bytes
	}
	first, last := m.samples[0], meterSample{to, now}
	switch {
	case i == 0:
		if first.position >= to || now == first.bytes {
			return 0
		}
		perPosition := float64(now-first.bytes) / float64(to-first.position)
		return uint64(perPosition * float64(to-from))
	case i < len(m.samples):
		last = m.samples[i]
	}
	before := m.samples[i-1]
	if last.position <= before.position {
		return now - before.bytes
	}
	share := float64(last.position-from) / float64(last.position-before.position)
	return now - last.bytes + uint64(share*float64(last.bytes-before.bytes))
}
