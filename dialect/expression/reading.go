package expression

import (
	"bytes"

	"marmot/schemas"
	"marmot/txn"
)

// reading is what a function of dates wants of a string: it decides what is refused, and what the warnings say.
type reading int

const (
	readsDate          reading = iota + 1 // a DATE, which may lack month or day
	readsWholeDate                        // a DATE of the calendar
	readsCastDate                         // a DATE as far as the session's mode lets it be one
	readsDateTime                         // a DATETIME, which may lack month or day
	readsWholeDateTime                    // a DATETIME of the calendar
	readsCastDateTime                     // a DATETIME as far as the session's mode lets it be one
	readsTime                             // a TIME; of a date without one the digits are a time
	readsEither                           // a TIME if it looks like one, else a DATETIME of the calendar
	readsAny                              // the same, off the calendar too
	readsClock                            // a TIME if it looks like one, else a DATETIME; what is neither is an incorrect TIME
)

// date reports whether a DATE is wanted: MySQL then calls all that it cannot use a truncated date.
func (k reading) date() bool { return k <= readsCastDate }

// readings are the letters of function.args that name a reading.
var readings = map[byte]reading{'d': readsDate, 'D': readsWholeDate, 'e': readsDateTime, 'E': readsWholeDateTime, 'c': readsTime, 'y': readsAny}

// asRead is the operand as a function reads it: strings are read by its rules, other values stay what they are.
func asRead(a Operand, k reading) Operand {
	a = inSession(a)
	if isString(a) && !a.Param && !isNull(a) && a.Type.Kind != schemas.JSON {
		a.SQL = call("marmot_read", a.SQL, itoa(int(k)))
		a.Nullable = true
	}
	return a
}

// readFunction is marmot_read(string, reading): the stored text of the date or time, or NULL with a warning.
func readFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	v, k := args[0], reading(args[1].Int64())
	if v.IsNull() {
		return v, nil
	}
	v = txn.Text(textOf(v))
	switch k {
	case readsTime:
		return r.readTime(v), nil
	case readsEither, readsAny:
		return r.readEither(v, k), nil
	case readsClock:
		return r.readClock(v), nil
	}
	m, ok := r.readMoment(v, k)
	if !ok {
		return txn.Null(), nil
	}
	return m.value(m.fraction), nil
}

// readMoment reads a date with or without a time.
func (r *runtime) readMoment(v txn.Value, k reading) (moment, bool) {
	text := v.Bytes()
	m, clean, ok := r.dateIn(v, r.has(allowInvalidDates))
	switch {
	case !ok, m.isZeroDate() && (!clean || m.hasClock()):
		ok = false
	case k == readsWholeDate || k == readsWholeDateTime:
		ok = !m.hasZeroPart()
	case m.isZeroDate():
		ok = !r.has(noZeroDate)
	case k == readsCastDate || k == readsCastDateTime:
		ok = !m.hasZeroPart() || !r.has(noZeroInDate)
	}
	switch {
	case !ok && !k.date():
		r.incorrect("datetime", text)
	case !ok, !clean && (k.date() || m.kind == kindDate):
		r.truncated("date", text)
	case !clean:
		r.truncated("datetime", text)
	}
	return m, ok
}

// dateIn finds a date in a string; clean says that nothing else is in it.
func (r *runtime) dateIn(v txn.Value, invalid bool) (m moment, clean, ok bool) {
	text := v.Bytes()
	if m, ok = parseStored(text); ok && !m.hasZeroPart() && !m.offCalendar() {
		return m, true, true
	}
	out, warnings, err := schemas.Convert(schemas.Type{Kind: schemas.DateTime, Decimals: 6}, "", v,
		schemas.Assignment{AllowInvalidDates: invalid, Zone: r.zone(), Now: r.now()})
	if m, ok = parseStored(out.Bytes()); err != nil || !ok {
		return m, false, false
	}
	m.fraction, m.kind = fractionDigits(text), kindDateTime
	if !mentionsTime(text) {
		m.kind = kindDate
	}
	return m, len(warnings) == 0, true
}

// readTime reads a time, or that of a date which has one.
func (r *runtime) readTime(v txn.Value) txn.Value {
	text := v.Bytes()
	if _, ok := parseStoredTime(text); ok {
		return v
	}
	if m, ok := parseStored(text); ok && m.kind == kindDateTime {
		m.year, m.month, m.day, m.kind = 0, 0, 0, kindTime
		return m.value(m.fraction)
	}
	out, warnings, err := schemas.Convert(schemas.Type{Kind: schemas.Time, Decimals: 6}, "", v, schemas.Assignment{Zone: r.zone(), Now: r.now()})
	m, ok := parseStoredTime(out.Bytes())
	colon, dash := bytes.IndexByte(text, ':') >= 0, bytes.IndexByte(text, '-') > 0
	if colon && dash {
		m, _, ok = r.dateIn(v, true)
		ok = ok && m.kind == kindDateTime && !m.isZeroDate()
		dash = !ok
	}
	if err != nil || !ok || len(warnings) > 0 && (colon && (dash || !m.hasClock()) || !beginsWithNumber(text)) {
		r.truncated("time", text)
		return txn.Null()
	}
	if len(warnings) > 0 {
		r.truncated("time", text)
	}
	m.kind, m.fraction = kindTime, fractionDigits(text)
	return m.value(m.fraction)
}

// looksLikeClock reads a string that is a time and nothing else.
func (r *runtime) looksLikeClock(v txn.Value) (m moment, whole, ok bool) {
	text := v.Bytes()
	out, warnings, err := schemas.Convert(schemas.Type{Kind: schemas.Time, Decimals: 6}, "", v, schemas.Assignment{Zone: r.zone(), Now: r.now()})
	m, ok = parseStoredTime(out.Bytes())
	m.fraction = fractionDigits(text)
	ok = ok && err == nil
	return m, ok && len(warnings) == 0 && (looksLikeTime(text) || bytes.IndexByte(text, '-') <= 0), ok
}

// readEither reads a time or a date.
func (r *runtime) readEither(v txn.Value, k reading) txn.Value {
	text := v.Bytes()
	clock, whole, isTime := r.looksLikeClock(v)
	if whole {
		return clock.value(clock.fraction)
	}
	m, clean, ok := r.dateIn(v, true)
	switch {
	case ok && m.isZeroDate() && !clean, !ok:
		if isTime && beginsWithNumber(text) && bytes.IndexByte(text, ':') < 0 {
			r.truncated("time", text)
			return clock.value(0)
		}
		r.incorrect("datetime", text)
	case k == readsAny, !m.hasZeroPart() && (!m.offCalendar() || r.has(allowInvalidDates)):
		return m.value(m.fraction)
	case m.kind == kindDateTime:
		r.truncated("datetime", text)
	default:
		r.truncated("date", text)
	}
	return txn.Null()
}

// readClock reads what EXTRACT takes hours from.
func (r *runtime) readClock(v txn.Value) txn.Value {
	text := v.Bytes()
	if clock, whole, _ := r.looksLikeClock(v); whole {
		return clock.value(clock.fraction)
	}
	m, clean, ok := r.dateIn(v, true)
	switch {
	case !ok || !clean:
		return r.readTime(v)
	case m.offCalendar() && !r.has(allowInvalidDates), m.isZeroDate() && r.has(noZeroDate):
		r.incorrect("datetime", text)
		return txn.Null()
	}
	return m.value(m.fraction)
}

// beginsWithNumber reports whether the first thing in the text is a digit.
func beginsWithNumber(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\n-+")
	return len(text) > 0 && isDigit(text[0])
}
