package debezium

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"marmot/txn"
)

// jsonColumn maps JSON, which has no default.
func jsonColumn() column {
	return column{schema: &Schema{Kind: KindString, Name: "io.debezium.data.Json", Version: 1}, convert: convertJSON, read: convertText, zero: "{}"}
}

// convertJSON drops the blanks that MySQL's normal form has after commas and colons, and writes numbers out: 1e20 is
// 100000000000000000000.
func convertJSON(v txn.Value) (any, bool) {
	text := v.Bytes()
	out := make([]byte, 0, len(text))
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			if n := opaquePrefix(text[i:]); !quoted && n > 0 {
				out = append(out, c)
				i += n - 1
				quoted = true
				continue
			}
			quoted = !quoted
		case c == ' ' && !quoted:
			continue
		case !quoted && (c == '-' || c >= '0' && c <= '9'):
			end := i + 1
			for end < len(text) && strings.IndexByte("0123456789+-.eE", text[end]) >= 0 {
				end++
			}
			out = append(out, plainNumber(text[i:end])...)
			i = end - 1
			continue
		}
		out = append(out, c)
	}
	return string(out), true
}

// opaquePrefix is the length of the quote and the name of a type in front of bytes that JSON holds: the connector writes the bytes alone.
func opaquePrefix(text []byte) int {
	rest, ok := bytes.CutPrefix(text, []byte(`"base64:type`))
	if !ok {
		return 0
	}
	digits := 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits >= len(rest) || rest[digits] != ':' {
		return 0
	}
	return len(text) - len(rest) + digits + 1
}

// plainNumber writes a number as the connector does. A double that Java would write with an exponent has all the digits of its binary value; MySQL's
// text shows which numbers are doubles: they have an exponent, or a fraction that is the shortest that tells the double from others.
func plainNumber(text []byte) []byte {
	if !bytes.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return text
	}
	size := math.Abs(f)
	switch {
	case size >= 1e-3 && size < 1e7 || size == 0:
		if bytes.ContainsAny(text, "eE") {
			return appendDouble(nil, f, 64)
		}
		return text
	case !bytes.ContainsAny(text, "eE") && strconv.FormatFloat(f, 'f', -1, 64) != strings.TrimSuffix(string(text), ".0"):
		return text // a decimal
	}
	exact := strconv.FormatFloat(f, 'f', exactDigits, 64)
	return []byte(strings.TrimRight(strings.TrimRight(exact, "0"), "."))
}

// exactDigits are the most that a double has behind the point.
const exactDigits = 1074
