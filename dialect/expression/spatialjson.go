package expression

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// geoJSONNames are GeoJSON's names of the types.
var geoJSONNames = map[geometry.Type]string{geometry.PointType: "Point", geometry.LineStringType: "LineString", geometry.PolygonType: "Polygon",
	geometry.MultiPointType: "MultiPoint", geometry.MultiLineStringType: "MultiLineString", geometry.MultiPolygonType: "MultiPolygon",
	geometry.CollectionType: "GeometryCollection"}

// Options of ST_AsGeoJSON.
const (
	geoJSONBox      = 1
	geoJSONShortCRS = 2
	geoJSONLongCRS  = 4
)

// asGeoJSON is ST_AsGeoJSON(g [, decimals [, options]]).
func asGeoJSON(s spatial, g shape, rest []txn.Value) (txn.Value, error) {
	decimals, options := int64(math.MaxInt32), int64(0)
	if len(rest) > 0 {
		if decimals = s.r.integer(rest[0]); decimals < 0 || decimals > math.MaxInt32 {
			return txn.Null(), s.outOfRange("max decimal digits")
		}
	}
	if len(rest) > 1 {
		if options = s.r.integer(rest[1]); options < 0 || options > 7 {
			return txn.Null(), s.outOfRange("options")
		}
	}
	w := geoJSONWriter{decimals: int(min(decimals, 20)), box: options&geoJSONBox != 0}
	crs := ""
	switch {
	case g.srid == 0:
	case options&geoJSONLongCRS != 0:
		crs = fmt.Sprintf("urn:ogc:def:crs:EPSG::%d", g.srid)
	case options&geoJSONShortCRS != 0:
		crs = fmt.Sprintf("EPSG:%d", g.srid)
	}
	w.geometry(g.Geometry, crs)
	return txn.Text(w.b), nil
}

type geoJSONWriter struct {
	b        []byte
	decimals int
	box      bool
}

func (w *geoJSONWriter) add(text string) { w.b = append(w.b, text...) }

func (w *geoJSONWriter) number(f float64) {
	if w.decimals < 20 {
		scale := math.Pow10(w.decimals)
		if r := math.Round(f*scale) / scale; !math.IsInf(r, 0) && !math.IsNaN(r) {
			f = r
		}
	}
	w.b = schemas.AppendJSONDouble(w.b, f)
}

func (w *geoJSONWriter) geometry(g *geometry.Geometry, crs string) {
	w.add("{")
	if crs != "" {
		w.add(`"crs": {"type": "name", "properties": {"name": "` + crs + `"}}, `)
	}
	if b, ok := g.Box(); ok && w.box {
		w.add(`"bbox": [`)
		for i, f := range []float64{b.MinX, b.MinY, b.MaxX, b.MaxY} {
			if i > 0 {
				w.add(", ")
			}
			w.number(f)
		}
		w.add("], ")
	}
	w.add(`"type": "` + geoJSONNames[g.Type] + `", `)
	if g.Type != geometry.CollectionType {
		w.add(`"coordinates": `)
		w.coordinates(g)
		w.add("}")
		return
	}
	w.add(`"geometries": [`)
	for i, p := range g.Parts {
		if i > 0 {
			w.add(", ")
		}
		w.geometry(p, "")
	}
	w.add("]}")
}

func (w *geoJSONWriter) coordinates(g *geometry.Geometry) {
	if g.Type == geometry.PointType {
		w.point(g.Points[0])
		return
	}
	w.add("[")
	for i, p := range g.Points {
		if i > 0 {
			w.add(", ")
		}
		w.point(p)
	}
	for i, p := range g.Parts {
		if i > 0 {
			w.add(", ")
		}
		w.coordinates(p)
	}
	w.add("]")
}

func (w *geoJSONWriter) point(p geometry.Point) {
	w.add("[")
	w.number(p.X)
	w.add(", ")
	w.number(p.Y)
	w.add("]")
}

// fromGeoJSON is ST_GeomFromGeoJSON(text [, options [, srid]]).
func fromGeoJSON(s spatial, args []txn.Value) (txn.Value, error) {
	if _, err := document(args[0], 1, s.name); err != nil {
		return txn.Null(), err
	}
	var v any
	if err := json.Unmarshal(args[0].Bytes(), &v); err != nil {
		return txn.Null(), mysqlerr.New(errGeoJSON, s.name)
	}
	r := geoJSONReader{s: s, options: 1}
	if len(args) > 1 {
		if r.options = s.r.integer(args[1]); r.options < 1 || r.options > 4 {
			return txn.Null(), s.outOfRange("options")
		}
	}
	system, _ := geometry.LookupSystem(4326)
	if len(args) > 2 {
		var err error
		if system, err = s.system(args[2]); err != nil {
			return txn.Null(), err
		}
	}
	g := r.object(v, 0)
	if r.err == nil && g != nil {
		if _, err := geometry.DecodeWKB(g.AppendWKB(nil)); err != nil {
			r.fail()
		}
	}
	if r.err != nil || g == nil {
		return txn.Null(), r.err
	}
	if err := s.place(system, g); err != nil {
		return txn.Null(), err
	}
	return txn.Blob(geometry.Encode(system.SRID, g)), nil
}

type geoJSONReader struct {
	s       spatial
	options int64 // of what to do with more than two dimensions: 1 refuses them
	err     error
}

func (r *geoJSONReader) fail() {
	if r.err == nil {
		r.err = mysqlerr.New(errGeoJSON, r.s.name)
	}
}

// object reads a geometry, a feature or a collection of features; nil is null.
func (r *geoJSONReader) object(v any, depth int) *geometry.Geometry {
	if v == nil && depth > 0 {
		return nil
	}
	o, ok := v.(map[string]any)
	kind, _ := o["type"].(string)
	if !ok || depth > 100 {
		r.fail()
		return nil
	}
	if strings.EqualFold(kind, "Feature") {
		return r.object(o["geometry"], depth+1)
	}
	if strings.EqualFold(kind, "FeatureCollection") || strings.EqualFold(kind, "GeometryCollection") {
		member := "features"
		if strings.EqualFold(kind, "GeometryCollection") {
			member = "geometries"
		}
		list, ok := o[member].([]any)
		if !ok {
			r.fail()
		}
		g := &geometry.Geometry{Type: geometry.CollectionType}
		for _, part := range list {
			if p := r.object(part, depth+1); p != nil {
				g.Parts = append(g.Parts, p)
			}
		}
		return g
	}
	for t, name := range geoJSONNames {
		if strings.EqualFold(name, kind) {
			return r.coordinates(t, o["coordinates"])
		}
	}
	r.fail()
	return nil
}

func (r *geoJSONReader) coordinates(t geometry.Type, v any) *geometry.Geometry {
	g := &geometry.Geometry{Type: t}
	list, ok := v.([]any)
	if !ok {
		r.fail()
		return g
	}
	if t == geometry.PointType {
		g.Points = []geometry.Point{r.point(list)}
		return g
	}
	for _, item := range list {
		switch t {
		case geometry.LineStringType:
			p, _ := item.([]any)
			g.Points = append(g.Points, r.point(p))
		case geometry.PolygonType:
			g.Parts = append(g.Parts, r.coordinates(geometry.LineStringType, item))
		default:
			g.Parts = append(g.Parts, r.coordinates(t-3, item))
		}
	}
	return g
}

func (r *geoJSONReader) point(list []any) geometry.Point {
	if len(list) < 2 {
		r.fail()
		return geometry.Point{}
	}
	if len(list) > 2 && r.options == 1 && r.err == nil {
		r.err = mysqlerr.New(errGeoJSONDimensions, r.s.name, len(list), 2)
	}
	x, ok := list[0].(float64)
	y, also := list[1].(float64)
	if !ok || !also {
		r.fail()
	}
	return geometry.Point{X: x, Y: y}
}
