package expression

import (
	"math"
	"strings"

	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// spatialParts are what points, lines, polygons and collections are made of.
func spatialParts() []function {
	const p, l, y = geometry.PointType, geometry.LineStringType, geometry.PolygonType
	list := []function{
		coordinate("st_x", false, true), coordinate("st_y", false, false), coordinate("st_longitude", true, true), coordinate("st_latitude", true, false),
		part("st_startpoint", "POINT", l, func(g shape, _ int64) *geometry.Geometry { return onePoint(g.Points[0]) }),
		part("st_endpoint", "POINT", l, func(g shape, _ int64) *geometry.Geometry { return onePoint(g.Points[len(g.Points)-1]) }),
		part("st_exteriorring", "LINESTRING", y, func(g shape, _ int64) *geometry.Geometry { return g.Parts[0] }),
		count("st_numpoints", func(g shape) int64 {
			if g.Type != l {
				return -1
			}
			return int64(len(g.Points))
		}),
		count("st_numgeometries", func(g shape) int64 {
			if g.Type <= y {
				return -1
			}
			return int64(len(g.Parts))
		}),
		count("st_numinteriorrings st_numinteriorring", func(g shape) int64 {
			if g.Type != y {
				return -1
			}
			return int64(len(g.Parts)) - 1
		}),
		count("st_isclosed", func(g shape) int64 {
			if g.Type != l && g.Type != geometry.MultiLineStringType {
				return -1
			}
			if g.Closed() {
				return 1
			}
			return 0
		}),
	}
	nth := func(names, spelling string, f func(g shape, n int64) *geometry.Geometry) function {
		return shapeFunction(names, 2, 2, resultGeometry(spelling), func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			return g.like(f(g, s.r.integer(rest[0]))), nil
		})
	}
	return append(list,
		nth("st_pointn", "POINT", func(g shape, n int64) *geometry.Geometry {
			if g.Type != l || n < 1 || n > int64(len(g.Points)) {
				return nil
			}
			return onePoint(g.Points[n-1])
		}),
		nth("st_geometryn", "GEOMETRY", func(g shape, n int64) *geometry.Geometry {
			if g.Type <= y || n < 1 || n > int64(len(g.Parts)) {
				return nil
			}
			return g.Parts[n-1]
		}),
		nth("st_interiorringn", "LINESTRING", func(g shape, n int64) *geometry.Geometry {
			if g.Type != y || n < 1 || n >= int64(len(g.Parts)) {
				return nil
			}
			return g.Parts[n]
		}))
}

func onePoint(p geometry.Point) *geometry.Geometry { return geometry.NewPoint(p.X, p.Y) }

// part is a function that gives a part of geometries of one type, and NULL of others.
func part(names, spelling string, t geometry.Type, f func(g shape, n int64) *geometry.Geometry) function {
	return shapeFunction(names, 1, 1, resultGeometry(spelling), func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) {
		if g.Type != t {
			return txn.Null(), nil
		}
		return g.like(f(g, 0)), nil
	})
}

// count is a function that gives a number, NULL if it is negative.
func count(names string, f func(g shape) int64) function {
	return shapeFunction(names, 1, 1, resultInt, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) {
		n := f(g)
		if n < 0 {
			return txn.Null(), nil
		}
		return txn.Int(n), nil
	})
}

// coordinate is ST_X and its like, with one argument, or with a new value as the second. ST_X is the first axis of the reference
// system: the latitude in a geographic one.
func coordinate(name string, geographic, first bool) function {
	f := shapeFunction(name, 1, 2, resultDouble, func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
		if err := s.wants(g, geometry.PointType); err != nil {
			return txn.Null(), err
		}
		if geographic && !g.system.Geographic {
			return txn.Null(), mysqlerr.New(errNotGeographic, s.name, g.srid)
		}
		isX := first
		if !geographic && g.system.Geographic {
			isX = !first
		}
		p := g.Points[0]
		if len(rest) == 0 {
			if isX {
				return txn.Real(p.X), nil
			}
			return txn.Real(p.Y), nil
		}
		v := s.r.float(rest[0])
		if isX {
			p.X = v
		} else {
			p.Y = v
		}
		if err := s.place(g.system, onePoint(p)); err != nil {
			return txn.Null(), err
		}
		return g.like(onePoint(p)), nil
	})
	f.result = func(args []Operand) schemas.Type {
		if len(args) == 2 {
			return schemas.Type{Kind: schemas.Geometry, Spelling: "POINT"}
		}
		return double()
	}
	return f
}

// spatialHashes are the functions of geohashes.
func spatialHashes() []function {
	side := func(name string, low, high func(geometry.Box) float64) function {
		return spatialFunction(name, 1, 1, resultDouble, func(s spatial, args []txn.Value) (txn.Value, error) {
			b, err := s.hashBox(args[0])
			if err != nil {
				return txn.Null(), err
			}
			return txn.Real(roundedMiddle(low(b), high(b))), nil
		})
	}
	west, east := func(b geometry.Box) float64 { return b.MinX }, func(b geometry.Box) float64 { return b.MaxX }
	south, north := func(b geometry.Box) float64 { return b.MinY }, func(b geometry.Box) float64 { return b.MaxY }
	return []function{
		spatialFunction("st_geohash", 2, 3, resultText(geometry.MaxGeohash), geohash),
		side("st_latfromgeohash", south, north), side("st_longfromgeohash", west, east),
		spatialFunction("st_pointfromgeohash", 2, 2, resultGeometry("POINT"), func(s spatial, args []txn.Value) (txn.Value, error) {
			b, err := s.hashBox(args[0])
			if err != nil {
				return txn.Null(), err
			}
			system, err := s.system(args[1])
			if err != nil {
				return txn.Null(), err
			}
			p := geometry.NewPoint(roundedMiddle(b.MinX, b.MaxX), roundedMiddle(b.MinY, b.MaxY))
			return txn.Blob(geometry.Encode(system.SRID, p)), nil
		}),
	}
}

func (s spatial) hashBox(v txn.Value) (geometry.Box, error) {
	name := strings.ToUpper(s.name)
	if v.Kind() != txn.KindText {
		return geometry.Box{}, mysqlerr.New(errArgumentType, "geohash", name)
	}
	b, ok := geometry.GeohashBox(string(v.Bytes()))
	if !ok {
		return b, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_TYPE, "geohash", string(v.Bytes()), name)
	}
	return b, nil
}

// roundedMiddle is the middle of two bounds with as few decimals as still lie between them.
func roundedMiddle(low, high float64) float64 {
	middle := (low + high) / 2
	for decimals := 0; decimals <= 20; decimals++ {
		scale := math.Pow10(decimals)
		if r := math.Round(middle*scale) / scale; r >= low && r <= high {
			return r + 0
		}
	}
	return middle
}

// geohash is ST_GeoHash(longitude, latitude, length) and ST_GeoHash(point, length).
func geohash(s spatial, args []txn.Value) (txn.Value, error) {
	var longitude, latitude float64
	if len(args) == 2 {
		g, err := s.shape(args[0])
		if err != nil {
			return txn.Null(), err
		}
		if g.Type != geometry.PointType {
			return txn.Null(), mysqlerr.New(errArgumentType, "point", strings.ToUpper(s.name))
		}
		longitude, latitude = g.Points[0].X, g.Points[0].Y
	} else {
		longitude, latitude = s.r.float(args[0]), s.r.float(args[1])
	}
	length := s.r.integer(args[len(args)-1])
	switch {
	case length < 1 || length > geometry.MaxGeohash:
		return txn.Null(), s.outOfRange("max geohash length")
	case longitude < -180 || longitude > 180:
		return txn.Null(), s.outOfRange("longitude")
	case latitude < -90 || latitude > 90:
		return txn.Null(), s.outOfRange("latitude")
	}
	return txn.TextString(geometry.Geohash(longitude, latitude, int(length))), nil
}
