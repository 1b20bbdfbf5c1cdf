package dialect

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Codes that go-mysql's table, which ends with 5.7, lacks.
const (
	errDistinctOrder      = 3065
	errRecursiveUnion     = 3573
	errRecursiveFirst     = 3574
	errRecursiveAggregate = 3575
	errNoSuchWindow       = 3579
	errWindowCircularity  = 3580
	errRecursiveOuter     = 3576
	errRecursiveOnce      = 3577
	errWindowPartition    = 3581
	errWindowFrame        = 3582
	errWindowOrder        = 3583
	errFrameStart         = 3584
	errFrameEnd           = 3585
	errFrameBound         = 3586
	errRangeOrder         = 3587
	errRangeTemporal      = 3588
	errRangeNumeric       = 3589
	errWindowTwice        = 3591
	errWindowPosition     = 3592
	errWindowFunctionUse  = 3593
	errWindowNested       = 3595
	errRowsInterval       = 3596
	errNotInGrouping      = 3602
	errLockedTable        = 3568
	errLockedTwice        = 3569
	errTableFunctionAlias = 3667
	errMisplacedInto      = 3954
	errRecursionDepth     = 3636
	errCheckViolated      = 3819
	errNullNotIgnored     = 3673
	errCascadeDepth       = 3008
	errGeneratedColumn    = 3105
	errDefaultDependency  = 3766
	errMixedGroup         = 1140
	errNotGrouped         = 1055
)

// syntaxError is MySQL's 1064, near what stands at the given place of the text.
func syntaxError(sql []byte, at int) *mysqlerr.Error {
	at = max(0, min(at, len(sql)))
	near := sql[at:]
	if len(near) > 80 {
		near = near[:80]
	}
	line := 1 + bytes.Count(sql[:at], []byte{'\n'})
	return mysqlerr.New(mysql.ER_PARSE_ERROR, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use", string(near), line)
}

// unsupported is 1235, for what MySQL knows and Marmot does not.
func unsupported(what string) *mysqlerr.Error { return mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, what) }

// sqliteUnique are the extended codes of SQLite for a duplicate key: SQLITE_CONSTRAINT_UNIQUE,
// _PRIMARYKEY and _ROWID.
var sqliteUnique = [...]int{2067, 1555, 2579}

const sqliteNotNull = 1299 // SQLITE_CONSTRAINT_NOTNULL

// isUniqueViolation reports whether SQLite refused a row for its key.
func isUniqueViolation(err error) bool {
	var c ConstraintError
	if !errors.As(err, &c) || mysqlerr.Code(err) != 0 {
		return false
	}
	for _, code := range sqliteUnique {
		if c.ExtendedCode() == code {
			return true
		}
	}
	return false
}

// sqlError turns an error of SQLite into MySQL's where the error itself says enough: errors of
// functions, of triggers (RAISE with a text "code:message") and of NOT NULL.
func sqlError(err error) error {
	if err == nil {
		return nil
	}
	var own *mysqlerr.Error
	if errors.As(err, &own) {
		return own
	}
	var c ConstraintError
	if !errors.As(err, &c) {
		return err
	}
	message := c.SQLiteMessage()
	if strings.HasPrefix(message, "second argument to nth_value must") {
		return mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "nth_value").Wrap(err)
	}
	if code, text, ok := strings.Cut(message, ":"); ok && len(code) == 4 {
		if n, bad := strconv.ParseUint(code, 10, 16); bad == nil {
			return mysqlerr.Newf(uint16(n), "%s", text).Wrap(err)
		}
	}
	if c.ExtendedCode() == sqliteNotNull {
		return mysqlerr.New(mysql.ER_BAD_NULL_ERROR, message[strings.LastIndexByte(message, '.')+1:]).Wrap(err)
	}
	return err
}

// asMySQL returns the MySQL error in err.
func asMySQL(err error) *mysqlerr.Error {
	var own *mysqlerr.Error
	if errors.As(err, &own) {
		return own
	}
	return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%s", err.Error())
}
