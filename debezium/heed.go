package debezium

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// inspected is what a committed record holds for the emitter itself.
type inspected struct {
	signals []Signal
	closes  bool // the window
}

// inspect looks for signals in c, and for changes of rows that a window holds. Rows of a window that c closes are emitted.
func (m *Emitter) inspect(ctx context.Context, c *Committed) ([]Signal, error) {
	if !m.side.on {
		return nil, nil
	}
	if m.side.replaying {
		if r, ok := m.publisher.(Replayer); ok {
			if _, more := r.Kept(); more {
				return nil, nil // the signals of that time were heeded then
			}
		}
	}
	seen, err := m.look(c)
	if err != nil {
		return nil, err
	}
	if s := c.Signal; s != nil && (s.Emission == "" || s.Emission == m.side.sources.Emission) {
		seen.signals = append(seen.signals, Signal{ID: s.ID, Type: s.Type, Data: s.Data})
	}
	if m.side.replaying {
		return seen.signals, nil
	}
	switch {
	case seen.closes:
		err = m.closeWindow(ctx, c, &snapshotSource{thread: int64(c.ConnectionID), query: m.encoder.query(m.encoder.transaction(c))})
	case m.closesWaiting(c):
		err = m.closeWindow(ctx, c, &snapshotSource{})
	}
	return seen.signals, err
}

// threadOf is the connection of a transaction as the connector knows it; 0: it does not.
func threadOf(c *Committed) int64 {
	if c.XA {
		return 0
	}
	return int64(c.ConnectionID)
}

// look reads the rows of c if it writes to the signalling table or to one that a window has rows of.
func (m *Emitter) look(c *Committed) (inspected, error) {
	var seen inspected
	database, name := m.options().Signals.table()
	w := m.side.window
	if name == "" && w == nil {
		return seen, nil
	}
	wanted := false
	for _, ref := range c.Writes {
		t, err := m.encoder.table(ref.Table, ref.Version)
		if err != nil {
			continue // of a table that the record itself makes
		}
		full := fullName(t.def)
		wanted = wanted || name != "" && full == database+"."+name || w != nil && full == w.table
	}
	if !wanted {
		return seen, nil
	}
	err := c.Events(func(r *txn.RowEvent) error {
		t, err := m.encoder.table(r.Table, r.Version)
		if err != nil {
			return err
		}
		if w != nil && !seen.closes && fullName(t.def) == w.table && (w.opened || !w.waits && c.Position > w.position) {
			w.overtake(r.Before)
			w.overtake(r.After)
		}
		if name != "" && t.def.Database == database && t.def.Name == name {
			m.lookAtSignal(&seen, c, t.def, r)
		}
		return nil
	})
	return seen, err
}

// lookAtSignal takes a row of the signalling table.
func (m *Emitter) lookAtSignal(seen *inspected, c *Committed, def *schemas.Table, r *txn.RowEvent) {
	columns := def.VisibleColumns()
	if len(columns) < 3 {
		return
	}
	text := func(image []txn.Value, i int) string { return string(image[columns[i]].Bytes()) }
	w := m.side.window
	switch {
	case r.Op == txn.Insert && text(r.After, 1) == signalWindowClose:
		seen.closes = seen.closes || w != nil && w.id != "" && text(r.After, 0) == w.id+"-close"
	case r.Op == txn.Insert && text(r.After, 1) == signalWindowOpen:
		if w != nil && w.id != "" && text(r.After, 0) == w.id+"-open" {
			w.opened = true
		}
	case r.Op == txn.Insert:
		seen.signals = append(seen.signals, Signal{ID: text(r.After, 0), Type: text(r.After, 1), Data: text(r.After, 2), Thread: threadOf(c)})
	case r.Op == txn.Delete && m.options().Snapshot.DeleteWindow:
		seen.closes = seen.closes || w != nil && w.id != "" && text(r.Before, 0) == w.id+"-open"
	}
}

// maxPendingBytes bounds the signals that are remembered with the progress; of more, what a crash leaves undone is lost.
const maxPendingBytes = MaxState / 2

// expect notes signals that are to be heeded. From here on the progress remembers them until they are.
func (m *Emitter) expect(signals []Signal) error {
	m.side.queue = append(m.side.queue, signals...)
	return m.remember()
}

// remember puts the signals that are left into the progress.
func (m *Emitter) remember() error {
	bytes := 0
	for _, s := range m.side.queue {
		bytes += len(s.ID) + len(s.Type) + len(s.Data)
	}
	m.side.state.Pending = nil
	if bytes <= maxPendingBytes {
		m.side.state.Pending = slices.Clone(m.side.queue)
	}
	return m.save()
}

// heed carries expected signals out, in order; those that a replay meets wait for its end.
func (m *Emitter) heed(ctx context.Context) error {
	if len(m.side.queue) == 0 || m.side.replaying {
		return nil
	}
	if err := m.boundary(ctx); err != nil {
		return err
	}
	for len(m.side.queue) > 0 {
		s := m.side.queue[0]
		m.side.queue = m.side.queue[1:]
		if err := m.remember(); err != nil { // published with what the signal does
			return err
		}
		if err := m.heedOne(ctx, s); err != nil {
			return err
		}
	}
	return m.commit(ctx)
}

func (m *Emitter) heedOne(ctx context.Context, s Signal) error {
	logger := m.side.sources.Logger
	order, err := parseOrder(s.Data)
	switch s.Type {
	case signalExecute, signalStop, signalPause, signalResume:
		if err != nil {
			logger.Warn("a signal that cannot be read is ignored", "id", s.ID, "type", s.Type, "error", err)
			return nil
		}
		if m.side.sources.Tables == nil {
			logger.Warn("a signal is ignored: this emitter takes no snapshots", "id", s.ID, "type", s.Type)
			return nil
		}
	}
	switch s.Type {
	case signalExecute:
		return m.execute(ctx, s, order)
	case signalStop:
		m.stop(order)
		if in := m.side.state.Incremental; m.side.window == nil && in != nil && !in.Paused { // of a paused one when it is resumed
			return m.carryStop(ctx)
		}
	case signalPause:
		return m.pauseSnapshot(ctx, true)
	case signalResume:
		return m.pauseSnapshot(ctx, false)
	case signalLog:
		var d struct{ Message string }
		if err := json.Unmarshal([]byte(s.Data), &d); err != nil {
			logger.Warn("a signal that cannot be read is ignored", "id", s.ID, "type", s.Type, "error", err)
			return nil
		}
		logger.Info(strings.ReplaceAll(d.Message, "{}", m.offsetText()), "signal", s.ID)
	case signalSchemaChanges:
		logger.Warn("the signal schema-changes is ignored: the history of definitions is that of the log", "id", s.ID)
	case signalWindowOpen, signalWindowClose:
	default:
		logger.Warn("a signal of an unknown type is ignored", "id", s.ID, "type", s.Type)
	}
	return nil
}

// offsetText is the emission's place as the connector's offset tells it.
func (m *Emitter) offsetText() string {
	return `{"file":"` + sourceFile + `","pos":` + m.progress.Position.String() + `}`
}

// execute begins a snapshot, or adds tables to the one under way.
func (m *Emitter) execute(ctx context.Context, s Signal, order snapshotOrder) error {
	all := make([]string, 0, 64)
	for _, t := range m.captured() {
		all = append(all, fullName(t))
	}
	javaOrder(all)
	tables := order.tables(all)
	if len(tables) == 0 {
		m.side.sources.Logger.Warn("a signal without data-collections is ignored", "id", s.ID, "type", s.Type)
		return nil
	}
	state := &m.side.state
	if order.Type == "blocking" {
		tables = slices.DeleteFunc(tables, func(w wantedTable) bool { return !slices.Contains(all, w.Name) })
		if len(tables) == 0 || len(state.Waiting) >= maxWaiting {
			m.side.sources.Logger.Warn("a blocking snapshot is ignored: it names no table, or too many wait", "id", s.ID)
			return nil
		}
		slices.SortFunc(tables, func(a, b wantedTable) int { return strings.Compare(a.Name, b.Name) })
		for i := range tables {
			if isSelect(tables[i].Filter) {
				tables[i].Select, tables[i].Filter = tables[i].Filter, ""
			}
		}
		state.Waiting = append(slices.Clone(state.Waiting), request{ID: s.ID, Tables: tables, Thread: s.Thread})
		return nil
	}
	if in := state.Incremental; in != nil {
		in.ID = s.ID // notifications bear the id of the newest signal
		for _, w := range tables {
			if len(in.Tables) < maxSignalTables {
				in.Tables = append(in.Tables, w) // once more, if it is among them: with another condition, maybe
			}
		}
		return nil
	}
	state.Incremental = &incremental{ID: s.ID, Tables: tables}
	if err := m.notifyIncremental(ctx, "STARTED", pair("data_collections", joinWanted(tables))); err != nil {
		return err
	}
	m.side.resumed = true
	return m.readChunk(ctx)
}

func (m *Emitter) notifyIncremental(ctx context.Context, kind string, data ...any) error {
	return m.notify(ctx, m.side.state.Incremental.ID, kind, incrementalSnapshot, data...)
}

// stop notes what is to be left out; it is done when the present window is closed.
func (m *Emitter) stop(order snapshotOrder) {
	in := m.side.state.Incremental
	if in == nil || order.Type != "incremental" {
		return
	}
	if len(order.DataCollections) == 0 {
		in.StopAll = true
		return
	}
	names := make([]string, len(in.Tables))
	for i := range in.Tables {
		names[i] = in.Tables[i].Name
	}
	for _, w := range order.tables(names) {
		if slices.Contains(names, w.Name) && !slices.Contains(in.Stop, w.Name) {
			in.Stop = append(in.Stop, w.Name)
		}
	}
}

// carryStop leaves out what a stop-snapshot named.
func (m *Emitter) carryStop(ctx context.Context) error {
	in := m.side.state.Incremental
	if in == nil {
		return nil
	}
	if in.StopAll {
		names := make([]string, len(in.Tables))
		for i := range in.Tables {
			names[i] = in.Tables[i].Name
		}
		slices.Sort(names)
		names = slices.Compact(names)
		javaOrder(names)
		m.side.window = nil
		if err := m.completeIncremental(ctx); err != nil {
			return err
		}
		return m.notify(ctx, "", "ABORTED", incrementalSnapshot, pair("data_collections", joinNames(names)))
	}
	if len(in.Stop) == 0 {
		return nil
	}
	if err := m.notifyIncremental(ctx, "ABORTED", pair("data_collections", joinNames(in.Stop))); err != nil {
		return err
	}
	if slices.Contains(in.Stop, in.Tables[0].Name) {
		in.forget()
	}
	in.Tables = slices.DeleteFunc(slices.Clone(in.Tables), func(w wantedTable) bool { return slices.Contains(in.Stop, w.Name) })
	in.Stop = nil
	if len(in.Tables) == 0 {
		return m.completeIncremental(ctx)
	}
	return nil
}

func (m *Emitter) completeIncremental(ctx context.Context) error {
	err := m.notifyIncremental(ctx, "COMPLETED")
	m.side.state.Incremental = nil
	return err
}

// pauseSnapshot pauses the incremental snapshot or lets it go on.
func (m *Emitter) pauseSnapshot(ctx context.Context, pause bool) error {
	in := m.side.state.Incremental
	if in == nil || in.Paused == pause {
		return nil
	}
	in.Paused = pause
	kind := "RESUMED"
	if pause {
		kind = "PAUSED"
	}
	if err := m.notifyIncremental(ctx, kind, pair("data_collections", joinWanted(in.Tables))); err != nil || pause {
		return err
	}
	m.side.resumed = true
	if m.side.window != nil {
		return nil
	}
	if err := m.carryStop(ctx); err != nil {
		return err
	}
	return m.readChunk(ctx)
}
