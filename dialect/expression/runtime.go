package expression

import (
	"crypto/rand"
	"io"
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// runtime is one call of a function: the session behind it, if there is one.
type runtime struct {
	session Session
	// types remembers the types that marmot_assign and its like have read from their arguments.
	types *typeCache
	// patterns remembers compiled regular expressions.
	patterns *patternCache
	// also are modes besides the default ones of what has no session.
	also sqlMode
	// failure is a warning that is an error in this statement.
	failure error
}

func (r *runtime) mode() sqlMode {
	if r.session == nil {
		return defaultMode | r.also
	}
	if m, ok := r.session.(Modes); ok {
		return sqlMode(m.ModeBits())
	}
	v, err := r.session.SystemVariable("session", "sql_mode")
	if err != nil {
		return defaultMode
	}
	return parseMode(string(v.Bytes()))
}

func parseMode(text string) sqlMode {
	var m sqlMode
	for name := range strings.SplitSeq(strings.ToUpper(text), ",") {
		switch strings.TrimSpace(name) {
		case "STRICT_TRANS_TABLES":
			m |= strictTransTables
		case "STRICT_ALL_TABLES":
			m |= strictAllTables
		case "NO_ZERO_IN_DATE":
			m |= noZeroInDate
		case "NO_ZERO_DATE":
			m |= noZeroDate
		case "ERROR_FOR_DIVISION_BY_ZERO":
			m |= errorForDivisionByZero
		case "ALLOW_INVALID_DATES":
			m |= allowInvalidDates
		case "NO_UNSIGNED_SUBTRACTION":
			m |= noUnsignedSubtraction
		case "TIME_TRUNCATE_FRACTIONAL":
			m |= timeTruncateFractional
		case "TRADITIONAL":
			m |= defaultMode | strictAllTables
		}
	}
	return m
}

func (r *runtime) has(m sqlMode) bool { return r.mode()&m != 0 }

// now is the statement's time, in the session's zone; without a session the zero time of Unix.
func (r *runtime) now() time.Time {
	if r.session == nil {
		return time.Unix(0, 0).UTC()
	}
	return r.session.Now().In(r.zone())
}

func (r *runtime) zone() *time.Location {
	if r.session == nil {
		return time.UTC
	}
	if z := r.session.Zone(); z != nil {
		return z
	}
	return time.UTC
}

func (r *runtime) random() io.Reader {
	if s, ok := r.session.(Randomness); ok {
		return s.Random()
	}
	return rand.Reader
}

// warn adds a warning, which ends a statement that writes in strict mode.
func (r *runtime) warn(e *mysqlerr.Error) {
	if s, ok := r.session.(StrictWrites); ok && s.StrictWrite() {
		switch e.Code {
		case mysql.ER_TRUNCATED_WRONG_VALUE, mysql.ER_DIVISION_BY_ZERO, mysql.ER_WRONG_VALUE_FOR_TYPE, mysql.ER_WARN_DATA_OUT_OF_RANGE, errLogarithm:
			r.failure = e
			return
		}
	}
	r.note(e)
}

// note adds a warning that never ends a statement.
func (r *runtime) note(e *mysqlerr.Error) {
	if r.session != nil {
		r.session.Warn(e)
	}
}

// truncated warns 1292: Truncated incorrect DOUBLE value: 'x'.
func (r *runtime) truncated(kind string, text []byte) {
	r.warn(mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE, kind, messageText(text)))
}

// incorrect warns 1292: Incorrect datetime value: 'x'.
func (r *runtime) incorrect(kind string, text []byte) {
	e := mysqlerr.Newf(mysql.ER_TRUNCATED_WRONG_VALUE, "Incorrect %s value: '%s'", kind, messageText(text))
	r.warn(e)
}

func (r *runtime) divisionByZero() txn.Value {
	if r.has(errorForDivisionByZero) {
		r.warn(mysqlerr.New(mysql.ER_DIVISION_BY_ZERO))
	}
	return txn.Null()
}

func (r *runtime) variable(name string) txn.Value {
	if r.session == nil {
		return txn.Null()
	}
	v, err := r.session.SystemVariable("session", name)
	if err != nil {
		return txn.Null()
	}
	return v
}

// assignment is the context of schemas.Convert in this session.
func (r *runtime) assignment() schemas.Assignment {
	m := r.mode()
	strict := m&(strictTransTables|strictAllTables) != 0
	if s, ok := r.session.(StrictWrites); ok {
		strict = strict && s.StrictWrite()
	}
	return schemas.Assignment{
		Strict:            strict,
		NoZeroDate:        m&noZeroDate != 0,
		NoZeroInDate:      m&noZeroInDate != 0,
		AllowInvalidDates: m&allowInvalidDates != 0, TruncateFraction: m&timeTruncateFractional != 0,
		Zone: r.zone(), Now: r.now(),
	}
}

// messageText cuts a value to what MySQL's messages show of it.
func messageText(b []byte) string {
	s := strings.ToValidUTF8(string(b), "?")
	if len(s) > 128 {
		s = strings.ToValidUTF8(s[:128], "")
	}
	return s
}

// outOfRange is error 1690.
func outOfRange(kind, expression string) error {
	return mysqlerr.New(mysql.ER_DATA_OUT_OF_RANGE, kind, expression)
}

func boolValue(b bool) txn.Value {
	if b {
		return txn.Int(1)
	}
	return txn.Int(0)
}
