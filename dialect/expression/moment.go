package expression

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

type momentKind uint8

const (
	kindDateTime momentKind = iota
	kindDate
	kindTime
)

// moment is a DATE, a DATETIME or a TIME. A TIME has no date; its hour may be up to 838.
type moment struct {
	year, month, day            int
	hour, minute, second, micro int
	negative                    bool // of a TIME
	kind                        momentKind
	// fraction is the number of fraction digits that its text had.
	fraction int
}

func (m moment) isZeroDate() bool { return m.year == 0 && m.month == 0 && m.day == 0 }

// hasZeroPart reports whether the date is no day of the calendar: month or day is 0.
func (m moment) hasZeroPart() bool { return m.month == 0 || m.day == 0 }

// offCalendar reports whether the month has no such day, as ALLOW_INVALID_DATES lets pass.
func (m moment) offCalendar() bool { return m.month > 0 && m.day > schemas.DaysIn(m.year, m.month) }

func (m moment) hasClock() bool { return m.hour != 0 || m.minute != 0 || m.second != 0 || m.micro != 0 }

func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

func digitsAt(b []byte, places ...int) bool {
	for _, i := range places {
		if !isDigit(b[i]) {
			return false
		}
	}
	return true
}

// parseStored reads the stored text of a DATE, DATETIME or TIMESTAMP, which may be off the calendar.
func parseStored(b []byte) (m moment, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' || !digitsAt(b, 0, 1, 2, 3, 5, 6, 8, 9) {
		return m, false
	}
	m.year, m.month, m.day = two(b)*100+two(b[2:]), two(b[5:]), two(b[8:])
	if m.month > 12 || m.day > 31 {
		return m, false
	}
	if len(b) == 10 {
		m.kind = kindDate
		return m, true
	}
	if len(b) < 19 || b[10] != ' ' || b[13] != ':' || b[16] != ':' || !digitsAt(b, 11, 12, 14, 15, 17, 18) {
		return m, false
	}
	m.hour, m.minute, m.second = two(b[11:]), two(b[14:]), two(b[17:])
	if m.hour > 23 || m.minute > 59 || m.second > 59 {
		return m, false
	}
	return m, m.parseFraction(b[19:])
}

// parseFraction reads nothing, or a point and one to six digits.
func (m *moment) parseFraction(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != '.' || len(b) < 2 || len(b) > 7 {
		return false
	}
	for i := range 6 {
		m.micro *= 10
		if i+1 < len(b) {
			if !isDigit(b[i+1]) {
				return false
			}
			m.micro += int(b[i+1] - '0')
		}
	}
	m.fraction = len(b) - 1
	return true
}

// parseStoredTime reads the stored text of a TIME.
func parseStoredTime(b []byte) (m moment, ok bool) {
	m.kind = kindTime
	if len(b) > 0 && b[0] == '-' {
		m.negative, b = true, b[1:]
	}
	width := bytes.IndexByte(b, ':')
	if width < 2 || width > 3 || len(b) < width+6 || b[width+3] != ':' {
		return m, false
	}
	if !digitsAt(b, 0, 1, width-1, width+1, width+2, width+4, width+5) {
		return m, false
	}
	m.hour, _ = strconv.Atoi(string(b[:width]))
	m.minute, m.second = two(b[width+1:]), two(b[width+4:])
	if m.minute > 59 || m.second > 59 || m.hour > 838 {
		return m, false
	}
	return m, m.parseFraction(b[width+6:])
}

// moment reads a date, with or without time, or a stored TIME. It reports false with a warning if
// the value is none, or a zero date where the session's mode forbids it.
func (r *runtime) moment(v txn.Value) (moment, bool) {
	if v.Kind() == txn.KindText {
		if m, ok := parseStored(v.Bytes()); ok && !m.hasZeroPart() && (!m.offCalendar() || r.has(allowInvalidDates)) {
			return m, true
		}
	}
	text := textOf(v)
	given := v
	if d, clean := parseDec(text); v.Kind() == txn.KindText && clean && d.big == nil && d.scale <= 6 && d.scale > 0 {
		given = txn.Text(text)
	}
	out, warnings, err := schemas.Convert(schemas.Type{Kind: schemas.DateTime, Decimals: 6}, "", given, schemas.Assignment{
		AllowInvalidDates: r.has(allowInvalidDates), Zone: r.zone(), Now: r.now()})
	m, ok := parseStored(out.Bytes())
	if err != nil || !ok {
		r.incorrect("datetime", text)
		return m, false
	}
	if m.isZeroDate() && (len(warnings) > 0 || r.has(noZeroDate) || m.hasClock()) {
		r.incorrect("datetime", text)
		return m, false
	}
	if m.hasZeroPart() && !m.isZeroDate() && r.has(noZeroInDate) && v.Kind() != txn.KindText {
		r.incorrect("datetime", text)
		return m, false
	}
	if len(warnings) > 0 {
		r.truncated("datetime", text)
	}
	m.fraction = fractionDigits(text)
	if !mentionsTime(text) {
		m.kind = kindDate
	}
	return m, true
}

// fractionDigits counts the digits behind the last point, six at most.
func fractionDigits(text []byte) int {
	i := bytes.LastIndexByte(text, '.')
	if i < 0 {
		return 0
	}
	n := 0
	for _, c := range text[i+1:] {
		if !isDigit(c) {
			break
		}
		n++
	}
	return min(n, 6)
}

// mentionsTime reports whether the text of a date has a time behind it: more than three groups of
// digits, or one group of more than eight.
func mentionsTime(text []byte) bool {
	groups, run, longest := 0, 0, 0
	for _, c := range text {
		if !isDigit(c) {
			run = 0
			continue
		}
		if run == 0 {
			groups++
		}
		run++
		longest = max(longest, run)
	}
	return groups > 3 || longest > 8
}

// clock reads a TIME, or the time of a date.
func (r *runtime) clock(v txn.Value) (moment, bool) {
	text := textOf(v)
	if m, ok := parseStoredTime(text); ok {
		return m, true
	}
	if m, ok := parseStored(text); ok && !(m.offCalendar() && m.kind == kindDate) {
		m.year, m.month, m.day, m.kind = 0, 0, 0, kindTime
		return m, true
	}
	out, warnings, err := schemas.Convert(schemas.Type{Kind: schemas.Time, Decimals: 6}, "", v, schemas.Assignment{Zone: r.zone(), Now: r.now()})
	m, ok := parseStoredTime(out.Bytes())
	if err != nil || !ok || len(warnings) > 0 && !m.hasClock() {
		r.incorrect("time", text)
		return m, false
	}
	if len(warnings) > 0 {
		r.truncated("time", text)
	}
	m.fraction = fractionDigits(text)
	return m, true
}

// momentOrClock reads whatever the value looks like: a time if it has a colon and no date.
func (r *runtime) momentOrClock(v txn.Value) (moment, bool) {
	text := textOf(v)
	if m, ok := parseStoredTime(text); ok {
		return m, true
	}
	if v.Kind() == txn.KindText && looksLikeTime(text) {
		return r.clock(v)
	}
	return r.moment(v)
}

// looksLikeTime: [-][d ]h:m… is a time, and y-m-d and plain digits are a date.
func looksLikeTime(text []byte) bool {
	text = bytes.TrimLeft(text, " \t")
	if len(text) > 0 && text[0] == '-' {
		return true
	}
	for i, c := range text {
		if isDigit(c) || c == ' ' {
			continue
		}
		return c == ':' && i <= 7
	}
	return false
}

// day numbers as TO_DAYS counts them.
func dayNumber(year, month, day int) int {
	if year == 0 && month == 0 {
		return 0
	}
	sum := 365*year + 31*(month-1) + day
	if month <= 2 {
		year--
	} else {
		sum -= (month*4 + 23) / 10
	}
	return sum + year/4 - (year/100+1)*3/4
}

// maxDayNumber is 9999-12-31.
const maxDayNumber = 3652424

// setDayNumber sets the date; it reports false outside 0000-01-01 … 9999-12-31.
func (m *moment) setDayNumber(n int) bool {
	if n < 1 || n > maxDayNumber {
		m.year, m.month, m.day = 0, 0, 0
		return n == 0
	}
	if n <= 365 { // the year 0, which MySQL gives no 29th of February
		m.year, m.month = 0, 1
		for m.day = n; m.day > schemas.DaysIn(1, m.month); m.month++ {
			m.day -= schemas.DaysIn(1, m.month)
		}
		return true
	}
	year := n * 100 / 36525
	ofYear := n - year*365 - (year-1)/4 + ((year-1)/100+1)*3/4
	length := func(y int) int { return 337 + schemas.DaysIn(y, 2) }
	for ofYear > length(year) {
		ofYear -= length(year)
		year++
	}
	month := 1
	for ofYear > schemas.DaysIn(year, month) {
		ofYear -= schemas.DaysIn(year, month)
		month++
	}
	m.year, m.month, m.day = year, month, ofYear
	return true
}

const dayMicros = 86400 * 1000000

// clockMicros is the time of day, or a TIME, in microseconds.
func (m moment) clockMicros() int64 {
	us := int64((m.hour*60+m.minute)*60+m.second)*1000000 + int64(m.micro)
	if m.negative {
		return -us
	}
	return us
}

// setClockMicros sets the clock of a TIME, or a time of day that is not negative.
func (m *moment) setClockMicros(us int64) {
	m.negative = us < 0
	if us < 0 {
		us = -us
	}
	m.micro = int(us % 1000000)
	seconds := us / 1000000
	m.second, m.minute = int(seconds%60), int(seconds/60%60)
	m.hour = int(seconds / 3600)
}

// maxTimeMicros is 838:59:59.
const maxTimeMicros = (838*3600 + 59*60 + 59) * 1000000

// micros is a DATETIME in microseconds since day 0.
func (m moment) micros() int64 {
	return int64(dayNumber(m.year, m.month, m.day))*dayMicros + m.clockMicros()
}

// setMicros sets date and time; it reports false outside the calendar.
func (m *moment) setMicros(us int64) bool {
	if us < 0 {
		return false
	}
	m.setClockMicros(us % dayMicros)
	return m.setDayNumber(int(us / dayMicros))
}

func (m moment) std(zone *time.Location) time.Time {
	return time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.micro*1000, zone)
}

func momentOf(t time.Time) moment {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return moment{year: year, month: int(month), day: day, hour: hour, minute: minute, second: second, micro: t.Nanosecond() / 1000}
}

// from takes m as a time in zone and gives it in UTC; to is the reverse.
func (m moment) from(zone *time.Location) moment {
	out := momentOf(m.std(zone).UTC())
	out.fraction = m.fraction
	return out
}

func (m moment) to(zone *time.Location) moment {
	out := momentOf(m.std(time.UTC).In(zone))
	out.fraction = m.fraction
	return out
}

// round brings a fraction of a second to the given digits: it is rounded, or cut where the session's mode says so.
func (r *runtime) round(m *moment, decimals int) bool {
	if !r.has(timeTruncateFractional) {
		return m.round(decimals)
	}
	unit := 1
	for range 6 - decimals {
		unit *= 10
	}
	m.micro = m.micro / unit * unit
	return true
}

// round rounds to a number of fraction digits, carrying; it reports false if the calendar ends.
func (m *moment) round(decimals int) bool {
	unit := int64(1)
	for range 6 - decimals {
		unit *= 10
	}
	if int64(m.micro)%unit == 0 {
		return true
	}
	if m.kind == kindTime {
		us := m.clockMicros()
		if us < 0 {
			m.setClockMicros(-((-us + unit/2) / unit * unit))
		} else {
			m.setClockMicros((us + unit/2) / unit * unit)
		}
		return true
	}
	if m.hasZeroPart() {
		m.micro = m.micro / int(unit) * int(unit)
		return true
	}
	return m.setMicros((m.micros() + unit/2) / unit * unit)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }

func (m moment) appendDate(dst []byte) []byte {
	dst = appendTwo(appendTwo(dst, m.year/100), m.year%100)
	dst = appendTwo(append(dst, '-'), m.month)
	return appendTwo(append(dst, '-'), m.day)
}

// appendTime appends the clock with decimals fraction digits, cutting the rest off.
func (m moment) appendTime(dst []byte, decimals int) []byte {
	if m.negative && m.hasClock() {
		dst = append(dst, '-')
	}
	if m.hour > 99 {
		dst = strconv.AppendInt(dst, int64(m.hour/100), 10)
	}
	dst = append(appendTwo(dst, m.hour%100), ':')
	dst = append(appendTwo(dst, m.minute), ':')
	dst = appendTwo(dst, m.second)
	if decimals <= 0 {
		return dst
	}
	dst = append(dst, '.')
	unit := 100000
	for range decimals {
		dst = append(dst, byte('0'+m.micro/unit%10))
		unit /= 10
	}
	return dst
}

func (m moment) appendDateTime(dst []byte, decimals int) []byte {
	return m.appendTime(append(m.appendDate(dst), ' '), decimals)
}

// appendForm appends the moment in a form (see formDate).
func (m moment) appendForm(dst []byte, form int) []byte {
	if form == formDate {
		if !m.hasClock() {
			return m.appendDate(dst)
		}
		form = 0
	}
	unit := int(math.Pow10(6 - form))
	if m.micro%unit != 0 {
		form = 6
	}
	return m.appendDateTime(dst, form)
}

// value is the stored form of the moment by its kind.
func (m moment) value(decimals int) txn.Value {
	switch m.kind {
	case kindDate:
		return txn.Text(m.appendDate(make([]byte, 0, 10)))
	case kindTime:
		return txn.Text(m.appendTime(make([]byte, 0, 17), decimals))
	}
	return txn.Text(m.appendDateTime(make([]byte, 0, 26), decimals))
}

// number is the moment as the number 20240131120000 with its fraction of decimals digits.
func (m moment) number(decimals int) dec {
	date := int64(m.year*10000 + m.month*100 + m.day)
	clock := int64(m.hour*10000 + m.minute*100 + m.second)
	n := date*1000000 + clock
	switch m.kind {
	case kindDate:
		return dec{small: date}
	case kindTime:
		n = clock
	}
	d := dec{small: n}.add(dec{small: int64(m.micro), scale: 6}).truncate(decimals)
	if m.negative {
		return d.negate()
	}
	return d
}
