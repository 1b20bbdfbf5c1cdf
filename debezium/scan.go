package debezium

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// beginSnapshots does what snapshot.mode says at the start of a run.
func (m *Emitter) beginSnapshots(ctx context.Context) error {
	s := &m.side.state
	if !m.side.on || m.side.sources.Tables == nil {
		return nil
	}
	if s.Scan != nil {
		m.side.skipped = true
		return nil
	}
	mode := m.options().Snapshot.mode()
	again, err := m.snapshotAgain(ctx, mode)
	if err != nil {
		return err
	}
	switch {
	case again:
		m.side.always = true
	case s.Begun && mode == SnapshotRecovery && !m.side.always:
		return m.beginRecovery(ctx)
	case s.Begun:
		if s.Silent && mode != SnapshotInitialOnly { // the mode was another before
			s.Silent = false
		}
		return m.skipSnapshot(ctx)
	case m.progress.Position > 0: // of a release without state
		s.Begun = true
		return m.skipSnapshot(ctx)
	default:
		fresh, err := m.side.sources.Tables.Fresh(ctx)
		if err != nil {
			return err
		}
		if fresh && mode != SnapshotInitialOnly && mode != SnapshotAlways {
			s.Begun, m.side.skipped = true, true
			return m.commit(ctx)
		}
		m.side.always = true
	}
	return m.beginInitial(ctx, mode)
}

// skipSnapshot tells, once in a run, that there is no snapshot at its start.
func (m *Emitter) skipSnapshot(ctx context.Context) error {
	if m.side.skipped {
		return nil
	}
	if err := m.notify(ctx, "", "SKIPPED", initialSnapshot); err != nil {
		return err
	}
	err := m.commit(ctx)
	m.side.skipped = err == nil
	return err
}

// snapshotAgain reports whether an emission that has begun long ago takes a snapshot at this start.
func (m *Emitter) snapshotAgain(ctx context.Context, mode string) (bool, error) {
	switch {
	case mode == SnapshotAlways:
		return m.side.state.Begun && !m.side.always, nil
	case mode == SnapshotWhenNeeded && m.progress.Position > 0:
		first, err := m.side.sources.Tables.First(ctx)
		return m.progress.Position+1 < first, err
	}
	return false, nil
}

// beginInitial begins an initial snapshot at the present position. What the log has before it is not streamed.
func (m *Emitter) beginInitial(ctx context.Context, mode string) error {
	if err := m.delay(ctx); err != nil {
		return err
	}
	tables := m.side.sources.Tables
	captured := m.captured()
	at := tables.Position()
	if len(captured) > 0 {
		v, err := m.openView(ctx, captured[0].Database, 0)
		if err != nil {
			return err
		}
		if v != nil {
			at = v.Position()
		}
	}
	s := &m.side.state
	m.side.skipped = true
	s.Begun, s.Scan = true, &scan{Only: mode == SnapshotInitialOnly}
	s.Since, s.Known = at, nil
	for _, t := range captured {
		s.Since = max(s.Since, t.Version)
	}
	if mode != SnapshotNoData && mode != SnapshotRecovery {
		var err error
		if s.Scan.Tables, err = m.wanted(ctx, captured); err != nil {
			return err
		}
	}
	m.encoder.showTables(s.knownTables())
	m.feed, m.held = nil, nil
	m.progress.Position, m.progress.Events = at, 0
	if err := m.notify(ctx, "", "STARTED", initialSnapshot); err != nil {
		return err
	}
	return m.commit(ctx)
}

// beginRecovery tells the definitions again; the stream goes on where it was.
func (m *Emitter) beginRecovery(ctx context.Context) error {
	s := &m.side.state
	s.Scan, s.Silent = &scan{}, false
	s.Since, s.Known = max(s.Since, m.progress.Position), nil
	for _, t := range m.captured() {
		s.Since = max(s.Since, t.Version)
	}
	m.encoder.showTables(s.knownTables())
	if err := m.notify(ctx, "", "STARTED", initialSnapshot); err != nil {
		return err
	}
	err := m.commit(ctx)
	m.side.always, m.side.skipped = err == nil, true
	return err
}

// delay waits snapshot.delay.ms, once in a run.
func (m *Emitter) delay(ctx context.Context) error {
	d := m.options().Snapshot.Delay
	if d <= 0 || m.side.delayed {
		return nil
	}
	m.side.delayed = true
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// captured lists the tables that are emitted, and the signalling table, in the order in which a snapshot takes them.
func (m *Emitter) captured() []*schemas.Table {
	return m.options().inTurn(m.tablesThat(m.options().streamsTable))
}

// tablesThat lists tables in the order of their names.
func (m *Emitter) tablesThat(taken func(database, name string) bool) []*schemas.Table {
	var list []*schemas.Table
	for _, d := range m.side.sources.Tables.Catalog().SortedDatabases() {
		for _, t := range d.Tables {
			if taken(d.Name, t.Name) {
				list = append(list, t)
			}
		}
	}
	slices.SortFunc(list, func(a, b *schemas.Table) int { return strings.Compare(fullName(a), fullName(b)) })
	return list
}

// inTurn puts tables that are captured into the order of table.include.list, with the signalling table behind them.
func (o *Options) inTurn(list []*schemas.Table) []*schemas.Table {
	turn := func(t *schemas.Table) int {
		if !o.takesTable(t.Database, t.Name) {
			return math.MaxInt
		}
		return o.Tables.Include.index(fullName(t))
	}
	slices.SortStableFunc(list, func(a, b *schemas.Table) int { return cmp.Compare(turn(a), turn(b)) })
	return list
}

func fullName(t *schemas.Table) string { return t.Database + "." + t.Name }

// partsOf parts the name of a table. Names may have dots of their own: the database is the one that has such a table.
func (m *Emitter) partsOf(full string) (database, name string) {
	catalog := m.side.sources.Tables.Catalog()
	for at, sign := range full {
		if sign != '.' {
			continue
		}
		if d := catalog.Database(full[:at]); d != nil && d.Tables[full[at+1:]] != nil {
			return d.Name, full[at+1:]
		}
	}
	database, name, _ = strings.Cut(full, ".")
	return database, name
}

// wanted are the tables whose rows an initial snapshot reads, in order.
func (m *Emitter) wanted(ctx context.Context, captured []*schemas.Table) ([]wantedTable, error) {
	o := m.options()
	type sized struct {
		wantedTable
		rows int64
	}
	var list []sized
	for _, t := range captured {
		if !o.takesTable(t.Database, t.Name) || fullName(t) == o.Signals.Table || o.Snapshot.Collections != nil && !o.Snapshot.Collections.Has(fullName(t)) {
			continue
		}
		w := sized{wantedTable: wantedTable{Name: fullName(t)}}
		if order := o.Snapshot.OrderByRows; order == "ascending" || order == "descending" {
			n, err := m.countRows(ctx, t)
			if err != nil {
				return nil, err
			}
			w.rows = n
			if order == "descending" {
				w.rows = -n
			}
		}
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(a, b sized) int {
		switch {
		case a.rows < b.rows:
			return -1
		case a.rows > b.rows:
			return 1
		}
		return 0
	})
	out := make([]wantedTable, len(list))
	for i := range list {
		out[i] = list[i].wantedTable
	}
	return out, nil
}

func (m *Emitter) countRows(ctx context.Context, t *schemas.Table) (int64, error) {
	v, err := m.openView(ctx, t.Database, 0)
	if err != nil || v == nil {
		return 0, err
	}
	if def := v.Table(t.Name); def != nil {
		return v.Count(ctx, def, 0)
	}
	return 0, nil
}

// openView returns a view of a database that is not before at; the one that is open if it will do.
func (m *Emitter) openView(ctx context.Context, database string, at txn.Position) (View, error) {
	d := m.side.sources.Tables.Catalog().Database(database)
	if d == nil {
		return nil, nil
	}
	if v := m.side.view; v != nil && m.side.viewOf == d.ID && !v.Ended() && v.Position() >= at {
		return v, nil
	}
	m.closeView()
	v, err := m.side.sources.Tables.View(ctx, d.ID, at)
	if err != nil || v == nil {
		return nil, err
	}
	m.side.view, m.side.viewOf = v, d.ID
	return v, nil
}

func (m *Emitter) closeView() {
	if m.side.view != nil {
		m.side.view.Close()
		m.side.view = nil
	}
}

// scanWork carries an initial or blocking snapshot out, to its end.
func (m *Emitter) scanWork(ctx context.Context) error {
	s := &m.side.state
	for {
		if s.Scan == nil {
			if len(s.Waiting) == 0 {
				return nil
			}
			if err := m.beginBlocking(ctx); err != nil {
				return err
			}
		}
		if err := m.scan(ctx, s.Scan); err != nil {
			return err
		}
		m.closeView()
	}
}

// beginBlocking begins the next blocking snapshot that waits.
func (m *Emitter) beginBlocking(ctx context.Context) error {
	s := &m.side.state
	next := s.Waiting[0]
	s.Waiting = slices.Clone(s.Waiting[1:])
	s.Scan = &scan{Blocking: true, Tables: next.Tables, Thread: next.Thread}
	if err := m.boundary(ctx); err != nil {
		return err
	}
	if err := m.notify(ctx, "", "STARTED", initialSnapshot); err != nil {
		return err
	}
	return m.commit(ctx)
}

// boundary publishes what waits before something is added that no committed record stands for, if the publisher is one that publishes the
// log anew: then such batches are kept, and stand between two records.
func (m *Emitter) boundary(ctx context.Context) error {
	if _, ok := m.publisher.(Replayer); !ok {
		return nil
	}
	return m.flush(ctx, m.progress)
}

// scan goes on with a snapshot until its end.
func (m *Emitter) scan(ctx context.Context, s *scan) error {
	if err := m.boundary(ctx); err != nil {
		return err
	}
	if s.Schema >= 0 {
		if err := m.scanSchema(ctx, s); err != nil {
			return err
		}
	}
	for s.Table < len(s.Tables) {
		if err := m.scanTable(ctx, s); err != nil {
			return err
		}
	}
	if err := m.notify(ctx, "", "COMPLETED", initialSnapshot); err != nil {
		return err
	}
	m.side.state.Silent = s.Only
	m.side.state.Scan = nil
	return m.commit(ctx)
}

// scanSchema emits the schema changes at the beginning of a snapshot.
func (m *Emitter) scanSchema(ctx context.Context, s *scan) error {
	list, err := m.schemaOf(ctx, s)
	if err != nil {
		return err
	}
	if m.options().SchemaChanges {
		for i := s.Schema; i < len(list); i++ {
			if err := m.extra(ctx, list[i].message); err != nil {
				return err
			}
			s.Schema++
			if m.full() {
				if err := m.commit(ctx); err != nil {
					return err
				}
			}
		}
	}
	s.Schema = -1
	return m.commit(ctx)
}

// schemaOf lists the schema changes of a snapshot. A blocking one tells again what was told of its tables in this run, and what is new: as the connector, which
// keeps a list of all texts that its snapshots have read.
func (m *Emitter) schemaOf(ctx context.Context, s *scan) ([]shownChange, error) {
	if s.Blocking {
		return m.schemaAgain(ctx, s)
	}
	shown, err := m.shownTables(ctx, func(*schemas.Table) bool { return true })
	if err != nil {
		return nil, err
	}
	source := &snapshotSource{position: m.progress.Position, marker: markTrue}
	if mode := m.options().Snapshot.mode(); mode == SnapshotNoData || mode == SnapshotRecovery { // no row follows
		source.marker = markLast
	}
	tables := m.side.sources.Tables
	catalog := tables.Catalog()
	var databases []*schemas.Database
	for i := range shown {
		if d := catalog.Database(shown[i].def.Database); d != nil && !slices.Contains(databases, d) {
			databases = append(databases, d)
		}
	}
	charset, collation := tables.Charset()
	list := m.encoder.snapshotSchema(source, charset, collation, databases, shown)
	m.state(list, shown)
	return list, nil
}

// schemaAgain lists the schema changes of a blocking snapshot.
func (m *Emitter) schemaAgain(ctx context.Context, s *scan) ([]shownChange, error) {
	named := func(database, name string) bool {
		return slices.ContainsFunc(s.Tables, func(w wantedTable) bool { return w.Name == database+"."+name })
	}
	if len(m.encoder.stated) == 0 { // another run began it, and knew other texts
		s.Schema = 0
	}
	shown, err := m.shownTables(ctx, func(t *schemas.Table) bool {
		return named(t.Database, t.Name) && (m.encoder.statedOf[t.ID] != t.Version || t.Version == 0)
	})
	if err != nil {
		return nil, err
	}
	source := &snapshotSource{position: m.progress.Position, marker: markFalse, live: true, thread: s.Thread}
	var list []shownChange
	for i := range shown {
		list = append(list, m.encoder.snapshotDrop(source, shown[i].def))
	}
	for i := range shown {
		list = append(list, m.encoder.snapshotCreate(source, &shown[i]))
	}
	list = m.state(list, shown)
	for _, def := range m.tablesThat(m.options().tellsTable) {
		if named(def.Database, def.Name) {
			m.side.state.know(def.ID, def.Version)
		}
	}
	m.encoder.showTables(m.side.state.knownTables())
	return slices.DeleteFunc(list, func(t shownChange) bool { return t.table == "" || !named(t.database, t.table) }), nil
}

// shownTables are the tables that snapshots tell of, of those that are wanted.
func (m *Emitter) shownTables(ctx context.Context, wanted func(*schemas.Table) bool) ([]shownTableOf, error) {
	var shown []shownTableOf
	tables := m.side.sources.Tables
	told := m.tablesThat(m.options().tellsTable)
	if m.options().OnlyCapturedDDL {
		told = m.options().inTurn(told)
	}
	for _, def := range told {
		if !wanted(def) {
			continue
		}
		text, err := tables.CreateText(ctx, def.Database, def.Name)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if d := tables.Catalog().Database(def.Database); d == nil || d.Tables[def.Name] == nil {
				continue // dropped meanwhile
			}
			return nil, &PublishError{fmt.Errorf("SHOW CREATE TABLE %s: %w", fullName(def), err)} // tried again
		}
		shown = append(shown, shownTableOf{def, text})
	}
	return shown, nil
}

// state adds schema changes to those that this run's snapshots have told of, each once, and returns a list of all. It remembers them and the versions of their
// tables, if they are not too many.
func (m *Emitter) state(list []shownChange, shown []shownTableOf) []shownChange {
	type text struct{ database, ddl string }
	known := map[text]bool{}
	all := slices.Clone(m.encoder.stated)
	for i := range all {
		known[text{all[i].database, all[i].ddl}] = true
	}
	for _, t := range list {
		if key := (text{t.database, t.ddl}); !known[key] {
			known[key] = true
			all = append(all, t)
		}
	}
	if len(all) > maxStated {
		m.encoder.stated, m.encoder.statedOf = nil, nil
		return all
	}
	if m.encoder.stated = slices.Clone(all); m.encoder.statedOf == nil {
		m.encoder.statedOf = map[txn.TableID]txn.Position{}
	}
	for i := range shown {
		m.encoder.statedOf[shown[i].def.ID] = shown[i].def.Version
	}
	return all
}

// errNewView says that a view has ended, and the table goes on in another.
var errNewView = errors.New("the view has ended")

// scanTable reads the present table on; nothing of it is lost when the view ends meanwhile.
func (m *Emitter) scanTable(ctx context.Context, s *scan) error {
	w := &s.Tables[s.Table]
	database, name := m.partsOf(w.Name)
	v, def, err := m.viewOf(ctx, s, database, name)
	if err != nil {
		return err
	}
	if !s.Started {
		if err := m.notify(ctx, "", "IN_PROGRESS", initialSnapshot, pair("data_collections", joinWanted(s.Tables)), pair("current_collection_in_progress", w.Name)); err != nil {
			return err
		}
		s.Started = true
	}
	status := "SUCCEEDED"
	if def != nil {
		switch err := m.scanRows(ctx, s, v, def); {
		case errors.Is(err, errNewView):
			return nil
		case err != nil:
			var bad *selectError
			if !errors.As(err, &bad) {
				return err
			}
			m.side.sources.Logger.Warn("the rows of a table cannot be read for a snapshot", "table", w.Name, "error", err)
			status = "SQL_EXCEPTION"
		}
	}
	if err := m.notify(ctx, "", "TABLE_SCAN_COMPLETED", initialSnapshot, pair("scanned_collection", w.Name),
		pair("total_rows_scanned", strconv.FormatInt(s.Rows, 10)), pair("status", status), pair("data_collections", m.scanned(s))); err != nil {
		return err
	}
	s.Table, s.Started, s.After, s.Rows = s.Table+1, false, nil, 0
	return m.fill(ctx)
}

// scanned lists the tables of a snapshot as the connector does at the end of each: an initial one has all that are known.
func (m *Emitter) scanned(s *scan) string {
	if s.Blocking {
		return joinWanted(s.Tables)
	}
	only := m.options().Snapshot.Collections
	var names []string
	for _, t := range m.captured() {
		if only == nil || only.Has(fullName(t)) {
			names = append(names, fullName(t))
		}
	}
	return joinNames(names)
}

// fill publishes when the batch is full.
func (m *Emitter) fill(ctx context.Context) error {
	if limit := m.options().Snapshot.FetchSize; m.full() || limit > 0 && len(m.batch) >= limit {
		return m.commit(ctx)
	}
	return nil
}

func joinWanted(list []wantedTable) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return joinNames(names)
}

// viewOf returns a view that has the table, once everything up to it is streamed. def is nil if the table is gone.
func (m *Emitter) viewOf(ctx context.Context, s *scan, database, name string) (View, *schemas.Table, error) {
	at := m.progress.Position
	if s.Only {
		at = 0
	}
	v, err := m.openView(ctx, database, at)
	if err != nil || v == nil {
		return nil, nil, err
	}
	if !s.Only && v.Position() > m.progress.Position {
		if err := m.save(); err != nil {
			return nil, nil, err
		}
		if err := m.streamTo(ctx, v.Position()); err != nil {
			return nil, nil, err
		}
		if err := m.boundary(ctx); err != nil {
			return nil, nil, err
		}
	}
	return v, v.Table(name), nil
}
