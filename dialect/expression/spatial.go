package expression

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Errors of spatial functions, by MySQL's numbers.
const (
	errGIS               = 3037
	errGeometryType      = 3516
	errNoSystem          = 3548
	errLongitude         = 3616
	errLatitude          = 3617
	errPair              = 3560
	errOption            = 3559
	errNotGeographic     = 3726
	errSRIDs             = 3033
	errNoTransform       = 3741
	errGeographic        = 3618
	errCartesian         = 3704
	errRadius            = 3706
	errUnit              = 3902
	errNoUnit            = 3882
	errArgumentType      = 3064
	errGeoJSON           = 3072
	errGeoJSONDimensions = 3073
)

// shape is a geometry among the arguments of a function.
type shape struct {
	srid   uint32
	system geometry.System
	*geometry.Geometry
}

// spatial is one call of a spatial function.
type spatial struct {
	r    *runtime
	name string // in lower case
}

// spatialFunction makes a function of one that works on a spatial call.
func spatialFunction(names string, least, most int, result func([]Operand) schemas.Type, run func(s spatial, args []txn.Value) (txn.Value, error)) function {
	name, _, _ := strings.Cut(names, " ")
	return function{names: names, group: "Spatial", least: least, most: most, args: "r", traits: givesNull, result: result,
		run: func(r *runtime, args []txn.Value) (txn.Value, error) { return run(spatial{r, name}, args) }}
}

// shapeFunction makes a function whose first argument is a geometry.
func shapeFunction(names string, least, most int, result func([]Operand) schemas.Type, run func(s spatial, g shape, rest []txn.Value) (txn.Value, error)) function {
	return spatialFunction(names, least, most, result, func(s spatial, args []txn.Value) (txn.Value, error) {
		g, err := s.shape(args[0])
		if err != nil {
			return txn.Null(), err
		}
		return run(s, g, args[1:])
	})
}

// resultGeometry is a geometry of the given type, as MySQL spells it.
func resultGeometry(spelling string) func([]Operand) schemas.Type {
	return func([]Operand) schemas.Type { return schemas.Type{Kind: schemas.Geometry, Spelling: spelling} }
}

var anyGeometry = resultGeometry("GEOMETRY")

func (s spatial) invalid() error { return mysqlerr.New(errGIS, s.name) }

func (s spatial) outOfRange(what string) error {
	return mysqlerr.Newf(mysql.ER_DATA_OUT_OF_RANGE, "%s value is out of range in '%s'", what, s.name)
}

// shape reads a geometry.
func (s spatial) shape(v txn.Value) (shape, error) {
	if v.Kind() != txn.KindBlob && v.Kind() != txn.KindText {
		return shape{}, s.invalid()
	}
	srid, g, err := geometry.Decode(v.Bytes())
	if err != nil {
		return shape{}, s.invalid()
	}
	system, ok := geometry.LookupSystem(srid)
	if !ok {
		return shape{}, mysqlerr.New(errNoSystem, srid)
	}
	return shape{srid, system, g}, nil
}

// pair reads two geometries of one reference system.
func (s spatial) pair(a, b txn.Value) (g, h shape, err error) {
	if g, err = s.shape(a); err != nil {
		return g, h, err
	}
	if h, err = s.shape(b); err != nil {
		return g, h, err
	}
	if g.srid != h.srid {
		return g, h, mysqlerr.New(errSRIDs, s.name, g.srid, h.srid)
	}
	return g, h, nil
}

// like is a geometry in the reference system of g, as a value; NULL if it is nil.
func (g shape) like(out *geometry.Geometry) txn.Value {
	if out == nil {
		return txn.Null()
	}
	return txn.Blob(geometry.Encode(g.srid, out))
}

// wants is an error unless the geometry is of one of the types.
func (s spatial) wants(g shape, types ...geometry.Type) error {
	var names []string
	for _, t := range types {
		if g.Type == t {
			return nil
		}
		names = append(names, t.String())
	}
	return mysqlerr.New(errGeometryType, strings.Join(names, "/"), g.Type.String(), s.name)
}

// planar is an error for a geographic geometry.
func (s spatial) planar(list ...shape) error {
	var names []string
	for _, g := range list {
		names = append(names, g.Type.String())
	}
	if list[0].system.Geographic {
		return mysqlerr.New(errGeographic, s.name, strings.Join(names, ", "))
	}
	return nil
}

// system reads an SRID.
func (s spatial) system(v txn.Value) (geometry.System, error) {
	n := s.r.integer(v)
	if n < 0 || n > math.MaxUint32 {
		return geometry.System{}, s.outOfRange("SRID")
	}
	system, ok := geometry.LookupSystem(uint32(n))
	if !ok {
		return system, mysqlerr.New(errNoSystem, n)
	}
	return system, nil
}

// swaps reads the axis order option, if there is one, and reports whether outside coordinates come latitude first.
func (s spatial) swaps(system geometry.System, options []txn.Value) (bool, error) {
	swapped := system.Geographic
	if len(options) == 0 {
		return swapped, nil
	}
	text := string(textOf(options[0]))
	if strings.TrimSpace(text) == "" {
		return swapped, nil
	}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.ToLower(strings.TrimSpace(value))
		if !ok || key == "" || value == "" {
			return false, mysqlerr.New(errPair, pair, '=', s.name)
		}
		if key != "axis-order" {
			return false, mysqlerr.Newf(3558, "Invalid option key '%s' in function %s.", key, s.name)
		}
		if seen[key] {
			return false, mysqlerr.Newf(3561, "The option key '%s' is specified multiple times in function %s.", key, s.name)
		}
		seen[key] = true
		switch value {
		case "srid-defined":
		case "lat-long":
			swapped = system.Geographic
		case "long-lat":
			swapped = false
		default:
			return false, mysqlerr.New(errOption, value, "axis-order", s.name)
		}
	}
	return swapped, nil
}

// place checks the coordinates of a geographic geometry.
func (s spatial) place(system geometry.System, g *geometry.Geometry) (err error) {
	if !system.Geographic {
		return nil
	}
	g.Each(func(p geometry.Point) {
		if err == nil {
			err = s.degrees(p.X, p.Y)
		}
	})
	return err
}

func (s spatial) degrees(longitude, latitude float64) error {
	if longitude <= -180 || longitude > 180 {
		return mysqlerr.New(errLongitude, longitude, s.name, -180.0, 180.0)
	}
	if latitude < -90 || latitude > 90 {
		return mysqlerr.New(errLatitude, latitude, s.name, -90.0, 90.0)
	}
	return nil
}

// spatialFunctions are the functions on geometries.
func spatialFunctions() []function {
	list := spatialInputs()
	for _, more := range [][]function{spatialOutputs(), spatialParts(), spatialMeasures(), spatialRelations(), spatialHashes(), spatialShapes()} {
		list = append(list, more...)
	}
	return list
}

// spatialInputs make geometries of texts, bytes and other geometries.
func spatialInputs() []function {
	list := []function{
		spatialFunction("point", 2, 2, resultGeometry("POINT"), func(s spatial, args []txn.Value) (txn.Value, error) {
			x, y := s.r.float(args[0]), s.r.float(args[1])
			return txn.Blob(geometry.Encode(0, geometry.NewPoint(x, y))), nil
		}),
		constructor("linestring", geometry.LineStringType, geometry.PointType),
		constructor("polygon", geometry.PolygonType, geometry.LineStringType),
		constructor("multipoint", geometry.MultiPointType, geometry.PointType),
		constructor("multilinestring", geometry.MultiLineStringType, geometry.LineStringType),
		constructor("multipolygon", geometry.MultiPolygonType, geometry.PolygonType),
		constructor("geomcollection geometrycollection", geometry.CollectionType, geometry.Any),
		spatialFunction("st_geomfromgeojson", 1, 3, anyGeometry, fromGeoJSON),
	}
	for _, f := range []struct {
		names string
		t     geometry.Type
	}{
		{"geom geometry", geometry.Any}, {"point", geometry.PointType}, {"line linestring", geometry.LineStringType}, {"poly polygon", geometry.PolygonType},
		{"mpoint multipoint", geometry.MultiPointType}, {"mline multilinestring", geometry.MultiLineStringType},
		{"mpoly multipolygon", geometry.MultiPolygonType}, {"geomcoll geometrycollection", geometry.CollectionType},
	} {
		for name := range strings.FieldsSeq(f.names) {
			text, binary := "st_"+name+"fromtext", "st_"+name+"fromwkb"
			if name == "geomcoll" {
				list = append(list, fromText("st_geomcollfromtxt", f.t))
			}
			list = append(list, fromText(text, f.t), fromBinary(binary, f.t))
		}
	}
	return list
}

func constructor(names string, t, part geometry.Type) function {
	least := 1
	if t == geometry.CollectionType {
		least = 0
	}
	return spatialFunction(names, least, -1, resultGeometry(t.String()), func(s spatial, args []txn.Value) (txn.Value, error) {
		out := &geometry.Geometry{Type: t}
		for _, v := range args {
			if v.Kind() != txn.KindBlob && v.Kind() != txn.KindText {
				return v, mysqlerr.Newf(mysql.ER_ILLEGAL_VALUE_FOR_TYPE, "Illegal non geometric '%s' value found during parsing", textOf(v))
			}
			g, err := s.shape(v)
			if err != nil || part != geometry.Any && g.Type != part {
				return v, s.invalid()
			}
			if t == geometry.LineStringType {
				out.Points = append(out.Points, g.Points...)
			} else {
				out.Parts = append(out.Parts, g.Geometry)
			}
		}
		b := geometry.Encode(0, out)
		if _, _, err := geometry.Decode(b); err != nil {
			return txn.Null(), s.invalid()
		}
		return txn.Blob(b), nil
	})
}

// finishInput checks type and coordinates of a geometry from outside and stores it.
func (s spatial) finishInput(g *geometry.Geometry, t geometry.Type, what string, system geometry.System, options []txn.Value) (txn.Value, error) {
	if t != geometry.Any && g.Type != t {
		return txn.Null(), mysqlerr.New(errGeometryType, what, g.Type.String(), s.name)
	}
	swap, err := s.swaps(system, options)
	if err != nil {
		return txn.Null(), err
	}
	if swap {
		g = g.Swapped()
	}
	if err := s.place(system, g); err != nil {
		return txn.Null(), err
	}
	return txn.Blob(geometry.Encode(system.SRID, g)), nil
}

func fromText(name string, t geometry.Type) function {
	return spatialFunction(name, 1, 3, resultGeometry(t.String()), func(s spatial, args []txn.Value) (txn.Value, error) {
		var system geometry.System
		var err error
		if len(args) > 1 {
			if system, err = s.system(args[1]); err != nil {
				return txn.Null(), err
			}
		}
		g, err := geometry.ParseWKT(string(textOf(args[0])))
		if err != nil {
			return txn.Null(), s.invalid()
		}
		return s.finishInput(g, t, "WKT", system, args[min(2, len(args)):])
	})
}

func fromBinary(name string, t geometry.Type) function {
	return spatialFunction(name, 1, 3, resultGeometry(t.String()), func(s spatial, args []txn.Value) (txn.Value, error) {
		var system geometry.System
		var err error
		if len(args) > 1 {
			if system, err = s.system(args[1]); err != nil {
				return txn.Null(), err
			}
		}
		if args[0].Kind() != txn.KindBlob {
			return txn.Null(), s.invalid()
		}
		g, err := geometry.DecodeWKB(args[0].Bytes())
		if err != nil {
			return txn.Null(), s.invalid()
		}
		return s.finishInput(g, t, "WKB", system, args[min(2, len(args)):])
	})
}

// wkt is the well-known text of a geometry.
func wkt(g *geometry.Geometry) string {
	return g.WKT(func(b []byte, f float64) []byte {
		if f == 0 && math.Signbit(f) {
			return append(b, "-0"...)
		}
		const widest = 22 // of MySQL's coordinates without an exponent
		plain := schemas.AppendFloat(nil, schemas.Type{Kind: schemas.Double, Decimals: -1}, f)
		if len(plain) > widest {
			return append(b, strings.Replace(strconv.FormatFloat(f, 'e', -1, 64), "e-0", "e-", 1)...)
		}
		return append(b, plain...)
	})
}

// resultInt is the type of counts.
func resultInt([]Operand) schemas.Type { return schemas.Type{Kind: schemas.Int, Length: 10} }

func resultLongText([]Operand) schemas.Type { return text(-1, "") }
func resultLongBlob([]Operand) schemas.Type { return bytesType(-1) }

// spatialOutputs show geometries in other forms.
func spatialOutputs() []function {
	outside := func(form func(*geometry.Geometry) txn.Value) func(spatial, shape, []txn.Value) (txn.Value, error) {
		return func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
			swap, err := s.swaps(g.system, rest)
			if err != nil {
				return txn.Null(), err
			}
			out := g.Geometry
			if swap {
				out = out.Swapped()
			}
			return form(out), nil
		}
	}
	return []function{
		shapeFunction("st_astext st_aswkt", 1, 2, resultLongText, outside(func(g *geometry.Geometry) txn.Value { return txn.TextString(wkt(g)) })),
		shapeFunction("st_asbinary st_aswkb", 1, 2, resultLongBlob, outside(func(g *geometry.Geometry) txn.Value { return txn.Blob(g.AppendWKB(nil)) })),
		shapeFunction("st_asgeojson", 1, 3, resultJSON, asGeoJSON),
		shapeFunction("st_geometrytype", 1, 1, resultText(15), func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) {
			return txn.TextString(g.Type.String()), nil
		}),
		shapeFunction("st_dimension", 1, 1, resultInt, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) {
			if d := g.Dimension(); d >= 0 {
				return txn.Int(int64(d)), nil
			}
			return txn.Null(), nil
		}),
		shapeFunction("st_isempty", 1, 1, resultBool, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) { return boolValue(g.IsEmpty()), nil }),
		shapeFunction("st_swapxy", 1, 1, anyGeometry, func(_ spatial, g shape, _ []txn.Value) (txn.Value, error) { return g.like(g.Swapped()), nil }),
		spatialSRID(),
		shapeFunction("st_transform", 2, 2, anyGeometry, transform),
	}
}

// spatialSRID is ST_SRID(g), which gives a number, and ST_SRID(g, srid), which gives a geometry.
func spatialSRID() function {
	get := shapeFunction("st_srid", 1, 2, resultInt, func(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
		if len(rest) == 0 {
			return txn.Int(int64(g.srid)), nil
		}
		system, err := s.system(rest[0])
		if err != nil {
			return txn.Null(), err
		}
		if err := s.place(system, g.Geometry); err != nil {
			return txn.Null(), err
		}
		return txn.Blob(geometry.Encode(system.SRID, g.Geometry)), nil
	})
	get.result = func(args []Operand) schemas.Type {
		if len(args) == 2 {
			return schemas.Type{Kind: schemas.Geometry, Spelling: "GEOMETRY"}
		}
		return resultInt(nil)
	}
	return get
}

func transform(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
	to, err := s.system(rest[0])
	if err != nil {
		return txn.Null(), err
	}
	for _, system := range []geometry.System{g.system, to} {
		if system.SRID == 0 && g.srid != to.SRID {
			if g.srid != 0 {
				return txn.Null(), mysqlerr.Newf(3742, "Transformation to SRID %d is not supported.", 0)
			}
			return txn.Null(), mysqlerr.New(errNoTransform, 0)
		}
	}
	out, ok := geometry.Transform(g.Geometry, g.system, to)
	if !ok {
		return txn.Null(), mysqlerr.Newf(mysql.ER_NOT_SUPPORTED_YET, "This version of Marmot doesn't yet support '%s'",
			fmt.Sprintf("ST_Transform from SRID %d to SRID %d", g.srid, to.SRID))
	}
	return txn.Blob(geometry.Encode(to.SRID, out)), nil
}
