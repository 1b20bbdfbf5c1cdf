package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Cast is CAST(a AS t), and the conversion of a to the type t wherever MySQL converts by itself.
// What does not fit is cut, with a warning when it runs. A CHAR or BINARY without length is one
// of unlimited length. SQL that already yields the stored form of t is left alone.
func Cast(a Operand, t schemas.Type) (Operand, error) {
	if a.Type.Kind == schemas.Timestamp && t.Kind != schemas.Timestamp {
		a = inSession(a)
	}
	ask(a)
	if !t.IsText() {
		want(a, t)
	}
	out := Operand{Type: t, Nullable: a.Nullable || a.Param, Coercibility: Numeric}
	if t.IsText() || t.IsBlob() {
		out.Coercibility = Implicit
		if a.Coercibility == Coercible || a.Coercibility == Explicit {
			out.Coercibility = a.Coercibility
		}
	}
	if isNull(a) {
		out.SQL, out.Nullable, out.Constant = "NULL", true, a.Constant
		return out, nil
	}
	var err error
	switch {
	case sameStored(a.Type, t) && !a.Param:
		if t.Kind == schemas.VarBinary && t.Length < 0 {
			t = bytesType(bytesAtMost(a))
		}
		a.Type, a.Coercibility = t, out.Coercibility
		return a, nil
	case t.IsInteger():
		out.SQL, err = castInteger(a, t, &out)
	case t.Kind == schemas.Decimal:
		out.SQL, err = castDecimal(a, t)
	case isReal(t):
		out.SQL, err = castReal(a, t)
	case t.IsTemporal():
		out.Nullable = true
		out.SQL = castTemporal(a, t)
	case t.Kind == schemas.Year:
		out.Nullable = true
		out.SQL = call("marmot_cast_year", a.SQL)
	case t.Kind == schemas.JSON:
		out.SQL = castJSON(a)
	case t.IsBlob():
		out.SQL, err = castBytes(a, t)
		if t.Kind == schemas.VarBinary && t.Length < 0 {
			out.Type = bytesType(bytesAtMost(a))
		}
	case t.Kind == schemas.Enum || t.Kind == schemas.Set || t.Kind == schemas.Bit || t.Kind >= schemas.Geometry:
		out.SQL = Assign(a, t, "")
	default:
		return castText(a, out)
	}
	return out, err
}

// sameStored reports whether every value of type a is stored the same as one of type t.
func sameStored(a, t schemas.Type) bool {
	switch {
	case a.IsInteger() && t.IsInteger():
		return a.Unsigned == t.Unsigned && a.Kind <= t.Kind || a.Unsigned && a.Kind < t.Kind
	case a.Kind == schemas.Decimal && t.Kind == schemas.Decimal:
		return a.Decimals == t.Decimals && a.Length <= t.Length
	case isReal(a) && isReal(t):
		return t.Decimals < 0 && a.Kind <= t.Kind
	case a.Kind == t.Kind && t.IsTemporal():
		return a.Decimals == t.Decimals || a.Kind == schemas.Date
	case a.Kind == schemas.Enum && t.Kind == schemas.Enum, a.Kind == schemas.Set && t.Kind == schemas.Set:
		return slices.Equal(a.Members, t.Members)
	case a.Kind == t.Kind && (t.Kind == schemas.JSON || t.Kind == schemas.Year):
		return true
	case a.Kind == t.Kind && t.Kind == schemas.Geometry:
		return (t.Spelling == "GEOMETRY" || t.Name() == a.Name()) && t.SRID == 0 && !t.SRIDGiven
	case a.Kind == schemas.Bit && t.Kind == schemas.Bit:
		return a.Length <= t.Length && (a.Length > 63) == (t.Length > 63)
	case a.IsBlob() && t.IsBlob():
		return fitsLength(a, t) && t.Kind != schemas.Binary
	case isPlainText(a) && isPlainText(t):
		return fitsLength(a, t) && (a.Charset == t.Charset || t.Charset == "utf8mb4" || t.Charset == "")
	}
	return false
}

// bytesAtMost is the number of bytes that the operand's string has at most; -1: no bound.
func bytesAtMost(a Operand) int {
	n := textLength(a.Type)
	switch {
	case a.Param:
		return -1
	case n > 0 && isPlainText(a.Type) && a.Constant != nil:
		return len(a.Constant.Bytes())
	case n > 0 && isPlainText(a.Type):
		if c, ok := schemas.LookupCharset(a.Type.Charset); ok {
			return n * c.MaxLen
		}
	}
	return n
}

func isPlainText(t schemas.Type) bool { return t.Kind >= schemas.Char && t.Kind <= schemas.LongText }

func fitsLength(a, t schemas.Type) bool {
	most := textLength(t)
	if most < 0 {
		return true
	}
	if most == 0 && (t.Kind == schemas.Char || t.Kind == schemas.VarChar || t.Kind == schemas.VarBinary) {
		return false
	}
	have := textLength(a)
	return have >= 0 && have <= most
}

func castInteger(a Operand, t schemas.Type, out *Operand) (string, error) {
	name := "marmot_signed"
	if t.Unsigned {
		name = "marmot_unsigned"
	}
	if a.Param {
		return call(name+"_text", a.SQL), nil
	}
	if isString(a) && a.Type.Kind != schemas.Enum && a.Type.Kind != schemas.Set && !IsHexLiteral(a) {
		return call(name+"_text", a.SQL), nil
	}
	if a.Type.Kind == schemas.DateTime && a.Type.Decimals > 0 { // rounding carries into the date
		a.SQL, a.Type.Decimals, a.Constant = call("marmot_round_fraction", a.SQL, "0"), 0, nil
	}
	n, err := asNumber(a)
	if err != nil {
		return "", err
	}
	if n.Type.IsInteger() && integerBits(n) < 64 && (!t.Unsigned || neverNegative(n)) {
		out.bits, out.natural, out.Constant = integerBits(n), neverNegative(n), n.Constant
		return n.SQL, nil
	}
	return call(name, n.SQL), nil
}

func castDecimal(a Operand, t schemas.Type) (string, error) {
	if t.Length > maxPrecision {
		return "", mysqlerr.New(mysql.ER_TOO_BIG_PRECISION, t.Length, "CAST", maxPrecision)
	}
	if t.Decimals > maxScale {
		return "", mysqlerr.New(mysql.ER_TOO_BIG_SCALE, t.Decimals, "CAST", maxScale)
	}
	sql := a.SQL
	if !a.Param && (!isString(a) || a.Type.Kind == schemas.Enum || a.Type.Kind == schemas.Set || IsHexLiteral(a)) {
		n, err := asNumber(a)
		if err != nil {
			return "", err
		}
		sql = n.SQL
		if n.Type.IsInteger() && integerBits(n) < 64 && t.Decimals == 0 && precisionOf(n.Type) <= t.Length {
			return "CAST(" + sql + " AS TEXT)", nil
		}
	}
	return call("marmot_cast_decimal", sql, itoa(t.Length), itoa(t.Decimals)), nil
}

func castReal(a Operand, t schemas.Type) (string, error) {
	sql := ""
	if a.Param {
		sql = call("marmot_double", a.SQL)
	} else {
		n, err := asNumber(a)
		if err != nil {
			return "", err
		}
		sql = asReal(n)
	}
	if t.Kind == schemas.Float {
		return call("marmot_float", sql), nil
	}
	return sql, nil
}

// castTemporal is SQL for a as a DATE, TIME or DATETIME (TIMESTAMP stays in UTC).
func castTemporal(a Operand, t schemas.Type) string {
	sql := a.SQL
	switch {
	case t.Kind == schemas.Timestamp && a.Type.Kind == schemas.Timestamp:
		return call("marmot_round_fraction", sql, itoa(t.Decimals))
	case t.Kind == schemas.Timestamp:
		return call("marmot_assign", sql, typeArgument(t), "''")
	}
	if a.Type.Kind == schemas.Date && t.Kind == schemas.DateTime {
		zero := "' 00:00:00"
		if t.Decimals > 0 {
			zero += ".000000"[:t.Decimals+1]
		}
		return "(" + sql + " || " + zero + "')"
	}
	kind := map[schemas.Kind]string{schemas.Date: "date", schemas.Time: "time"}[t.Kind]
	if kind == "" {
		kind = "datetime"
	}
	return call("marmot_cast_"+kind, sql, itoa(t.Decimals))
}

func castJSON(a Operand) string {
	switch {
	case a.Param, a.Type.IsText() && a.Type.Kind != schemas.Enum && a.Type.Kind != schemas.Set:
		return call("marmot_cast_json", a.SQL)
	}
	if !a.Nullable {
		return asJSONValue(a)
	}
	return "CASE WHEN " + a.SQL + " IS NOT NULL THEN " + asJSONValue(a) + " END"
}

func castBytes(a Operand, t schemas.Type) (string, error) {
	sql, err := asBytes(a)
	if err != nil {
		return "", err
	}
	if a.Param {
		sql = bytesOfParam(a)
	}
	switch {
	case t.Kind == schemas.Binary && t.Length > 0:
		return call("marmot_cast_binary", sql, itoa(t.Length)), nil
	case t.Kind == schemas.VarBinary && t.Length > 0 && !(textLength(a.Type) >= 0 && textLength(a.Type)*4 <= t.Length):
		return call("substr", sql, "1", itoa(t.Length)), nil
	}
	return sql, nil
}

// castText fills out with a as text of the type in out.
func castText(a, out Operand) (Operand, error) {
	t := out.Type
	s, err := asText(a)
	if err != nil {
		return out, err
	}
	if t.Collation == "" {
		t.Collation, t.Charset = DefaultCollation, "utf8mb4"
		if s.Type.Collation != "" {
			t.Collation, t.Charset = s.Type.Collation, s.Type.Charset
		}
	}
	if s.Type.IsBlob() {
		s.SQL = call("marmot_bytes_text", s.SQL, quoteText(t.Charset))
		s.Constant = nil
	} else if t.Charset != "" && !isUTF8(t) && s.Type.Charset != t.Charset || t.Charset == "ascii" && s.Type.Charset != "ascii" {
		s.SQL = call("marmot_charset", s.SQL, quoteText(t.Charset))
		s.Constant = nil
	}
	out.SQL, out.Constant = s.SQL, s.Constant
	t.Length = max(t.Length, 0) // without a length it is the operand's
	limit := t.Length
	if t.Kind != schemas.Char && t.Kind != schemas.VarChar {
		limit = 0
	}
	if have := textLength(s.Type); limit > 0 && (have < 0 || have > limit) {
		out.SQL, out.Constant = call("marmot_cast_char", s.SQL, itoa(limit)), nil
	}
	length := limit
	if limit == 0 {
		length = textLength(s.Type)
	}
	if isPlainText(t) && (t.Kind == schemas.Char || t.Kind == schemas.VarChar && t.Length == 0) {
		t = text(length, t.Collation)
	}
	out.Type = t
	return out, nil
}

// Assign is SQL for a as the value of a column of type t, converted as INSERT and UPDATE convert:
// by schemas.Convert, in the session's mode. It is a's own SQL where nothing can change.
func Assign(a Operand, t schemas.Type, column string) string {
	if isNull(a) {
		return "NULL"
	}
	if a.Type.Kind == schemas.Timestamp && t.Kind != schemas.Timestamp {
		a = inSession(a)
	}
	if !a.Param && assignedAsIs(a, t) {
		return a.SQL
	}
	sql := a.SQL
	numbers := t.IsNumeric() || t.Kind == schemas.Bit || t.Kind == schemas.Year
	special := isTemporal(a) || a.Type.Kind == schemas.Enum || a.Type.Kind == schemas.Set
	switch {
	case a.Param:
	case a.Type.Kind == schemas.Timestamp && t.Kind == schemas.Timestamp:
		return call("marmot_round_fraction", sql, itoa(t.Decimals))
	case IsHexLiteral(a) && numbers, numbers && special, a.Type.Kind == schemas.Bit && !t.IsText() && !t.IsBlob():
		if n, err := asNumber(a); err == nil {
			sql = n.SQL
		}
	case t.Kind == schemas.JSON && a.Type.Kind != schemas.JSON && !isPlainText(a.Type):
		sql = castJSON(a)
	case t.IsText() && !a.Type.IsBlob() && t.Kind != schemas.Enum && t.Kind != schemas.Set, t.IsBlob():
		if s, err := asText(a); err == nil {
			sql = s.SQL
		}
	}
	return call("marmot_assign", sql, typeArgument(t), quoteText(column))
}

// AssignLenient is Assign in a lenient mode, whatever the mode is where the SQL runs: what does not fit is cut.
func AssignLenient(a Operand, t schemas.Type, column string) string {
	sql := Assign(a, t, column)
	if rest, ok := strings.CutPrefix(sql, "marmot_assign("); ok {
		return "marmot_assign_lenient(" + rest
	}
	return sql
}

// assignedAsIs reports whether the column takes every value of a unchanged.
func assignedAsIs(a Operand, t schemas.Type) bool {
	switch {
	case t.Zerofill, t.Kind == schemas.Geometry, t.Kind == schemas.Vector:
		return false
	case t.IsInteger() && a.Type.IsInteger():
		if a.Type.Kind <= t.Kind && a.Type.Unsigned == t.Unsigned {
			return true
		}
		return false
	case t.Kind == schemas.Year, t.IsBlob() && t.Length > 0 && t.Kind == schemas.Binary:
		return a.Type.Kind == t.Kind && a.Type.Length == t.Length
	case t.Kind == schemas.Char:
		return false // trailing spaces go
	case isPlainText(t):
		return isPlainText(a.Type) && textLength(t) >= 0 && fitsLength(a.Type, t) && a.Type.Charset == t.Charset && !t.IsLarge()
	case t.Kind == schemas.Date || t.Kind == schemas.DateTime:
		return a.Type.Kind == t.Kind && (t.Kind == schemas.Date || a.Type.Decimals == t.Decimals)
	}
	return sameStored(a.Type, t)
}

// assignFunction is marmot_assign(x, type, column).
func assignFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	return r.assign(args, r.assignment())
}

// assignLenient is marmot_assign_lenient(x, type, column).
func assignLenient(r *runtime, args []txn.Value) (txn.Value, error) {
	return r.assign(args, schemas.Assignment{Zone: r.zone(), Now: r.now()})
}

func (r *runtime) assign(args []txn.Value, how schemas.Assignment) (txn.Value, error) {
	t, err := r.types.get(args[1].Bytes())
	if err != nil {
		return txn.Null(), err
	}
	v, warnings, err := schemas.Convert(*t, string(args[2].Bytes()), args[0], how)
	for _, w := range warnings {
		r.note(w)
	}
	return v, err
}

// typedText is marmot_typed_text(x, type): a stored value as the client sees it.
func typedText(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	t, err := r.types.get(args[1].Bytes())
	if err != nil {
		return txn.Null(), err
	}
	return txn.Text(schemas.AppendText(nil, *t, args[0])), nil
}
