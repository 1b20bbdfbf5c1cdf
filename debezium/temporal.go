package debezium

import (
	"math"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

const (
	connectData  = "org.apache.kafka.connect.data."
	debeziumTime = "io.debezium.time."
)

func timeSchema(kind Kind, name string) *Schema { return &Schema{Kind: kind, Name: name, Version: 1} }

// yearColumn maps YEAR. The connector takes a year below 100 for one of two digits: 0 in a default is 2000, and in a row,
// where the binlog counts from 1900, it is 1900.
func yearColumn() column {
	year := func(zero int64) func(txn.Value) (any, bool) {
		return func(v txn.Value) (any, bool) {
			if n := v.Int64(); n != 0 {
				return n, true
			}
			return zero, true
		}
	}
	return column{schema: timeSchema(KindInt32, debeziumTime+"Year"), convert: year(1900), read: year(2000), zero: int64(0)}
}

func dateColumn(o *Options) column {
	name := debeziumTime + "Date"
	switch o.Time {
	case TimeISOString:
		return column{schema: timeSchema(KindString, debeziumTime+"IsoDate"), zero: "1970-01-01Z"}.dated(o, func(at time.Time, text string) any { return text + "Z" })
	case TimeConnect:
		name = connectData + "Date"
	}
	return column{schema: timeSchema(KindInt32, name), zero: int64(0)}.dated(o, func(at time.Time, _ string) any { return floorDiv(at.Unix(), 86400) })
}

// dated converts dates. The connector takes a year below 100 for one of two digits, unless enable.time.adjuster is off; in the binlog there is no year 0.
func (c column) dated(o *Options, form func(at time.Time, text string) any) column {
	convert := func(zero bool) func(v txn.Value) (any, bool) {
		return func(v txn.Value) (any, bool) {
			text := string(v.Bytes())
			at, ok := parseTime(v.Bytes())
			if !ok || !zero && at.Year() == 0 {
				return nil, false
			}
			if years := adjustment(at.Year()); years > 0 && !o.ExactYears {
				at = at.AddDate(years, 0, 0)
				text = strconv.Itoa(at.Year()) + text[4:]
			}
			return form(at, text), true
		}
	}
	c.convert, c.read = convert(false), convert(true)
	return c
}

// adjustment is what the connector adds to a year of two digits.
func adjustment(year int) int {
	switch {
	case year < 0 || year > 99:
		return 0
	case year <= 69:
		return 2000
	}
	return 1900
}

const day = 24 * time.Hour

// timeColumn maps TIME. Connect's and ISO's times are times of a day: what is not is null.
func timeColumn(mode string) column {
	count := func(kind Kind, name string, unit time.Duration) column {
		return column{schema: timeSchema(kind, name), convert: func(v txn.Value) (any, bool) {
			d, ok := parseClock(v.Bytes())
			return int64(d / unit), ok
		}, zero: int64(0)}
	}
	switch mode {
	case TimeConnect:
		c := count(KindInt32, connectData+"Time", time.Millisecond)
		return c.within(func(v txn.Value) bool { return ofDay(v.Bytes()) })
	case TimeISOString:
		return column{schema: timeSchema(KindString, debeziumTime+"IsoTime"), convert: func(v txn.Value) (any, bool) {
			text := string(v.Bytes())
			if rest, whole := strings.CutPrefix(text, "24:"); whole { // midnight
				text = "00:" + rest
			}
			return cutZeros(text) + "Z", ofDay(v.Bytes())
		}, zero: "00:00:00Z"}
	case TimeNanoseconds:
		return count(KindInt64, debeziumTime+"NanoTime", time.Nanosecond)
	}
	return count(KindInt64, debeziumTime+"MicroTime", time.Microsecond)
}

// within refuses values that have no form.
func (c column) within(has func(v txn.Value) bool) column {
	convert := c.convert
	c.convert = func(v txn.Value) (any, bool) {
		if !has(v) {
			return nil, false
		}
		return convert(v)
	}
	return c
}

func ofDay(text []byte) bool {
	d, ok := parseClock(text)
	return ok && d >= 0 && d <= day
}

// datetimeColumn maps DATETIME, whose clock is taken for UTC.
func datetimeColumn(t schemas.Type, o *Options) column {
	count := func(name string, of func(time.Time) int64) column {
		return column{schema: timeSchema(KindInt64, name), zero: int64(0)}.dated(o, func(at time.Time, _ string) any { return of(at) })
	}
	switch mode := o.Time; {
	case mode == TimeConnect:
		return count(connectData+"Timestamp", time.Time.UnixMilli)
	case mode == TimeISOString:
		return column{schema: timeSchema(KindString, debeziumTime+"IsoTimestamp"), zero: "1970-01-01T00:00:00Z"}.dated(o, func(_ time.Time, text string) any { return zoned(cutZeros(text)) })
	case mode == TimeNanoseconds:
		c := count(debeziumTime+"NanoTimestamp", time.Time.UnixNano)
		has := func(v txn.Value) bool {
			at, ok := parseTime(v.Bytes())
			if years := adjustment(at.Year()); !o.ExactYears {
				at = at.AddDate(years, 0, 0)
			}
			return ok && at.Unix() > math.MinInt64/int64(time.Second) && at.Unix() < math.MaxInt64/int64(time.Second)
		}
		read := column{convert: c.read}.within(has).convert
		c = c.within(has)
		c.read = read
		return c
	case mode == TimeMicroseconds, t.Decimals > 3:
		return count(debeziumTime+"MicroTimestamp", time.Time.UnixMicro)
	}
	return count(debeziumTime+"Timestamp", time.Time.UnixMilli)
}

// timestampColumn maps TIMESTAMP, which is kept in UTC: in a row with as many digits as are declared, in a default without
// zeros at the end.
func timestampColumn() column {
	text := func(spell func(string) string) func(txn.Value) (any, bool) {
		return func(v txn.Value) (any, bool) {
			_, ok := parseTime(v.Bytes())
			return zoned(spell(string(v.Bytes()))), ok
		}
	}
	return column{schema: timeSchema(KindString, debeziumTime+"ZonedTimestamp"), convert: text(strings.Clone), read: text(cutZeros), zero: "1970-01-01T00:00:00Z"}
}

// zoned spells "2024-01-31 12:00:00" as Java's OffsetDateTime does.
func zoned(text string) string { return strings.Replace(text, " ", "T", 1) + "Z" }

// cutZeros drops zeros at the end of a fraction, and an empty fraction.
func cutZeros(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// parseTime reads "2026-01-31[ 12:00:00[.000000]]" as UTC. Zero and partial dates are no time.
func parseTime(text []byte) (time.Time, bool) {
	layout := "2006-01-02 15:04:05.999999"
	if len(text) == len("2006-01-02") {
		layout = "2006-01-02"
	}
	at, err := time.Parse(layout, string(text))
	return at, err == nil
}

// parseClock reads "-838:59:59[.000000]".
func parseClock(b []byte) (time.Duration, bool) {
	text, negative := strings.CutPrefix(string(b), "-")
	clock, fraction, _ := strings.Cut(text, ".")
	parts := strings.Split(clock, ":")
	if len(parts) != 3 || len(fraction) > 6 {
		return 0, false
	}
	var seconds int64
	for _, p := range parts {
		n, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return 0, false
		}
		seconds = seconds*60 + n
	}
	micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil {
		return 0, false
	}
	d := time.Duration(seconds)*time.Second + time.Duration(micros)*time.Microsecond
	if negative {
		d = -d
	}
	return d, true
}
