package wire

import (
	"encoding/binary"

	"marmot/dialect"
	"marmot/schemas"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// binaryCollation is the collation of what is no text.
const binaryCollation = 63

// column is what the encoders need of a result column.
type column struct {
	typ     schemas.Type
	code    byte                          // MYSQL_TYPE_…
	convert func(dst, text []byte) []byte // of values, to the client's character set; nil: none
	names   func(dst, text []byte) []byte // of names, likewise
	charset uint16
	stored  bool // a column of a table
	raw     bool // text is sent in its own character set: results are not converted
}

func newColumn(c *dialect.ResultColumn, settings session.WireSettings) column {
	col := column{typ: c.Type, code: typeCode(c.Type), charset: binaryCollation, names: settings.FromUTF8, stored: c.OrgName != ""}
	if c.OrgName == "" && !c.Temporary { // of a table's columns all sizes are one
		switch c.Type.Kind {
		case schemas.LongText, schemas.LongBlob:
			col.code = mysql.MYSQL_TYPE_LONG_BLOB
		case schemas.MediumText, schemas.MediumBlob:
			col.code = mysql.MYSQL_TYPE_MEDIUM_BLOB
		}
	}
	if isText(c.Type) || c.Type.Kind == schemas.JSON && (!col.stored || c.Temporary) {
		col.charset, col.convert = settings.CollationID, settings.FromUTF8
		if col.charset == 0 || col.charset == binaryCollation { // results are not converted
			col.charset, col.raw = defaultCollation, true
			if known := schemas.LookupCollation(c.Type.Collation); known != nil {
				col.charset, col.convert = known.ID, schemas.FromUTF8(known.Charset)
			}
			if settings.CollationID == binaryCollation {
				col.charset = binaryCollation
			}
		}
	}
	return col
}

// isText reports whether values of the type are sent in the client's character set.
func isText(t schemas.Type) bool {
	switch t.Kind {
	case schemas.Char, schemas.VarChar, schemas.TinyText, schemas.Text, schemas.MediumText, schemas.LongText,
		schemas.Enum, schemas.Set:
		return t.Charset != "binary"
	}
	return false
}

var typeCodes = [...]byte{
	0:                  mysql.MYSQL_TYPE_NULL,
	schemas.TinyInt:    mysql.MYSQL_TYPE_TINY,
	schemas.SmallInt:   mysql.MYSQL_TYPE_SHORT,
	schemas.MediumInt:  mysql.MYSQL_TYPE_INT24,
	schemas.Int:        mysql.MYSQL_TYPE_LONG,
	schemas.BigInt:     mysql.MYSQL_TYPE_LONGLONG,
	schemas.Decimal:    mysql.MYSQL_TYPE_NEWDECIMAL,
	schemas.Float:      mysql.MYSQL_TYPE_FLOAT,
	schemas.Double:     mysql.MYSQL_TYPE_DOUBLE,
	schemas.Bit:        mysql.MYSQL_TYPE_BIT,
	schemas.Date:       mysql.MYSQL_TYPE_DATE,
	schemas.Time:       mysql.MYSQL_TYPE_TIME,
	schemas.DateTime:   mysql.MYSQL_TYPE_DATETIME,
	schemas.Timestamp:  mysql.MYSQL_TYPE_TIMESTAMP,
	schemas.Year:       mysql.MYSQL_TYPE_YEAR,
	schemas.Char:       mysql.MYSQL_TYPE_STRING,
	schemas.VarChar:    mysql.MYSQL_TYPE_VAR_STRING,
	schemas.TinyText:   mysql.MYSQL_TYPE_BLOB,
	schemas.Text:       mysql.MYSQL_TYPE_BLOB,
	schemas.MediumText: mysql.MYSQL_TYPE_BLOB,
	schemas.LongText:   mysql.MYSQL_TYPE_BLOB,
	schemas.Binary:     mysql.MYSQL_TYPE_STRING,
	schemas.VarBinary:  mysql.MYSQL_TYPE_VAR_STRING,
	schemas.TinyBlob:   mysql.MYSQL_TYPE_BLOB,
	schemas.Blob:       mysql.MYSQL_TYPE_BLOB,
	schemas.MediumBlob: mysql.MYSQL_TYPE_BLOB,
	schemas.LongBlob:   mysql.MYSQL_TYPE_BLOB,
	schemas.Enum:       mysql.MYSQL_TYPE_STRING,
	schemas.Set:        mysql.MYSQL_TYPE_STRING,
	schemas.JSON:       mysql.MYSQL_TYPE_JSON,
	schemas.Geometry:   mysql.MYSQL_TYPE_GEOMETRY,
	schemas.Vector:     mysql.MYSQL_TYPE_VECTOR,
}

// typeCode returns the protocol's number of a type; TEXT and BLOB of all sizes are one.
func typeCode(t schemas.Type) byte {
	if int(t.Kind) < len(typeCodes) {
		return typeCodes[t.Kind]
	}
	return mysql.MYSQL_TYPE_VAR_STRING
}

// typeFlags returns the flags that follow from the type, and from whether it is a column of a
// table's: MySQL calls numbers binary only where they are computed.
//
// BLOB_FLAG is of stored columns only.
func typeFlags(t schemas.Type, stored bool) uint16 {
	var flags uint16
	if t.Unsigned {
		flags |= mysql.UNSIGNED_FLAG
	}
	if t.Zerofill {
		flags |= mysql.ZEROFILL_FLAG | mysql.UNSIGNED_FLAG
	}
	switch t.Kind {
	case schemas.TinyText, schemas.Text, schemas.MediumText, schemas.LongText:
		if stored {
			flags |= mysql.BLOB_FLAG
		}
	case schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob, schemas.JSON, schemas.Geometry, schemas.Vector:
		flags |= mysql.BINARY_FLAG
		if stored {
			flags |= mysql.BLOB_FLAG
		}
	case schemas.Enum:
		flags |= mysql.ENUM_FLAG
	case schemas.Set:
		flags |= mysql.SET_FLAG
	case schemas.Bit:
		flags |= mysql.UNSIGNED_FLAG
	case schemas.Year:
		flags |= mysql.UNSIGNED_FLAG
		if stored {
			flags |= mysql.ZEROFILL_FLAG
		} else {
			flags |= mysql.BINARY_FLAG
		}
	default:
		if !isText(t) && !(stored && t.IsNumeric()) {
			flags |= mysql.BINARY_FLAG
		}
	}
	if c := schemas.LookupCollation(t.Collation); isText(t) && c != nil && c.Binary {
		flags |= mysql.BINARY_FLAG
	}
	return flags
}

// displayLength is the column length of the definition packet, in bytes of the client's
// character set.
func (col *column) displayLength() uint32 {
	t := col.typ
	width := uint64(1)
	if isText(t) {
		width = 4
		if c := schemas.CollationByID(col.charset); c != nil {
			if set, ok := schemas.LookupCharset(c.Charset); ok {
				width = uint64(set.MaxLen)
			}
		}
	}
	n := characters(t) * width
	switch {
	case col.raw && col.stored && typeCode(t) == mysql.MYSQL_TYPE_BLOB:
		n = characters(t) // a TEXT is limited in bytes
	case t.Kind == schemas.JSON && col.charset != binaryCollation:
		n = longestJSON
	case col.stored:
	case t.Kind == schemas.Double && t.Length <= 0, t.Kind == schemas.Float && t.Length == 0 && t.Decimals < 0:
		n = computedReal
	case t.Kind == schemas.BigInt && t.Length == 0:
		n = computedInteger
	}
	return uint32(min(n, 1<<32-1))
}

// Lengths of what was computed; those of columns are in numberWidths and characters.
const (
	longestJSON     = 1<<32 - 4
	computedReal    = 23
	computedInteger = 21
)

// numberWidths are the display widths of integers, signed and unsigned.
var numberWidths = map[schemas.Kind][2]uint64{
	schemas.TinyInt: {4, 3}, schemas.SmallInt: {6, 5}, schemas.MediumInt: {9, 8}, schemas.Int: {11, 10}, schemas.BigInt: {20, 20},
}

// characters is the greatest number of characters that a value of the type prints as.
func characters(t schemas.Type) uint64 {
	fraction := uint64(max(t.Decimals, 0))
	if fraction > 0 {
		fraction++
	}
	switch t.Kind {
	case schemas.TinyInt, schemas.SmallInt, schemas.MediumInt, schemas.Int, schemas.BigInt:
		if t.Length > 0 {
			return uint64(t.Length)
		}
		w := numberWidths[t.Kind]
		if t.Unsigned {
			return w[1]
		}
		return w[0]
	case schemas.Decimal:
		n := uint64(t.Length)
		if !t.Unsigned {
			n++
		}
		if t.Decimals > 0 {
			n++
		}
		return n
	case schemas.Float:
		return givenLength(t, 12)
	case schemas.Double:
		return givenLength(t, 22)
	case schemas.Vector:
		return 4 * uint64(max(t.Length, 0))
	case schemas.Date:
		return 10
	case schemas.Time:
		return 10 + fraction
	case schemas.DateTime, schemas.Timestamp:
		return 19 + fraction
	case schemas.Year:
		return 4
	case schemas.TinyText, schemas.TinyBlob:
		return 1<<8 - 1
	case schemas.Text, schemas.Blob:
		return 1<<16 - 1
	case schemas.MediumText, schemas.MediumBlob:
		return 1<<24 - 1
	case schemas.LongText, schemas.LongBlob, schemas.JSON, schemas.Geometry:
		return 1<<32 - 1
	case schemas.Enum, schemas.Set:
		return memberLength(t)
	}
	return uint64(max(t.Length, 0))
}

// givenLength is the declared length, or usual where there is none.
func givenLength(t schemas.Type, usual uint64) uint64 {
	if t.Length > 0 {
		return uint64(t.Length)
	}
	return usual
}

func memberLength(t schemas.Type) uint64 {
	longest, sum := 0, 0
	for _, m := range t.Members {
		longest = max(longest, len([]rune(m)))
		sum += len([]rune(m)) + 1
	}
	if t.Kind == schemas.Enum {
		return uint64(longest)
	}
	return uint64(max(sum-1, 0))
}

// varyingDecimals is the number of fraction digits of what has no fixed number of them: floating
// point, and text that was computed.
const varyingDecimals = 31

// decimals is the number of fraction digits in the definition packet.
func decimals(t schemas.Type, stored bool) byte {
	switch {
	case t.Kind == schemas.Float || t.Kind == schemas.Double:
		if t.Decimals < 0 {
			return varyingDecimals
		}
		return byte(t.Decimals)
	case t.Kind == schemas.Decimal || t.IsTemporal():
		return byte(max(t.Decimals, 0))
	case !stored && (t.IsText() || t.IsBlob() || t.Kind == schemas.JSON):
		return varyingDecimals
	}
	return 0
}

// appendDefinition appends the payload of a column definition.
func (col *column) appendDefinition(b []byte, c *dialect.ResultColumn) []byte {
	b = appendLenencString(b, "def")
	for _, s := range [...]string{c.Database, c.Table, c.OrgTable, c.Name, c.OrgName} {
		if col.names == nil {
			b = appendLenencString(b, s)
		} else {
			b = appendLenencBytes(b, col.names(nil, []byte(s)))
		}
	}
	stored := c.OrgName != "" || c.Temporary
	b = append(b, 0x0c)
	b = binary.LittleEndian.AppendUint16(b, col.charset)
	b = binary.LittleEndian.AppendUint32(b, col.displayLength())
	b = append(b, col.code)
	b = binary.LittleEndian.AppendUint16(b, typeFlags(c.Type, stored)|c.Flags)
	return append(b, decimals(c.Type, stored), 0, 0)
}
