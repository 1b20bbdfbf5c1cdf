package debezium

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// window is a chunk of an incremental snapshot that has been read, and waits for its place in the stream.
type window struct {
	id    string // of the rows in the signalling table; empty: none
	table string
	key   []int // columns by which a change finds a row
	rows  []windowRow
	index map[string]int // of key texts in rows
	last  []cell         // place of the last row read
	read  int            // rows read
}

type windowRow struct {
	image []txn.Value
	def   *schemas.Table
	gone  bool // a change has overtaken it
}

// signalling returns the table for signals, if windows are written there.
func (m *Emitter) signalling() (database, name string, writes bool) {
	o := m.options()
	database, name = o.Signals.table()
	return database, name, name != "" && !o.Snapshot.ReadOnly
}

// overtake drops the row of a window that a change has the key of.
func (w *window) overtake(image []txn.Value) {
	if image == nil {
		return
	}
	if i, ok := w.index[keyText(image, w.key)]; ok {
		w.rows[i].gone = true
	}
}

// keyText tells rows of a window apart.
func keyText(image []txn.Value, key []int) string {
	var b bytes.Buffer
	for _, c := range key {
		if c >= len(image) {
			continue // an older definition
		}
		v := image[c]
		b.WriteByte(byte(v.Kind()))
		b.WriteString(strconv.FormatInt(v.Int64(), 36) + ":" + strconv.Itoa(len(v.Bytes())) + ":")
		b.Write(v.Bytes())
	}
	return b.String()
}

// chunkDue reports whether the next chunk is read without anything that the stream brings.
func (m *Emitter) chunkDue() bool {
	in := m.side.state.Incremental
	if in == nil || in.Paused || m.side.sources.Tables == nil || m.side.window != nil && m.side.window.id != "" {
		return false
	}
	_, _, writes := m.signalling()
	return !m.side.resumed || !writes
}

// incrementalWork goes on with an incremental snapshot: after a start, and where no window is closed by the stream.
func (m *Emitter) incrementalWork(ctx context.Context) error {
	if !m.chunkDue() {
		return nil
	}
	m.side.resumed = true
	if err := m.boundary(ctx); err != nil {
		return err
	}
	if err := m.readChunk(ctx); err != nil {
		return err
	}
	return m.commit(ctx)
}

// closeWindow emits the rows of the window that c closes, before c, and reads the next chunk.
func (m *Emitter) closeWindow(ctx context.Context, c *Committed) error {
	if err := m.boundary(ctx); err != nil {
		return err
	}
	source := &snapshotSource{marker: markIncremental, timeUS: m.encoder.now().UnixMicro(), position: c.Position, live: true, thread: int64(c.ConnectionID), query: m.encoder.query(m.encoder.transaction(c))}
	if err := m.emitWindow(ctx, source); err != nil {
		return err
	}
	m.progress.Position, m.progress.Events = c.Position-1, 0
	if in := m.side.state.Incremental; in != nil && !in.Paused {
		if err := m.readChunk(ctx); err != nil {
			return err
		}
	}
	if err := m.save(); err != nil {
		return err
	}
	if _, ok := m.publisher.(Replayer); ok {
		return m.commit(ctx)
	}
	return nil
}

// emitWindow emits what is left of the window and forgets it. What a stop-snapshot names is left out from here on.
func (m *Emitter) emitWindow(ctx context.Context, source *snapshotSource) error {
	w, in := m.side.window, m.side.state.Incremental
	m.side.window = nil
	if in == nil {
		return nil
	}
	if in.StopAll || w == nil {
		return m.carryStop(ctx)
	}
	var t *table
	for i := range w.rows {
		if w.rows[i].gone {
			continue
		}
		if t == nil {
			var err error
			if t, err = m.encoder.snapshotTable(w.rows[i].def); err != nil {
				return err
			}
		}
		if err := m.extra(ctx, m.encoder.snapshotRow(source, t, w.rows[i].image)); err != nil {
			return err
		}
	}
	if w.read > 0 && len(in.Tables) > 0 && in.Tables[0].Name == w.table {
		in.After, in.Rows = w.last, in.Rows+int64(w.read)
	}
	return m.carryStop(ctx)
}

// readChunk reads the next chunk into a window, and tells of tables that have ended. With a signalling table the stream tells when the
// window closes; without, its rows are emitted at once, at the position of the view they were read from.
func (m *Emitter) readChunk(ctx context.Context) error {
	in := m.side.state.Incremental
	if in == nil || in.Paused {
		return nil
	}
	database, name, writes := m.signalling()
	id, opened := "", ""
	if writes {
		var err error
		if id, err = m.side.sources.NewID(); err != nil {
			return err
		}
		opened = windowStamp(m.encoder.now())
		if err := m.writeWindow(ctx, database, name, id+"-open", signalWindowOpen, `{"openWindowTimestamp": "`+opened+`"}`); err != nil {
			return m.noWindow(ctx, err)
		}
	}
	w := &window{id: id}
	v, err := m.fillWindow(ctx, w)
	if err != nil {
		return err
	}
	m.side.window = w
	if writes {
		m.closeView()
		if m.options().Snapshot.DeleteWindow {
			sql := "DELETE FROM " + schemas.QuoteName(database) + "." + schemas.QuoteName(name) + " WHERE id = " + quoteText(id+"-open")
			err = m.side.sources.Tables.Query(ctx, sql, func([]txn.Value) error { return nil })
		} else {
			err = m.writeWindow(ctx, database, name, id+"-close", signalWindowClose, `{"openWindowTimestamp": "`+opened+`", "closeWindowTimestamp": "`+windowStamp(m.encoder.now())+`"}`)
		}
		if err != nil {
			return m.noWindow(ctx, err)
		}
		return nil
	}
	return m.emitAtOnce(ctx, v)
}

// noWindow is what becomes of an incremental snapshot whose window cannot be written: it is tried again at the next start or resume-snapshot.
func (m *Emitter) noWindow(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.side.window = nil
	m.side.sources.Logger.Error("an incremental snapshot is paused: the signalling table cannot be written", "error", err)
	if in := m.side.state.Incremental; in != nil {
		in.Paused = true
		return m.notifyIncremental(ctx, "PAUSED", pair("data_collections", joinWanted(in.Tables)))
	}
	return nil
}

// emitAtOnce emits the window's rows behind the position of their view.
func (m *Emitter) emitAtOnce(ctx context.Context, v View) error {
	if v == nil {
		m.side.window = nil
		return nil
	}
	position := v.Position()
	m.closeView()
	if position > m.progress.Position {
		if err := m.save(); err != nil {
			return err
		}
		if err := m.streamTo(ctx, position); err != nil {
			return err
		}
		if err := m.boundary(ctx); err != nil {
			return err
		}
	}
	return m.emitWindow(ctx, &snapshotSource{marker: markIncremental, timeUS: m.encoder.now().UnixMicro(), position: position, live: true})
}

func (m *Emitter) writeWindow(ctx context.Context, database, table, id, kind, data string) error {
	if len(id) > maxWindowIDBytes {
		return errors.New("the id of a window is too long")
	}
	sql := "INSERT INTO " + schemas.QuoteName(database) + "." + schemas.QuoteName(table) + " VALUES (" + quoteText(id) + ", " + quoteText(kind) + ", " + quoteText(data) + ")"
	return m.side.sources.Tables.Query(ctx, sql, func([]txn.Value) error { return nil })
}

// fillWindow reads until a table has rows left or no table is left.
func (m *Emitter) fillWindow(ctx context.Context, w *window) (View, error) {
	for {
		in := m.side.state.Incremental
		if in == nil {
			return nil, nil
		}
		v, status, err := m.fillFrom(ctx, w, in)
		if err != nil {
			return nil, err
		}
		if status == "" {
			return v, m.notifyIncremental(ctx, "IN_PROGRESS", pair("data_collections", joinWanted(in.Tables)), pair("current_collection_in_progress", in.Tables[0].Name),
				pair("maximum_key", in.Max), pair("last_processed_key", w.lastKey()))
		}
		if err := m.notifyIncremental(ctx, "TABLE_SCAN_COMPLETED", pair("scanned_collection", in.Tables[0].Name), pair("total_rows_scanned", strconv.FormatInt(in.Rows, 10)),
			pair("status", status), pair("data_collections", joinWanted(in.Tables))); err != nil {
			return nil, err
		}
		in.Tables = slices.Clone(in.Tables[1:])
		in.After, in.Read, in.Max, in.Rows = nil, false, "", 0
		if len(in.Tables) == 0 {
			if err := m.completeIncremental(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// fillFrom reads the next chunk of the first table. status says how the table has ended, "" that it has not.
func (m *Emitter) fillFrom(ctx context.Context, w *window, in *incremental) (View, string, error) {
	want := in.Tables[0]
	database, name, _ := strings.Cut(want.Name, ".")
	v, err := m.openView(ctx, database, m.progress.Position)
	if err != nil {
		return nil, "", err
	}
	var def *schemas.Table
	if v != nil {
		def = v.Table(name)
	}
	o := m.options()
	switch {
	case def == nil || !o.takesTable(database, name):
		return v, "UNKNOWN_SCHEMA", nil
	case o.keyColumns(def) == nil && want.Surrogate == "":
		return v, "NO_PRIMARY_KEY", nil
	}
	status, err := m.readWindow(ctx, w, in, v, def)
	var bad *selectError
	if errors.As(err, &bad) {
		m.side.sources.Logger.Warn("the rows of a table cannot be read for an incremental snapshot", "table", want.Name, "error", err)
		return v, "SQL_EXCEPTION", nil
	}
	return v, status, err
}

func (m *Emitter) readWindow(ctx context.Context, w *window, in *incremental, v View, def *schemas.Table) (string, error) {
	want := in.Tables[0]
	key := m.options().keyColumns(def)
	if key == nil {
		key = uniqueKey(def)
	}
	if !in.Read {
		max, err := m.greatest(ctx, v, def, want, key)
		switch {
		case err != nil:
			return "", err
		case max == nil:
			return "EMPTY", nil
		}
		in.Read, in.Max = true, *max
	}
	w.table, w.key, w.index = want.Name, identityColumns(def), map[string]int{}
	limit := m.options().Snapshot.chunk()
	take := func(image []txn.Value) error {
		own := make([]txn.Value, len(image))
		for i := range image {
			own[i] = image[i].Clone()
		}
		w.index[keyText(own, w.key)] = len(w.rows)
		w.rows = append(w.rows, windowRow{image: own, def: def})
		w.last = cellsOf(m.placeOf(v, def, want, own))
		w.read++
		return nil
	}
	var err error
	if m.isFiltered(want) {
		_, _, err = m.readFiltered(ctx, v, def, fromClause(def, m.options().Snapshot.Selects[want.Name]), want.Filter, valuesOf(in.After), limit, take)
	} else {
		err = v.Rows(ctx, def, valuesOf(in.After), limit, take)
	}
	if err == nil && w.read == 0 {
		return "SUCCEEDED", nil
	}
	return "", err
}

// identityColumns are the columns that tell rows apart: those of a key, or all and the hidden row id.
func identityColumns(def *schemas.Table) []int {
	if key := uniqueKey(def); key != nil {
		return key
	}
	list := make([]int, len(def.Columns)+1)
	for i := range list {
		list[i] = i
	}
	return list
}

// greatest is the text of the last key of a table, nil if it has no row.
func (m *Emitter) greatest(ctx context.Context, v View, def *schemas.Table, want wantedTable, key []int) (*string, error) {
	var text *string
	take := func(image []txn.Value) error {
		t := keyOf(image, key)
		text = &t
		return nil
	}
	if !m.isFiltered(want) || key == nil {
		err := v.Last(ctx, def, take)
		return text, err
	}
	names := make([]string, len(key))
	for i, c := range key {
		names[i] = schemas.QuoteName(def.Columns[c].Name)
	}
	where := "TRUE"
	if want.Filter != "" {
		where = "(" + want.Filter + ")"
	}
	sql := "SELECT " + strings.Join(names, ", ") + " FROM " + fromClause(def, m.options().Snapshot.Selects[want.Name]) + " WHERE " + where +
		" ORDER BY " + strings.Join(names, " DESC, ") + " DESC LIMIT 1"
	all := make([]int, len(key))
	for i := range all {
		all[i] = i
	}
	err := m.side.sources.Tables.Query(ctx, sql, func(row []txn.Value) error {
		t := keyOf(row, all)
		text = &t
		return nil
	})
	if err != nil && ctx.Err() == nil {
		err = &selectError{err}
	}
	return text, err
}

// keyOf spells a key as notifications do.
func keyOf(image []txn.Value, key []int) string {
	parts := make([]string, len(key))
	for i, c := range key {
		v := image[c]
		switch v.Kind() {
		case txn.KindText:
			parts[i] = string(v.Bytes())
		case txn.KindBlob:
			parts[i] = "[B@" + strconv.FormatUint(uint64(javaHash(string(v.Bytes()))), 16)
		default:
			parts[i] = v.String()
		}
	}
	return joinNames(parts)
}

// lastKey is the key of the last row of the window.
func (w *window) lastKey() string {
	if len(w.rows) == 0 {
		return ""
	}
	last := w.rows[len(w.rows)-1]
	key := uniqueKey(last.def)
	return keyOf(last.image, key)
}
