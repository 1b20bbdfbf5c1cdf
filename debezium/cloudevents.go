package debezium

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// cloudEventsOptions configure a CloudEventsConverter, by the names of io.debezium.converters.CloudEventsConverter.
type cloudEventsOptions struct {
	schemas    bool // json.schemas.enable: the data's schema stands before it
	fill       bool // json.replace.null.with.default
	extensions bool // extension.attributes.enable: operation, source and transaction as attributes
}

// CloudEventsConverter writes changes of rows as CloudEvents in JSON. What is no envelope has no CloudEvent: its value is null, as with the connector's
// converter. Owned by one goroutine.
type CloudEventsConverter struct {
	options cloudEventsOptions
	known   map[*Schema]*cloudEvent
}

// cloudEvent is what all events of a schema have in common.
type cloudEvent struct {
	before, after, source, transaction, op int // places in the envelope
	from                                   *Schema
	names                                  []string // of the attributes of the source's fields
	data                                   *Schema  // of the data
	head                                   []byte   // up to the data's payload, with its schema
}

func newCloudEventsConverter(o cloudEventsOptions) *CloudEventsConverter {
	return &CloudEventsConverter{options: o, known: map[*Schema]*cloudEvent{}}
}

// Convert implements Converter.
func (c *CloudEventsConverter) Convert(_ context.Context, _ string, d Datum) ([]byte, error) {
	if d.IsZero() || d.Value == nil || !strings.HasSuffix(d.Schema.Name, ".Envelope") {
		return nil, nil
	}
	e := c.known[d.Schema]
	if e == nil {
		var err error
		if e, err = newCloudEvent(d.Schema); err != nil {
			return nil, err
		}
		if len(c.known) >= 2*maxTables {
			clear(c.known)
		}
		c.known[d.Schema] = e
	}
	return c.event(e, d.Value.([]any))
}

// newCloudEvent finds the parts of an envelope.
func newCloudEvent(s *Schema) (*cloudEvent, error) {
	e := &cloudEvent{}
	for name, place := range map[string]*int{"before": &e.before, "after": &e.after, "source": &e.source, "transaction": &e.transaction, "op": &e.op} {
		if *place = s.place(name); *place < 0 {
			return nil, errors.New("an envelope without " + name + " has no CloudEvent")
		}
	}
	e.from = s.Fields[e.source].Schema
	for _, f := range e.from.Fields {
		e.names = append(e.names, "iodebezium"+strings.ReplaceAll(f.Name, "_", ""))
	}
	e.data = &Schema{Kind: KindStruct, Name: "io.debezium.connector.mysql.Data", Fields: []Field{s.Fields[e.before], s.Fields[e.after]}}
	e.head = append(appendSchema([]byte(`{"schema":`), e.data, ""), `,"payload":`...)
	return e, nil
}

// place is where a struct has a field, or -1.
func (s *Schema) place(field string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == field {
			return i
		}
	}
	return -1
}

// event writes one event.
func (c *CloudEventsConverter) event(e *cloudEvent, v []any) ([]byte, error) {
	source, ok := v[e.source].([]any)
	if !ok {
		return nil, errors.New("an envelope without source has no CloudEvent")
	}
	field := func(name string) any {
		if at := e.from.place(name); at >= 0 {
			return source[at]
		}
		return nil
	}
	name, _ := field("name").(string)
	file, _ := field("file").(string)
	connector, _ := field("connector").(string)
	at, _ := field("pos").(int64)
	ms, _ := field("ts_ms").(int64)
	b := appendString([]byte(`{"id":`), "name:"+name+";file:"+file+";pos:"+strconv.FormatInt(at, 10))
	b = appendString(append(b, `,"source":`...), "/debezium/"+connector+"/"+name)
	b = appendString(append(b, `,"specversion":"1.0","type":`...), "io.debezium.connector."+connector+".DataChangeEvent")
	b = time.UnixMilli(ms).UTC().AppendFormat(append(b, `,"time":"`...), "2006-01-02T15:04:05.000Z")
	b = append(b, `","datacontenttype":"application/json"`...)
	if c.options.extensions {
		b = e.appendExtensions(b, v, source)
	}
	b = append(b, `,"data":`...)
	if c.options.schemas {
		b = append(b, e.head...)
	}
	b = appendValue(b, e.data, []any{v[e.before], v[e.after]}, c.options.fill)
	if c.options.schemas {
		b = append(b, '}')
	}
	return append(b, '}'), nil
}

// appendExtensions appends the operation, the source's fields and the transaction's as attributes.
func (e *cloudEvent) appendExtensions(b []byte, v, source []any) []byte {
	b = append(b, `,"iodebeziumop":`...)
	b = appendValue(b, &Schema{Kind: KindString}, v[e.op], false)
	for i, name := range e.names {
		s := e.from.Fields[i].Schema
		value := source[i]
		if value == nil {
			value = s.Default
		}
		b = appendAttribute(b, name, s, value)
	}
	transaction, _ := v[e.transaction].([]any)
	for i, name := range []string{"iodebeziumtxid", "iodebeziumtxtotalorder", "iodebeziumtxdatacollectionorder"} {
		kind, value := KindInt64, any(nil)
		if i == 0 {
			kind = KindString
		}
		if transaction != nil {
			value = transaction[i]
		}
		b = appendAttribute(b, name, &Schema{Kind: kind}, value)
	}
	return b
}

// appendAttribute appends an attribute; CloudEvents has no numbers of 64 bits, which are text.
func appendAttribute(b []byte, name string, s *Schema, value any) []byte {
	b = append(b, `,"`+name+`":`...)
	if n, ok := value.(int64); ok && s.Kind == KindInt64 {
		b = strconv.AppendInt(append(b, '"'), n, 10)
		return append(b, '"')
	}
	return appendValue(b, s, value, false)
}
