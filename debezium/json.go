package debezium

import (
	"context"
	"encoding/base64"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSONOptions configure a JSONConverter, by the names of org.apache.kafka.connect.json.JsonConverter.
type JSONOptions struct {
	// SchemasEnable puts the Connect schema into each message: schemas.enable.
	SchemasEnable bool
	// ReplaceNullWithDefault writes a column's default in place of NULL, as JsonConverter does unless
	// told otherwise. It loses the NULL, so it is off here unless asked for.
	ReplaceNullWithDefault bool
	// DecimalNumbers writes Decimals as numbers instead of bytes: decimal.format = NUMERIC.
	DecimalNumbers bool
}

// JSONConverter writes messages as JsonConverter does: the payload alone, or schema and payload.
type JSONConverter struct {
	options JSONOptions
	schemas map[*Schema][]byte // text up to the payload; schemas are immutable
	decimals
	room room
}

// NewJSONConverter returns a converter.
func NewJSONConverter(o JSONOptions) *JSONConverter {
	return &JSONConverter{options: o, schemas: map[*Schema][]byte{}, decimals: decimals{map[*Schema]*Schema{}}}
}

// Convert implements Converter. It does not fail.
func (c *JSONConverter) Convert(_ context.Context, _ string, d Datum) ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	if c.options.DecimalNumbers {
		d.Schema, d.Value = c.schema(d.Schema), c.value(d.Schema, d.Value)
	}
	var head []byte
	if c.options.SchemasEnable {
		head = c.head(d.Schema)
	}
	b := appendValue(append(c.room.of(len(head)), head...), d.Schema, d.Value, c.options.ReplaceNullWithDefault)
	c.room.used(len(b) - len(head))
	if c.options.SchemasEnable {
		b = append(b, '}')
	}
	return b, nil
}

// room guesses how long a message gets: about as long as the one before.
type room int

// maxRoom bounds a guess.
const maxRoom = 64 << 10

// of returns space for a message behind n bytes.
func (r *room) of(n int) []byte { return make([]byte, 0, n+int(*r)) }

// used tells how long a message became.
func (r *room) used(n int) { *r = room(min(n+n/8+16, maxRoom)) }

// head returns what stands before the payload.
func (c *JSONConverter) head(s *Schema) []byte {
	if head := c.schemas[s]; head != nil {
		return head
	}
	if len(c.schemas) >= 2*maxTables {
		clear(c.schemas)
	}
	head := append(appendSchema([]byte(`{"schema":`), s, ""), `,"payload":`...)
	c.schemas[s] = head
	return head
}

// appendValue appends a value of the schema. With defaults, null becomes the schema's default,
// as JsonConverter's replace.null.with.default does.
func appendValue(b []byte, s *Schema, v any, defaults bool) []byte {
	if v == nil && defaults {
		v = s.Default
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float32:
		return appendDouble(b, float64(v), 32)
	case float64:
		return appendDouble(b, v, 64)
	case string:
		return appendString(b, v)
	case numeral:
		return append(b, v...)
	case []byte:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v)
		return append(b, '"')
	case []any:
		return appendComposite(b, s, v, defaults)
	}
	return append(b, "null"...)
}

// appendComposite appends an array, a map or a struct.
func appendComposite(b []byte, s *Schema, v []any, defaults bool) []byte {
	if s.Kind == KindArray {
		b = append(b, '[')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, s.Items, v[i], defaults)
		}
		return append(b, ']')
	}
	if s.Kind == KindMap {
		return appendMap(b, s, v, defaults)
	}
	b = append(b, '{')
	for i := range s.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s.Fields[i].Name)
		b = append(b, ':')
		b = appendValue(b, s.Fields[i].Schema, v[i], defaults)
	}
	return append(b, '}')
}

// appendMap appends a map with keys that are strings.
func appendMap(b []byte, s *Schema, v []any, defaults bool) []byte {
	b = append(b, '{')
	for i, entry := range v {
		if i > 0 {
			b = append(b, ',')
		}
		pair := entry.([]any)
		b = appendString(b, pair[0].(string))
		b = append(b, ':')
		b = appendValue(b, s.Items, pair[1], defaults)
	}
	return append(b, '}')
}

// appendDouble spells a number as Java's Double.toString does: 1.0, 1.0E10, -1.0E-10. What
// JSON has no number for is a string, as Jackson writes it.
func appendDouble(b []byte, f float64, size int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	abs := math.Abs(f)
	if f == 0 || abs >= 1e-3 && abs < 1e7 {
		text := strconv.FormatFloat(f, 'f', -1, size)
		b = append(b, text...)
		if !strings.Contains(text, ".") {
			b = append(b, ".0"...)
		}
		return b
	}
	digits := strconv.FormatFloat(f, 'e', -1, size)
	if !strings.Contains(digits, ".") { // Java takes the nearest number of two digits
		digits = strconv.FormatFloat(f, 'e', 1, size)
	}
	if precision := map[int]int{32: 24, 64: 53}[size]; abs < 1<<63 && abs >= float64(uint64(1)<<precision) {
		digits = wholeDigits(f, precision)
	}
	mantissa, exponent, _ := strings.Cut(digits, "e")
	b = append(b, mantissa...)
	if !strings.Contains(mantissa, ".") {
		b = append(b, ".0"...)
	}
	n, _ := strconv.Atoi(exponent) // FormatFloat wrote it
	return strconv.AppendInt(append(b, 'E'), int64(n), 10)
}

// wholeDigits writes a whole number of more bits than its type keeps as Java does up to version 18: rounded to the digits that are certain, which may be
// more than it takes to tell it from its neighbours.
func wholeDigits(f float64, precision int) string {
	n := uint64(math.Abs(f))
	power := uint64(1)
	for spread := uint64(1) << max(bits.Len64(n)-precision-2, 0); power*10 <= spread; {
		power *= 10
	}
	text := strconv.FormatUint((n+power/2)/power*power, 10)
	digits := text[:1] + "." + strings.TrimRight(text[1:], "0")
	sign := ""
	if f < 0 {
		sign = "-"
	}
	return sign + strings.TrimSuffix(digits, ".") + "e" + strconv.Itoa(len(text)-1)
}

const upperHex = "0123456789ABCDEF"

// appendString appends a JSON string as Jackson writes it: control characters escaped, the
// basic plane as it is, and what lies beyond it as two surrogates.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			end := i
			for end < len(s) && plainASCII(s[end]) {
				end++
			}
			if end > i {
				b, i = append(b, s[i:end]...), end
				continue
			}
			b = appendASCII(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, "\uFFFD"...)
		case r > 0xffff:
			r -= 0x10000
			b = appendUnicode(b, uint16(0xd800+r>>10))
			b = appendUnicode(b, uint16(0xdc00+r&0x3ff))
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return append(b, '"')
}

// plainASCII reports whether a byte stands for itself in a JSON string.
func plainASCII(c byte) bool { return c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' }

func appendASCII(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	}
	if c < 0x20 {
		return appendUnicode(b, uint16(c))
	}
	return append(b, c)
}

func appendUnicode(b []byte, u uint16) []byte {
	return append(b, '\\', 'u', upperHex[u>>12], upperHex[u>>8&15], upperHex[u>>4&15], upperHex[u&15])
}
