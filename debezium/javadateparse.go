package debezium

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dateFields are what a text says of a time. Like SimpleDateFormat they take numbers beyond their bounds, which count on.
type dateFields struct {
	year, month, day, yearDay int
	hour, half                int // half: 12 in the afternoon
	minute, second, millis    int
	offset                    int // in milliseconds
}

// parse reads milliseconds since 1970 at the beginning of a text; what stands behind is overlooked.
func (f *javaDate) parse(text string) (int64, error) {
	d := dateFields{year: 1970, month: 1, day: 1}
	rest := text
	for i, p := range f.parts {
		if p.letter == 0 {
			behind, ok := strings.CutPrefix(rest, p.text)
			if !ok {
				return 0, f.unlike(text)
			}
			rest = behind
			continue
		}
		rest = strings.TrimLeft(rest, " \t")
		abutting := i+1 < len(f.parts) && f.parts[i+1].isNumber()
		n, ok := d.take(p, rest, abutting)
		if !ok {
			return 0, f.unlike(text)
		}
		rest = rest[n:]
	}
	days := dayNumber(int64(d.year), d.month, d.day)
	if d.yearDay != 0 {
		days = dayNumber(int64(d.year), 1, d.yearDay)
	}
	seconds := int64(d.hour+d.half)*3600 + int64(d.minute)*60 + int64(d.second)
	return days*millisPerDay + seconds*1000 + int64(d.millis-d.offset), nil
}

func (f *javaDate) unlike(text string) error {
	return fmt.Errorf("could not parse timestamp: value (%s) does not match pattern (%s)", text, f.text)
}

// isNumber reports whether the part is written in digits, so that a number before it ends where its width says.
func (p datePart) isNumber() bool {
	return strings.IndexByte("yDdHkKhmsS", p.letter) >= 0 && p.letter != 0 || p.letter == 'M' && p.width <= 2
}

// take reads a part and returns how long it is. Weeks, the days in them, years of weeks and years of two digits name no day by themselves.
func (d *dateFields) take(p datePart, text string, abutting bool) (int, bool) {
	switch p.letter {
	case 'E', 'G', 'a', 'z', 'Z', 'X':
		return d.takeWord(p, text)
	case 'M', 'L':
		if p.width > 2 {
			return d.takeWord(p, text)
		}
	case 'w', 'W', 'F', 'u', 'Y':
		return 0, false
	}
	n := 0
	for n < len(text) && (text[n] >= '0' && text[n] <= '9' || n == 0 && text[n] == '-') {
		n++
	}
	if abutting {
		n = min(n, p.width)
	}
	value, err := strconv.ParseInt(text[:n], 10, 32)
	if err != nil || abutting && n < p.width {
		return 0, false
	}
	return n, d.set(p, int(value), n)
}

// set takes the number of a part, which has so many digits.
func (d *dateFields) set(p datePart, n, digits int) bool {
	switch p.letter {
	case 'y':
		d.year = n
		return p.width > 2 || digits != 2
	case 'M', 'L':
		d.month = n
	case 'd':
		d.day = n
	case 'D':
		d.yearDay = n
	case 'H', 'K':
		d.hour = n
	case 'k':
		d.hour = n % 24
	case 'h':
		d.hour = n % 12
	case 'm':
		d.minute = n
	case 's':
		d.second = n
	case 'S':
		d.millis = n
	}
	return true
}

// takeWord reads a part that is no number.
func (d *dateFields) takeWord(p datePart, text string) (int, bool) {
	switch p.letter {
	case 'a':
		i, n := wordIn(text, "AM", "PM")
		d.half = 12 * max(i, 0)
		return n, i >= 0
	case 'G':
		i, n := wordIn(text, "AD")
		return n, i >= 0
	case 'E':
		for day := range 7 {
			name := time.Weekday(day).String()
			if i, n := wordIn(text, name, name[:3]); i >= 0 {
				return n, true
			}
		}
		return 0, false
	case 'M', 'L':
		for month := time.January; month <= time.December; month++ {
			if i, n := wordIn(text, month.String(), month.String()[:3]); i >= 0 {
				d.month = int(month)
				return n, true
			}
		}
		return 0, false
	}
	if i, n := wordIn(text, "UTC", "GMT", "Z"); i >= 0 && (i < 2) == (p.letter != 'X') {
		return n, true
	}
	return d.takeOffset(text)
}

// takeOffset reads +01, +0130 or +01:30.
func (d *dateFields) takeOffset(text string) (int, bool) {
	if len(text) < 3 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	hours, err := strconv.ParseUint(text[1:3], 10, 8)
	if err != nil {
		return 0, false
	}
	n, minutes := 3, uint64(0)
	rest := strings.TrimPrefix(text[3:], ":")
	if len(rest) >= 2 {
		if m, err := strconv.ParseUint(rest[:2], 10, 8); err == nil {
			n, minutes = len(text)-len(rest)+2, m
		}
	}
	d.offset = int(hours*60+minutes) * 60_000
	if text[0] == '-' {
		d.offset = -d.offset
	}
	return n, true
}

// wordIn finds the first of words with which text begins, in whatever case; -1 if there is none.
func wordIn(text string, words ...string) (i, n int) {
	for i, w := range words {
		if len(text) >= len(w) && strings.EqualFold(text[:len(w)], w) {
			return i, len(w)
		}
	}
	return -1, 0
}
