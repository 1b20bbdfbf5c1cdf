package schemas

import (
	"bytes"
	"unicode/utf8"

	"vitess.io/vitess/go/mysql/collations/colldata"
)

// runePattern is a pattern of LIKE over UTF-8 text that compares character by character.
type runePattern struct {
	items []patternItem
	same  func(a, b rune) bool
}

// patternItem is a character of a pattern, or one of its wildcards.
type patternItem struct {
	r    rune
	kind byte // 0: the character r; 1: any character; 2: any text
}

func newRunePattern(text []byte, matchOne, matchMany, escape rune, same func(a, b rune) bool) *runePattern {
	p := &runePattern{same: same}
	escaped := false
	for _, r := range string(text) {
		switch {
		case escaped:
			p.items, escaped = append(p.items, patternItem{r: r}), false
		case r == escape:
			escaped = true
		case r == matchMany:
			if n := len(p.items); n == 0 || p.items[n-1].kind != 2 {
				p.items = append(p.items, patternItem{kind: 2})
			}
		case r == matchOne:
			p.items = append(p.items, patternItem{kind: 1})
		default:
			p.items = append(p.items, patternItem{r: r})
		}
	}
	if escaped {
		p.items = append(p.items, patternItem{r: escape})
	}
	return p
}

// Match reports whether the text is one of the pattern. Where it is not, the last wildcard for any text takes one character more, so
// that the time is bounded by the product of the lengths.
func (p *runePattern) Match(in []byte) bool {
	text := []rune(string(in))
	i, at := 0, 0
	star, mark := -1, 0
	for at < len(text) {
		switch {
		case i < len(p.items) && p.items[i].kind == 2:
			star, mark = i, at
			i++
		case i < len(p.items) && (p.items[i].kind == 1 || p.same(p.items[i].r, text[at])):
			i++
			at++
		case star >= 0:
			mark++
			i, at = star+1, mark
		default:
			return false
		}
	}
	for i < len(p.items) && p.items[i].kind == 2 {
		i++
	}
	return i == len(p.items)
}

// LikePattern compiles a pattern of LIKE, in UTF-8, for text in UTF-8. Escape is a character that no text holds where there is none.
func (c *Collation) LikePattern(pattern []byte, escape rune) colldata.WildcardPattern {
	if c.unicode() {
		return c.rules.Wildcard(pattern, '_', '%', escape)
	}
	if t, ok := c.rules.(*tableCollation); ok {
		return newRunePattern(pattern, '_', '%', escape, t.same)
	}
	if c.Name == "binary" {
		return bytePattern{newRunePattern(widened(pattern), '_', '%', escape, c.sameRune)}
	}
	return newRunePattern(pattern, '_', '%', escape, c.sameRune)
}

// bytePattern matches bytes: each stands for the character of its number.
type bytePattern struct{ inner colldata.WildcardPattern }

func (p bytePattern) Match(text []byte) bool { return p.inner.Match(widened(text)) }

// widened is UTF-8 with a character for each byte.
func widened(b []byte) []byte {
	ascii := true
	for _, one := range b {
		ascii = ascii && one < utf8.RuneSelf
	}
	if ascii {
		return b
	}
	out := make([]byte, 0, 2*len(b))
	for _, one := range b {
		out = utf8.AppendRune(out, rune(one))
	}
	return out
}

// sameRune reports whether two characters have the same weight.
func (c *Collation) sameRune(a, b rune) bool {
	if a == b || c.Binary {
		return a == b
	}
	return c.SameText([]byte(string(a)), []byte(string(b)))
}

// SameText reports whether two texts have the same weights, spaces at their ends included.
func (c *Collation) SameText(a, b []byte) bool {
	if bytes.Equal(a, b) || c.SQLiteBinary() {
		return bytes.Equal(a, b)
	}
	var x, y [64]byte
	return bytes.Equal(c.appendWeights(x[:0], a), c.appendWeights(y[:0], b))
}
