package schemas

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// date converts to DATE, DATETIME and TIMESTAMP.
func (c *conversion) date(v txn.Value) (txn.Value, error) {
	d, cut, ok := c.readDateTime(v)
	if ok {
		ok = c.allowed(d)
	}
	if !ok {
		return c.badDate(v)
	}
	if cut {
		if !c.Strict {
			c.note(c.truncated())
		} else if err := c.trouble(c.incorrectDate(v)); err != nil {
			return v, err
		}
	}
	if c.t.Kind == Date {
		if !cut && (d.hour != 0 || d.minute != 0 || d.second != 0 || d.micro != 0) {
			c.note(c.truncated())
		}
		if d.month > 0 && d.day > 0 { // half a second before midnight is the next day
			c.round(&d, 0)
		}
		if d.year > 9999 {
			return c.badDate(v)
		}
		return txn.Text(d.appendDate(make([]byte, 0, 10))), nil
	}
	c.round(&d, c.t.Decimals)
	if d.year > 9999 {
		return c.badDate(v)
	}
	if d.hasOffset || c.t.Kind == Timestamp {
		var valid bool
		if d, valid = c.toUTC(d); !valid {
			return c.badDate(v)
		}
	}
	out := append(d.appendDate(make([]byte, 0, 26)), ' ')
	return txn.Text(d.appendClock(out, c.t.Decimals)), nil
}

func (c *conversion) readDateTime(v txn.Value) (d dateTime, cut, ok bool) {
	switch v.Kind() {
	case txn.KindInteger:
		d, ok = numberToDateTime(v.Int64())
		return d, false, ok
	case txn.KindReal:
		f := v.Float64()
		if math.IsNaN(f) || math.Abs(f) > 99991231235960 {
			return d, false, false
		}
		d, ok = numberToDateTime(int64(f))
		if ok && d.hasTime {
			d.micro = int(math.Round((f - math.Floor(f)) * 1e6))
		}
		return d, false, ok
	}
	return parseDateTime(v.Bytes())
}

// allowed checks the calendar and the zero modes.
func (c *conversion) allowed(d dateTime) bool {
	if d.isZero() {
		if d.hour != 0 || d.minute != 0 || d.second != 0 || d.micro != 0 {
			return false
		}
		return !c.NoZeroDate
	}
	if d.month == 0 || d.day == 0 {
		return !c.NoZeroInDate && c.t.Kind != Timestamp
	}
	if c.AllowInvalidDates && c.t.Kind != Timestamp {
		return true
	}
	return d.day <= DaysIn(d.year, d.month)
}

// round brings a fraction of a second to the given digits, by the session's mode.
func (c *conversion) round(d *dateTime, decimals int) {
	if c.TruncateFraction {
		d.truncate(decimals)
	} else {
		d.round(decimals)
	}
}

// typeWord is the type's name in MySQL's messages on wrong values.
func (t Type) typeWord() string {
	switch t.Kind {
	case Date:
		return "date"
	case Time:
		return "time"
	}
	return "datetime"
}

func (c *conversion) incorrectDate(v txn.Value) *mysqlerr.Error {
	e := mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, c.t.typeWord(), c.shown(plainText(v)), c.column, c.Row)
	e.Code, e.State = mysql.ER_TRUNCATED_WRONG_VALUE, "22007"
	return e
}

// badDate is the zero value with a warning, or error 1292.
func (c *conversion) badDate(v txn.Value) (txn.Value, error) {
	var zero dateTime
	out := zero.appendDate(nil)
	if c.t.Kind != Date {
		out = zero.appendClock(append(out, ' '), c.t.Decimals)
	}
	if c.Strict {
		return v, c.incorrectDate(v)
	}
	if _, _, readable := c.readDateTime(v); readable {
		c.note(mysqlerr.New(mysql.ER_WARN_DATA_OUT_OF_RANGE, c.column, c.Row))
	} else {
		c.note(c.truncated())
	}
	return txn.Text(out), nil
}

// toUTC moves a TIMESTAMP to UTC, and a DATETIME with an offset to the session's zone. It
// reports false outside a TIMESTAMP's range, 1970-01-01 00:00:01 to 2038-01-19 03:14:07.
func (c *conversion) toUTC(d dateTime) (dateTime, bool) {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	if d.isZero() {
		return d, true
	}
	from := zone
	if d.hasOffset {
		from = time.FixedZone("", d.offset)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, from)
	if c.t.Kind != Timestamp {
		d.setCalendar(t.In(zone))
		return d, d.year >= 0 && d.year <= 9999
	}
	if s := t.Unix(); s < 1 || s > math.MaxInt32 {
		return d, false
	}
	d.setCalendar(t.UTC())
	return d, true
}

// maxHour is the greatest hour of a TIME, which ends at 838:59:59.
const maxHour = 838

func (c *conversion) time(v txn.Value) (txn.Value, error) {
	d, cut, ok := c.readTime(v)
	if !ok {
		if c.Strict {
			return v, c.incorrectDate(v)
		}
		c.note(c.truncated())
		d = dateTime{}
	}
	if cut {
		if c.Strict {
			return v, c.incorrectDate(v)
		}
		c.note(c.truncated())
	}
	c.round(&d, c.t.Decimals)
	if d.second > 59 {
		d.second, d.minute = 0, d.minute+1
	}
	if d.minute > 59 {
		d.minute, d.hour = 0, d.hour+1
	}
	if d.hour > maxHour || d.hour == maxHour && d.minute == 59 && d.second == 59 && d.micro > 0 {
		if c.Strict {
			return v, c.incorrectDate(v)
		}
		c.note(mysqlerr.New(mysql.ER_WARN_DATA_OUT_OF_RANGE, c.column, c.Row))
		d = dateTime{hour: maxHour, minute: 59, second: 59, negative: d.negative}
	}
	if d.hour == 0 && d.minute == 0 && d.second == 0 && d.micro == 0 {
		d.negative = false
	}
	return txn.Text(d.appendClock(make([]byte, 0, 17), c.t.Decimals)), nil
}

func (c *conversion) readTime(v txn.Value) (d dateTime, cut, ok bool) {
	text := v.Bytes()
	switch v.Kind() {
	case txn.KindInteger:
		text = strconv.AppendInt(nil, v.Int64(), 10)
	case txn.KindReal:
		text = strconv.AppendFloat(nil, v.Float64(), 'f', -1, 64)
	}
	return parseTime(text)
}

// parseTime reads a TIME as MySQL's str_to_time does: [-][d ]hh:mm:ss.f, hh:mm, hhmmss, ss, or
// a date with a time, of which the time counts.
func parseTime(text []byte) (d dateTime, cut, ok bool) {
	text = bytes.TrimLeft(text, " \t\n\r")
	full := text
	if len(text) > 0 && text[0] == '-' {
		d.negative = true
		text = text[1:]
	}
	run := digits(text)
	if run == 0 && (len(text) == 0 || text[0] != ':' && text[0] != '.') {
		return d, false, false
	}
	if looksLikeDateTime(full) {
		if whole, cut, ok := parseDateTime(full); ok && whole.hasTime {
			whole.year, whole.month, whole.day = 0, 0, 0
			return whole, cut, true
		}
	}
	first, fits := parseUnsigned(append([]byte{'0'}, text[:run]...))
	if !fits || first > 1e12 {
		return dateTime{hour: maxHour + 1, negative: d.negative}, false, true
	}
	n := int(first)
	rest := text[run:]
	days := 0
	if day, after, found := bytes.Cut(rest, []byte(" ")); found && len(day) == 0 && digits(after) > 0 {
		days = n
		run = digits(after)
		first, _ = parseUnsigned(after[:min(run, 10)])
		n, rest = int(first), after[run:]
		d.hour = n
		if len(rest) == 0 || rest[0] != ':' {
			d.hour += days * 24
			return d.finishTime(rest)
		}
	}
	if len(rest) > 0 && rest[0] == ':' {
		d.hour = days*24 + n
		rest = d.clockParts(rest)
		return d.finishTime(rest)
	}
	d.hour, d.minute, d.second = n/10000, n/100%100, n%100
	return d.finishTime(rest)
}

// clockParts reads :mm and :ss.
func (d *dateTime) clockParts(rest []byte) []byte {
	for _, part := range []*int{&d.minute, &d.second} {
		if len(rest) < 2 || rest[0] != ':' {
			break
		}
		run := min(digits(rest[1:]), 4)
		if run == 0 {
			break
		}
		for _, x := range rest[1 : 1+run] {
			*part = *part*10 + int(x-'0')
		}
		rest = rest[1+run:]
	}
	return rest
}

func (d dateTime) finishTime(rest []byte) (dateTime, bool, bool) {
	if len(rest) > 0 && rest[0] == '.' {
		rest = d.fraction(rest)
	}
	if d.minute > 59 || d.second > 59 {
		return d, false, false
	}
	return d, len(bytes.TrimRight(rest, " \t\n\r")) > 0, true
}

// looksLikeDateTime reports whether text has the length of a date with a time.
func looksLikeDateTime(text []byte) bool {
	return len(text) >= 12 && (digits(text) == 4 && len(text) > 4 && isPunct(text[4]) && text[4] != ':' || digits(text) >= 12)
}
