package schemas

import (
	"bytes"
	"encoding/binary"
)

// decimalParts splits decimal text into sign, integer digits without leading zeros, and
// fraction digits without trailing zeros. Text that is no decimal counts as zero digits from
// its first strange byte on, so that the order is total.
func decimalParts(b []byte) (negative bool, whole, fraction []byte) {
	b = bytes.TrimLeft(b, " ")
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	n := digits(b)
	whole, b = b[:n], b[n:]
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		fraction = bytes.TrimRight(b[:digits(b)], "0")
	}
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) == 0 && len(fraction) == 0 {
		negative = false
	}
	return negative, whole, fraction
}

// digits counts the decimal digits that b begins with.
func digits(b []byte) int {
	for i, c := range b {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(b)
}

// CompareDecimalText orders decimal texts by value, whatever their scales.
func CompareDecimalText(a, b []byte) int {
	na, wa, fa := decimalParts(a)
	nb, wb, fb := decimalParts(b)
	if na != nb {
		if na {
			return -1
		}
		return 1
	}
	order := len(wa) - len(wb)
	if order == 0 {
		order = bytes.Compare(wa, wb)
	}
	if order == 0 {
		order = bytes.Compare(fa, fb)
	}
	if na {
		return -order
	}
	return order
}

// appendDecimalKey appends a self-delimiting key that orders as CompareDecimalText does:
// sign, number of integer digits, digits, all complemented below zero.
func appendDecimalKey(dst, text []byte) []byte {
	negative, whole, fraction := decimalParts(text)
	start := len(dst) + 1
	if negative {
		dst = append(dst, 0x01)
	} else {
		dst = append(dst, 0x02)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(whole)))
	dst = append(dst, whole...)
	dst = append(dst, fraction...)
	dst = append(dst, 0x00)
	if negative {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// parseTimeText reads stored TIME text as microseconds.
func parseTimeText(b []byte) (int64, bool) {
	negative := false
	if len(b) > 0 && b[0] == '-' {
		negative, b = true, b[1:]
	}
	var us int64
	for i := range 3 {
		n := digits(b)
		if n == 0 || n > 4 {
			return 0, false
		}
		v, _ := parseUnsigned(b[:n])
		us = us*60 + int64(v)
		b = b[n:]
		if i < 2 {
			if len(b) == 0 || b[0] != ':' {
				return 0, false
			}
			b = b[1:]
		}
	}
	us *= 1e6
	if len(b) > 0 {
		n := digits(b[1:])
		if b[0] != '.' || n != len(b)-1 || n > 6 {
			return 0, false
		}
		v, _ := parseUnsigned(append([]byte("0"), b[1:]...))
		for range 6 - n {
			v *= 10
		}
		us += int64(v)
	}
	if negative {
		us = -us
	}
	return us, true
}

func compareTimeText(a, b []byte) int {
	x, okA := parseTimeText(a)
	y, okB := parseTimeText(b)
	switch {
	case !okA && !okB:
		return bytes.Compare(a, b)
	case !okA:
		return -1
	case !okB:
		return 1
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
