package debezium

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// headerText writes a header's value as SimpleHeaderConverter does: text as it is, structs without their schema, nil of null.
func headerText(d Datum) []byte {
	switch v := d.Value.(type) {
	case nil:
		return nil
	case string:
		return []byte(v)
	case []byte:
		if d.Schema.Name != decimalName {
			return base64.StdEncoding.AppendEncode(nil, v)
		}
	}
	return appendHeader(nil, d.Schema, d.Value)
}

// appendHeader is Values.append of Kafka Connect for what stands within something else.
func appendHeader(b []byte, s *Schema, v any) []byte {
	if v == nil && s != nil {
		v = s.Default
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		if s != nil {
			if ms, ok := connectMillis(s, v); ok {
				return append(b, dateText(ms)...) // without quotes, wherever it stands
			}
		}
		return strconv.AppendInt(b, v, 10)
	case float32:
		return appendDouble(b, float64(v), 32)
	case float64:
		return appendDouble(b, v, 64)
	case string:
		return append(append(append(b, '"'), strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)...), '"')
	case []byte:
		if s.Name == decimalName {
			return append(b, bigDecimal(s, v)...)
		}
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"')
	case []any:
		return appendHeaderComposite(b, s, v)
	}
	return b
}

func appendHeaderComposite(b []byte, s *Schema, v []any) []byte {
	opening, closing := byte('['), byte(']')
	if s.Kind != KindArray {
		opening, closing = '{', '}'
	}
	b = append(b, opening)
	for i := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if s.Kind == KindStruct {
			b = append(appendHeader(b, nil, s.Fields[i].Name), ':')
			b = appendHeader(b, s.Fields[i].Schema, v[i])
			continue
		}
		item := v[i]
		if s.Kind == KindMap {
			pair := item.([]any)
			b = append(appendHeader(b, nil, pair[0]), ':')
			item = pair[1]
		}
		b = appendHeader(b, s.Items, item)
	}
	return append(b, closing)
}
