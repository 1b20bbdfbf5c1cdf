package debezium

import (
	"fmt"
	"slices"
)

// Structs as transforms see them.

// index finds a field of a struct, -1 if there is none.
func (s *Schema) index(name string) int {
	return slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
}

// field returns the schema of a field, or nil.
func (s *Schema) field(name string) *Schema {
	if i := s.index(name); i >= 0 {
		return s.Fields[i].Schema
	}
	return nil
}

// object returns the fields of a struct; an error of anything else.
func (d Datum) object(purpose string) ([]any, error) {
	if d.Schema == nil || d.Schema.Kind != KindStruct {
		return nil, fmt.Errorf("only structs are supported for %s", purpose)
	}
	row, ok := d.Value.([]any)
	if !ok {
		return nil, fmt.Errorf("only structs are supported for %s, found null", purpose)
	}
	return row, nil
}

// get returns a field of a struct that is not null; false if there is none.
func (d Datum) get(name string) (Datum, bool) {
	i := d.Schema.index(name)
	row, ok := d.Value.([]any)
	if i < 0 || !ok {
		return Datum{}, false
	}
	return Datum{d.Schema.Fields[i].Schema, row[i]}, true
}

// text returns a field that has to be a string; false if it is null.
func (d Datum) text(name string) (string, bool, error) {
	f, ok := d.get(name)
	switch {
	case !ok:
		return "", false, fmt.Errorf("%s is not a valid field name", name)
	case f.Schema.Kind != KindString:
		return "", false, fmt.Errorf("field %q is not of type string", name)
	}
	text, ok := f.Value.(string)
	return text, ok, nil
}

// orDefault is the value with the schema's default in place of null.
func (d Datum) orDefault() any {
	if d.Value == nil {
		return d.Schema.Default
	}
	return d.Value
}

// basics returns a struct's schema with name, version, documentation, parameters and fields, and neither default nor optionality, as
// Connect's transforms copy schemas. Its fields may be appended to.
func (s *Schema) basics() *Schema {
	return &Schema{Kind: s.Kind, Name: s.Name, Version: s.Version, Doc: s.Doc, Parameters: s.Parameters, Fields: slices.Clone(s.Fields), Items: s.Items}
}

// rowOf copies the values of a struct, with defaults in place of null if they are asked for, and room for more.
func rowOf(s *Schema, row []any, defaults bool, more int) []any {
	list := make([]any, len(row), len(row)+more)
	for i := range row {
		if list[i] = row[i]; defaults && row[i] == nil {
			list[i] = s.Fields[i].Schema.Default
		}
	}
	return list
}

// schemaCache keeps schemas that transforms made, so that a schema has one address. It is bounded.
type schemaCache[K comparable] map[K]*Schema

// maxSchemas bounds a schemaCache.
const maxSchemas = maxTables

func (c schemaCache[K]) get(key K, make func() (*Schema, error)) (*Schema, error) {
	if s := c[key]; s != nil {
		return s, nil
	}
	s, err := make()
	if err != nil {
		return nil, err
	}
	if len(c) >= maxSchemas {
		clear(c)
	}
	c[key] = s
	return s, nil
}
