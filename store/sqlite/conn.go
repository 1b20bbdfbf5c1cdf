package sqlite

/*
#cgo CFLAGS: -std=gnu11 -Wall -Wextra
#cgo noescape marmot_prepare
#include "marmot.h"
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"math"
	"runtime/cgo"
	"strings"
	"sync"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // brings SQLite itself

	"marmot/sqlext"
)

const (
	openReadOnly  = 0x01
	openReadWrite = 0x02
	openCreate    = 0x04
	openURI       = 0x40

	// plainBusyMS is how long a plain connection waits for another's lock.
	plainBusyMS = 5000
	// cachedStatements is how many idle prepared statements a connection keeps.
	cachedStatements = 512
)

// OpenOptions tell which file to open and how.
type OpenOptions struct {
	Path     string // of the file, taken as it is: no URI
	ReadOnly bool
	// Create makes the file if there is none, and puts it into WAL mode.
	Create bool
}

// Conn is a connection to one database file and those attached to it. It belongs to one
// goroutine at a time.
type Conn struct {
	c      *C.MarmotConn
	handle cgo.Handle
	branch *Branch // whose snapshot its statements need; nil on plain connections

	closing sync.Mutex // between Interrupt and Close
	closed  bool

	cache    cache
	buffers  []*C.MarmotBuffer // of statements that have ended, for the next ones
	progress func() bool
	extend   extensions
}

// Open opens a database file. The connection waits up to 5 s for locks of others.
// A file that is no database is reported by the first statement (IsNotADatabase).
func Open(o OpenOptions) (*Conn, error) {
	flags := openReadWrite
	switch {
	case o.ReadOnly:
		flags = openReadOnly
	case o.Create:
		flags |= openCreate
	}
	c, err := open(o.Path, flags, "")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Path, err)
	}
	C.sqlite3_busy_timeout(c.c.db, plainBusyMS)
	if o.Create && !o.ReadOnly {
		if err := c.Exec("PRAGMA journal_mode=WAL"); err != nil {
			return nil, fmt.Errorf("open %s: %w", o.Path, closeWith(c, err))
		}
	}
	return c, nil
}

// closeWith closes a connection that is of no use because of err.
func closeWith(c *Conn, err error) error {
	if closed := c.Close(); closed != nil {
		return fmt.Errorf("%w (and closing: %w)", err, closed)
	}
	return err
}

// open opens a connection through the named VFS (empty: the default one).
func open(path string, flags int, vfs string) (*Conn, error) {
	var cvfs *C.char
	if vfs != "" {
		cvfs = C.CString(vfs)
		defer C.free(unsafe.Pointer(cvfs))
	}
	name, err := cString(path)
	if err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(name))
	return newConn(func(handle C.uintptr_t) (conn *C.MarmotConn, rc C.int) {
		rc = C.marmot_open(name, C.int(flags), cvfs, handle, &conn)
		return conn, rc
	})
}

// cString returns a copy of the path for C, which the caller frees.
func cString(path string) (*C.char, error) {
	if strings.IndexByte(path, 0) >= 0 {
		return nil, &Error{Code: codeMisuse, Extended: codeMisuse, Message: "path contains a zero byte"}
	}
	return C.CString(path), nil
}

// newConn makes the connection that the function opens in C.
func newConn(open func(handle C.uintptr_t) (*C.MarmotConn, C.int)) (*Conn, error) {
	c := &Conn{}
	c.cache.init()
	c.handle = cgo.NewHandle(c)
	var rc C.int
	if c.c, rc = open(C.uintptr_t(c.handle)); rc != 0 {
		return nil, closeWith(c, c.failure(rc))
	}
	return c, nil
}

// Close ends every statement and closes the connection. Closing again does nothing.
func (c *Conn) Close() error {
	c.closing.Lock()
	defer c.closing.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	c.cache.each(func(s *Stmt) { s.drop() })
	for _, b := range c.buffers {
		freeBuffer(b)
	}
	c.buffers = nil
	rc := C.int(0)
	if c.c != nil {
		rc = C.marmot_close(c.c)
	}
	c.extend.free()
	c.c = nil
	c.handle.Delete()
	if rc != 0 {
		return &Error{Code: int(rc) & 0xff, Extended: int(rc), Message: "close: " + C.GoString(C.sqlite3_errstr(rc))}
	}
	return nil
}

// usable reports why a statement cannot run now, if so.
func (c *Conn) usable() error {
	if c.closed {
		return ErrClosed
	}
	if c.branch != nil && !c.branch.held {
		return ErrNoSnapshot
	}
	return nil
}

// failure makes the error that C has just noted on the connection, with the cause that a Go
// function left.
func (c *Conn) failure(rc C.int) error {
	cause := c.extend.takeCause()
	if c.c == nil || rc == codeNoMemory {
		return &Error{Code: codeNoMemory, Extended: codeNoMemory, Message: "out of memory", Cause: cause}
	}
	e := &Error{Code: int(rc) & 0xff, Extended: int(rc), Cause: cause, RolledBack: c.c.rolled_back != 0}
	if c.c.over_limit != 0 {
		e.Message, e.Cause = ErrCaptureLimit.Error(), ErrCaptureLimit
	} else {
		e.Message = C.GoStringN((*C.char)(unsafe.Pointer(c.c.message.data)), C.int(c.c.message.n))
	}
	if e.Code == codeFull && c.branch != nil && c.branch.outOfMemory() {
		e.Cause = ErrBranchMemory
	}
	return e
}

// Register adds functions, aggregates and collations. It is called once, before statements
// that use them are prepared. The functions are called by the goroutine that steps a statement.
func (c *Conn) Register(set sqlext.Set) error {
	if c.closed {
		return ErrClosed
	}
	return c.extend.register(c, set)
}

// SetState sets what functions with CallState are given.
func (c *Conn) SetState(state any) { c.extend.state = state }

// Exec runs the statements of sql one after the other, to their ends. None may have parameters.
func (c *Conn) Exec(sql string) error {
	for {
		s, rest, err := c.statement(sql, len(sql) <= keepExecTextBytes)
		if err != nil {
			return err
		}
		if s == nil {
			return nil
		}
		if err := s.run(); err != nil {
			return err
		}
		if rest == "" {
			return nil
		}
		sql = rest
	}
}

// Attach adds a file under the given alias; it cannot be done in a transaction.
// A plain connection takes the path as it is.
func (c *Conn) Attach(path, alias string) error {
	if err := c.usable(); err != nil {
		return err
	}
	sql := "ATTACH " + quoteText(path) + " AS " + quoteName(alias)
	if err := c.own(sql); err != nil {
		return fmt.Errorf("attach %s: %w", path, err)
	}
	return nil
}

// Detach takes an attached file off.
func (c *Conn) Detach(alias string) error {
	if c.closed {
		return ErrClosed
	}
	if err := c.own("DETACH " + quoteName(alias)); err != nil {
		return fmt.Errorf("detach %s: %w", alias, err)
	}
	return nil
}

// own runs a statement of the package itself, past the authorizer and the need for a snapshot.
func (c *Conn) own(sql string) error {
	text := C.CString(sql)
	defer C.free(unsafe.Pointer(text))
	if rc := C.marmot_exec(c.c, text); rc != 0 {
		return c.failure(rc)
	}
	return nil
}

// Changes returns the rows that the last INSERT, UPDATE or DELETE changed itself, those of triggers left out.
func (c *Conn) Changes() int64 {
	if c.closed {
		return 0
	}
	return int64(C.sqlite3_changes64(c.c.db))
}

// TotalChanges returns the rows changed since the connection was opened, those of triggers included.
func (c *Conn) TotalChanges() int64 {
	if c.closed {
		return 0
	}
	return int64(C.sqlite3_total_changes64(c.c.db))
}

// LastInsertRowID returns the row id of the last row inserted.
func (c *Conn) LastInsertRowID() int64 {
	if c.closed {
		return 0
	}
	return int64(C.sqlite3_last_insert_rowid(c.c.db))
}

// InTransaction reports whether a transaction is open: BEGIN or SAVEPOINT ran, and neither
// COMMIT nor ROLLBACK nor an error that rolls back.
func (c *Conn) InTransaction() bool {
	return !c.closed && C.sqlite3_get_autocommit(c.c.db) == 0
}

// Interrupt ends the statement that is running, if one is, with an error that IsInterrupt
// knows. Any goroutine may call it. A statement that was writing takes its transaction with it
// (Error.RolledBack); one that was reading does not.
func (c *Conn) Interrupt() {
	c.closing.Lock()
	defer c.closing.Unlock()
	if !c.closed {
		C.marmot_interrupt(c.c)
	}
}

// SetProgress has f called about every so many SQLite opcodes (1000 are some 20 µs) while a
// statement runs; if it returns true, the statement ends as by Interrupt. A nil f takes it off.
func (c *Conn) SetProgress(opcodes int, f func() (stop bool)) {
	if c.closed {
		return
	}
	c.progress = f
	if f == nil || opcodes < 0 {
		opcodes = 0
	}
	C.marmot_progress(c.c, C.int64_t(opcodes))
}

// Backup copies the database under the given alias, as the connection sees it, over the database
// of another connection.
func (c *Conn) Backup(alias string, to *Conn, toAlias string) error {
	if err := c.usable(); err != nil {
		return err
	}
	if err := to.usable(); err != nil {
		return err
	}
	from, target := C.CString(alias), C.CString(toAlias)
	defer C.free(unsafe.Pointer(from))
	defer C.free(unsafe.Pointer(target))
	if rc := C.marmot_backup(c.c, from, to.c, target); rc != 0 {
		return fmt.Errorf("backup of %s: %w", alias, to.failure(rc))
	}
	return nil
}

// compile prepares the first statement of sql and returns where the next begins. Without a
// statement (blanks, comments) it returns nil.
func (c *Conn) compile(sql string, persistent bool) (*C.MarmotStmt, int, error) {
	if len(sql) > math.MaxInt32 {
		return nil, 0, &Error{Code: codeTooBig, Extended: codeTooBig, Message: "statement too long"}
	}
	if sql == "" {
		return nil, 0, nil
	}
	var s *C.MarmotStmt
	var tail, keep C.int
	if persistent {
		keep = 1
	}
	rc := C.marmot_prepare(c.c, (*C.char)(unsafe.Pointer(unsafe.StringData(sql))), C.int(len(sql)), keep, &s, &tail)
	if rc != 0 {
		return nil, 0, c.failure(rc)
	}
	return s, int(tail), nil
}

// takeBuffer returns a buffer for rows.
func (c *Conn) takeBuffer() *C.MarmotBuffer {
	if n := len(c.buffers); n > 0 {
		b := c.buffers[n-1]
		c.buffers = c.buffers[:n-1]
		return b
	}
	return (*C.MarmotBuffer)(C.marmot_alloc(C.int64_t(unsafe.Sizeof(C.MarmotBuffer{}))))
}

// giveBuffer keeps a buffer of usual size for the next statement.
func (c *Conn) giveBuffer(b *C.MarmotBuffer) {
	if b.cap > keepBufferBytes || len(c.buffers) >= keepBuffers {
		freeBuffer(b)
		return
	}
	c.buffers = append(c.buffers, b)
}

func freeBuffer(b *C.MarmotBuffer) {
	C.marmot_buffer_free(b)
	C.marmot_free(unsafe.Pointer(b))
}

// quoteName quotes an identifier, quoteText a text, as SQLite reads them.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }
