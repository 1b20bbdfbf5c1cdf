package debezium

import (
	"cmp"
	"strconv"
	"strings"

	"marmot/schemas"
)

// The connector knows a column by the text of the statement that it has read: CREATE and ALTER TABLE as they were written, or
// what SHOW CREATE TABLE said when it took a snapshot. Type.Spelling tells which: it is empty in the second case.

// typeName is the type as declared, in capitals and without its length.
func typeName(t schemas.Type) string {
	name := t.Spelling
	if name == "" {
		name = strings.ToUpper(t.Name())
	}
	if name == "SERIAL" {
		name = "BIGINT"
	}
	modifier := modifierOf(t)
	if t.Unsigned && modifier != "SIGNED" {
		name += " UNSIGNED"
	}
	if modifier != "" {
		name += " " + modifier
	}
	if t.Zerofill {
		name += " ZEROFILL"
	}
	return name
}

// modifierOf is SIGNED or BINARY where the statement had that.
func modifierOf(t schemas.Type) string {
	if t.Declared == nil {
		return ""
	}
	return t.Declared.Modifier
}

// memberTexts are the members of an ENUM or SET as they stand between quotes in the statement, or in SHOW CREATE TABLE, which has no characters beyond the
// first plane.
func memberTexts(t schemas.Type) []string {
	if t.Declared != nil && t.Declared.Members != nil {
		return t.Declared.Members
	}
	list := make([]string, len(t.Members))
	for i, m := range t.Members {
		if t.Spelling == "" {
			m = strings.Map(func(r rune) rune {
				if r > 0xffff {
					return '?'
				}
				return r
			}, m)
		}
		list[i] = literalText(m)
	}
	return list
}

// jdbcType is the number of java.sql.Types that the connector gives the type.
func jdbcType(t schemas.Type) int64 {
	switch t.Spelling {
	case "BOOL", "BOOLEAN":
		return 16
	case "NUMERIC":
		return 2
	case "REAL":
		return 7
	case "NCHAR", "NATIONAL CHAR", "NATIONAL CHARACTER":
		return -15
	case "FLOAT", "FLOAT4": // which may be as wide as a DOUBLE
		return 6
	case "CHAR", "CHARACTER": // which CHARACTER SET binary makes a BINARY
		return 1
	case "VARCHAR", "CHAR VARYING", "CHARACTER VARYING":
		return 12
	}
	switch {
	case isNational(t):
		return -9
	case isCharacterBinary(t):
		return 12
	}
	switch t.Kind {
	case schemas.TinyInt, schemas.SmallInt:
		return 5
	case schemas.MediumInt, schemas.Int, schemas.Year:
		return 4
	case schemas.BigInt:
		return -5
	case schemas.Bit:
		return -7
	case schemas.Decimal:
		return 3
	case schemas.Float:
		return 6
	case schemas.Double:
		return 8
	case schemas.Char, schemas.Enum, schemas.Set:
		return 1
	case schemas.VarChar, schemas.TinyText, schemas.Text, schemas.MediumText, schemas.LongText:
		return 12
	case schemas.Binary:
		return -2
	case schemas.VarBinary:
		return -3
	case schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob:
		return 2004
	case schemas.Date:
		return 91
	case schemas.Time:
		return 92
	case schemas.DateTime:
		return 93
	case schemas.Timestamp:
		return 2014
	}
	return 1111
}

// isNational reports whether the type was declared as NCHAR or the like, whose character set the connector calls utf8.
func isNational(t schemas.Type) bool {
	return strings.HasPrefix(t.Spelling, "N") && t.IsText()
}

// charsetName is the character set that a schema change tells.
func charsetName(t schemas.Type) any {
	switch {
	case isNational(t):
		return "utf8"
	case t.Declared != nil && t.Declared.Charset != "":
		return t.Declared.Charset
	case isCharacterBinary(t):
		return "binary"
	case t.IsText() && t.Charset != "" || len(t.Members) > 0:
		return t.Charset
	}
	return nil
}

// isCharacterBinary reports whether CHARACTER SET binary has made a binary type of a character type, at which the connector does
// not look.
func isCharacterBinary(t schemas.Type) bool {
	if !t.IsBlob() || strings.HasSuffix(t.Spelling, "BINARY") {
		return false
	}
	return strings.HasPrefix(t.Spelling, "CHAR") || strings.HasPrefix(t.Spelling, "VARCHAR") || t.Spelling == "LONG" || strings.HasPrefix(t.Spelling, "LONG ") || strings.HasSuffix(t.Spelling, "TEXT")
}

// lengthAndScale are what was declared in parentheses, or what SHOW CREATE TABLE has there, as numbers; null where the type has
// none.
func lengthAndScale(t schemas.Type) (length, scale any) {
	switch t.Kind {
	case schemas.Enum:
		return int64(1), nil
	case schemas.Set:
		return int64(2*len(t.Members) - 1), nil
	}
	arguments := t.Shown()
	if t.Spelling != "" {
		arguments = cmp.Or(t.Written, arguments)
	}
	if spelled := t.Spelling == "BOOL" || t.Spelling == "BOOLEAN" || t.Spelling == "SERIAL"; spelled {
		arguments = "()"
	}
	first, second, two := strings.Cut(strings.Trim(arguments, "()"), ",")
	if n, err := strconv.ParseInt(first, 10, 64); err == nil {
		length = n
		if n == 0 && t.Kind != schemas.Time && t.Kind != schemas.DateTime && t.Kind != schemas.Timestamp {
			length = int64(10) // which the connector takes zero for
		}
	}
	if n, err := strconv.ParseInt(second, 10, 64); err == nil && two {
		scale = n
	}
	switch t.Kind {
	case schemas.Decimal:
		return int64(cmp.Or(t.Length, 10)), int64(t.Decimals)
	case schemas.Bit:
		return int64(max(t.Length, 1)), nil
	}
	return length, scale
}
