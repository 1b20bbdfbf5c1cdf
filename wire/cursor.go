package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// cursorMemory is what a cursor keeps in memory; more goes to a file that has no name.
const cursorMemory = 64 << 10

// cursor holds the rows of a result set until the client fetches them: the first in a file, if there is one, the last in memory.
type cursor struct {
	rows     []byte // encoded rows, each after its length in four bytes
	scratch  []byte
	file     *os.File // nil: all rows are in memory
	filed    int64    // bytes in it
	count    int      // rows that are not fetched yet
	reader   *bufio.Reader
	complete bool
}

// bytes is what the cursor holds.
func (k *cursor) bytes() int { return int(k.filed) + len(k.rows) }

// reset empties the cursor.
func (k *cursor) reset() {
	k.rows, k.filed, k.count, k.reader, k.complete = nil, 0, 0, nil, false
	if k.file != nil {
		_ = k.file.Close() // it has no name and is gone
		k.file = nil
	}
}

// finish ends the rows; they are read from now on.
func (k *cursor) finish() {
	k.complete, k.scratch = true, nil
	var r io.Reader = bytes.NewReader(k.rows)
	if k.file != nil {
		r = io.MultiReader(io.NewSectionReader(k.file, 0, k.filed), r)
	}
	k.reader = bufio.NewReaderSize(r, 4<<10)
}

// spill moves the rows in memory into the file.
func (k *cursor) spill(dir string) error {
	if k.file == nil {
		f, err := os.CreateTemp(dir, "cursor.*")
		if err != nil {
			return fmt.Errorf("rows of a cursor: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			return errors.Join(err, f.Close())
		}
		k.file = f
	}
	n, err := k.file.Write(k.rows)
	k.filed += int64(n)
	if k.rows = k.rows[:0]; cap(k.rows) > 2*cursorMemory {
		k.rows = nil
	}
	if err != nil {
		return fmt.Errorf("rows of a cursor: %w", err)
	}
	return nil
}

// appendNext appends the next row to b.
func (k *cursor) appendNext(b []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(k.reader, head[:]); err != nil {
		return b, fmt.Errorf("rows of a cursor: %w", err)
	}
	at, n := len(b), int(binary.LittleEndian.Uint32(head[:]))
	b = append(b, make([]byte, n)...)
	if _, err := io.ReadFull(k.reader, b[at:]); err != nil {
		return b, fmt.Errorf("rows of a cursor: %w", err)
	}
	k.count--
	return b, nil
}

// keepRow adds a row to a cursor.
func (c *conn) keepRow(k *cursor, columns []column, values []txn.Value) error {
	at := len(k.rows)
	k.rows = appendBinaryRow(append(k.rows, 0, 0, 0, 0), columns, values, &k.scratch)
	n := len(k.rows) - at
	binary.LittleEndian.PutUint32(k.rows[at:], uint32(n-4))
	k.count++
	c.cursorBytes += n
	if limit := c.server.options.MaxCursorBytes; c.cursorBytes > limit {
		return mysqlerr.Newf(mysql.ER_OUT_OF_RESOURCES,
			"The rows of this connection's open cursors exceed %d bytes; close a cursor, or execute the statement without one", limit)
	}
	if err := c.checkRow(n); err != nil {
		return err
	}
	if len(k.rows) > cursorMemory {
		return k.spill(c.server.options.TempDir)
	}
	return nil
}

func (c *conn) closeCursor(s *statement) {
	if s.cursor != nil {
		c.cursorBytes -= s.cursor.bytes()
		s.cursor.reset()
		s.cursor = nil
	}
}

// fetch runs COM_STMT_FETCH: the next rows of an open cursor.
func (c *conn) fetch(payload []byte) error {
	d := decoder{data: payload}
	id, count := d.uint32(), d.uint32()
	if d.err != nil {
		return d.err
	}
	s := c.statements[id]
	if s == nil {
		return unknownStatement(id)
	}
	if s.cursor == nil {
		return mysqlerr.New(mysql.ER_STMT_HAS_NO_OPEN_CURSOR, id)
	}
	k := s.cursor
	for ; count > 0 && k.count > 0; count-- {
		b, err := k.appendNext(c.packets.begin())
		if err != nil {
			return err
		}
		if err := c.packets.finish(b); err != nil {
			return err
		}
	}
	if k.count > 0 {
		return c.endList(mysql.SERVER_STATUS_CURSOR_EXISTS)
	}
	c.closeCursor(s)
	return c.endList(mysql.SERVER_STATUS_LAST_ROW_SEND)
}

// endCursor answers the execution of a statement whose rows the cursor holds now.
func (w *rowWriter) endCursor(r session.Result) error {
	w.cursor.finish()
	if err := w.writeHead(w.head); err != nil {
		return err
	}
	r.Status |= session.Status(mysql.SERVER_STATUS_CURSOR_EXISTS)
	return w.conn.endRows(r)
}
