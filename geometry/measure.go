package geometry

import (
	"math"
	"slices"
)

// Box is the least rectangle around a geometry.
type Box struct{ MinX, MinY, MaxX, MaxY float64 }

// Box returns the box; false of an empty geometry.
func (g *Geometry) Box() (b Box, ok bool) {
	g.Each(func(p Point) {
		if !ok {
			b, ok = Box{p.X, p.Y, p.X, p.Y}, true
		}
		b = Box{min(b.MinX, p.X), min(b.MinY, p.Y), max(b.MaxX, p.X), max(b.MaxY, p.Y)}
	})
	return b, ok
}

// Geometry is the box as a polygon, or as the line or point that it is.
func (b Box) Geometry() *Geometry {
	low, high := Point{b.MinX, b.MinY}, Point{b.MaxX, b.MaxY}
	switch {
	case low == high:
		return NewPoint(low.X, low.Y)
	case low.X == high.X || low.Y == high.Y:
		return NewLine(low, high)
	}
	return NewPolygon(NewLine(low, Point{high.X, low.Y}, high, Point{low.X, high.Y}, low))
}

// Disjoint reports whether boxes share no point.
func (b Box) Disjoint(c Box) bool {
	return b.MaxX < c.MinX || c.MaxX < b.MinX || b.MaxY < c.MinY || c.MaxY < b.MinY
}

// ringArea is positive for a ring that turns left.
func ringArea(ring []Point) float64 {
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		sum += ring[i-1].X*ring[i].Y - ring[i].X*ring[i-1].Y
	}
	return sum / 2
}

// Area is the planar area of the polygons.
func (g *Geometry) Area() float64 {
	sum := 0.0
	g.leaves(func(p *Geometry) {
		if p.Type != PolygonType {
			return
		}
		for i, ring := range p.Parts {
			if a := math.Abs(ringArea(ring.Points)); i == 0 {
				sum += a
			} else {
				sum -= a
			}
		}
	})
	return sum
}

// Length is the sum of the distances along the lines.
func (g *Geometry) Length(distance func(a, b Point) float64) float64 {
	sum := 0.0
	g.leaves(func(p *Geometry) {
		if p.Type == LineStringType {
			for i := 1; i < len(p.Points); i++ {
				sum += distance(p.Points[i-1], p.Points[i])
			}
		}
	})
	return sum
}

// Planar is the distance of two points in a plane.
func Planar(a, b Point) float64 { return math.Sqrt((a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y)) }

// Centroid is the centre of gravity of what has the highest dimension; nil of an empty geometry.
func (g *Geometry) Centroid() *Geometry {
	var x, y, weight float64
	add := func(px, py, w float64) { x, y, weight = x+px*w, y+py*w, weight+w }
	for dimension := g.Dimension(); dimension >= 0 && weight == 0; dimension-- {
		g.leaves(func(p *Geometry) {
			switch {
			case dimension == 0:
				p.Each(func(q Point) { add(q.X, q.Y, 1) })
			case dimension == 1 && p.Type == LineStringType:
				lineCentroid(p.Points, add)
			case dimension == 1 && p.Type == PolygonType:
				for _, ring := range p.Parts {
					lineCentroid(ring.Points, add)
				}
			case dimension == 2 && p.Type == PolygonType:
				polygonCentroid(p, add)
			}
		})
	}
	if weight == 0 {
		return nil
	}
	return NewPoint(x/weight, y/weight)
}

func lineCentroid(points []Point, add func(x, y, w float64)) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		add((a.X+b.X)/2, (a.Y+b.Y)/2, Planar(a, b))
	}
}

func polygonCentroid(p *Geometry, add func(x, y, w float64)) {
	for i, ring := range p.Parts {
		points := ring.Points
		origin := points[0]
		sign := 1.0
		if (ringArea(points) < 0) != (i > 0) {
			sign = -1
		}
		for j := 1; j < len(points); j++ {
			a, b := Point{points[j-1].X - origin.X, points[j-1].Y - origin.Y}, Point{points[j].X - origin.X, points[j].Y - origin.Y}
			if cross := (a.X*b.Y - b.X*a.Y) * sign; cross != 0 {
				add(origin.X+(a.X+b.X)/3, origin.Y+(a.Y+b.Y)/3, cross/2)
			}
		}
	}
}

// cross is positive where c lies to the left of the line from a to b.
func cross(a, b, c Point) float64 { return (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X) }

// ConvexHull is the least convex geometry around g; nil of an empty one.
func (g *Geometry) ConvexHull() *Geometry {
	var points []Point
	g.Each(func(p Point) { points = append(points, p) })
	slices.SortFunc(points, comparePoints)
	points = slices.Compact(points)
	switch len(points) {
	case 0:
		return nil
	case 1:
		return NewPoint(points[0].X, points[0].Y)
	}
	half := func(list []Point) []Point {
		var hull []Point
		for _, p := range list {
			for len(hull) >= 2 && cross(hull[len(hull)-2], hull[len(hull)-1], p) <= 0 {
				hull = hull[:len(hull)-1]
			}
			hull = append(hull, p)
		}
		return hull
	}
	lower := half(points)
	slices.Reverse(points)
	upper := half(points)
	if len(lower) == 2 && len(upper) == 2 {
		return NewLine(lower...)
	}
	return NewPolygon(NewLine(append(lower, upper[1:]...)...))
}

func comparePoints(a, b Point) int {
	switch {
	case a.X < b.X || a.X == b.X && a.Y < b.Y:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// Simplify leaves out points that are nearer than distance to the line without them; nil if nothing is left.
func (g *Geometry) Simplify(distance float64) *Geometry {
	out := &Geometry{Type: g.Type}
	switch g.Type {
	case PointType:
		out.Points = g.Points
	case LineStringType:
		out.Points = peucker(g.Points, distance)
	case PolygonType:
		for i, ring := range g.Parts {
			points := peucker(ring.Points, distance)
			if len(points) < 4 {
				if i == 0 {
					return nil
				}
				continue
			}
			out.Parts = append(out.Parts, NewLine(points...))
		}
	default:
		for _, p := range g.Parts {
			if s := p.Simplify(distance); s != nil {
				out.Parts = append(out.Parts, s)
			}
		}
		if len(out.Parts) == 0 {
			return nil
		}
	}
	return out
}

// peucker is the algorithm of Douglas and Peucker.
func peucker(points []Point, distance float64) []Point {
	if len(points) <= 2 {
		return points
	}
	keep := make([]bool, len(points))
	keep[0], keep[len(points)-1] = true, true
	type span struct{ from, to int }
	for work := []span{{0, len(points) - 1}}; len(work) > 0; {
		s := work[len(work)-1]
		work = work[:len(work)-1]
		far, at := -1.0, 0
		for i := s.from + 1; i < s.to; i++ {
			if d := pointSegment(points[i], points[s.from], points[s.to]); d > far {
				far, at = d, i
			}
		}
		if far > distance {
			keep[at] = true
			work = append(work, span{s.from, at}, span{at, s.to})
		}
	}
	var out []Point
	for i, p := range points {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// pointSegment is the distance of p to the segment from a to b.
func pointSegment(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	length := dx*dx + dy*dy
	if length == 0 {
		return Planar(p, a)
	}
	t := ((p.X-a.X)*dx + (p.Y-a.Y)*dy) / length
	switch {
	case t <= 0:
		return Planar(p, a)
	case t >= 1:
		return Planar(p, b)
	}
	return Planar(p, Point{a.X + t*dx, a.Y + t*dy})
}

// Along is the point of a line at a distance from its beginning; false beyond its end.
func Along(line []Point, distance float64, metric func(a, b Point) float64) (Point, bool) {
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := metric(a, b)
		if distance <= d {
			if d == 0 {
				return a, true
			}
			t := distance / d
			return Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t}, true
		}
		distance -= d
	}
	return line[len(line)-1], distance <= 0
}

// Frechet is the discrete Fréchet distance of two lines.
func Frechet(a, b []Point, metric func(a, b Point) float64) float64 {
	row := make([]float64, len(b))
	for i, p := range a {
		diagonal := 0.0
		for j, q := range b {
			before := row[j]
			best := before
			switch {
			case i == 0 && j == 0:
				best = 0
			case i == 0:
				best = row[j-1]
			case j > 0:
				best = min(before, row[j-1], diagonal)
			}
			row[j], diagonal = max(best, metric(p, q)), before
		}
	}
	return row[len(b)-1]
}

// Hausdorff is the discrete Hausdorff distance from the points of a to those of b.
func Hausdorff(a, b *Geometry, metric func(a, b Point) float64) float64 {
	far := 0.0
	a.Each(func(p Point) {
		near := math.Inf(1)
		b.Each(func(q Point) { near = min(near, metric(p, q)) })
		far = max(far, near)
	})
	return far
}
