package binlog

import (
	"fmt"
	"strings"
)

// digitBytes is how many bytes a group of up to nine decimal digits takes.
var digitBytes = [10]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

const groupDigits = 9

// appendDecimal writes a DECIMAL(precision, scale): groups of nine digits around the point, big-endian, the first bit turned over, and all bits
// of a negative number.
func appendDecimal(dst []byte, text string, precision, scale int) ([]byte, error) {
	negative := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > precision-scale || len(fraction) > scale {
		return dst, fmt.Errorf("%q is no DECIMAL(%d,%d)", text, precision, scale)
	}
	whole = strings.Repeat("0", precision-scale-len(whole)) + whole
	fraction += strings.Repeat("0", scale-len(fraction))
	start := len(dst)
	first := len(whole) % groupDigits
	dst = appendDigits(dst, whole[:first])
	for i := first; i < len(whole); i += groupDigits {
		dst = appendDigits(dst, whole[i:i+groupDigits])
	}
	for i := 0; i < len(fraction); i += groupDigits {
		dst = appendDigits(dst, fraction[i:min(i+groupDigits, len(fraction))])
	}
	if negative {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	dst[start] ^= 0x80
	return dst, nil
}

func appendDigits(dst []byte, digits string) []byte {
	n := uint32(0)
	for _, c := range []byte(digits) {
		n = n*10 + uint32(c-'0')
	}
	for i := digitBytes[len(digits)] - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}
