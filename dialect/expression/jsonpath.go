package expression

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/txn"
)

type legKind uint8

const (
	legMember   legKind = iota // .key
	legMembers                 // .*
	legCell                    // [n], [last-n]
	legRange                   // [a to b]
	legCells                   // [*]
	legEllipsis                // **
)

// leg is a step of a JSON path.
type leg struct {
	kind     legKind
	key      []byte
	from, to cell
}

// cell is an index of an array, from its start or its end.
type cell struct {
	n       int
	fromEnd bool
}

// of is the index in an array of a length; it may be out of range.
func (c cell) of(length int) int {
	if c.fromEnd {
		return length - 1 - c.n
	}
	return c.n
}

type path []leg

func (p path) hasWildcard() bool {
	for _, l := range p {
		if l.kind != legMember && l.kind != legCell {
			return true
		}
	}
	return false
}

// parsePath reads a path argument. Error 3143 says near which character it is wrong.
func parsePath(v txn.Value) (path, error) {
	p := pathParser{text: textOf(v)}
	legs, ok := p.parse()
	if !ok {
		return nil, mysqlerr.New(errJSONPath, utf8.RuneCount(p.text[:min(p.at, len(p.text))])+p.offset(), "")
	}
	return legs, nil
}

type pathParser struct {
	text []byte
	at   int
}

// offset: MySQL counts from 1 at the start of a path, and by what it has read elsewhere.
func (p *pathParser) offset() int {
	if p.at == 0 {
		return 1
	}
	return 0
}

func (p *pathParser) space() {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
}

func (p *pathParser) next(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *pathParser) parse() (path, bool) {
	p.space()
	if !p.next('$') {
		return nil, false
	}
	legs := path{}
	for {
		p.space()
		if p.at >= len(p.text) {
			break
		}
		var l leg
		ok := false
		switch p.text[p.at] {
		case '.':
			p.at++
			l, ok = p.member()
		case '[':
			p.at++
			l, ok = p.cells()
		case '*':
			if p.at+1 < len(p.text) && p.text[p.at+1] == '*' {
				p.at += 2
				l, ok = leg{kind: legEllipsis}, true
			}
		}
		if !ok {
			return nil, false
		}
		legs = append(legs, l)
	}
	return legs, len(legs) == 0 || legs[len(legs)-1].kind != legEllipsis
}

func (p *pathParser) member() (leg, bool) {
	p.space()
	if p.next('*') {
		return leg{kind: legMembers}, true
	}
	if p.at < len(p.text) && p.text[p.at] == '"' {
		end := p.at + 1
		for end < len(p.text) && p.text[end] != '"' {
			if p.text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(p.text) {
			return leg{}, false
		}
		n, err := parseJSON(p.text[p.at : end+1])
		p.at = end + 1
		if err != nil {
			return leg{}, false
		}
		return leg{kind: legMember, key: n.text}, true
	}
	start := p.at
	for p.at < len(p.text) {
		c, size := utf8.DecodeRune(p.text[p.at:])
		if c != '_' && c != '$' && !unicode.IsLetter(c) && (p.at == start || !unicode.IsDigit(c) && !unicode.IsMark(c)) {
			break
		}
		p.at += size
	}
	return leg{kind: legMember, key: p.text[start:p.at]}, p.at > start
}

func (p *pathParser) cells() (leg, bool) {
	p.space()
	if p.next('*') {
		p.space()
		return leg{kind: legCells}, p.next(']')
	}
	from, ok := p.cell()
	if !ok {
		return leg{}, false
	}
	p.space()
	if !bytes.HasPrefix(p.text[p.at:], []byte("to")) {
		return leg{kind: legCell, from: from}, p.next(']')
	}
	p.at += 2
	p.space()
	to, ok := p.cell()
	p.space()
	if ok && from.fromEnd == to.fromEnd && (from.n > to.n) != from.fromEnd && from.n != to.n {
		return leg{}, false
	}
	return leg{kind: legRange, from: from, to: to}, ok && p.next(']')
}

func (p *pathParser) cell() (cell, bool) {
	var c cell
	if bytes.HasPrefix(p.text[p.at:], []byte("last")) {
		p.at += 4
		c.fromEnd = true
		p.space()
		if !p.next('-') {
			return c, true
		}
		p.space()
	}
	start := p.at
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		if c.n > 1<<31 {
			return c, false
		}
		c.n = c.n*10 + int(p.text[p.at]-'0')
		p.at++
	}
	return c, p.at > start
}

// find appends the values that the path leads to, each once, in the document's order.
func (p path) find(n *node, found []*node) []*node {
	if len(p) == 0 {
		for _, have := range found {
			if have == n {
				return found
			}
		}
		return append(found, n)
	}
	l, rest := p[0], p[1:]
	switch l.kind {
	case legMember:
		if n.kind == jsonObject {
			if v := n.get(l.key); v != nil {
				return rest.find(v, found)
			}
		}
	case legMembers:
		for _, m := range n.members {
			found = rest.find(m.value, found)
		}
	case legCell:
		if n.kind != jsonArray {
			if l.from.of(1) == 0 { // a value that is no array is its own only cell
				return rest.find(n, found)
			}
			return found
		}
		if i := l.from.of(len(n.items)); i >= 0 && i < len(n.items) {
			return rest.find(n.items[i], found)
		}
	case legRange:
		items := n.items
		if n.kind != jsonArray {
			items = []*node{n}
		}
		for i := max(l.from.of(len(items)), 0); i <= min(l.to.of(len(items)), len(items)-1); i++ {
			found = rest.find(items[i], found)
		}
	case legCells:
		for _, x := range n.items {
			found = rest.find(x, found)
		}
	case legEllipsis:
		found = rest.find(n, found)
		for _, x := range n.items {
			found = p.find(x, found)
		}
		for _, m := range n.members {
			found = p.find(m.value, found)
		}
	}
	return found
}
