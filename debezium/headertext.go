package debezium

import (
	"encoding/base64"
	"math"
	"math/big"
	"regexp"
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

// headerNumber is a number as Java's BigDecimal reads it.
var headerNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$`)

// headerLiteral is a literal as Connect's Values reads it: true and false, a whole number as the smallest integer of up to 64 bits, another as a
// float, or a double if it is too large for one; all else is text.
func headerLiteral(text string) Datum {
	if text == "true" || text == "false" {
		return Datum{&Schema{Kind: KindBoolean}, text == "true"}
	}
	if !headerNumber.MatchString(text) {
		return Datum{plainText, text}
	}
	n, ok := new(big.Rat).SetString(text)
	switch {
	case !ok, n.IsInt() && !n.Num().IsInt64():
		return Datum{plainText, text}
	case n.IsInt():
		return Datum{&Schema{Kind: smallestInteger(n.Num().Int64())}, n.Num().Int64()}
	}
	if f, _ := n.Float32(); !math.IsInf(float64(f), 0) {
		return Datum{&Schema{Kind: KindFloat32}, f}
	}
	f, _ := n.Float64()
	return Datum{&Schema{Kind: KindFloat64}, f}
}

// smallestInteger is the smallest type that has a number.
func smallestInteger(n int64) Kind {
	switch {
	case n == int64(int8(n)):
		return KindInt8
	case n == int64(int16(n)):
		return KindInt16
	case n == int64(int32(n)):
		return KindInt32
	}
	return KindInt64
}
