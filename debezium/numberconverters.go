package debezium

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// numberConverter writes values of one type as Kafka's serializers do, big-endian: org.apache.kafka.connect.converters.BooleanConverter and
// those of numbers.
type numberConverter struct{ kind Kind }

// numberKinds are the types of the converters of numbers, by their words.
var numberKinds = map[string]Kind{"boolean": KindBoolean, "short": KindInt16, "integer": KindInt32, "long": KindInt64, "float": KindFloat32, "double": KindFloat64}

// Convert implements Converter.
func (c numberConverter) Convert(_ context.Context, _ string, d Datum) ([]byte, error) {
	if c.kind == KindBoolean && d.Schema != nil && d.Schema.Kind != KindBoolean || d.Value != nil && (d.Schema.Kind != c.kind || isConnectLogical(d.Schema.Name)) {
		return nil, fmt.Errorf("want a value of type %s, not %s %s", c.kind, d.Schema.Kind, d.Schema.Name)
	}
	switch v := d.Value.(type) {
	case bool:
		if v {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case int64:
		b := binary.BigEndian.AppendUint64(nil, uint64(v))
		return b[8-map[Kind]int{KindInt16: 2, KindInt32: 4, KindInt64: 8}[c.kind]:], nil
	case float32:
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(v)), nil
	case float64:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(v)), nil
	}
	return nil, nil
}

// newHeaderConverter builds what writes headers; nil: as SimpleHeaderConverter does.
func newHeaderConverter(o ConverterOptions) (Converter, error) {
	const name = "header.converter"
	switch o.Kind {
	case "", "simple":
		for property, value := range o.Properties {
			return nil, &PropertyError{name + "." + property, value, "no such property of the converter"}
		}
		return nil, nil
	case "json", "string", "bytes", "boolean", "short", "integer", "long", "float", "double":
		return newConverter(name, o)
	}
	return nil, &PropertyError{name, o.Kind, "it does not write headers; want SimpleHeaderConverter, JsonConverter, StringConverter, ByteArrayConverter or one of a number"}
}
