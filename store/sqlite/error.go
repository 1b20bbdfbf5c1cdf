package sqlite

import (
	"errors"
	"fmt"
)

// SQLite's primary result codes that callers branch on.
const (
	codeError     = 1
	codeBusy      = 5
	codeNoMemory  = 7
	codeReadOnly  = 8
	codeInterrupt = 9
	codeCorrupt   = 11
	codeFull      = 13
	codeTooBig    = 18
	codeMisuse    = 21
	codeNotADB    = 26
)

var (
	// ErrNoSnapshot is returned by statements of a branch that holds no snapshot.
	ErrNoSnapshot = errors.New("branch holds no snapshot")
	// ErrBranchMemory is the cause of an error when a branch needs more memory than its limit
	// and has no directory to spill to.
	ErrBranchMemory = errors.New("branch memory limit reached (raise branch.memory)")
	// ErrCaptureLimit is the cause of an error when a statement captured more bytes than the
	// limit set by SetCaptureLimit.
	ErrCaptureLimit = errors.New("captured rows exceed the limit")
	// ErrNotWAL is returned by Attach for a file that is not in WAL mode.
	ErrNotWAL = errors.New("file is not in WAL mode")
	// ErrClosed is returned by every use of a closed connection or branch.
	ErrClosed = errors.New("connection is closed")
	// ErrReset is returned by Step of a statement that was ended under its reader: by Close of the
	// connection, or by Release or Detach of its branch.
	ErrReset = errors.New("statement was reset while it had rows left")
)

// Error is what SQLite, or a function called by it, reported.
type Error struct {
	Code     int    // primary result code, SQLITE_CONSTRAINT for example
	Extended int    // extended result code, SQLITE_CONSTRAINT_UNIQUE for example
	Message  string // SQLite's text, or the text of RAISE()
	// Cause is the error that a function, aggregate or collation of Go returned, or
	// ErrBranchMemory or ErrCaptureLimit; nil otherwise.
	Cause error
	// RolledBack: the error ended the transaction. SQLite does so when a writing statement is
	// interrupted or runs out of disk, memory or I/O.
	RolledBack bool
}

// Error prints SQLite's message and code.
func (e *Error) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.Message, e.Extended) }

// Unwrap returns the error that a Go function returned, or nil.
func (e *Error) Unwrap() error { return e.Cause }

// ExtendedCode returns SQLite's extended result code.
func (e *Error) ExtendedCode() int { return e.Extended }

// SQLiteMessage returns SQLite's message, or the text of RAISE().
func (e *Error) SQLiteMessage() string { return e.Message }

// IsInterrupt reports whether err says that Interrupt or a progress function stopped a statement.
func IsInterrupt(err error) bool { return hasCode(err, codeInterrupt) }

// IsFull reports whether err says that the disk, or the memory of a branch, is full.
func IsFull(err error) bool { return hasCode(err, codeFull) }

// IsBusy reports whether err says that another connection holds a lock.
func IsBusy(err error) bool { return hasCode(err, codeBusy) }

// IsCorrupt reports whether err says that a file is damaged.
func IsCorrupt(err error) bool { return hasCode(err, codeCorrupt) }

// IsNotADatabase reports whether err says that a file is no SQLite database.
func IsNotADatabase(err error) bool { return hasCode(err, codeNotADB) }

// IsReadOnly reports whether err says that a file, or its directory, cannot be written.
func IsReadOnly(err error) bool { return hasCode(err, codeReadOnly) }

func hasCode(err error, code int) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
