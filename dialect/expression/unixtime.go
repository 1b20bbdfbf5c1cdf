package expression

import (
	"strconv"
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxUnixSeconds is the last second that FROM_UNIXTIME and UNIX_TIMESTAMP know, 3001-01-18.
const maxUnixSeconds = 32536771199

// unixTimestampOperand is UNIX_TIMESTAMP([x]): an integer, or a DECIMAL if x has a fraction. A
// TIMESTAMP is read in UTC, as it is stored.
func unixTimestampOperand(args []Operand) (Operand, error) {
	out := Operand{Type: bigint(), Coercibility: Numeric, Nullable: len(args) > 0 && (args[0].Nullable || args[0].Param)}
	out.Type.Unsigned = false
	if len(args) == 0 {
		out.SQL = call("marmot_unix_now")
		return out, nil
	}
	a := args[0]
	decimals := decimalsOf(a)
	if a.Param {
		decimals = 0
	}
	if decimals > 0 {
		out.Type = decimal(12+decimals, decimals)
	}
	zone := "'session'"
	if a.Type.Kind == schemas.Timestamp {
		zone = "'utc'"
	}
	out.SQL = call("marmot_unix_timestamp", a.SQL, zone, itoa(decimals))
	return out, nil
}

func unixNow(r *runtime, _ []txn.Value) (txn.Value, error) { return txn.Int(r.now().Unix()), nil }

// unixTimestamp is marmot_unix_timestamp(x, zone, decimals): 0 outside the range.
func unixTimestamp(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := r.dateOf(args[0])
	decimals := int(args[2].Int64())
	zone := r.zone()
	if string(args[1].Bytes()) == "utc" {
		zone = time.UTC
	}
	var d dec
	if ok && !m.hasZeroPart() {
		if s := m.std(zone).Unix(); s >= 0 && s <= maxUnixSeconds {
			d = dec{small: s*1000000 + int64(m.micro), scale: 6}
		}
	} else if !ok {
		d = dec{scale: 6}
	}
	if decimals == 0 {
		return txn.Int(d.truncate(0).int64()), nil
	}
	return d.truncate(decimals).value(), nil
}

// fromUnixOperand is FROM_UNIXTIME(n[, format]).
func fromUnixOperand(args []Operand) (Operand, error) {
	n, err := asNumber(args[0])
	if err != nil {
		return n, err
	}
	out := Operand{Nullable: true, Coercibility: Numeric, Type: schemas.Type{Kind: schemas.DateTime}}
	if n.Type.Kind == schemas.Decimal {
		out.Type.Decimals = min(n.Type.Decimals, 6)
	} else if isReal(n.Type) {
		out.Type.Decimals = 6
	}
	out.SQL = call("marmot_from_unixtime", numberOfParam(n), itoa(out.Type.Decimals))
	if len(args) == 1 {
		return out, nil
	}
	return Call("date_format", []Operand{out, args[1]})
}

func fromUnix(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	decimals := int(args[1].Int64())
	d := r.dec(args[0]).rescale(decimals).rescale(6)
	if d.sign() < 0 || d.big != nil || d.small/1000000 > maxUnixSeconds {
		return txn.Null(), nil
	}
	m := momentOf(time.Unix(d.small/1000000, d.small%1000000*1000).In(r.zone()))
	return m.value(decimals), nil
}

// convertZone is CONVERT_TZ(x, from, to): NULL if a zone is unknown; unchanged outside the range of
// TIMESTAMP.
func convertZone(r *runtime, args []txn.Value) (txn.Value, error) {
	from, okFrom := r.namedZone(string(textOf(args[1])))
	to, okTo := r.namedZone(string(textOf(args[2])))
	m, ok := r.dateOf(args[0])
	if !ok || !okFrom || !okTo || m.hasZeroPart() {
		return txn.Null(), nil
	}
	decimals := m.fraction
	m.kind = kindDateTime
	if s := m.std(from).Unix(); s > 0 && s <= maxUnixSeconds {
		m = m.from(from).to(to)
	}
	return m.value(decimals), nil
}

// namedZone reads '+05:30', 'SYSTEM' (the session's host zone is UTC here), or a name like Europe/Rome.
func (r *runtime) namedZone(name string) (*time.Location, bool) {
	if strings.EqualFold(name, "SYSTEM") {
		return time.UTC, true
	}
	if len(name) > 0 && (name[0] == '+' || name[0] == '-') {
		hour, minute, found := strings.Cut(name[1:], ":")
		h, errHour := strconv.Atoi(hour)
		n, errMinute := strconv.Atoi(minute)
		seconds := h*3600 + n*60
		if !found || errHour != nil || errMinute != nil || n > 59 || seconds > 14*3600 || h < 0 || n < 0 {
			return nil, false
		}
		if name[0] == '-' {
			seconds = -seconds
		}
		return time.FixedZone(name, seconds), true
	}
	if name == "" || strings.EqualFold(name, "local") {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// castDate, castDateTime and castTime are marmot_cast_…(x, decimals): NULL with a warning for what
// is none.
func castDate(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	m, ok := r.wholeDate(args[0], "date")
	if !ok {
		return txn.Null(), nil
	}
	m.kind = kindDate
	return m.value(0), nil
}

// wholeDate is dateOf for a cast, which has no month or day of zero where the session's mode forbids it.
func (r *runtime) wholeDate(v txn.Value, kind string) (moment, bool) {
	m, ok := r.dateOf(v)
	if ok && m.hasZeroPart() && !m.isZeroDate() && r.has(noZeroInDate) {
		r.truncated(kind, textOf(v))
		return m, false
	}
	return m, ok
}

func castDateTime(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	m, ok := r.wholeDate(args[0], "datetime")
	decimals := int(args[1].Int64())
	if ok {
		m.kind = kindDateTime
		ok = r.round(&m, decimals)
	}
	if !ok {
		return txn.Null(), nil
	}
	return m.value(decimals), nil
}

func castTime(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	m, ok := r.clock(args[0])
	if !ok {
		return txn.Null(), nil
	}
	decimals := int(args[1].Int64())
	r.round(&m, decimals)
	return r.timeValue(m.clockMicros(), decimals), nil
}

// castYear is CAST(x AS YEAR).
func castYear(r *runtime, args []txn.Value) (txn.Value, error) {
	v := args[0]
	if v.IsNull() {
		return v, nil
	}
	if m, ok := parseStored(v.Bytes()); ok {
		return txn.Int(int64(m.year)), nil
	}
	if m, ok := parseStoredTime(v.Bytes()); ok {
		return txn.Int(int64(r.timeToday(m).year)), nil
	}
	text := v.Kind() == txn.KindText
	var n int64
	if text || v.Kind() == txn.KindBlob {
		d, clean := parseDec(v.Bytes())
		if start, end := numberPrefix(v.Bytes()); start == end {
			r.warn(mysqlerr.New(mysql.ER_WRONG_VALUE, "YEAR", messageText(v.Bytes())))
			return txn.Null(), nil
		}
		if !clean {
			r.truncated("YEAR", v.Bytes())
		}
		n = d.rescale(0).int64()
	} else {
		n = r.integer(v)
	}
	switch {
	case n == 0 && !text, n >= 1901 && n <= 2155:
		return txn.Int(n), nil
	case n >= 0 && n < 70:
		return txn.Int(n + 2000), nil
	case n >= 70 && n < 100:
		return txn.Int(n + 1900), nil
	}
	r.truncated("YEAR", textOf(v))
	return txn.Null(), nil
}

// roundFraction is marmot_round_fraction(x, decimals) of a stored DATETIME or TIMESTAMP.
func roundFraction(r *runtime, args []txn.Value) (txn.Value, error) {
	m, ok := parseStored(args[0].Bytes())
	if !ok {
		return args[0], nil
	}
	decimals := int(args[1].Int64())
	if !r.round(&m, decimals) {
		return txn.Null(), nil
	}
	m.kind = kindDateTime
	return m.value(decimals), nil
}

// temporalNumber is marmot_temporal_number(x): 2024-01-31 as 20240131, with fraction as decimal text.
func temporalNumber(r *runtime, args []txn.Value) (txn.Value, error) {
	b := args[0].Bytes()
	m, ok := parseStoredTime(b)
	if !ok {
		m, ok = parseStored(b)
	}
	if args[0].IsNull() || !ok {
		return txn.Null(), nil
	}
	d := m.number(m.fraction)
	if m.fraction == 0 {
		return txn.Int(d.int64()), nil
	}
	return d.value(), nil
}

// weekOfNoDay is what MySQL counts as the week of the number 0: its arithmetic for the first week wraps around.
const weekOfNoDay = 613566757

// extractFunction is marmot_extract(unit, x).
func extractFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[1].IsNull() {
		return args[1], nil
	}
	info, ok := units[string(args[0].Bytes())]
	if !ok {
		return txn.Null(), nil
	}
	if n, ok := integral(args[1]); ok && n == 0 {
		if string(args[0].Bytes()) == "WEEK" {
			return txn.Int(weekOfNoDay), nil
		}
		return txn.Int(info.extract(r, moment{})), nil
	}
	var m moment
	if info.date {
		m, ok = r.dateOf(args[1])
	} else {
		m, ok = r.momentOrClock(args[1])
	}
	if !ok {
		return txn.Null(), nil
	}
	n := info.extract(r, m)
	if m.negative {
		n = -n
	}
	return txn.Int(n), nil
}
