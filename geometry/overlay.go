package geometry

import (
	"math"
	"slices"
)

// class is the dimension of a geometry all of whose leaves have the same; -1 of an empty or mixed one.
func (g *Geometry) class() int {
	class := -2
	g.leaves(func(p *Geometry) {
		if d := p.Dimension(); class == -2 || class == d {
			class = d
		} else {
			class = -1
		}
	})
	return max(class, -1)
}

// Union is what lies in a or b. All four operations report false where they cannot work the result out: for empty geometries and
// collections of several dimensions.
func Union(a, b *Geometry) (*Geometry, bool) {
	p, q := a.class(), b.class()
	switch {
	case p < 0 || q < 0:
		return nil, false
	case p == 2 && q == 2:
		return collect(ringsOf(a, b, func(fromA bool, l Location, same bool) int {
			return keepIf(l == Exterior || l == Boundary && same && fromA)
		})), true
	case p < q:
		return Union(b, a)
	}
	rest, _ := Difference(b, a)
	return join(a, rest), true
}

// Intersection is what lies in both.
func Intersection(a, b *Geometry) (*Geometry, bool) {
	p, q := a.class(), b.class()
	switch {
	case p < 0 || q < 0:
		return nil, false
	case p == 2 && q == 2:
		return collect(ringsOf(a, b, func(fromA bool, l Location, same bool) int {
			return keepIf(l == Interior || l == Boundary && same && fromA)
		})), true
	case p > q:
		return Intersection(b, a)
	case p == 0:
		return collectPoints(a, func(x Point) bool { return b.locate(x) != Exterior }), true
	}
	lines := chains(a, b, func(l Location) bool { return l != Exterior })
	return collect(append(lines, isolated(a, b, lines)...)), true
}

// Difference is what lies in a and not in b.
func Difference(a, b *Geometry) (*Geometry, bool) {
	p, q := a.class(), b.class()
	switch {
	case p < 0 || q < 0:
		return nil, false
	case p == 2 && q == 2:
		return collect(ringsOf(a, b, func(fromA bool, l Location, same bool) int {
			switch {
			case fromA:
				return keepIf(l == Exterior || l == Boundary && !same)
			case l == Interior:
				return -1
			}
			return 0
		})), true
	case p > q:
		return a, true
	case p == 0:
		return collectPoints(a, func(x Point) bool { return b.locate(x) == Exterior }), true
	}
	return collect(chains(a, b, func(l Location) bool { return l == Exterior })), true
}

// SymDifference is what lies in one of both.
func SymDifference(a, b *Geometry) (*Geometry, bool) {
	p, ok := Difference(a, b)
	q, also := Difference(b, a)
	if !ok || !also {
		return nil, false
	}
	return join(p, q), true
}

func keepIf(keep bool) int {
	if keep {
		return 1
	}
	return 0
}

// join puts geometries that do not overlap into one, those of higher dimensions first.
func join(list ...*Geometry) *Geometry {
	var leaves []*Geometry
	for _, g := range list {
		g.leaves(func(p *Geometry) { leaves = append(leaves, p) })
	}
	return collect(leaves)
}

// collect makes the plainest geometry of leaves.
func collect(leaves []*Geometry) *Geometry {
	slices.SortStableFunc(leaves, func(a, b *Geometry) int { return b.Dimension() - a.Dimension() })
	switch len(leaves) {
	case 0:
		return &Geometry{Type: CollectionType}
	case 1:
		return leaves[0]
	}
	t := leaves[0].Type + 3
	for _, p := range leaves {
		if p.Type+3 != t {
			t = CollectionType
		}
	}
	if t == MultiPointType {
		slices.SortFunc(leaves, func(a, b *Geometry) int { return comparePoints(a.Points[0], b.Points[0]) })
	}
	return &Geometry{Type: t, Parts: leaves}
}

func collectPoints(g *Geometry, keep func(Point) bool) *Geometry {
	var list []*Geometry
	seen := map[Point]bool{}
	g.Each(func(p Point) {
		if !seen[p] && keep(p) {
			list = append(list, NewPoint(p.X, p.Y))
		}
		seen[p] = true
	})
	return collect(list)
}

func (s segment) middle() Point { return Point{(s.a.X + s.b.X) / 2, (s.a.Y + s.b.Y) / 2} }

// chains are the pieces of a's lines that lie in b where keep says.
func chains(a, b *Geometry, keep func(Location) bool) []*Geometry {
	var list []*Geometry
	a.leaves(func(line *Geometry) {
		var chain []Point
		end := func() {
			if len(chain) > 1 {
				list = append(list, NewLine(straight(chain)...))
			}
			chain = nil
		}
		for _, s := range line.noded(b) {
			if !keep(b.locate(s.middle())) {
				end()
				continue
			}
			if len(chain) == 0 || chain[len(chain)-1] != s.a {
				end()
				chain = []Point{s.a}
			}
			chain = append(chain, s.b)
		}
		end()
	})
	return list
}

// straight leaves out points on a straight way.
func straight(points []Point) []Point {
	out := points[:1:1]
	for i := 1; i < len(points); i++ {
		if n := len(out); n >= 2 && (segment{a: out[n-2], b: points[i]}).holds(out[n-1]) {
			out = out[:n-1]
		}
		out = append(out, points[i])
	}
	return out
}

// isolated are points of a line that lie in b though no piece beside them does.
func isolated(a, b *Geometry, lines []*Geometry) []*Geometry {
	var list []*Geometry
	seen := map[Point]bool{}
	for _, s := range a.noded(b) {
		for _, p := range []Point{s.a, s.b} {
			if seen[p] || b.locate(p) == Exterior {
				continue
			}
			seen[p] = true
			covered := slices.ContainsFunc(lines, func(l *Geometry) bool { return l.holds(p) })
			if !covered {
				list = append(list, NewPoint(p.X, p.Y))
			}
		}
	}
	return list
}

// turned are the polygons with outer rings to the left and holes to the right.
func turned(g *Geometry) *Geometry {
	out := &Geometry{Type: MultiPolygonType}
	g.leaves(func(p *Geometry) {
		polygon := &Geometry{Type: PolygonType}
		for i, ring := range p.Parts {
			points := slices.Clone(ring.Points)
			if (ringArea(points) < 0) != (i > 0) {
				slices.Reverse(points)
			}
			polygon.Parts = append(polygon.Parts, NewLine(points...))
		}
		out.Parts = append(out.Parts, polygon)
	})
	return out
}

// ringsOf makes polygons of the pieces of both boundaries that choose keeps: 1 as it is, -1 backwards, 0 not. It is told whose the
// piece is, where it lies in the other geometry, and, on its boundary, whether both have their interior on the same side.
func ringsOf(a, b *Geometry, choose func(fromA bool, l Location, same bool) int) []*Geometry {
	first := startOrder(a, b)
	a, b = turned(a), turned(b)
	var kept []segment
	for _, side := range []struct {
		own, other *Geometry
		fromA      bool
	}{{a, b, true}, {b, a, false}} {
		for _, s := range side.own.noded(side.other) {
			m := s.middle()
			l := side.other.locate(m)
			same := false
			if l == Boundary {
				const aside = 1e-7
				dx, dy := (s.b.X-s.a.X)*aside, (s.b.Y-s.a.Y)*aside
				same = side.other.locate(Point{m.X - dy, m.Y + dx}) == Interior
			}
			switch choose(side.fromA, l, same) {
			case 1:
				kept = append(kept, s)
			case -1:
				kept = append(kept, segment{s.b, s.a, true})
			}
		}
	}
	return polygons(link(kept), first)
}

// startOrder numbers the places where the boundaries meet, in the order of a's rings: MySQL's rings begin at the first.
func startOrder(a, b *Geometry) map[Point]int {
	order := map[Point]int{}
	others := b.segments()
	for _, s := range a.segments() {
		var at []Point
		for _, o := range others {
			at = s.meets(o, at)
		}
		for _, piece := range s.split(at) {
			if _, known := order[piece.b]; !known && slices.Contains(at, piece.b) {
				order[piece.b] = len(order)
			}
		}
	}
	for _, g := range []*Geometry{a, b} { // rings that meet no other begin where they did
		g.leaves(func(p *Geometry) {
			for _, ring := range p.Parts {
				first := ring.Points[0]
				if _, known := order[first]; !known {
					order[first] = math.MaxInt/2 + len(order)
				}
			}
		})
	}
	return order
}

// link makes closed rings of directed pieces, turning as far left as it can.
func link(pieces []segment) [][]Point {
	from := map[Point][]int{}
	for i, s := range pieces {
		from[s.a] = append(from[s.a], i)
	}
	used := make([]bool, len(pieces))
	var rings [][]Point
	for i := range pieces {
		if used[i] {
			continue
		}
		var ring []Point
		at := i
		for !used[at] {
			used[at] = true
			s := pieces[at]
			ring = append(ring, s.a)
			best := math.Inf(-1)
			next := at
			for _, j := range from[s.b] {
				if used[j] && j != i {
					continue
				}
				if turn := turnOf(s, pieces[j]); turn > best {
					best, next = turn, j
				}
			}
			at = next
		}
		if len(ring) >= 3 {
			rings = append(rings, append(ring, ring[0]))
		}
	}
	return rings
}

// turnOf is the angle from the direction of s to that of t, in (-π, π].
func turnOf(s, t segment) float64 {
	ux, uy, vx, vy := s.b.X-s.a.X, s.b.Y-s.a.Y, t.b.X-t.a.X, t.b.Y-t.a.Y
	return math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy)
}

// polygons puts holes into the rings around them.
func polygons(rings [][]Point, order map[Point]int) []*Geometry {
	var list, holes []*Geometry
	for _, points := range rings {
		ring := NewLine(straightRing(rotated(points, order))...)
		switch area := ringArea(ring.Points); {
		case len(ring.Points) < 4:
		case area > 0:
			list = append(list, NewPolygon(ring))
		case area < 0:
			holes = append(holes, ring)
		}
	}
	for _, h := range holes {
		for _, p := range list {
			if NewPolygon(p.Parts[0]).locate((segment{a: h.Points[0], b: h.Points[1]}).middle()) != Exterior {
				p.Parts = append(p.Parts, h)
				break
			}
		}
	}
	return list
}

// rotated is a ring that begins at the first place where the boundaries meet.
func rotated(ring []Point, order map[Point]int) []Point {
	best, at := math.MaxInt, 0
	for i, p := range ring[:len(ring)-1] {
		if n, ok := order[p]; ok && n < best {
			best, at = n, i
		}
	}
	out := append(slices.Clone(ring[at:len(ring)-1]), ring[:at]...)
	return append(out, out[0])
}

// straightRing leaves out points on a straight way, the first excepted unless it is one.
func straightRing(ring []Point) []Point {
	out := straight(ring)
	if n := len(out); n > 4 && (segment{a: out[n-2], b: out[1]}).holds(out[0]) {
		out = slices.Clone(out[1 : n-1])
		out = append(out, out[0])
	}
	return out
}
