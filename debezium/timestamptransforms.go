package debezium

import (
	"fmt"
	"math"
	"strings"
)

// timestampConverter is TimestampConverter: a time in another form.
type timestampConverter struct {
	target    string // string, unix, Date, Time, Timestamp
	format    *javaDate
	precision int64 // of unix: so many in a millisecond, or negative: so many milliseconds in one
}

func newTimestampConverter(p *propertyReader) part {
	field := p.text("field", "")
	t := &timestampConverter{target: p.text("target.type", "")}
	switch t.target {
	case "string", "unix", "Date", "Time", "Timestamp":
	default:
		p.fail("target.type", "want string, unix, Date, Time, Timestamp")
	}
	t.precision = map[string]int64{"seconds": -1000, "milliseconds": 1, "microseconds": 1000, "nanoseconds": 1_000_000}[p.text("unix.precision", "milliseconds")]
	if t.precision == 0 {
		p.fail("unix.precision", "want seconds, milliseconds, microseconds, nanoseconds")
	}
	if pattern := p.text("format", ""); strings.TrimSpace(pattern) != "" {
		var err error
		if t.format, err = newJavaDate(pattern); err != nil {
			p.fail("format", err.Error())
		}
	} else if t.target == "string" {
		p.fail("format", "must not be empty with target.type = string")
	}
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.IsZero() {
			return d, nil
		}
		if field == "" {
			v, err := t.convert(d.Schema, d.Value)
			return Datum{t.schema(d.Schema.Optional), v}, err
		}
		return t.field(d, field, defaults, schemas)
	}
}

// field converts a field of a struct.
func (t *timestampConverter) field(d Datum, name string, defaults bool, schemas schemaCache[*Schema]) (Datum, error) {
	if d.Schema.Kind != KindStruct {
		return d, fmt.Errorf("only structs are supported for converting timestamp formats")
	}
	s, err := schemas.get(d.Schema, func() (*Schema, error) {
		s := d.Schema.basics()
		s.Optional = d.Schema.Optional
		if i := s.index(name); i >= 0 {
			s.Fields[i].Schema = t.schema(s.Fields[i].Schema.Optional)
		}
		return s, nil
	})
	row, ok := d.Value.([]any)
	if err != nil || !ok {
		return Datum{s, d.Value}, err
	}
	values := rowOf(d.Schema, row, defaults, 0)
	if i := s.index(name); i >= 0 {
		values[i], err = t.convert(d.Schema.Fields[i].Schema, values[i])
	}
	return Datum{s, values}, err
}

// schema is that of the form that is made.
func (t *timestampConverter) schema(optional bool) *Schema {
	switch t.target {
	case "string":
		return &Schema{Kind: KindString, Optional: optional}
	case "unix":
		return &Schema{Kind: KindInt64, Optional: optional}
	case "Timestamp":
		return &Schema{Kind: KindInt64, Optional: optional, Name: connectTimestamp, Version: 1}
	case "Time":
		return &Schema{Kind: KindInt32, Optional: optional, Name: connectTime, Version: 1}
	}
	return &Schema{Kind: KindInt32, Optional: optional, Name: connectDate, Version: 1}
}

// convert makes a value of the form; the form that it has its schema says.
func (t *timestampConverter) convert(s *Schema, v any) (any, error) {
	_, logical := connectMillis(s, 0)
	if !logical && s.Kind != KindString && s.Kind != KindInt64 {
		return nil, fmt.Errorf("schema %s of type %s does not correspond to a known timestamp type format", s.Name, s.Kind)
	}
	if v == nil {
		return nil, nil
	}
	var ms int64
	switch v := v.(type) {
	case string:
		if t.format == nil {
			return nil, fmt.Errorf("a text is no timestamp without format")
		}
		var err error
		if ms, err = t.format.parse(v); err != nil {
			return nil, err
		}
	case int64:
		if logical {
			ms, _ = connectMillis(s, v)
		} else {
			ms = scaled(v, -t.precision)
		}
	}
	return t.made(ms), nil
}

// made writes milliseconds in the form that is wanted.
func (t *timestampConverter) made(ms int64) any {
	switch t.target {
	case "string":
		return t.format.format(ms)
	case "unix":
		return scaled(ms, t.precision)
	case "Date":
		return floorDiv(ms, millisPerDay)
	case "Time":
		return floorMod(ms, millisPerDay)
	}
	return ms
}

// scaled multiplies up to the bounds, as java.util.concurrent.TimeUnit does, or divides by a negative factor.
func scaled(n, factor int64) int64 {
	switch {
	case factor < 0:
		return n / -factor
	case n > math.MaxInt64/factor:
		return math.MaxInt64
	case n < math.MinInt64/factor:
		return math.MinInt64
	}
	return n * factor
}

// newTimestampRouter is TimestampRouter: the record's time in the topic. Only an outbox event has a time before it is sent.
func newTimestampRouter(p *propertyReader, _ func(string)) Transform {
	topic := p.text("topic.format", "${topic}-${timestamp}")
	format, err := newJavaDate(p.text("timestamp.format", "yyyyMMdd"))
	if err != nil {
		p.fail("timestamp.format", err.Error())
	}
	return transformFunc(func(m Message) (Message, bool, error) {
		if m.Timestamp == 0 {
			return m, false, fmt.Errorf("timestamp missing on record")
		}
		// Java replaces the one and then the other, also within what the first has put in.
		name := strings.ReplaceAll(topic, "${topic}", m.Topic)
		m.Topic = strings.ReplaceAll(name, "${timestamp}", format.format(m.Timestamp))
		return m, true, nil
	})
}
