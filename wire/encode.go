package wire

import (
	"encoding/binary"
	"math"
	"strconv"

	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// appendTextRow appends a row of the text protocol. scratch is a buffer to keep between rows.
func appendTextRow(b []byte, columns []column, values []txn.Value, scratch *[]byte) []byte {
	for i := range columns {
		b = appendTextValue(b, &columns[i], values[i], scratch)
	}
	return b
}

func appendTextValue(b []byte, col *column, v txn.Value, scratch *[]byte) []byte {
	switch v.Kind() {
	case txn.KindNull:
		return append(b, 0xfb)
	case txn.KindText, txn.KindBlob:
		if !col.typ.IsNumeric() && col.convert == nil {
			return appendLenencBytes(b, v.Bytes())
		}
	case txn.KindInteger:
		if !col.typ.Zerofill && col.typ.IsInteger() {
			at := len(b)
			b = strconv.AppendInt(append(b, 0), v.Int64(), 10)
			b[at] = byte(len(b) - at - 1)
			return b
		}
	}
	*scratch = schemas.AppendText((*scratch)[:0], col.typ, v)
	if col.convert != nil {
		n := len(*scratch)
		*scratch = col.convert(*scratch, (*scratch)[:n])
		return appendLenencBytes(b, (*scratch)[n:])
	}
	return appendLenencBytes(b, *scratch)
}

// appendBinaryRow appends a row of the binary protocol.
func appendBinaryRow(b []byte, columns []column, values []txn.Value, scratch *[]byte) []byte {
	b = append(b, 0)
	bitmap := len(b)
	for range (len(columns) + 9) / 8 {
		b = append(b, 0)
	}
	for i := range columns {
		if values[i].IsNull() || columns[i].code == mysql.MYSQL_TYPE_NULL {
			b[bitmap+(i+2)/8] |= 1 << ((i + 2) % 8)
			continue
		}
		b = appendBinaryValue(b, &columns[i], values[i], scratch)
	}
	return b
}

func appendBinaryValue(b []byte, col *column, v txn.Value, scratch *[]byte) []byte {
	switch col.code {
	case mysql.MYSQL_TYPE_TINY:
		return append(b, byte(integerOf(v)))
	case mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_YEAR:
		return binary.LittleEndian.AppendUint16(b, uint16(integerOf(v)))
	case mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24:
		return binary.LittleEndian.AppendUint32(b, uint32(integerOf(v)))
	case mysql.MYSQL_TYPE_LONGLONG:
		return binary.LittleEndian.AppendUint64(b, integerOf(v))
	case mysql.MYSQL_TYPE_FLOAT:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(realOf(v))))
	case mysql.MYSQL_TYPE_DOUBLE:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(realOf(v)))
	case mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP:
		return appendBinaryDate(b, v.Bytes(), col.code != mysql.MYSQL_TYPE_DATE)
	case mysql.MYSQL_TYPE_TIME:
		return appendBinaryTime(b, v.Bytes())
	}
	return appendTextValue(b, col, v, scratch)
}

// integerOf gives the 64 bits of a value of an integer type; numbers of 2^63 and more are text.
func integerOf(v txn.Value) uint64 {
	switch v.Kind() {
	case txn.KindReal:
		return uint64(int64(v.Float64()))
	case txn.KindText, txn.KindBlob:
		text := string(v.Bytes())
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			f, _ := strconv.ParseFloat(text, 64) // what is no number is zero, as MySQL has it
			return uint64(int64(f))
		}
		return uint64(n)
	}
	return uint64(v.Int64())
}

func realOf(v txn.Value) float64 {
	switch v.Kind() {
	case txn.KindInteger:
		return float64(v.Int64())
	case txn.KindText, txn.KindBlob:
		f, _ := strconv.ParseFloat(string(v.Bytes()), 64) // what is no number is zero
		return f
	}
	return v.Float64()
}

// number reads decimal digits and returns what follows them.
func number(text []byte) (n uint32, rest []byte) {
	for len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
		n = n*10 + uint32(text[0]-'0')
		text = text[1:]
	}
	return n, text
}

// field reads a number and the separator after it.
func field(text []byte) (n uint32, rest []byte) {
	n, rest = number(text)
	if len(rest) > 0 {
		rest = rest[1:]
	}
	return n, rest
}

// microseconds reads a fraction of up to six digits.
func microseconds(text []byte) uint32 {
	var n uint32
	for i := range 6 {
		n *= 10
		if i < len(text) && text[i] >= '0' && text[i] <= '9' {
			n += uint32(text[i] - '0')
		}
	}
	return n
}

// appendBinaryDate appends "2026-01-31[ 12:00:00[.000000]]"; trailing zero parts are left out.
func appendBinaryDate(b, text []byte, clock bool) []byte {
	year, text := field(text)
	month, text := field(text)
	day, text := field(text)
	var hour, minute, second, micro uint32
	if clock {
		hour, text = field(text)
		minute, text = field(text)
		second, text = field(text)
		micro = microseconds(text)
	}
	length := byte(11)
	switch {
	case year|month|day|hour|minute|second|micro == 0:
		return append(b, 0)
	case hour|minute|second|micro == 0:
		length = 4
	case micro == 0:
		length = 7
	}
	b = append(b, length, byte(year), byte(year>>8), byte(month), byte(day))
	if length >= 7 {
		b = append(b, byte(hour), byte(minute), byte(second))
	}
	if length == 11 {
		b = binary.LittleEndian.AppendUint32(b, micro)
	}
	return b
}

// appendBinaryTime appends "-838:59:59[.000000]".
func appendBinaryTime(b, text []byte) []byte {
	var negative byte
	if len(text) > 0 && text[0] == '-' {
		negative, text = 1, text[1:]
	}
	hours, text := field(text)
	minute, text := field(text)
	second, text := field(text)
	micro := microseconds(text)
	if hours|minute|second|micro == 0 {
		return append(b, 0)
	}
	length := byte(12)
	if micro == 0 {
		length = 8
	}
	b = binary.LittleEndian.AppendUint32(append(b, length, negative), hours/24)
	b = append(b, byte(hours%24), byte(minute), byte(second))
	if length == 12 {
		b = binary.LittleEndian.AppendUint32(b, micro)
	}
	return b
}
