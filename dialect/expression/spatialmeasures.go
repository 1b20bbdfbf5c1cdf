package expression

import (
	"strings"

	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// lengthUnits are the units of information_schema.ST_UNITS_OF_MEASURE that people use, in metres.
var lengthUnits = map[string]float64{"metre": 1, "kilometre": 1000, "centimetre": 0.01, "millimetre": 0.001, "foot": 0.3048, "yard": 0.9144,
	"statute mile": 1609.344, "nautical mile": 1852, "fathom": 1.8288, "chain": 20.1168, "link": 0.201168,
	"us survey foot": 0.30480060960121924, "us survey mile": 1609.3472186944375, "us survey chain": 20.11684023368047, "us survey link": 0.2011684023368047}

// LengthUnits lists the units of length by name, in metres.
func LengthUnits() map[string]float64 {
	names := map[string]float64{}
	for name, factor := range lengthUnits {
		if rest, ok := strings.CutPrefix(name, "us "); ok {
			name = "US " + rest
		} else if name == "statute mile" {
			name = "Statute mile"
		}
		names[name] = factor
	}
	return names
}

// unit reads a unit of length, if there is one, for lengths in the reference system.
func (s spatial) unit(g shape, rest []txn.Value) (float64, error) {
	if len(rest) == 0 {
		return 1, nil
	}
	name := string(textOf(rest[0]))
	factor, ok := lengthUnits[strings.ToLower(name)]
	if !ok {
		return 1, mysqlerr.New(errUnit, name)
	}
	if g.srid == 0 {
		return 1, mysqlerr.New(errNoUnit, s.name, name)
	}
	return factor, nil
}

// metric is how distances between points are measured.
func (g shape) metric() func(a, b geometry.Point) float64 {
	if g.system.Geographic {
		return g.system.Geodesic
	}
	return geometry.Planar
}

// unsupported refuses what only an ellipsoid's geometry could answer.
func (s spatial) unsupported(list ...shape) error {
	var names []string
	for _, g := range list {
		names = append(names, g.Type.String())
	}
	return mysqlerr.New(errGeographic, s.name, strings.Join(names, ", "))
}

// spatialMeasures give lengths, areas, distances.
func spatialMeasures() []function {
	return []function{
		shapeFunction("st_length", 1, 2, resultDouble, func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			unit, err := s.unit(g, rest)
			if err != nil || g.Type != geometry.LineStringType && g.Type != geometry.MultiLineStringType {
				return txn.Null(), err
			}
			return txn.Real(g.Length(g.metric()) / unit), nil
		}),
		shapeFunction("st_area", 1, 1, resultDouble, func(s spatial, g shape, _ []txn.Value) (txn.Value, error) {
			if g.Type != geometry.PolygonType && g.Type != geometry.MultiPolygonType {
				return txn.Null(), mysqlerr.New(errGeometryType, "POLYGON/MULTIPOLYGON", g.Type.String(), s.name)
			}
			if g.system.Geographic {
				return txn.Null(), s.unsupported(g)
			}
			return txn.Real(g.Area()), nil
		}),
		spatialFunction("st_distance", 2, 3, resultDouble, distance),
		spatialFunction("st_distance_sphere", 2, 3, resultDouble, distanceSphere),
		spatialFunction("st_frechetdistance", 2, 3, resultDouble, func(s spatial, args []txn.Value) (txn.Value, error) {
			g, h, unit, err := s.lines(args)
			if err != nil {
				return txn.Null(), err
			}
			return txn.Real(geometry.Frechet(g.Points, h.Points, g.metric()) / unit), nil
		}),
		spatialFunction("st_hausdorffdistance", 2, 3, resultDouble, func(s spatial, args []txn.Value) (txn.Value, error) {
			g, h, err := s.pair(args[0], args[1])
			if err != nil {
				return txn.Null(), err
			}
			unit, err := s.unit(g, args[2:])
			if err != nil {
				return txn.Null(), err
			}
			return txn.Real(geometry.Hausdorff(g.Geometry, h.Geometry, g.metric()) / unit), nil
		}),
		shapeFunction("st_lineinterpolatepoint", 2, 2, resultGeometry("POINT"), func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			return s.along(g, s.r.float(rest[0]), true, false)
		}),
		shapeFunction("st_lineinterpolatepoints", 2, 2, resultGeometry("GEOMETRY"), func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			return s.along(g, s.r.float(rest[0]), true, true)
		}),
		shapeFunction("st_pointatdistance", 2, 2, resultGeometry("POINT"), func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			return s.along(g, s.r.float(rest[0]), false, false)
		}),
	}
}

// lines reads two lines and a unit.
func (s spatial) lines(args []txn.Value) (g, h shape, unit float64, err error) {
	if g, h, err = s.pair(args[0], args[1]); err != nil {
		return g, h, 1, err
	}
	if err = s.wants(g, geometry.LineStringType); err == nil {
		err = s.wants(h, geometry.LineStringType)
	}
	if err == nil {
		unit, err = s.unit(g, args[2:])
	}
	return g, h, unit, err
}

// along finds a point, or all points at multiples, along a line: at a fraction of its length or at a distance.
func (s spatial) along(g shape, at float64, fraction, all bool) (txn.Value, error) {
	if err := s.wants(g, geometry.LineStringType); err != nil {
		return txn.Null(), err
	}
	if g.system.Geographic {
		return txn.Null(), s.unsupported(g)
	}
	length := g.Length(geometry.Planar)
	if fraction {
		if at < 0 || at > 1 {
			return txn.Null(), s.outOfRange("Distance")
		}
		at *= length
	}
	if at < 0 || at > length {
		return txn.Null(), s.outOfRange("Distance")
	}
	if !all || at == 0 || at*2 > length {
		p, _ := geometry.Along(g.Points, at, geometry.Planar)
		return g.like(onePoint(p)), nil
	}
	out := &geometry.Geometry{Type: geometry.MultiPointType}
	for n := 1; float64(n)*at <= length*(1+1e-14) && n <= maxInterpolated; n++ {
		p, _ := geometry.Along(g.Points, min(float64(n)*at, length), geometry.Planar)
		out.Parts = append(out.Parts, onePoint(p))
	}
	return g.like(out), nil
}

// maxInterpolated is max_points_in_geometry's default.
const maxInterpolated = 65536

func distance(s spatial, args []txn.Value) (txn.Value, error) {
	g, h, err := s.pair(args[0], args[1])
	if err != nil {
		return txn.Null(), err
	}
	unit, err := s.unit(g, args[2:])
	if err != nil || g.IsEmpty() || h.IsEmpty() {
		return txn.Null(), err
	}
	if !g.system.Geographic {
		return txn.Real(geometry.Distance(g.Geometry, h.Geometry) / unit), nil
	}
	if !pointLike(g) || !pointLike(h) {
		return txn.Null(), s.unsupported(g, h)
	}
	return txn.Real(nearest(g, h, g.system.Geodesic) / unit), nil
}

func pointLike(g shape) bool {
	return g.Type == geometry.PointType || g.Type == geometry.MultiPointType
}

// nearest is the least distance between points.
func nearest(g, h shape, metric func(a, b geometry.Point) float64) float64 {
	least := -1.0
	g.Each(func(p geometry.Point) {
		h.Each(func(q geometry.Point) {
			if d := metric(p, q); least < 0 || d < least {
				least = d
			}
		})
	})
	return least
}

func distanceSphere(s spatial, args []txn.Value) (txn.Value, error) {
	g, h, err := s.pair(args[0], args[1])
	if err != nil {
		return txn.Null(), err
	}
	if !pointLike(g) || !pointLike(h) {
		code := uint16(errCartesian)
		if g.system.Geographic {
			code = errGeographic
		}
		return txn.Null(), mysqlerr.New(code, s.name, g.Type.String()+", "+h.Type.String())
	}
	radius := float64(geometry.SphereRadius)
	if g.system.Geographic {
		radius = g.system.SemiMajor * (1 - 1/(3*g.system.InverseFlattening))
	}
	if len(args) == 3 {
		if radius = s.r.float(args[2]); radius <= 0 {
			return txn.Null(), mysqlerr.New(errRadius, s.name)
		}
	}
	for _, v := range []shape{g, h} {
		v.Each(func(p geometry.Point) {
			if err == nil {
				err = s.degrees(p.X, p.Y)
			}
		})
	}
	if err != nil {
		return txn.Null(), err
	}
	return txn.Real(nearest(g, h, geometry.OnSphere(radius, g.system.Radians))), nil
}

// spatialShapes make geometries of geometries.
func spatialShapes() []function {
	flat := func(names string, least int, f func(s spatial, g shape, rest []txn.Value) (*geometry.Geometry, error)) function {
		return shapeFunction(names, least, least, anyGeometry, func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			if err := s.planar(g); err != nil {
				return txn.Null(), err
			}
			out, err := f(s, g, rest)
			return g.like(out), err
		})
	}
	return []function{
		flat("st_envelope", 1, func(_ spatial, g shape, _ []txn.Value) (*geometry.Geometry, error) {
			b, ok := g.Box()
			if !ok {
				return g.Geometry, nil
			}
			return b.Geometry(), nil
		}),
		flat("st_centroid", 1, func(_ spatial, g shape, _ []txn.Value) (*geometry.Geometry, error) { return g.Centroid(), nil }),
		flat("st_convexhull", 1, func(_ spatial, g shape, _ []txn.Value) (*geometry.Geometry, error) { return g.ConvexHull(), nil }),
		flat("st_simplify", 2, func(s spatial, g shape, rest []txn.Value) (*geometry.Geometry, error) {
			d := s.r.float(rest[0])
			if d <= 0 {
				return nil, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, s.name)
			}
			return g.Simplify(d), nil
		}),
		shapeFunction("st_isvalid", 1, 1, resultBool, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) { return boolValue(g.Valid()), nil }),
		shapeFunction("st_validate", 1, 1, anyGeometry, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) {
			if !g.Valid() {
				return txn.Null(), nil
			}
			return g.like(g.Geometry), nil
		}),
		shapeFunction("st_issimple", 1, 1, resultBool, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) { return boolValue(g.Simple()), nil }),
		spatialFunction("st_makeenvelope", 2, 2, anyGeometry, func(s spatial, args []txn.Value) (txn.Value, error) {
			g, h, err := s.pair(args[0], args[1])
			if err != nil {
				return txn.Null(), err
			}
			if g.Type != geometry.PointType || h.Type != geometry.PointType {
				return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, s.name)
			}
			if err := s.planar(g, h); err != nil {
				return txn.Null(), err
			}
			both := geometry.NewLine(g.Points[0], h.Points[0])
			b, _ := both.Box()
			return g.like(b.Geometry()), nil
		}),
		bufferStrategy(),
		overlay("st_union", geometry.Union), overlay("st_intersection", geometry.Intersection),
		overlay("st_difference", geometry.Difference), overlay("st_symdifference", geometry.SymDifference),
		spatialFunction("st_buffer", 2, 5, anyGeometry, buffer),
	}
}

// overlay is ST_Union and its like, as far as package geometry can work them out.
func overlay(name string, f func(a, b *geometry.Geometry) (*geometry.Geometry, bool)) function {
	return spatialFunction(name, 2, 2, anyGeometry, func(s spatial, args []txn.Value) (txn.Value, error) {
		g, h, err := s.pair(args[0], args[1])
		if err != nil {
			return txn.Null(), err
		}
		out, ok := f(g.Geometry, h.Geometry)
		if !ok || g.system.Geographic && (!pointLike(g) || !pointLike(h)) {
			return txn.Null(), s.refuse(g.Type.String() + ", " + h.Type.String())
		}
		return g.like(out), nil
	})
}

// refuse is the error for what is not there.
func (s spatial) refuse(types string) error {
	return mysqlerr.Newf(mysql.ER_NOT_SUPPORTED_YET, "This version of Marmot doesn't yet support '%s(%s)'", s.name, types)
}

// buffer is ST_Buffer; only a distance of 0 leaves no curve to choose.
func buffer(s spatial, args []txn.Value) (txn.Value, error) {
	g, err := s.shape(args[0])
	if err != nil {
		return txn.Null(), err
	}
	d := s.r.float(args[1])
	if d == 0 {
		return g.like(g.Geometry), nil
	}
	if g.Dimension() < 2 && d < 0 {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, s.name)
	}
	if g.Type != geometry.PointType || g.system.Geographic || len(args) > 2 {
		return txn.Null(), s.refuse(g.Type.String())
	}
	return g.like(geometry.Circle(g.Points[0], d)), nil
}

// bufferStrategy is ST_Buffer_Strategy: a number of the strategy and its value.
func bufferStrategy() function {
	names := map[string]byte{"end_round": 1, "end_flat": 2, "join_round": 3, "join_miter": 4, "point_circle": 5, "point_square": 6}
	return spatialFunction("st_buffer_strategy", 1, 2, func([]Operand) schemas.Type { return bytesType(16) }, func(s spatial, args []txn.Value) (txn.Value, error) {
		name := strings.ToLower(string(textOf(args[0])))
		n, ok := names[name]
		takes := n == 1 || n >= 3 && n <= 5
		if !ok || takes != (len(args) == 2) {
			return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, s.name)
		}
		value := 0.0
		if takes {
			if value = s.r.float(args[1]); value <= 0 {
				return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, s.name)
			}
		}
		return txn.Blob(append([]byte{n, 0, 0, 0}, geometry.LittleEndian(value)...)), nil
	})
}
