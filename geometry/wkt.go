package geometry

import (
	"strconv"
	"strings"
)

// ParseWKT reads well-known text.
func ParseWKT(text string) (*Geometry, error) {
	p := wktParser{rest: text}
	g := p.geometry(0)
	p.space()
	if p.failed || p.rest != "" {
		return nil, ErrInvalid
	}
	return g, nil
}

type wktParser struct {
	rest   string
	failed bool
}

func (p *wktParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n\v\f") }

func (p *wktParser) accept(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *wktParser) expect(s string) {
	if !p.accept(s) {
		p.failed = true
	}
}

func (p *wktParser) word() string {
	p.space()
	n := 0
	for n < len(p.rest) && (p.rest[n]|0x20 >= 'a' && p.rest[n]|0x20 <= 'z') {
		n++
	}
	w := strings.ToUpper(p.rest[:n])
	p.rest = p.rest[n:]
	return w
}

func (p *wktParser) number() float64 {
	p.space()
	n := strings.IndexFunc(p.rest, func(r rune) bool { return !strings.ContainsRune("+-.eE0123456789", r) })
	if n < 0 {
		n = len(p.rest)
	}
	f, err := strconv.ParseFloat(p.rest[:n], 64)
	if err != nil || !finite(f) {
		p.failed = true
	}
	p.rest = p.rest[n:]
	return f
}

func (p *wktParser) point() Point { return Point{p.number(), p.number()} }

// list reads ( one, one … ).
func (p *wktParser) list(one func()) {
	p.expect("(")
	for !p.failed {
		one()
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
}

func (p *wktParser) line() *Geometry {
	g := &Geometry{Type: LineStringType}
	p.list(func() { g.Points = append(g.Points, p.point()) })
	return g
}

func (p *wktParser) geometry(depth int) *Geometry {
	name := p.word()
	g := &Geometry{Type: TypeOf(name)}
	if g.Type == Any || depth > maxDepth {
		p.failed = true
		return g
	}
	if g.Type == CollectionType {
		saved := p.rest
		if p.word() == "EMPTY" {
			return g
		}
		p.rest = saved
		if p.accept("(") {
			if p.accept(")") {
				return g
			}
			p.rest = saved
		}
	}
	p.body(g, depth)
	if !p.failed && !g.wellFormed() {
		p.failed = true
	}
	return g
}

func (p *wktParser) body(g *Geometry, depth int) {
	part := func(one func() *Geometry) func() {
		return func() {
			sub := one()
			p.failed = p.failed || !sub.wellFormed()
			g.Parts = append(g.Parts, sub)
		}
	}
	polygon := func() *Geometry {
		sub := &Geometry{Type: PolygonType}
		p.list(func() { sub.Parts = append(sub.Parts, p.line()) })
		return sub
	}
	switch g.Type {
	case PointType:
		p.expect("(")
		g.Points = []Point{p.point()}
		p.expect(")")
	case LineStringType:
		g.Points = p.line().Points
	case PolygonType:
		g.Parts = polygon().Parts
	case MultiPointType:
		p.list(part(func() *Geometry {
			in := p.accept("(")
			sub := &Geometry{Type: PointType, Points: []Point{p.point()}}
			if in {
				p.expect(")")
			}
			return sub
		}))
	case MultiLineStringType:
		p.list(part(p.line))
	case MultiPolygonType:
		p.list(part(polygon))
	case CollectionType:
		p.list(part(func() *Geometry { return p.geometry(depth + 1) }))
	}
}

// WKT is the well-known text; number appends a coordinate.
func (g *Geometry) WKT(number func(b []byte, f float64) []byte) string {
	w := wktWriter{number: number}
	w.geometry(g)
	return string(w.b)
}

type wktWriter struct {
	b      []byte
	number func(b []byte, f float64) []byte
}

func (w *wktWriter) points(list []Point) {
	for i, p := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.number(w.b, p.X), ' ')
		w.b = w.number(w.b, p.Y)
	}
}

func (w *wktWriter) geometry(g *Geometry) {
	name := g.Type.String()
	if g.Type == CollectionType {
		name = "GEOMETRYCOLLECTION"
		if len(g.Parts) == 0 {
			w.b = append(w.b, name+" EMPTY"...)
			return
		}
	}
	w.b = append(w.b, name...)
	w.body(g)
}

// body writes what stands behind the name.
func (w *wktWriter) body(g *Geometry) {
	w.b = append(w.b, '(')
	if g.Type <= LineStringType {
		w.points(g.Points)
	}
	for i, p := range g.Parts {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		if g.Type == CollectionType {
			w.geometry(p)
		} else {
			w.body(p)
		}
	}
	w.b = append(w.b, ')')
}
