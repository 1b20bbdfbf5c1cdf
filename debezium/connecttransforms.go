package debezium

import (
	"fmt"
	"slices"
	"strings"
)

// Kafka Connect's own transforms of keys and values.

// part changes the key or the value of a message.
type part func(m *Message, d Datum) (Datum, error)

// onKey makes the transform …$Key of a part.
func onKey(build func(*propertyReader) part) builder {
	return func(p *propertyReader, _ func(string)) Transform {
		change := build(p)
		return transformFunc(func(m Message) (_ Message, _ bool, err error) {
			m.Key, err = change(&m, m.Key)
			return m, true, err
		})
	}
}

// onValue makes the transform …$Value of a part.
func onValue(build func(*propertyReader) part) builder {
	return func(p *propertyReader, _ func(string)) Transform {
		change := build(p)
		return transformFunc(func(m Message) (_ Message, _ bool, err error) {
			m.Value, err = change(&m, m.Value)
			return m, true, err
		})
	}
}

// insertion is a field that InsertField adds.
type insertion struct {
	Field
	value func(m *Message) any
}

// newInsertField is InsertField: topic, partition, timestamp or a fixed text as a field.
func newInsertField(p *propertyReader) part {
	var list []insertion
	add := func(name string, s Schema, value func(m *Message) any) {
		if !p.has(name) {
			return
		}
		field, required := strings.CutSuffix(p.text(name, ""), "!")
		if !required {
			field = strings.TrimSuffix(field, "?")
		}
		s.Optional = !required
		list = append(list, insertion{Field{field, &s}, value})
	}
	add("topic.field", Schema{Kind: KindString}, func(m *Message) any { return m.Topic })
	add("partition.field", Schema{Kind: KindInt32}, func(m *Message) any {
		if m.Partition < 0 {
			return nil
		}
		return int64(m.Partition)
	})
	add("timestamp.field", Schema{Kind: KindInt64, Name: "org.apache.kafka.connect.data.Timestamp", Version: 1}, func(m *Message) any {
		if m.Timestamp == 0 {
			return nil
		}
		return m.Timestamp
	})
	static := p.text("static.value", "")
	add("static.field", Schema{Kind: KindString}, func(*Message) any { return static })
	p.unavailable("offset.field", "", "a record has no offset before it is written")
	switch {
	case p.has("static.field") && !p.has("static.value"):
		p.fail("static.value", "no value for static.field")
	case len(list) == 0:
		p.fail("topic.field", "want topic.field, partition.field, timestamp.field or static.field")
	}
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return func(m *Message, d Datum) (Datum, error) {
		if d.Value == nil {
			return d, nil
		}
		row, err := d.object("field insertion")
		if err != nil {
			return d, err
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) {
			s := d.Schema.basics()
			for i := range list {
				if s.index(list[i].Name) >= 0 {
					return nil, fmt.Errorf("cannot create field because of field name duplication %s", list[i].Name)
				}
				s.Fields = append(s.Fields, list[i].Field)
			}
			return s, nil
		})
		if err != nil {
			return d, err
		}
		values := rowOf(d.Schema, row, defaults, len(list))
		for i := range list {
			values = append(values, list[i].value(m))
		}
		return Datum{s, values}, nil
	}
}

// newReplaceField is ReplaceField: fields left out and renamed.
func newReplaceField(p *propertyReader) part {
	include, exclude := append(p.list("include"), p.list("whitelist")...), append(p.list("exclude"), p.list("blacklist")...)
	renames := map[string]string{}
	for _, pair := range p.list("renames") {
		from, to, ok := strings.Cut(pair, ":")
		if !ok || from == "" || to == "" || strings.Contains(to, ":") {
			p.fail("renames", fmt.Sprintf("%q: want old:new", pair))
		}
		renames[from] = to
	}
	takes := func(name string) bool {
		return !slices.Contains(exclude, name) && (len(include) == 0 || slices.Contains(include, name))
	}
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.Value == nil {
			return d, nil
		}
		row, err := d.object("field replacement")
		if err != nil {
			return d, err
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) {
			s := d.Schema.basics()
			s.Fields = nil
			for _, f := range d.Schema.Fields {
				if !takes(f.Name) {
					continue
				}
				if to := renames[f.Name]; to != "" {
					f.Name = to
				}
				if s.index(f.Name) >= 0 {
					return nil, fmt.Errorf("cannot create field because of field name duplication %s", f.Name)
				}
				s.Fields = append(s.Fields, f)
			}
			return s, nil
		})
		if err != nil {
			return d, err
		}
		values := make([]any, 0, len(s.Fields))
		for i, v := range rowOf(d.Schema, row, defaults, 0) {
			if takes(d.Schema.Fields[i].Name) {
				values = append(values, v)
			}
		}
		return Datum{s, values}, nil
	}
}

// newExtractField is ExtractField: a field in place of the struct.
func newExtractField(p *propertyReader) part {
	path := p.fieldPath("field")
	defaults := p.flag("replace.null.with.default", true)
	return func(_ *Message, d Datum) (Datum, error) {
		if d.IsZero() {
			return d, nil
		}
		if d.Value != nil {
			if _, err := d.object("field extraction"); err != nil {
				return d, err
			}
		}
		s := path.schema(d.Schema)
		if s == nil {
			return d, fmt.Errorf("unknown field: %s", strings.Join(path, "."))
		}
		v, err := path.value(d, defaults)
		return Datum{s, v}, err
	}
}

// newHoistField is HoistField: a struct around the value.
func newHoistField(p *propertyReader) part {
	name, schemas := p.required("field"), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.IsZero() {
			return d, fmt.Errorf("only values with a schema are supported for field hoisting")
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) {
			return &Schema{Kind: KindStruct, Fields: []Field{{name, d.Schema}}}, nil
		})
		return Datum{s, []any{d.Value}}, err
	}
}

// newMaskField is MaskField: zero, an empty text or a replacement in place of values.
func newMaskField(p *propertyReader) part {
	names, replacement := p.list("fields"), p.text("replacement", "")
	if len(names) == 0 {
		p.fail("fields", "must not be empty")
	}
	defaults := p.flag("replace.null.with.default", true)
	return func(_ *Message, d Datum) (Datum, error) {
		row, err := d.object("masking fields")
		if err != nil {
			return d, err
		}
		values := rowOf(d.Schema, row, defaults, 0)
		for i := range values {
			if f := &d.Schema.Fields[i]; values[i] != nil && slices.Contains(names, f.Name) {
				if values[i], err = maskedValue(f.Schema, replacement); err != nil {
					return d, fmt.Errorf("field %s: %w", f.Name, err)
				}
			}
		}
		return Datum{d.Schema, values}, nil
	}
}

// newValueToKey is ValueToKey: a key of fields of the value.
func newValueToKey(p *propertyReader, _ func(string)) Transform {
	names := p.list("fields")
	if len(names) == 0 {
		p.fail("fields", "must not be empty")
	}
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return transformFunc(func(m Message) (Message, bool, error) {
		row, err := m.Value.object("copying fields from value to key")
		if err != nil {
			return m, false, err
		}
		s, err := schemas.get(m.Value.Schema, func() (*Schema, error) {
			s := &Schema{Kind: KindStruct}
			for _, name := range names {
				f := m.Value.Schema.field(name)
				if f == nil {
					return nil, fmt.Errorf("field does not exist: %s", name)
				}
				s.Fields = append(s.Fields, Field{name, f})
			}
			return s, nil
		})
		if err != nil {
			return m, false, err
		}
		all, key := rowOf(m.Value.Schema, row, defaults, 0), make([]any, len(names))
		for i, name := range names {
			key[i] = all[m.Value.Schema.index(name)]
		}
		m.Key = Datum{s, key}
		return m, true, nil
	})
}

// newInsertHeader is InsertHeader: a header with a fixed text.
func newInsertHeader(p *propertyReader, _ func(string)) Transform {
	h := MessageHeader{p.required("header"), headerLiteral(p.required("value.literal"))}
	return transformFunc(func(m Message) (Message, bool, error) {
		m.Headers = append(slices.Clip(m.Headers), h)
		return m, true, nil
	})
}

// newDropHeaders is DropHeaders.
func newDropHeaders(p *propertyReader, _ func(string)) Transform {
	names := p.list("headers")
	if len(names) == 0 {
		p.fail("headers", "must not be empty")
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h MessageHeader) bool { return slices.Contains(names, h.Name) })
		return m, true, nil
	})
}
