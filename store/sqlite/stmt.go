package sqlite

/*
#cgo noescape marmot_params
#cgo nocallback marmot_params
#include "marmot.h"
*/
import "C"

import (
	"container/list"
	"fmt"
	"strings"
	"unsafe"

	"marmot/txn"
)

const (
	// The first batch of rows is small, so that the first row is there soon; each next is
	// four times as large, up to the limit.
	firstBatchRows = 4
	maxBatchRows   = 1024
	maxBatchBytes  = 64 << 10

	// keepBuffers buffers of at most keepBufferBytes are kept by a connection.
	keepBuffers     = 8
	keepBufferBytes = 256 << 10

	// keepTextBytes is the length up to which a statement prepared for a caller is kept for the
	// next time; Exec keeps shorter ones only.
	keepTextBytes     = 64 << 10
	keepExecTextBytes = 512
)

// How parameters are treated when a statement begins, as marmot_step numbers it.
const (
	bindKeep  = 0
	bindClear = 1
	bindNew   = 2
)

// Stmt is a prepared statement. It is begun by Step, and over when Step returns false or an error,
// or after Reset; then it can be bound and stepped again, and Prepare may give it out again.
// Two holders may share one Stmt as long as each is done with it before the other begins it.
type Stmt struct {
	conn    *Conn
	sql     string
	c       *C.MarmotStmt // nil: evicted from the cache; prepared again when it is used
	place   *list.Element // in the cache's list of idle statements; nil while it is in use
	keep    bool          // for the cache, when it is idle
	cached  bool          // the cache knows it by its text
	binding C.int
	names   []string

	buffer *C.MarmotBuffer
	rows   []byte // of the batch, not read yet
	left   int    // rows in it
	batch  int    // rows of the next batch
	more   bool   // C may have more rows
	begun  bool
	end    error // why there are no more rows than those left, nil for the regular end
	row    []txn.Value
}

// Prepare returns the statement of the text, which must be one, with its parameters NULL. A
// statement given out before and ended is used again; one in use is left alone.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	s, rest, err := c.statement(sql, len(sql) <= keepTextBytes)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("prepare: %w", &Error{Code: codeMisuse, Extended: codeMisuse, Message: "empty statement"})
	}
	if rest != "" {
		s.Reset()
		return nil, fmt.Errorf("prepare: %w", &Error{Code: codeMisuse, Extended: codeMisuse,
			Message: fmt.Sprintf("more than one statement: %.40q follows", rest)})
	}
	return s, nil
}

// statement returns the first statement of sql, out of the cache if it holds it, and the text
// behind it, empty if no other statement follows.
func (c *Conn) statement(sql string, keep bool) (s *Stmt, rest string, err error) {
	if err := c.usable(); err != nil {
		return nil, "", err
	}
	if keep {
		if s := c.cache.take(sql); s != nil {
			return s, "", nil
		}
	}
	compiled, tail, err := c.compile(sql, keep)
	if err != nil || compiled == nil {
		return nil, "", err
	}
	rest = skipBlank(sql[tail:])
	s = &Stmt{conn: c, sql: sql, c: compiled, binding: bindClear, keep: keep && rest == ""}
	if rest != "" {
		s.sql = sql[:tail]
	}
	c.cache.use(s)
	return s, rest, nil
}

// skipBlank returns what follows blanks, semicolons and comments.
func skipBlank(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f;")
		end := -1
		switch {
		case strings.HasPrefix(sql, "--"):
			end = strings.IndexByte(sql, '\n')
		case strings.HasPrefix(sql, "/*"):
			if end = strings.Index(sql[2:], "*/"); end >= 0 {
				end += 3
			}
		default:
			return sql
		}
		if end < 0 {
			return ""
		}
		sql = sql[end+1:]
	}
}

// ready prepares the statement again if it was evicted, and checks that it may run.
func (s *Stmt) ready() error {
	if err := s.conn.usable(); err != nil {
		return err
	}
	if s.c != nil {
		s.conn.cache.use(s)
		return nil
	}
	compiled, _, err := s.conn.compile(s.sql, true)
	if err != nil {
		return err
	}
	s.c, s.binding = compiled, bindClear
	s.conn.cache.use(s)
	return nil
}

// Bind sets all parameters for one run of the statement; their number must be the statement's. The
// values are copied. A statement that is begun is reset first.
func (s *Stmt) Bind(values []txn.Value) error {
	if s.begun {
		s.Reset()
	}
	if err := s.ready(); err != nil {
		return err
	}
	if len(values) != int(s.c.parameters) {
		return &Error{Code: codeMisuse, Extended: codeMisuse,
			Message: fmt.Sprintf("%d values for %d parameters", len(values), int(s.c.parameters))}
	}
	if len(values) == 0 {
		return nil
	}
	size := flatSize(values)
	data := C.marmot_params(s.c, C.int64_t(size))
	if data == nil {
		return s.conn.failure(codeNoMemory)
	}
	flat := appendFlat(unsafe.Slice((*byte)(data), size)[:0], values)
	s.c.params.n = C.int64_t(len(flat))
	s.binding = bindNew
	return nil
}

// Step goes to the next row. It returns false at the end; the statement is then over, as it is
// after an error.
func (s *Stmt) Step() (row bool, err error) {
	for s.left == 0 {
		if s.begun && !s.more {
			err := s.end
			s.Reset()
			return false, err
		}
		if err := s.fetch(); err != nil {
			return false, err
		}
	}
	s.row, s.rows, err = readFlat(s.row[:0], s.rows, int(s.c.columns))
	if err != nil {
		s.Reset()
		return false, err
	}
	s.left--
	return true, nil
}

// fetch begins the statement if it is not begun, and steps the next batch of rows.
func (s *Stmt) fetch() error {
	if !s.begun {
		if err := s.ready(); err != nil {
			return err
		}
		s.begun, s.batch, s.end = true, firstBatchRows, nil
		if s.buffer == nil {
			if s.buffer = s.conn.takeBuffer(); s.buffer == nil {
				s.Reset()
				return s.conn.failure(codeNoMemory)
			}
		}
		s.conn.extend.dropCause()
	}
	columns := s.c.columns
	rc := C.marmot_step(s.conn.c, s.c, s.binding, s.buffer, C.int(s.batch), maxBatchBytes)
	s.binding = bindKeep
	s.more = rc == C.SQLITE_ROW
	s.left = int(s.c.rows)
	s.rows = unsafe.Slice((*byte)(s.buffer.data), int(s.buffer.n))
	s.batch = min(s.batch*4, maxBatchRows)
	if s.c.columns != columns {
		s.names = nil
	}
	if rc != C.SQLITE_ROW && rc != C.SQLITE_DONE {
		s.end = s.conn.failure(rc)
	} else if cause := s.conn.extend.takePanic(); cause != nil {
		s.end = &Error{Code: codeError, Extended: codeError, Message: cause.Error(), Cause: cause}
		s.more, s.left = false, 0
		C.marmot_reset(s.conn.c, s.c)
	}
	return nil
}

// run steps a statement to its end.
func (s *Stmt) run() error {
	if s.c.parameters > 0 {
		s.Reset()
		return &Error{Code: codeMisuse, Extended: codeMisuse, Message: "statement without values for its parameters"}
	}
	for {
		row, err := s.Step()
		if err != nil || !row {
			return err
		}
	}
}

// Row returns the row that Step went to. Slice and values are good until the next Step, Bind or Reset.
func (s *Stmt) Row() []txn.Value { return s.row }

// ColumnCount returns the number of columns of a row; 0 for statements without rows.
// It can change when a definition does, at the first Step.
func (s *Stmt) ColumnCount() int {
	if s.c == nil && s.ready() != nil {
		return 0
	}
	return int(s.c.columns)
}

// ColumnNames returns the names of the columns.
func (s *Stmt) ColumnNames() []string {
	n := s.ColumnCount()
	if s.names == nil && n > 0 {
		s.names = make([]string, n)
		for i := range s.names {
			s.names[i] = C.GoString(C.sqlite3_column_name(s.c.stmt, C.int(i)))
		}
	}
	return s.names
}

// ReadOnly reports whether the statement changes no database file.
func (s *Stmt) ReadOnly() bool {
	return s.ready() == nil && C.sqlite3_stmt_readonly(s.c.stmt) != 0
}

// Reset ends the statement. Its parameters are NULL again.
func (s *Stmt) Reset() {
	if s.c != nil && s.begun && s.more {
		C.marmot_reset(s.conn.c, s.c)
	}
	s.begun, s.more, s.left, s.rows, s.row, s.end = false, false, 0, nil, s.row[:0], nil
	s.binding = bindClear
	if s.buffer != nil {
		s.conn.giveBuffer(s.buffer)
		s.buffer = nil
	}
	s.conn.cache.idle(s)
}

// cancel ends a statement under its reader, whose next Step then fails.
func (s *Stmt) cancel() {
	if !s.begun {
		return
	}
	if s.more {
		C.marmot_reset(s.conn.c, s.c)
	}
	s.more, s.left, s.rows, s.end = false, 0, nil, ErrReset
}

// drop gives back what the statement holds in C. If it was begun, its reader's next Step fails.
func (s *Stmt) drop() {
	if s.buffer != nil {
		freeBuffer(s.buffer)
		s.buffer = nil
	}
	if s.begun {
		s.more, s.left, s.rows, s.end = false, 0, nil, ErrReset
	}
	C.marmot_finalize(s.conn.c, s.c)
	s.c = nil
}
