package expression

import (
	"io"
	"time"

	"marmot/mysqlerr"
	"marmot/txn"
)

// sqlMode is the part of sql_mode that functions look at, in the bits of dialect.SQLMode.
type sqlMode uint64

const (
	strictTransTables      sqlMode = 1 << 0
	strictAllTables        sqlMode = 1 << 1
	noZeroInDate           sqlMode = 1 << 2
	noZeroDate             sqlMode = 1 << 3
	errorForDivisionByZero sqlMode = 1 << 4
	allowInvalidDates      sqlMode = 1 << 12
	noUnsignedSubtraction  sqlMode = 1 << 14
	timeTruncateFractional sqlMode = 1 << 17

	defaultMode = strictTransTables | noZeroInDate | noZeroDate | errorForDivisionByZero
)

// Session is what functions ask the session that runs the statement: a part of
// dialect.Environment. The state of a session's connection implements it.
type Session interface {
	Now() time.Time                     // start of the statement, in the session's time zone
	Zone() *time.Location               // @@time_zone
	ConnectionID() uint64               // CONNECTION_ID()
	User() string                       // USER(): name and host as the client gave them
	CurrentUser() string                // CURRENT_USER(): name and host of the account
	Database() string                   // the default database, empty if there is none
	LastInsertID() uint64               // LAST_INSERT_ID()
	SetLastInsertID(id uint64)          // LAST_INSERT_ID(id)
	RowCount() int64                    // ROW_COUNT() of the statement before, -1 of a SELECT
	FoundRows() uint64                  // FOUND_ROWS()
	UserVariable(name string) txn.Value // @name, NULL if it was never set
	// SetUserVariable sets @name; value is the session's afterwards.
	SetUserVariable(name string, value txn.Value, sort VariableSort)
	SystemVariable(scope, name string) (txn.Value, error) // @@scope.name; scope is "", "session" or "global"; error 1193 of an unknown name
	Warn(w *mysqlerr.Error)                               // adds to SHOW WARNINGS
}

// Modes is what a Session implements besides to give its sql_mode as the bits of
// dialect.SQLMode. Without it functions read @@sql_mode, which is slower.
type Modes interface {
	ModeBits() uint64 // of @@sql_mode
}

// StrictWrites is what a Session implements besides to tell that a statement runs which writes
// rows in strict mode and without IGNORE. Divisions by zero (under ERROR_FOR_DIVISION_BY_ZERO)
// and values that are cut are errors then, not warnings.
type StrictWrites interface {
	StrictWrite() bool // of the statement that runs
}

// Seeds is what a Session implements besides if RAND() can be given a state.
type Seeds interface {
	NextRandom() (n float64, ok bool) // the next number, if the session has set its seeds
}

// SeededRandoms is what a Session implements besides if RAND(n) of a constant goes on from row to row.
type SeededRandoms interface {
	SeededRandom(call int64) *RandomState // of this call of RAND in the statement that runs; nil without one
}

// Locks is what a Session implements besides if it has named locks; the methods are the SQL
// functions of the same names and return their values. Without it they give error 1235.
type Locks interface {
	GetLock(name string, timeout time.Duration) (txn.Value, error) // a negative timeout waits for ever
	ReleaseLock(name string) (txn.Value, error)
	IsFreeLock(name string) (txn.Value, error)
	IsUsedLock(name string) (txn.Value, error)
	ReleaseAllLocks() (txn.Value, error)
}

// Roles is what a Session implements besides if it has roles.
type Roles interface {
	CurrentRole() string // the active ones as `name`@`host`, parted by commas; empty if none is
}

// Outcomes is what a Session implements besides to answer marmot_outcome('id').
type Outcomes interface {
	Outcome(id string) (txn.Value, error) // 'committed', 'not committed' or 'unknown'
}

// QueryAttributes is what a Session implements besides to answer mysql_query_attribute_string('name').
type QueryAttributes interface {
	QueryAttribute(name string) txn.Value // NULL: the client sent none of that name
}

// Waits is what a Session implements besides to let statements sleep.
type Waits interface {
	// Sleep returns true if it was interrupted, with the error that the statement ends with, if it does.
	Sleep(d time.Duration) (interrupted bool, err error)
	// WallClock is the present time, for SYSDATE().
	WallClock() time.Time
}

// Randomness is what a Session implements besides to give RAND(), UUID() and RANDOM_BYTES()
// their source; without it they read the operating system's.
type Randomness interface {
	Random() io.Reader // never fails
}
