package geometry

// Valid reports whether the geometry keeps the rules of its type.
func (g *Geometry) Valid() bool {
	switch g.Type {
	case PointType:
		return true
	case LineStringType:
		for _, p := range g.Points {
			if p != g.Points[0] {
				return true
			}
		}
		return false
	case PolygonType:
		return g.validPolygon()
	}
	for i, p := range g.Parts {
		if !p.Valid() {
			return false
		}
		if g.Type != MultiPolygonType {
			continue
		}
		for _, o := range g.Parts[:i] {
			r := Relate(p, o)
			if r.has(Interior, Interior) || r.cells[Boundary][Boundary] > 0 {
				return false
			}
		}
	}
	return true
}

// validPolygon: rings do not cross or touch themselves, holes lie inside and apart.
func (g *Geometry) validPolygon() bool {
	for i, ring := range g.Parts {
		if ringArea(ring.Points) == 0 || !simpleLine(ring.Points) {
			return false
		}
		if i == 0 {
			continue
		}
		hole := NewPolygon(ring)
		if r := Relate(hole, NewPolygon(g.Parts[0])); r.has(Interior, Exterior) || r.has(Boundary, Exterior) || r.cells[Boundary][Boundary] > 0 {
			return false
		}
		for _, other := range g.Parts[1:i] {
			if r := Relate(hole, NewPolygon(other)); r.has(Interior, Interior) || r.cells[Boundary][Boundary] > 0 {
				return false
			}
		}
	}
	return true
}

// Simple reports whether the geometry does not meet itself but where lines end.
func (g *Geometry) Simple() bool {
	switch g.Type {
	case LineStringType:
		return g.Valid() && simpleLine(g.Points)
	case MultiPointType:
		seen := map[Point]bool{}
		for _, p := range g.Parts {
			if seen[p.Points[0]] {
				return false
			}
			seen[p.Points[0]] = true
		}
	case MultiLineStringType:
		for i, p := range g.Parts {
			if !p.Simple() {
				return false
			}
			for _, o := range g.Parts[:i] {
				if r := Relate(p, o); r.has(Interior, Interior) || r.has(Interior, Boundary) || r.has(Boundary, Interior) {
					return false
				}
			}
		}
	case CollectionType:
		for _, p := range g.Parts {
			if !p.Simple() {
				return false
			}
		}
	}
	return true
}

// simpleLine reports whether a line meets itself nowhere but, perhaps, at its two ends.
func simpleLine(points []Point) bool {
	var list []segment
	for i := 1; i < len(points); i++ {
		if points[i-1] != points[i] {
			list = append(list, segment{a: points[i-1], b: points[i]})
		}
	}
	closed := len(points) > 2 && points[0] == points[len(points)-1]
	for i, s := range list {
		for j := i + 1; j < len(list); j++ {
			for _, p := range s.meets(list[j], nil) {
				next := j == i+1 && p == s.b
				ends := closed && i == 0 && j == len(list)-1 && p == s.a
				if !next && !ends {
					return false
				}
			}
		}
	}
	return true
}
