package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// unit is a unit of intervals.
type unit struct {
	// date: it has a date part; clock: it has a time part.
	date, clock bool
	// parts are the sizes of the numbers in the text of a compound unit, the first for the
	// leftmost: in months where months is set, else in microseconds.
	parts  []int64
	months bool
	// extract is EXTRACT(unit FROM m), without the sign of a TIME.
	extract func(r *runtime, m moment) int64
}

const (
	microsOfSecond = 1000000
	microsOfMinute = 60 * microsOfSecond
	microsOfHour   = 60 * microsOfMinute
)

func clockNumber(m moment) int64 { return int64(m.hour*10000 + m.minute*100 + m.second) }

func dayOrZero(m moment) int64 {
	if m.kind == kindTime {
		return 0
	}
	return int64(m.day)
}

// units are MySQL's units of intervals.
var units = map[string]unit{
	"MICROSECOND": {clock: true, parts: []int64{1}, extract: func(_ *runtime, m moment) int64 { return int64(m.micro) }},
	"SECOND":      {clock: true, parts: []int64{microsOfSecond}, extract: func(_ *runtime, m moment) int64 { return int64(m.second) }},
	"MINUTE":      {clock: true, parts: []int64{microsOfMinute}, extract: func(_ *runtime, m moment) int64 { return int64(m.minute) }},
	"HOUR":        {clock: true, parts: []int64{microsOfHour}, extract: func(_ *runtime, m moment) int64 { return int64(m.hour) }},
	"DAY":         {date: true, parts: []int64{dayMicros}, extract: func(_ *runtime, m moment) int64 { return int64(m.day) }},
	"WEEK": {date: true, parts: []int64{7 * dayMicros}, extract: func(r *runtime, m moment) int64 {
		n, _ := weekOf(m, r.weekMode(nil))
		return int64(n)
	}},
	"MONTH":      {date: true, months: true, parts: []int64{1}, extract: func(_ *runtime, m moment) int64 { return int64(m.month) }},
	"QUARTER":    {date: true, months: true, parts: []int64{3}, extract: func(_ *runtime, m moment) int64 { return int64(m.month+2) / 3 }},
	"YEAR":       {date: true, months: true, parts: []int64{12}, extract: func(_ *runtime, m moment) int64 { return int64(m.year) }},
	"YEAR_MONTH": {date: true, months: true, parts: []int64{12, 1}, extract: func(_ *runtime, m moment) int64 { return int64(m.year*100 + m.month) }},
	"SECOND_MICROSECOND": {clock: true, parts: []int64{microsOfSecond, 1}, extract: func(_ *runtime, m moment) int64 {
		return int64(m.second)*1000000 + int64(m.micro)
	}},
	"MINUTE_MICROSECOND": {clock: true, parts: []int64{microsOfMinute, microsOfSecond, 1}, extract: func(_ *runtime, m moment) int64 {
		return int64(m.minute*100+m.second)*1000000 + int64(m.micro)
	}},
	"MINUTE_SECOND": {clock: true, parts: []int64{microsOfMinute, microsOfSecond}, extract: func(_ *runtime, m moment) int64 { return int64(m.minute*100 + m.second) }},
	"HOUR_MICROSECOND": {clock: true, parts: []int64{microsOfHour, microsOfMinute, microsOfSecond, 1}, extract: func(_ *runtime, m moment) int64 {
		return clockNumber(m)*1000000 + int64(m.micro)
	}},
	"HOUR_SECOND": {clock: true, parts: []int64{microsOfHour, microsOfMinute, microsOfSecond}, extract: func(_ *runtime, m moment) int64 { return clockNumber(m) }},
	"HOUR_MINUTE": {clock: true, parts: []int64{microsOfHour, microsOfMinute}, extract: func(_ *runtime, m moment) int64 { return int64(m.hour*100 + m.minute) }},
	"DAY_MICROSECOND": {clock: true, parts: []int64{dayMicros, microsOfHour, microsOfMinute, microsOfSecond, 1}, extract: func(_ *runtime, m moment) int64 {
		return (dayOrZero(m)*1000000+clockNumber(m))*1000000 + int64(m.micro)
	}},
	"DAY_SECOND": {clock: true, parts: []int64{dayMicros, microsOfHour, microsOfMinute, microsOfSecond}, extract: func(_ *runtime, m moment) int64 {
		return dayOrZero(m)*1000000 + clockNumber(m)
	}},
	"DAY_MINUTE": {clock: true, parts: []int64{dayMicros, microsOfHour, microsOfMinute}, extract: func(_ *runtime, m moment) int64 {
		return dayOrZero(m)*10000 + int64(m.hour*100+m.minute)
	}},
	"DAY_HOUR": {clock: true, parts: []int64{dayMicros, microsOfHour}, extract: func(_ *runtime, m moment) int64 { return dayOrZero(m)*100 + int64(m.hour) }},
}

func findUnit(name string) (string, unit, error) {
	name = strings.TrimPrefix(strings.ToUpper(name), "SQL_TSI_")
	u, ok := units[name]
	if !ok {
		return name, u, mysqlerr.Newf(mysql.ER_PARSE_ERROR, "Unknown interval unit '%s'", name)
	}
	return name, u, nil
}

// Interval is date + INTERVAL amount unit, or date - INTERVAL … when add is false. A DATE stays one
// unless the unit has a time part; strings give strings.
func Interval(add bool, date, amount Operand, unit string) (Operand, error) {
	unit, info, err := findUnit(unit)
	if err != nil {
		return date, err
	}
	date = asRead(date, readsWholeDateTime)
	ask(date)
	if info.clock {
		want(date, DateTimeArgument.Type(""))
	}
	want(date, DateArgument.Type(""))
	want(amount, bigint())
	if amount, err = intervalAmount(amount); err != nil {
		return amount, err
	}
	out := Operand{Nullable: true, Coercibility: Numeric}
	decimals := intervalDecimals(unit, amount, decimalsOf(date))
	switch kind := date.Type.Kind; {
	case kind == schemas.Date && !info.clock:
		out.Type = schemas.Type{Kind: schemas.Date}
	case kind == schemas.Date || kind == schemas.DateTime, kind == schemas.Time && info.date:
		out.Type = schemas.Type{Kind: schemas.DateTime, Decimals: decimals}
	case kind == schemas.Time:
		out.Type = schemas.Type{Kind: schemas.Time, Decimals: decimals}
	default:
		out.Type, out.Coercibility, decimals = dateString(), Coercible, -1
		out.dateText = true
	}
	sign := "1"
	if !add {
		sign = "-1"
	}
	out.SQL = call("marmot_interval", date.SQL, amount.SQL, quoteText(unit), sign, itoa(decimals))
	return out, nil
}

// intervalAmount keeps numbers and strings, which intervals read in their own way.
func intervalAmount(a Operand) (Operand, error) {
	if a.Param || isString(a) || isNull(a) {
		return a, nil
	}
	return asNumber(a)
}

func intervalDecimals(unit string, amount Operand, own int) int {
	switch {
	case strings.HasSuffix(unit, "MICROSECOND"):
		return 6
	case unit == "SECOND" && amount.Type.Kind == schemas.Decimal:
		return max(own, min(amount.Type.Decimals, 6))
	case unit == "SECOND" && !amount.Type.IsInteger() && !isNull(amount):
		if amount.Constant != nil {
			return max(own, fractionDigits(textOf(*amount.Constant)))
		}
		return 6
	}
	return own
}

// amountOf reads the amount of an interval: months, or microseconds.
func (r *runtime) amountOf(v txn.Value, name string, u unit) (int64, bool) {
	if len(u.parts) == 1 {
		if name == "SECOND" && v.Kind() != txn.KindInteger {
			d := r.dec(v).rescale(6)
			return d.int64(), d.big == nil
		}
		n := r.integer(v)
		if v.Kind() == txn.KindText && isStringAmount(v.Bytes()) {
			d, _ := parseDec(v.Bytes())
			n = d.rescale(0).int64()
		}
		limit := int64(1) << 62 / u.parts[0]
		return n * u.parts[0], n <= limit && n >= -limit
	}
	return compoundAmount(textOf(v), u)
}

func isStringAmount(b []byte) bool { _, clean := parseDec(b); return !clean }

// compoundAmount reads the numbers of '1 2:30' for DAY_MINUTE. Fewer numbers than parts are those at
// the right end.
func compoundAmount(b []byte, u unit) (int64, bool) {
	negative := false
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '-' {
		negative, b = true, b[1:]
	}
	var numbers []int64
	lastDigits := 0
	for len(b) > 0 && len(numbers) < len(u.parts) {
		for len(b) > 0 && !isDigit(b[0]) {
			b = b[1:]
		}
		n, digits := int64(0), 0
		for len(b) > 0 && isDigit(b[0]) {
			if digits < 18 {
				n = n*10 + int64(b[0]-'0')
			}
			b, digits = b[1:], digits+1
		}
		if digits > 0 {
			numbers = append(numbers, n)
			lastDigits = digits
		}
	}
	if len(numbers) == 0 {
		return 0, true
	}
	if u.parts[len(u.parts)-1] == 1 && !u.months && len(numbers) > 0 {
		for range 6 - min(lastDigits, 6) {
			numbers[len(numbers)-1] *= 10
		}
	}
	var sum int64
	sizes := u.parts[len(u.parts)-len(numbers):]
	for i, n := range numbers {
		if n > 1<<62/sizes[i] {
			return 0, false
		}
		sum += n * sizes[i]
	}
	if negative {
		sum = -sum
	}
	return sum, true
}

// intervalFunction is marmot_interval(date, amount, unit, sign, decimals); decimals -1: a string, in
// and out.
func intervalFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || args[1].IsNull() {
		return txn.Null(), nil
	}
	name, decimals := string(args[2].Bytes()), int(args[4].Int64())
	u := units[name]
	m, ok := r.momentOrClock(args[0])
	if !ok {
		return txn.Null(), nil
	}
	if m.kind == kindTime && u.date {
		m = r.timeToday(m)
	}
	if m.offCalendar() && (decimals < 0 || m.kind == kindDate && !u.clock) { // MySQL's DATETIME goes on from there, and DATE into hours
		if decimals < 0 {
			r.incorrect("datetime", textOf(args[0]))
		}
		return txn.Null(), nil
	}
	n, ok := r.amountOf(args[1], name, u)
	if ok {
		ok = m.addInterval(args[3].Int64()*n, u)
	}
	if !ok {
		r.warn(mysqlerr.New(mysql.ER_DATETIME_FUNCTION_OVERFLOW, "datetime"))
		return txn.Null(), nil
	}
	if decimals < 0 {
		decimals = 0
		if m.micro != 0 {
			decimals = 6
		}
	}
	return m.value(decimals), nil
}

// addInterval adds months or microseconds; it reports false if the calendar ends.
func (m *moment) addInterval(n int64, u unit) bool {
	if m.kind == kindTime {
		us := m.clockMicros() + n
		m.setClockMicros(us)
		return us <= maxTimeMicros && us >= -maxTimeMicros
	}
	if u.months {
		months := int64(m.year*12+m.month-1) + n
		if months < 0 || months >= 120000 || m.month == 0 {
			return false
		}
		m.year, m.month = int(months/12), int(months%12)+1
		m.day = min(m.day, schemas.DaysIn(m.year, m.month))
		return true
	}
	if m.hasZeroPart() {
		return false
	}
	if u.clock && m.kind == kindDate {
		m.kind = kindDateTime
	}
	return m.setMicros(m.micros() + n)
}

// Extract is EXTRACT(unit FROM a).
func Extract(unit string, a Operand) (Operand, error) {
	unit, info, err := findUnit(unit)
	if err != nil {
		return a, err
	}
	wanted := readsDateTime
	if info.clock {
		wanted = readsClock
	}
	a = asRead(a, wanted)
	return Operand{SQL: call("marmot_extract", quoteText(unit), a.SQL), Type: integerOf(extractWidths[unit]), Nullable: true, Coercibility: Numeric}, nil
}
