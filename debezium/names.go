package debezium

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// schemaName makes the name of a schema out of a topic's: schema.name.adjustment.mode.
func (o *Options) schemaName(topic string) string { return adjust(topic, o.SchemaNames, true) }

// fieldName makes the name of a field out of a column's: field.name.adjustment.mode.
func (o *Options) fieldName(column string) string { return adjust(column, o.FieldNames, false) }

// adjust replaces each UTF-16 unit that may not stand in a name of Avro, and a full stop where dots is false. Mode avro makes underscores, and puts one
// before a digit that comes first; avro_unicode writes _u and the unit, for which an underscore is no letter.
func adjust(name, mode string, dots bool) string {
	if mode == "" || mode == AdjustNone {
		return name
	}
	escapes := mode == AdjustAvroUnicode
	var b strings.Builder
	for i, u := range utf16.Encode([]rune(name)) {
		letter := u >= 'a' && u <= 'z' || u >= 'A' && u <= 'Z' || u == '_' && !escapes
		digit := u >= '0' && u <= '9'
		switch {
		case letter, i > 0 && (digit || u == '.' && dots):
			b.WriteByte(byte(u))
		case escapes:
			b.WriteString(unicodeEscape(u))
		case digit:
			b.WriteString("_" + string(rune(u)))
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// unicodeEscape is Debezium's UnicodeReplacementFunction: two digits become four, and three stay as they are.
func unicodeEscape(u uint16) string {
	digits := strconv.FormatUint(uint64(u), 16)
	if len(digits) <= 2 {
		digits = "00" + digits
	}
	return "_u" + digits
}
