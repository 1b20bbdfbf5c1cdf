package debezium

import (
	"slices"
	"strconv"

	"marmot/schemas"
	"marmot/txn"
)

// table holds what the events of one version of a table need. It is immutable.
type table struct {
	def     *schemas.Table
	topic   string
	value   fields
	key     fields // without a schema: the table has no key
	keyOf   []int  // columns of the key, for comparing rows
	event   *Schema
	visible bool // the table's rows are emitted
	// partitions is nil for a table whose rows are all in one.
	partitions *schemas.RowPartition
}

// fields are the columns that a struct has.
type fields struct {
	schema  *Schema
	columns []column
	places  []int // of the columns in images
	last    []any // data of fields behind those of columns
}

// row returns the data of an image; nil of no image, or of no struct.
func (f *fields) row(image []txn.Value) any {
	if image == nil || f.schema == nil {
		return nil
	}
	row := make([]any, len(f.columns))
	for i := range f.columns {
		row[i] = f.columns[i].value(image[f.places[i]])
	}
	return append(row, f.last...)
}

// newTable compiles the schemas of a definition.
func newTable(def *schemas.Table, o *Options) *table {
	full := def.Database + "." + def.Name
	topic, identifier := o.tableTopic(def.Database, def.Name)
	t := &table{def: def, topic: topic, partitions: schemas.NewRowPartition(def), visible: o.streamsTable(def.Database, def.Name)}
	name := o.schemaName(t.topic)
	t.value.schema = &Schema{Kind: KindStruct, Optional: true, Name: name + ".Value"}
	for _, i := range def.VisibleColumns() {
		if o.Columns.Takes(full + "." + def.Columns[i].Name) {
			t.value.add(def, i, o.mapped(o.converted(newColumn(&def.Columns[i], o), def, i), def, i), o)
		}
	}
	if t.keyOf = o.keyColumns(def); t.keyOf != nil {
		t.key.schema = &Schema{Kind: KindStruct, Name: name + ".Key"}
		for _, i := range t.keyOf {
			c := o.converted(newColumn(&def.Columns[i], o), def, i)
			t.key.add(def, i, c, o)
		}
	}
	if o.naming.keyField != "" {
		if t.key.schema == nil {
			t.key.schema = &Schema{Kind: KindStruct, Name: name + ".Key"}
		}
		t.key.schema.Fields = append(t.key.schema.Fields, Field{o.naming.keyField, &Schema{Kind: KindString}})
		t.key.last = []any{identifier}
	}
	t.event = envelopeSchema(name, t.value.schema)
	return t
}

func (f *fields) add(def *schemas.Table, i int, c column, o *Options) {
	f.columns = append(f.columns, c)
	f.places = append(f.places, i)
	f.schema.Fields = append(f.schema.Fields, Field{o.fieldName(def.Columns[i].Name), c.schema})
}

// mapped is the column of a value with what options say about columns of its name: the first that does is alone. Those of a key stay as they are.
func (o *Options) mapped(col column, def *schemas.Table, i int) column {
	c := &def.Columns[i]
	full := def.Database + "." + def.Name + "." + c.Name
	rewrites := func(kinds ...RewriteKind) *Rewrite {
		for _, kind := range kinds {
			for k := range o.Rewrites {
				if r := &o.Rewrites[k]; r.Kind == kind && r.Columns.has(full, true) {
					return r
				}
			}
		}
		return nil
	}
	if r := rewrites(RewriteTruncate, RewriteMask); r != nil {
		return r.apply(col, c.Type)
	}
	if o.PropagateColumns.Has(full) || o.PropagateTypes.Has(def.Database+"."+def.Name+"."+typeName(c.Type)) {
		col.schema = withSource(col.schema, c, o.SchemaComments)
		return col
	}
	if r := rewrites(RewriteHash); r != nil {
		return r.apply(col, c.Type)
	}
	return col
}

// withSource adds the column's type to the parameters of its schema.
func withSource(s *Schema, of *schemas.Column, comments bool) *Schema {
	const prefix = "__debezium.source.column."
	t := of.Type
	c := *s
	c.Parameters = append(append([]Parameter{}, s.Parameters...), Parameter{prefix + "type", typeName(t)})
	length, scale := lengthAndScale(t)
	if n, ok := length.(int64); ok {
		c.Parameters = append(c.Parameters, Parameter{prefix + "length", strconv.FormatInt(n, 10)})
	}
	if n, ok := scale.(int64); ok {
		c.Parameters = append(c.Parameters, Parameter{prefix + "scale", strconv.FormatInt(n, 10)})
	}
	if read := of.ReadComment(); comments && read != "" {
		c.Parameters = append(c.Parameters, Parameter{prefix + "comment", commentText(read)})
	}
	c.Parameters = append(c.Parameters, Parameter{prefix + "name", of.Name})
	return &c
}

// keyColumns returns the columns of the event key: those of message.key.columns in its order, where it names one of the table, else of the table's own
// key, else nil. Where only captured tables are told of, CREATE UNIQUE INDEX is not, and the key that it gives comes with the next statement.
func (o *Options) keyColumns(def *schemas.Table) []int {
	var list []int
	for _, key := range o.MessageKeys {
		for _, i := range def.VisibleColumns() {
			if !slices.Contains(list, i) && key.Column.Has(def.Database+"."+def.Name+"."+def.Columns[i].Name) {
				list = append(list, i)
			}
		}
	}
	if list != nil || o.OnlyCapturedDDL && def.Read != nil && def.Read.KeyUntold {
		return list
	}
	return def.ReadKey()
}

// keyOfRow is the key of an image; the zero Datum of a table without key.
func (t *table) keyOfRow(image []txn.Value) Datum {
	if t.key.schema == nil {
		return Datum{}
	}
	return Datum{t.key.schema, t.key.row(image)}
}

// sameKey reports whether both images have one key.
func (t *table) sameKey(before, after []txn.Value) bool { return same(t.keyOf, before, after) }

// unchanged reports whether an update changed nothing that is emitted.
func (t *table) unchanged(before, after []txn.Value) bool { return same(t.value.places, before, after) }

func same(places []int, before, after []txn.Value) bool {
	for _, c := range places {
		if !before[c].Equal(after[c]) {
			return false
		}
	}
	return true
}

var sourceFields = []Field{
	{"version", &Schema{Kind: KindString}},
	{"connector", &Schema{Kind: KindString}},
	{"name", &Schema{Kind: KindString}},
	{"ts_ms", &Schema{Kind: KindInt64}},
	{"snapshot", &Schema{Kind: KindString, Optional: true, Name: "io.debezium.data.Enum", Version: 1, Default: "false",
		Parameters: []Parameter{{"allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"}}}},
	{"db", &Schema{Kind: KindString}},
	{"sequence", &Schema{Kind: KindString, Optional: true}},
	{"ts_us", &Schema{Kind: KindInt64, Optional: true}},
	{"ts_ns", &Schema{Kind: KindInt64, Optional: true}},
	{"table", &Schema{Kind: KindString, Optional: true}},
	{"server_id", &Schema{Kind: KindInt64}},
	{"gtid", &Schema{Kind: KindString, Optional: true}},
	{"file", &Schema{Kind: KindString}},
	{"pos", &Schema{Kind: KindInt64}},
	{"row", &Schema{Kind: KindInt32}},
	{"thread", &Schema{Kind: KindInt64, Optional: true}},
	{"query", &Schema{Kind: KindString, Optional: true}},
}

func sourceSchema() *Schema {
	return &Schema{Kind: KindStruct, Name: "io.debezium.connector.mysql.Source", Version: 1, Fields: sourceFields}
}

func envelopeSchema(name string, value *Schema) *Schema {
	block := &Schema{Kind: KindStruct, Optional: true, Name: "event.block", Version: 1, Fields: []Field{
		{"id", &Schema{Kind: KindString}},
		{"total_order", &Schema{Kind: KindInt64}},
		{"data_collection_order", &Schema{Kind: KindInt64}},
	}}
	clock := &Schema{Kind: KindInt64, Optional: true}
	return &Schema{Kind: KindStruct, Name: name + ".Envelope", Version: 2, Fields: []Field{
		{"before", value}, {"after", value}, {"source", sourceSchema()}, {"transaction", block},
		{"op", &Schema{Kind: KindString}}, {"ts_ms", clock}, {"ts_us", clock}, {"ts_ns", clock},
	}}
}
