package geometry

import (
	"encoding/binary"
	"math"
	"slices"
)

// Location is where a point lies in a geometry.
type Location uint8

// The locations.
const (
	Interior Location = iota
	Boundary
	Exterior
)

// none is an empty intersection in a Relation.
const none = -1

// Relation is the matrix of the nine intersections of interior, boundary and exterior of two geometries: the dimension of each, or none.
type Relation struct {
	cells [3][3]int8
	a, b  int // dimensions of the geometries
}

// segment is a piece of a line or ring.
type segment struct {
	a, b Point
	ring bool
}

func (g *Geometry) segments() []segment {
	var list []segment
	g.leaves(func(p *Geometry) {
		add := func(points []Point, ring bool) {
			for i := 1; i < len(points); i++ {
				if points[i-1] != points[i] {
					list = append(list, segment{points[i-1], points[i], ring})
				}
			}
		}
		if p.Type == LineStringType {
			add(p.Points, false)
		}
		for _, ring := range p.Parts {
			add(ring.Points, true)
		}
	})
	return list
}

// tolerance is how near to a line a computed point must be to lie on it.
func tolerance(points ...Point) float64 {
	most := 1.0
	for _, p := range points {
		most = max(most, math.Abs(p.X), math.Abs(p.Y))
	}
	return most * 1e-13
}

func (s segment) holds(p Point) bool {
	t := tolerance(p, s.a, s.b)
	if p.X < min(s.a.X, s.b.X)-t || p.X > max(s.a.X, s.b.X)+t || p.Y < min(s.a.Y, s.b.Y)-t || p.Y > max(s.a.Y, s.b.Y)+t {
		return false
	}
	return pointSegment(p, s.a, s.b) <= 2*t
}

// meets appends the points that two segments share: where they cross, or the ends of what they share.
func (s segment) meets(o segment, list []Point) []Point {
	if max(s.a.X, s.b.X) < min(o.a.X, o.b.X) || max(o.a.X, o.b.X) < min(s.a.X, s.b.X) ||
		max(s.a.Y, s.b.Y) < min(o.a.Y, o.b.Y) || max(o.a.Y, o.b.Y) < min(s.a.Y, s.b.Y) {
		return list
	}
	found := false
	for _, p := range []Point{o.a, o.b} {
		if s.holds(p) {
			list, found = append(list, p), true
		}
	}
	for _, p := range []Point{s.a, s.b} {
		if o.holds(p) {
			list, found = append(list, p), true
		}
	}
	if found {
		return list
	}
	d1, d2 := cross(o.a, o.b, s.a), cross(o.a, o.b, s.b)
	if d3, d4 := cross(s.a, s.b, o.a), cross(s.a, s.b, o.b); (d1 > 0) != (d2 > 0) && (d3 > 0) != (d4 > 0) && d1 != d2 {
		t := d1 / (d1 - d2)
		list = append(list, Point{s.a.X + t*(s.b.X-s.a.X), s.a.Y + t*(s.b.Y-s.a.Y)})
	}
	return list
}

// split cuts a segment at points on it, in the order from a to b.
func (s segment) split(at []Point) []segment {
	points := append([]Point{s.a, s.b}, at...)
	dx, dy := s.b.X-s.a.X, s.b.Y-s.a.Y
	along := func(p Point) float64 { return (p.X-s.a.X)*dx + (p.Y-s.a.Y)*dy }
	slices.SortStableFunc(points, func(p, q Point) int {
		switch u, v := along(p), along(q); {
		case u < v:
			return -1
		case u > v:
			return 1
		}
		return 0
	})
	var list []segment
	last := s.a
	t := tolerance(s.a, s.b)
	for _, p := range points {
		if Planar(p, last) <= 2*t {
			continue
		}
		if Planar(p, s.b) <= 2*t {
			p = s.b
		}
		if p != last {
			list = append(list, segment{last, p, s.ring})
			last = p
		}
	}
	return list
}

// noded are the segments of g cut where they meet those of others or each other.
func (g *Geometry) noded(others ...*Geometry) []segment {
	own := g.segments()
	all := own
	for _, o := range others {
		all = append(slices.Clip(all), o.segments()...)
	}
	var list []segment
	for i, s := range own {
		var at []Point
		for j, o := range all {
			if i != j {
				at = s.meets(o, at)
			}
		}
		list = append(list, s.split(at)...)
	}
	return list
}

// locate says where a point lies.
func (g *Geometry) locate(p Point) Location {
	best := Exterior
	ends := 0
	onLine := false
	g.leaves(func(leaf *Geometry) {
		switch leaf.Type {
		case PointType:
			if leaf.Points[0] == p {
				best = Interior
			}
		case LineStringType:
			if leaf.holds(p) {
				onLine = true
				if first, last := leaf.Points[0], leaf.Points[len(leaf.Points)-1]; first != last {
					if first == p {
						ends++
					}
					if last == p {
						ends++
					}
				}
			}
		case PolygonType:
			best = min(best, leaf.locateInPolygon(p))
		}
	})
	if onLine && ends%2 == 1 {
		best = min(best, Boundary)
	} else if onLine {
		best = Interior
	}
	return best
}

func (g *Geometry) holds(p Point) bool {
	for i := 1; i < len(g.Points); i++ {
		if (segment{a: g.Points[i-1], b: g.Points[i]}).holds(p) {
			return true
		}
	}
	return false
}

func (g *Geometry) locateInPolygon(p Point) Location {
	inside := false
	for _, ring := range g.Parts {
		if ring.holds(p) {
			return Boundary
		}
		for i := 1; i < len(ring.Points); i++ {
			a, b := ring.Points[i-1], ring.Points[i]
			if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
				inside = !inside
			}
		}
	}
	if inside {
		return Interior
	}
	return Exterior
}

// Relate works out how two geometries that are not empty lie to each other.
func Relate(a, b *Geometry) Relation {
	r := Relation{a: a.Dimension(), b: b.Dimension()}
	for i := range r.cells {
		for j := range r.cells[i] {
			r.cells[i][j] = none
		}
	}
	r.cells[Exterior][Exterior] = 2
	note := func(p Point, dimension int8) {
		cell := &r.cells[a.locate(p)][b.locate(p)]
		*cell = max(*cell, dimension)
	}
	for _, pair := range [][2]*Geometry{{a, b}, {b, a}} {
		pair[0].Each(func(p Point) { note(p, 0) })
		for _, s := range pair[0].noded(pair[1]) {
			note(s.a, 0)
			note(s.b, 0)
			middle := Point{(s.a.X + s.b.X) / 2, (s.a.Y + s.b.Y) / 2}
			note(middle, 1)
			if s.ring {
				const aside = 1e-7
				dx, dy := (s.b.X-s.a.X)*aside, (s.b.Y-s.a.Y)*aside
				note(Point{middle.X - dy, middle.Y + dx}, 2)
				note(Point{middle.X + dy, middle.Y - dx}, 2)
			}
		}
	}
	return r
}

func (r Relation) has(i, j Location) bool { return r.cells[i][j] != none }

// Intersects reports whether they share a point. All methods report false as the second result where MySQL says NULL.
func (r Relation) Intersects() (bool, bool) {
	return r.has(Interior, Interior) || r.has(Interior, Boundary) || r.has(Boundary, Interior) || r.has(Boundary, Boundary), true
}

// Disjoint reports whether they share no point.
func (r Relation) Disjoint() (bool, bool) {
	meet, ok := r.Intersects()
	return !meet, ok
}

// Within reports whether the first lies in the second.
func (r Relation) Within() (bool, bool) {
	return r.has(Interior, Interior) && !r.has(Interior, Exterior) && !r.has(Boundary, Exterior), true
}

// Contains reports whether the second lies in the first.
func (r Relation) Contains() (bool, bool) {
	return r.has(Interior, Interior) && !r.has(Exterior, Interior) && !r.has(Exterior, Boundary), true
}

// Equals reports whether they are the same points.
func (r Relation) Equals() (bool, bool) {
	return r.has(Interior, Interior) && !r.has(Interior, Exterior) && !r.has(Boundary, Exterior) && !r.has(Exterior, Interior) && !r.has(Exterior, Boundary), true
}

// Touches reports whether they share boundary points only.
func (r Relation) Touches() (bool, bool) {
	meet, _ := r.Intersects()
	return meet && !r.has(Interior, Interior), r.a != 0 || r.b != 0
}

// Crosses reports whether one passes through the other.
func (r Relation) Crosses() (bool, bool) {
	switch {
	case r.a == 2 || r.b == 0:
		return false, false
	case r.a == 1 && r.b == 1:
		return r.cells[Interior][Interior] == 0, true
	}
	return r.has(Interior, Interior) && r.has(Interior, Exterior), true
}

// Overlaps reports whether they share part of what they are.
func (r Relation) Overlaps() (bool, bool) {
	return int(r.cells[Interior][Interior]) == r.a && r.has(Interior, Exterior) && r.has(Exterior, Interior), r.a == r.b
}

// Distance is the least planar distance of two geometries that are not empty.
func Distance(a, b *Geometry) float64 {
	if touching(a, b) || touching(b, a) {
		return 0
	}
	least := math.Inf(1)
	first, second := a.segments(), b.segments()
	a.Each(func(p Point) {
		b.Each(func(q Point) { least = min(least, Planar(p, q)) })
		for _, s := range second {
			least = min(least, pointSegment(p, s.a, s.b))
		}
	})
	b.Each(func(p Point) {
		for _, s := range first {
			least = min(least, pointSegment(p, s.a, s.b))
		}
	})
	for _, s := range first {
		for _, o := range second {
			if len(s.meets(o, nil)) > 0 {
				return 0
			}
		}
	}
	return least
}

// touching reports whether a point of a lies in b.
func touching(a, b *Geometry) bool {
	found := false
	a.Each(func(p Point) { found = found || b.locate(p) != Exterior })
	return found
}

// Equals and the other relations of boxes are those of the rectangles, lines and points that they are.
func (b Box) Equals(c Box) bool { return b == c }

// Covers reports whether no part of c is outside of b.
func (b Box) Covers(c Box) bool {
	return b.MinX <= c.MinX && b.MinY <= c.MinY && b.MaxX >= c.MaxX && b.MaxY >= c.MaxY
}

// CoveredBy reports whether no part of b is outside of c.
func (b Box) CoveredBy(c Box) bool { return c.Covers(b) }

// Intersects reports whether boxes share a point.
func (b Box) Intersects(c Box) bool { return !b.Disjoint(c) }

func (b Box) relate(c Box) Relation { return Relate(b.Geometry(), c.Geometry()) }

// Contains reports whether c lies in b.
func (b Box) Contains(c Box) bool {
	yes, _ := b.relate(c).Contains()
	return yes
}

// Within reports whether b lies in c.
func (b Box) Within(c Box) bool { return c.Contains(b) }

// Touches reports whether boxes share boundary points only.
func (b Box) Touches(c Box) bool {
	yes, known := b.relate(c).Touches()
	return yes && known
}

// Overlaps reports whether boxes share part of what they are.
func (b Box) Overlaps(c Box) bool {
	yes, known := b.relate(c).Overlaps()
	return yes && known
}

// Closed reports whether each line ends where it begins.
func (g *Geometry) Closed() bool {
	closed := true
	g.leaves(func(p *Geometry) {
		closed = closed && len(p.Points) > 0 && p.Points[0] == p.Points[len(p.Points)-1]
	})
	return closed
}

// LittleEndian is a number as WKB has it.
func LittleEndian(f float64) []byte {
	return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))
}

// circlePoints is how many points ST_Buffer makes of a circle.
const circlePoints = 32

// Circle is the polygon that ST_Buffer makes around a point.
func Circle(p Point, radius float64) *Geometry {
	var ring []Point
	step, angle := 2*math.Pi/circlePoints, 0.0
	for range circlePoints {
		sin, cos := math.Sin(angle), math.Cos(angle)
		ring = append(ring, Point{p.X + radius*cos, p.Y + radius*sin})
		angle -= step
	}
	ring = append(ring, ring[0])
	slices.Reverse(ring)
	return NewPolygon(NewLine(ring...))
}
