package geometry

import (
	"fmt"
	"math"
)

// System is a spatial reference system.
type System struct {
	SRID       uint32
	Name       string
	Geographic bool
	// SemiMajor and InverseFlattening are its ellipsoid's.
	SemiMajor, InverseFlattening float64
	// Definition is its well-known text.
	Definition string
}

const (
	wgs84Radius    = 6378137
	wgs84Flatness  = 298.257223563
	grs80Flatness  = 298.257222101
	firstUTMNorth  = 32601
	firstUTMSouth  = 32701
	utmZones       = 60
	pseudoMercator = 3857
	wgs84          = 4326
)

const geographicUnits = `PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.017453292519943278,AUTHORITY["EPSG","9122"]],` +
	`AXIS["Lat",NORTH],AXIS["Lon",EAST],AUTHORITY["EPSG","%d"]]`

const wgs84Text = `GEOGCS["WGS 84",DATUM["World Geodetic System 1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],`

// LookupSystem finds a reference system.
func LookupSystem(srid uint32) (System, bool) {
	s := System{SRID: srid, SemiMajor: wgs84Radius, InverseFlattening: wgs84Flatness}
	switch {
	case srid == 0:
		return System{}, true
	case srid == wgs84:
		s.Name, s.Geographic = "WGS 84", true
		s.Definition = wgs84Text + fmt.Sprintf(geographicUnits, srid)
	case srid == 4258:
		s.Name, s.Geographic, s.InverseFlattening = "ETRS89", true, grs80Flatness
		s.Definition = `GEOGCS["ETRS89",DATUM["European Terrestrial Reference System 1989",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],` +
			`TOWGS84[0,0,0,0,0,0,0],AUTHORITY["EPSG","6258"]],` + fmt.Sprintf(geographicUnits, srid)
	case srid == 4269:
		s.Name, s.Geographic, s.InverseFlattening = "NAD83", true, grs80Flatness
		s.Definition = `GEOGCS["NAD83",DATUM["North American Datum 1983",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],` +
			`TOWGS84[1,1,-1,0,0,0,0],AUTHORITY["EPSG","6269"]],` + fmt.Sprintf(geographicUnits, srid)
	case srid == pseudoMercator:
		s.Name = "WGS 84 / Pseudo-Mercator"
		s.Definition = `PROJCS["WGS 84 / Pseudo-Mercator",` + wgs84Text + fmt.Sprintf(geographicUnits, wgs84) +
			`,PROJECTION["Popular Visualisation Pseudo Mercator",AUTHORITY["EPSG","1024"]],PARAMETER["Latitude of natural origin",0,AUTHORITY["EPSG","8801"]],` +
			`PARAMETER["Longitude of natural origin",0,AUTHORITY["EPSG","8802"]],PARAMETER["False easting",0,AUTHORITY["EPSG","8806"]],` +
			`PARAMETER["False northing",0,AUTHORITY["EPSG","8807"]],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["X",EAST],AXIS["Y",NORTH],AUTHORITY["EPSG","3857"]]`
	case srid >= firstUTMNorth && srid < firstUTMNorth+utmZones:
		s.Name = fmt.Sprintf("WGS 84 / UTM zone %dN", srid-firstUTMNorth+1)
	case srid >= firstUTMSouth && srid < firstUTMSouth+utmZones:
		s.Name = fmt.Sprintf("WGS 84 / UTM zone %dS", srid-firstUTMSouth+1)
	default:
		return System{}, false
	}
	return s, true
}

// Systems lists the reference systems whose definitions are known.
func Systems() []System {
	var list []System
	for _, srid := range []uint32{0, pseudoMercator, 4258, 4269, wgs84} {
		s, _ := LookupSystem(srid)
		list = append(list, s)
	}
	return list
}

// Transform brings a geometry from one system into another; false if it does not know how.
func Transform(g *Geometry, from, to System) (*Geometry, bool) {
	flat := func(s System) bool { return s.SRID == pseudoMercator }
	switch {
	case from.SRID == to.SRID, from.Geographic && to.Geographic && from.SRID != 4269 && to.SRID != 4269: // neither has a shift to WGS 84
		return g, true
	case from.Geographic && flat(to):
		return g.Map(func(p Point) Point {
			return Point{wgs84Radius * radians(p.X), wgs84Radius * math.Log(math.Tan(math.Pi/4+radians(p.Y)/2))}
		}), true
	case flat(from) && to.Geographic:
		return g.Map(func(p Point) Point {
			return Point{degrees(p.X / wgs84Radius), degrees(math.Pi/2 - 2*math.Atan(math.Exp(-p.Y/wgs84Radius)))}
		}), true
	}
	return nil, false
}

// degree is the unit of the definitions above, which is not quite π/180.
const degree = 0.017453292519943278

// Radians is an angle of the system in radians.
func (s System) Radians(d float64) float64 {
	if s.Geographic {
		return d * degree
	}
	return d * (math.Pi / 180)
}

func radians(d float64) float64 { return d * degree }
func degrees(r float64) float64 { return r / degree }
