// Package mysqlerr makes errors that carry MySQL's code, SQLSTATE and text, so that a
// client reads of Marmot what it would read of MySQL.
//
// Names, codes and message formats are those of the "MySQL Error Message Reference",
// taken from github.com/go-mysql-org/go-mysql where it has them, else from MySQL 9.7.
package mysqlerr

import (
	"errors"
	"fmt"
	"maps"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Error is a MySQL error.
type Error struct {
	Code    uint16
	State   string // five characters
	Message string
	// Note: as a warning it is listed as a note.
	Note  bool
	cause error
	items map[string]string
}

// Error prints it as the mariadb client does: ERROR 1062 (23000): Duplicate entry …
func (e *Error) Error() string {
	return fmt.Sprintf("ERROR %d (%s): %s", e.Code, e.State, e.Message)
}

// Unwrap returns what caused the error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// New makes the error with the given code and MySQL's message format for it.
func New(code uint16, args ...any) *Error {
	if m, ok := recent()[code]; ok {
		return Newf(code, m.format, args...)
	}
	format, ok := mysql.MySQLErrName[code]
	if !ok {
		return Newf(code, "Unknown error")
	}
	return Newf(code, format, args...)
}

// Newf makes the error with the given code and a message of its own.
func Newf(code uint16, format string, args ...any) *Error {
	state, ok := mysql.MySQLState[code]
	if m, known := recent()[code]; known {
		state, ok = m.state, true
	}
	if !ok {
		state = mysql.DEFAULT_MYSQL_STATE
	}
	return &Error{Code: code, State: state, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a copy of e with its cause.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// WithItems returns a copy of e with condition items that SIGNAL has set, by name.
func (e *Error) WithItems(items map[string]string) *Error {
	c := *e
	c.items = map[string]string{}
	maps.Copy(c.items, e.items)
	maps.Copy(c.items, items)
	return &c
}

// Items are the condition items that SIGNAL has set.
func (e *Error) Items() map[string]string { return e.items }

// Code returns the MySQL code of err, or 0 when err carries none.
func Code(err error) uint16 {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
