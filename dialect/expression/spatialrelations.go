package expression

import (
	"marmot/geometry"
	"marmot/mysqlerr"
	"marmot/txn"
)

// spatialRelations compare geometries, or their boxes.
func spatialRelations() []function {
	var list []function
	for name, holds := range map[string]func(geometry.Relation) (bool, bool){
		"st_contains": geometry.Relation.Contains, "st_within": geometry.Relation.Within, "st_equals": geometry.Relation.Equals,
		"st_disjoint": geometry.Relation.Disjoint, "st_intersects": geometry.Relation.Intersects, "st_touches": geometry.Relation.Touches,
		"st_crosses": geometry.Relation.Crosses, "st_overlaps": geometry.Relation.Overlaps,
	} {
		list = append(list, spatialFunction(name, 2, 2, resultBool, func(s spatial, args []txn.Value) (txn.Value, error) {
			g, h, err := s.pair(args[0], args[1])
			if err != nil {
				return txn.Null(), err
			}
			if g.IsEmpty() || h.IsEmpty() {
				if name == "st_equals" && g.IsEmpty() && h.IsEmpty() {
					return txn.Int(1), nil
				}
				return txn.Null(), nil
			}
			yes, ok := holds(geometry.Relate(g.Geometry, h.Geometry))
			if !ok {
				return txn.Null(), nil
			}
			return boolValue(yes), nil
		}))
	}
	for name, holds := range map[string]func(a, b geometry.Box) bool{
		"mbrcontains": geometry.Box.Contains, "mbrwithin": geometry.Box.Within, "mbrequals": geometry.Box.Equals, "mbrdisjoint": geometry.Box.Disjoint,
		"mbrintersects": geometry.Box.Intersects, "mbrtouches": geometry.Box.Touches, "mbroverlaps": geometry.Box.Overlaps,
		"mbrcovers": geometry.Box.Covers, "mbrcoveredby": geometry.Box.CoveredBy,
	} {
		list = append(list, spatialFunction(name, 2, 2, resultBool, func(s spatial, args []txn.Value) (txn.Value, error) {
			g, h, err := s.pair(args[0], args[1])
			if err != nil {
				return txn.Null(), err
			}
			a, ok := g.Box()
			b, known := h.Box()
			if !ok || !known {
				return txn.Null(), nil
			}
			return boolValue(holds(a, b)), nil
		}))
	}
	return list
}

// collection gathers the geometries of a group for ST_Collect.
type collection struct {
	srid  uint32
	parts []*geometry.Geometry
	name  spatial
}

// Step takes a geometry in.
func (c *collection) Step(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	g, err := c.name.shape(args[0])
	if err != nil {
		return err
	}
	if len(c.parts) > 0 && g.srid != c.srid {
		return mysqlerr.New(errSRIDs, c.name.name, c.srid, g.srid)
	}
	c.srid = g.srid
	c.parts = append(c.parts, g.Geometry)
	return nil
}

// Inverse takes the oldest geometry out.
func (c *collection) Inverse(args []txn.Value) error {
	if !args[0].IsNull() {
		c.parts = c.parts[1:]
	}
	return nil
}

// Value is a multi-geometry where all are of one plain type, else a collection; NULL of nothing.
func (c *collection) Value() (txn.Value, error) {
	if len(c.parts) == 0 {
		return txn.Null(), nil
	}
	t := c.parts[0].Type + 3
	for _, p := range c.parts {
		if p.Type > geometry.PolygonType || p.Type+3 != t {
			t = geometry.CollectionType
		}
	}
	return txn.Blob(geometry.Encode(c.srid, &geometry.Geometry{Type: t, Parts: c.parts})), nil
}
