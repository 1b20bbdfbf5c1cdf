package debezium

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// stringConverter writes values as Java's toString does: org.apache.kafka.connect.storage.StringConverter. What toString gives no
// content of, bytes and java.util.Date, is an error.
type stringConverter struct{}

// Convert implements Converter.
func (stringConverter) Convert(_ context.Context, _ string, d Datum) ([]byte, error) {
	if d.IsZero() || d.Value == nil {
		return nil, nil
	}
	return appendJava(nil, d.Schema, d.Value)
}

func appendJava(b []byte, s *Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return append(b, v...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		switch s.Name {
		case "org.apache.kafka.connect.data.Date", "org.apache.kafka.connect.data.Time", "org.apache.kafka.connect.data.Timestamp":
			return nil, fmt.Errorf("%s is no text", s.Name)
		}
		return strconv.AppendInt(b, v, 10), nil
	case float32:
		return appendJavaDouble(b, float64(v), 32), nil
	case float64:
		return appendJavaDouble(b, v, 64), nil
	case []byte:
		if s.Name != decimalName {
			return nil, errors.New("bytes are no text")
		}
		return append(b, bigDecimal(s, v)...), nil
	case []any:
		return appendJavaComposite(b, s, v)
	}
	return nil, fmt.Errorf("%T is no text", v)
}

// appendJavaComposite appends Struct{a=1,b=x} without what is null, [1, 2] or {a=1, b=2}.
func appendJavaComposite(b []byte, s *Schema, v []any) (_ []byte, err error) {
	open, sep, end := "[", ", ", "]"
	switch s.Kind {
	case KindStruct:
		open, sep, end = "Struct{", ",", "}"
	case KindMap:
		open, end = "{", "}"
	}
	b = append(b, open...)
	first := true
	for i := range v {
		item, of := v[i], s.Items
		if s.Kind == KindStruct {
			if item == nil {
				continue
			}
			of = s.Fields[i].Schema
		}
		if !first {
			b = append(b, sep...)
		}
		first = false
		switch s.Kind {
		case KindStruct:
			b = append(b, s.Fields[i].Name+"="...)
		case KindMap:
			pair := item.([]any)
			b = append(b, pair[0].(string)+"="...)
			item = pair[1]
		}
		if b, err = appendJava(b, of, item); err != nil {
			return nil, err
		}
	}
	return append(b, end...), nil
}

// appendJavaDouble is appendDouble without quotation marks around what is no number.
func appendJavaDouble(b []byte, f float64, bits int) []byte {
	return append(b, strings.Trim(string(appendDouble(nil, f, bits)), `"`)...)
}

// byteArrayConverter hands bytes on: org.apache.kafka.connect.converters.ByteArrayConverter, and with a delegate for all else
// io.debezium.converters.BinaryDataConverter.
type byteArrayConverter struct{ delegate Converter } // nil: none

// Convert implements Converter.
func (c byteArrayConverter) Convert(ctx context.Context, topic string, d Datum) ([]byte, error) {
	switch b, ok := d.Value.([]byte); {
	case d.IsZero():
		return nil, nil
	case d.Schema.Kind == KindBytes && d.Value == nil:
		return nil, nil
	case d.Schema.Kind == KindBytes && ok && d.Schema.Name != decimalName:
		return b, nil
	case c.delegate != nil && d.Schema.Kind != KindBytes:
		return c.delegate.Convert(ctx, topic, d)
	}
	return nil, fmt.Errorf("want bytes, not %s %s", d.Schema.Kind, d.Schema.Name)
}
