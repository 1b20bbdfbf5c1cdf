package debezium

import (
	"fmt"
	"slices"
	"strings"
)

// newFlatten is Flatten: the fields of nested structs in one, with the names of the structs before theirs.
func newFlatten(p *propertyReader) part {
	delimiter, schemas := p.text("delimiter", "."), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.Value == nil {
			return d, nil
		}
		row, err := d.object("flattening")
		if err != nil {
			return d, err
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) {
			s := d.Schema.basics()
			s.Fields = nil
			err := flattenSchema(s, d.Schema, "", delimiter, d.Schema.Optional, nil)
			return s, err
		})
		if err != nil {
			return d, err
		}
		return Datum{s, flattenRow(make([]any, 0, len(s.Fields)), d.Schema, row)}, nil
	}
}

// flattenSchema appends the fields of a struct to those of into. A field is optional if one of the structs around it is.
func flattenSchema(into, s *Schema, prefix, delimiter string, optional bool, defaults []any) error {
	for i, f := range s.Fields {
		name := f.Name
		if prefix != "" {
			name = prefix + delimiter + name
		}
		def := f.Schema.Default
		if def == nil && defaults != nil {
			def = defaults[i]
		}
		switch f.Schema.Kind {
		case KindMap:
			return fmt.Errorf("flatten does not support MAP for records with schemas (for field %s)", name)
		case KindStruct:
			inner, _ := def.([]any)
			if err := flattenSchema(into, f.Schema, name, delimiter, optional || f.Schema.Optional, inner); err != nil {
				return err
			}
			continue
		}
		if into.index(name) >= 0 {
			return fmt.Errorf("cannot create field because of field name duplication %s", name)
		}
		c := f.Schema.basics()
		c.Optional, c.Default = optional || f.Schema.Optional, def
		into.Fields = append(into.Fields, Field{name, c})
	}
	return nil
}

// flattenRow appends the values of a struct, which may be null. As in Java, a null is the default of its field, unless its struct is null.
func flattenRow(values []any, s *Schema, row []any) []any {
	for i, f := range s.Fields {
		var v any
		if row != nil {
			v = Datum{f.Schema, row[i]}.orDefault()
		}
		if f.Schema.Kind == KindStruct {
			inner, _ := v.([]any)
			values = flattenRow(values, f.Schema, inner)
			continue
		}
		values = append(values, v)
	}
	return values
}

// newSetSchemaMetadata is SetSchemaMetadata: another name or version of a schema.
func newSetSchemaMetadata(p *propertyReader) part {
	named, name := p.has("schema.name"), p.text("schema.name", "")
	versioned, version := p.has("schema.version"), p.number("schema.version", 0)
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.IsZero() {
			return d, nil
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) {
			c := *d.Schema
			if named {
				c.Name = name
			}
			if versioned {
				c.Version = version
			}
			return &c, nil
		})
		if row, ok := d.Value.([]any); ok && d.Schema.Kind == KindStruct {
			return Datum{s, rowOf(d.Schema, row, defaults, 0)}, err
		}
		return Datum{s, d.Value}, err
	}
}

// fieldPath is a way to a field: one name, or in version 2 of the syntax names with full stops between them.
type fieldPath []string

// fieldPath reads a property by the property field.syntax.version.
func (p *propertyReader) fieldPath(property string) fieldPath {
	text := p.required(property)
	if p.word("field.syntax.version", "V1", "V1", "V2") == "V1" {
		return fieldPath{text}
	}
	path, err := parseFieldPath(text)
	if err != nil {
		p.fail(property, err.Error())
	}
	return path
}

// parseFieldPath parts a.b.`c.d`. A backtick ends a name if a full stop or the end follows, and none stands behind a backslash.
func parseFieldPath(text string) (fieldPath, error) {
	var path fieldPath
	rest := text
	for rest != "" {
		if rest[0] != '`' {
			step, behind, more := strings.Cut(rest, ".")
			path, rest = append(path, step), behind
			if more && behind == "" {
				path = append(path, "")
			}
			continue
		}
		step, behind, err := quotedStep(rest[1:])
		if err != nil {
			return nil, fmt.Errorf("incomplete backtick pair in path [%s]: consider adding a backslash before the backtick to escape it", text)
		}
		path = append(path, step)
		if behind == "." {
			path = append(path, "")
		}
		rest = strings.TrimPrefix(behind, ".")
	}
	return path, nil
}

// quotedStep reads a name behind its backtick, up to the one that ends it.
func quotedStep(text string) (step, behind string, err error) {
	var b strings.Builder
	from := 0
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '`')
		if i < 0 {
			return "", "", fmt.Errorf("no end")
		}
		at += i
		escaped := at > 0 && text[at-1] == '\\'
		switch {
		case at == len(text)-1 && escaped:
			return "", "", fmt.Errorf("no end")
		case at == len(text)-1:
			return b.String() + text[from:at], "", nil
		case text[at+1] != '.': // the backtick is part of the name
			at++
		case escaped:
			b.WriteString(text[from:at-1] + "`")
			at++
			from = at
		default:
			return b.String() + text[from:at], text[at+1:], nil
		}
	}
}

// schema is the field's; nil if there is none.
func (f fieldPath) schema(s *Schema) *Schema {
	for _, step := range f {
		if s = s.field(step); s == nil {
			return nil
		}
	}
	return s
}

// value is the field's; structs on the way are taken with their defaults, as the field is if that is asked for.
func (f fieldPath) value(d Datum, defaults bool) (any, error) {
	for i, step := range f {
		if d.Schema.Kind != KindStruct {
			return nil, fmt.Errorf("only structs are supported for nested field access")
		}
		field, ok := d.get(step)
		if !ok {
			return nil, nil
		}
		if i < len(f)-1 || defaults {
			field.Value = field.orDefault()
		}
		if d = field; d.Value == nil {
			return nil, nil
		}
	}
	return d.Value, nil
}

// newReadToInsert is ReadToInsertEvent of the MySQL connector: rows of snapshots as inserts.
func newReadToInsert(*propertyReader, func(string)) Transform {
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil || !m.isEnvelope() {
			return m, true, nil
		}
		i := m.Value.Schema.index("op")
		row, ok := m.Value.Value.([]any)
		if ok && i >= 0 && row[i] == "r" {
			row = slices.Clone(row)
			row[i] = "c"
			m.Value.Value = row
		}
		return m, true, nil
	})
}

// schemaChangeTypes are what SchemaChangeEventFilter tells apart.
var schemaChangeTypes = []string{"CREATE", "ALTER", "DROP", "TRUNCATE", "DATABASE"}

// newSchemaChangeFilter is SchemaChangeEventFilter: schema changes of some types are dropped, and those of no table known.
func newSchemaChangeFilter(p *propertyReader, _ func(string)) Transform {
	const property = "schema.change.event.exclude.list"
	p.required(property)
	types := p.list(property)
	for _, t := range types {
		if !slices.Contains(schemaChangeTypes, t) {
			p.fail(property, fmt.Sprintf("%q: want %s", t, strings.Join(schemaChangeTypes, ", ")))
		}
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Value.Value == nil || !strings.HasSuffix(m.Value.Schema.Name, ".SchemaChangeValue") {
			return m, true, nil
		}
		changes, _ := m.Value.get("tableChanges")
		list, ok := changes.Value.([]any)
		if !ok {
			return m, false, nil
		}
		kind := "DATABASE"
		if len(list) > 0 {
			var err error
			if kind, _, err = (Datum{changes.Schema.Items, list[0]}).text("type"); err != nil {
				return m, false, err
			}
			if !slices.Contains(schemaChangeTypes, kind) {
				return m, false, fmt.Errorf("there is no schema change of type %s", kind)
			}
		}
		return m, !slices.Contains(types, kind), nil
	})
}
