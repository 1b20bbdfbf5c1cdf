package geometry

import (
	"strconv"
	"testing"
)

func mustParse(t *testing.T, text string) *Geometry {
	t.Helper()
	g, err := ParseWKT(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

func plain(g *Geometry) string {
	return g.WKT(func(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'g', -1, 64) })
}

func TestTextAndBinary(t *testing.T) {
	for text, want := range map[string]string{
		"point ( 1   2 )":       "POINT(1 2)",
		"MULTIPOINT(1 2,3 4)":   "MULTIPOINT((1 2),(3 4))",
		"GEOMETRYCOLLECTION()":  "GEOMETRYCOLLECTION EMPTY",
		"LINESTRING(0 0,1 1.5)": "LINESTRING(0 0,1 1.5)",
		"GEOMCOLLECTION(POINT(1 1),POLYGON((0 0,0 1,1 1,0 0)))": "GEOMETRYCOLLECTION(POINT(1 1),POLYGON((0 0,0 1,1 1,0 0)))",
		"POINT(1)": "", "FOO(1 2)": "", "LINESTRING(1 2)": "", "POLYGON((0 0,1 1))": "", "POLYGON((0 0,0 1,1 1,1 0))": "", "POINT(1 2) x": "",
	} {
		g, err := ParseWKT(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken", text)
			}
			continue
		}
		if err != nil || plain(g) != want {
			t.Errorf("%s: %v, want %s", text, err, want)
			continue
		}
		srid, back, err := Decode(Encode(4326, g))
		if err != nil || srid != 4326 || plain(back) != want {
			t.Errorf("%s: back from bytes: %d %v", text, srid, err)
		}
	}
}

// The answers are MySQL 9.7's.
func TestRelations(t *testing.T) {
	const a, b = "POLYGON((0 0,0 3,3 3,3 0,0 0))", "POLYGON((1 1,1 4,4 4,4 1,1 1))"
	for _, c := range []struct {
		name string
		f    func(Relation) (bool, bool)
		x, y string
		want string
	}{
		{"overlaps", Relation.Overlaps, a, b, "true"}, {"touches", Relation.Touches, a, "POLYGON((3 0,3 3,6 3,6 0,3 0))", "true"},
		{"within", Relation.Within, "POLYGON((1 1,1 2,2 2,2 1,1 1))", a, "true"}, {"contains", Relation.Contains, a, "POINT(0 0)", "false"},
		{"equals", Relation.Equals, "POLYGON((0 0,0 1,1 1,0 0))", "POLYGON((0 0,1 1,0 1,0 0))", "true"},
		{"crosses", Relation.Crosses, "LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)", "true"}, {"crosses", Relation.Crosses, a, "POINT(0 0)", "null"},
		{"touches", Relation.Touches, "POINT(0 0)", "POINT(0 0)", "null"}, {"overlaps", Relation.Overlaps, "POINT(0 0)", "POINT(0 0)", "false"},
		{"overlaps", Relation.Overlaps, "POINT(0 0)", "LINESTRING(0 0,1 1)", "null"}, {"within", Relation.Within, "POINT(0 0)", "LINESTRING(0 0,1 1)", "false"},
	} {
		got := "null"
		if yes, known := c.f(Relate(mustParse(t, c.x), mustParse(t, c.y))); known {
			got = strconv.FormatBool(yes)
		}
		if got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.x, c.name, c.y, got, c.want)
		}
	}
}

func TestOverlays(t *testing.T) {
	const a, b = "POLYGON((0 0,0 3,3 3,3 0,0 0))", "POLYGON((1 1,1 4,4 4,4 1,1 1))"
	for _, c := range []struct {
		f          func(a, b *Geometry) (*Geometry, bool)
		x, y, want string
	}{
		{Union, a, b, "POLYGON((1 3,0 3,0 0,3 0,3 1,4 1,4 4,1 4,1 3))"}, {Intersection, a, b, "POLYGON((1 3,1 1,3 1,3 3,1 3))"},
		{Difference, a, b, "POLYGON((1 3,0 3,0 0,3 0,3 1,1 1,1 3))"}, {SymDifference, "POINT(1 1)", "POINT(2 2)", "MULTIPOINT((1 1),(2 2))"},
		{Intersection, "LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)", "POINT(1 1)"}, {Intersection, "POINT(1 1)", "POINT(2 1)", "GEOMETRYCOLLECTION EMPTY"},
		{Intersection, "LINESTRING(0 0,4 4)", "POLYGON((1 1,1 2,2 2,2 1,1 1))", "LINESTRING(1 1,2 2)"},
		{Difference, "LINESTRING(0 0,4 4)", "POLYGON((1 1,1 2,2 2,2 1,1 1))", "MULTILINESTRING((0 0,1 1),(2 2,4 4))"},
		{Union, "POINT(1 1)", "LINESTRING(0 0,4 4)", "LINESTRING(0 0,4 4)"}, {Union, "POINT(1 1)", "LINESTRING(0 0,4 0)", "GEOMETRYCOLLECTION(LINESTRING(0 0,4 0),POINT(1 1))"},
		{Difference, "POLYGON((0 0,0 4,4 4,4 0,0 0))", "POLYGON((2 2,2 3,3 3,3 2,2 2))", "POLYGON((0 0,4 0,4 4,0 4,0 0),(2 2,2 3,3 3,3 2,2 2))"},
	} {
		g, ok := c.f(mustParse(t, c.x), mustParse(t, c.y))
		if !ok || plain(g) != c.want {
			t.Errorf("%s and %s: %s, want %s", c.x, c.y, plain(g), c.want)
		}
	}
}

func TestValidAndSimple(t *testing.T) {
	for text, want := range map[string][2]bool{
		"POLYGON((0 0,1 1,0 1,1 0,0 0))":                                {false, true},
		"LINESTRING(0 0,0 0)":                                           {false, false},
		"LINESTRING(0 0,1 1,0 1,1 0)":                                   {true, false},
		"LINESTRING(0 0,1 1,0 1,0 0)":                                   {true, true},
		"MULTIPOINT(1 1,1 1)":                                           {true, false},
		"MULTILINESTRING((0 0,1 1),(0 1,1 0))":                          {true, false},
		"POLYGON((0 0,0 3,3 3,3 0,0 0),(1 1,1 2,2 2,2 1,1 1))":          {true, true},
		"POLYGON((0 0,0 3,3 3,3 0,0 0),(4 4,4 5,5 5,5 4,4 4))":          {false, true},
		"MULTIPOLYGON(((0 0,0 3,3 3,3 0,0 0)),((3 0,3 3,4 3,4 0,3 0)))": {false, true},
	} {
		if g := mustParse(t, text); g.Valid() != want[0] || g.Simple() != want[1] {
			t.Errorf("%s: valid %v, simple %v, want %v", text, g.Valid(), g.Simple(), want)
		}
	}
}

func TestGeohashes(t *testing.T) {
	if h := Geohash(180, 0, 10); h != "xbpbpbpbpb" {
		t.Error(h)
	}
	if b, ok := GeohashBox("u4pruydqqvj"); !ok || b.MinY > 57.64911 || b.MaxY < 57.64911 {
		t.Error(b, ok)
	}
}

// FuzzDecode: whatever the bytes, a geometry that is read comes back the same.
func FuzzDecode(f *testing.F) {
	f.Add(Encode(0, NewPoint(1, 2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		srid, g, err := Decode(b)
		if err != nil {
			return
		}
		again, h, err := Decode(Encode(srid, g))
		if err != nil || again != srid || plain(h) != plain(g) {
			t.Error(plain(g), err)
		}
	})
}

// FuzzText: what is read as text is written so that it is read again.
func FuzzText(f *testing.F) {
	f.Add("POLYGON((0 0,0 1,1 1,0 0))")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ParseWKT(text)
		if err != nil {
			return
		}
		if h, err := ParseWKT(plain(g)); err != nil || plain(h) != plain(g) {
			t.Error(plain(g), err)
		}
	})
}
