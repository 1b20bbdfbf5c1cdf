package binlog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// numbers reads the numbers of a temporal value between its separators.
func numbers(text string, separators string, into ...*int) error {
	for i, n := range into {
		part := text
		if i < len(separators) {
			var found bool
			if part, text, found = strings.Cut(text, separators[i:i+1]); !found {
				return fmt.Errorf("%q lacks %q", text, separators[i:i+1])
			}
		}
		v, err := strconv.Atoi(part)
		if err != nil {
			return err
		}
		*n = v
	}
	return nil
}

// fractionOf reads the digits behind the point as microseconds.
func fractionOf(text string) (rest string, micro int, err error) {
	rest, digits, found := strings.Cut(text, ".")
	if !found || digits == "" {
		return rest, 0, nil
	}
	micro, err = strconv.Atoi((digits + "000000")[:6])
	return rest, micro, err
}

// appendBig writes the n low bytes of v, big-endian.
func appendBig(dst []byte, v uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// fractionBytes is how many bytes a fraction of that many digits takes; scaled is the fraction in them.
func fractionBytes(decimals int) int { return (decimals + 1) / 2 }

// fractionUnit is what a fraction in so many bytes counts, in microseconds.
var fractionUnit = [4]int{1000000, 10000, 100, 1}

// appendDate writes a DATE in three bytes, little-endian.
func appendDate(dst []byte, text string) ([]byte, error) {
	var y, m, d int
	if err := numbers(text, "--", &y, &m, &d); err != nil {
		return dst, err
	}
	v := d + m*32 + y*16*32
	return append(dst, byte(v), byte(v>>8), byte(v>>16)), nil
}

// appendDateTime writes a DATETIME.
func appendDateTime(dst []byte, text string, decimals int) ([]byte, error) {
	text, micro, err := fractionOf(text)
	if err != nil {
		return dst, err
	}
	var y, mo, d, h, mi, s int
	if err := numbers(text, "-- ::", &y, &mo, &d, &h, &mi, &s); err != nil {
		return dst, err
	}
	packed := uint64((y*13+mo)<<5|d)<<17 | uint64(h<<12|mi<<6|s)
	dst = appendBig(dst, packed+1<<39, 5)
	n := fractionBytes(decimals)
	return appendBig(dst, uint64(micro/fractionUnit[n]), n), nil
}

// appendTimestamp writes a TIMESTAMP, whose text is in UTC.
func appendTimestamp(dst []byte, text string, decimals int) ([]byte, error) {
	text, micro, err := fractionOf(text)
	if err != nil {
		return dst, err
	}
	var seconds uint64
	if !strings.HasPrefix(text, "0000-00-00") {
		at, err := time.Parse(time.DateTime, text)
		if err != nil {
			return dst, err
		}
		seconds = uint64(at.Unix())
	}
	dst = appendBig(dst, seconds, 4)
	n := fractionBytes(decimals)
	return appendBig(dst, uint64(micro/fractionUnit[n]), n), nil
}

// appendTime writes a TIME: one number of seconds and fraction, negative as a whole.
func appendTime(dst []byte, text string, decimals int) ([]byte, error) {
	rest, negative := strings.CutPrefix(text, "-")
	rest, micro, err := fractionOf(rest)
	if err != nil {
		return dst, err
	}
	var h, m, s int
	if err := numbers(rest, "::", &h, &m, &s); err != nil {
		return dst, err
	}
	n := fractionBytes(decimals)
	v := int64(h<<12|m<<6|s)<<(8*n) | int64(micro/fractionUnit[n])
	if negative {
		v = -v
	}
	return appendBig(dst, uint64(v+int64(0x800000)<<(8*n)), 3+n), nil
}
