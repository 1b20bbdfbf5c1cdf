package schemas

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Assignment is the context in which values are converted to a column's type.
type Assignment struct {
	// Strict: STRICT_TRANS_TABLES or STRICT_ALL_TABLES, and no IGNORE. What does not fit is an
	// error then; else it is cut to what fits, with a warning.
	Strict            bool
	NoZeroDate        bool // NO_ZERO_DATE
	NoZeroInDate      bool // NO_ZERO_IN_DATE
	AllowInvalidDates bool // ALLOW_INVALID_DATES
	TruncateFraction  bool // TIME_TRUNCATE_FRACTIONAL
	// Zone is the session's time zone, in which TIMESTAMP text is read; nil is UTC.
	Zone *time.Location
	// Now gives the date to a TIME that becomes a DATE or DATETIME.
	Now time.Time
	// Row is the number of the row in the statement, from 1, for messages.
	Row int
	// Table names the table in the few messages that have it (JSON).
	Table string
}

// conversion is one call of Convert.
type conversion struct {
	Assignment
	t        *Type
	column   string
	bytes    bool // the value is a binary string
	warnings []*mysqlerr.Error
}

// Convert turns a value that an expression gave into the stored form of type t, as MySQL
// does on INSERT and UPDATE. Integers, REAL, decimal or temporal text, strings and bytes are
// taken; NULL stays NULL. What does not fit is an error with MySQL's code (1264, 1265, 1292,
// 1366, 1406, 3140, …) in strict mode, else a warning; a warning in strict mode is a note.
func Convert(t Type, column string, v txn.Value, a Assignment) (txn.Value, []*mysqlerr.Error, error) {
	if v.IsNull() {
		return v, nil, nil
	}
	c := conversion{Assignment: a, t: &t, column: column, bytes: v.Kind() == txn.KindBlob}
	if c.Row == 0 {
		c.Row = 1
	}
	out, err := c.convert(v)
	if err != nil {
		return txn.Null(), c.warnings, err
	}
	return out, c.warnings, nil
}

func (c *conversion) convert(v txn.Value) (txn.Value, error) {
	switch c.t.Kind {
	case TinyInt, SmallInt, MediumInt, Int, BigInt:
		return c.integer(v)
	case Decimal:
		return c.decimal(v)
	case Float, Double:
		return c.real(v)
	case Bit:
		return c.bit(v)
	case Year:
		return c.year(v)
	case Date, DateTime, Timestamp:
		return c.date(v)
	case Time:
		return c.time(v)
	case Char, VarChar, TinyText, Text, MediumText, LongText:
		return c.text(v)
	case Binary, VarBinary, TinyBlob, Blob, MediumBlob, LongBlob:
		return c.binary(v)
	case Enum:
		return c.enum(v)
	case Set:
		return c.set(v)
	case JSON:
		return c.json(v)
	}
	if c.t.Kind == Geometry {
		return c.geometry(v)
	}
	if c.t.Kind == Vector {
		return c.vector(v)
	}
	if v.Kind() == txn.KindBlob {
		return v, nil
	}
	return v, mysqlerr.New(mysql.ER_CANT_CREATE_GEOMETRY_OBJECT)
}

// geometry checks that a value is a geometry that the column takes.
func (c *conversion) geometry(v txn.Value) (txn.Value, error) {
	if v.Kind() == txn.KindBlob || v.Kind() == txn.KindText {
		srid, g, err := geometry.Decode(v.Bytes())
		if err == nil && geometry.TypeOf(c.t.Spelling).Holds(g.Type) {
			if srid != c.t.SRID && (c.t.SRIDGiven || c.t.SRID != 0) {
				return v, mysqlerr.New(3643, c.column, srid, c.t.SRID)
			}
			return txn.Blob(v.Bytes()), nil
		}
	}
	return v, mysqlerr.New(mysql.ER_CANT_CREATE_GEOMETRY_OBJECT)
}

// vector checks that bytes are a vector of at most the column's length.
func (c *conversion) vector(v txn.Value) (txn.Value, error) {
	b := v.Bytes()
	switch {
	case v.Kind() != txn.KindBlob || len(b)%4 != 0 || len(b) == 0:
		text := AppendText(nil, Type{Kind: LongText}, v)
		return v, mysqlerr.New(6136, "string", len(text))
	case len(b) > 4*c.t.Length:
		return v, c.tooLong()
	}
	return v, nil
}

// trouble is an error in strict mode, else a warning.
func (c *conversion) trouble(e *mysqlerr.Error) error {
	if c.Strict {
		return e
	}
	c.warnings = append(c.warnings, e)
	return nil
}

// note is a warning in every mode.
func (c *conversion) note(e *mysqlerr.Error) { c.warnings = append(c.warnings, e) }

func (c *conversion) outOfRange() error {
	return c.trouble(mysqlerr.New(mysql.ER_WARN_DATA_OUT_OF_RANGE, c.column, c.Row))
}

func (c *conversion) truncated() *mysqlerr.Error {
	return mysqlerr.New(mysql.WARN_DATA_TRUNCATED, c.column, c.Row)
}

func (c *conversion) tooLong() error {
	if !c.Strict {
		c.warnings = append(c.warnings, c.truncated())
		return nil
	}
	return mysqlerr.New(mysql.ER_DATA_TOO_LONG, c.column, c.Row)
}

// incorrect is "Incorrect integer value: 'x' for column 'c' at row 1".
func (c *conversion) incorrect(kind string, text []byte) error {
	return c.trouble(mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, kind, c.shown(text), c.column, c.Row))
}

// shown is a value in a message: text up to a zero byte, a binary string with what is not printable in base 16.
func (c *conversion) shown(b []byte) string {
	if c.bytes {
		return printable(b)
	}
	text, _, _ := bytes.Cut(b, []byte{0})
	return shortText(text)
}

// printable shows bytes in MySQL's 128 characters.
func printable(b []byte) string {
	var out []byte
	for _, one := range b {
		next := len(out)
		if one >= ' ' && one <= '~' {
			out = append(out, one)
		} else {
			out = fmt.Appendf(out, "\\x%02X", one)
		}
		if len(out) > maxShown {
			return string(out[:next])
		}
	}
	return string(out)
}

// maxShown is how many bytes of a value are in a message.
const maxShown = 128

// shortText cuts a value for a message to MySQL's 128 bytes.
func shortText(b []byte) string {
	if len(b) > maxShown {
		b = b[:maxShown]
		for len(b) > 0 && !utf8.Valid(b) {
			b = b[:len(b)-1]
		}
	}
	return string(bytes.ToValidUTF8(b, []byte("?")))
}

// integerBounds returns the least and the greatest value of an integer type; the greatest as
// unsigned.
func integerBounds(t *Type) (int64, uint64) {
	bits := 64
	switch t.Kind {
	case TinyInt:
		bits = 8
	case SmallInt:
		bits = 16
	case MediumInt:
		bits = 24
	case Int:
		bits = 32
	}
	if t.Unsigned {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

func (c *conversion) integer(v txn.Value) (txn.Value, error) {
	switch v.Kind() {
	case txn.KindInteger:
		n := v.Int64()
		if n < 0 {
			return c.storeInteger(true, uint64(-n), false)
		}
		return c.storeInteger(false, uint64(n), false)
	case txn.KindReal:
		f := math.RoundToEven(v.Float64())
		switch {
		case math.IsNaN(f):
			return c.storeInteger(false, 0, true)
		case f <= -math.MaxUint64:
			return c.storeInteger(true, math.MaxUint64, true)
		case f >= math.MaxUint64:
			return c.storeInteger(false, math.MaxUint64, true)
		case f < 0:
			return c.storeInteger(true, uint64(-f), false)
		}
		return c.storeInteger(false, uint64(f), false)
	}
	text := v.Bytes()
	num, used := parseNumber(text)
	if used == 0 {
		if err := c.incorrect("integer", text); err != nil {
			return v, err
		}
		return c.storeInteger(false, 0, false)
	}
	magnitude, overflow := num.roundToInteger()
	out, err := c.storeInteger(num.negative, magnitude, overflow)
	if err == nil && len(bytes.TrimRight(text[used:], " \t\n\r\v\f")) > 0 {
		err = c.trouble(c.truncated())
	}
	return out, err
}

// storeInteger checks the range; overflow says that the magnitude is more than a uint64.
func (c *conversion) storeInteger(negative bool, magnitude uint64, overflow bool) (txn.Value, error) {
	least, most := integerBounds(c.t)
	negative = negative && magnitude != 0
	switch {
	case negative && (overflow || magnitude > uint64(-least)):
		return storedUnsigned(uint64(least), true), c.outOfRange()
	case negative:
		return txn.Int(-int64(magnitude)), nil
	case overflow || magnitude > most:
		return storedUnsigned(most, false), c.outOfRange()
	}
	return storedUnsigned(magnitude, false), nil
}

// storedUnsigned is the stored form of an integer: text of 20 digits from 2^63 on, which orders
// as the numbers do.
func storedUnsigned(n uint64, signed bool) txn.Value {
	if !signed && n > math.MaxInt64 {
		return txn.TextString(fmt.Sprintf("%020d", n))
	}
	return txn.Int(int64(n))
}

// number is a decimal number in text: digits, of which point are before the decimal point.
type number struct {
	negative bool
	digits   []byte
	point    int
}

// parseNumber reads the number that text begins with, after spaces: sign, digits, fraction,
// exponent. used is the length of what was read, 0 if there is no number.
func parseNumber(text []byte) (n number, used int) {
	at := 0
	for at < len(text) && (text[at] == ' ' || text[at] >= '\t' && text[at] <= '\r') {
		at++
	}
	if at < len(text) && (text[at] == '-' || text[at] == '+') {
		n.negative = text[at] == '-'
		at++
	}
	whole := digits(text[at:])
	n.digits = text[at : at+whole]
	n.point = whole
	at += whole
	if at < len(text) && text[at] == '.' {
		fraction := digits(text[at+1:])
		if whole+fraction > 0 {
			if fraction > 0 {
				n.digits = append(append(make([]byte, 0, whole+fraction), n.digits...), text[at+1:at+1+fraction]...)
			}
			at += 1 + fraction
		}
	}
	if len(n.digits) == 0 {
		return number{}, 0
	}
	if at < len(text) && (text[at] == 'e' || text[at] == 'E') {
		end := at + 1
		if end < len(text) && (text[end] == '-' || text[end] == '+') {
			end++
		}
		if d := digits(text[end:]); d > 0 {
			exponent, err := strconv.Atoi(string(text[at+1 : end+d]))
			if err != nil || exponent > 100000 || exponent < -100000 {
				exponent = 100000 * sign64(text[at+1] != '-')
			}
			n.point += exponent
			at = end + d
		}
	}
	return n, at
}

func sign64(positive bool) int {
	if positive {
		return 1
	}
	return -1
}

// roundToInteger rounds half away from zero; overflow if the result is more than a uint64.
func (n number) roundToInteger() (magnitude uint64, overflow bool) {
	if n.point < 0 {
		return 0, false
	}
	for i := range n.point {
		d := uint64(0)
		if i < len(n.digits) {
			d = uint64(n.digits[i] - '0')
		} else if magnitude == 0 {
			break
		}
		if magnitude > (math.MaxUint64-d)/10 {
			return math.MaxUint64, true
		}
		magnitude = magnitude*10 + d
	}
	if n.point < len(n.digits) && n.digits[n.point] >= '5' {
		if magnitude == math.MaxUint64 {
			return magnitude, true
		}
		magnitude++
	}
	return magnitude, false
}
