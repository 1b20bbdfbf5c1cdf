package schemas

// AsShown returns the column as SHOW CREATE TABLE spells it: nothing is left of how a statement declared its type and default.
func (c Column) AsShown() Column {
	switch {
	case c.Type.Kind != Geometry:
		c.Type.Spelling = ""
	case c.Type.Spelling == "GEOMETRYCOLLECTION":
		c.Type.Spelling = "GEOMCOLLECTION"
	}
	c.Type.Written, c.Type.Declared, c.Listed = "", nil, false
	if c.Default != nil && c.Default.Written != "" {
		d := *c.Default
		d.Written = ""
		c.Default = &d
	}
	return c
}
