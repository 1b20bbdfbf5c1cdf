package debezium

import (
	"marmot/schemas"
	"marmot/txn"
)

// table holds what the events of one version of a table need. It is immutable.
type table struct {
	def       *schemas.Table
	topic     string
	columns   []column
	places    []int   // of the columns in images; hidden ones are left out
	key       *Schema // nil: the table has no key
	keyOf     []int   // columns of the key, in index order
	keyValues []int   // their places in columns
	value     *Schema // optional, as in before and after
	event     *Schema // the envelope
}

// newTable compiles the schemas of a definition.
func newTable(def *schemas.Table, o *Options) *table {
	t := &table{def: def, topic: topicName(o.TopicPrefix, def.Database, def.Name)}
	value := &Schema{Kind: KindStruct, Optional: true, Name: t.topic + ".Value"}
	place := map[int]int{}
	for _, i := range def.VisibleColumns() {
		place[i] = len(t.columns)
		t.places = append(t.places, i)
		c := newColumn(&def.Columns[i], o)
		t.columns = append(t.columns, c)
		value.Fields = append(value.Fields, Field{def.Columns[i].Name, c.schema})
	}
	t.value = value
	t.keyOf = keyColumns(def)
	if t.keyOf != nil {
		t.key = &Schema{Kind: KindStruct, Name: t.topic + ".Key"}
		for _, i := range t.keyOf {
			t.key.Fields = append(t.key.Fields, Field{def.Columns[i].Name, t.columns[place[i]].schema.required()})
			t.keyValues = append(t.keyValues, place[i])
		}
	}
	t.event = envelopeSchema(t.topic, value)
	return t
}

// keyColumns returns the columns of the event key: those of the primary key, else of the
// first unique index without a nullable column, else nil.
func keyColumns(def *schemas.Table) []int {
	for _, ix := range def.UniqueIndexes() {
		list := make([]int, 0, len(ix.Parts))
		for _, p := range ix.Parts {
			if p.Expression != "" || def.Columns[p.Column].Nullable {
				list = nil
				break
			}
			list = append(list, p.Column)
		}
		if list != nil {
			return list
		}
	}
	return nil
}

// row returns the data of an image, hidden row id left out; nil of no image.
func (t *table) row(image []txn.Value) any {
	if image == nil {
		return nil
	}
	row := make([]any, len(t.columns))
	for i := range t.columns {
		row[i] = t.columns[i].value(image[t.places[i]])
	}
	return row
}

// keyRow returns the data of the key of a row, or nil of a table without key.
func (t *table) keyRow(row any) []any {
	if t.key == nil {
		return nil
	}
	values := row.([]any)
	key := make([]any, len(t.keyValues))
	for i, c := range t.keyValues {
		key[i] = values[c]
	}
	return key
}

// sameKey reports whether both images have one key.
func (t *table) sameKey(before, after []txn.Value) bool {
	for _, c := range t.keyOf {
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

func envelopeSchema(topic string, value *Schema) *Schema {
	block := &Schema{Kind: KindStruct, Optional: true, Name: "event.block", Version: 1, Fields: []Field{
		{"id", &Schema{Kind: KindString}},
		{"total_order", &Schema{Kind: KindInt64}},
		{"data_collection_order", &Schema{Kind: KindInt64}},
	}}
	clock := &Schema{Kind: KindInt64, Optional: true}
	return &Schema{Kind: KindStruct, Name: topic + ".Envelope", Version: 2, Fields: []Field{
		{"before", value}, {"after", value}, {"source", sourceSchema()}, {"transaction", block},
		{"op", &Schema{Kind: KindString}}, {"ts_ms", clock}, {"ts_us", clock}, {"ts_ns", clock},
	}}
}
