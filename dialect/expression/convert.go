package expression

import (
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// memberSeparator joins the members of ENUM and SET types in arguments of functions.
const memberSeparator = "\x1f"

// Local is the operand with a TIMESTAMP turned from UTC into the session's time zone; its type stays
// TIMESTAMP, so it must not be compared with a column's stored value any more. Other types are
// returned as they are. What a query selects passes through it.
func Local(a Operand) Operand {
	if a.Type.Kind != schemas.Timestamp {
		return a
	}
	a.SQL = call("marmot_local", a.SQL, itoa(a.Type.Decimals))
	a.Constant = nil
	return a
}

// inSession turns a TIMESTAMP into the DATETIME that the session sees.
func inSession(a Operand) Operand {
	if a.Type.Kind != schemas.Timestamp {
		return a
	}
	a = Local(a)
	a.Type.Kind = schemas.DateTime
	return a
}

// asNumber turns an operand into one of an integer, DECIMAL or DOUBLE type, as MySQL does where a
// number is wanted. NULL and parameters stay what they are.
func asNumber(a Operand) (Operand, error) {
	if a.Param || isNull(a) || a.Type.IsNumeric() {
		return a, nil
	}
	a = inSession(a)
	out := Operand{Nullable: a.Nullable, Coercibility: Numeric}
	t := a.Type
	switch t.Kind {
	case schemas.Year:
		out.SQL, out.Type, out.bits, out.natural = a.SQL, schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: 4}, 16, true
		out.Constant = a.Constant
		return out, nil
	case schemas.Bit:
		out.Type = unsignedBigint()
		out.SQL = a.SQL
		if t.Length > 63 {
			out.SQL = call("marmot_bits", a.SQL)
		} else {
			out.bits = max(t.Length, 1)
		}
		out.natural = true
	case schemas.Date:
		out.SQL, out.Type, out.bits = call("marmot_temporal_number", a.SQL), integerOfPrecision(8, false), 30
	case schemas.Time, schemas.DateTime:
		whole := 14
		if t.Kind == schemas.Time {
			whole = 7
		}
		out.SQL, out.Type, out.bits = call("marmot_temporal_number", a.SQL), integerOfPrecision(whole, false), 50
		if t.Decimals > 0 {
			out.Type, out.bits = decimal(whole+t.Decimals, t.Decimals), 0
		}
	case schemas.Enum:
		out.SQL, out.Type = call("marmot_enum_number", a.SQL, memberList(t)), double()
	case schemas.Set:
		out.SQL, out.Type = setNumberSQL(a), double()
	case schemas.JSON:
		out.SQL, out.Type = call("marmot_json_number", a.SQL), double()
	default:
		return stringNumber(a, out), nil
	}
	return out, nil
}

// stringNumber is a string where a number is wanted: a DOUBLE; a hexadecimal literal is an integer.
func stringNumber(a, out Operand) Operand {
	if a.dateText {
		out.SQL, out.Type, out.Nullable = "CAST("+call("marmot_temporal_number", a.SQL)+" AS REAL)", double(), true
		return out
	}
	if a.Constant == nil {
		out.SQL, out.Type = call("marmot_double", a.SQL), double()
		return out
	}
	if IsHexLiteral(a) {
		v := unsigned(bytesToBits(a.Constant.Bytes()))
		return Literal("", v, unsignedBigint())
	}
	f, clean := parseFloat(a.Constant.Bytes())
	if clean {
		return Literal("", txn.Real(f), double())
	}
	out.SQL, out.Type = call("marmot_double", a.SQL), double()
	return out
}

func memberList(t schemas.Type) string { return quoteText(strings.Join(t.Members, memberSeparator)) }

// asReal is SQL for a number as a REAL. Integers may stay integers beside a REAL.
func asReal(a Operand) string {
	switch {
	case a.Type.Kind == schemas.Decimal:
		if a.Constant != nil {
			f, _ := parseFloat(a.Constant.Bytes())
			return QuoteValue(txn.Real(f))
		}
		return call("marmot_double", a.SQL)
	case isReal(a.Type):
		return a.SQL
	case a.Type.Kind == schemas.BigInt && a.Type.Unsigned:
		return call("marmot_double", a.SQL)
	}
	return "CAST(" + a.SQL + " AS REAL)"
}

// parameterLength is how many characters MySQL expects of a parameter that stands for a string: as many as a VARCHAR may have.
const parameterLength = 65535 / 4

// asText turns an operand into a string: text, or bytes if it is a binary string.
func asText(a Operand) (Operand, error) {
	t := a.Type
	switch {
	case a.Param:
		a.Type = text(parameterLength, a.Type.Collation)
		a.SQL = call("marmot_text", a.SQL)
		a.Param, a.Coercibility = false, Coercible
		return a, nil
	case a.Given != nil:
		a.Given.Textual = true
	}
	switch {
	case isNull(a) || t.IsBlob() || t.Kind >= schemas.Char && t.Kind <= schemas.LongText:
		return a, nil
	}
	a = inSession(a)
	out := a
	out.bits, out.natural = 0, false
	out.Type = text(textLength(t), DefaultCollation)
	if a.Given != nil && t.IsInteger() {
		out.Type = text(longestInteger, DefaultCollation)
	}
	out.Coercibility = Numeric
	switch {
	case t.Kind == schemas.Enum || t.Kind == schemas.Set:
		out.Type = text(textLength(t), t.Collation)
		out.Coercibility = a.Coercibility
	case t.Kind == schemas.Bit || t.Kind == schemas.Geometry || t.Kind == schemas.Vector:
		return bitText(a), nil
	case t.Kind == schemas.JSON:
		out.Type = text(-1, "utf8mb4_bin")
		out.Coercibility = Implicit
	case t.Kind == schemas.Float || t.Zerofill || t.Kind == schemas.BigInt && t.Unsigned || t.Kind == schemas.Year || t.Kind == schemas.Double && t.Decimals >= 0:
		out.SQL, out.Constant = call("marmot_typed_text", a.SQL, typeArgument(t)), nil
	case t.IsInteger() || t.Kind == schemas.Double:
		if a.Constant != nil {
			v := txn.Text(textOf(*a.Constant))
			out.SQL, out.Constant = QuoteValue(v), &v
		} else {
			out.SQL = call("marmot_text", a.SQL)
		}
	}
	return out, nil
}

func bitText(a Operand) Operand {
	out := a
	out.bits, out.natural, out.Constant = 0, false, nil
	out.Coercibility = Implicit
	if a.Type.Kind != schemas.Bit {
		out.Type = schemas.Type{Kind: schemas.LongBlob}
		return out
	}
	out.Type = bytesType((max(a.Type.Length, 1) + 7) / 8)
	if a.Type.Length <= 63 {
		out.SQL = call("marmot_bit_bytes", a.SQL, itoa(out.Type.Length))
	}
	return out
}

// textLength is the number of characters that a value of the type has at most; -1: no bound.
func textLength(t schemas.Type) int {
	switch t.Kind {
	case schemas.Char, schemas.VarChar, schemas.Binary, schemas.VarBinary:
		return t.Length
	case schemas.Decimal:
		return t.Length + 2
	case schemas.Float:
		return 12
	case schemas.Double:
		return 22
	case schemas.Date:
		return 10
	case schemas.Time:
		return 10 + fractionWidth(t)
	case schemas.DateTime, schemas.Timestamp:
		return 19 + fractionWidth(t)
	case schemas.Enum:
		longest := 0
		for _, m := range t.Members {
			longest = max(longest, len([]rune(m)))
		}
		return longest
	case schemas.Set:
		return len([]rune(strings.Join(t.Members, ",")))
	case schemas.TinyText, schemas.TinyBlob:
		return 255
	case schemas.Text, schemas.Blob:
		return 65535
	case schemas.MediumText, schemas.MediumBlob:
		return 1<<24 - 1
	case schemas.LongText, schemas.LongBlob, schemas.JSON, schemas.Geometry, schemas.Vector:
		return -1
	case 0:
		return 0
	}
	return precisionOf(t) + 1
}

func fractionWidth(t schemas.Type) int {
	if t.Decimals > 0 {
		return t.Decimals + 1
	}
	return 0
}

// Bytes is SQL for the bytes of a string in its character set.
func Bytes(a Operand) (string, error) { return asBytes(a) }

// asBytes turns an operand into SQL for a BLOB: the bytes of its string in its character set.
func asBytes(a Operand) (string, error) {
	a, err := asText(a)
	if err != nil || isNull(a) {
		return a.SQL, err
	}
	if a.Type.IsBlob() {
		return a.SQL, nil
	}
	if a.Constant != nil && isUTF8(a.Type) {
		return QuoteValue(txn.Blob(a.Constant.Bytes())), nil
	}
	if isUTF8(a.Type) {
		return "CAST(" + a.SQL + " AS BLOB)", nil
	}
	return call("marmot_encode", a.SQL, quoteText(a.Type.Charset)), nil
}

// besideBytes reports whether text meets a binary string, where it has not the bytes that it is stored in.
func besideBytes(a Operand, collation string) bool {
	return collation == "binary" && a.Type.IsText() && !isUTF8(a.Type)
}

// isUTF8 reports whether the bytes of stored text are those of the type's character set.
func isUTF8(t schemas.Type) bool {
	switch t.Charset {
	case "", "utf8mb4", "utf8mb3", "ascii", "binary":
		return true
	}
	return false
}

// asJSONValue is SQL for an operand as a JSON value: text becomes a JSON string.
func asJSONValue(a Operand) string {
	t := a.Type
	switch {
	case a.Param:
		return call("marmot_to_json", a.SQL, "'scalar'")
	case isNull(a):
		return "'null'"
	case t.Kind == schemas.JSON:
		if !a.Nullable {
			return a.SQL
		}
		return "ifnull(" + a.SQL + ", 'null')"
	}
	a = inSession(a)
	kind := "text"
	switch {
	case isBool(t) || t.Kind == schemas.TinyInt && t.Length == 1 && a.Constant != nil:
		kind = "bool"
	case t.IsNumeric() || t.Kind == schemas.Year:
		kind = "number"
	case t.Kind == schemas.Time:
		kind = "time"
	case t.Kind == schemas.DateTime, t.Kind == schemas.Timestamp:
		kind = "datetime"
	case t.IsBlob():
		kind = "blob"
	case t.Kind == schemas.Bit:
		kind = "bit"
	}
	return call("marmot_to_json", a.SQL, quoteText(kind))
}
