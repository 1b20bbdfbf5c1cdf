package debezium

import (
	"fmt"
	"strings"
	"time"
)

// javaDate is a pattern of java.text.SimpleDateFormat in UTC and English. Days of before 15 October 1582 are those of the Julian calendar.
type javaDate struct {
	text  string
	parts []datePart
}

// datePart is a run of one letter, or text as it stands (letter 0).
type datePart struct {
	letter byte
	width  int
	text   string
}

// dateLetters are the letters that SimpleDateFormat knows.
const dateLetters = "GyYMLwWDdFEuaHkKhmsSzZX"

// newJavaDate reads a pattern.
func newJavaDate(text string) (*javaDate, error) {
	f := &javaDate{text: text}
	for i := 0; i < len(text); {
		c := text[i]
		if c == '\'' {
			part, behind, err := quotedDateText(text, i)
			if err != nil {
				return nil, err
			}
			f.literal(part)
			i = behind
			continue
		}
		if c|0x20 < 'a' || c|0x20 > 'z' {
			f.literal(text[i : i+1])
			i++
			continue
		}
		n := 1
		for i+n < len(text) && text[i+n] == c {
			n++
		}
		if !strings.Contains(dateLetters, string(c)) || c == 'X' && n > 3 {
			return nil, fmt.Errorf("illegal pattern character %q", strings.Repeat(string(c), n))
		}
		f.parts = append(f.parts, datePart{letter: c, width: n})
		i += n
	}
	return f, nil
}

func (f *javaDate) literal(text string) {
	if n := len(f.parts); n > 0 && f.parts[n-1].letter == 0 {
		f.parts[n-1].text += text
		return
	}
	f.parts = append(f.parts, datePart{text: text})
}

// quotedDateText reads text in quotes from i on; two quotes are one.
func quotedDateText(text string, i int) (part string, behind int, err error) {
	if strings.HasPrefix(text[i:], "''") {
		return "'", i + 2, nil
	}
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", i, fmt.Errorf("unterminated quote")
}

// calendarDay is a day of Java's GregorianCalendar.
type calendarDay struct {
	year       int // of the era
	before     bool
	month, day int
	yearDay    int
	weekDay    int // Sunday is 1
	number     int64
	lead       int // weekday of the year's first day, from 0
}

const (
	millisPerDay = 86_400_000
	// gregorianStart is 15 October 1582, in days since 1970.
	gregorianStart = -141427
)

// calendarDayOf gives the day of a number of days since 1970.
func calendarDayOf(n int64) calendarDay {
	year, month, day := dayParts(n)
	d := calendarDay{year: int(year), month: month, day: day, number: n, weekDay: int(floorMod(n+4, 7)) + 1}
	first := dayNumber(year, 1, 1)
	d.yearDay, d.lead = int(n-first)+1, int(floorMod(first+4, 7))
	if year < 1 {
		d.year, d.before = int(1-year), true
	}
	return d
}

// dayParts are year, month and day, after Howard Hinnant's algorithms for both calendars.
func dayParts(n int64) (year int64, month, day int) {
	if n >= gregorianStart {
		t := time.Unix(n*86400, 0).UTC()
		return int64(t.Year()), int(t.Month()), t.Day()
	}
	z := n + 719470 // days since 1 March of the Julian year 0
	cycle := floorDiv(z, 1461)
	inCycle := z - cycle*1461
	inCycleYear := min((inCycle)/365, 3)
	dayOfYear := inCycle - inCycleYear*365
	m := (5*dayOfYear + 2) / 153
	year, month, day = cycle*4+inCycleYear, int(m)+3, int(dayOfYear-(153*m+2)/5)+1
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// dayNumber is the inverse of dayParts; a month or a day beyond its bounds counts on.
func dayNumber(year int64, month, day int) int64 {
	year += floorDiv(int64(month-1), 12)
	month = int(floorMod(int64(month-1), 12)) + 1
	if n := time.Date(int(year), time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400; n >= gregorianStart {
		return n
	}
	y, m := year, int64(month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	return y*365 + floorDiv(y, 4) + (153*(m-3)+2)/5 + int64(day) - 1 - 719470
}

func floorMod(a, b int64) int64 { return ((a % b) + b) % b }

// format writes milliseconds since 1970.
func (f *javaDate) format(ms int64) string {
	day := calendarDayOf(floorDiv(ms, millisPerDay))
	rest := int(floorMod(ms, millisPerDay))
	var b strings.Builder
	for _, p := range f.parts {
		switch p.letter {
		case 0:
			b.WriteString(p.text)
		case 'H', 'k', 'K', 'h', 'm', 's', 'S', 'a', 'z', 'Z', 'X':
			b.WriteString(p.clock(rest))
		default:
			b.WriteString(p.calendar(day))
		}
	}
	return b.String()
}

// clock writes a part of the time of day.
func (p datePart) clock(ms int) string {
	hour := ms / 3_600_000
	n := 0
	switch p.letter {
	case 'H':
		n = hour
	case 'k':
		n = (hour+23)%24 + 1
	case 'K':
		n = hour % 12
	case 'h':
		n = (hour+11)%12 + 1
	case 'm':
		n = ms / 60_000 % 60
	case 's':
		n = ms / 1000 % 60
	case 'S':
		n = ms % 1000
	case 'a':
		return [...]string{"AM", "PM"}[hour/12]
	case 'z':
		if p.width >= 4 {
			return "Coordinated Universal Time"
		}
		return "UTC"
	case 'Z':
		return "+0000"
	default:
		return "Z"
	}
	return fmt.Sprintf("%0*d", p.width, n)
}

// calendar writes a part of the day.
func (p datePart) calendar(d calendarDay) string {
	n := 0
	switch p.letter {
	case 'G':
		return [...]string{"AD", "BC"}[map[bool]int{true: 1}[d.before]]
	case 'y', 'Y':
		n = d.year
		if p.letter == 'Y' {
			n = d.weekYear()
		}
		if p.width == 2 {
			return fmt.Sprintf("%02d", n%100)
		}
	case 'M', 'L':
		switch name := time.Month(d.month).String(); {
		case p.width >= 4:
			return name
		case p.width == 3:
			return name[:3]
		}
		n = d.month
	case 'w':
		n = d.week()
	case 'W':
		n = (d.day-1+int(floorMod(int64(d.weekDay-1-(d.day-1)), 7)))/7 + 1
	case 'D':
		n = d.yearDay
	case 'd':
		n = d.day
	case 'F':
		n = (d.day-1)/7 + 1
	case 'E':
		name := time.Weekday(d.weekDay - 1).String()
		if p.width < 4 {
			return name[:3]
		}
		return name
	case 'u':
		n = (d.weekDay+5)%7 + 1
	}
	return fmt.Sprintf("%0*d", p.width, n)
}

// week is that of the year; weeks begin on Sunday, and the first has the year's first day.
func (d calendarDay) week() int {
	if d.weekYear() != d.year {
		return 1
	}
	return (d.yearDay-1+d.lead)/7 + 1
}

// weekYear is the year to which the day's week belongs.
func (d calendarDay) weekYear() int {
	days := int(dayNumber(int64(d.year)+1, 1, 1) - dayNumber(int64(d.year), 1, 1))
	if left := days - d.yearDay; d.weekDay-1+left < 6 {
		return d.year + 1
	}
	return d.year
}

// dateText spells a java.util.Date as Connect's Values does: what lies before 2 January 1970 as a time, midnights as a day.
func dateText(ms int64) string {
	pattern := "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
	switch {
	case ms < millisPerDay:
		pattern = "HH:mm:ss.SSS'Z'"
	case ms%millisPerDay == 0:
		pattern = "yyyy-MM-dd"
	}
	f, _ := newJavaDate(pattern) // which are patterns
	return f.format(ms)
}

// connectMillis are the milliseconds of one of Connect's own types, of which Java makes a java.util.Date; false of others.
func connectMillis(s *Schema, n int64) (int64, bool) {
	switch s.Name {
	case connectDate:
		return n * millisPerDay, true
	case connectTime, connectTimestamp:
		return n, true
	}
	return 0, false
}

// Connect's own types of times.
const (
	connectDate      = "org.apache.kafka.connect.data.Date"
	connectTime      = "org.apache.kafka.connect.data.Time"
	connectTimestamp = "org.apache.kafka.connect.data.Timestamp"
)
