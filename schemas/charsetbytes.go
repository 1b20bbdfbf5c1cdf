package schemas

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// foreignBytes returns the character set whose text has other bytes than UTF-8, or nil.
func foreignBytes(name string) charset.Charset {
	switch name {
	case "", "utf8mb4", "utf8mb3", "ascii", "binary":
		return nil
	}
	cs, ok := LookupCharset(name)
	if !ok {
		return nil
	}
	if collation := LookupCollation(cs.DefaultCollation); collation != nil && collation.rules != nil {
		return collation.set
	}
	return nil
}

// DecodeText reads bytes as text of a character set. Those of a Unicode set get zero bytes at their front until they are whole
// characters. If there is a byte that begins no character, bad is what stands from there on; else it is nil.
func DecodeText(name string, b []byte) (text, bad []byte) {
	cs := foreignBytes(name)
	if cs == nil {
		if at := firstInvalid(b); at >= 0 && name != "binary" {
			return nil, b[at:]
		}
		if name == "utf8mb3" || name == "ascii" {
			for at, r := range string(b) {
				if !InCharset(name, r) {
					return nil, b[at:]
				}
			}
		}
		return b, nil
	}
	if width := map[string]int{"ucs2": 2, "utf16": 2, "utf16le": 2, "utf32": 4}[name]; width > 0 && len(b)%width != 0 {
		b = append(make([]byte, width-len(b)%width, len(b)+width), b...)
	}
	for rest := b; len(rest) > 0; {
		r, width, ok := cs.DecodeRune(rest)
		if !ok {
			if _, table := cs.(*tableCharset); !table || !wellFormed(name, rest) {
				return nil, rest
			}
			r, width = '?', 2 // a place of the set that has no character
		}
		text = utf8.AppendRune(text, r)
		rest = rest[width:]
	}
	return text, nil
}

// InSet is text with a question mark for each character that a set lacks.
func InSet(name, text string) string {
	switch name {
	case "utf8mb4", "utf16", "utf16le", "utf32", "binary", "":
		return text
	}
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if InCharset(name, r) {
					return r
				}
				return '?'
			}, text)
		}
	}
	return text
}

// wellFormed reports whether text of a set of several bytes begins with the bytes of a character, be there one or not.
func wellFormed(name string, b []byte) bool {
	if len(b) < 2 {
		return false
	}
	first, second := b[0], b[1]
	switch name {
	case "gbk":
		return first >= 0x81 && first <= 0xfe && (second >= 0x40 && second <= 0x7e || second >= 0x80 && second <= 0xfe)
	case "big5":
		return first >= 0xa1 && first <= 0xf9 && (second >= 0x40 && second <= 0x7e || second >= 0xa1 && second <= 0xfe)
	case "sjis", "cp932":
		return (first >= 0x81 && first <= 0x9f || first >= 0xe0 && first <= 0xfc) && second >= 0x40 && second <= 0xfc && second != 0x7f
	case "gb2312":
		return first >= 0xa1 && first <= 0xf7 && second >= 0xa1 && second <= 0xfe
	case "euckr":
		return first >= 0x81 && first <= 0xfe && (second >= 0x41 && second <= 0x5a || second >= 0x61 && second <= 0x7a || second >= 0x81 && second <= 0xfe)
	case "ujis", "eucjpms":
		return first >= 0xa1 && first <= 0xfe && second >= 0xa1 && second <= 0xfe
	}
	return false
}

// BadText is the error 1300 or warning that there is a byte which begins no character of a set.
func BadText(name string, bad []byte) *mysqlerr.Error {
	return mysqlerr.New(mysql.ER_INVALID_CHARACTER_STRING, name, strings.ToUpper(hex.EncodeToString(bad[:min(len(bad), 3)])))
}

// FromUTF8 returns the function that appends UTF-8 text in the bytes of a character set, with question marks for what it lacks; nil
// where the bytes are the same.
func FromUTF8(name string) func(dst, text []byte) []byte {
	switch name {
	case "ascii":
		return func(dst, text []byte) []byte { return narrowed(dst, text, 1) }
	case "utf8mb3", "utf8":
		return func(dst, text []byte) []byte { return narrowed(dst, text, 3) }
	}
	cs := foreignBytes(name)
	if cs == nil {
		return nil
	}
	return func(dst, text []byte) []byte {
		out, _ := charset.ConvertFromUTF8(nil, cs, text) // characters that the set lacks have become question marks
		return append(dst, out...)
	}
}

// narrowed appends text with a question mark for each character of more than the given number of bytes.
func narrowed(dst, text []byte, most int) []byte {
	for len(text) > 0 {
		n := 1
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		if n > most || most == 1 && text[0] >= utf8.RuneSelf {
			dst = append(dst, '?')
		} else {
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// ownBytes reads binary data, and text of a client that sends its bytes as they are (SET NAMES binary), as text in the column's
// character set.
func (c *conversion) ownBytes(text []byte) []byte {
	if isASCII(text) {
		return text
	}
	cs := foreignBytes(c.t.Charset)
	if cs == nil {
		return text
	}
	out, err := charset.Convert(nil, charset.Charset_utf8mb4{}, text, cs)
	if err != nil {
		return text
	}
	return out
}
