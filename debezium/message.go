package debezium

import (
	"context"
	"errors"
)

// Datum is a value with its schema. The zero Datum is null without a schema, as the key of a table without one
// and the value of a tombstone are.
type Datum struct {
	Schema *Schema
	Value  any // Data of the schema; see Schema
}

// IsZero reports whether d is null without a schema.
func (d Datum) IsZero() bool { return d.Schema == nil }

// Message is an event before it becomes bytes: what converters write.
type Message struct {
	Topic string
	// Partition is the partition that the connector names, or -1: hash of the key.
	Partition  int32
	Key, Value Datum
	Headers    []MessageHeader
	// Timestamp is the record's, in milliseconds; 0: when it is sent.
	Timestamp int64

	// added collects what is added to the headers of a delete as the encoder made it: its tombstone shares them. nil: the headers are a copy, or
	// nobody shares them.
	added *[]MessageHeader
}

// addedBehind says that the headers from a place on were added to those that were there, not to a copy.
func (m *Message) addedBehind(place int) {
	if m.added != nil {
		*m.added = append(*m.added, m.Headers[place:]...)
	}
}

// headersAdded is how many were.
func (m *Message) headersAdded() int {
	if m.added == nil {
		return 0
	}
	return len(*m.added)
}

// is reports whether a transform has given back the record that it got, with so many headers more; a new record has headers of its own.
func (m *Message) is(got *Message, more int) bool {
	return m.Topic == got.Topic && m.Partition == got.Partition && m.Timestamp == got.Timestamp && len(m.Headers) == len(got.Headers)+more &&
		m.Key.is(got.Key) && m.Value.is(got.Value)
}

// is reports whether both are the same datum.
func (d Datum) is(other Datum) bool {
	if d.Schema != other.Schema {
		return false
	}
	a, struct1 := d.Value.([]any)
	b, struct2 := other.Value.([]any)
	if !struct1 || !struct2 || len(a) == 0 || len(b) == 0 {
		return d.Value == nil && other.Value == nil
	}
	return &a[0] == &b[0]
}

// MessageHeader is a header before it becomes bytes. A value without a schema is a text or null.
type MessageHeader struct {
	Name string
	Data Datum
}

// textHeader is a header with a text.
func textHeader(name, text string) MessageHeader {
	return MessageHeader{name, Datum{plainText, text}}
}

// plainText is the schema of a text.
var plainText = &Schema{Kind: KindString}

// Converter makes the bytes of a key or of a value, as a converter of Kafka Connect does. One converter serves one
// goroutine.
type Converter interface {
	// Convert returns the bytes of d for a topic; nil of the zero Datum. An error means that d has no form, a *PublishError
	// that it can have none for the time being.
	Convert(ctx context.Context, topic string, d Datum) ([]byte, error)
}

// Format is how messages become records.
type Format struct {
	Key, Value Converter
	// Header writes the headers' values; nil: as SimpleHeaderConverter does.
	Header Converter
	from   []MessageHeader // of the message before, which most share
	to     []Header
}

// JSONFormat is JSON for keys and values.
func JSONFormat(o JSONOptions) Format {
	return Format{Key: NewJSONConverter(o), Value: NewJSONConverter(o)}
}

// record converts m.
func (f *Format) record(ctx context.Context, m Message) (Record, error) {
	key, err := f.Key.Convert(ctx, m.Topic, m.Key)
	if err != nil {
		return Record{}, conversionError(m, "key", err)
	}
	value, err := f.Value.Convert(ctx, m.Topic, m.Value)
	if err != nil {
		return Record{}, conversionError(m, "value", err)
	}
	headers, err := f.headers(ctx, m)
	if err != nil {
		return Record{}, conversionError(m, "header", err)
	}
	return Record{Topic: m.Topic, Partition: m.Partition, Key: key, Value: value, Headers: headers, Timestamp: m.Timestamp}, nil
}

// headers converts the headers of m. Whoever has a list of headers may not write to it.
func (f *Format) headers(ctx context.Context, m Message) ([]Header, error) {
	n := len(m.Headers)
	switch {
	case n == 0:
		return nil, nil
	case n == len(f.from) && &m.Headers[0] == &f.from[0]:
		return f.to, nil
	}
	list := make([]Header, n)
	for i := range m.Headers {
		h := &m.Headers[i]
		value := headerText(h.Data)
		if f.Header != nil {
			var err error
			if value, err = f.Header.Convert(ctx, m.Topic, h.Data); err != nil {
				return nil, err
			}
		}
		list[i] = Header{h.Name, value}
	}
	f.from, f.to = m.Headers, list
	return list, nil
}

// conversionError tells an event without form from a converter that cannot go on just now, as one whose registry is down.
func conversionError(m Message, part string, err error) error {
	var temporary *PublishError
	if errors.As(err, &temporary) {
		return err
	}
	return &ConversionError{m, part, err}
}

// ConversionError is a message that a converter could not write.
type ConversionError struct {
	Message Message
	Part    string // key or value
	Cause   error
}

// Error names the topic and the part.
func (e *ConversionError) Error() string {
	return "convert the " + e.Part + " of an event of " + e.Message.Topic + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *ConversionError) Unwrap() error { return e.Cause }
