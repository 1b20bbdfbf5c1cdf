package debezium

import "strconv"

// Kind is a type of Kafka Connect.
type Kind string

// The types of Kafka Connect, as JsonConverter spells them.
const (
	KindInt8    Kind = "int8" // of Cast alone
	KindInt16   Kind = "int16"
	KindInt32   Kind = "int32"
	KindInt64   Kind = "int64"
	KindFloat32 Kind = "float"
	KindFloat64 Kind = "double"
	KindBoolean Kind = "boolean"
	KindString  Kind = "string"
	KindBytes   Kind = "bytes"
	KindArray   Kind = "array"
	KindStruct  Kind = "struct"
	KindMap     Kind = "map" // of strings to Items
)

// Parameter is a parameter of a schema; their order is kept.
type Parameter struct{ Name, Value string }

// nullParameter is the Value of a parameter that is null.
const nullParameter = "\x00null"

// Field is a field of a struct.
type Field struct {
	Name   string
	Schema *Schema
}

// Schema is a Kafka Connect schema. It is immutable once built.
type Schema struct {
	Kind       Kind
	Optional   bool
	Name       string // semantic name, or empty
	Version    int    // 0: none
	Doc        string
	Parameters []Parameter
	Default    any     // nil: none
	Fields     []Field // of a struct
	Items      *Schema // of an array; values of a map
}

// Data values go with a schema: nil, bool, int64 (all integers), float32, float64, string,
// []byte, []any (array; struct with one value a field, in order; map with one []any of key and value an entry, in order).

// optional returns a copy of s that may be null.
func (s *Schema) optional() *Schema {
	c := *s
	c.Optional = true
	return &c
}

// required returns a copy of s that may not be null.
func (s *Schema) required() *Schema {
	c := *s
	c.Optional = false
	return &c
}

// appendSchema appends the schema as JsonConverter writes it; field is its name inside a
// struct, or empty.
func appendSchema(b []byte, s *Schema, field string) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, string(s.Kind))
	switch s.Kind {
	case KindArray:
		b = append(b, `,"items":`...)
		b = appendSchema(b, s.Items, "")
	case KindMap:
		b = append(b, `,"keys":{"type":"string","optional":false},"values":`...)
		b = appendSchema(b, s.Items, "")
	case KindStruct:
		b = append(b, `,"fields":[`...)
		for i := range s.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendSchema(b, s.Fields[i].Schema, s.Fields[i].Name)
		}
		b = append(b, ']')
	}
	b = append(b, `,"optional":`...)
	b = strconv.AppendBool(b, s.Optional)
	if s.Name != "" {
		b = append(b, `,"name":`...)
		b = appendString(b, s.Name)
	}
	if s.Version != 0 {
		b = append(b, `,"version":`...)
		b = strconv.AppendInt(b, int64(s.Version), 10)
	}
	if s.Doc != "" {
		b = append(b, `,"doc":`...)
		b = appendString(b, s.Doc)
	}
	if len(s.Parameters) > 0 {
		b = append(b, `,"parameters":{`...)
		for i, p := range s.Parameters {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, p.Name)
			b = append(b, ':')
			if p.Value == nullParameter {
				b = append(b, "null"...)
			} else {
				b = appendString(b, p.Value)
			}
		}
		b = append(b, '}')
	}
	if s.Default != nil {
		b = append(b, `,"default":`...)
		b = appendValue(b, s.required(), s.Default, false)
	}
	if field != "" {
		b = append(b, `,"field":`...)
		b = appendString(b, field)
	}
	return append(b, '}')
}
