package schemas

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"marmot/txn"
)

// SortKeyVersion is the version of the encoding that SortKey makes. Keys of transactions are
// hashes over it, so a change of the encoding needs a new version of the ledger's rules.
const SortKeyVersion = 1

// Names of the collations that order the text of DECIMAL and TIME columns by value.
const (
	DecimalCollation = "marmot_decimal"
	TimeCollation    = "marmot_time"
)

// First byte of a sort key.
const (
	keyNull  = 0x00
	keyValue = 0x01
	// keyOther stands before a value whose storage class is not the type's: it equals only itself.
	keyOther = 0x02
)

// SortKey appends the sort key of a stored value to dst. Keys compare byte by byte as the
// values do in MySQL, and two keys are equal exactly if the values are (PAD SPACE, accents,
// -0.0, DECIMAL scale). They are self-delimiting, so the keys of several columns may be joined.
// prefix is the length of an index prefix, in characters, or bytes of binary types; 0 for all.
func SortKey(dst []byte, t Type, v txn.Value, prefix int) []byte {
	if v.IsNull() {
		return append(dst, keyNull)
	}
	switch t.Kind {
	case TinyInt, SmallInt, MediumInt, Int, BigInt, Year, Bit:
		return integerKey(dst, t, v)
	case Float, Double:
		if v.Kind() == txn.KindReal {
			return realKey(append(dst, keyValue), v.Float64())
		}
		if v.Kind() == txn.KindInteger {
			return realKey(append(dst, keyValue), float64(v.Int64()))
		}
	case Decimal:
		if v.Kind() == txn.KindText {
			return appendDecimalKey(append(dst, keyValue), v.Bytes())
		}
	case Time:
		if us, ok := parseTimeText(v.Bytes()); ok && v.Kind() == txn.KindText {
			return binary.BigEndian.AppendUint64(append(dst, keyValue), uint64(us)^1<<63)
		}
	case Date, DateTime, Timestamp:
		if v.Kind() == txn.KindText {
			return appendBytesKey(append(dst, keyValue), trimFraction(v.Bytes()))
		}
	case Enum, Set:
		if v.Kind() == txn.KindText {
			return memberKey(dst, t, v.Bytes())
		}
	case Char, VarChar, TinyText, Text, MediumText, LongText:
		if v.Kind() == txn.KindText {
			return textKey(dst, t, v.Bytes(), prefix)
		}
	case Binary, VarBinary, TinyBlob, Blob, MediumBlob, LongBlob, Geometry, Vector:
		if v.Kind() == txn.KindBlob || v.Kind() == txn.KindText {
			b := v.Bytes()
			if prefix > 0 && prefix < len(b) {
				b = b[:prefix]
			}
			return appendBytesKey(append(dst, keyValue), b)
		}
	}
	return otherKey(dst, v)
}

// otherKey is the key of a value that its column's type does not allow.
func otherKey(dst []byte, v txn.Value) []byte {
	dst = append(dst, keyOther, byte(v.Kind()))
	switch v.Kind() {
	case txn.KindInteger:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int64())^1<<63)
	case txn.KindReal:
		return realKey(dst, v.Float64())
	}
	return appendBytesKey(dst, v.Bytes())
}

func integerKey(dst []byte, t Type, v txn.Value) []byte {
	unsigned := t.Unsigned || t.Kind == Bit || t.Kind == Year
	switch v.Kind() {
	case txn.KindInteger:
		n := uint64(v.Int64())
		if !unsigned {
			n ^= 1 << 63
		}
		return binary.BigEndian.AppendUint64(append(dst, keyValue), n)
	case txn.KindText: // BIGINT UNSIGNED of 2^63 and more
		if n, ok := parseUnsigned(v.Bytes()); ok && unsigned {
			return binary.BigEndian.AppendUint64(append(dst, keyValue), n)
		}
	case txn.KindBlob: // BIT(64)
		if b := v.Bytes(); len(b) == 8 && t.Kind == Bit {
			return append(append(dst, keyValue), b...)
		}
	}
	return otherKey(dst, v)
}

// parseUnsigned reads decimal digits, no sign, no more than a uint64 holds.
func parseUnsigned(b []byte) (uint64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		d := uint64(c - '0')
		if n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// realKey appends eight bytes that order as the numbers do; -0.0 is 0.0.
func realKey(dst []byte, f float64) []byte {
	bits := math.Float64bits(f)
	if f == 0 {
		bits = 0
	}
	if bits>>63 != 0 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(dst, bits)
}

func memberKey(dst []byte, t Type, text []byte) []byte {
	if t.Kind == Enum {
		n, ok := EnumIndex(t, text)
		if !ok {
			return otherKey(dst, txn.Text(text))
		}
		return binary.BigEndian.AppendUint16(append(dst, keyValue), uint16(n))
	}
	n, ok := SetBits(t, text)
	if !ok {
		return otherKey(dst, txn.Text(text))
	}
	return binary.BigEndian.AppendUint64(append(dst, keyValue), n)
}

func textKey(dst []byte, t Type, text []byte, prefix int) []byte {
	if prefix > 0 {
		text = cutRunes(text, prefix)
	}
	c := LookupCollation(t.Collation)
	if c == nil {
		return appendBytesKey(append(dst, keyValue), text)
	}
	var buf [256]byte
	return appendBytesKey(append(dst, keyValue), c.AppendKey(buf[:0], text))
}

// cutRunes returns the first n characters of text.
func cutRunes(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	at := 0
	for range n {
		if at >= len(text) {
			return text
		}
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return text[:at]
}

// appendBytesKey appends b so that it is self-delimiting and keeps its order: a zero byte
// becomes 00 ff, the end is 00 01.
func appendBytesKey(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			break
		}
		dst = append(dst, b[:i]...)
		dst = append(dst, 0x00, 0xff)
		b = b[i+1:]
	}
	dst = append(dst, b...)
	return append(dst, 0x00, 0x01)
}

// trimFraction drops zeros at the end of a fraction of seconds, and an empty fraction.
func trimFraction(b []byte) []byte {
	if bytes.IndexByte(b, '.') < 0 {
		return b
	}
	return bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte{'.'})
}
