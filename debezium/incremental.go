package debezium

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// window is a chunk of an incremental snapshot that has been read, and waits for its place in the stream.
type window struct {
	id     string // of the rows in the signalling table; empty: none
	opened bool   // the row that opens it has come: from here on changes overtake rows
	// waits: no row closes it, but the first transaction behind its position.
	waits    bool
	position txn.Position // that the rows were read at
	table    string
	key      []int // columns by which a change finds a row
	shown    []int // columns of the key that notifications tell
	rows     []windowRow
	index    map[string]int // of key texts in rows
	last     []cell         // place of the last row read
	read     int            // rows read
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
	if in == nil || in.Paused || m.side.sources.Tables == nil || m.side.window != nil && (m.side.window.id != "" || m.side.window.waits) {
		return false
	}
	_, _, writes := m.signalling()
	return !m.side.resumed || !writes && !m.options().Snapshot.ReadOnly
}

// incrementalWork goes on with an incremental snapshot: after a start, and where no window is closed by the stream.
func (m *Emitter) incrementalWork(ctx context.Context) error {
	if w := m.side.window; w != nil && w.waits && time.Since(m.side.heard) >= m.patient {
		m.side.ended = &ended{position: m.progress.Position}
		if err := m.closeReached(ctx); err != nil {
			return err
		}
	}
	if !m.chunkDue() {
		return nil
	}
	started := !m.side.resumed
	m.side.resumed = true
	if err := m.boundary(ctx); err != nil {
		return err
	}
	if err := m.readChunk(ctx); err != nil {
		return err
	}
	if err := m.commit(ctx); err != nil || !started {
		return err
	}
	return m.closeAtStart(ctx)
}

// closeWindow emits the rows of the window that c closes, before c, and reads the next chunk, which has what c does. source has
// the thread and the statement that the rows tell.
func (m *Emitter) closeWindow(ctx context.Context, c *Committed, source *snapshotSource) error {
	if err := m.boundary(ctx); err != nil {
		return err
	}
	source.marker, source.timeUS, source.position, source.live = markIncremental, m.encoder.now().UnixMicro(), c.Position, true
	if err := m.emitWindow(ctx, source); err != nil {
		return err
	}
	m.progress.Position, m.progress.Events = c.Position-1, 0
	m.side.readFrom = c.Position
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
	if w == nil {
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
	if v != nil {
		w.position = v.Position()
	}
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
	if w.opened = true; v != nil && m.options().Snapshot.ReadOnly {
		m.closeView()
		w.waits, w.opened = true, false
		m.side.heard = time.Now()
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
		in.forget()
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
	database, name := m.partsOf(want.Name)
	v, err := m.openView(ctx, database, max(m.progress.Position, m.side.readFrom))
	if err != nil {
		return nil, "", err
	}
	var def *schemas.Table
	if v != nil {
		def = v.Table(name)
	}
	o := m.options()
	switch {
	case def == nil || !o.streamsTable(database, name):
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
	chosen, err := m.choiceOf(def, want, false)
	if err != nil {
		return "", err
	}
	if own := m.ownKey(def); own != nil && want.Surrogate == "" {
		chosen.from, chosen.key = fromClause(def, ""), own
	}
	w.shown = m.shownKey(def, &chosen, want)
	if !in.Read {
		max, err := m.greatest(ctx, v, def, &chosen, w.shown)
		switch {
		case err != nil:
			return "", err
		case max == nil:
			return "EMPTY", nil
		}
		in.Read, in.Max, in.Upto = true, max.text, cellsOf(max.place)
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
		w.last = cellsOf(chosen.place(v, def, own))
		w.read++
		return nil
	}
	span := Span{After: valuesOf(in.After), Upto: valuesOf(in.Upto), Limit: limit}
	if chosen.takesAll() {
		err = v.Rows(ctx, def, span, take)
	} else {
		_, _, err = m.readChosen(ctx, v, def, &chosen, span, take)
	}
	if err == nil && w.read == 0 {
		return "SUCCEEDED", nil
	}
	return "", err
}

// identityColumns are the columns that tell rows apart: those of a key, or all and the hidden row id.
func identityColumns(def *schemas.Table) []int {
	if key := def.KeyColumns(); key != nil {
		return key
	}
	list := make([]int, len(def.Columns)+1)
	for i := range list {
		list[i] = i
	}
	return list
}

// ownKey is the key that message.key.columns gives a table, by which chunks go as the connector's do; nil: it has none, or one that does not find all rows, or no index
// that finds them fast.
func (m *Emitter) ownKey(def *schemas.Table) []int {
	key := m.options().keyColumns(def)
	if slices.Equal(key, def.ReadKey()) || slices.ContainsFunc(key, func(c int) bool { return def.Columns[c].Nullable }) {
		return nil
	}
	if !slices.ContainsFunc(def.Indexes, func(ix schemas.Index) bool {
		return len(ix.Parts) >= len(key) && !slices.ContainsFunc(ix.Parts[:len(key)], func(p schemas.IndexPart) bool { return p.Expression != "" || !slices.Contains(key, p.Column) })
	}) {
		return nil
	}
	return key
}

// shownKey are the columns of the key that notifications tell.
func (m *Emitter) shownKey(def *schemas.Table, chosen *choice, want wantedTable) []int {
	if want.Surrogate != "" {
		return chosen.key[:1]
	}
	return m.options().keyColumns(def)
}

// lastRow is the key of a table's last row and its place.
type lastRow struct {
	text  string
	place []txn.Value
}

// greatest is the last row of a table that is chosen, nil if there is none.
func (m *Emitter) greatest(ctx context.Context, v View, def *schemas.Table, chosen *choice, shown []int) (*lastRow, error) {
	var last *lastRow
	take := func(image []txn.Value) error {
		last = &lastRow{keyOf(def, image, shown), chosen.place(v, def, image)}
		return nil
	}
	if chosen.takesAll() {
		err := v.Last(ctx, def, take)
		return last, err
	}
	told := choice{key: shown}
	sql := "SELECT " + chosen.keyList(def, ", ") + ", " + told.keyList(def, ", ") + " FROM " + chosen.from + " WHERE " + chosen.where() + " ORDER BY " + chosen.keyList(def, " DESC, ") + " DESC LIMIT 1"
	err := m.side.sources.Tables.Query(ctx, sql, func(row []txn.Value) error {
		image := make([]txn.Value, len(def.Columns)+1)
		for i, c := range slices.Concat(chosen.key, shown) {
			image[c] = row[i]
		}
		return take(image)
	})
	if err != nil && ctx.Err() == nil {
		err = &selectError{err}
	}
	return last, err
}

// forget is done when another table is the present one.
func (in *incremental) forget() { in.After, in.Read, in.Max, in.Upto, in.Rows = nil, false, "", nil, 0 }

// keyOf spells a key as notifications do.
func keyOf(def *schemas.Table, image []txn.Value, key []int) string {
	parts := make([]string, len(key))
	for i, c := range key {
		parts[i] = keyPart(image[c], def.Columns[c].Type)
	}
	return joinNames(parts)
}

// keyPart spells a value as Java's toString does of what the JDBC driver makes of it.
func keyPart(v txn.Value, t schemas.Type) string {
	text := v.String()
	if v.Kind() == txn.KindText {
		text = string(v.Bytes())
	}
	switch {
	case v.Kind() == txn.KindBlob, t.Kind == schemas.Bit && t.Length > 1:
		return "[B@" + strconv.FormatUint(uint64(javaHash(text)), 16)
	case t.Kind == schemas.BigInt && v.Kind() == txn.KindText: // unsigned, as it is stored
		return cmp.Or(strings.TrimLeft(text, "0"), "0")
	case t.Kind == schemas.Year:
		return text + "-01-01"
	case t.Kind == schemas.Timestamp, t.Kind == schemas.DateTime:
		if seconds, fraction, ok := strings.Cut(text, "."); ok {
			return seconds + "." + cmp.Or(strings.TrimRight(fraction, "0"), "0")
		}
		return text + ".0"
	case t.Kind == schemas.Time:
		return durationText(text)
	}
	return text
}

// durationText spells a TIME as java.time.Duration does: 10:00:00.25 is PT10H0.25S.
func durationText(text string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "-", rest
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return text
	}
	seconds, fraction, _ := strings.Cut(parts[2], ".")
	fraction = strings.TrimRight(fraction, "0")
	out := "PT"
	for i, unit := range []string{"H", "M"} {
		if n := strings.TrimLeft(parts[i], "0"); n != "" {
			out += sign + n + unit
		}
	}
	if n := strings.TrimLeft(seconds, "0"); n != "" || fraction != "" || out == "PT" {
		n = cmp.Or(n, "0")
		if n != "0" || fraction != "" {
			n = sign + n
		}
		out += n
		if fraction != "" {
			out += "." + fraction
		}
		out += "S"
	}
	return out
}

// lastKey is the key of the last row of the window.
func (w *window) lastKey() string {
	if len(w.rows) == 0 {
		return ""
	}
	last := w.rows[len(w.rows)-1]
	return keyOf(last.def, last.image, w.shown)
}
