package debezium

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"marmot/schemas"
)

// The connector decodes the text of a row by itself, with the Java character set that Connector/J has for the set which it takes the column to have. That
// may be another set than the column's, and some of Java's sets are not quite MySQL's.

// javaText returns the function that reads stored text as the connector does; nil where that makes no difference.
func javaText(t schemas.Type) func(text []byte) string {
	if !t.IsText() {
		return nil
	}
	seen, _ := charsetName(t).(string)
	if java := javaSet(seen); java != javaFamily(t.Charset) {
		encode := schemas.FromUTF8(t.Charset)
		return func(text []byte) string {
			if encode != nil {
				text = encode(nil, text)
			}
			return javaDecode(java, text)
		}
	}
	other := javaDifference(t.Charset)
	if other == nil && !hasByteOrderMark(t.Charset) {
		return nil
	}
	return func(text []byte) string { return asInJava(t.Charset, text, other) }
}

// javaFamily is the name of a set, one for all that are UTF-8.
func javaFamily(set string) string {
	if strings.HasPrefix(set, "utf8") {
		return "utf8mb4"
	}
	return set
}

// javaSet is the set as which Java reads text of one: UTF-8 if Connector/J does not know it.
func javaSet(set string) string {
	set = strings.ToLower(set)
	switch set {
	case "armscii8", "dec8", "geostd8", "hp8", "swe7":
		return "latin1"
	case "keybcs2":
		return "cp852"
	case "koi8u":
		return "koi8r"
	case "binary":
		return set
	}
	if _, known := schemas.LookupCharset(set); !known {
		return "utf8mb4"
	}
	return javaFamily(set)
}

// javaDecode reads bytes as text of one of the sets that javaSet returns.
func javaDecode(set string, b []byte) string {
	var text strings.Builder
	switch set {
	case "utf8mb4":
		return javaUTF8(b)
	case "binary", "ascii":
		for _, c := range b {
			if r := rune(c); set == "binary" || r < utf8.RuneSelf {
				text.WriteRune(r)
			} else {
				text.WriteRune(utf8.RuneError)
			}
		}
		return text.String()
	}
	other := javaDifference(set)
	for len(b) > 0 {
		part, bad := schemas.DecodeText(set, b)
		if bad == nil {
			text.WriteString(asInJava(set, part, other))
			break
		}
		part, _ = schemas.DecodeText(set, b[:len(b)-len(bad)])
		text.WriteString(asInJava(set, part, other))
		text.WriteRune(utf8.RuneError)
		b = bad[1:]
	}
	return text.String()
}

// javaUTF8 is text of bytes that need not be UTF-8: the longest beginning of a character that does not end is one question mark in a lozenge.
func javaUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var text strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = brokenUTF8(b)
		}
		text.WriteRune(r)
		b = b[n:]
	}
	return text.String()
}

// brokenUTF8 is how many bytes at the front of b begin a character that does not end.
func brokenUTF8(b []byte) int {
	length, low, high := 1, byte(0x80), byte(0xbf)
	switch first := b[0]; {
	case first >= 0xe0 && first <= 0xef:
		length = 3
		if first == 0xe0 {
			low = 0xa0
		}
	case first >= 0xf0 && first <= 0xf4:
		length = 4
		if first == 0xf0 {
			low = 0x90
		}
		if first == 0xf4 {
			high = 0x8f
		}
	}
	n := 1
	for n < length && n < len(b) && b[n] >= low && b[n] <= high {
		n, low, high = n+1, 0x80, 0xbf
	}
	return n
}

// asInJava is text of a set as Java has it.
func asInJava(set string, text []byte, other func(r rune) string) string {
	if hasByteOrderMark(set) {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if other == nil {
		return string(text)
	}
	for at, r := range string(text) {
		if r < utf8.RuneSelf || other(r) == "" {
			continue
		}
		var b strings.Builder
		b.Write(text[:at])
		for _, r := range string(text[at:]) {
			if as := other(r); as != "" {
				b.WriteString(as)
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	return string(text)
}

// hasByteOrderMark reports whether Java takes U+FEFF in front of text of a set for a mark.
func hasByteOrderMark(set string) bool { return set == "ucs2" || set == "utf16" || set == "utf32" }

const lozenge = "\ufffd"

// javaDifferences are characters of sets for whose bytes Java has others.
var javaDifferences = map[string]map[rune]string{
	"latin1": {0x81: lozenge, 0x8d: lozenge, 0x8f: lozenge, 0x90: lozenge, 0x9d: lozenge},
	"cp866":  {'²': "¤", 'ⁿ': "№"},
	"greek":  {'ʼ': "’", 'ʽ': "‘"},
	"hebrew": {'‾': "¯"},
	"gbk":    {'⊕': "♁"},
	"sjis":   {'―': "—"},
	"cp932":  {'晡': "晙"},
	"big5": {'墻': lozenge + lozenge, '嫺': lozenge + lozenge, '恒': lozenge + lozenge, '碁': lozenge + lozenge, '粧': lozenge + lozenge,
		'裏': lozenge + lozenge, '銹': lozenge + lozenge},
}

// javaDifference returns the function that tells what Java has in place of a character of a set, "" where that is the same; nil where there is none.
func javaDifference(set string) func(r rune) string {
	switch set {
	case "ujis", "eucjpms":
		return func(r rune) string {
			switch {
			case r == '―':
				return "—"
			case r == '∥' && set == "eucjpms":
				return "‖"
			case r >= 0xe000 && r <= 0xf8ff:
				return lozenge
			}
			return ""
		}
	case "euckr":
		return koreanInJava
	}
	if list := javaDifferences[set]; list != nil {
		return func(r rune) string { return list[r] }
	}
	return nil
}

// koreanInJava is what Java makes of a syllable that MySQL's euckr has beyond the standard of that name.
func koreanInJava(r rune) string {
	encode := schemas.FromUTF8("euckr")
	if r < utf8.RuneSelf || encode == nil {
		return ""
	}
	b := encode(nil, utf8.AppendRune(nil, r))
	switch {
	case len(b) != 2 || b[0] >= 0xa1 && b[1] >= 0xa1:
		return ""
	case b[1] < utf8.RuneSelf:
		return lozenge + string(rune(b[1]))
	}
	return lozenge + lozenge
}
