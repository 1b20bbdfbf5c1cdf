package schemas

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"marmot/txn"
)

func (c *conversion) decimal(v txn.Value) (txn.Value, error) {
	var buf [64]byte
	text := v.Bytes()
	fromText := false
	switch v.Kind() {
	case txn.KindInteger:
		text = strconv.AppendInt(buf[:0], v.Int64(), 10)
	case txn.KindReal:
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			return c.largestDecimal(f < 0), c.outOfRange()
		}
		text = strconv.AppendFloat(buf[:0], v.Float64(), 'g', -1, 64)
	default:
		fromText = true
	}
	num, used := parseNumber(text)
	if used == 0 {
		err := c.incorrect("decimal", text)
		return c.formatDecimal(false, nil), err
	}
	scaled, inexact := num.scale(c.t.Decimals)
	if len(scaled) > c.t.Length {
		return c.largestDecimal(num.negative), c.outOfRange()
	}
	if c.t.Unsigned && num.negative && (len(scaled) > 0 || inexact) {
		return c.formatDecimal(false, nil), c.outOfRange()
	}
	if fromText && len(bytes.TrimRight(text[used:], " \t\n\r\v\f")) > 0 {
		if c.Strict {
			return v, c.incorrect("decimal", text)
		}
		inexact = true
	}
	if inexact {
		e := c.truncated()
		e.Note = true
		c.note(e)
	}
	return c.formatDecimal(num.negative, scaled), nil
}

// scale returns the digits of n·10^decimals, rounded half away from zero, without leading
// zeros; inexact if rounding lost something.
func (n number) scale(decimals int) (scaled []byte, inexact bool) {
	keep := n.point + decimals
	if keep < 0 {
		return nil, len(bytes.TrimLeft(n.digits, "0")) > 0
	}
	scaled = make([]byte, 1, min(keep, 200)+2)
	scaled[0] = '0'
	for i := range min(keep, max(len(n.digits), 200)) {
		if i < len(n.digits) {
			scaled = append(scaled, n.digits[i])
		} else {
			scaled = append(scaled, '0')
		}
	}
	if keep < len(n.digits) {
		inexact = len(bytes.TrimRight(n.digits[keep:], "0")) > 0
		if n.digits[keep] >= '5' {
			i := len(scaled) - 1
			for ; scaled[i] == '9'; i-- {
				scaled[i] = '0'
			}
			scaled[i]++
		}
	}
	return bytes.TrimLeft(scaled, "0"), inexact
}

// formatDecimal is the stored form of the digits of a number times 10^Decimals.
func (c *conversion) formatDecimal(negative bool, scaled []byte) txn.Value {
	out := make([]byte, 0, c.t.Length+3)
	if negative && len(scaled) > 0 {
		out = append(out, '-')
	}
	whole := len(scaled) - c.t.Decimals
	if whole <= 0 {
		out = append(out, '0')
	} else {
		out = append(out, scaled[:whole]...)
		scaled = scaled[whole:]
		whole = 0
	}
	if c.t.Decimals > 0 {
		out = append(out, '.')
		for range -whole {
			out = append(out, '0')
		}
		out = append(out, scaled...)
	}
	return txn.Text(out)
}

func (c *conversion) largestDecimal(negative bool) txn.Value {
	if negative && c.t.Unsigned {
		return c.formatDecimal(false, nil)
	}
	return c.formatDecimal(negative, bytes.Repeat([]byte{'9'}, c.t.Length))
}

func (c *conversion) real(v txn.Value) (txn.Value, error) {
	var f float64
	switch v.Kind() {
	case txn.KindInteger:
		f = float64(v.Int64())
	case txn.KindReal:
		f = v.Float64()
	default:
		text := v.Bytes()
		_, used := parseNumber(text)
		parsed, err := strconv.ParseFloat(string(bytes.TrimLeft(text[:used], " \t\n\r\v\f")), 64)
		if used > 0 && err != nil {
			return c.clipReal(parsed)
		}
		f = parsed
		if used == 0 || len(bytes.TrimRight(text[used:], " \t\n\r\v\f")) > 0 {
			if err := c.incorrect(strings.ToUpper(c.t.Name()), text); err != nil {
				return v, err
			}
		}
	}
	return c.clipReal(f)
}

// clipReal checks the range of a FLOAT or DOUBLE and rounds to its precision.
func (c *conversion) clipReal(f float64) (txn.Value, error) {
	most := math.MaxFloat64
	if c.t.Kind == Float {
		most = math.MaxFloat32
	}
	if c.t.Decimals >= 0 && c.t.Length > 0 {
		unit := math.Pow(10, float64(c.t.Decimals))
		most = math.Min(most, math.Pow(10, float64(c.t.Length-c.t.Decimals))-1/unit)
		// MySQL rounds what is above the next lower integer.
		if whole := math.Floor(f); !math.IsInf(whole, 0) && !math.IsNaN(whole) {
			f = whole + math.RoundToEven((f-whole)*unit)/unit
		}
	}
	switch {
	case math.IsNaN(f):
		return txn.Real(0), c.outOfRange()
	case c.t.Unsigned && f < 0:
		return txn.Real(0), c.outOfRange()
	case f > most:
		return c.storedReal(most), c.outOfRange()
	case f < -most:
		return c.storedReal(-most), c.outOfRange()
	}
	return c.storedReal(f), nil
}

func (c *conversion) storedReal(f float64) txn.Value {
	if c.t.Kind == Float {
		f = float64(float32(f))
	}
	return txn.Real(f)
}

func (c *conversion) bit(v txn.Value) (txn.Value, error) {
	width := max(c.t.Length, 1)
	var n uint64
	fits := true
	switch v.Kind() {
	case txn.KindInteger:
		n = uint64(v.Int64())
	case txn.KindReal:
		n = uint64(int64(math.RoundToEven(v.Float64())))
	default:
		b := bytes.TrimLeft(v.Bytes(), "\x00")
		if u, ok := parseUnsigned(v.Bytes()); ok && v.Kind() == txn.KindText && len(b) == 20 {
			n = u // BIGINT UNSIGNED of 2^63 and more
			break
		}
		fits = len(b) <= 8
		for _, x := range b {
			n = n<<8 | uint64(x)
		}
	}
	if width < 64 && n>>width != 0 {
		fits = false
	}
	if !fits {
		if err := c.tooLong(); err != nil {
			return v, err
		}
		n = math.MaxUint64 >> (64 - width)
	}
	if width == 64 {
		return txn.Blob(binary.BigEndian.AppendUint64(nil, n)), nil
	}
	return txn.Int(int64(n)), nil
}

func (c *conversion) year(v txn.Value) (txn.Value, error) {
	var n int64
	text := v.Bytes()
	switch v.Kind() {
	case txn.KindInteger:
		n = v.Int64()
	case txn.KindReal:
		n = int64(math.RoundToEven(v.Float64()))
	default:
		num, used := parseNumber(text)
		if used == 0 {
			err := c.incorrect("integer", text)
			return txn.Int(0), err
		}
		magnitude, _ := num.roundToInteger()
		n = int64(min(magnitude, 99999))
		if num.negative {
			n = -n
		}
		if len(bytes.TrimRight(text[used:], " ")) > 0 {
			if err := c.trouble(c.truncated()); err != nil {
				return v, err
			}
		}
		if n == 0 && used != 4 {
			n = 2000 // '0' and '00' are 2000, 0 and '0000' are 0000
		}
	}
	switch {
	case n == 0 || n >= 1901 && n <= 2155:
		return txn.Int(n), nil
	case n > 0 && n < 70:
		return txn.Int(n + 2000), nil
	case n >= 70 && n < 100:
		return txn.Int(n + 1900), nil
	}
	return txn.Int(0), c.outOfRange()
}
