package expression

import (
	"bytes"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Argument is the type of a parameter of a prepared statement, of those that MySQL tells apart: at PREPARE it is the type of what the
// parameter is given to, later that of the values bound, https://dev.mysql.com/doc/refman/8.4/en/prepare.html.
type Argument uint8

// The types. NoArgument is that of NULL, which every parameter takes.
const (
	NoArgument Argument = iota
	IntegerArgument
	UnsignedArgument
	DecimalArgument
	DoubleArgument
	TextArgument
	DateArgument
	DateTimeArgument
	TimeArgument
)

// ArgumentOf is the type of a parameter that is given to what is of type t.
func ArgumentOf(t schemas.Type) Argument {
	switch {
	case t.IsInteger() && t.Unsigned:
		return UnsignedArgument
	case t.IsInteger():
		return IntegerArgument
	case t.Kind == schemas.Decimal:
		return DecimalArgument
	case t.Kind == schemas.Float, t.Kind == schemas.Double:
		return DoubleArgument
	case t.Kind == schemas.Date:
		return DateArgument
	case t.Kind == schemas.DateTime, t.Kind == schemas.Timestamp:
		return DateTimeArgument
	case t.Kind == schemas.Time:
		return TimeArgument
	}
	return TextArgument
}

// ArgumentOfValue is the type of a value that is bound; sort says what its storage class does not.
func ArgumentOfValue(v txn.Value, sort Argument) Argument {
	switch v.Kind() {
	case txn.KindNull:
		return NoArgument
	case txn.KindInteger:
		if sort == UnsignedArgument {
			return sort
		}
		return IntegerArgument
	case txn.KindReal:
		return DoubleArgument
	}
	if sort == NoArgument {
		return TextArgument
	}
	return sort
}

// Type is the type of what a parameter yields; Kind 0 while there is nothing to tell.
func (a Argument) Type(collation string) schemas.Type {
	switch a {
	case IntegerArgument:
		return bigint()
	case UnsignedArgument:
		return unsignedBigint()
	case DecimalArgument:
		return decimal(maxPrecision, maxScale)
	case DoubleArgument:
		return double()
	case TextArgument:
		return text(parameterLength, collation)
	case DateArgument:
		return schemas.Type{Kind: schemas.Date}
	case DateTimeArgument:
		return schemas.Type{Kind: schemas.DateTime, Decimals: 6}
	case TimeArgument:
		return schemas.Type{Kind: schemas.Time, Decimals: 6}
	}
	return schemas.Type{}
}

func (a Argument) isNumber() bool { return a >= IntegerArgument && a <= DoubleArgument }

func (a Argument) isTemporal() bool { return a >= DateArgument }

// Takes reports whether a parameter of type a takes a value of type v as one of its own; the statement is prepared anew for others.
func (a Argument) Takes(v Argument) bool {
	if v == NoArgument || v == a || v == TextArgument {
		return true
	}
	switch a {
	case DecimalArgument:
		return v == IntegerArgument || v == UnsignedArgument
	case DoubleArgument:
		return v.isNumber()
	case DateTimeArgument:
		return true
	case DateArgument:
		return v.isNumber()
	case TimeArgument:
		return v.isNumber() || v == DateTimeArgument
	}
	return false
}

// Narrows reports whether text is bound to an integer parameter that is a number of another type: the parameter becomes a DECIMAL.
func (a Argument) Narrows(v txn.Value) bool {
	if a != IntegerArgument && a != UnsignedArgument || v.Kind() != txn.KindText && v.Kind() != txn.KindBlob {
		return false
	}
	d, clean := parseDec(v.Bytes())
	if !clean {
		return false
	}
	whole := d.truncate(0)
	return whole.compare(d) != 0 || !whole.fits(a == UnsignedArgument)
}

// As is the type that one execution takes a parameter of type a to have, given a value of type v: what a plan cannot
// be made for keeps its own.
func (a Argument) As(v Argument) Argument {
	switch {
	case v == NoArgument:
		return a
	case a.isTemporal() && v != a && (v != DateArgument || a != DateTimeArgument):
		return v
	}
	return a
}

// Argue makes of a value that is bound one of a parameter's type, with a warning if it is no number; text that is wanted as text
// stays what it is.
func (a Argument) Argue(v txn.Value, asText bool) (txn.Value, *mysqlerr.Error) {
	switch v.Kind() {
	case txn.KindNull:
		return v, nil
	case txn.KindBlob:
		if b := v.Bytes(); utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
			v = txn.Text(b)
		}
	}
	switch {
	case a == DateTimeArgument, a == TimeArgument:
		return withMicroseconds(v, a), nil
	case !a.isNumber(), asText && v.Kind() == txn.KindText:
		return v, nil
	case v.Kind() == txn.KindInteger && (a == IntegerArgument || a == UnsignedArgument), v.Kind() == txn.KindReal:
		return v, nil
	}
	given := textOf(v)
	d, clean := parseDec(given)
	name := "INTEGER"
	switch a {
	case DecimalArgument:
		v, name = d.value(), "DECIMAL"
	case DoubleArgument:
		var f float64
		f, clean = parseFloat(given)
		v, name = txn.Real(f), "DOUBLE"
	default:
		v = d.truncate(0).integerValue()
	}
	if clean {
		return v, nil
	}
	return v, mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE, name, messageText(given))
}

// withMicroseconds is a DATETIME or TIME that a client has bound in the form of one with six decimals.
func withMicroseconds(v txn.Value, a Argument) txn.Value {
	b := v.Bytes()
	if v.Kind() != txn.KindText || bytes.IndexByte(b, '.') >= 0 {
		return v
	}
	if a == DateTimeArgument && bytes.IndexByte(b, ':') < 0 {
		b = append(bytes.Clone(b), " 00:00:00"...)
	}
	return txn.Text(append(bytes.Clone(b), ".000000"...))
}

// Assigned is a value of type a as a column of type t takes it: dates and times are numbers for a number's column, and a number is none
// of JSON's texts.
func (a Argument) Assigned(v txn.Value, t schemas.Type) txn.Value {
	if v.Kind() != txn.KindText {
		return v
	}
	switch {
	case a.isTemporal() && (t.IsNumeric() || t.Kind == schemas.Year):
		if n, err := temporalNumber(nil, []txn.Value{v}); err == nil && !n.IsNull() {
			return n
		}
	case a == DateTimeArgument && t.Kind == schemas.Time:
		if _, clock, ok := bytes.Cut(v.Bytes(), []byte(" ")); ok {
			return txn.Text(clock)
		}
	case a.isNumber() && t.Kind == schemas.JSON:
		if f, clean := parseFloat(v.Bytes()); clean {
			return txn.Real(f)
		}
	}
	return v
}

// AnyText is the type of text of which nothing is known.
func AnyText(collation string) schemas.Type { return text(-1, collation) }
