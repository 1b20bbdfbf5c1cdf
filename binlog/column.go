package binlog

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"marmot/schemas"
	"marmot/txn"
)

// The types of columns in a table map.
const (
	columnTiny       = 1
	columnShort      = 2
	columnLong       = 3
	columnFloat      = 4
	columnDouble     = 5
	columnLongLong   = 8
	columnInt24      = 9
	columnDate       = 10
	columnYear       = 13
	columnVarChar    = 15
	columnBit        = 16
	columnTimestamp2 = 17
	columnDateTime2  = 18
	columnTime2      = 19
	columnVector     = 242
	columnJSON       = 245
	columnNewDecimal = 246
	columnEnum       = 247
	columnSet        = 248
	columnBlob       = 252
	columnString     = 254
	columnGeometry   = 255
)

// column is a column as events have it.
type column struct {
	def       *schemas.Column
	kind      byte
	meta      []byte
	collation uint16 // of characters, and of ENUM and SET
	// append writes a value that is not NULL.
	append func(dst []byte, v txn.Value) ([]byte, error)
}

// binaryCollation is the number of collation binary.
const binaryCollation = 63

// newColumn compiles a column.
func newColumn(def *schemas.Column) (column, error) {
	t := &def.Type
	c := column{def: def}
	if t.Charset != "" {
		co := schemas.LookupCollation(t.Collation)
		if co == nil {
			return c, fmt.Errorf("column %s: collation %q is not known", def.Name, t.Collation)
		}
		c.collation = co.ID
	}
	switch {
	case t.IsInteger():
		c.integer(t)
	case t.IsTemporal() || t.Kind == schemas.Year:
		c.temporal(t)
	case t.IsText() || t.IsBlob() || t.Kind == schemas.Geometry || t.Kind == schemas.Vector || t.Kind == schemas.JSON:
		c.text(t)
	default:
		c.number(t)
	}
	if c.append == nil {
		return c, fmt.Errorf("column %s: type %s is not known", def.Name, t)
	}
	return c, nil
}

// integerOf reads an integer, which beyond 2^63 is kept as text.
func integerOf(v txn.Value) (uint64, error) {
	if v.Kind() == txn.KindInteger {
		return uint64(v.Int64()), nil
	}
	return strconv.ParseUint(string(v.Bytes()), 10, 64)
}

func (c *column) integer(t *schemas.Type) {
	width := 0
	switch t.Kind {
	case schemas.TinyInt:
		c.kind, width = columnTiny, 1
	case schemas.SmallInt:
		c.kind, width = columnShort, 2
	case schemas.MediumInt:
		c.kind, width = columnInt24, 3
	case schemas.Int:
		c.kind, width = columnLong, 4
	default:
		c.kind, width = columnLongLong, 8
	}
	c.append = func(dst []byte, v txn.Value) ([]byte, error) {
		n, err := integerOf(v)
		return appendLittle(dst, n, width), err
	}
}

// appendLittle writes the n low bytes of v, little-endian.
func appendLittle(dst []byte, v uint64, n int) []byte {
	for i := range n {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// realOf reads a number. Of FLOAT(m,d) and DOUBLE(m,d) it has the noise that MySQL stores: it rounds what is above the next lower integer.
func realOf(v txn.Value, t *schemas.Type) float64 {
	if v.Kind() == txn.KindInteger {
		return float64(v.Int64())
	}
	f := v.Float64()
	if t.Decimals < 0 || t.Length == 0 {
		return f
	}
	unit, whole := math.Pow(10, float64(t.Decimals)), math.Floor(f)
	return whole + math.RoundToEven((f-whole)*unit)/unit
}

// number compiles FLOAT, DOUBLE, DECIMAL and BIT.
func (c *column) number(t *schemas.Type) {
	switch t.Kind {
	case schemas.Float:
		c.kind, c.meta = columnFloat, []byte{4}
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(realOf(v, t)))), nil
		}
	case schemas.Double:
		c.kind, c.meta = columnDouble, []byte{8}
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			return binary.LittleEndian.AppendUint64(dst, math.Float64bits(realOf(v, t))), nil
		}
	case schemas.Decimal:
		precision, scale := t.Length, t.Decimals
		if precision == 0 {
			precision = 10
		}
		c.kind, c.meta = columnNewDecimal, []byte{byte(precision), byte(scale)}
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			text := string(v.Bytes())
			if v.Kind() == txn.KindInteger {
				text = strconv.FormatInt(v.Int64(), 10)
			}
			return appendDecimal(dst, text, precision, scale)
		}
	case schemas.Bit:
		bits := max(t.Length, 1)
		c.kind, c.meta = columnBit, []byte{byte(bits % 8), byte(bits / 8)}
		width := (bits + 7) / 8
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			n := uint64(v.Int64())
			if v.Kind() == txn.KindBlob {
				n = 0
				for _, b := range v.Bytes() {
					n = n<<8 | uint64(b)
				}
			}
			return appendBig(dst, n, width), nil
		}
	}
}

func (c *column) temporal(t *schemas.Type) {
	decimals := t.Decimals
	var write func(dst []byte, text string, decimals int) ([]byte, error)
	switch t.Kind {
	case schemas.Year:
		c.kind = columnYear
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			if v.Int64() == 0 {
				return append(dst, 0), nil
			}
			return append(dst, byte(v.Int64()-1900)), nil
		}
		return
	case schemas.Date:
		c.kind = columnDate
		c.append = func(dst []byte, v txn.Value) ([]byte, error) { return appendDate(dst, string(v.Bytes())) }
		return
	case schemas.Time:
		c.kind, write = columnTime2, appendTime
	case schemas.DateTime:
		c.kind, write = columnDateTime2, appendDateTime
	default:
		c.kind, write = columnTimestamp2, appendTimestamp
	}
	c.meta = []byte{byte(decimals)}
	c.append = func(dst []byte, v txn.Value) ([]byte, error) { return write(dst, string(v.Bytes()), decimals) }
}

// text compiles what is kept as bytes.
func (c *column) text(t *schemas.Type) {
	convert := func(v txn.Value) []byte { return v.Bytes() }
	widest := 1
	if t.Charset != "" {
		if set, ok := schemas.LookupCharset(t.Charset); ok {
			widest = set.MaxLen
		}
		if f := schemas.FromUTF8(t.Charset); f != nil {
			convert = func(v txn.Value) []byte { return f(nil, v.Bytes()) }
		}
	}
	switch t.Kind {
	case schemas.Enum, schemas.Set:
		c.members(*t)
	case schemas.Char, schemas.Binary:
		c.fixed(max(t.Length, 1)*widest, t, convert)
	case schemas.VarChar, schemas.VarBinary:
		size := t.Length * widest
		c.kind, c.meta = columnVarChar, []byte{byte(size), byte(size >> 8)}
		c.append = counted(prefixOf(size), convert)
	default:
		c.large(t, convert)
	}
	if t.IsBlob() {
		c.collation = binaryCollation
	}
}

// prefixOf is how many bytes say a length of at most size.
func prefixOf(size int) int {
	if size > math.MaxUint8 {
		return 2
	}
	return 1
}

// counted writes bytes behind their length.
func counted(prefix int, convert func(txn.Value) []byte) func([]byte, txn.Value) ([]byte, error) {
	return func(dst []byte, v txn.Value) ([]byte, error) {
		b := convert(v)
		return append(appendLittle(dst, uint64(len(b)), prefix), b...), nil
	}
}

// fixed compiles CHAR and BINARY, whose filling is not written. Two bits of a size beyond a byte are hidden in the type.
func (c *column) fixed(size int, t *schemas.Type, convert func(txn.Value) []byte) {
	c.kind, c.meta = columnString, []byte{columnString ^ byte(size&0x300>>4), byte(size)}
	if t.Kind == schemas.Binary {
		c.append = counted(prefixOf(size), func(v txn.Value) []byte { return bytes.TrimRight(v.Bytes(), "\x00") })
		return
	}
	c.append = counted(prefixOf(size), convert)
}

func (c *column) members(t schemas.Type) {
	real, width := byte(columnEnum), 1
	if t.Kind == schemas.Set {
		real, width = columnSet, (len(t.Members)+7)/8
		if width > 4 {
			width = 8
		}
	} else if len(t.Members) > math.MaxUint8 {
		width = 2
	}
	c.kind, c.meta = columnString, []byte{real, byte(width)}
	c.append = func(dst []byte, v txn.Value) ([]byte, error) {
		var n uint64
		var ok bool
		if t.Kind == schemas.Set {
			n, ok = schemas.SetBits(t, v.Bytes())
		} else {
			var i int
			i, ok = schemas.EnumIndex(t, v.Bytes())
			n = uint64(i)
		}
		if !ok {
			return dst, fmt.Errorf("%q is none of the members", v.Bytes())
		}
		return appendLittle(dst, n, width), nil
	}
}

// longText has a JSON column be what MariaDB calls JSON: a LONGTEXT.
func (c *column) longText() {
	const prefix = 4
	c.kind, c.meta = columnBlob, []byte{prefix}
	c.append = counted(prefix, func(v txn.Value) []byte { return v.Bytes() })
}

// large compiles the TEXTs, the BLOBs, JSON, geometries and vectors.
func (c *column) large(t *schemas.Type, convert func(txn.Value) []byte) {
	c.kind = columnBlob
	prefix := 4
	switch t.Kind {
	case schemas.TinyText, schemas.TinyBlob:
		prefix = 1
	case schemas.Text, schemas.Blob:
		prefix = 2
	case schemas.MediumText, schemas.MediumBlob:
		prefix = 3
	case schemas.Geometry:
		c.kind = columnGeometry
	case schemas.Vector:
		c.kind, c.collation = columnVector, binaryCollation
	case schemas.JSON:
		c.kind, c.meta = columnJSON, []byte{4}
		c.append = func(dst []byte, v txn.Value) ([]byte, error) {
			at := len(dst)
			dst, err := appendJSON(append(dst, 0, 0, 0, 0), v.Bytes())
			binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
			return dst, err
		}
		return
	}
	c.meta = []byte{byte(prefix)}
	c.append = counted(prefix, convert)
}
