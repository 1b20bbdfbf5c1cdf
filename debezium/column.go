package debezium

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// column turns stored values of one column into Connect data.
type column struct {
	schema *Schema
	// convert turns a value that is not NULL; ok is false where the type has no form for it (a zero
	// date): then it is null, or zero if the column takes no NULL.
	convert func(v txn.Value) (data any, ok bool)
	zero    any
}

// newColumn maps a column as the connector's default modes do.
func newColumn(c *schemas.Column, o *Options) column {
	col := baseColumn(c, o)
	s := *col.schema
	s.Optional = c.Nullable
	s.Default = col.defaultOf(c)
	col.schema = &s
	return col
}

// value returns the data of a stored value.
func (c *column) value(v txn.Value) any {
	if v.IsNull() {
		return nil
	}
	data, ok := c.convert(v)
	switch {
	case ok:
		return data
	case c.schema.Optional:
		return nil
	case c.schema.Default != nil:
		return c.schema.Default
	}
	return c.zero
}

// defaultOf returns the schema's default: that of a literal DEFAULT clause in the field's own
// form. CURRENT_TIMESTAMP of a column that takes no NULL is the epoch; expressions have none.
func (c *column) defaultOf(def *schemas.Column) any {
	d := def.Default
	switch {
	case d == nil || d.Expression != "" || def.Type.Kind == schemas.JSON:
		return nil
	case d.Now && def.Nullable:
		return nil
	case d.Now:
		return c.zero
	case d.Literal.IsNull():
		return nil
	}
	if data, ok := c.convert(d.Literal); ok {
		return data
	}
	if def.Nullable {
		return nil
	}
	return c.zero
}

func baseColumn(c *schemas.Column, o *Options) column {
	t := c.Type
	switch t.Kind {
	case schemas.TinyInt, schemas.SmallInt, schemas.MediumInt, schemas.Int, schemas.BigInt:
		return integerColumn(t)
	case schemas.Float, schemas.Double:
		return realColumn(t)
	case schemas.Decimal:
		return decimalColumn(t, o.Decimal)
	case schemas.Bit:
		return bitColumn(t)
	case schemas.Year:
		return column{&Schema{Kind: KindInt32, Name: "io.debezium.time.Year", Version: 1}, convertInteger, int64(0)}
	case schemas.Date, schemas.Time, schemas.DateTime, schemas.Timestamp:
		return temporalColumn(t)
	case schemas.Enum:
		return memberColumn("io.debezium.data.Enum", t)
	case schemas.Set:
		return memberColumn("io.debezium.data.EnumSet", t)
	case schemas.JSON:
		return column{&Schema{Kind: KindString, Name: "io.debezium.data.Json", Version: 1}, convertJSON, "{}"}
	case schemas.Binary, schemas.VarBinary, schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob, schemas.Vector:
		return column{&Schema{Kind: KindBytes}, convertBytes, []byte{}}
	case schemas.Geometry:
		return geometryColumn(t)
	}
	return column{&Schema{Kind: KindString}, convertText, ""}
}

func integerColumn(t schemas.Type) column {
	if t.Kind == schemas.TinyInt && (t.Spelling == "BOOL" || t.Spelling == "BOOLEAN") {
		return column{&Schema{Kind: KindBoolean}, func(v txn.Value) (any, bool) { return v.Int64() != 0, true }, false}
	}
	kind := KindInt64
	switch {
	case t.Kind == schemas.TinyInt, t.Kind == schemas.SmallInt && !t.Unsigned:
		kind = KindInt16
	case t.Kind == schemas.SmallInt, t.Kind == schemas.MediumInt, t.Kind == schemas.Int && !t.Unsigned:
		kind = KindInt32
	}
	return column{&Schema{Kind: kind}, convertInteger, int64(0)}
}

// convertInteger reads an integer; BIGINT UNSIGNED of 2^63 and more wraps to a negative number,
// as in bigint.unsigned.handling.mode=long.
func convertInteger(v txn.Value) (any, bool) {
	if v.Kind() == txn.KindInteger {
		return v.Int64(), true
	}
	n, err := strconv.ParseUint(string(v.Bytes()), 10, 64)
	return int64(n), err == nil
}

func realColumn(t schemas.Type) column {
	if t.Kind == schemas.Float && t.Length <= 24 && t.Decimals < 0 {
		return column{&Schema{Kind: KindFloat32}, func(v txn.Value) (any, bool) { return float32(realOf(v)), true }, float32(0)}
	}
	widen := t.Kind == schemas.Float && t.Decimals >= 0
	return column{&Schema{Kind: KindFloat64}, func(v txn.Value) (any, bool) {
		if widen {
			return float64(float32(realOf(v))), true
		}
		return realOf(v), true
	}, float64(0)}
}

func realOf(v txn.Value) float64 {
	if v.Kind() == txn.KindInteger {
		return float64(v.Int64())
	}
	return v.Float64()
}

func decimalColumn(t schemas.Type, mode DecimalMode) column {
	switch mode {
	case DecimalString:
		return column{&Schema{Kind: KindString}, convertText, "0"}
	case DecimalDouble:
		return column{&Schema{Kind: KindFloat64}, func(v txn.Value) (any, bool) {
			f, err := strconv.ParseFloat(string(decimalText(v)), 64)
			return f, err == nil
		}, float64(0)}
	}
	length := t.Length
	if length == 0 {
		length = 10
	}
	s := &Schema{Kind: KindBytes, Name: "org.apache.kafka.connect.data.Decimal", Version: 1, Parameters: []Parameter{
		{"scale", strconv.Itoa(t.Decimals)}, {"connect.decimal.precision", strconv.Itoa(length)}}}
	return column{s, func(v txn.Value) (any, bool) { return unscaled(decimalText(v), t.Decimals) }, []byte{0}}
}

func decimalText(v txn.Value) []byte {
	if v.Kind() == txn.KindInteger {
		return strconv.AppendInt(nil, v.Int64(), 10)
	}
	return v.Bytes()
}

// unscaled returns a decimal's unscaled value as minimal big-endian two's complement.
func unscaled(text []byte, scale int) (any, bool) {
	whole, fraction, _ := strings.Cut(string(text), ".")
	if len(fraction) > scale {
		return nil, false
	}
	n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok {
		return nil, false
	}
	return twosComplement(n), true
}

func twosComplement(n *big.Int) []byte {
	switch n.Sign() {
	case 0:
		return []byte{0}
	case 1:
		b := n.Bytes()
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	// -n-1 has the complement's bits.
	rest := new(big.Int).Not(n)
	length := rest.BitLen()/8 + 1
	b := rest.FillBytes(make([]byte, length))
	for i := range b {
		b[i] = ^b[i]
	}
	return b
}

func bitColumn(t schemas.Type) column {
	if t.Length <= 1 {
		return column{&Schema{Kind: KindBoolean}, func(v txn.Value) (any, bool) { return v.Int64() != 0, true }, false}
	}
	length := (t.Length + 7) / 8
	s := &Schema{Kind: KindBytes, Name: "io.debezium.data.Bits", Version: 1, Parameters: []Parameter{{"length", strconv.Itoa(t.Length)}}}
	return column{s, func(v txn.Value) (any, bool) {
		n := uint64(v.Int64())
		if v.Kind() == txn.KindBlob {
			for _, b := range v.Bytes() {
				n = n<<8 | uint64(b)
			}
		}
		bits := make([]byte, length)
		for i := range bits {
			bits[i] = byte(n >> (8 * i))
		}
		return bits, true
	}, make([]byte, length)}
}

func temporalColumn(t schemas.Type) column {
	switch t.Kind {
	case schemas.Date:
		return column{&Schema{Kind: KindInt32, Name: "io.debezium.time.Date", Version: 1}, func(v txn.Value) (any, bool) {
			at, ok := parseTime(v.Bytes())
			return floorDiv(at.Unix(), 86400), ok
		}, int64(0)}
	case schemas.Time:
		return column{&Schema{Kind: KindInt64, Name: "io.debezium.time.MicroTime", Version: 1}, convertTime, int64(0)}
	case schemas.Timestamp:
		return column{&Schema{Kind: KindString, Name: "io.debezium.time.ZonedTimestamp", Version: 1}, func(v txn.Value) (any, bool) {
			_, ok := parseTime(v.Bytes())
			return strings.Replace(string(v.Bytes()), " ", "T", 1) + "Z", ok
		}, "1970-01-01T00:00:00Z"}
	}
	if t.Decimals <= 3 {
		return column{&Schema{Kind: KindInt64, Name: "io.debezium.time.Timestamp", Version: 1}, func(v txn.Value) (any, bool) {
			at, ok := parseTime(v.Bytes())
			return at.UnixMilli(), ok
		}, int64(0)}
	}
	return column{&Schema{Kind: KindInt64, Name: "io.debezium.time.MicroTimestamp", Version: 1}, func(v txn.Value) (any, bool) {
		at, ok := parseTime(v.Bytes())
		return at.UnixMicro(), ok
	}, int64(0)}
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// parseTime reads "2026-01-31[ 12:00:00[.000000]]" as UTC. Zero and partial dates are no time.
func parseTime(text []byte) (time.Time, bool) {
	layout := "2006-01-02 15:04:05.999999"
	if len(text) == len("2006-01-02") {
		layout = "2006-01-02"
	}
	at, err := time.Parse(layout, string(text))
	return at, err == nil
}

// convertTime reads "-838:59:59[.000000]" as microseconds.
func convertTime(v txn.Value) (any, bool) {
	text, negative := strings.CutPrefix(string(v.Bytes()), "-")
	clock, fraction, _ := strings.Cut(text, ".")
	parts := strings.Split(clock, ":")
	if len(parts) != 3 || len(fraction) > 6 {
		return nil, false
	}
	var seconds int64
	for _, p := range parts {
		n, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return nil, false
		}
		seconds = seconds*60 + n
	}
	micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil {
		return nil, false
	}
	micros += seconds * 1_000_000
	if negative {
		micros = -micros
	}
	return micros, true
}

func memberColumn(name string, t schemas.Type) column {
	members := make([]string, len(t.Members))
	for i, m := range t.Members {
		members[i] = strings.ReplaceAll(m, ",", `\,`)
	}
	s := &Schema{Kind: KindString, Name: name, Version: 1, Parameters: []Parameter{{"allowed", strings.Join(members, ",")}}}
	return column{s, func(v txn.Value) (any, bool) {
		if t.HasEmptyMember() && string(v.Bytes()) == "," { // the empty member alone
			return "", true
		}
		return convertText(v)
	}, ""}
}

// geometryColumn maps POINT to a struct with coordinates, others to WKB alone. The stored form
// is SRID (four bytes, little-endian) and WKB.
func geometryColumn(t schemas.Type) column {
	wkb := Field{"wkb", &Schema{Kind: KindBytes}}
	srid := Field{"srid", &Schema{Kind: KindInt32, Optional: true}}
	if t.Spelling != "POINT" {
		s := &Schema{Kind: KindStruct, Name: "io.debezium.data.geometry.Geometry", Version: 1, Doc: "Geometry", Fields: []Field{wkb, srid}}
		return column{s, func(v txn.Value) (any, bool) {
			id, bytes, ok := splitGeometry(v.Bytes())
			return []any{bytes, id}, ok
		}, nil}
	}
	wkb.Schema = wkb.Schema.optional()
	s := &Schema{Kind: KindStruct, Name: "io.debezium.data.geometry.Point", Version: 1, Doc: "Geometry (POINT)", Fields: []Field{
		{"x", &Schema{Kind: KindFloat64}}, {"y", &Schema{Kind: KindFloat64}}, wkb, srid}}
	return column{s, func(v txn.Value) (any, bool) {
		id, bytes, ok := splitGeometry(v.Bytes())
		if !ok || len(bytes) != 21 {
			return nil, false
		}
		return []any{littleFloat(bytes[5:]), littleFloat(bytes[13:]), bytes, id}, true
	}, nil}
}

// splitGeometry parts the stored form; SRID 0 is null.
func splitGeometry(b []byte) (srid any, wkb []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	if n := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24; n != 0 {
		srid = int64(n)
	}
	return srid, b[4:], true
}

func littleFloat(b []byte) float64 {
	var bits uint64
	for i := range 8 {
		bits |= uint64(b[i]) << (8 * i)
	}
	return math.Float64frombits(bits)
}

func convertText(v txn.Value) (any, bool) { return string(v.Bytes()), true }

func convertBytes(v txn.Value) (any, bool) { return append([]byte{}, v.Bytes()...), true }

// convertJSON drops the blanks that MySQL's normal form has after commas and colons.
func convertJSON(v txn.Value) (any, bool) {
	text := v.Bytes()
	out := make([]byte, 0, len(text))
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			continue
		}
		out = append(out, c)
	}
	return string(out), true
}
