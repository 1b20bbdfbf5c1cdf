package expression

import (
	"bytes"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

var dayNames = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// dateTextFunctions print and read dates.
func dateTextFunctions() []function {
	const group = "Date and time"
	return []function{
		{names: "date_format", group: group, least: 2, most: 2, args: "es", traits: givesNull, result: resultText(1024), run: dateFormat},
		{names: "time_format", group: group, least: 2, most: 2, args: "ys", traits: givesNull, result: resultText(1024), run: timeFormat},
		{names: "str_to_date", group: group, least: 2, most: 2, build: stringToDateOperand},
		{names: "dayname", group: group, least: 1, most: 1, args: "D", traits: givesNull, result: resultText(9), run: dayName},
		{names: "monthname", group: group, least: 1, most: 1, args: "d", traits: givesNull, result: resultText(9), run: monthName},
		{names: "get_format", group: group, least: 2, most: 2, args: "ss", traits: givesNull, result: resultText(17), run: getFormat},
	}
}

func dayName(r *runtime, args []txn.Value) (txn.Value, error) {
	return nameOfDay(r, args, calendarOf(""))
}

func nameOfDay(r *runtime, args []txn.Value, c *calendar) (txn.Value, error) {
	m, ok := r.dateOf(args[0])
	if !ok || m.hasZeroPart() || m.offCalendar() {
		return txn.Null(), nil
	}
	return txn.TextString(c.days[weekday(m)]), nil
}

func monthName(r *runtime, args []txn.Value) (txn.Value, error) {
	return nameOfMonth(r, args, calendarOf(""))
}

func nameOfMonth(r *runtime, args []txn.Value, c *calendar) (txn.Value, error) {
	m, ok := r.dateOf(args[0])
	if !ok || m.month == 0 {
		return txn.Null(), nil
	}
	return txn.TextString(c.months[m.month-1]), nil
}

func getFormat(r *runtime, args []txn.Value) (txn.Value, error) {
	formats := map[string][3]string{
		"USA": {"%m.%d.%Y", "%Y-%m-%d %H.%i.%s", "%h:%i:%s %p"}, "JIS": {"%Y-%m-%d", "%Y-%m-%d %H:%i:%s", "%H:%i:%s"},
		"ISO": {"%Y-%m-%d", "%Y-%m-%d %H:%i:%s", "%H:%i:%s"}, "EUR": {"%d.%m.%Y", "%Y-%m-%d %H.%i.%s", "%H.%i.%s"},
		"INTERNAL": {"%Y%m%d", "%Y%m%d%H%i%s", "%H%i%s"},
	}
	list, ok := formats[strings.ToUpper(string(textOf(args[1])))]
	if !ok {
		return txn.Null(), nil
	}
	switch strings.ToUpper(string(textOf(args[0]))) {
	case "DATE":
		return txn.TextString(list[0]), nil
	case "TIME":
		return txn.TextString(list[2]), nil
	}
	return txn.TextString(list[1]), nil
}

func dateFormat(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := r.dateOf(args[0])
	if !ok {
		return txn.Null(), nil
	}
	return formatMoment(m, textOf(args[1]), calendarOf(""))
}

func timeFormat(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := r.clock(args[0])
	if !ok {
		return txn.Null(), nil
	}
	return formatMoment(m, textOf(args[1]), calendarOf(""))
}

func formatMoment(m moment, format []byte, names *calendar) (txn.Value, error) {
	out := make([]byte, 0, len(format)*2)
	if m.negative {
		out = append(out, '-')
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out = append(out, format[i])
			continue
		}
		i++
		var ok bool
		if out, ok = m.appendLetter(out, format[i], names); !ok {
			return txn.Null(), nil
		}
	}
	return txn.Text(out), nil
}

func appendPadded(dst []byte, n, width int) []byte {
	s := strconv.Itoa(n)
	for range width - len(s) {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

// appendLetter appends what one letter behind % stands for; it reports false where the result is
// NULL: a name of month or day 0.
func (m moment) appendLetter(dst []byte, c byte, names *calendar) ([]byte, bool) {
	hour12 := (m.hour%24+11)%12 + 1
	switch c {
	case 'Y':
		return appendPadded(dst, m.year, 4), true
	case 'y':
		return appendPadded(dst, m.year%100, 2), true
	case 'm':
		return appendPadded(dst, m.month, 2), true
	case 'c':
		return appendPadded(dst, m.month, 1), true
	case 'd':
		return appendPadded(dst, m.day, 2), true
	case 'e':
		return appendPadded(dst, m.day, 1), true
	case 'H':
		return appendPadded(dst, m.hour, 2), true
	case 'k':
		return appendPadded(dst, m.hour, 1), true
	case 'h', 'I':
		return appendPadded(dst, hour12, 2), true
	case 'l':
		return appendPadded(dst, hour12, 1), true
	case 'i':
		return appendPadded(dst, m.minute, 2), true
	case 's', 'S':
		return appendPadded(dst, m.second, 2), true
	case 'f':
		return appendPadded(dst, m.micro, 6), true
	case 'p':
		return append(dst, halfOfDay(m.hour)...), true
	case 'r':
		dst = append(appendPadded(dst, hour12, 2), ':')
		dst = append(appendPadded(dst, m.minute, 2), ':')
		return append(append(appendPadded(dst, m.second, 2), ' '), halfOfDay(m.hour)...), true
	case 'T':
		dst = append(appendPadded(dst, m.hour, 2), ':')
		dst = append(appendPadded(dst, m.minute, 2), ':')
		return appendPadded(dst, m.second, 2), true
	}
	return m.appendDateLetter(dst, c, names)
}

func (m moment) appendDateLetter(dst []byte, c byte, names *calendar) ([]byte, bool) {
	whole := !m.hasZeroPart()
	switch c {
	case 'M', 'b':
		if m.month == 0 {
			return dst, false
		}
		if c == 'b' {
			return append(dst, names.shortMonths[m.month-1]...), true
		}
		return append(dst, names.months[m.month-1]...), true
	case 'W', 'a':
		if m.kind == kindTime || m.year == 0 && m.month == 0 {
			return dst, false
		}
		if c == 'a' {
			return append(dst, names.shortDays[weekday(m)]...), true
		}
		return append(dst, names.days[weekday(m)]...), true
	case 'w':
		if !whole {
			return dst, false
		}
		return appendPadded(dst, (weekday(m)+1)%7, 1), true
	case 'D':
		return append(appendPadded(dst, m.day, 1), ordinal(m.day)...), true
	case 'j':
		if !whole {
			return dst, false
		}
		return appendPadded(dst, int(dayOfYear(m)), 3), true
	case 'U', 'u', 'V', 'v', 'X', 'x':
		if !whole {
			return dst, false
		}
		mode := map[byte]int{'U': 0, 'u': 1, 'V': 2, 'v': 3, 'X': 2, 'x': 3}[c]
		n, year := weekOf(m, mode)
		if c == 'X' || c == 'x' {
			return appendPadded(dst, year, 4), true
		}
		return appendPadded(dst, n, 2), true
	}
	return append(dst, c), true
}

func halfOfDay(hour int) string {
	if hour%24 >= 12 {
		return "PM"
	}
	return "AM"
}

func ordinal(n int) string {
	if n%100 >= 10 && n%100 <= 19 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

// stringToDateOperand is STR_TO_DATE(s, format): the type follows from a constant format.
func stringToDateOperand(args []Operand) (Operand, error) {
	s, err := asText(args[0])
	if err != nil {
		return s, err
	}
	f, err := asText(args[1])
	if err != nil {
		return f, err
	}
	out := Operand{Nullable: true, Coercibility: Numeric, Type: schemas.Type{Kind: schemas.DateTime, Decimals: 6}}
	if f.Constant != nil && !f.Constant.IsNull() {
		out.Type = formatType(string(f.Constant.Bytes()))
	}
	out.SQL = call("marmot_str_to_date", s.SQL, f.SQL, itoa(int(out.Type.Kind)), itoa(out.Type.Decimals))
	return out, nil
}

func formatType(format string) schemas.Type {
	date, clock, fraction := false, false, 0
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		switch c := format[i]; {
		case strings.IndexByte("aDjMmbcdeUuVvWwXxYy", c) >= 0:
			date = true
		case c == 'f':
			clock, fraction = true, 6
		case strings.IndexByte("HhIikklprSsT", c) >= 0:
			clock = true
		}
	}
	switch {
	case date && clock:
		return schemas.Type{Kind: schemas.DateTime, Decimals: fraction}
	case clock:
		return schemas.Type{Kind: schemas.Time, Decimals: fraction}
	}
	return schemas.Type{Kind: schemas.Date}
}

// dateReader is the state of STR_TO_DATE.
type dateReader struct {
	m         moment
	rest      []byte
	afternoon int // -1: not told
	twelve    bool
	dayOfYear int
	weekday   int // 1 for Monday, 0 if not told
	week      int // -1: not told
	weekMode  byte
	weekYear  int
}

// stringToDate is marmot_str_to_date(s, format, kind, decimals).
func stringToDate(r *runtime, args []txn.Value) (txn.Value, error) {
	d := dateReader{rest: textOf(args[0]), afternoon: -1, week: -1}
	ok := d.read(textOf(args[1])) && d.finish(r.has(allowInvalidDates))
	kind := schemas.Kind(args[2].Int64())
	if ok && kind != schemas.Time {
		if d.m.isZeroDate() {
			ok = !r.has(noZeroDate)
		} else if d.m.hasZeroPart() {
			ok = !r.has(noZeroInDate)
		}
	}
	if !ok {
		r.warn(mysqlerr.Newf(mysql.ER_WRONG_VALUE_FOR_TYPE, "Incorrect datetime value: '%s' for function str_to_date", messageText(textOf(args[0]))))
		return txn.Null(), nil
	}
	if len(bytes.TrimSpace(d.rest)) > 0 {
		r.truncated((schemas.Type{Kind: kind}).Name(), textOf(args[0]))
	}
	switch kind {
	case schemas.Date:
		d.m.kind = kindDate
	case schemas.Time:
		d.m.kind = kindTime
	}
	return d.m.value(int(args[3].Int64())), nil
}

func (d *dateReader) spaces() {
	for len(d.rest) > 0 && isSpace(d.rest[0]) {
		d.rest = d.rest[1:]
	}
}

func (d *dateReader) read(format []byte) bool {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			if isSpace(format[i]) {
				d.spaces()
				continue
			}
			d.spaces()
			if len(d.rest) == 0 {
				return true // what the string leaves out is zero
			}
			if d.rest[0] != format[i] {
				return false
			}
			d.rest = d.rest[1:]
			continue
		}
		i++
		d.spaces()
		if len(d.rest) == 0 {
			return true
		}
		if !d.letter(format[i]) {
			return false
		}
	}
	return true
}

func (d *dateReader) number(n *int, width int) bool {
	digits := 0
	value := 0
	for digits < width && digits < len(d.rest) && isDigit(d.rest[digits]) {
		value = value*10 + int(d.rest[digits]-'0')
		digits++
	}
	d.rest = d.rest[digits:]
	*n = value
	return digits > 0
}

func (d *dateReader) name(names []string, n *int, short bool) bool {
	for i, name := range names {
		if short {
			name = name[:3]
		}
		if len(d.rest) >= len(name) && strings.EqualFold(string(d.rest[:len(name)]), name) {
			*n = i + 1
			d.rest = d.rest[len(name):]
			return true
		}
	}
	return false
}

func (d *dateReader) letter(c byte) bool {
	m := &d.m
	switch c {
	case 'Y':
		digits := len(d.rest)
		ok := d.number(&m.year, 4)
		if digits-len(d.rest) == 2 {
			m.year = fullYear(m.year)
		}
		return ok
	case 'y':
		ok := d.number(&m.year, 2)
		m.year = fullYear(m.year)
		return ok
	case 'm', 'c':
		return d.number(&m.month, 2) && m.month <= 12
	case 'd', 'e':
		return d.number(&m.day, 2) && m.day <= 31
	case 'D':
		if !d.number(&m.day, 2) || len(d.rest) < 2 {
			return false
		}
		d.rest = d.rest[2:]
		return true
	case 'M':
		return d.name(monthNames[:], &m.month, false)
	case 'b':
		return d.name(monthNames[:], &m.month, true)
	case 'W':
		return d.name(dayNames[:], &d.weekday, false)
	case 'a':
		return d.name(dayNames[:], &d.weekday, true)
	case 'w':
		ok := d.number(&d.weekday, 1) && d.weekday < 7
		if d.weekday == 0 {
			d.weekday = 7
		}
		return ok
	case 'j':
		return d.number(&d.dayOfYear, 3) && d.dayOfYear >= 1 && d.dayOfYear <= 366
	case 'U', 'u', 'V', 'v':
		d.weekMode = c
		return d.number(&d.week, 2) && d.week <= 53
	case 'X', 'x':
		return d.number(&d.weekYear, 4)
	}
	return d.clockLetter(c)
}

func fullYear(y int) int {
	switch {
	case y < 70:
		return y + 2000
	case y < 100:
		return y + 1900
	}
	return y
}

func (d *dateReader) clockLetter(c byte) bool {
	m := &d.m
	switch c {
	case 'H', 'k':
		return d.number(&m.hour, 2) && m.hour <= 23
	case 'h', 'I', 'l':
		d.twelve = true
		return d.number(&m.hour, 2) && m.hour >= 1 && m.hour <= 12
	case 'i':
		return d.number(&m.minute, 2) && m.minute <= 59
	case 's', 'S':
		return d.number(&m.second, 2) && m.second <= 59
	case 'f':
		before := len(d.rest)
		ok := d.number(&m.micro, 6)
		for range 6 - (before - len(d.rest)) {
			m.micro *= 10
		}
		return ok
	case 'p':
		if len(d.rest) < 2 {
			return false
		}
		switch strings.ToUpper(string(d.rest[:2])) {
		case "AM":
			d.afternoon = 0
		case "PM":
			d.afternoon = 12
		default:
			return false
		}
		d.rest = d.rest[2:]
		return true
	case 'r':
		return d.read([]byte("%I:%i:%S %p"))
	case 'T':
		return d.read([]byte("%H:%i:%S"))
	case '%':
		ok := d.rest[0] == '%'
		d.rest = d.rest[1:]
		return ok
	case '.', '@', '#':
		return d.skip(c)
	}
	return false
}

// skip is %. %@ %#: punctuation, letters, digits.
func (d *dateReader) skip(c byte) bool {
	for len(d.rest) > 0 {
		x := d.rest[0]
		letter := x >= 'a' && x <= 'z' || x >= 'A' && x <= 'Z'
		if c == '.' && (letter || isDigit(x) || isSpace(x)) || c == '@' && !letter || c == '#' && !isDigit(x) {
			break
		}
		d.rest = d.rest[1:]
	}
	return true
}

// finish works out what follows from the parts: afternoon, day of the year, week and weekday. anyDay: each month has 31 days.
func (d *dateReader) finish(anyDay bool) bool {
	m := &d.m
	if d.twelve {
		m.hour %= 12
		if d.afternoon == 12 {
			m.hour += 12
		}
	} else if d.afternoon >= 0 {
		return false
	}
	switch {
	case d.dayOfYear > 0:
		return m.setDayNumber(dayNumber(m.year, 1, 1) + d.dayOfYear - 1)
	case d.week >= 0 && d.weekday > 0:
		return d.fromWeek()
	}
	return m.month == 0 || m.day <= 31 && anyDay || !m.offCalendar()
}

func (d *dateReader) fromWeek() bool {
	monday := d.weekMode == 'u' || d.weekMode == 'v'
	year := d.m.year
	if d.weekMode == 'V' || d.weekMode == 'v' {
		if d.weekYear == 0 {
			return false
		}
		year = d.weekYear
	}
	first := dayNumber(year, 1, 1)
	start := (first + 5) % 7 // 0 for Monday
	days := 0
	if monday {
		if start > 3 {
			days = 7
		}
		days += first - start + (d.week-1)*7 + d.weekday - 1
	} else {
		sunday := (start + 1) % 7
		if sunday != 0 {
			days = 7
		}
		days += first - sunday + (d.week-1)*7 + d.weekday%7
	}
	return d.m.setDayNumber(days)
}
