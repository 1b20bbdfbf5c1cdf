package schemas

import "vitess.io/vitess/go/mysql/collations/charset"

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
		return collation.rules.Charset()
	}
	return nil
}

// FromUTF8 returns the function that appends UTF-8 text in the bytes of a character set, with question marks for what it lacks; nil
// where the bytes are the same.
func FromUTF8(name string) func(dst, text []byte) []byte {
	cs := foreignBytes(name)
	if cs == nil {
		return nil
	}
	return func(dst, text []byte) []byte {
		out, _ := charset.ConvertFromUTF8(nil, cs, text) // characters that the set lacks have become question marks
		return append(dst, out...)
	}
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
