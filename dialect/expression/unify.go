package expression

import (
	"slices"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Unify is the type of a column or value that may be any of the operands: CASE, COALESCE, UNION.
// NULL gives way to what has a type. A parameter is of the type of its value; while that is not known, the
// type is the widest one of its sort, and a string's beside nothing else. Error 1267 where collations of strings don't mix.
func Unify(list []Operand) (schemas.Type, error) {
	var t schemas.Type
	params, variables, collation := false, false, ""
	texts, given := false, false
	for _, a := range list {
		a = resolved(a)
		switch {
		case a.Param:
			params, variables, collation = true, variables || a.Given == nil, a.Type.Collation
		case isNull(a):
		case t.Kind == 0:
			t = a.Type
		default:
			t = unifyTypes(t, a.Type)
		}
		texts = texts || isString(a)
		given = given || a.Given != nil && a.Type.IsInteger()
	}
	switch {
	case params && t.IsInteger() && !variables:
		t = schemas.Type{Kind: schemas.BigInt, Unsigned: t.Unsigned, Length: longestInteger}
	case given && t.IsInteger():
		t.Length = longestInteger
	case params:
		t = widest(t, collation)
		texts = texts || t.IsText()
	}
	if t.Kind == schemas.Enum || t.Kind == schemas.Set {
		if len(list) > 1 {
			t = text(textLength(t), t.Collation)
		}
	}
	if t.IsText() && t.Kind != schemas.Enum && t.Kind != schemas.Set && texts {
		common, err := commonCollation("UNION", list, false)
		if err != nil {
			return t, err
		}
		if c := schemas.LookupCollation(common.collation); c != nil && c.Name != "binary" {
			t.Collation, t.Charset = c.Name, c.Charset
		}
	}
	return t, nil
}

// UnifyColumns is Unify for the columns of a set operation, whose strings have to have one order.
func UnifyColumns(list []Operand) (schemas.Type, error) {
	t, err := Unify(list)
	if err != nil || !t.IsText() {
		return t, err
	}
	found := strengthOf(list[0])
	for _, a := range list[1:] {
		next, ok := merge(found, strengthOf(a))
		if !ok {
			return t, mysqlerr.Newf(mysql.ER_CANT_AGGREGATE_NCOLLATIONS, "Illegal mix of collations for operation 'UNION'")
		}
		found = next
	}
	return t, nil
}

// unifyTypes is the type that holds values of both.
func unifyTypes(a, b schemas.Type) schemas.Type {
	switch {
	case a.Kind == schemas.JSON && b.Kind == schemas.JSON:
		return a
	case a.IsNumeric() && b.IsNumeric():
		return unifyNumbers(a, b)
	case a.Kind == schemas.Bit && b.Kind == schemas.Bit:
		a.Length = max(a.Length, b.Length)
		return a
	case a.Kind == schemas.Year && b.Kind == schemas.Year:
		return a
	case numberLike(a) && numberLike(b):
		return unifyNumbers(plainNumber(a), plainNumber(b))
	case a.IsTemporal() && b.IsTemporal():
		return unifyTemporal(a, b)
	case (a.Kind == schemas.Enum || a.Kind == schemas.Set) && a.Kind == b.Kind && slices.Equal(a.Members, b.Members):
		return a
	}
	return unifyStrings(a, b)
}

func numberLike(t schemas.Type) bool {
	return t.IsNumeric() || t.Kind == schemas.Year || t.Kind == schemas.Bit
}

func plainNumber(t schemas.Type) schemas.Type {
	switch t.Kind {
	case schemas.Year:
		return schemas.Type{Kind: schemas.Int, Unsigned: true, Length: 4}
	case schemas.Bit:
		return unsignedBigint()
	}
	return t
}

func unifyNumbers(a, b schemas.Type) schemas.Type {
	switch {
	case a.Kind == schemas.Float && b.Kind == schemas.Float && a.Decimals == b.Decimals:
		a.Length = max(a.Length, b.Length)
		return a
	case isReal(a) || isReal(b):
		return double()
	case a.Kind == schemas.Decimal || b.Kind == schemas.Decimal:
		scale := max(scaleOf(a), scaleOf(b))
		return decimal(max(precisionOf(a)-scaleOf(a), precisionOf(b)-scaleOf(b))+scale, scale)
	}
	if isBool(a) && isBool(b) {
		return a
	}
	out := integerOfPrecision(max(precisionOf(a), precisionOf(b)), a.Unsigned && b.Unsigned)
	out.Kind = max(a.Kind, b.Kind)
	if a.Unsigned == b.Unsigned {
		return out
	}
	signed, other := a, b
	if a.Unsigned {
		signed, other = b, a
	}
	out.Unsigned = false
	switch {
	case other.Kind == schemas.BigInt && precisionOf(other) < 19:
		out.Kind = schemas.BigInt
	case other.Kind == schemas.BigInt:
		return decimal(20, 0)
	case signed.Kind <= other.Kind:
		out.Kind = min(other.Kind+1, schemas.BigInt)
	}
	return out
}

func unifyTemporal(a, b schemas.Type) schemas.Type {
	if a.Kind == b.Kind {
		a.Decimals = max(a.Decimals, b.Decimals)
		return a
	}
	return schemas.Type{Kind: schemas.DateTime, Decimals: max(a.Decimals, b.Decimals)}
}

// bytesLength is the length of a type's text in bytes; that of numbers and dates has one for each character.
func bytesLength(t schemas.Type) int {
	n := textLength(t)
	if c, ok := schemas.LookupCharset(t.Charset); ok && (t.Kind == schemas.Char || t.Kind == schemas.VarChar || t.Kind == schemas.Enum || t.Kind == schemas.Set) {
		n *= c.MaxLen
	}
	return n
}

// unifyStrings is the string type that holds both: binary if one is.
func unifyStrings(a, b schemas.Type) schemas.Type {
	n := max(textLength(a), textLength(b))
	if textLength(a) < 0 || textLength(b) < 0 {
		n = -1
	}
	if a.IsBlob() || b.IsBlob() || a.Kind == schemas.Bit || b.Kind == schemas.Bit ||
		a.Kind >= schemas.Geometry || b.Kind >= schemas.Geometry {
		if n >= 0 {
			n = max(bytesLength(a), bytesLength(b))
		}
		return bytesType(n)
	}
	collation := a.Collation
	if collation == "" {
		collation = b.Collation
	}
	return text(n, collation)
}
