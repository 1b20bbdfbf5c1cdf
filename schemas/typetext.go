package schemas

import (
	"strconv"
	"strings"
)

// Name is the type's name alone, as information_schema.COLUMNS.DATA_TYPE has it.
func (t Type) Name() string {
	switch t.Kind {
	case TinyInt:
		return "tinyint"
	case SmallInt:
		return "smallint"
	case MediumInt:
		return "mediumint"
	case Int:
		return "int"
	case BigInt:
		return "bigint"
	case Decimal:
		return "decimal"
	case Float:
		return "float"
	case Double:
		return "double"
	case Bit:
		return "bit"
	case Date:
		return "date"
	case Time:
		return "time"
	case DateTime:
		return "datetime"
	case Timestamp:
		return "timestamp"
	case Year:
		return "year"
	case Geometry:
		switch t.Spelling {
		case "":
		case "GEOMETRYCOLLECTION":
			return "geomcollection"
		default:
			return strings.ToLower(t.Spelling)
		}
		return "geometry"
	case Vector:
		return "vector"
	}
	return t.stringName()
}

// stringName is Name for the types of strings.
func (t Type) stringName() string {
	switch t.Kind {
	case Char:
		return "char"
	case VarChar:
		return "varchar"
	case TinyText:
		return "tinytext"
	case Text:
		return "text"
	case MediumText:
		return "mediumtext"
	case LongText:
		return "longtext"
	case Binary:
		return "binary"
	case VarBinary:
		return "varbinary"
	case TinyBlob:
		return "tinyblob"
	case Blob:
		return "blob"
	case MediumBlob:
		return "mediumblob"
	case LongBlob:
		return "longblob"
	case Enum:
		return "enum"
	case Set:
		return "set"
	case JSON:
		return "json"
	}
	return "unknown"
}

// String is the whole type, as information_schema.COLUMNS.COLUMN_TYPE and SHOW have it. Members lose what utf8mb3 has not.
func (t Type) String() string {
	var b strings.Builder
	b.WriteString(t.Name())
	switch t.Kind {
	case TinyInt, SmallInt, MediumInt, Int, BigInt:
		// MySQL 8 prints a display width with ZEROFILL only, and that of tinyint(1).
		if t.Zerofill || t.Kind == TinyInt && t.Length == 1 && !t.Unsigned {
			writeLength(&b, t.displayWidth())
		}
	case Decimal:
		b.WriteString("(" + strconv.Itoa(t.Length) + "," + strconv.Itoa(t.Decimals) + ")")
	case Float, Double:
		if t.Decimals >= 0 {
			b.WriteString("(" + strconv.Itoa(t.Length) + "," + strconv.Itoa(t.Decimals) + ")")
		}
	case Bit, Char, VarChar, Binary, VarBinary, Vector:
		writeLength(&b, t.Length)
	case Time, DateTime, Timestamp:
		if t.Decimals > 0 {
			writeLength(&b, t.Decimals)
		}
	case Enum, Set:
		b.WriteByte('(')
		for i, m := range t.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(QuoteMySQL(InSet("utf8mb3", m)))
		}
		b.WriteByte(')')
	}
	if t.Unsigned {
		b.WriteString(" unsigned")
	}
	if t.Zerofill {
		b.WriteString(" zerofill")
	}
	return b.String()
}

// Shown is what SHOW CREATE TABLE has in parentheses behind the type's name, with these; "()" if it has none.
func (t Type) Shown() string {
	if t.Kind == Enum || t.Kind == Set {
		return "()"
	}
	text := t.String()
	from, to := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if from < 0 || to < from {
		return "()"
	}
	return text[from : to+1]
}

func writeLength(b *strings.Builder, n int) { b.WriteString("(" + strconv.Itoa(n) + ")") }

// displayWidth is the width that ZEROFILL fills up to.
func (t Type) displayWidth() int {
	if t.Length > 0 {
		return t.Length
	}
	switch t.Kind {
	case TinyInt:
		return 3 + t.signWidth()
	case SmallInt:
		return 5 + t.signWidth()
	case MediumInt:
		return 8 + t.signWidth()
	case Int:
		return 10 + t.signWidth()
	}
	return 20
}

func (t Type) signWidth() int {
	if t.Unsigned {
		return 0
	}
	return 1
}

// QuoteMySQL quotes a string as SHOW CREATE TABLE does.
func QuoteMySQL(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := range len(s) {
		switch s[i] {
		case '\'':
			b.WriteString("''")
		case '\\':
			b.WriteString(`\\`)
		case 0:
			b.WriteString(`\0`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		default:
			b.WriteByte(s[i])
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// QuoteName quotes an identifier for MySQL.
func QuoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// IsText reports whether the type has a character set: CHAR, VARCHAR, the TEXTs, ENUM and SET.
func (t Type) IsText() bool {
	return t.Kind >= Char && t.Kind <= LongText || t.Kind == Enum || t.Kind == Set
}

// IsBlob reports whether the type is BINARY, VARBINARY or one of the BLOBs.
func (t Type) IsBlob() bool { return t.Kind >= Binary && t.Kind <= LongBlob }

// IsInteger reports whether the type is one of the integers, YEAR and BIT left out.
func (t Type) IsInteger() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }

// IsNumeric reports whether the type is an integer, DECIMAL, FLOAT or DOUBLE.
func (t Type) IsNumeric() bool { return t.Kind >= TinyInt && t.Kind <= Double }

// IsTemporal reports whether the type is a date, a time or both; not YEAR.
func (t Type) IsTemporal() bool { return t.Kind >= Date && t.Kind <= Timestamp }

// IsLarge reports whether the type is a TEXT, BLOB, JSON or geometry, which can have neither a
// literal default nor an index over its whole length.
func (t Type) IsLarge() bool {
	return t.Kind >= TinyText && t.Kind <= LongText || t.Kind >= TinyBlob && t.Kind <= LongBlob ||
		t.Kind == JSON || t.Kind == Geometry || t.Kind == Vector
}

// EnumIndex returns the number of an ENUM's stored member: 1 for the first, 0 for the empty
// string that stands for a value that was not a member.
func EnumIndex(t Type, text []byte) (int, bool) {
	for i, m := range t.Members {
		if m == string(text) {
			return i + 1, true
		}
	}
	return 0, len(text) == 0
}
