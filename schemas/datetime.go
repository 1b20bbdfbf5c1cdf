package schemas

import "time"

// dateTime is a date, a time or both, as MySQL reads them from text or numbers.
type dateTime struct {
	year, month, day     int
	hour, minute, second int
	micro                int
	negative             bool // of a TIME
	hasTime              bool
	short                bool // the text gave the year two digits
	// offset is the time zone's offset in seconds that the text named, if hasOffset.
	offset    int
	hasOffset bool
}

// isZero reports whether the date is 0000-00-00.
func (d dateTime) isZero() bool { return d.year == 0 && d.month == 0 && d.day == 0 }

// DaysIn returns the number of days of a month, 1 to 12; 31 of others.
func DaysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func isPunct(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// parseDateTime reads a date with or without a time as MySQL's str_to_datetime does: any
// punctuation between the parts, or none at all, years of two digits, a fraction rounded to
// microseconds, an offset. cut is true if something follows that is no part of it.
func parseDateTime(text []byte) (d dateTime, cut, ok bool) {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	if len(text) == 0 || text[0] < '0' || text[0] > '9' {
		return d, false, false
	}
	parts, n, rest, ok := d.parts(text)
	if !ok {
		return d, false, false
	}
	if d.short && (parts != [6]int{} || d.micro != 0) {
		parts[0] = fullYear(parts[0])
	}
	d.year, d.month, d.day = parts[0], parts[1], parts[2]
	d.hour, d.minute, d.second, d.hasTime = parts[3], parts[4], parts[5], n > 3
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	if n < 3 || d.year > 9999 || d.month > 12 || d.day > 31 || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return d, false, false
	}
	return d, len(rest) > 0, true
}

// parts reads year, month, day, hour, minute and second, as far as they are there, and d's fraction and offset; n counts those, and rest is what
// follows. Without anything between the parts, which is how a text of digits is read, up to a point, each has its width; else
// a part goes on as far as its digits. ok is false for what cannot be one.
func (d *dateTime) parts(text []byte) (parts [6]int, n int, rest []byte, ok bool) {
	run := 0
	for run < len(text) && (text[run] >= '0' && text[run] <= '9' || text[run] == 'T') {
		run++
	}
	together := run == len(text) || run > 4 && text[run] == '.'
	width := 2
	if run == 4 || run == 8 || run >= 14 {
		width = 4
	}
	rest = text
	for n < 6 && len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		run := digits(rest)
		if together {
			run = min(run, width)
		}
		for _, c := range rest[:run] {
			if parts[n] = parts[n]*10 + int(c-'0'); parts[n] > 999999 {
				return parts, n, rest, false
			}
		}
		d.short = d.short || n == 0 && run == 2
		rest, width = rest[run:], 2
		n++
		if len(rest) == 0 {
			break
		}
		switch {
		case n == 3 && rest[0] == 'T':
			if len(rest) == 1 || digits(rest[1:]) == 0 {
				return parts, n, rest, true
			}
			rest = rest[1:]
		case n == 6:
			if rest[0] == '.' {
				rest = d.fraction(rest)
			}
			if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
				rest, ok = d.parseOffset(rest)
				return parts, n, rest, ok
			}
		default:
			if rest, ok = skipDelimiters(rest, n); !ok {
				return parts, n, rest, false
			}
		}
	}
	return parts, n, rest, true
}

// skipDelimiters skips what stands behind part n: punctuation, and spaces if it is the day. ok is false for other spaces.
func skipDelimiters(text []byte, n int) (rest []byte, ok bool) {
	at := 0
	for at < len(text) && (isPunct(text[at]) || isSpace(text[at])) {
		if isSpace(text[at]) && n != 3 {
			return text, false
		}
		at++
	}
	return text[at:], true
}

func fullYear(y int) int {
	if y < 70 {
		return y + 2000
	}
	return y + 1900
}

// fraction reads .dddddd into micro, rounding by the seventh digit, and returns the rest.
func (d *dateTime) fraction(text []byte) []byte {
	run := digits(text[1:])
	for i := range 6 {
		d.micro *= 10
		if i < run {
			d.micro += int(text[1+i] - '0')
		}
	}
	if run > 6 && text[7] >= '5' {
		d.micro++ // 1,000,000 is carried by round
	}
	return text[1+run:]
}

// parseOffset reads +hh:mm or -hh:mm. ok is false for anything else.
func (d *dateTime) parseOffset(text []byte) (rest []byte, ok bool) {
	if len(text) < 6 || digits(text[1:]) != 2 || text[3] != ':' || digits(text[4:]) != 2 {
		return text, false
	}
	hour, minute := int(text[1]-'0')*10+int(text[2]-'0'), int(text[4]-'0')*10+int(text[5]-'0')
	if hour > 14 || minute > 59 {
		return text, false
	}
	d.offset, d.hasOffset = (hour*60+minute)*60, true
	if text[0] == '-' {
		d.offset = -d.offset
	}
	return text[6:], true
}

// numberToDateTime reads 20240131, 240131, 20240131120000 and 240131120000.
func numberToDateTime(n int64) (d dateTime, ok bool) {
	if n == 0 {
		return d, true
	}
	if n < 101 {
		return d, false
	}
	date, clock := n, int64(0)
	switch {
	case n <= 691231:
		date += 20000000
	case n < 700101:
		return d, false
	case n <= 991231:
		date += 19000000
	case n < 10000101:
		return d, false
	case n <= 99991231:
	case n < 101000000:
		return d, false
	default:
		if n <= 691231235959 {
			n += 20000000000000
		} else if n <= 991231235959 && n >= 700101000000 {
			n += 19000000000000
		}
		date, clock = n/1000000, n%1000000
		d.hasTime = true
	}
	d.year, d.month, d.day = int(date/10000), int(date/100%100), int(date%100)
	d.hour, d.minute, d.second = int(clock/10000), int(clock/100%100), int(clock%100)
	return d, d.year <= 9999 && d.month <= 12 && d.day <= 31 && d.hour <= 23 && d.minute <= 59 && d.second <= 59
}

// round rounds to the given number of fraction digits, carrying into the date.
func (d *dateTime) round(decimals int) {
	unit := 1
	for range 6 - decimals {
		unit *= 10
	}
	d.micro = (d.micro + unit/2) / unit * unit
	if d.micro < 1000000 {
		return
	}
	d.micro -= 1000000
	if d.isZero() || d.month == 0 || d.day == 0 {
		d.second++
		return
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second+1, 0, time.UTC)
	d.setCalendar(t)
}

// truncate cuts the fraction to the given number of digits.
func (d *dateTime) truncate(decimals int) {
	unit := 1
	for range 6 - decimals {
		unit *= 10
	}
	d.micro = d.micro / unit * unit
}

// setCalendar takes date and time of day from t, microseconds aside.
func (d *dateTime) setCalendar(t time.Time) {
	year, month, day := t.Date()
	d.year, d.month, d.day = year, int(month), day
	d.hour, d.minute, d.second = t.Clock()
}

// appendDate appends YYYY-MM-DD.
func (d dateTime) appendDate(dst []byte) []byte {
	dst = append(dst, byte('0'+d.year/1000%10), byte('0'+d.year/100%10), byte('0'+d.year/10%10), byte('0'+d.year%10), '-')
	dst = appendTwo(dst, d.month)
	dst = append(dst, '-')
	return appendTwo(dst, d.day)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }

// appendClock appends hh:mm:ss and decimals digits of the fraction.
func (d dateTime) appendClock(dst []byte, decimals int) []byte {
	if d.negative {
		dst = append(dst, '-')
	}
	if d.hour > 99 {
		dst = append(dst, byte('0'+d.hour/100))
	}
	dst = append(appendTwo(dst, d.hour), ':')
	dst = append(appendTwo(dst, d.minute), ':')
	dst = appendTwo(dst, d.second)
	if decimals > 0 {
		dst = append(dst, '.')
		unit := 100000
		for range decimals {
			dst = append(dst, byte('0'+d.micro/unit%10))
			unit /= 10
		}
	}
	return dst
}
