package debezium

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// headerLists reads fields and headers, which belong together, and operation.
func headerLists(p *propertyReader) (fields, headers []string, move bool) {
	fields, headers = p.list("fields"), p.list("headers")
	switch {
	case len(fields) == 0:
		p.fail("fields", "must not be empty")
	case len(headers) != len(fields):
		p.fail("headers", "must have the same number of elements as fields")
	}
	if p.text("operation", "") == "" {
		p.fail("operation", "want move, copy")
	}
	return fields, headers, p.word("operation", "copy", "move", "copy") == "move"
}

// headersBuilder is HeaderFrom: fields of the key or of the value as headers.
func headersBuilder(key bool) builder {
	return func(p *propertyReader, _ func(string)) Transform {
		fields, headers, move := headerLists(p)
		defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
		return transformFunc(func(m Message) (Message, bool, error) {
			of := &m.Value
			if key {
				of = &m.Key
			}
			row, err := of.object("header operation")
			if err != nil {
				return m, false, err
			}
			m.Headers = slices.Clip(m.Headers)
			for i, name := range fields {
				f, ok := of.get(name)
				if !ok {
					return m, false, fmt.Errorf("there is no field %s", name)
				}
				if defaults {
					f.Value = f.orDefault()
				}
				m.Headers = append(m.Headers, MessageHeader{headers[i], f})
			}
			if move {
				*of, err = withoutFields(*of, row, fields, defaults, schemas)
			}
			return m, true, err
		})
	}
}

// withoutFields is a struct without some fields.
func withoutFields(d Datum, row []any, names []string, defaults bool, schemas schemaCache[*Schema]) (Datum, error) {
	s, err := schemas.get(d.Schema, func() (*Schema, error) {
		s := d.Schema.basics()
		s.Fields = slices.DeleteFunc(s.Fields, func(f Field) bool { return slices.Contains(names, f.Name) })
		return s, nil
	})
	values := make([]any, 0, len(s.Fields))
	for i, v := range rowOf(d.Schema, row, defaults, 0) {
		if !slices.Contains(names, d.Schema.Fields[i].Name) {
			values = append(values, v)
		}
	}
	return Datum{s, values}, err
}

// newChangedState is ExtractChangedRecordState: the names of the fields that an update has changed, and of the others, as headers.
func newChangedState(p *propertyReader, _ func(string)) Transform {
	schemaOf := func(name string) *Schema {
		return &Schema{Kind: KindArray, Optional: true, Name: name, Items: &Schema{Kind: KindString, Optional: true}}
	}
	changedName, unchangedName := p.text("header.changed.name", ""), p.text("header.unchanged.name", "")
	changedSchema, unchangedSchema := schemaOf(changedName), schemaOf(unchangedName)
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil || !m.isEnvelope() {
			return m, true, nil
		}
		before, _ := m.Value.get("before")
		after, _ := m.Value.get("after")
		was, update := before.Value.([]any)
		is, inserted := after.Value.([]any)
		changed, unchanged := []any{}, []any{}
		for i := 0; update && inserted && i < len(is); i++ {
			// Bits are arrays to Java, of which none equals another.
			if bits := after.Schema.Fields[i].Schema.Name == "io.debezium.data.Bits" && is[i] != nil; !bits && sameData(was[i], is[i]) {
				unchanged = append(unchanged, after.Schema.Fields[i].Name)
			} else {
				changed = append(changed, after.Schema.Fields[i].Name)
			}
		}
		had := len(m.Headers)
		m.Headers = slices.Clip(m.Headers)
		if strings.TrimSpace(changedName) != "" {
			m.Headers = append(m.Headers, MessageHeader{changedName, Datum{changedSchema, changed}})
		}
		if strings.TrimSpace(unchangedName) != "" {
			m.Headers = append(m.Headers, MessageHeader{unchangedName, Datum{unchangedSchema, unchanged}})
		}
		m.addedBehind(had)
		return m, true, nil
	})
}

// sameData reports whether two values of a schema are the same.
func sameData(a, b any) bool {
	switch x := a.(type) {
	case []byte:
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameData)
	case float64:
		y, ok := b.(float64)
		return ok && (x == y || x != x && y != y)
	case float32:
		y, ok := b.(float32)
		return ok && (x == y || x != x && y != y)
	}
	switch b.(type) {
	case []byte, []any:
		return false
	}
	return a == b
}

// newHeaderToValue is HeaderToValue: headers as fields of the value, or of structs in it.
func newHeaderToValue(p *propertyReader, _ func(string)) Transform {
	fields, headers, move := headerLists(p)
	type shape struct {
		value *Schema
		// what the schemas of the headers are, as text
		headers string
	}
	schemas := schemaCache[shape]{}
	for _, list := range [][]string{fields, headers} {
		for _, name := range list {
			if strings.Contains(name, " ") {
				p.fail("fields", fmt.Sprintf("%q has a space", name))
			}
		}
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil {
			return m, true, nil
		}
		if _, err := m.Value.object("header field insertion"); err != nil {
			return m, false, err
		}
		var entries []insertedHeader
		key := shape{value: m.Value.Schema}
		for _, h := range m.Headers {
			i := slices.Index(headers, h.Name)
			if i < 0 {
				continue
			}
			s := h.Data.Schema
			if s == nil {
				s = &Schema{Kind: KindString, Optional: true}
			}
			entries = append(entries, insertedHeader{strings.Split(fields[i], "."), Datum{s, h.Data.Value}})
			key.headers += fmt.Sprintf("%d %s\n", i, appendSchema(nil, s, ""))
		}
		if len(entries) == 0 {
			return m, true, nil
		}
		s, err := schemas.get(key, func() (*Schema, error) { return schemaWithHeaders(m.Value.Schema, entries) })
		if err != nil {
			return m, false, err
		}
		m.Value = Datum{s, valueWithHeaders(m.Value, s, entries)}
		if move {
			m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h MessageHeader) bool { return slices.Contains(headers, h.Name) })
		}
		return m, true, nil
	})
}

// insertedHeader is a header on its way into the value.
type insertedHeader struct {
	path []string
	data Datum
}

// schemaWithHeaders adds the fields of headers to a schema; structs on the way that there are not are made.
func schemaWithHeaders(old *Schema, entries []insertedHeader) (*Schema, error) {
	s := old.basics()
	for i := range s.Fields {
		f := &s.Fields[i]
		inner := entriesBelow(entries, f.Name)
		switch {
		case len(inner) == 0:
		case f.Schema.Kind != KindStruct:
			return nil, fmt.Errorf("field %s is not a struct: cannot add a field to it", f.Name)
		default:
			nested, err := schemaWithHeaders(f.Schema, inner)
			if err != nil {
				return nil, err
			}
			f.Schema = nested
		}
	}
	for _, e := range entries {
		if len(e.path) == 1 && s.index(e.path[0]) < 0 {
			s.Fields = append(s.Fields, Field{e.path[0], e.data.Schema})
		}
	}
	for _, e := range entries {
		if len(e.path) == 1 || s.index(e.path[0]) >= 0 {
			continue
		}
		made, err := schemaWithHeaders(&Schema{Kind: KindStruct}, entriesBelow(entries, e.path[0]))
		if err != nil {
			return nil, err
		}
		made.Optional = true
		s.Fields = append(s.Fields, Field{e.path[0], made})
	}
	return s, nil
}

// valueWithHeaders puts headers into a struct of the schema that schemaWithHeaders made. As in Java a null becomes the default of its field.
func valueWithHeaders(d Datum, s *Schema, entries []insertedHeader) []any {
	row, _ := d.Value.([]any)
	values := make([]any, len(s.Fields))
	for i, f := range s.Fields {
		inner := entriesBelow(entries, f.Name)
		var old Datum
		if d.Schema != nil {
			if at := d.Schema.index(f.Name); at >= 0 && row != nil {
				old = Datum{d.Schema.Fields[at].Schema, row[at]}
				old.Value = old.orDefault()
			}
		}
		values[i] = old.Value
		if len(inner) > 0 && (old.Schema == nil || old.Value != nil) {
			values[i] = valueWithHeaders(old, f.Schema, inner)
		}
	}
	for _, e := range entries {
		if len(e.path) == 1 {
			values[s.index(e.path[0])] = e.data.Value
		}
	}
	return values
}

// entriesBelow are the entries within a field, without its name.
func entriesBelow(entries []insertedHeader, name string) []insertedHeader {
	var list []insertedHeader
	for _, e := range entries {
		if len(e.path) > 1 && e.path[0] == name {
			list = append(list, insertedHeader{e.path[1:], e.data})
		}
	}
	return list
}
