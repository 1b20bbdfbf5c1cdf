package geometry

import "math"

// SphereRadius is the radius of ST_Distance_Sphere's default, in metres.
const SphereRadius = 6370986

// OnSphere is the distance on a sphere of two places in degrees, which radians turns into radians.
func OnSphere(radius float64, radians func(float64) float64) func(a, b Point) float64 {
	return func(a, b Point) float64 {
		lat1, lat2 := radians(a.Y), radians(b.Y)
		x, y := math.Sin((lat2-lat1)/2), math.Sin((radians(b.X)-radians(a.X))/2)
		return 2 * radius * math.Asin(min(1, math.Sqrt(x*x+math.Cos(lat1)*math.Cos(lat2)*y*y)))
	}
}

// Geodesic is Andoyer's distance on the system's ellipsoid of two places in degrees, which MySQL uses.
func (s System) Geodesic(a, b Point) float64 {
	if a == b {
		return 0
	}
	f := 1 / s.InverseFlattening
	radians := s.Radians
	lon1, lat1, lon2, lat2 := radians(a.X), radians(a.Y), radians(b.X), radians(b.Y)
	sin1, cos1 := math.Sincos(lat1)
	sin2, cos2 := math.Sincos(lat2)
	cosD := min(1, max(-1, sin1*sin2+cos1*cos2*math.Cos(lon2-lon1)))
	d := math.Acos(cosD)
	sinD := math.Sin(d)
	k, l := (sin1-sin2)*(sin1-sin2), (sin1+sin2)*(sin1+sin2)
	var h, g float64
	if 1-cosD > 1e-15 {
		h = (d + 3*sinD) / (1 - cosD)
	}
	if 1+cosD > 1e-15 {
		g = (d - 3*sinD) / (1 + cosD)
	}
	return s.SemiMajor * (d - f/4*(h*k+g*l))
}
