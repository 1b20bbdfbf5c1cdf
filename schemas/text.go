package schemas

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"marmot/txn"
)

// AppendText appends a stored value in MySQL's text form, as the text protocol sends it. NULL
// appends nothing: whoever needs to tell it apart looks first. A TIMESTAMP is in UTC; whoever
// knows the session's time zone converts it first.
func AppendText(dst []byte, t Type, v txn.Value) []byte {
	switch v.Kind() {
	case txn.KindInteger:
		return appendIntegerText(dst, t, v.Int64())
	case txn.KindReal:
		return AppendFloat(dst, t, v.Float64())
	case txn.KindText:
		if t.IsInteger() && !t.Zerofill && len(v.Bytes()) == 20 {
			return append(dst, bytes.TrimLeft(v.Bytes(), "0")...)
		}
		if t.Zerofill {
			return appendZeros(dst, v.Bytes(), t.zerofillWidth())
		}
		if t.Kind == Set {
			return append(dst, ShownSet(t, v.Bytes())...)
		}
		return append(dst, v.Bytes()...)
	case txn.KindBlob:
		return append(dst, v.Bytes()...)
	}
	return dst
}

func appendIntegerText(dst []byte, t Type, n int64) []byte {
	switch t.Kind {
	case Bit:
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n))
		return append(dst, b[8-(max(t.Length, 1)+7)/8:]...)
	case Year:
		if n == 0 {
			return append(dst, "0000"...)
		}
	}
	var buf [24]byte
	text := strconv.AppendInt(buf[:0], n, 10)
	if t.Zerofill {
		return appendZeros(dst, text, t.zerofillWidth())
	}
	return append(dst, text...)
}

func (t Type) zerofillWidth() int {
	switch t.Kind {
	case Decimal:
		if t.Decimals > 0 {
			return t.Length + 1
		}
		return t.Length
	case Float:
		if t.Length == 0 {
			return 12
		}
	case Double:
		if t.Length == 0 {
			return 22
		}
	default:
		return t.displayWidth()
	}
	return t.Length
}

func appendZeros(dst, text []byte, width int) []byte {
	for range width - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

// AppendFloat appends a FLOAT or DOUBLE as MySQL prints it: with the declared number of
// fraction digits, or the shortest text that reads back as the same number (6 digits of a
// FLOAT), in exponent form where that is shorter.
func AppendFloat(dst []byte, t Type, f float64) []byte {
	if t.Kind != Float && t.Kind != Double {
		t.Decimals = -1
	}
	var buf [400]byte
	var text []byte
	switch {
	case t.Decimals >= 0 && (t.Kind == Float || t.Kind == Double):
		text = appendFixed(buf[:0], f, t.Decimals)
	case t.Kind == Float:
		text = appendShortest(buf[:0], float64(float32(f)), 6, 32)
	default:
		text = appendShortest(buf[:0], f, 17, 64)
	}
	if t.Zerofill {
		return appendZeros(dst, text, t.zerofillWidth())
	}
	return append(dst, text...)
}

// appendFixed is my_fcvt: so many digits behind the point, of which those behind the seventeenth that counts are zeros.
func appendFixed(dst []byte, f float64, decimals int) []byte {
	const most = 17
	at := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', decimals, 64)
	digits := strings.TrimLeft(strings.Replace(strings.TrimPrefix(string(dst[at:]), "-"), ".", "", 1), "0")
	if len(digits) <= most {
		return dst
	}
	rounded := strconv.FormatFloat(f, 'e', most-1, 64)
	mantissa, exponent, _ := strings.Cut(strings.TrimPrefix(rounded, "-"), "e")
	power, _ := strconv.Atoi(exponent) // FormatFloat wrote it
	mantissa = strings.Replace(mantissa, ".", "", 1)
	if power < 0 {
		mantissa, power = strings.Repeat("0", -power)+mantissa, 0
	}
	mantissa += strings.Repeat("0", max(0, power+1+decimals-len(mantissa)))
	dst = dst[:at]
	if f < 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, mantissa[:power+1]...)
	if decimals > 0 {
		dst = append(append(dst, '.'), mantissa[power+1:power+1+decimals]...)
	}
	return dst
}

// appendShortest is my_gcvt: the shortest digits, at most digits of them if the number is a
// FLOAT; exponent form outside 1e-15 … 1e15 (doubles), where plain form would be longer.
func appendShortest(dst []byte, f float64, digits, bits int) []byte {
	if f == 0 {
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, '0')
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return append(dst, '0')
	}
	var buf [32]byte
	precision := -1
	if bits == 32 {
		precision = digits - 1
	}
	e := strconv.AppendFloat(buf[:0], f, 'e', precision, 64)
	mantissa, exponent := splitExponent(e)
	if f < 0 {
		dst = append(dst, '-')
	}
	if exponent >= -15 && exponent < 15 {
		return appendPlain(dst, mantissa, exponent)
	}
	dst = append(dst, mantissa[0])
	if len(mantissa) > 1 {
		dst = append(dst, '.')
		dst = append(dst, mantissa[1:]...)
	}
	dst = append(dst, 'e')
	return strconv.AppendInt(dst, int64(exponent), 10)
}

// splitExponent takes d.ddde±xx apart: digits without point and trailing zeros, and exponent.
func splitExponent(e []byte) (mantissa []byte, exponent int) {
	if e[0] == '-' {
		e = e[1:]
	}
	at := 0
	for i, c := range e {
		if c == 'e' {
			at = i
			break
		}
	}
	exponent, _ = strconv.Atoi(string(e[at+1:]))
	mantissa = append(mantissa, e[0])
	if at > 2 {
		mantissa = append(mantissa, e[2:at]...)
	}
	for len(mantissa) > 1 && mantissa[len(mantissa)-1] == '0' {
		mantissa = mantissa[:len(mantissa)-1]
	}
	return mantissa, exponent
}

func appendPlain(dst, mantissa []byte, exponent int) []byte {
	if exponent < 0 {
		dst = append(dst, "0."...)
		for range -exponent - 1 {
			dst = append(dst, '0')
		}
		return append(dst, mantissa...)
	}
	if len(mantissa) <= exponent+1 {
		dst = append(dst, mantissa...)
		for range exponent + 1 - len(mantissa) {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, mantissa[:exponent+1]...)
	dst = append(dst, '.')
	return append(dst, mantissa[exponent+1:]...)
}
