package expression

import (
	"bytes"
	"math"
	"math/big"
	"strconv"

	"marmot/txn"
)

// Limits of DECIMAL, and what a division adds to the dividend's scale (div_precision_increment).
const (
	maxPrecision      = 65
	maxScale          = 30
	divisionIncrement = 4
)

// dec is an exact decimal: a whole number divided by 10^scale. The whole number is small, or
// big if that is not nil.
type dec struct {
	small int64
	big   *big.Int
	scale int
}

var powers = [19]int64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

func bigPower(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// maxParsed is how many digits on each side of the point are read: more than any type has, for the time that a number
// takes grows with their square.
const maxParsed = 1100

// parseDec reads the decimal number that text begins with; clean is false if there is none or
// something follows it.
func parseDec(text []byte) (d dec, clean bool) {
	start, end := numberPrefix(text)
	if start == end {
		return d, false
	}
	clean = len(bytes.TrimRight(text[end:], " \t\n\v\f\r")) == 0
	number := text[start:end]
	negative := number[0] == '-'
	if negative || number[0] == '+' {
		number = number[1:]
	}
	exponent := 0
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(string(number[i+1:]))
		exponent = min(max(exponent, -1000), 1000)
		number = number[:i]
	}
	whole, fraction, _ := bytes.Cut(number, []byte{'.'})
	whole = bytes.TrimLeft(whole, "0")
	if extra := len(whole) - maxParsed; extra > 0 {
		whole, exponent = whole[:maxParsed], min(exponent+extra, 1000)
	}
	fraction = fraction[:min(len(fraction), maxParsed)]
	d.scale = len(fraction)
	if len(whole)+len(fraction) <= 18 {
		for _, part := range [2][]byte{whole, fraction} {
			for _, c := range part {
				d.small = d.small*10 + int64(c-'0')
			}
		}
		if negative {
			d.small = -d.small
		}
	} else {
		d.big, _ = new(big.Int).SetString(string(whole)+string(fraction), 10)
		if negative {
			d.big.Neg(d.big)
		}
	}
	if exponent != 0 {
		d.scale -= exponent
		if d.scale < 0 {
			d = d.times(-d.scale)
		}
	}
	if d.scale > maxScale {
		d = d.rescale(maxScale)
	}
	return d, clean
}

// times multiplies the whole number by 10^n, and takes the scale as 0.
func (d dec) times(n int) dec {
	return dec{big: new(big.Int).Mul(d.whole(), bigPower(n))}.shrink()
}

func (d dec) whole() *big.Int {
	if d.big != nil {
		return d.big
	}
	return big.NewInt(d.small)
}

// shrink makes the whole number small where it fits.
func (d dec) shrink() dec {
	if d.big != nil && d.big.IsInt64() {
		d.small, d.big = d.big.Int64(), nil
	}
	return d
}

func (d dec) sign() int {
	switch {
	case d.big != nil:
		return d.big.Sign()
	case d.small < 0:
		return -1
	case d.small > 0:
		return 1
	}
	return 0
}

// rescale gives the scale n, rounding half away from zero.
func (d dec) rescale(n int) dec { return d.toScale(n, true) }

// truncate gives the scale n, cutting digits off.
func (d dec) truncate(n int) dec { return d.toScale(n, false) }

func (d dec) toScale(n int, round bool) dec {
	step := n - d.scale
	switch {
	case step == 0:
		return d
	case step > 0:
		if d.big == nil && step <= 18 {
			if p := powers[step]; d.small <= math.MaxInt64/p && d.small >= math.MinInt64/p {
				return dec{small: d.small * p, scale: n}
			}
		}
		return dec{big: new(big.Int).Mul(d.whole(), bigPower(step)), scale: n}.shrink()
	}
	if d.big == nil && -step <= 18 {
		p := powers[-step]
		q, rest := d.small/p, d.small%p
		if round && rest >= p-rest && rest > 0 {
			q++
		} else if round && -rest >= p+rest && rest < 0 {
			q--
		}
		return dec{small: q, scale: n}
	}
	if -step > 4*maxParsed { // no number has so many digits
		return dec{scale: n}
	}
	p := bigPower(-step)
	q, rest := new(big.Int).QuoRem(d.whole(), p, new(big.Int))
	if round && new(big.Int).Abs(rest).Lsh(new(big.Int).Abs(rest), 1).Cmp(p) >= 0 {
		q.Add(q, big.NewInt(int64(rest.Sign())))
	}
	return dec{big: q, scale: n}.shrink()
}

// same brings two numbers to the greater of their scales.
func same(a, b dec) (dec, dec) {
	switch {
	case a.scale < b.scale:
		a = a.rescale(b.scale)
	case b.scale < a.scale:
		b = b.rescale(a.scale)
	}
	return a, b
}

func (d dec) add(e dec) dec {
	d, e = same(d, e)
	if d.big == nil && e.big == nil {
		if s := d.small + e.small; (s > d.small) == (e.small > 0) {
			return dec{small: s, scale: d.scale}
		}
	}
	return dec{big: new(big.Int).Add(d.whole(), e.whole()), scale: d.scale}.shrink()
}

func (d dec) negate() dec {
	if d.big == nil && d.small != math.MinInt64 {
		d.small = -d.small
		return d
	}
	return dec{big: new(big.Int).Neg(d.whole()), scale: d.scale}.shrink()
}

func (d dec) multiply(e dec) dec {
	scale := d.scale + e.scale
	if d.big == nil && e.big == nil {
		a, b := d.small, e.small
		if p := a * b; a == 0 || b == 0 || p/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64) {
			return dec{small: p, scale: scale}
		}
	}
	return dec{big: new(big.Int).Mul(d.whole(), e.whole()), scale: scale}.shrink()
}

// divide gives the quotient rounded to a scale; the divisor is not zero.
func (d dec) divide(e dec, scale int) dec {
	up := d.toScale(scale+e.scale+1, true)
	q := dec{big: new(big.Int).Quo(up.whole(), e.whole()), scale: scale + 1}.shrink()
	return q.rescale(scale)
}

// quotient is DIV: the whole part of the quotient.
func (d dec) quotient(e dec) dec {
	d, e = same(d, e)
	return dec{big: new(big.Int).Quo(d.whole(), e.whole())}.shrink()
}

// remainder has the sign of d.
func (d dec) remainder(e dec) dec {
	d, e = same(d, e)
	if d.big == nil && e.big == nil && e.small != -1 {
		return dec{small: d.small % e.small, scale: d.scale}
	}
	return dec{big: new(big.Int).Rem(d.whole(), e.whole()), scale: d.scale}.shrink()
}

func (d dec) compare(e dec) int {
	d, e = same(d, e)
	if d.big == nil && e.big == nil {
		switch {
		case d.small < e.small:
			return -1
		case d.small > e.small:
			return 1
		}
		return 0
	}
	return d.whole().Cmp(e.whole())
}

// append appends the number with exactly its scale's digits.
func (d dec) append(dst []byte) []byte {
	var buf [40]byte
	var digits []byte
	if d.big == nil {
		digits = strconv.AppendInt(buf[:0], d.small, 10)
	} else {
		digits = d.big.Append(buf[:0], 10)
	}
	if digits[0] == '-' {
		dst = append(dst, '-')
		digits = digits[1:]
	}
	if d.scale <= 0 {
		return append(dst, digits...)
	}
	if len(digits) <= d.scale {
		dst = append(dst, "0."...)
		for range d.scale - len(digits) {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:len(digits)-d.scale]...)
	dst = append(dst, '.')
	return append(dst, digits[len(digits)-d.scale:]...)
}

func (d dec) value() txn.Value { return txn.Text(d.append(make([]byte, 0, 24))) }

// digits counts the digits before the point.
func (d dec) digits() int {
	n := len(new(big.Int).Abs(d.truncate(0).whole()).String())
	return n
}

// int64 cuts a number of scale 0 to the range.
func (d dec) int64() int64 {
	switch {
	case d.big == nil:
		return d.small
	case d.big.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// uint64 cuts a number of scale 0 to the range; negative ones are their two's complement.
func (d dec) uint64() uint64 {
	switch {
	case d.big == nil:
		return uint64(d.small)
	case d.big.IsUint64():
		return d.big.Uint64()
	case d.big.Sign() < 0:
		return 1 << 63
	}
	return math.MaxUint64
}

// fits reports whether a number of scale 0 is in the range of BIGINT, signed or not.
func (d dec) fits(unsigned bool) bool {
	if unsigned {
		return d.whole().IsUint64()
	}
	return d.big == nil
}

// integerValue is the stored form of a number of scale 0 that fits.
func (d dec) integerValue() txn.Value {
	if d.big == nil {
		return txn.Int(d.small)
	}
	return unsigned(d.uint64())
}
