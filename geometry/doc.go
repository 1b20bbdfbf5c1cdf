// Package geometry is MySQL's spatial data: values as they are stored (SRID and WKB), their text and GeoJSON forms, and what can be
// measured, compared and built of them.
//
// Coordinates are in the stored order: x and y, which in a geographic reference system are longitude and latitude. Calculations are
// planar; those on an ellipsoid are in geodesic.go. All functions are pure.
package geometry
