package expression

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// signedFunction is CAST AS SIGNED and AS UNSIGNED of numbers (DECIMAL as text).
func signedFunction(isUnsigned bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		v := args[0]
		switch v.Kind() {
		case txn.KindNull:
			return v, nil
		case txn.KindInteger:
			if isUnsigned {
				return unsigned(uint64(v.Int64())), nil
			}
			return v, nil
		case txn.KindReal:
			if isUnsigned {
				return unsigned(r.bits(v)), nil
			}
			return txn.Int(roundedFloat(v.Float64())), nil
		case txn.KindBlob:
			v = unsigned(bytesToBits(v.Bytes()))
			if v.Kind() == txn.KindInteger {
				return v, nil
			}
		}
		d := r.dec(v).rescale(0)
		if isUnsigned {
			return unsigned(d.uint64()), nil
		}
		if u, ok := parseUnsigned(v.Bytes()); ok {
			return txn.Int(int64(u)), nil
		}
		return txn.Int(d.int64()), nil
	}
}

// signedTextFunction is CAST AS SIGNED and AS UNSIGNED of strings, of which the leading integer counts.
func signedTextFunction(isUnsigned bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	numbers := signedFunction(isUnsigned)
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if k := args[0].Kind(); k != txn.KindText && k != txn.KindBlob {
			return numbers(r, args)
		}
		full := args[0].Bytes()
		b := bytes.TrimLeft(full, " \t\n\v\f\r")
		end := 0
		if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
			end = 1
		}
		for end < len(b) && isDigit(b[end]) {
			end++
		}
		if end == 0 || !isDigit(b[end-1]) || len(bytes.TrimRight(b[end:], " \t\n\v\f\r")) > 0 {
			r.truncated("INTEGER", full)
		}
		d, _ := parseDec(b[:end])
		if !d.fits(false) && !d.fits(true) {
			r.truncated("INTEGER", full)
		}
		if isUnsigned {
			return unsigned(d.uint64()), nil
		}
		return txn.Int(int64(d.uint64())), nil
	}
}

// castDecimalFunction is marmot_cast_decimal(x, precision, scale).
func castDecimalFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	precision, scale := int(args[1].Int64()), int(args[2].Int64())
	d := r.dec(args[0]).rescale(scale)
	if precision > 0 && d.sign() != 0 && d.digits() > precision-scale {
		if largest, _ := parseDec([]byte(strings.Repeat("9", precision-scale) + "." + strings.Repeat("9", scale))); largest.compare(absoluteDec(d)) < 0 {
			r.warn(mysqlerr.New(mysql.ER_WARN_DATA_OUT_OF_RANGE, "cast", 1))
			largest = largest.rescale(scale)
			if d.sign() < 0 {
				largest = largest.negate()
			}
			d = largest
		}
	}
	return d.value(), nil
}

func absoluteDec(d dec) dec {
	if d.sign() < 0 {
		return d.negate()
	}
	return d
}

func doubleFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return txn.Real(r.float(args[0])), nil
}

func floatFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	f := float64(float32(r.float(args[0])))
	if math.IsInf(f, 0) {
		return txn.Null(), outOfRange("FLOAT", string(textOf(args[0])))
	}
	return txn.Real(f), nil
}

// numberFunction is marmot_number(x): a parameter as a number; strings are doubles.
func numberFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	v := args[0]
	switch v.Kind() {
	case txn.KindText, txn.KindBlob:
		if n, ok := parseUnsigned(v.Bytes()); ok && n > math.MaxInt64 {
			return unsigned(n), nil
		}
		return txn.Real(r.float(v)), nil
	}
	return v, nil
}

// comparableNumber is marmot_comparable_number(x): a parameter to compare with a number's column.
func comparableNumber(r *runtime, args []txn.Value) (txn.Value, error) {
	v := args[0]
	if v.Kind() != txn.KindText && v.Kind() != txn.KindBlob {
		return v, nil
	}
	d, clean := parseDec(v.Bytes())
	if whole := d.truncate(0); clean && whole.compare(d) == 0 && (whole.fits(false) || whole.fits(true)) {
		return whole.integerValue(), nil
	}
	return txn.Real(r.float(v)), nil
}

// decimalTextFunction is marmot_decimal_text(x): a parameter to compare with a DECIMAL column.
func decimalTextFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return r.dec(args[0]).value(), nil
}

func textFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return txn.Text(textOf(args[0])), nil
}

func bytesFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return txn.Blob(textOf(args[0])), nil
}

// castChar is marmot_cast_char(x, n): at most n characters.
func castChar(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	b := textOf(args[0])
	cut := firstRunes(b, int(args[1].Int64()))
	if len(cut) < len(b) && len(bytes.TrimRight(b[len(cut):], " ")) > 0 {
		e := mysqlerr.Newf(mysql.ER_TRUNCATED_WRONG_VALUE, "Truncated incorrect CHAR(%d) value: '%s'", args[1].Int64(), messageText(b))
		r.warn(e)
	}
	return txn.Text(cut), nil
}

// firstRunes returns the first n characters.
func firstRunes(b []byte, n int) []byte {
	if n <= 0 {
		return b[:0]
	}
	if len(b) <= n {
		return b
	}
	at := 0
	for range n {
		if at >= len(b) {
			return b
		}
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return b[:at]
}

// castBinary is marmot_cast_binary(x, n): exactly n bytes, zero bytes at the end.
func castBinary(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	if args[1].Int64() > maxPacket {
		return r.tooLong("cast_as_binary")
	}
	out := make([]byte, args[1].Int64())
	if b := textOf(args[0]); copy(out, b) < len(b) {
		r.warn(mysqlerr.Newf(mysql.ER_TRUNCATED_WRONG_VALUE, "Truncated incorrect BINARY(%d) value: '%s'", args[1].Int64(), messageText(b)))
	}
	return txn.Blob(out), nil
}

// bytesText is marmot_bytes_text(bytes, charset): bytes read as text of a character set. What is no
// text of it is NULL with a warning.
func bytesText(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	name := string(args[1].Bytes())
	if charsetRules(name) == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, name)
	}
	text, bad := schemas.DecodeText(name, args[0].Bytes())
	if bad != nil {
		r.warn(schemas.BadText(name, bad))
		return txn.Null(), nil
	}
	return txn.Text(text), nil
}

// charsetRules is vitess's implementation of a character set, or nil.
func charsetRules(name string) charset.Charset {
	cs, ok := schemas.LookupCharset(name)
	if !ok {
		return nil
	}
	c := schemas.LookupCollation(cs.DefaultCollation)
	if c == nil || c.Rules() == nil {
		return nil
	}
	return c.Set()
}

// encodeFunction is marmot_encode(text, charset): the bytes of text in a character set.
func encodeFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	set := charsetRules(string(args[1].Bytes()))
	if set == nil {
		return txn.Blob(textOf(args[0])), nil
	}
	out := make([]byte, 0, len(args[0].Bytes()))
	for _, c := range string(textOf(args[0])) {
		one, err := charset.ConvertFromUTF8(nil, set, []byte(string(c)))
		if err != nil {
			one = []byte{'?'}
		}
		out = append(out, one...)
	}
	return txn.Blob(out), nil
}

// charsetFunction is marmot_charset(text, charset): text with ? for what the character set lacks.
func charsetFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	name := string(args[1].Bytes())
	return txn.TextString(strings.Map(func(c rune) rune {
		if schemas.InCharset(name, c) {
			return c
		}
		return '?'
	}, string(textOf(args[0])))), nil
}

// bitBytes is marmot_bit_bytes(n, bytes): a BIT as its bytes.
func bitBytes(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(args[0].Int64()))
	return txn.Blob(b[8-min(args[1].Int64(), 8):]), nil
}

func bitsFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return unsigned(r.bits(args[0])), nil
}
