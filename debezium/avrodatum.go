package debezium

import (
	"encoding/binary"
	"fmt"
	"math"
)

// appendAvro appends a value in Avro's binary encoding. A null without branch for it is an error that says where.
func (t *avroType) appendAvro(b []byte, v any) ([]byte, error) {
	if v == nil {
		v = t.absent
	}
	if t.union {
		if v == nil {
			return append(b, t.nullAt<<1), nil
		}
		b = append(b, (1-t.nullAt)<<1)
	}
	switch v := v.(type) {
	case int64:
		return binary.AppendVarint(b, v), nil
	case string:
		return append(binary.AppendVarint(b, int64(len(v))), v...), nil
	case []byte:
		return append(binary.AppendVarint(b, int64(len(v))), v...), nil
	case []any:
		return t.appendComposite(b, v)
	case bool:
		if v {
			return append(b, 1), nil
		}
		return append(b, 0), nil
	case float32:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(v)), nil
	case float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v)), nil
	}
	return nil, fmt.Errorf("%v for a value of type %s that must not be null", v, t.kind)
}

// appendComposite appends a struct, an array or a map; of the latter two one block with its count, and the end of blocks.
func (t *avroType) appendComposite(b []byte, v []any) (_ []byte, err error) {
	switch t.kind {
	case KindMap:
		return t.appendMap(b, v)
	case KindStruct:
		for i := range t.fields {
			if b, err = t.fields[i].of.appendAvro(b, v[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", t.fields[i].name, err)
			}
		}
		return b, nil
	}
	if len(v) > 0 {
		b = binary.AppendVarint(b, int64(len(v)))
		for i := range v {
			if b, err = t.items.appendAvro(b, v[i]); err != nil {
				return nil, err
			}
		}
	}
	return append(b, 0), nil
}

// appendMap appends pairs in the order in which a HashMap of Java has them.
func (t *avroType) appendMap(b []byte, v []any) (_ []byte, err error) {
	keys, values := make([]string, len(v)), make(map[string]any, len(v))
	for i := range v {
		pair := v[i].([]any)
		keys[i] = pair[0].(string)
		values[keys[i]] = pair[1]
	}
	javaOrder(keys)
	if len(v) > 0 {
		b = binary.AppendVarint(b, int64(len(v)))
		for _, key := range keys {
			b = append(binary.AppendVarint(b, int64(len(key))), key...)
			if b, err = t.items.appendAvro(b, values[key]); err != nil {
				return nil, err
			}
		}
	}
	return append(b, 0), nil
}
