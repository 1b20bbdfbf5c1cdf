package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// shortSpatial are the names that MySQL's errors have, of two that the parser does not tell apart.
var shortSpatial = map[string]string{
	"st_geometryfromtext": "st_geomfromtext", "st_geometryfromwkb": "st_geomfromwkb",
	"st_geometrycollectionfromtext": "st_geomcollfromtext", "st_geometrycollectionfromwkb": "st_geomcollfromwkb",
	"st_linestringfromtext": "st_linefromtext", "st_linestringfromwkb": "st_linefromwkb",
	"st_polygonfromtext": "st_polyfromtext", "st_polygonfromwkb": "st_polyfromwkb",
	"st_multipointfromtext": "st_mpointfromtext", "st_multipointfromwkb": "st_mpointfromwkb",
	"st_multilinestringfromtext": "st_mlinefromtext", "st_multilinestringfromwkb": "st_mlinefromwkb",
	"st_multipolygonfromtext": "st_mpolyfromtext", "st_multipolygonfromwkb": "st_mpolyfromwkb",
}

// spatialName is the name under which MySQL speaks of a function.
func spatialName(name string) string {
	name = strings.ToLower(name)
	if short, ok := shortSpatial[name]; ok {
		return short
	}
	return name
}

// spatialNode compiles the spatial functions that the parser gives nodes of their own.
func (s *scope) spatialNode(e sqlparser.Expr) (expression.Operand, bool, error) {
	name, args := spatialCall(e)
	if name == "" {
		return expression.Operand{}, false, nil
	}
	o, err := s.callNode(spatialName(name), args...)
	return o, true, err
}

// collect compiles ST_Collect, an aggregate that the parser takes for a plain function.
func (s *scope) collect(e *sqlparser.FuncExpr) (expression.Operand, error) {
	if !s.aggregates || s.inAggregate {
		return expression.Operand{}, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
	}
	s.aggregated = true
	s.inAggregate = true
	defer func() { s.inAggregate = false }()
	args, err := s.exprs(e.Exprs)
	if err != nil {
		return expression.Operand{}, err
	}
	return expression.Aggregate("st_collect", args, expression.AggregateOptions{})
}

// spatialCall is the name and the arguments of a spatial function; nil arguments were not given.
func spatialCall(e sqlparser.Expr) (string, []sqlparser.Expr) {
	list := func(args ...sqlparser.Expr) []sqlparser.Expr { return args }
	switch e := e.(type) {
	case *sqlparser.PointExpr:
		return "point", list(e.XCordinate, e.YCordinate)
	case *sqlparser.LineStringExpr:
		return "linestring", e.PointParams
	case *sqlparser.PolygonExpr:
		return "polygon", e.LinestringParams
	case *sqlparser.MultiPointExpr:
		return "multipoint", e.PointParams
	case *sqlparser.MultiLinestringExpr:
		return "multilinestring", e.LinestringParams
	case *sqlparser.MultiPolygonExpr:
		return "multipolygon", e.PolygonParams
	case *sqlparser.GeomFromTextExpr:
		return e.Type.ToString(), list(e.WktText, e.Srid, e.AxisOrderOpt)
	case *sqlparser.GeomFromWKBExpr:
		return e.Type.ToString(), list(e.WkbBlob, e.Srid, e.AxisOrderOpt)
	case *sqlparser.GeomFormatExpr:
		return e.FormatType.ToString(), list(e.Geom, e.AxisOrderOpt)
	case *sqlparser.GeomPropertyFuncExpr:
		return e.Property.ToString(), list(e.Geom)
	case *sqlparser.PointPropertyFuncExpr:
		return e.Property.ToString(), list(e.Point, e.ValueToSet)
	case *sqlparser.LinestrPropertyFuncExpr:
		return e.Property.ToString(), list(e.Linestring, e.PropertyDefArg)
	case *sqlparser.PolygonPropertyFuncExpr:
		return e.Property.ToString(), list(e.Polygon, e.PropertyDefArg)
	case *sqlparser.GeomCollPropertyFuncExpr:
		return e.Property.ToString(), list(e.GeomColl, e.PropertyDefArg)
	case *sqlparser.GeoHashFromLatLongExpr:
		return "st_geohash", list(e.Longitude, e.Latitude, e.MaxLength)
	case *sqlparser.GeoHashFromPointExpr:
		return "st_geohash", list(e.Point, e.MaxLength)
	case *sqlparser.GeomFromGeoHashExpr:
		return e.GeomType.ToString(), list(e.GeoHash, e.SridOpt)
	case *sqlparser.GeoJSONFromGeomExpr:
		return "st_asgeojson", list(e.Geom, e.MaxDecimalDigits, e.Bitmask)
	case *sqlparser.GeomFromGeoJSONExpr:
		return "st_geomfromgeojson", list(e.GeoJSON, e.HigherDimHandlerOpt, e.Srid)
	}
	return "", nil
}
