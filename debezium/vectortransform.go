package debezium

import (
	"fmt"
	"strings"
)

// newVectorToJSON is VectorToJsonConverter: vectors as JSON.
func newVectorToJSON(*propertyReader, func(string)) Transform {
	schemas := schemaCache[*Schema]{}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil {
			return m, true, nil
		}
		if _, err := m.Value.object("vectors"); err != nil {
			return m, false, err
		}
		s, err := schemas.get(m.Value.Schema, func() (*Schema, error) { return vectorSchema(m.Value.Schema), nil })
		if err != nil {
			return m, false, err
		}
		m.Value = Datum{s, vectorRow(m.Value.Schema, m.Value.Value)}
		return m, true, nil
	})
}

// isVector reports whether a type is one of Debezium's vectors that MySQL has.
func isVector(s *Schema) bool {
	return s.Name == "io.debezium.data.FloatVector" || s.Name == "io.debezium.data.DoubleVector"
}

// vectorSchema is a struct with texts in place of vectors.
func vectorSchema(old *Schema) *Schema {
	s := old.basics()
	s.Optional = old.Optional
	for i := range s.Fields {
		f := &s.Fields[i]
		switch {
		case isVector(f.Schema):
			f.Schema = &Schema{Kind: KindString, Optional: f.Schema.Optional, Name: "io.debezium.data.Json", Version: 1}
		case f.Schema.Kind == KindStruct:
			f.Schema = vectorSchema(f.Schema)
		}
	}
	return s
}

// vectorRow are the values of such a struct.
func vectorRow(s *Schema, v any) any {
	row, ok := v.([]any)
	if !ok {
		return nil
	}
	values := rowOf(s, row, true, 0)
	for i, f := range s.Fields {
		list, ok := values[i].([]any)
		switch {
		case f.Schema.Kind == KindStruct:
			values[i] = vectorRow(f.Schema, values[i])
		case isVector(f.Schema) && ok:
			texts := make([]string, len(list))
			for j := range list {
				b, err := appendJava(nil, f.Schema.Items, list[j])
				if err != nil {
					b = fmt.Append(nil, list[j])
				}
				texts[j] = string(b)
			}
			values[i] = `{ "values": [` + strings.Join(texts, ", ") + "] }"
		}
	}
	return values
}
