package debezium

import (
	"fmt"
	"slices"
	"strings"
)

// deleteHandling is what ExtractNewRecordState makes of a delete.
type deleteHandling uint8

const (
	deleteDropped    deleteHandling = iota
	deleteFlattened                 // null with the row's schema
	deleteRewritten                 // the old row and __deleted
	deleteTombstoned                // null without schema
)

// unwrap is io.debezium.transforms.ExtractNewRecordState: rows in place of envelopes.
type unwrap struct {
	deletes         deleteHandling
	keepTombstones  bool
	defaults        bool // in place of null, where the transform copies a row
	route           string
	fields, headers []fieldReference
	drop            string // header with the names of fields to leave out
	dropKey         bool
	compatible      bool
	marked          schemaCache[*Schema]
	extended        schemaCache[[2]*Schema]
	dropped         schemaCache[droppedFields]
}

// droppedFields is a schema without some of its fields.
type droppedFields struct {
	schema *Schema
	names  string
}

func newUnwrap(p *propertyReader, _ func(string)) Transform {
	u := &unwrap{
		defaults: p.flag("replace.null.with.default", true),
		route:    p.text("route.by.field", ""),
		fields:   fieldReferences(p, "add.fields"),
		headers:  fieldReferences(p, "add.headers"),
		drop:     strings.TrimSpace(p.text("drop.fields.header.name", "")),
		dropKey:  p.flag("drop.fields.from.key", false), compatible: p.flag("drop.fields.keep.schema.compatible", true),
		marked: schemaCache[*Schema]{}, extended: schemaCache[[2]*Schema]{}, dropped: schemaCache[droppedFields]{},
	}
	u.readHandling(p)
	return u
}

// readHandling reads delete.tombstone.handling.mode, or drop.tombstones and delete.handling.mode that were there before it.
func (u *unwrap) readHandling(p *propertyReader) {
	older := p.has("drop.tombstones") || p.has("delete.handling.mode")
	dropTombstones := p.flag("drop.tombstones", true)
	mode := p.word("delete.handling.mode", "drop", "drop", "rewrite", "none")
	if older && !p.has("delete.tombstone.handling.mode") {
		u.keepTombstones = !dropTombstones
		u.deletes = map[string]deleteHandling{"drop": deleteDropped, "rewrite": deleteRewritten, "none": deleteFlattened}[mode]
		return
	}
	switch p.word("delete.tombstone.handling.mode", "tombstone", "drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone") {
	case "tombstone":
		u.deletes = deleteFlattened
	case "rewrite":
		u.deletes = deleteRewritten
	case "rewrite-with-tombstone":
		u.deletes, u.keepTombstones = deleteRewritten, true
	case "delete-to-tombstone":
		u.deletes = deleteTombstoned
	}
}

// isEnvelope reports whether m is a change of a row.
func (m *Message) isEnvelope() bool {
	return m.Value.Schema != nil && m.Value.Schema.Kind == KindStruct && strings.HasSuffix(m.Value.Schema.Name, ".Envelope")
}

// Apply implements Transform.
func (u *unwrap) Apply(m Message) (Message, bool, error) {
	tombstone := m.Value.Value == nil
	if !tombstone && !m.isEnvelope() {
		return m, true, nil
	}
	m, err := u.addHeaders(m)
	if err != nil {
		return m, false, err
	}
	if tombstone {
		return m, u.keepTombstones, nil
	}
	before, _ := m.Value.get("before")
	after, _ := m.Value.get("after")
	switch {
	case after.Value != nil:
		return u.row(m, after)
	case before.Value != nil:
		return u.removed(m, before, after)
	}
	return m, false, nil // TRUNCATE
}

// row makes a row of an insert, an update or a read.
func (u *unwrap) row(m Message, after Datum) (Message, bool, error) {
	out := m
	out.Value = after
	if u.deletes == deleteRewritten {
		out.Value = u.mark(after, "false")
	}
	if err := u.routeBy(&out, out.Value); err != nil {
		return m, false, err
	}
	value, err := u.extend(m.Value, out.Value)
	if err != nil {
		return m, false, err
	}
	out.Value = value
	return out, true, u.dropFields(&out)
}

// removed makes what is configured of a delete.
func (u *unwrap) removed(m Message, before, after Datum) (Message, bool, error) {
	out := m
	switch u.deletes {
	case deleteDropped:
		return m, false, nil
	case deleteFlattened:
		out.Value = Datum{Schema: after.Schema}
	case deleteTombstoned:
		out.Value = Datum{}
	case deleteRewritten:
		out.Value = u.mark(before, "true")
	}
	if err := u.routeBy(&out, before); err != nil {
		return m, false, err
	}
	if err := u.dropFields(&out); err != nil || out.Value.Value == nil {
		return out, true, err
	}
	value, err := u.extend(m.Value, out.Value)
	out.Value = value
	return out, true, err
}

// mark adds __deleted to a row.
func (u *unwrap) mark(row Datum, deleted string) Datum {
	s, _ := u.marked.get(row.Schema, func() (*Schema, error) {
		s := row.Schema.basics()
		s.Fields = append(s.Fields, Field{"__deleted", &Schema{Kind: KindString, Optional: true}})
		return s, nil
	})
	return Datum{s, append(rowOf(row.Schema, row.Value.([]any), u.defaults, 1), deleted)}
}

// routeBy takes the topic from a field of row.
func (u *unwrap) routeBy(m *Message, row Datum) error {
	if u.route == "" {
		return nil
	}
	topic, _, err := row.text(u.route)
	if err == nil && strings.TrimSpace(topic) != "" {
		m.Topic = topic
	}
	return err
}

// extend adds what add.fields names.
func (u *unwrap) extend(envelope, row Datum) (Datum, error) {
	s, err := u.extended.get([2]*Schema{envelope.Schema, row.Schema}, func() (*Schema, error) {
		s := row.Schema.basics()
		for i := range u.fields {
			f, err := u.fields[i].schema(envelope.Schema)
			if err != nil {
				return nil, err
			}
			if f == nil {
				continue
			}
			if s.index(u.fields[i].name) >= 0 {
				return nil, fmt.Errorf("cannot create field because of field name duplication %s", u.fields[i].name)
			}
			s.Fields = append(s.Fields, Field{u.fields[i].name, f})
		}
		return s, nil
	})
	if err != nil {
		return row, err
	}
	values := rowOf(row.Schema, row.Value.([]any), false, len(u.fields))
	for i := range u.fields {
		if f, err := u.fields[i].schema(envelope.Schema); err == nil && f != nil {
			values = append(values, u.fields[i].value(envelope))
		}
	}
	return Datum{s, values}, nil
}

// addHeaders adds what add.headers names; to a tombstone that it is a delete.
func (u *unwrap) addHeaders(m Message) (Message, error) {
	if len(u.headers) == 0 {
		return m, nil
	}
	m.Headers = slices.Clip(m.Headers)
	had := len(m.Headers)
	for i := range u.headers {
		h := &u.headers[i]
		if m.Value.Value == nil {
			if h.field == "op" {
				m.Headers = append(m.Headers, textHeader(h.name, "d"))
			}
			continue
		}
		s, err := h.schema(m.Value.Schema)
		if err != nil {
			return m, err
		}
		if s != nil {
			m.Headers = append(m.Headers, MessageHeader{h.name, Datum{s, h.value(m.Value)}})
		}
	}
	m.addedBehind(had)
	return m, nil
}

// dropFields leaves out the fields that a header names, a list of texts.
func (u *unwrap) dropFields(m *Message) error {
	if u.drop == "" {
		return nil
	}
	i := slices.IndexFunc(m.Headers, func(h MessageHeader) bool { return h.Name == u.drop })
	if i < 0 || m.Headers[i].Data.Value == nil {
		return nil
	}
	list, ok := m.Headers[i].Data.Value.([]any)
	names := make([]string, len(list))
	for j := range list {
		names[j], _ = list[j].(string) // no field has no name
	}
	if !ok || m.Headers[i].Data.Schema.Kind != KindArray {
		return fmt.Errorf("header %s: want a list of fields", u.drop)
	}
	if u.dropKey {
		m.Key = u.without(m.Key, names)
	}
	m.Value = u.without(m.Value, names)
	return nil
}

// without leaves fields out of a struct: of those that may be null the value alone would do, yet Debezium takes them away too.
func (u *unwrap) without(d Datum, names []string) Datum {
	row, ok := d.Value.([]any)
	if !ok || d.Schema.Kind != KindStruct {
		return d
	}
	takes := func(f *Field) bool {
		return !slices.Contains(names, f.Name) || u.compatible && !f.Schema.Optional
	}
	s, _ := u.dropped.get(droppedFields{d.Schema, strings.Join(names, ",")}, func() (*Schema, error) {
		s := d.Schema.basics()
		s.Fields = slices.DeleteFunc(s.Fields, func(f Field) bool { return !takes(&f) })
		return s, nil
	})
	if len(s.Fields) == len(d.Schema.Fields) {
		return d
	}
	values := make([]any, 0, len(s.Fields))
	for i, v := range rowOf(d.Schema, row, true, 0) {
		if takes(&d.Schema.Fields[i]) {
			values = append(values, v)
		}
	}
	return Datum{s, values}
}
