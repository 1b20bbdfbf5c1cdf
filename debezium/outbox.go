package debezium

import (
	"fmt"
	"slices"
	"strings"
)

// outbox is io.debezium.transforms.outbox.EventRouter: rows of an outbox table as the events that they hold.
type outbox struct {
	id, key, payload, timestamp, version, routeBy string
	additional                                    []additionalField
	skipMissing, envelope                         bool
	topic                                         *javaPattern
	replacement                                   string
	tombstones                                    bool // of an empty payload
	expand                                        bool
	json                                          jsonPayload
	invalid                                       string // warn, error or fatal
	warn                                          func(string)
	schemas                                       schemaCache[outboxSchema]
}

// outboxSchema names the schema of an event with a payload of some schema, and its version. Like in Debezium the first topic
// that an event with such a payload goes to is in the schema's name.
type outboxSchema struct{ payload, version string }

// additionalField is a column that goes somewhere besides the payload.
type additionalField struct{ placement, field, alias string }

func newOutbox(p *propertyReader, warn func(string)) Transform {
	o := &outbox{
		id: p.text("table.field.event.id", "id"), key: p.text("table.field.event.key", "aggregateid"),
		payload: p.text("table.field.event.payload", "payload"), timestamp: p.text("table.field.event.timestamp", ""),
		version: p.text("table.field.event.schema.version", ""), routeBy: p.text("route.by.field", "aggregatetype"),
		skipMissing: p.word("table.field.additional.missing", "error", "error", "ignore") == "ignore",
		topic:       p.pattern("route.topic.regex", "(?<routedByValue>.*)", true),
		tombstones:  p.flag("route.tombstone.on.empty.payload", false), expand: p.flag("table.expand.json.payload", false),
		invalid: p.word("table.op.invalid.behavior", "warn", "warn", "error", "fatal"), warn: warn, schemas: schemaCache[outboxSchema]{},
	}
	o.replacement = p.replacement("route.topic.replacement", "outbox.event.${routedByValue}", o.topic)
	o.json.nulls = p.word("table.json.payload.null.behavior", "ignore", "ignore", "optional_bytes") == "optional_bytes"
	o.json.emptyArrays = p.word("table.json.payload.empty.array.behavior", "ignore", "ignore", "optional_string") == "optional_string"
	o.json.names.FieldNames = p.word("field.name.adjustment.mode", AdjustNone, AdjustNone, AdjustAvro, AdjustAvroUnicode)
	for _, name := range []string{"table.field.event.type", "tracing.span.context.field", "tracing.operation.name", "tracing.with.context.field.only"} {
		p.text(name, "") // the first is read by nobody, the others need a tracer
	}
	for _, text := range p.list("table.fields.additional.placement") {
		parts := strings.Split(text, ":")
		f := additionalField{field: strings.TrimSpace(parts[0])}
		if len(parts) == 2 || len(parts) == 3 {
			f.placement, f.alias = strings.ToLower(strings.TrimSpace(parts[1])), strings.TrimSpace(parts[len(parts)-1])
		}
		if len(parts) == 2 {
			f.alias = f.field
		}
		if !slices.Contains([]string{"header", "envelope", "partition"}, f.placement) {
			p.fail("table.fields.additional.placement", fmt.Sprintf("%q: want column:header, column:envelope or column:partition, and :name if it is another", text))
		}
		o.envelope = o.envelope || f.placement == "envelope"
		o.additional = append(o.additional, f)
	}
	return o
}

// Apply implements Transform.
func (o *outbox) Apply(m Message) (Message, bool, error) {
	if m.Value.Value == nil {
		return m, false, nil
	}
	if !m.isEnvelope() {
		return m, true, nil
	}
	op, _, err := m.Value.text("op")
	if err != nil {
		return m, false, err
	}
	switch op {
	case "d":
		return m, false, nil
	case "u":
		if o.invalid == "fatal" {
			return m, false, fmt.Errorf("unexpected update of an outbox event of %s", m.Topic)
		}
		o.warn("outbox: an update of " + m.Topic + " is no event, and is left out")
		return m, false, nil
	}
	event, _ := m.Value.get("after")
	if _, err := event.object("outbox events"); err != nil {
		return m, false, err
	}
	out, err := o.event(m, event)
	return out, err == nil, err
}

// event makes a message of an outbox row.
func (o *outbox) event(m Message, row Datum) (Message, error) {
	payload, ok := row.get(o.payload)
	if !ok {
		return m, fmt.Errorf("unable to find payload field %s in event", o.payload)
	}
	payload.Value = payload.orDefault()
	id, ok := row.get(o.id)
	if !ok {
		return m, fmt.Errorf("unable to find event-id field %s in event", o.id)
	}
	key, ok := row.get(o.key)
	if !ok {
		return m, fmt.Errorf("%s is not a valid field name", o.key)
	}
	route, ok, err := row.text(o.routeBy)
	if err == nil && !ok {
		err = fmt.Errorf("field %s, which names the topic, is null", o.routeBy)
	}
	if err != nil {
		return m, err
	}
	out := Message{Topic: route, Partition: -1, Key: Datum{key.Schema, key.orDefault()}, Headers: slices.Clip(m.Headers)}
	if out.Timestamp, err = o.time(m, row); err != nil {
		return m, err
	}
	out.Headers = append(out.Headers, MessageHeader{"id", Datum{id.Schema, id.orDefault()}})
	if o.expand {
		payload = o.expanded(m.Topic, payload)
	}
	if err := o.place(&out, row, payload, route); err != nil {
		return m, err
	}
	if topic, ok, err := o.topic.replace(route, o.replacement); err != nil {
		return m, err
	} else if ok {
		out.Topic = topic
	}
	return out, nil
}

// time is the record's: that of a column, or the event's own.
func (o *outbox) time(m Message, row Datum) (int64, error) {
	processed, _ := m.Value.get("ts_ms")
	ms, _ := processed.Value.(int64)
	if o.timestamp == "" {
		return ms, nil
	}
	f, ok := row.get(o.timestamp)
	if !ok {
		return 0, fmt.Errorf("unable to find timestamp field %s in event", o.timestamp)
	}
	at, isSet := f.Value.(int64)
	switch {
	case f.Schema.Kind != KindInt64:
		return 0, fmt.Errorf("field %q is not of type int64", o.timestamp)
	case !isSet:
		return ms, nil
	}
	switch f.Schema.Name {
	case "io.debezium.time.Timestamp":
		return at, nil
	case "io.debezium.time.MicroTimestamp":
		return at / 1000, nil
	case "io.debezium.time.NanoTimestamp":
		return at / 1_000_000, nil
	}
	return 0, fmt.Errorf("unsupported field type %s for event timestamp", f.Schema.Name)
}

// expanded is the payload's JSON as a struct, or the payload as it is.
func (o *outbox) expanded(topic string, payload Datum) Datum {
	text, ok := payload.Value.(string)
	if !ok {
		if payload.Value != nil {
			o.warn("outbox: the payload of an event of " + topic + " is no text, and is not expanded")
		}
		return payload
	}
	d, err := o.json.expand(o.payload, text)
	if err != nil {
		o.warn("outbox: the payload of an event of " + topic + " is not expanded: " + err.Error())
		return payload
	}
	return d
}

// place puts payload and additional fields where they belong.
func (o *outbox) place(out *Message, row, payload Datum, route string) error {
	out.Value = payload
	if o.envelope {
		s, err := o.schema(row, payload.Schema, route)
		if err != nil {
			return err
		}
		out.Value = Datum{s, []any{payload.Value}}
	}
	for _, f := range o.additional {
		d, ok := row.get(f.field)
		if !ok {
			if o.skipMissing {
				continue
			}
			return fmt.Errorf("unable to find field %s in event", f.field)
		}
		switch f.placement {
		case "header":
			out.Headers = append(out.Headers, MessageHeader{f.alias, Datum{d.Schema, d.orDefault()}})
		case "envelope":
			out.Value.Value = append(out.Value.Value.([]any), d.orDefault())
		case "partition":
			if d.Schema.Kind != KindInt32 {
				return fmt.Errorf("field %q is not of type int32", f.field)
			}
			out.Partition = -1
			if n, ok := d.Value.(int64); ok {
				out.Partition = int32(n)
			}
		}
	}
	if text, ok := payload.Value.(string); payload.Value == nil || ok && strings.TrimFunc(text, func(r rune) bool { return r <= ' ' }) == "" {
		if o.tombstones {
			out.Value = Datum{}
		}
	}
	return nil
}

// schema is that of an event with additional fields.
func (o *outbox) schema(row Datum, payload *Schema, route string) (*Schema, error) {
	key := outboxSchema{payload: string(appendSchema(nil, payload, ""))}
	number := 0
	if o.version != "" {
		f, ok := row.get(o.version)
		if !ok || f.Schema.Kind != KindInt32 {
			return nil, fmt.Errorf("field %q, the version of the schema, is not of type int32", o.version)
		}
		if n, ok := f.Value.(int64); ok {
			number = int(n)
			key.version = fmt.Sprint(n)
		}
	}
	for _, f := range o.additional { // another version of the table may have them otherwise
		if s := row.Schema.field(f.field); s != nil && f.placement == "envelope" {
			key.payload = string(appendSchema([]byte(key.payload), s, f.alias))
		}
	}
	return o.schemas.get(key, func() (*Schema, error) {
		name := row.Schema.Name
		dot := strings.LastIndex(name, ".")
		s := &Schema{Kind: KindStruct, Name: name[:dot+1] + route + "." + name[dot+1:], Version: number, Fields: []Field{{"payload", payload}}}
		if name == "" {
			s.Name = route
		}
		for _, f := range o.additional {
			if field := row.Schema.field(f.field); field != nil && f.placement == "envelope" {
				s.Fields = append(s.Fields, Field{f.alias, field})
			}
		}
		return s, nil
	})
}
