package expression

import (
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// formDate as the form of a moment: as a DATE is stored, with the time behind it if there is one.
// Forms of 0 to 6 are DATETIMEs with that many fraction digits, or six where fewer would lose some.
// Text in a form orders as the moments do.
const formDate = -1

func formOf(t schemas.Type) int {
	if t.Kind == schemas.Date {
		return formDate
	}
	return t.Decimals
}

// What a value that is no date or time becomes in a comparison with one: a literal is an error, a parameter of the
// client NULL, and anything else the zero date.
const (
	wrongLiteral = iota
	wrongParam
	wrongValue
	wrongNothing // what equals nothing
)

// momentMatch compares a temporal operand as it is stored with b, which is converted towards it.
func momentMatch(a, b Operand) match {
	wrong := itoa(wrongValue)
	switch {
	case isLiteral(b):
		wrong = itoa(wrongLiteral)
	case b.Param:
		wrong = itoa(wrongParam)
	}
	switch a.Type.Kind {
	case schemas.Time:
		return match{a.SQL, call("marmot_clock", b.SQL, wrong), " COLLATE " + schemas.TimeCollation}
	case schemas.Timestamp:
		return match{a.SQL, call("marmot_utc", b.SQL, itoa(a.Type.Decimals), wrong), ""}
	}
	return match{a.SQL, call("marmot_moment", b.SQL, itoa(formOf(a.Type)), wrong), ""}
}

// isLiteral reports whether a is a literal, be it one that the plan cache leaves out.
func isLiteral(a Operand) bool {
	return a.Constant != nil || a.Literal || !a.Param && strings.HasPrefix(a.SQL, "?")
}

// matchTemporal compares operands of which at least one is temporal; done is false if they compare
// as numbers.
func matchTemporal(op string, a, b Operand) (m match, done bool, err error) {
	if !isTemporal(a) || isTemporal(b) && !staysAsIs(a) && staysAsIs(b) {
		m, done, err = matchTemporal(op, b, a)
		m.left, m.right = m.right, m.left
		return m, done, err
	}
	if isTemporal(b) {
		return matchMoments(a, b), true, nil
	}
	switch {
	case isString(b) && b.Constant != nil && b.Constant.IsNull():
		return match{a.SQL, "NULL", ""}, true, nil
	case isString(b) && a.Type.Kind != schemas.Timestamp && b.Constant != nil:
		m, err = constantMoment(a, b)
		return m, true, err
	case isString(b) && a.Type.Kind == schemas.Time && !isLiteral(b):
		m, err = clockText(op, a, b)
		return m, true, err
	case isString(b):
		return momentMatch(a, b), true, nil
	case b.Type.IsInteger() && b.Constant != nil && a.Type.Kind != schemas.Time && isDateNumber(*b.Constant):
		if a.Type.Kind == schemas.Timestamp {
			return momentMatch(a, b), true, nil
		}
		m, err = constantMoment(a, b)
		return m, true, err
	case b.Type.IsNumeric() && b.Constant == nil && !b.Param && isLiteral(b) && a.Type.Kind != schemas.Time:
		return numberMatch(a, b), true, nil
	}
	return match{}, false, nil
}

// numberMatch compares a date with a number that is known only when the plan runs: MySQL makes a date of a constant one
// beside a column, https://dev.mysql.com/doc/refman/8.4/en/type-conversion.html.
func numberMatch(a, b Operand) match {
	utc := "0"
	if a.Type.Kind == schemas.Timestamp {
		utc = "1"
	}
	return match{a.SQL, call("marmot_moment_of_number", b.SQL, itoa(formOf(a.Type)), utc), ""}
}

// momentOfNumberFunction is marmot_moment_of_number(x, form, utc): a number as text that stands to stored dates as the
// number stands to them, be it a date like 20240131 or not.
func momentOfNumberFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	form := int(args[1].Int64())
	if m, ok := (&runtime{also: r.mode() & allowInvalidDates}).moment(args[0]); ok {
		if args[2].Int64() != 0 && !m.isZeroDate() {
			m = m.from(r.zone())
		}
		return txn.Text(m.appendForm(make([]byte, 0, 26), form)), nil
	}
	digits := 14
	if form == formDate {
		digits = 8
	}
	d, _ := parseDec(textOf(args[0]))
	text := string(d.truncate(0).append(nil))
	switch {
	case strings.HasPrefix(text, "-"):
		return txn.TextString(""), nil // before all
	case len(text) > digits:
		return txn.TextString("~"), nil // behind all
	}
	text = strings.Repeat("0", digits-len(text)) + text
	date := text[:4] + "-" + text[4:6] + "-" + text[6:8]
	if digits > 8 {
		date += " " + text[8:10] + ":" + text[10:12] + ":" + text[12:]
	}
	return txn.TextString(date), nil
}

// isDateNumber reports whether a number is a date or a date with a time, as 20240131 is; others compare as numbers.
func isDateNumber(v txn.Value) bool {
	_, ok := (&runtime{also: allowInvalidDates}).moment(v)
	return ok
}

// clockText compares a TIME with a string that is no literal: as strings.
func clockText(op string, a, b Operand) (match, error) {
	a, err := asText(a)
	if err != nil {
		return match{}, err
	}
	return matchText(op, a, b)
}

// staysAsIs: a column or something like it, which had better not be wrapped.
func staysAsIs(a Operand) bool {
	return a.Constant == nil && !strings.HasPrefix(a.SQL, "marmot_")
}

// matchMoments compares two temporal operands, converting b to the form of a.
func matchMoments(a, b Operand) match {
	ta, tb := a.Type, b.Type
	clockA, clockB := ta.Kind == schemas.Time, tb.Kind == schemas.Time
	switch {
	case clockA && clockB:
		return match{a.SQL, b.SQL, " COLLATE " + schemas.TimeCollation}
	case clockA || clockB:
		six := schemas.Type{Kind: schemas.DateTime, Decimals: 6}
		return match{castTemporal(inSession(a), six), castTemporal(inSession(b), six), ""}
	case ta.Kind == tb.Kind && (ta.Kind == schemas.Date || ta.Decimals == tb.Decimals):
		return match{a.SQL, b.SQL, ""}
	case ta.Kind == schemas.Timestamp && tb.Kind == schemas.Timestamp:
		return match{call("marmot_moment", a.SQL, "6", "0"), call("marmot_moment", b.SQL, "6", "0"), ""}
	case ta.Kind == schemas.Timestamp:
		return momentMatch(a, b)
	case tb.Kind == schemas.Timestamp:
		m := momentMatch(b, a)
		m.left, m.right = m.right, m.left
		return m
	}
	return momentMatch(a, b)
}

// constantMoment compares with a constant, converted while planning.
func constantMoment(a, b Operand) (match, error) {
	r := &runtime{}
	if a.Type.Kind == schemas.Time {
		m, ok := r.clock(*b.Constant)
		if !ok {
			return momentMatch(a, Operand{SQL: b.SQL, Type: b.Type}), nil // a warning when it runs
		}
		return match{a.SQL, quoteText(string(m.appendTime(nil, 6))), " COLLATE " + schemas.TimeCollation}, nil
	}
	m, ok := r.moment(*b.Constant)
	if !ok && onlyInvalid(*b.Constant) { // the session's mode says when it runs whether that is an error
		return momentMatch(a, Operand{SQL: b.SQL, Type: b.Type, Literal: true}), nil
	}
	if !ok || m.kind == kindTime {
		return match{}, wrongConstant(a.Type, *b.Constant)
	}
	return match{a.SQL, quoteText(string(m.appendForm(nil, formOf(a.Type)))), ""}, nil
}

// onlyInvalid reports whether a constant is a date under ALLOW_INVALID_DATES only.
func onlyInvalid(v txn.Value) bool {
	m, ok := (&runtime{also: allowInvalidDates}).moment(v)
	return ok && m.offCalendar()
}

// wrongMoment is what stands for a value that is no date or time: see wrongLiteral.
func wrongMoment(wrong txn.Value, kind schemas.Kind, v txn.Value) (null bool, err error) {
	switch wrong.Int64() {
	case wrongLiteral:
		return true, wrongConstant(schemas.Type{Kind: kind}, v)
	case wrongParam:
		return true, nil
	}
	return false, nil
}

// momentFunction is marmot_moment(x, form, wrong): x as text in a form.
func momentFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	m, ok := r.moment(args[0])
	if !ok {
		kind := schemas.DateTime
		if args[1].Int64() == formDate {
			kind = schemas.Date
		}
		if args[2].Int64() == wrongNothing {
			return txn.TextString(""), nil
		}
		if null, err := wrongMoment(args[2], kind, args[0]); null {
			return txn.Null(), err
		}
		m = moment{}
	}
	return txn.Text(m.appendForm(make([]byte, 0, 26), int(args[1].Int64()))), nil
}

// utcFunction is marmot_utc(x, decimals, wrong): a moment in the session's zone as a TIMESTAMP is stored.
func utcFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	m, ok := r.moment(args[0])
	if !ok {
		if null, err := wrongMoment(args[2], schemas.Timestamp, args[0]); null {
			return txn.Null(), err
		}
		m = moment{}
	}
	if !m.isZeroDate() {
		m = m.from(r.zone())
	}
	return txn.Text(m.appendForm(make([]byte, 0, 26), int(args[1].Int64()))), nil
}

// clockFunction is marmot_clock(x, wrong): x as the text of a TIME.
func clockFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	m, ok := r.clock(args[0])
	if !ok {
		if args[1].Int64() == wrongParam {
			return txn.Null(), nil
		}
		m = moment{}
	}
	return txn.Text(m.appendTime(nil, 6)), nil
}

// localFunction is marmot_local(x, decimals): a stored TIMESTAMP in the session's zone.
func localFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	m, ok := parseStored(args[0].Bytes())
	if !ok {
		return args[0], nil
	}
	if !m.isZeroDate() {
		m = m.to(r.zone())
	}
	return txn.Text(m.appendDateTime(make([]byte, 0, 26), int(args[1].Int64()))), nil
}
