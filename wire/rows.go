package wire

import (
	"slices"

	"marmot/dialect"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// rowWriter is the session.ResultWriter of one command. It encodes into the connection's
// output buffer, or into a cursor.
type rowWriter struct {
	conn     *conn
	binary   bool
	cursor   *cursor // not nil: rows are kept for COM_STMT_FETCH
	settings session.WireSettings
	columns  []column
	head     []dialect.ResultColumn // of a cursor, to be written at its end
	start    mark                   // of the present statement's answer
	scratch  []byte
}

// newRowWriter begins the answer of a command.
func (c *conn) newRowWriter(binary bool, cursor *cursor) *rowWriter {
	return &rowWriter{conn: c, binary: binary, cursor: cursor, settings: c.session.Settings(), start: c.packets.mark()}
}

// Columns begins a result set. The head of a cursor waits until all of its rows are there, for
// after it the client expects no error.
func (w *rowWriter) Columns(columns []dialect.ResultColumn) error {
	w.columns = w.columns[:0]
	for i := range columns {
		w.columns = append(w.columns, newColumn(&columns[i], w.settings))
	}
	if w.cursor != nil {
		w.head = slices.Clone(columns)
		return nil
	}
	if err := w.writeHead(columns); err != nil {
		return err
	}
	return w.conn.endDefinitions(len(columns))
}

// writeHead writes the number of columns and their definitions.
func (w *rowWriter) writeHead(columns []dialect.ResultColumn) error {
	p := w.conn.packets
	b := appendLenenc(p.begin(), uint64(len(columns)))
	if err := p.finish(w.conn.appendMetadataFlag(b, w.settings)); err != nil {
		return err
	}
	if w.conn.leavesOut(w.settings) {
		return nil
	}
	for i := range columns {
		if err := p.finish(w.columns[i].appendDefinition(p.begin(), &columns[i])); err != nil {
			return err
		}
	}
	return nil
}

// leavesOut reports whether the client has asked for result sets without definitions.
func (c *conn) leavesOut(s session.WireSettings) bool {
	return s.NoMetadata && c.has(clientOptionalMetadata)
}

// appendMetadataFlag says whether definitions follow, to clients that can do without.
func (c *conn) appendMetadataFlag(b []byte, s session.WireSettings) []byte {
	switch {
	case !c.has(clientOptionalMetadata):
		return b
	case s.NoMetadata:
		return append(b, 0) // RESULTSET_METADATA_NONE
	}
	return append(b, 1) // RESULTSET_METADATA_FULL
}

// Row writes one row.
func (w *rowWriter) Row(values []txn.Value) error {
	if w.cursor != nil {
		return w.conn.keepRow(w.cursor, w.columns, values)
	}
	b := w.conn.packets.begin()
	if w.binary {
		b = appendBinaryRow(b, w.columns, values, &w.scratch)
	} else {
		b = appendTextRow(b, w.columns, values, &w.scratch)
	}
	if err := w.conn.checkRow(len(b) - w.conn.packets.open); err != nil {
		w.conn.packets.cancel()
		return err
	}
	return w.conn.packets.finish(b)
}

// End ends a result set.
func (w *rowWriter) End(r session.Result) error {
	defer w.next()
	if w.cursor == nil {
		return w.conn.endRows(r)
	}
	return w.endCursor(r)
}

// OK answers a statement without result set.
func (w *rowWriter) OK(r session.Result) error {
	defer w.next()
	return w.conn.writeOK(mysql.OK_HEADER, r)
}

func (w *rowWriter) next() { w.start = w.conn.packets.mark() }

// Rewind takes back the present statement's answer, if none of it has left.
func (w *rowWriter) Rewind() bool {
	if w.cursor != nil {
		w.conn.cursorBytes -= w.cursor.bytes()
		w.cursor.reset()
	}
	return w.conn.packets.rewind(w.start)
}
