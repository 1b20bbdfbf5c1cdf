package binlog

import (
	"encoding/binary"
	"maps"
	"slices"

	"marmot/schemas"
	"marmot/txn"
)

// Fields of a table map's optional metadata.
const (
	metaSignedness        = 1
	metaDefaultCharset    = 2
	metaColumnCharset     = 3
	metaColumnName        = 4
	metaSetValues         = 5
	metaEnumValues        = 6
	metaGeometryType      = 7
	metaPrimaryKey        = 8
	metaPrimaryPrefix     = 9
	metaEnumSetDefault    = 10
	metaEnumSetCharset    = 11
	metaVisibility        = 12
	metaVectorDimension   = 13
	tableExactBits        = 1 // flag: BIT columns have exactly their bits
	tableReferenced       = 2 // flag: foreign keys go to or from the table
	defaultVectorElements = 2048
)

// table is one version of a definition as events have it. It is immutable.
type table struct {
	def     *schemas.Table
	columns []column
	places  []int // of the columns in images
	meta    []byte
	// partitions tells where rows are; nil where nothing is told of that.
	partitions *schemas.RowPartition
}

// newTable compiles a definition.
func newTable(def *schemas.Table, o *Options) (*table, error) {
	t := &table{def: def, places: def.VisibleColumns(), partitions: schemas.NewRowPartition(def)}
	for _, i := range t.places {
		c, err := newColumn(&def.Columns[i])
		if err != nil {
			return nil, err
		}
		if o.MariaDB && def.Columns[i].Type.Kind == schemas.JSON {
			c.longText()
		}
		t.columns = append(t.columns, c)
	}
	t.meta = t.optional(o.FullMetadata)
	return t, nil
}

// id is the table's number in the events.
func (t *table) id() txn.TableID { return t.def.ID }

// event writes the table map. MySQL sets the flag for foreign keys for tables that others refer to as well, of which a definition does not tell; replicas look
// at it where a transaction that has foreign keys into another database runs alone.
func (t *table) event(w *Writer, seconds uint32, referenced bool) []byte {
	b := w.event(typeTableMap, 0, seconds)
	b = appendLittle(b, uint64(t.id()), 6)
	flags := uint16(tableExactBits)
	if referenced {
		flags |= tableReferenced
	}
	b = binary.LittleEndian.AppendUint16(b, flags)
	for _, name := range []string{t.def.Database, t.def.Name} {
		b = append(b, byte(len(name)))
		b = append(append(b, name...), 0)
	}
	b = appendLength(b, uint64(len(t.columns)))
	var meta []byte
	nullable := make([]byte, (len(t.columns)+7)/8)
	for i := range t.columns {
		c := &t.columns[i]
		b = append(b, c.kind)
		meta = append(meta, c.meta...)
		if c.def.Nullable {
			nullable[i/8] |= 1 << (i % 8)
		}
	}
	b = append(appendLength(b, uint64(len(meta))), meta...)
	return append(append(b, nullable...), t.meta...)
}

// optional is the optional metadata: signs, character sets, kinds of geometries, dimensions; if full, names, members, key, visibility.
func (t *table) optional(full bool) []byte {
	var b []byte
	field := func(kind byte, data []byte) {
		if len(data) > 0 {
			b = append(appendLength(append(b, kind), uint64(len(data))), data...)
		}
	}
	field(metaSignedness, t.bits(func(c *column) (has, set bool) {
		return c.def.Type.IsNumeric() || c.kind == columnYear, c.def.Type.Unsigned || c.kind == columnYear
	}))
	characters := func(c *column) bool {
		k := c.def.Type.Kind
		return k != schemas.Enum && k != schemas.Set && (c.def.Type.IsText() || c.def.Type.IsBlob() || k == schemas.Vector)
	}
	members := func(c *column) bool { return c.def.Type.Kind == schemas.Enum || c.def.Type.Kind == schemas.Set }
	kind, data := t.charsets(characters, metaDefaultCharset, metaColumnCharset)
	field(kind, data)
	var shapes, dimensions []byte
	for i := range t.columns {
		switch typ := &t.columns[i].def.Type; typ.Kind {
		case schemas.Geometry:
			shapes = appendLength(shapes, shapeNumber(typ.Name()))
		case schemas.Vector:
			n := typ.Length
			if n == 0 {
				n = defaultVectorElements
			}
			dimensions = appendLength(dimensions, uint64(n))
		}
	}
	field(metaGeometryType, shapes)
	if full {
		var names []byte
		for i := range t.columns {
			names = appendName(names, t.columns[i].def.Name)
		}
		field(metaColumnName, names)
		field(metaSetValues, t.values(schemas.Set))
		field(metaEnumValues, t.values(schemas.Enum))
		kind, data = t.charsets(members, metaEnumSetDefault, metaEnumSetCharset)
		field(kind, data)
		kind, data = t.key()
		field(kind, data)
		field(metaVisibility, t.bits(func(c *column) (has, set bool) { return true, !c.def.Invisible }))
	}
	field(metaVectorDimension, dimensions)
	return b
}

func appendName(b []byte, name string) []byte {
	return append(appendLength(b, uint64(len(name))), name...)
}

// bits are a bit for each column that has one, from the highest of the first byte on.
func (t *table) bits(of func(c *column) (has, set bool)) []byte {
	var b []byte
	n := 0
	for i := range t.columns {
		has, set := of(&t.columns[i])
		if !has {
			continue
		}
		if n%8 == 0 {
			b = append(b, 0)
		}
		if set {
			b[n/8] |= 0x80 >> (n % 8)
		}
		n++
	}
	return b
}

// charsets are the collations of some columns: one for all but a few, or a list, whichever is shorter.
func (t *table) charsets(takes func(c *column) bool, byDefault, list byte) (kind byte, data []byte) {
	counts := map[uint16]int{}
	var ids []uint16
	for i := range t.columns {
		if c := &t.columns[i]; takes(c) {
			ids = append(ids, c.collation)
			counts[c.collation]++
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	var most uint16
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		if counts[id] > counts[most] {
			most = id
		}
	}
	if len(ids) < 1+2*(len(ids)-counts[most]) {
		for _, id := range ids {
			data = appendLength(data, uint64(id))
		}
		return list, data
	}
	data = appendLength(nil, uint64(most))
	for i, id := range ids {
		if id != most {
			data = appendLength(appendLength(data, uint64(i)), uint64(id))
		}
	}
	return byDefault, data
}

// values are the members of the columns of a kind, in the columns' character sets.
func (t *table) values(kind schemas.Kind) []byte {
	var b []byte
	for i := range t.columns {
		typ := &t.columns[i].def.Type
		if typ.Kind != kind {
			continue
		}
		b = appendLength(b, uint64(len(typ.Members)))
		for _, m := range typ.Members {
			if convert := schemas.FromUTF8(typ.Charset); convert != nil {
				m = string(convert(nil, []byte(m)))
			}
			b = appendName(b, m)
		}
	}
	return b
}

// key is the primary key: columns, and prefixes if there are any.
func (t *table) key() (kind byte, data []byte) {
	if t.def.Primary == nil {
		return 0, nil
	}
	kind = metaPrimaryKey
	for _, p := range t.def.Primary.Parts {
		if p.Prefix > 0 {
			kind = metaPrimaryPrefix
		}
	}
	for _, p := range t.def.Primary.Parts {
		data = appendLength(data, uint64(slices.Index(t.places, p.Column)))
		if kind == metaPrimaryPrefix {
			data = appendLength(data, uint64(p.Prefix))
		}
	}
	return kind, data
}

// shapeNumber is the number of a kind of geometry.
func shapeNumber(name string) uint64 {
	return uint64(max(slices.Index([]string{"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geomcollection"}, name), 0))
}
