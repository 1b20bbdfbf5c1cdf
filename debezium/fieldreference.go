package debezium

import (
	"fmt"
	"strings"
)

// fieldReference is a field of the envelope that add.fields and add.headers of ExtractNewRecordState name.
type fieldReference struct {
	parent string // struct of the envelope that has the field; empty: the envelope itself
	field  string
	name   string // of the new field or header
}

// fieldReferences reads a list such as op,source.ts_ms:at with the property of its prefix.
func fieldReferences(p *propertyReader, property string) []fieldReference {
	prefix := p.text(property+".prefix", "__")
	var list []fieldReference
	for _, text := range p.list(property) {
		path, alias, renamed := strings.Cut(text, ":")
		parts := strings.Split(path, ".")
		if path == "" || len(parts) > 2 || strings.Contains(alias, ":") {
			p.fail(property, fmt.Sprintf("%q: want field, struct.field or either with :name", text))
			continue
		}
		r := fieldReference{field: parts[len(parts)-1], name: prefix + strings.Join(parts, "_")}
		if len(parts) == 2 {
			r.parent = parts[0]
		} else {
			r.parent = parentOf(r.field)
		}
		if renamed && alias != "" {
			r.name = prefix + alias
		}
		list = append(list, r)
	}
	return list
}

// parentOf is the struct of the envelope in which a field without a struct is looked for.
func parentOf(field string) string {
	switch field {
	case "id", "data_collection_order", "total_order":
		return "transaction"
	case "op", "ts_ms", "ts_us", "ts_ns":
		return ""
	}
	return "source"
}

// schema is the field's, optional and without a default; nil if the envelope does not have it.
func (r *fieldReference) schema(envelope *Schema) (*Schema, error) {
	parent := envelope
	if r.parent != "" {
		if parent = envelope.field(r.parent); parent == nil {
			return nil, fmt.Errorf("events have no field %s", r.parent)
		}
	}
	s := parent.field(r.field)
	if s == nil {
		s = envelope.field(r.field) // another transform may have added it
	}
	switch {
	case s == nil:
		return nil, nil
	case s.Kind == KindStruct:
		return nil, fmt.Errorf("field %s is a struct", r.field)
	}
	c := s.basics()
	c.Optional = true
	return c, nil
}

// value is the field's of an event.
func (r *fieldReference) value(envelope Datum) any {
	parent := envelope
	if r.parent != "" {
		parent, _ = envelope.get(r.parent)
		if parent.Value == nil {
			return nil
		}
	}
	f, ok := parent.get(r.field)
	if !ok {
		f, _ = envelope.get(r.field)
	}
	return f.Value
}
