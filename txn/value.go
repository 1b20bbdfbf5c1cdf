package txn

import (
	"bytes"
	"fmt"
	"math"
)

// Kind is the storage class of a Value, SQLite's five, numbered as SQLite numbers them.
type Kind uint8

// The storage classes.
const (
	KindInteger Kind = 1
	KindReal    Kind = 2
	KindText    Kind = 3
	KindBlob    Kind = 4
	KindNull    Kind = 5
)

// Value is one stored value: exactly what the SQLite file holds, no more. What it
// means in MySQL (a DECIMAL, a DATE) is said by the column's type in package schemas.
// The zero Value is NULL. Text and blob bytes are shared, not copied: whoever keeps a
// Value beyond the life of its buffer clones it.
type Value struct {
	kind Kind // zero reads as KindNull
	num  uint64
	data []byte
}

// Null is SQL's NULL.
func Null() Value { return Value{} }

// Int is an INTEGER value.
func Int(n int64) Value { return Value{kind: KindInteger, num: uint64(n)} }

// Real is a REAL value.
func Real(f float64) Value { return Value{kind: KindReal, num: math.Float64bits(f)} }

// Text is a TEXT value over the given bytes, which are UTF-8.
func Text(b []byte) Value { return Value{kind: KindText, data: b} }

// TextString is a TEXT value of a string.
func TextString(s string) Value { return Value{kind: KindText, data: []byte(s)} }

// Blob is a BLOB value over the given bytes.
func Blob(b []byte) Value { return Value{kind: KindBlob, data: b} }

// Kind returns the storage class.
func (v Value) Kind() Kind {
	if v.kind == 0 {
		return KindNull
	}
	return v.kind
}

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return v.kind == 0 || v.kind == KindNull }

// Int64 returns the number of an INTEGER value; of others it has no meaning.
func (v Value) Int64() int64 { return int64(v.num) }

// Float64 returns the number of a REAL value; of others it has no meaning.
func (v Value) Float64() float64 { return math.Float64frombits(v.num) }

// Bytes returns the bytes of a TEXT or BLOB value, and nil of others.
func (v Value) Bytes() []byte { return v.data }

// Clone returns a value that shares no bytes with v.
func (v Value) Clone() Value {
	v.data = bytes.Clone(v.data)
	return v
}

// Equal compares by storage class and stored bytes, never by collation: 1 and 1.0
// differ, 'a' and 'A' differ, NULL equals NULL, and two NaNs are the same bits.
func (v Value) Equal(w Value) bool {
	return v.Kind() == w.Kind() && v.num == w.num && bytes.Equal(v.data, w.data)
}

// String prints the value as SQL would spell it, for messages and tests.
func (v Value) String() string {
	switch v.Kind() {
	case KindInteger:
		return fmt.Sprint(v.Int64())
	case KindReal:
		return fmt.Sprint(v.Float64())
	case KindText:
		return fmt.Sprintf("'%s'", v.data)
	case KindBlob:
		return fmt.Sprintf("x'%x'", v.data)
	}
	return "NULL"
}
