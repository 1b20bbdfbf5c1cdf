package geometry

import (
	"encoding/binary"
	"errors"
	"math"
)

// Type is the type of a geometry, by WKB's numbers.
type Type uint32

// The types.
const (
	Any Type = iota
	PointType
	LineStringType
	PolygonType
	MultiPointType
	MultiLineStringType
	MultiPolygonType
	CollectionType
)

var typeNames = [...]string{"GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMCOLLECTION"}

// String is MySQL's name of the type.
func (t Type) String() string { return typeNames[min(int(t), len(typeNames)-1)] }

// TypeOf is the type with MySQL's name.
func TypeOf(name string) Type {
	for i, n := range typeNames {
		if n == name || name == "GEOMETRYCOLLECTION" && Type(i) == CollectionType {
			return Type(i)
		}
	}
	return Any
}

// Holds reports whether a column of type t takes a geometry of type u.
func (t Type) Holds(u Type) bool {
	return t == Any || t == u || t == CollectionType && u >= MultiPointType
}

// part is the type of the parts of a multi-type, or 0.
func (t Type) part() Type {
	switch t {
	case MultiPointType, MultiLineStringType, MultiPolygonType:
		return t - 3
	}
	return Any
}

// Point is a place.
type Point struct{ X, Y float64 }

// Geometry is a point or line (Points), a polygon (Parts are its rings, as lines), or a collection (Parts).
type Geometry struct {
	Type   Type
	Points []Point
	Parts  []*Geometry
}

// ErrInvalid is data that is no geometry.
var ErrInvalid = errors.New("invalid geometry")

// maxDepth bounds collections within collections.
const maxDepth = 100

// NewPoint makes a point.
func NewPoint(x, y float64) *Geometry {
	return &Geometry{Type: PointType, Points: []Point{{x, y}}}
}

// NewLine makes a line, or a ring of a polygon.
func NewLine(points ...Point) *Geometry { return &Geometry{Type: LineStringType, Points: points} }

// NewPolygon makes a polygon of rings.
func NewPolygon(rings ...*Geometry) *Geometry { return &Geometry{Type: PolygonType, Parts: rings} }

// Decode reads a stored value.
func Decode(b []byte) (srid uint32, g *Geometry, err error) {
	if len(b) < 4 {
		return 0, nil, ErrInvalid
	}
	g, err = DecodeWKB(b[4:])
	return binary.LittleEndian.Uint32(b), g, err
}

// Encode is the stored form.
func Encode(srid uint32, g *Geometry) []byte {
	return g.AppendWKB(binary.LittleEndian.AppendUint32(nil, srid))
}

// DecodeWKB reads well-known binary of either byte order.
func DecodeWKB(b []byte) (*Geometry, error) {
	r := wkbReader{b: b}
	g := r.geometry(0)
	if r.failed || len(r.b) > 0 {
		return nil, ErrInvalid
	}
	return g, nil
}

type wkbReader struct {
	b      []byte
	order  binary.ByteOrder
	failed bool
}

func (r *wkbReader) take(n int) []byte {
	if r.failed || len(r.b) < n {
		r.failed = true
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *wkbReader) number() uint32 { return r.order.Uint32(r.take(4)) }

// count reads a number of things that take at least size bytes each.
func (r *wkbReader) count(size int) int {
	n := r.number()
	if uint64(n)*uint64(size) > uint64(len(r.b)) {
		r.failed = true
		return 0
	}
	return int(n)
}

func (r *wkbReader) point() Point {
	b := r.take(16)
	p := Point{math.Float64frombits(r.order.Uint64(b)), math.Float64frombits(r.order.Uint64(b[8:]))}
	if !finite(p.X) || !finite(p.Y) {
		r.failed = true
	}
	return p
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

func (r *wkbReader) points() []Point {
	list := make([]Point, r.count(16))
	for i := range list {
		list[i] = r.point()
	}
	return list
}

func (r *wkbReader) geometry(depth int) *Geometry {
	switch r.take(1)[0] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		r.failed, r.order = true, binary.LittleEndian
	}
	g := &Geometry{Type: Type(r.number())}
	switch {
	case depth > maxDepth || r.failed:
		r.failed = true
	case g.Type == PointType:
		g.Points = []Point{r.point()}
	case g.Type == LineStringType:
		g.Points = r.points()
	case g.Type == PolygonType:
		for range r.count(4) {
			g.Parts = append(g.Parts, &Geometry{Type: LineStringType, Points: r.points()})
		}
	case g.Type > PolygonType && g.Type <= CollectionType:
		for range r.count(5) {
			p := r.geometry(depth + 1)
			if r.failed || g.Type.part() != Any && p.Type != g.Type.part() {
				r.failed = true
				break
			}
			g.Parts = append(g.Parts, p)
		}
	default:
		r.failed = true
	}
	if !r.failed && !g.wellFormed() {
		r.failed = true
	}
	return g
}

// wellFormed reports whether lines and rings have enough points and rings end where they begin.
func (g *Geometry) wellFormed() bool {
	switch g.Type {
	case LineStringType:
		return len(g.Points) >= 2
	case PolygonType:
		for _, ring := range g.Parts {
			n := len(ring.Points)
			if n < 4 || ring.Points[0] != ring.Points[n-1] {
				return false
			}
		}
		return len(g.Parts) > 0
	case MultiPointType, MultiLineStringType, MultiPolygonType:
		return len(g.Parts) > 0
	}
	return true
}

// AppendWKB appends little-endian well-known binary.
func (g *Geometry) AppendWKB(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, 1), uint32(g.Type))
	switch g.Type {
	case PointType:
		return appendPoints(b, g.Points)
	case LineStringType:
		return appendPoints(binary.LittleEndian.AppendUint32(b, uint32(len(g.Points))), g.Points)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(g.Parts)))
	for _, p := range g.Parts {
		if g.Type == PolygonType {
			b = appendPoints(binary.LittleEndian.AppendUint32(b, uint32(len(p.Points))), p.Points)
		} else {
			b = p.AppendWKB(b)
		}
	}
	return b
}

func appendPoints(b []byte, points []Point) []byte {
	for _, p := range points {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.X))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Y))
	}
	return b
}

// Map is the geometry with each point changed.
func (g *Geometry) Map(f func(Point) Point) *Geometry {
	out := &Geometry{Type: g.Type}
	for _, p := range g.Points {
		out.Points = append(out.Points, f(p))
	}
	for _, p := range g.Parts {
		out.Parts = append(out.Parts, p.Map(f))
	}
	return out
}

// Swapped is the geometry with x and y exchanged.
func (g *Geometry) Swapped() *Geometry {
	return g.Map(func(p Point) Point { return Point{p.Y, p.X} })
}

// Each calls f for every point.
func (g *Geometry) Each(f func(Point)) {
	for _, p := range g.Points {
		f(p)
	}
	for _, p := range g.Parts {
		p.Each(f)
	}
}

// IsEmpty reports whether there is no point in it.
func (g *Geometry) IsEmpty() bool {
	for _, p := range g.Parts {
		if !p.IsEmpty() {
			return false
		}
	}
	return len(g.Points) == 0
}

// Dimension is 0, 1 or 2; -1 of an empty geometry.
func (g *Geometry) Dimension() int {
	switch g.Type {
	case PointType, MultiPointType:
		return 0
	case LineStringType, MultiLineStringType:
		return 1
	case PolygonType, MultiPolygonType:
		return 2
	}
	d := -1
	for _, p := range g.Parts {
		d = max(d, p.Dimension())
	}
	return d
}

// leaves calls f for every point, line and polygon within.
func (g *Geometry) leaves(f func(*Geometry)) {
	if g.Type <= PolygonType {
		f(g)
		return
	}
	for _, p := range g.Parts {
		p.leaves(f)
	}
}
