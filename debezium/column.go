package debezium

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// column turns stored values of one column into Connect data.
type column struct {
	schema *Schema
	// convert turns a value that is not NULL; ok is false where the type has no form for it (a zero
	// date): then it is null, or zero if the column takes no NULL.
	convert func(v txn.Value) (data any, ok bool)
	// read is convert for a default, which the connector reads in a statement, nil where that makes no difference.
	read func(v txn.Value) (data any, ok bool)
	zero any
	null any // in place of NULL; nil but for a masked column
}

// newColumn maps a column as the connector does.
func newColumn(c *schemas.Column, o *Options) column {
	col := baseColumn(c.Type, o)
	s := *col.schema
	s.Optional = c.ReadNullable() || isGeometry(&s)
	s.Default = col.defaultOf(c)
	if read := c.ReadComment(); o.SchemaComments && read != "" {
		s.Doc = commentText(read)
	}
	col.schema = &s
	return col
}

// value returns the data of a stored value.
func (c *column) value(v txn.Value) any {
	if v.IsNull() {
		return c.null
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
// form. CURRENT_TIMESTAMP of a column that takes no NULL is the epoch, and so it is of a DATETIME; expressions have none.
func (c *column) defaultOf(def *schemas.Column) any {
	d, t := def.Default, def.Type
	switch {
	case d == nil || d.Expression != "" || t.Kind == schemas.JSON:
		return nil
	case d.Now && def.Nullable && t.Kind == schemas.Timestamp:
		return nil
	case d.Now:
		return c.zero
	case d.Literal.IsNull():
		return nil
	}
	convert := c.convert
	if c.read != nil {
		convert = c.read
	}
	if data, known := c.writtenDefault(def); known {
		return data
	}
	switch {
	case t.Kind == schemas.Binary || t.Kind == schemas.VarBinary:
		return c.binaryDefault(def)
	case t.Kind == schemas.BigInt && t.Unsigned && d.Literal.Kind() != txn.KindInteger && c.schema.Kind == KindInt64:
		return int64(math.MaxInt64)
	}
	if data, ok := convert(d.Literal); ok {
		return data
	}
	if def.Nullable {
		return nil
	}
	return c.zero
}

// binaryDefault is the default of a binary column: the text of the statement without the zero bytes that fill BINARY up.
func (c *column) binaryDefault(def *schemas.Column) any {
	text := strings.TrimRight(string(def.Default.Literal.Bytes()), "\x00")
	if written, ok := writtenDefault(def); ok {
		text = bitText(written)
	}
	data, _ := c.convert(txn.Blob([]byte(text)))
	return data
}

func baseColumn(t schemas.Type, o *Options) column {
	switch t.Kind {
	case schemas.TinyInt, schemas.SmallInt, schemas.MediumInt, schemas.Int, schemas.BigInt:
		return integerColumn(t, o.UnsignedBigInt)
	case schemas.Float, schemas.Double:
		return realColumn(t)
	case schemas.Decimal:
		return decimalColumn(t, o.Decimal)
	case schemas.Bit:
		return bitColumn(t)
	case schemas.Year:
		return yearColumn()
	case schemas.Date:
		return dateColumn(o)
	case schemas.Time:
		return timeColumn(o.Time)
	case schemas.DateTime:
		return datetimeColumn(t, o)
	case schemas.Timestamp:
		return timestampColumn()
	case schemas.Enum:
		return enumColumn(t)
	case schemas.Set:
		return setColumn(t)
	case schemas.JSON:
		return jsonColumn()
	case schemas.Binary, schemas.VarBinary, schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob:
		if isCharacterBinary(t) {
			return characterBinaryColumn(t)
		}
		return binaryColumn(t, o.Binary)
	case schemas.Vector:
		return vectorColumn()
	case schemas.Geometry:
		return geometryColumn(t)
	}
	return textColumn(t)
}

// textColumn maps CHAR, VARCHAR and the TEXTs.
func textColumn(t schemas.Type) column {
	c := column{schema: &Schema{Kind: KindString}, convert: convertText, zero: ""}
	if as := javaText(t); as != nil {
		c.read = convertText
		c.convert = func(v txn.Value) (any, bool) { return as(v.Bytes()), true }
	}
	return c
}

// characterBinaryColumn maps a character type of which CHARACTER SET binary has made a binary one: the connector takes the bytes for text.
func characterBinaryColumn(t schemas.Type) column {
	seen, _ := charsetName(t).(string)
	set := javaSet(seen)
	return column{schema: &Schema{Kind: KindString}, convert: func(v txn.Value) (any, bool) {
		b := v.Bytes()
		if t.Kind == schemas.Binary { // of which the binary log has not the zeros at the end
			b = bytes.TrimRight(b, "\x00")
		}
		return javaDecode(set, b), true
	}, zero: ""}
}

func integerColumn(t schemas.Type, unsigned string) column {
	if t.Kind == schemas.TinyInt && (t.Spelling == "BOOL" || t.Spelling == "BOOLEAN") {
		return column{schema: &Schema{Kind: KindBoolean}, convert: func(v txn.Value) (any, bool) { return v.Int64() != 0, true }, zero: false}
	}
	if t.Kind == schemas.BigInt && t.Unsigned && unsigned == UnsignedPrecise {
		return column{schema: decimalSchema(20, 0), convert: func(v txn.Value) (any, bool) { return unscaled(decimalText(v), 0) }, zero: []byte{0}}
	}
	kind := KindInt64
	switch {
	case t.Kind == schemas.TinyInt, t.Kind == schemas.SmallInt && !t.Unsigned:
		kind = KindInt16
	case t.Kind == schemas.SmallInt, t.Kind == schemas.MediumInt, t.Kind == schemas.Int && !t.Unsigned:
		kind = KindInt32
	}
	return column{schema: &Schema{Kind: kind}, convert: convertInteger, zero: int64(0)}
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
	double := t.Spelling == "FLOAT4" || t.Kind == schemas.Float && t.Length <= 24 && t.Decimals < 0 && modifierOf(t) == "SIGNED"
	if t.Spelling == "REAL" || t.Kind == schemas.Float && t.Length <= 24 && t.Decimals < 0 && !double {
		return column{schema: &Schema{Kind: KindFloat32}, convert: func(v txn.Value) (any, bool) { return float32(realOf(v)), true }, zero: float32(0)}
	}
	if double { // to the connector, for which a single float is no value
		return column{schema: &Schema{Kind: KindFloat64}, convert: func(txn.Value) (any, bool) { return nil, false }, read: func(v txn.Value) (any, bool) { return realOf(v), true }, zero: float64(0)}
	}
	widen := t.Kind == schemas.Float
	return column{schema: &Schema{Kind: KindFloat64}, convert: func(v txn.Value) (any, bool) {
		f := realOf(v)
		if t.Decimals >= 0 && t.Length > 0 {
			f = roundedAsMySQL(f, t.Decimals)
		}
		if widen {
			f = float64(float32(f))
		}
		return f, true
	}, zero: float64(0)}
}

// roundedAsMySQL rounds what is above the next lower integer, as MySQL does with a value of DOUBLE(m,d) before it stores it, with the
// noise that this makes of -0.0001.
func roundedAsMySQL(f float64, decimals int) float64 {
	unit, whole := math.Pow(10, float64(decimals)), math.Floor(f)
	return whole + math.RoundToEven((f-whole)*unit)/unit
}

func realOf(v txn.Value) float64 {
	if v.Kind() == txn.KindInteger {
		return float64(v.Int64())
	}
	return v.Float64()
}

func decimalColumn(t schemas.Type, mode string) column {
	switch mode {
	case DecimalString:
		return column{schema: &Schema{Kind: KindString}, convert: func(v txn.Value) (any, bool) { return plainDecimal(decimalText(v), t.Decimals), true }, zero: "0"}
	case DecimalDouble:
		return column{schema: &Schema{Kind: KindFloat64}, convert: func(v txn.Value) (any, bool) {
			f, err := strconv.ParseFloat(string(decimalText(v)), 64)
			return f, err == nil
		}, zero: float64(0)}
	}
	length := t.Length
	if length == 0 {
		length = 10
	}
	return column{schema: decimalSchema(length, t.Decimals), convert: func(v txn.Value) (any, bool) { return unscaled(decimalText(v), t.Decimals) }, zero: []byte{0}}
}

func decimalSchema(precision, scale int) *Schema {
	return &Schema{Kind: KindBytes, Name: "org.apache.kafka.connect.data.Decimal", Version: 1, Parameters: []Parameter{
		{"scale", strconv.Itoa(scale)}, {"connect.decimal.precision", strconv.Itoa(precision)}}}
}

func decimalText(v txn.Value) []byte {
	if v.Kind() == txn.KindInteger {
		return strconv.AppendInt(nil, v.Int64(), 10)
	}
	return v.Bytes()
}

// plainDecimal writes a decimal with all digits of its scale.
func plainDecimal(text []byte, scale int) string {
	whole, fraction, _ := strings.Cut(string(text), ".")
	if scale == 0 {
		return whole
	}
	return whole + "." + fraction + strings.Repeat("0", max(0, scale-len(fraction)))
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
		return column{schema: &Schema{Kind: KindBoolean}, convert: func(v txn.Value) (any, bool) { return v.Int64() != 0, true }, zero: false}
	}
	length := (t.Length + 7) / 8
	s := &Schema{Kind: KindBytes, Name: "io.debezium.data.Bits", Version: 1, Parameters: []Parameter{{"length", strconv.Itoa(t.Length)}}}
	return column{schema: s, convert: func(v txn.Value) (any, bool) {
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
	}, zero: make([]byte, length)}
}

// binaryColumn maps BINARY, VARBINARY and BLOB: to bytes, or to text in one of three spellings. BINARY comes with the zero
// bytes that fill it up; the binlog does not have them, and the connector adds them where a length is declared.
func binaryColumn(t schemas.Type, mode string) column {
	bytesOf := func(v txn.Value) []byte { return v.Bytes() }
	if t.Kind == schemas.Binary && t.Length == 0 { // which the connector takes for the default length of other types
		bytesOf = func(txn.Value) []byte { return make([]byte, 10) }
	}
	if t.Kind == schemas.Binary && t.Spelling != "" && t.Written == "()" {
		bytesOf = func(v txn.Value) []byte { return []byte(strings.TrimRight(string(v.Bytes()), "\x00")) }
	}
	var spell func([]byte) string
	switch mode {
	case BinaryBase64:
		spell = base64.StdEncoding.EncodeToString
	case BinaryBase64URLSafe:
		spell = base64.URLEncoding.EncodeToString
	case BinaryHex:
		spell = hex.EncodeToString
	default:
		return column{schema: &Schema{Kind: KindBytes}, convert: func(v txn.Value) (any, bool) { return append([]byte{}, bytesOf(v)...), true }, zero: []byte{}}
	}
	return column{schema: &Schema{Kind: KindString}, convert: func(v txn.Value) (any, bool) { return spell(bytesOf(v)), true }, zero: ""}
}

// vectorColumn maps VECTOR: single floats, little-endian.
func vectorColumn() column {
	s := &Schema{Kind: KindArray, Name: "io.debezium.data.FloatVector", Version: 1, Items: &Schema{Kind: KindFloat32}}
	return column{schema: s, convert: func(v txn.Value) (any, bool) {
		b := v.Bytes()
		list := make([]any, len(b)/4)
		for i := range list {
			list[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return list, true
	}, zero: []any{}}
}

// optionsOf are the members of an ENUM or SET as the connector has them: as in the statement, but for quotes, and commas with a backslash.
func optionsOf(t schemas.Type) []string {
	members := memberTexts(t)
	options := make([]string, len(members))
	for i, m := range members {
		options[i] = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(m, ",", `\,`), `\'`, "'"), "''", "'")
	}
	return options
}

func memberColumn(name string, t schemas.Type, options []string) column {
	if modifierOf(t) == "BINARY" { // which hides from the connector that there are members
		return column{schema: &Schema{Kind: KindString}, zero: ""}
	}
	s := &Schema{Kind: KindString, Name: name, Version: 1, Parameters: []Parameter{{"allowed", strings.Join(options, ",")}}}
	return column{schema: s, zero: ""}
}

// setColumn maps SET.
func setColumn(t schemas.Type) column {
	options := optionsOf(t)
	c := memberColumn("io.debezium.data.EnumSet", t, options)
	c.read = func(v txn.Value) (any, bool) {
		if t.HasEmptyMember() && string(v.Bytes()) == "," { // the empty member alone
			return "", true
		}
		return convertText(v)
	}
	c.convert = func(v txn.Value) (any, bool) {
		if c.schema.Name == "" || len(v.Bytes()) == 0 {
			return "", c.schema.Name != ""
		}
		parts := strings.Split(string(v.Bytes()), ",")
		if t.HasEmptyMember() && string(v.Bytes()) == "," {
			parts = parts[:1]
		}
		for i, part := range parts {
			if n, ok := schemas.EnumIndex(t, []byte(part)); ok && n > 0 {
				parts[i] = options[n-1]
			}
		}
		return strings.Join(parts, ","), true
	}
	return c
}

// enumColumn maps ENUM. A member is escaped in a value, as in the list of members, and not in one that a query has read.
func enumColumn(t schemas.Type) column {
	options := optionsOf(t)
	c := memberColumn("io.debezium.data.Enum", t, options)
	c.read = convertText
	c.convert = func(v txn.Value) (any, bool) {
		if n, ok := schemas.EnumIndex(t, v.Bytes()); ok && n > 0 {
			return options[n-1], c.schema.Name != ""
		}
		return "", c.schema.Name != ""
	}
	return c
}

// geometryColumn maps POINT to a struct with coordinates, others to WKB alone. The stored form
// is SRID (four bytes, little-endian) and WKB.
func geometryColumn(t schemas.Type) column {
	wkb := Field{"wkb", &Schema{Kind: KindBytes}}
	srid := Field{"srid", &Schema{Kind: KindInt32, Optional: true}}
	if t.Spelling != "POINT" {
		s := &Schema{Kind: KindStruct, Name: "io.debezium.data.geometry.Geometry", Version: 1, Doc: "Geometry", Fields: []Field{wkb, srid}}
		return column{schema: s, convert: func(v txn.Value) (any, bool) {
			id, bytes, ok := splitGeometry(v.Bytes())
			return []any{bytes, id}, ok
		}}
	}
	wkb.Schema = wkb.Schema.optional()
	s := &Schema{Kind: KindStruct, Name: "io.debezium.data.geometry.Point", Version: 1, Doc: "Geometry (POINT)", Fields: []Field{
		{"x", &Schema{Kind: KindFloat64}}, {"y", &Schema{Kind: KindFloat64}}, wkb, srid}}
	return column{schema: s, convert: func(v txn.Value) (any, bool) {
		id, bytes, ok := splitGeometry(v.Bytes())
		if !ok || len(bytes) != 21 {
			return nil, false
		}
		return []any{littleFloat(bytes[5:]), littleFloat(bytes[13:]), bytes, id}, true
	}}
}

// splitGeometry parts the stored form; SRID 0 is null.
func splitGeometry(b []byte) (srid any, wkb []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	if n := binary.LittleEndian.Uint32(b); n != 0 {
		srid = int64(n)
	}
	return srid, append([]byte{}, b[4:]...), true
}

// isGeometry reports whether a schema is that of all geometries but points, which the connector takes for optional at all times.
func isGeometry(s *Schema) bool { return s.Name == "io.debezium.data.geometry.Geometry" }

func littleFloat(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func convertText(v txn.Value) (any, bool) { return string(v.Bytes()), true }
