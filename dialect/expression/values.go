package expression

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"marmot/schemas"
	"marmot/txn"
)

// textOf is the value as a string.
func textOf(v txn.Value) []byte {
	switch v.Kind() {
	case txn.KindInteger:
		return strconv.AppendInt(nil, v.Int64(), 10)
	case txn.KindReal:
		return schemas.AppendFloat(nil, double(), v.Float64())
	}
	return v.Bytes()
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// numberPrefix returns the length of the number that text begins with, after spaces; 0 if none.
func numberPrefix(text []byte) (start, end int) {
	at := 0
	for at < len(text) && isSpace(text[at]) {
		at++
	}
	start = at
	if at < len(text) && (text[at] == '-' || text[at] == '+') {
		at++
	}
	count := 0
	for at < len(text) && isDigit(text[at]) {
		at, count = at+1, count+1
	}
	if at < len(text) && text[at] == '.' {
		at++
		for at < len(text) && isDigit(text[at]) {
			at, count = at+1, count+1
		}
	}
	if count == 0 {
		return start, start
	}
	if at < len(text) && (text[at] == 'e' || text[at] == 'E') {
		end := at + 1
		if end < len(text) && (text[end] == '-' || text[end] == '+') {
			end++
		}
		if end < len(text) && isDigit(text[end]) {
			for end < len(text) && isDigit(text[end]) {
				end++
			}
			at = end
		}
	}
	return start, at
}

// parseFloat reads the number that text begins with; clean is false if something else follows, or
// nothing was a number.
func parseFloat(text []byte) (f float64, clean bool) {
	start, end := numberPrefix(text)
	if start == end {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text[start:end]), 64)
	if err != nil && math.IsInf(f, 0) {
		f = math.Copysign(math.MaxFloat64, f)
		return f, false
	}
	return f, len(bytes.TrimRight(text[end:], " \t\n\v\f\r")) == 0
}

// float is the value as a double. Text is read as MySQL reads strings, with a warning for the rest.
func (r *runtime) float(v txn.Value) float64 {
	switch v.Kind() {
	case txn.KindInteger:
		return float64(v.Int64())
	case txn.KindReal:
		return v.Float64()
	}
	f, clean := parseFloat(v.Bytes())
	if !clean && len(bytes.TrimSpace(v.Bytes())) > 0 { // a blank string is 0
		r.truncated("DOUBLE", v.Bytes())
	}
	return f
}

// integer is the value as a signed integer, rounded; what does not fit is cut to the next that does.
func (r *runtime) integer(v txn.Value) int64 {
	switch v.Kind() {
	case txn.KindInteger:
		return v.Int64()
	case txn.KindReal:
		return roundedFloat(v.Float64())
	}
	d, clean := parseDec(v.Bytes())
	if !clean {
		r.truncated("INTEGER", v.Bytes())
	}
	return d.rescale(0).int64()
}

func roundedFloat(f float64) int64 {
	f = math.RoundToEven(f)
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// bits is the value as 64 bits: what bit operations work on.
func (r *runtime) bits(v txn.Value) uint64 {
	switch v.Kind() {
	case txn.KindInteger:
		return uint64(v.Int64())
	case txn.KindReal:
		f := math.RoundToEven(v.Float64())
		if f >= math.MaxInt64 {
			if f >= math.MaxUint64 {
				return math.MaxUint64
			}
			return uint64(f)
		}
		return uint64(roundedFloat(f))
	case txn.KindBlob:
		return bytesToBits(v.Bytes())
	}
	d, clean := parseDec(v.Bytes())
	if !clean {
		r.truncated("INTEGER", v.Bytes())
	}
	return d.rescale(0).uint64()
}

// bytesToBits reads the last eight bytes as a big-endian number.
func bytesToBits(b []byte) uint64 {
	var n uint64
	for _, c := range b[max(0, len(b)-8):] {
		n = n<<8 | uint64(c)
	}
	return n
}

// unsigned is the stored form of a BIGINT UNSIGNED.
func unsigned(n uint64) txn.Value {
	if n > math.MaxInt64 {
		return txn.TextString(fmt.Sprintf("%020d", n))
	}
	return txn.Int(int64(n))
}

// dec is the value as an exact decimal; a REAL by its shortest digits.
func (r *runtime) dec(v txn.Value) dec {
	switch v.Kind() {
	case txn.KindInteger:
		return dec{small: v.Int64()}
	case txn.KindReal:
		return decOfFloat(v.Float64())
	}
	d, clean := parseDec(v.Bytes())
	if !clean {
		r.truncated("DECIMAL", v.Bytes())
	}
	return d
}

func decOfFloat(f float64) dec {
	d, _ := parseDec(strconv.AppendFloat(nil, f, 'e', -1, 64))
	return d
}
