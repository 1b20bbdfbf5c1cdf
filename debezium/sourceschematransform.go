package debezium

import (
	"fmt"
	"slices"
	"strconv"
)

// columnSchema, tableSchema and sourceSchema are the block that ExtractSchemaToNewRecord adds.
var (
	columnBlock = &Schema{Kind: KindStruct, Name: "io.debezium.connector.source.schema.Column", Version: 1, Fields: []Field{
		{"name", &Schema{Kind: KindString}},
		{"typeName", &Schema{Kind: KindString}},
		{"length", &Schema{Kind: KindInt32, Optional: true}},
		{"scale", &Schema{Kind: KindInt32, Optional: true}},
		{"comment", &Schema{Kind: KindString, Optional: true}},
	}}
	tableBlock = &Schema{Kind: KindStruct, Name: "io.debezium.connector.source.schema.Table", Version: 1, Fields: []Field{
		{"columns", &Schema{Kind: KindArray, Items: columnBlock}},
	}}
	schemaBlock = &Schema{Kind: KindStruct, Name: "io.debezium.connector.source.Schema", Version: 1, Fields: []Field{
		{"id", &Schema{Kind: KindString}},
		{"table", tableBlock},
	}}
)

// withSourceSchema is the schema of an envelope with the block, and the block.
type withSourceSchema struct {
	schema *Schema
	block  []any
}

// newSourceSchema is ExtractSchemaToNewRecord: the columns of the table in each event.
func newSourceSchema(p *propertyReader, _ func(string)) Transform {
	p.text("schema.name.adjustment.mode", "") // the names are as Avro wants them
	known := map[*Schema]withSourceSchema{}
	return transformFunc(func(m Message) (Message, bool, error) {
		row, ok := m.Value.Value.([]any)
		if !ok || !m.isEnvelope() {
			return m, true, nil
		}
		before, hasBefore := m.Value.get("before")
		after, hasAfter := m.Value.get("after")
		switch {
		case !hasBefore || !hasAfter:
			return m, false, fmt.Errorf("unknown field: before, after")
		case before.Value == nil && after.Value == nil:
			return m, true, nil
		}
		made, ok := known[m.Value.Schema]
		if !ok {
			var err error
			if made, err = sourceSchemaOf(m.Value, after.Schema); err != nil {
				return m, false, err
			}
			if len(known) >= maxSchemas {
				clear(known)
			}
			known[m.Value.Schema] = made
		}
		m.Value = Datum{made.schema, append(rowOf(m.Value.Schema, row, true, 1), made.block)}
		return m, true, nil
	})
}

// sourceSchemaOf makes the block of what column.propagate.source.type has put into the schemas of columns.
func sourceSchemaOf(envelope Datum, row *Schema) (withSourceSchema, error) {
	s := *envelope.Schema
	s.Default = nil
	s.Fields = append(slices.Clone(s.Fields), Field{"sourceSchema", schemaBlock})
	columns := []any{}
	for _, f := range row.Fields {
		column := make([]any, len(columnBlock.Fields))
		for i, name := range []string{"name", "type", "length", "scale", "comment"} {
			text := f.Schema.parameter("__debezium.source.column."+name, "")
			if text == "" {
				continue
			}
			column[i] = text
			if columnBlock.Fields[i].Schema.Kind == KindInt32 {
				n, err := strconv.ParseInt(text, 10, 32)
				if err != nil {
					return withSourceSchema{}, fmt.Errorf("%s of column %s: %w", name, f.Name, err)
				}
				column[i] = n
			}
		}
		if column[0] == nil || column[1] == nil {
			return withSourceSchema{}, fmt.Errorf("column %s: want column.propagate.source.type or datatype.propagate.source.type = .*", f.Name)
		}
		columns = append(columns, column)
	}
	source, _ := envelope.get("source")
	if source.Value == nil {
		return withSourceSchema{}, fmt.Errorf("the event has no source")
	}
	table, _ := source.get("table")
	return withSourceSchema{&s, []any{table.Value, []any{columns}}}, nil
}
