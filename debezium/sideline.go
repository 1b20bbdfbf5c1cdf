package debezium

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"marmot/txn"
)

// Sources are what an emitter needs beside the log, for snapshots, signals and heartbeats.
type Sources struct {
	Tables Tables
	// NewID returns a random UUID.
	NewID func() (string, error)
	// Signals, if not nil, gives what has come over Kafka since the offsets, without waiting for it, and moves them.
	Signals func(ctx context.Context, offsets map[int32]int64) ([]Signal, error)
	// Close, if not nil, ends what Signals holds; a later call of it begins anew.
	Close  func()
	Logger *slog.Logger
	// Emission is the name under which signals of the log reach the emitter.
	Emission string
}

// Replayer is a Publisher that begins with nothing and is given the log anew (the mirror). What is no function of the log, it has kept.
type Replayer interface {
	// Kept returns the progress behind which the next kept batch stands; false: there is none.
	Kept() (Progress, bool)
	// PublishKept publishes it again and returns the progress that it was stored with.
	PublishKept(ctx context.Context) (Progress, error)
	// Seen returns the position up to which consumers may have seen events: no kept batch comes in between before it.
	Seen() txn.Position
}

// sideline is the state of what an emitter does beside streaming.
type sideline struct {
	sources   Sources
	on        bool // there are sources
	replaying bool
	always    bool // snapshot.mode = always has had its snapshot in this run
	delayed   bool // snapshot.delay.ms is over
	skipped   bool // that this run takes no snapshot at its start is told, or it took one
	state     emissionState
	view      View
	viewOf    txn.DatabaseID
	window    *window
	ended     *ended       // the transaction whose end is the present place in the stream, while that may close windows
	readFrom  txn.Position // the next chunk is read at it or later
	heard     time.Time    // when a record came last, or a window that waits for one was read
	resumed   bool         // the incremental snapshot goes on, if there is one
	queue     []Signal     // that are to be heeded
	beat      time.Time    // last heartbeat
	polled    time.Time    // last look for signals of Kafka
	telling   Telling      // of looks that failed
}

// Use gives the emitter what it needs for snapshots, signals and heartbeats. Without, it streams.
func (m *Emitter) Use(s Sources) {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.Close == nil {
		s.Close = func() {}
	}
	m.side.sources, m.side.on = s, true
}

func (m *Emitter) options() *Options { return &m.encoder.options }

// leave gives up what a run holds.
func (m *Emitter) leave() {
	m.closeView()
	if m.side.on {
		m.side.sources.Close()
	}
}

// setProgress takes over a stored progress.
func (m *Emitter) setProgress(p Progress) error {
	state, err := decodeState(p.State)
	if err != nil {
		return err
	}
	if m.progress.Position != p.Position {
		m.feed, m.held = nil, nil
	}
	m.progress, m.side.state = p, state
	m.encoder.lastRow = p.Row
	m.side.window, m.side.ended, m.side.resumed, m.side.queue = nil, nil, false, slices.Clone(state.Pending)
	m.encoder.showTables(state.knownTables())
	return nil
}

// save puts the state into the progress.
func (m *Emitter) save() error {
	text, err := m.side.state.encode()
	m.progress.State = text
	return err
}

// commit publishes what waits and the state with it.
func (m *Emitter) commit(ctx context.Context) error {
	if err := m.save(); err != nil {
		return err
	}
	if err := m.publish(ctx, m.progress); err != nil {
		return err
	}
	return m.reached()
}

// extra adds a record that no committed record stands for.
func (m *Emitter) extra(ctx context.Context, msg Message) error {
	return m.encoder.convert(ctx, msg, func(r Record) error {
		m.add(r)
		return nil
	})
}

// replay publishes kept batches again, each at its place in the stream, and then the stream up to what consumers may have seen.
func (m *Emitter) replay(ctx context.Context) error {
	r, ok := m.publisher.(Replayer)
	if !ok {
		return nil
	}
	m.side.replaying = true
	for {
		at, more := r.Kept()
		if !more {
			break
		}
		if err := m.streamTo(ctx, at.Position); err != nil {
			return err
		}
		if err := m.flush(ctx, m.progress); err != nil {
			return err
		}
		p, err := r.PublishKept(ctx)
		if err != nil {
			return publishError(err)
		}
		if m.progress.Position > p.Position && m.progress.Reset == p.Reset {
			return publishError(errors.New("a kept batch is older than what was published"))
		}
		if err := m.setProgress(p); err != nil {
			return err
		}
	}
	if m.side.state.Begun {
		if err := m.streamTo(ctx, r.Seen()); err != nil {
			return err
		}
		if err := m.flush(ctx, m.progress); err != nil {
			return err
		}
	}
	m.side.replaying = false
	return m.reached()
}

// sidePatience is how long the emitter may wait for the log before other work is due.
func (m *Emitter) sidePatience() (time.Duration, bool) {
	if !m.side.on || m.side.replaying {
		return 0, false
	}
	wait, limited := time.Duration(0), false
	if m.chunkDue() {
		wait, limited = time.Millisecond, true // the stream has its turn between chunks
	}
	due := func(last time.Time, every time.Duration) {
		if w := max(every-time.Since(last), time.Millisecond); !limited || w < wait {
			wait, limited = w, true
		}
	}
	if every := m.options().Heartbeat; every > 0 {
		due(m.side.beat, every)
	}
	if m.side.sources.Signals != nil {
		due(m.side.polled, m.pollInterval())
	}
	if w := m.side.window; w != nil && w.waits {
		due(m.side.heard, m.patient)
	}
	return wait, limited
}

// shortestPoll bounds how often Kafka is asked for signals.
const shortestPoll = 100 * time.Millisecond

func (m *Emitter) pollInterval() time.Duration { return max(m.options().Signals.Poll, shortestPoll) }

// sideWork does what is due beside streaming.
func (m *Emitter) sideWork(ctx context.Context) error {
	if !m.side.on {
		return nil
	}
	if err := m.heed(ctx); err != nil {
		return err
	}
	if err := m.pollSignals(ctx); err != nil {
		return err
	}
	if err := m.scanWork(ctx); err != nil {
		return err
	}
	if err := m.incrementalWork(ctx); err != nil {
		return err
	}
	return m.beatHeart(ctx)
}

// pollSignals takes what has come over Kafka.
func (m *Emitter) pollSignals(ctx context.Context) error {
	get := m.side.sources.Signals
	if get == nil || time.Since(m.side.polled) < m.pollInterval() {
		return nil
	}
	m.side.polled = time.Now()
	offsets := map[int32]int64{}
	maps.Copy(offsets, m.side.state.Offsets)
	list, err := get(ctx, offsets)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if m.side.telling.Due(time.Now()) {
			m.side.sources.Logger.Warn("signals of Kafka", "error", err)
		}
		return nil
	}
	m.side.telling = Telling{}
	if maps.Equal(offsets, m.side.state.Offsets) {
		return nil
	}
	m.side.state.Offsets = offsets
	if len(list) > 0 {
		if err := m.expect(list); err != nil {
			return err
		}
		return m.heed(ctx)
	}
	if err := m.boundary(ctx); err != nil {
		return err
	}
	return m.commit(ctx)
}

// beatHeart emits a heartbeat when it is due.
func (m *Emitter) beatHeart(ctx context.Context) error {
	every := m.options().Heartbeat
	if every <= 0 || time.Since(m.side.beat) < every {
		return nil
	}
	if err := m.flush(ctx, m.progress); err != nil {
		return err
	}
	m.side.beat = time.Now()
	if sql := m.options().HeartbeatQuery; sql != "" && m.side.sources.Tables != nil {
		if err := m.side.sources.Tables.Query(ctx, sql, func([]txn.Value) error { return nil }); err != nil && ctx.Err() == nil {
			m.side.sources.Logger.Warn("heartbeat.action.query", "error", err)
		}
	}
	if err := m.extra(ctx, m.encoder.heartbeat()); err != nil {
		return err
	}
	return m.commit(ctx)
}

// notify sends a notification to the channels that are on.
func (m *Emitter) notify(ctx context.Context, id, kind, aggregate string, data ...any) error {
	o := m.options()
	if o.Notifications.Log {
		args := []any{"id", id, "type", kind, "aggregate", aggregate}
		for _, d := range data {
			args = append(args, d.([]any)...)
		}
		m.side.sources.Logger.Info("notification", args...)
	}
	if o.Notifications.Topic == "" {
		return nil
	}
	if id == "" {
		var err error
		if id, err = m.side.sources.NewID(); err != nil {
			return err
		}
	}
	return m.extra(ctx, m.encoder.notify(&notification{id: id, kind: kind, aggregate: aggregate, data: data}))
}

func pair(name, value string) any { return []any{name, value} }
