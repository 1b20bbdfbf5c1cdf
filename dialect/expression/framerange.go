package expression

import (
	"strconv"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Window frames RANGE BETWEEN n PRECEDING … compare the keys of rows with that of the present row less n. SQLite does so for
// numbers only, with n the same for all rows: decimals and temporal keys become integers.

// RangeUnit is what the key of a RANGE frame is counted in.
type RangeUnit uint8

// Units of keys of RANGE frames.
const (
	RangeNumber RangeUnit = iota // the key as it is
	RangeScaled                  // a decimal in units of its last digit
	RangeMicros                  // microseconds
	RangeMonths                  // months of 31 days, in microseconds
)

// errFrameBound is MySQL's "frame start or end is negative, NULL or of non-integral type".
const errFrameBound = 3586

const rangeMonth = 31 * int64(dayMicros)

// maxScaledDigits is the precision of decimals that fit an integer.
const maxScaledDigits = 18

// RangeKey is the key of a RANGE frame as a number in the unit; scale is the number of fraction digits of RangeScaled.
func RangeKey(o Operand, u RangeUnit, scale int) Operand {
	switch u {
	case RangeScaled:
		if o.Type.Length-o.Type.Decimals+scale > maxScaledDigits {
			return Operand{SQL: call("marmot_double", o.SQL), Type: double(), Nullable: o.Nullable, Coercibility: Numeric}
		}
		fallthrough
	case RangeMicros, RangeMonths:
		return Operand{SQL: call("marmot_range_key", inSession(o).SQL, itoa(int(u)), itoa(scale)), Type: bigint(), Nullable: o.Nullable, Coercibility: Numeric}
	}
	return o
}

// RangeOffset is the distance of a frame's bound for such keys. SQLite wants a number there, or a parameter.
func RangeOffset(key, amount Operand, u RangeUnit, scale int) (string, error) {
	if u != RangeScaled {
		return amount.SQL, nil
	}
	if amount.Constant == nil {
		return "", mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "a parameter as distance of RANGE over decimals")
	}
	d := (&runtime{}).dec(*amount.Constant)
	if key.Type.Kind == schemas.Double {
		f, err := strconv.ParseFloat(string(d.append(nil)), 64)
		return QuoteValue(txn.Real(f)), err
	}
	return QuoteValue(txn.Int(d.rescale(scale).small)), nil
}

// IntervalUnit says in what INTERVAL … unit counts.
func IntervalUnit(name string) (RangeUnit, error) {
	_, u, err := findUnit(name)
	if err != nil {
		return RangeNumber, err
	}
	if u.months {
		return RangeMonths, nil
	}
	return RangeMicros, nil
}

// RangeInterval is the distance INTERVAL amount unit of a window's frame.
func RangeInterval(amount Operand, name, window string) (string, error) {
	name, u, err := findUnit(name)
	if err != nil {
		return "", err
	}
	if amount.Constant == nil {
		return "", mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "a parameter as distance of RANGE with INTERVAL")
	}
	n, ok := (&runtime{}).amountOf(*amount.Constant, name, u)
	if !ok || n < 0 || amount.Constant.IsNull() {
		return "", mysqlerr.New(errFrameBound, window)
	}
	if u.months {
		n *= rangeMonth
	}
	return QuoteValue(txn.Int(n)), nil
}

// rangeKey is marmot_range_key(value, unit, scale).
func rangeKey(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	if u := RangeUnit(args[1].Int64()); u == RangeScaled {
		return txn.Int(r.dec(args[0]).rescale(int(args[2].Int64())).small), nil
	} else if m, ok := r.momentOrClock(args[0]); ok {
		switch {
		case m.kind == kindTime:
			return txn.Int(m.clockMicros()), nil
		case u == RangeMicros:
			return txn.Int(m.micros()), nil
		case m.day > 28:
			// The last days of a month have no counterpart in each other one.
			return txn.Null(), mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "RANGE with INTERVAL of months over days after the 28th")
		}
		clock := m.micros() % int64(dayMicros)
		return txn.Int(int64(m.year*12+m.month-1)*rangeMonth + int64(m.day-1)*int64(dayMicros) + clock), nil
	}
	return txn.Null(), nil
}
