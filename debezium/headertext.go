package debezium

import (
	"encoding/base64"
	"math/big"
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
		return strconv.AppendInt(b, v, 10)
	case float32:
		return appendDouble(b, float64(v), 32)
	case float64:
		return appendDouble(b, v, 64)
	case string:
		return append(append(append(b, '"'), strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)...), '"')
	case []byte:
		if s.Name == "org.apache.kafka.connect.data.Decimal" {
			return append(b, connectDecimal(v, s)...)
		}
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"')
	case []any:
		return appendHeaderComposite(b, s, v)
	}
	return b
}

func appendHeaderComposite(b []byte, s *Schema, v []any) []byte {
	opening, closing := byte('['), byte(']')
	if s.Kind == KindStruct {
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
		b = appendHeader(b, s.Items, v[i])
	}
	return append(b, closing)
}

// connectDecimal spells Connect's Decimal: an unscaled two's complement, with the scale in the schema's parameters.
func connectDecimal(unscaled []byte, s *Schema) string {
	n := new(big.Int).SetBytes(unscaled)
	if len(unscaled) > 0 && unscaled[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(unscaled))*8))
	}
	scale := 0
	for _, p := range s.Parameters {
		if p.Name == "scale" {
			scale, _ = strconv.Atoi(p.Value) // the encoder wrote it
		}
	}
	text := new(big.Int).Abs(n).String()
	if scale > 0 {
		text = strings.Repeat("0", max(0, scale+1-len(text))) + text
		text = text[:len(text)-scale] + "." + text[len(text)-scale:]
	}
	if n.Sign() < 0 {
		text = "-" + text
	}
	return text
}
