package expression

import (
	"math"
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// dateFunctions work on dates and times as such; those that read and write text are dateTextFunctions.
func dateFunctions() []function {
	const group = "Date and time"
	part := func(names string, f func(m moment) int64) function {
		return function{names: names, group: group, least: 1, most: 1, args: "d", traits: givesNull, result: resultBigint, run: datePart(f)}
	}
	clockPart := func(names string, f func(m moment) int64) function {
		return function{names: names, group: group, least: 1, most: 1, args: "c", traits: givesNull, result: resultBigint, run: timePart(f)}
	}
	year := part("year", func(m moment) int64 { return int64(m.year) })
	year.result = func([]Operand) schemas.Type { return schemas.Type{Kind: schemas.Year} }
	return []function{
		year,
		part("month", func(m moment) int64 { return int64(m.month) }),
		part("day dayofmonth", func(m moment) int64 { return int64(m.day) }),
		part("quarter", func(m moment) int64 { return int64(m.month+2) / 3 }),
		{names: "dayofweek", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultBigint,
			run: wholeDate(func(m moment) int64 { return int64(weekday(m)+1)%7 + 1 })},
		{names: "weekday", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultBigint,
			run: wholeDate(func(m moment) int64 { return int64(weekday(m)) })},
		{names: "dayofyear", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultBigint, run: wholeDate(dayOfYear)},
		{names: "weekofyear", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultBigint, run: week},
		{names: "week", group: group, least: 1, most: 2, args: "Dn", traits: givesNull, result: resultBigint, run: weekWithMode},
		{names: "yearweek", group: group, least: 1, most: 2, args: "Dn", traits: givesNull, result: resultBigint, run: yearWeek},
		{names: "to_days", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultBigint,
			run: anyDate(func(m moment) int64 { return int64(dayNumber(m.year, m.month, m.day)) })},
		{names: "to_seconds", group: group, least: 1, most: 1, args: "E", traits: givesNull, result: resultBigint,
			run: anyDate(func(m moment) int64 { return m.micros() / 1000000 })},
		{names: "from_days", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultDate, run: fromDays},
		{names: "last_day", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultDate, run: lastDay},
		{names: "makedate", group: group, least: 2, most: 2, args: "n", traits: givesNull, result: resultDate, run: makeDate},
		{names: "maketime", group: group, least: 3, most: 3, args: "n", traits: givesNull, result: resultMakeTime, run: makeTime},
		clockPart("hour", func(m moment) int64 { return int64(m.hour) }),
		clockPart("minute", func(m moment) int64 { return int64(m.minute) }),
		clockPart("second", func(m moment) int64 { return int64(m.second) }),
		clockPart("microsecond", func(m moment) int64 { return int64(m.micro) }),
		{names: "time_to_sec", group: group, least: 1, most: 1, args: "c", traits: givesNull, result: resultBigint, run: timeToSeconds},
		{names: "sec_to_time", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultSecToTime, run: secondsToTime},
		{names: "date", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) { return ExplicitCast(a[0], schemas.Type{Kind: schemas.Date}) }},
		{names: "time", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) {
			return ExplicitCast(a[0], schemas.Type{Kind: schemas.Time, Decimals: decimalsOf(a[0])})
		}},
		{names: "timestamp", group: group, least: 1, most: 2, build: timestampOperand},
		{names: "datediff", group: group, least: 2, most: 2, args: "D", traits: givesNull, result: resultBigint, run: dateDifference},
		{names: "timediff", group: group, least: 2, most: 2, args: "y", traits: givesNull, result: resultTimeOf, run: timeDifference},
		{names: "timestampdiff", group: group, least: 3, most: 3, args: "sE", traits: givesNull, result: resultBigint, run: timestampDifference},
		{names: "timestampadd", group: group, least: 3, most: 3, build: func(a []Operand) (Operand, error) {
			return Interval(true, a[2], a[1], unitOf(a[0]))
		}},
		{names: "adddate date_add", group: group, least: 2, most: 2, build: func(a []Operand) (Operand, error) { return Interval(true, a[0], a[1], "DAY") }},
		{names: "subdate date_sub", group: group, least: 2, most: 2, build: func(a []Operand) (Operand, error) { return Interval(false, a[0], a[1], "DAY") }},
		{names: "addtime", group: group, least: 2, most: 2, build: addTimeOperand("1")},
		{names: "subtime", group: group, least: 2, most: 2, build: addTimeOperand("-1")},
		{names: "period_add", group: group, least: 2, most: 2, args: "n", result: resultBigint, run: periodAdd},
		{names: "period_diff", group: group, least: 2, most: 2, args: "n", result: resultBigint, run: periodDifference},
		{names: "now current_timestamp localtime localtimestamp", group: group, least: 0, most: 1, build: presentOperand("marmot_present", schemas.DateTime)},
		{names: "sysdate", group: group, least: 0, most: 1, build: presentOperand("marmot_sysdate", schemas.DateTime)},
		{names: "curdate current_date", group: group, least: 0, most: 0, build: presentOperand("marmot_present", schemas.Date)},
		{names: "curtime current_time", group: group, least: 0, most: 1, build: presentOperand("marmot_present", schemas.Time)},
		{names: "utc_timestamp", group: group, least: 0, most: 1, build: presentOperand("marmot_present_utc", schemas.DateTime)},
		{names: "utc_date", group: group, least: 0, most: 0, build: presentOperand("marmot_present_utc", schemas.Date)},
		{names: "utc_time", group: group, least: 0, most: 1, build: presentOperand("marmot_present_utc", schemas.Time)},
		{names: "unix_timestamp", group: group, least: 0, most: 1, build: unixTimestampOperand},
		{names: "from_unixtime", group: group, least: 1, most: 2, build: fromUnixOperand},
		{names: "convert_tz", group: group, least: 3, most: 3, args: "Ess", traits: givesNull, result: resultDateTimeOf, run: convertZone},
	}
}

// decimalsOf is the number of fraction digits that an operand has as a time.
func decimalsOf(a Operand) int {
	switch {
	case a.Type.IsTemporal() && a.Type.Kind != schemas.Date:
		return a.Type.Decimals
	case a.Type.Kind == schemas.Date || a.Type.IsInteger() || isNull(a):
		return 0
	case a.Type.Kind == schemas.Decimal:
		return min(a.Type.Decimals, 6)
	case a.Constant != nil && isString(a):
		return fractionDigits(a.Constant.Bytes())
	}
	return 6
}

func resultTimeOf(args []Operand) schemas.Type {
	n := 0
	for _, a := range args {
		n = max(n, decimalsOf(a))
	}
	return schemas.Type{Kind: schemas.Time, Decimals: n}
}

func resultDateTimeOf(args []Operand) schemas.Type {
	return schemas.Type{Kind: schemas.DateTime, Decimals: decimalsOf(args[0])}
}

func resultMakeTime(args []Operand) schemas.Type {
	return schemas.Type{Kind: schemas.Time, Decimals: decimalsOf(args[2])}
}

func resultSecToTime(args []Operand) schemas.Type {
	return schemas.Type{Kind: schemas.Time, Decimals: decimalsOf(args[0])}
}

// datePart is a function of a date that may lack month or day.
func datePart(f func(m moment) int64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if n, ok := integral(args[0]); ok && n >= 0 && n <= 31 {
			// MySQL takes a number below 101 for a day without a month, of the first year that two digits name.
			return txn.Int(f(moment{year: 2000, day: int(n)})), nil
		}
		m, ok := r.dateOf(args[0])
		if !ok {
			return txn.Null(), nil
		}
		return txn.Int(f(m)), nil
	}
}

// integral is the value of a number without a fraction.
func integral(v txn.Value) (n int64, ok bool) {
	switch v.Kind() {
	case txn.KindInteger:
		return v.Int64(), true
	case txn.KindReal:
		f := v.Float64()
		return int64(f), f == math.Trunc(f) && math.Abs(f) < 1<<53
	}
	return 0, false
}

// dateOf reads a date; of a stored TIME it is the statement's day, moved by the time.
func (r *runtime) dateOf(v txn.Value) (moment, bool) {
	if m, ok := parseStoredTime(v.Bytes()); ok {
		return r.timeToday(m), true
	}
	return r.moment(v)
}

// timeToday is a TIME as a DATETIME: of the statement's day.
func (r *runtime) timeToday(m moment) moment {
	today := momentOf(r.now())
	out := moment{fraction: m.fraction}
	out.setMicros(int64(dayNumber(today.year, today.month, today.day))*dayMicros + m.clockMicros())
	return out
}

// wholeDate is a function of a date of the calendar; NULL where month or day is 0.
func wholeDate(f func(m moment) int64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return dateFunction(f, moment.offCalendar)
}

// anyDate is the same of what may be off the calendar.
func anyDate(f func(m moment) int64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return dateFunction(f, func(moment) bool { return false })
}

func dateFunction(f func(m moment) int64, refuses func(m moment) bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		m, ok := r.dateOf(args[0])
		if ok && m.hasZeroPart() && args[0].Kind() == txn.KindInteger {
			r.incorrect("datetime", textOf(args[0]))
		}
		if !ok || m.hasZeroPart() || refuses(m) {
			return txn.Null(), nil
		}
		return txn.Int(f(m)), nil
	}
}

func timePart(f func(m moment) int64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		m, ok := r.clock(args[0])
		if !ok {
			return txn.Null(), nil
		}
		return txn.Int(f(m)), nil
	}
}

// weekday is 0 for Monday.
func weekday(m moment) int { return (dayNumber(m.year, m.month, m.day) + 5) % 7 }

func dayOfYear(m moment) int64 {
	return int64(dayNumber(m.year, m.month, m.day) - dayNumber(m.year, 1, 1) + 1)
}

// Bits of a week mode.
const (
	weekMondayFirst  = 1
	weekYear         = 2
	weekFirstWeekday = 4
)

// weekOf is MySQL's calc_week: the week's number by a mode, and the year that it belongs to.
func weekOf(m moment, mode int) (week, year int) {
	mode &= 7
	if mode&weekMondayFirst == 0 {
		mode ^= weekFirstWeekday
	}
	monday, wholeYear, firstWeekday := mode&weekMondayFirst != 0, mode&weekYear != 0, mode&weekFirstWeekday != 0
	day := dayNumber(m.year, m.month, m.day)
	first := dayNumber(m.year, 1, 1)
	weekdayOf := func(n int) int {
		if monday {
			return (n + 5) % 7
		}
		return (n + 6) % 7
	}
	length := func(y int) int { return 337 + schemas.DaysIn(y, 2) }
	start := weekdayOf(first)
	year = m.year
	if m.month == 1 && m.day <= 7-start {
		if !wholeYear && (firstWeekday && start != 0 || !firstWeekday && start >= 4) {
			return 0, year
		}
		wholeYear = true
		year--
		n := length(year)
		first -= n
		start = (start + 53*7 - n) % 7
	}
	days := day - first + start
	if firstWeekday && start != 0 || !firstWeekday && start >= 4 {
		days = day - (first + 7 - start)
	}
	if wholeYear && days >= 52*7 {
		start = (start + length(year)) % 7
		if !firstWeekday && start < 4 || firstWeekday && start == 0 {
			return 1, year + 1
		}
	}
	return days/7 + 1, year
}

func week(r *runtime, args []txn.Value) (txn.Value, error) {
	return wholeDate(func(m moment) int64 { n, _ := weekOf(m, 3); return int64(n) })(r, args)
}

func (r *runtime) weekMode(args []txn.Value) int {
	if len(args) > 1 {
		return int(r.integer(args[1]))
	}
	if v := r.variable("default_week_format"); !v.IsNull() {
		return int(r.integer(v))
	}
	return 0
}

func weekWithMode(r *runtime, args []txn.Value) (txn.Value, error) {
	mode := r.weekMode(args)
	return wholeDate(func(m moment) int64 { n, _ := weekOf(m, mode); return int64(n) })(r, args[:1])
}

func yearWeek(r *runtime, args []txn.Value) (txn.Value, error) {
	mode := 0
	if len(args) > 1 {
		mode = int(r.integer(args[1]))
	}
	return wholeDate(func(m moment) int64 {
		n, year := weekOf(m, mode|weekYear)
		return int64(year*100 + n)
	})(r, args[:1])
}

func fromDays(r *runtime, args []txn.Value) (txn.Value, error) {
	m := moment{kind: kindDate}
	if n := clampInt(r.integer(args[0])); n == 0 || !m.setDayNumber(n) {
		return txn.Null(), nil
	}
	return m.value(0), nil
}

func lastDay(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := r.dateOf(args[0])
	if !ok || m.month == 0 {
		return txn.Null(), nil
	}
	m.day, m.kind = schemas.DaysIn(m.year, m.month), kindDate
	return m.value(0), nil
}

func makeDate(r *runtime, args []txn.Value) (txn.Value, error) {
	year, day := clampInt(r.integer(args[0])), clampInt(r.integer(args[1]))
	if day < 1 || day > maxDayNumber || year < 0 || year > 9999 {
		return txn.Null(), nil
	}
	if year < 70 {
		year += 2000
	} else if year < 100 {
		year += 1900
	}
	m := moment{kind: kindDate}
	if !m.setDayNumber(dayNumber(year, 1, 1) + day - 1) {
		return txn.Null(), nil
	}
	return m.value(0), nil
}

func makeTime(r *runtime, args []txn.Value) (txn.Value, error) {
	hour, minute := r.integer(args[0]), r.integer(args[1])
	second := r.dec(args[2])
	if minute < 0 || minute > 59 || second.sign() < 0 || second.compare(dec{small: 60}) >= 0 {
		return txn.Null(), nil
	}
	decimals := min(second.scale, 6)
	us := max(hour, -hour)*3600*1000000 + minute*60*1000000 + second.rescale(6).int64()
	if max(hour, -hour) > 838 || us > maxTimeMicros {
		us = maxTimeMicros
		r.truncated("time", []byte("maketime"))
	}
	if hour < 0 {
		us = -us
	}
	m := moment{kind: kindTime}
	m.setClockMicros(us)
	return m.value(decimals), nil
}

func timeToSeconds(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := r.clock(args[0])
	if !ok {
		return txn.Null(), nil
	}
	return txn.Int(m.clockMicros() / 1000000), nil
}

func secondsToTime(r *runtime, args []txn.Value) (txn.Value, error) {
	d := r.dec(args[0])
	if args[0].Kind() == txn.KindReal {
		d = d.rescale(6)
	}
	us := d.rescale(6).int64()
	m := moment{kind: kindTime}
	if us >= maxTimeMicros+1e6 || us <= -maxTimeMicros-1e6 {
		r.truncated("time", textOf(args[0]))
		us = min(max(us, -maxTimeMicros), maxTimeMicros)
	}
	m.setClockMicros(us)
	return m.value(min(d.scale, 6)), nil
}

func dateDifference(r *runtime, args []txn.Value) (txn.Value, error) {
	a, okA := r.dateOf(args[0])
	b, okB := r.dateOf(args[1])
	if !okA || !okB || a.hasZeroPart() || b.hasZeroPart() {
		return txn.Null(), nil
	}
	return txn.Int(int64(dayNumber(a.year, a.month, a.day) - dayNumber(b.year, b.month, b.day))), nil
}

func timeDifference(r *runtime, args []txn.Value) (txn.Value, error) {
	a, okA := r.momentOrClock(args[0])
	b, okB := r.momentOrClock(args[1])
	if !okA || !okB || (a.kind == kindTime) != (b.kind == kindTime) {
		return txn.Null(), nil
	}
	us := a.clockMicros() - b.clockMicros()
	if a.kind != kindTime {
		us = a.micros() - b.micros()
	}
	return r.timeValue(us, max(a.fraction, b.fraction)), nil
}

// timeValue is a TIME, cut to its range.
func (r *runtime) timeValue(us int64, decimals int) txn.Value {
	m := moment{kind: kindTime}
	m.setClockMicros(us)
	if us > maxTimeMicros || us < -maxTimeMicros {
		r.truncated("time", m.appendTime(nil, 0))
		m.setClockMicros(min(max(us, -maxTimeMicros), maxTimeMicros))
	}
	return m.value(decimals)
}

func unitOf(a Operand) string {
	if a.Constant == nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToUpper(string(a.Constant.Bytes())), "SQL_TSI_")
}

func timestampDifference(r *runtime, args []txn.Value) (txn.Value, error) {
	a, okA := r.dateOf(args[1])
	b, okB := r.dateOf(args[2])
	if !okA || !okB || a.hasZeroPart() || b.hasZeroPart() {
		return txn.Null(), nil
	}
	us := b.micros() - a.micros()
	switch unit := strings.TrimPrefix(strings.ToUpper(string(args[0].Bytes())), "SQL_TSI_"); unit {
	case "MICROSECOND":
		return txn.Int(us), nil
	case "SECOND":
		return txn.Int(us / 1000000), nil
	case "MINUTE":
		return txn.Int(us / 60000000), nil
	case "HOUR":
		return txn.Int(us / 3600000000), nil
	case "DAY":
		return txn.Int(us / dayMicros), nil
	case "WEEK":
		return txn.Int(us / dayMicros / 7), nil
	case "MONTH":
		return txn.Int(int64(monthsBetween(a, b))), nil
	case "QUARTER":
		return txn.Int(int64(monthsBetween(a, b) / 3)), nil
	case "YEAR":
		return txn.Int(int64(monthsBetween(a, b) / 12)), nil
	}
	return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "timestampdiff")
}

// monthsBetween counts whole months from a to b.
func monthsBetween(a, b moment) int {
	if b.micros() < a.micros() {
		return -monthsBetween(b, a)
	}
	months := (b.year-a.year)*12 + b.month - a.month
	restA := int64(a.day)*dayMicros + a.clockMicros()
	restB := int64(b.day)*dayMicros + b.clockMicros()
	if restB < restA {
		months--
	}
	return months
}

// timestampOperand is TIMESTAMP(x[, time]).
func timestampOperand(args []Operand) (Operand, error) {
	if len(args) == 2 {
		whole, err := Cast(asRead(args[0], readsWholeDateTime), schemas.Type{Kind: schemas.DateTime, Decimals: decimalsOf(args[0])})
		if err != nil {
			return whole, err
		}
		return addTimeOperand("1")([]Operand{whole, args[1]})
	}
	return ExplicitCast(args[0], schemas.Type{Kind: schemas.DateTime, Decimals: decimalsOf(args[0])})
}

// addTimeOperand is ADDTIME and SUBTIME: a DATETIME or TIME keeps its type, a string gives a string.
func addTimeOperand(sign string) func(args []Operand) (Operand, error) {
	return func(args []Operand) (Operand, error) {
		a, b := asRead(args[0], readsEither), asRead(args[1], readsTime)
		out := Operand{Nullable: true, Coercibility: Numeric}
		decimals := max(decimalsOf(a), decimalsOf(b))
		switch a.Type.Kind {
		case schemas.DateTime, schemas.Date:
			out.Type = schemas.Type{Kind: schemas.DateTime, Decimals: decimals}
		case schemas.Time:
			out.Type = schemas.Type{Kind: schemas.Time, Decimals: decimals}
		default:
			out.Type, out.Coercibility, decimals = dateString(), Coercible, -1
		}
		out.SQL = call("marmot_add_time", a.SQL, b.SQL, sign, itoa(decimals))
		return out, nil
	}
}

// dateString is the type of date arithmetic on strings.
func dateString() schemas.Type {
	t := text(29, "")
	t.Kind = schemas.Char
	return t
}

// addTime is marmot_add_time(x, time, sign, decimals); decimals -1: as many as there are.
func addTime(r *runtime, args []txn.Value) (txn.Value, error) {
	a, okA := r.momentOrClock(args[0])
	b, okB := r.clock(args[1])
	if !okA || !okB {
		return txn.Null(), nil
	}
	decimals := int(args[3].Int64())
	if decimals < 0 {
		decimals = 0
		if a.micro != 0 || b.micro != 0 {
			decimals = 6
		}
	}
	us := args[2].Int64() * b.clockMicros()
	if a.kind == kindTime {
		us += a.clockMicros()
		if args[3].Int64() < 0 && us%1e6 == 0 {
			decimals = 0 // text has a fraction if there is one
		}
		return r.timeValue(us, decimals), nil
	}
	if a.kind = kindDateTime; !a.setMicros(a.micros() + us) {
		return txn.Null(), nil
	}
	if args[3].Int64() < 0 && a.micro == 0 {
		decimals = 0
	}
	return a.value(decimals), nil
}

// period reads YYMM or YYYYMM as months.
func period(n int64) (int64, bool) {
	year, month := n/100, n%100
	if n <= 0 || month < 1 || month > 12 {
		return 0, false
	}
	if year < 70 {
		year += 2000
	} else if year < 100 {
		year += 1900
	}
	return year*12 + month - 1, true
}

func periodAdd(r *runtime, args []txn.Value) (txn.Value, error) {
	months, ok := period(r.integer(args[0]))
	if !ok {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "period_add")
	}
	months += r.integer(args[1])
	return txn.Int(months/12*100 + months%12 + 1), nil
}

func periodDifference(r *runtime, args []txn.Value) (txn.Value, error) {
	a, okA := period(r.integer(args[0]))
	b, okB := period(r.integer(args[1]))
	if !okA || !okB {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "period_diff")
	}
	return txn.Int(a - b), nil
}

// presentOperand is NOW and its like, with a constant number of fraction digits.
func presentOperand(name string, kind schemas.Kind) func(args []Operand) (Operand, error) {
	return func(args []Operand) (Operand, error) {
		out := Operand{Type: schemas.Type{Kind: kind}, Coercibility: Numeric}
		if len(args) > 0 {
			n, ok := constantInt(args[0])
			if !ok || n < 0 || n > 6 {
				return out, mysqlerr.New(mysql.ER_TOO_BIG_PRECISION, n, "now", 6)
			}
			out.Type.Decimals = n
		}
		out.SQL = call(name, itoa(int(kind)), itoa(out.Type.Decimals))
		return out, nil
	}
}

// presentFunction is marmot_present(kind, decimals) and the like: a clock's time, cut to its digits.
func presentFunction(clock func(r *runtime) time.Time) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		m := momentOf(clock(r))
		switch schemas.Kind(args[0].Int64()) {
		case schemas.Date:
			m.kind = kindDate
		case schemas.Time:
			m.kind = kindTime
		}
		return m.value(int(args[1].Int64())), nil
	}
}

func wallClock(r *runtime) time.Time {
	if w, ok := r.session.(Waits); ok {
		return w.WallClock().In(r.zone())
	}
	return r.now()
}

func utcNow(r *runtime) time.Time { return r.now().UTC() }
