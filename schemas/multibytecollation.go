package schemas

import (
	"bytes"
	"slices"

	"vitess.io/vitess/go/mysql/collations"
	"vitess.io/vitess/go/mysql/collations/charset"
	"vitess.io/vitess/go/mysql/collations/colldata"
	"vitess.io/vitess/go/vt/vthash"
)

// tableCollation orders text of a set by its recorded weights, or by its bytes.
type tableCollation struct {
	id      collations.ID
	name    string
	set     *tableCharset
	weights []codePair // those that are not the code itself; nil orders by bytes
}

// newTableCollation is the collation of that name, or nil where there are no tables for it.
func newTableCollation(c *Collation) colldata.Collation {
	set := multibyteTables()[c.Charset]
	if set == nil {
		return nil
	}
	out := &tableCollation{id: collations.ID(c.ID), name: c.Name, set: set}
	if c.Binary {
		return out
	}
	i := slices.Index(set.collations, c.Name)
	if i < 0 {
		return nil
	}
	out.weights = set.weights[i]
	return out
}

// ID is MySQL's number of the collation.
func (c *tableCollation) ID() collations.ID { return c.id }

// Name is MySQL's name of the collation.
func (c *tableCollation) Name() string { return c.name }

// Charset is the set of the text that the collation orders.
func (c *tableCollation) Charset() colldata.Charset { return c.set }

// IsBinary reports whether the order is that of the bytes.
func (c *tableCollation) IsBinary() bool { return c.weights == nil }

// Collate orders two strings; with isPrefix, right is enough of left.
func (c *tableCollation) Collate(left, right []byte, isPrefix bool) int {
	a, b := c.WeightString(nil, left, 0), c.WeightString(nil, right, 0)
	if isPrefix && len(b) < len(a) {
		a = a[:len(b)]
	}
	return bytes.Compare(a, b)
}

// WeightString appends the weights of a string; numCodepoints, if not 0, is how many characters are taken.
func (c *tableCollation) WeightString(dst, src []byte, numCodepoints int) []byte {
	for n := 0; len(src) > 0 && (numCodepoints == 0 || n < numCodepoints); n++ {
		_, width, _ := c.set.DecodeRune(src)
		code := uint32(0)
		for _, b := range src[:width] {
			code = code<<8 | uint32(b)
		}
		if w, ok := findPair(c.weights, code); ok {
			code = w
		} else if number, four := gbNumber(code); width == 4 && four && c.weights != nil {
			code = gbWeight(number)
		}
		dst = weightBytes(dst, code)
		src = src[width:]
	}
	return dst
}

// gbWeight is the weight of a character of four bytes of gb18030 that has none of its own.
func gbWeight(number uint32) uint32 { return 0xff000000 + number }

// WeightStringLen bounds the weights of so many characters.
func (c *tableCollation) WeightStringLen(numCodepoints int) int { return numCodepoints * 4 }

// Hash adds the string's weights to a hash.
func (c *tableCollation) Hash(hasher *vthash.Hasher, src []byte, numCodepoints int) {
	_, _ = hasher.Write(c.WeightString(nil, src, numCodepoints))
}

// Wildcard is a pattern of LIKE in the set's own bytes.
func (c *tableCollation) Wildcard(pat []byte, matchOne, matchMany, escape rune) colldata.WildcardPattern {
	text, _ := charset.Convert(nil, charset.Charset_utf8mb4{}, pat, c.set)
	return &bytesPattern{c.set, newRunePattern(text, matchOne, matchMany, escape, c.same)}
}

// bytesPattern matches text in the bytes of a set.
type bytesPattern struct {
	set     charset.Charset
	pattern *runePattern
}

// Match reports whether the text is one of the pattern.
func (p *bytesPattern) Match(in []byte) bool {
	text, err := charset.Convert(nil, charset.Charset_utf8mb4{}, in, p.set)
	return err == nil && p.pattern.Match(text)
}

// same reports whether LIKE takes two characters for the same: by weight those of one byte, and all of gb18030.
func (c *tableCollation) same(a, b rune) bool {
	if a == b {
		return true
	}
	var x, y [4]byte
	n, m := c.set.EncodeRune(x[:], a), c.set.EncodeRune(y[:], b)
	if n < 1 || m < 1 || c.weights == nil || (n > 1 || m > 1) && c.set.name != "gb18030" {
		return false
	}
	return bytes.Equal(c.WeightString(nil, x[:n], 1), c.WeightString(nil, y[:m], 1))
}
