package store

import (
	"errors"
	"fmt"
	"syscall"

	"marmot/mysqlerr"
	"marmot/store/sqlite"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// What can be wrong with the data directory or one of its files. A *FileError wraps them.
var (
	ErrDirectoryLocked = errors.New("another process uses the data directory")
	ErrForeignFile     = errors.New("not a file of Marmot")
	ErrDamagedFile     = errors.New("file is damaged")
	ErrMissingFile     = errors.New("file is missing")
	ErrFutureFile      = errors.New("file was written by a newer release")
	ErrReadOnlyFile    = errors.New("file or directory cannot be written")
	ErrDiskFull        = errors.New("disk is full")
	ErrOtherCluster    = errors.New("file belongs to another cluster")
	ErrUnfinishedFile  = errors.New("file is not whole")
)

// ErrReplaced is the cause of an *ApplyError: Replace changed the file while Apply waited, and nothing was
// written. Go on from FilePosition.
var ErrReplaced = errors.New("the file was replaced meanwhile")

// FileError is a file that cannot be used, why, and what to do about it.
type FileError struct {
	Path   string
	Err    error // one of the errors above, or what the system said
	Detail string
	Remedy string
}

// Error prints path, reason and remedy.
func (e *FileError) Error() string {
	text := e.Path + ": " + e.Err.Error()
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text + ": " + e.Remedy
}

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// ApplyError is a record that could not be applied to a database. The file is as it was before.
type ApplyError struct {
	Database string
	Position txn.Position
	Table    string // empty if no table is concerned
	mismatch bool
	cause    error
}

// Error reads as a path: apply 17 to database "d", table "t": …
func (e *ApplyError) Error() string {
	text := fmt.Sprintf("apply %s to database %q", e.Position, e.Database)
	if e.Table != "" {
		text += fmt.Sprintf(", table %q", e.Table)
	}
	return text + ": " + e.cause.Error()
}

// Unwrap returns the cause.
func (e *ApplyError) Unwrap() error { return e.cause }

// Mismatch reports whether the change does not fit the rows or definitions that the file holds.
// The file has diverged, or the record is wrong: applying it again cannot help.
func (e *ApplyError) Mismatch() bool { return e.mismatch }

// DiskFull reports whether the disk had no room. Applying again helps once there is.
func (e *ApplyError) DiskFull() bool { return isDiskFull(e.cause) }

func isDiskFull(err error) bool {
	return sqlite.IsFull(err) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, ErrDiskFull)
}

// isConstraint reports whether SQLite refused a row because of a unique or NOT NULL constraint.
func isConstraint(err error) bool {
	const constraint = 19
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code == constraint
}

// mismatchError marks what does not fit.
type mismatchError struct{ text string }

func (e *mismatchError) Error() string { return e.text }

func mismatchf(format string, args ...any) error {
	return &mismatchError{text: fmt.Sprintf(format, args...)}
}

func applyError(database string, p txn.Position, table string, cause error) error {
	var wrapped *ApplyError
	if errors.As(cause, &wrapped) {
		return cause
	}
	var m *mismatchError
	return &ApplyError{
		Database: database, Position: p, Table: table, cause: cause,
		mismatch: errors.As(cause, &m) || isConstraint(cause),
	}
}

// fileError turns an error of SQLite or the system into one that names the file and the remedy.
func fileError(path string, err error) error {
	var known *FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case isDiskFull(err):
		return &FileError{Path: path, Err: ErrDiskFull, Detail: err.Error(), Remedy: "make room; writing goes on by itself"}
	case sqlite.IsCorrupt(err), sqlite.IsNotADatabase(err):
		return &FileError{Path: path, Err: ErrDamagedFile, Detail: err.Error(), Remedy: DamagedRemedy}
	case sqlite.IsReadOnly(err), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EROFS):
		return &FileError{Path: path, Err: ErrReadOnlyFile, Detail: err.Error(), Remedy: readOnlyRemedy}
	}
	return fmt.Errorf("%s: %w", path, err)
}

// DamagedRemedy says what to do about a file that is damaged.
const DamagedRemedy = "stop the node, move db/ and system.db with its -wal and -shm out of the data directory (log/ stays), and start again; the node fills itself from the log, or from a snapshot in snapshot.dir where the log is trimmed"

const (
	missingRemedy  = "put it back, from a backup if need be; or " + DamagedRemedy
	readOnlyRemedy = "let the user that runs marmot write the file and its directory (owner, mode, mount options)"
)

// errUnknownDatabase is MySQL's error for a database that is not there (any more).
func errUnknownDatabase(name string) error { return mysqlerr.New(mysql.ER_BAD_DB_ERROR, name) }
