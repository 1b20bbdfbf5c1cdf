package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"marmot/commit"
	"marmot/mysqlerr"
	"marmot/store"
	"marmot/store/sqlite"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Codes of MySQL 8 that go-mysql has no name for.
const (
	errorQueryTimeout      = 3024 // ER_QUERY_TIMEOUT
	errorLockNowait        = 3572 // ER_LOCK_NOWAIT
	errorStatementTooLarge = 1197 // ER_TRANS_CACHE_FULL
)

// What statements end with inside the package. clientError gives them MySQL's codes.
var (
	errReplan              = errors.New("the plan does not fit the snapshot")
	errBehind              = errors.New("the definition has changed since the snapshot")
	errConflict            = errors.New("a concurrent transaction committed first")
	errCannotMove          = errors.New("the transaction has too many row events to move to a newer snapshot")
	errLostBranch          = errors.New("SQLite gave up the transaction, which is too large to be replayed")
	errLockTimeout         = errors.New("lock wait timeout")
	errFenceTimeout        = errors.New("wait for a fenced table timed out")
	errTransactionTooLarge = errors.New("the transaction's row events exceed txn.max_bytes")
	errNodeMemory          = errors.New("the transactions of this node use up txn.memory")
	errKilledQuery         = errors.New("the query was killed")
	errKilled              = errors.New("the connection was killed")
	errExpired             = errors.New("the transaction was open for longer than txn.max_duration")
	errQueryTimeout        = errors.New("max_execution_time is over")
)

// isUnknown reports whether the log did not tell what became of a record.
func isUnknown(err error) bool {
	var unknown *commit.UnknownError
	return errors.As(err, &unknown)
}

// withoutOutcome is the error of a control record that a statement needed, and did not get or may not have. Whatever became of
// the record, nothing of the statement is committed, so there is no outcome to ask about.
func withoutOutcome(ctx context.Context, err error) error {
	var unknown *commit.UnknownError
	switch {
	case !errors.As(err, &unknown):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return &commit.NotCommittedError{Cause: unknown.Cause}
}

// endsTransaction reports whether the error means that the whole transaction is rolled back.
func endsTransaction(err error) bool {
	var refused *commit.NotCommittedError
	switch {
	case errors.Is(err, errConflict), errors.Is(err, errBehind), errors.Is(err, errDeadlock), errors.Is(err, errDoomed), errors.Is(err, errLostBranch),
		errors.Is(err, errCannotMove), errors.Is(err, errExpired), errors.Is(err, errKilled),
		errors.Is(err, sqlite.ErrNoSnapshot), errors.Is(err, sqlite.ErrReset),
		errors.As(err, &refused), isUnknown(err), mysqlerr.Code(err) == mysql.ER_LOCK_DEADLOCK:
		return true
	}
	return false
}

// clientError turns any error into the one that the client gets: the only place that gives MySQL's
// codes to errors of this package and those below it. Errors that have a code keep it.
func (e *Engine) clientError(err error) error {
	if mysqlerr.Code(err) != 0 {
		return err
	}
	var refused *commit.NotCommittedError
	var unknown *commit.UnknownError
	switch {
	case errors.As(err, &refused):
		e.counts.notCommitted.Add(1)
		return duringCommit(err, "not committed: %v", refused.Cause)
	case errors.As(err, &unknown):
		e.counts.unknownOutcomes.Add(1)
		return duringCommit(err, "outcome unknown; ask with SELECT marmot_outcome('%s')", unknown.ID)
	case errors.Is(err, errConflict), errors.Is(err, errDoomed), errors.Is(err, errDeadlock), errors.Is(err, errCannotMove),
		errors.Is(err, errReplan), errors.Is(err, errBehind):
		return mysqlerr.New(mysql.ER_LOCK_DEADLOCK).Wrap(err)
	case errors.Is(err, errExpired):
		return mysqlerr.Newf(mysql.ER_LOCK_DEADLOCK, "Transaction rolled back: it was open for longer than txn.max_duration; try restarting transaction").Wrap(err)
	case errors.Is(err, sqlite.ErrNoSnapshot), errors.Is(err, sqlite.ErrReset):
		return mysqlerr.Newf(mysql.ER_LOCK_DEADLOCK, "Transaction rolled back: its snapshot was older than txn.max_snapshot_age; try restarting transaction").Wrap(err)
	case errors.Is(err, errLockTimeout), errors.Is(err, errFenceTimeout):
		return mysqlerr.New(mysql.ER_LOCK_WAIT_TIMEOUT).Wrap(err)
	case errors.Is(err, errTransactionTooLarge), errors.Is(err, errLostBranch), errors.Is(err, sqlite.ErrCaptureLimit):
		return mysqlerr.Newf(errorStatementTooLarge, "Multi-statement transaction required more than 'txn.max_bytes' (%d) bytes of storage; increase this configuration key and try again", e.options.TxnMaxBytes).Wrap(err)
	case errors.Is(err, errNodeMemory):
		return mysqlerr.Newf(errorStatementTooLarge, "The open transactions of this node use up 'txn.memory' (%d bytes); commit or roll back, and try again, or increase this configuration key", e.options.MemoryBytes).Wrap(err)
	case errors.Is(err, sqlite.ErrBranchMemory):
		return mysqlerr.Newf(mysql.ER_OUT_OF_RESOURCES, "The statement needs more memory than branch.memory allows").Wrap(err)
	case errors.Is(err, store.ErrPrivateFull):
		return mysqlerr.New(errTableFull, "temporary").Wrap(err)
	case errors.Is(err, errKilled):
		return mysqlerr.New(mysql.ER_SERVER_SHUTDOWN).Wrap(err)
	case errors.Is(err, errQueryTimeout):
		return mysqlerr.Newf(errorQueryTimeout, "Query execution was interrupted, maximum statement execution time exceeded").Wrap(err)
	case errors.Is(err, errKilledQuery), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return mysqlerr.New(mysql.ER_QUERY_INTERRUPTED).Wrap(err)
	}
	return e.sqliteError(err)
}

// sqliteError gives codes to what SQLite says and no plan has translated.
func (e *Engine) sqliteError(err error) error {
	var s *sqlite.Error
	switch {
	case !errors.As(err, &s):
		return err // a broken connection, or 1105 by the wire
	case sqlite.IsFull(err):
		return mysqlerr.New(mysql.ER_DISK_FULL, "temporary storage").Wrap(err)
	case sqlite.IsCorrupt(err), sqlite.IsNotADatabase(err):
		e.options.Logger.Error("a database file is damaged", "error", err, "remedy", store.DamagedRemedy)
		return mysqlerr.Newf(mysql.ER_NOT_KEYFILE, "A database file of this node is damaged: %s; the node's log says what to do", s.Message).Wrap(err)
	case sqlite.IsInterrupt(err):
		return mysqlerr.New(mysql.ER_QUERY_INTERRUPTED).Wrap(err)
	}
	if e := limitError(s.Message); e != nil {
		return e.Wrap(err)
	}
	return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%s", s.Message).Wrap(err)
}

// limitError is MySQL's error for a limit of SQLite's that a statement exceeds, or nil.
func limitError(message string) *mysqlerr.Error {
	has := func(text string) bool { return strings.Contains(message, text) }
	switch {
	case has("Recursion limit"), has("Expression tree is too large"), has("parser stack overflow"), has("too many terms in compound SELECT"):
		return mysqlerr.Newf(mysql.ER_STACK_OVERRUN_NEED_MORE, "Thread stack overrun: the statement is nested too deeply")
	case has("tables in a join"):
		return mysqlerr.New(mysql.ER_TOO_MANY_TABLES, maxJoin)
	case has("too many columns"):
		return mysqlerr.New(mysql.ER_TOO_MANY_FIELDS)
	case has("too many SQL variables"), has("variable number must be between"):
		return mysqlerr.New(mysql.ER_PS_MANY_PARAM)
	case has("frame specification"):
		return mysqlerr.Newf(errWindowFrame, "Window '<unnamed window>': frame start or end is negative, NULL or of non-integral type")
	}
	return nil
}

// maxJoin is how many tables SQLite joins in one statement.
const maxJoin = 64

// errWindowFrame is ER_WINDOW_FRAME_ILLEGAL.
const errWindowFrame = 3586

// duringCommit is MySQL's error 1180.
func duringCommit(cause error, format string, args ...any) error {
	return mysqlerr.Newf(mysql.ER_ERROR_DURING_COMMIT, "Got error 149 - '%s' during COMMIT", fmt.Sprintf(format, args...)).Wrap(cause)
}

// unpublishedWarning tells that a committed transaction is not applied here yet.
func unpublishedWarning(gtid string, p txn.Position) *mysqlerr.Error {
	return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "Committed as %s, but not applied on this node yet; SELECT WAIT_FOR_EXECUTED_GTID_SET waits for position %d", gtid, p)
}
