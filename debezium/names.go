package debezium

import (
	"strings"
	"unicode"
)

// schemaName makes the name of a schema out of a topic's: schema.name.adjustment.mode.
func (o *Options) schemaName(topic string) string {
	switch o.SchemaNames {
	case AdjustAvro:
		return adjust(topic, ".", underscore)
	case AdjustAvroUnicode:
		return adjust(topic, ".", unicodeEscape)
	}
	return topic
}

// fieldName makes the name of a field out of a column's: field.name.adjustment.mode.
func (o *Options) fieldName(column string) string {
	switch o.FieldNames {
	case AdjustAvro:
		return adjust(column, "", underscore)
	case AdjustAvroUnicode:
		return adjust(column, "", unicodeEscape)
	}
	return column
}

func underscore(uint16) string { return "_" }

// unicodeEscape writes a character as _uXXXX, as Debezium's UnicodeReplacementFunction does.
func unicodeEscape(u uint16) string {
	return "_u" + string([]byte{lowerHex[u>>12], lowerHex[u>>8&15], lowerHex[u>>4&15], lowerHex[u&15]})
}

const lowerHex = "0123456789abcdef"

// adjust replaces each UTF-16 unit that may not stand in a name of Avro. A digit may not come first: an underscore goes
// before it.
func adjust(name, more string, replace func(uint16) string) string {
	var b strings.Builder
	for i, r := range name {
		letter := r == '_' || r <= unicode.MaxASCII && unicode.IsLetter(r) || strings.ContainsRune(more, r)
		digit := r >= '0' && r <= '9'
		switch {
		case letter:
			b.WriteRune(r)
		case digit && i == 0:
			b.WriteString("_" + string(r))
		case digit:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			b.WriteString(replace(uint16(0xd800+r>>10)) + replace(uint16(0xdc00+r&0x3ff)))
		default:
			b.WriteString(replace(uint16(r)))
		}
	}
	return b.String()
}
