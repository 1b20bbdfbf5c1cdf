package debezium

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// castKinds are the types that Cast makes, by Connect's names for them.
var castKinds = map[string]Kind{"INT8": KindInt8, "INT16": KindInt16, "INT32": KindInt32, "INT64": KindInt64, "FLOAT32": KindFloat32,
	"FLOAT64": KindFloat64, "BOOLEAN": KindBoolean, "STRING": KindString}

// newCast is Cast: fields, or the whole, as another type.
func newCast(p *propertyReader) part {
	fields, whole := castSpec(p)
	defaults, schemas := p.flag("replace.null.with.default", true), schemaCache[*Schema]{}
	return func(_ *Message, d Datum) (Datum, error) {
		if d.Value == nil {
			return d, nil
		}
		if whole != "" {
			return castWhole(d, whole, schemas)
		}
		row, err := d.object("cast types")
		if err != nil {
			return d, err
		}
		s, err := schemas.get(d.Schema, func() (*Schema, error) { return castSchema(d.Schema, fields) })
		if err != nil {
			return d, err
		}
		values := rowOf(d.Schema, row, defaults, 0)
		for i, f := range d.Schema.Fields {
			if to := fields[f.Name]; to != "" {
				if values[i], err = castValue(f.Schema, values[i], to); err != nil {
					return d, fmt.Errorf("field %s: %w", f.Name, err)
				}
			}
		}
		return Datum{s, values}, nil
	}
}

// castSpec reads spec: field:type,… or one type for the whole.
func castSpec(p *propertyReader) (fields map[string]Kind, whole Kind) {
	fields = map[string]Kind{}
	list := p.list("spec")
	if len(list) == 0 {
		p.fail("spec", "must specify at least one field to cast")
	}
	for _, item := range list {
		name, word, named := strings.Cut(item, ":")
		if !named {
			name, word = "", name
		}
		kind := castKinds[strings.ToUpper(strings.TrimSpace(word))]
		switch {
		case kind == "":
			p.fail("spec", fmt.Sprintf("%q: want field:type, or a type for the whole, of int8, int16, int32, int64, float32, float64, boolean, string", item))
		case named:
			fields[strings.TrimSpace(name)] = kind
		case len(list) > 1:
			p.fail("spec", "a type for the whole stands alone")
		default:
			whole = kind
		}
	}
	return fields, whole
}

// castWhole casts what is no struct.
func castWhole(d Datum, to Kind, schemas schemaCache[*Schema]) (Datum, error) {
	s, err := schemas.get(d.Schema, func() (_ *Schema, err error) {
		s := d.Schema.basics()
		s.Kind, s.Fields, s.Items, s.Optional = to, nil, nil, d.Schema.Optional
		s.Default, err = castValue(d.Schema, d.Schema.Default, to)
		return s, err
	})
	if err != nil {
		return d, err
	}
	v, err := castValue(d.Schema, d.Value, to)
	if err == nil && isConnectLogical(s.Name) {
		err = fmt.Errorf("the schema of a value that is cast as a whole keeps its name %s, which no %s has", s.Name, to)
	}
	return Datum{s, v}, err
}

// isConnectLogical reports whether a name is one of Connect's own, for whose values Java has classes.
func isConnectLogical(name string) bool {
	return strings.HasPrefix(name, "org.apache.kafka.connect.data.")
}

// castSchema is a struct with the types of some fields changed.
func castSchema(old *Schema, fields map[string]Kind) (*Schema, error) {
	s := old.basics()
	s.Optional = old.Optional
	for i := range s.Fields {
		f := &s.Fields[i]
		to := fields[f.Name]
		if to == "" {
			continue
		}
		def, err := castValue(f.Schema, f.Schema.Default, to)
		if err != nil {
			return nil, fmt.Errorf("default of field %s: %w", f.Name, err)
		}
		f.Schema = &Schema{Kind: to, Optional: f.Schema.Optional, Default: def}
	}
	return s, nil
}

// castValue makes a value of another type, with Java's rules for numbers that do not fit.
func castValue(s *Schema, v any, to Kind) (any, error) {
	if v == nil {
		return nil, nil
	}
	if to == KindString {
		return castText(s, v)
	}
	switch v := v.(type) {
	case bool:
		if to == KindBoolean {
			return v, nil
		}
		if v {
			return castInteger(1, to), nil
		}
		return castInteger(0, to), nil
	case int64:
		return castInteger(v, to), nil
	case float32:
		return castFloat(float64(v), to), nil
	case float64:
		return castFloat(v, to), nil
	case string:
		return castParsed(v, to)
	case []byte:
		if s.Name == decimalName {
			return castDecimal(s, v, to), nil
		}
	}
	return nil, fmt.Errorf("cannot cast a value of type %s to %s", s.Kind, to)
}

// castText spells a value as Java's toString does; bytes in base 64, and a java.util.Date as a time, a day or both.
func castText(s *Schema, v any) (any, error) {
	switch v := v.(type) {
	case []byte:
		if s.Name == decimalName {
			return bigDecimal(s, v), nil
		}
		return base64.StdEncoding.EncodeToString(v), nil
	case int64:
		if ms, ok := connectMillis(s, v); ok {
			return dateText(ms), nil
		}
	case []any:
		return nil, fmt.Errorf("cannot cast a value of type %s to string", s.Kind)
	}
	b, err := appendJava(nil, s, v)
	return string(b), err
}

// castInteger narrows an integer by leaving out its upper bits.
func castInteger(n int64, to Kind) any {
	switch to {
	case KindInt8:
		return int64(int8(n))
	case KindInt16:
		return int64(int16(n))
	case KindInt32:
		return int64(int32(n))
	case KindFloat32:
		return float32(n)
	case KindFloat64:
		return float64(n)
	case KindBoolean:
		return n != 0
	}
	return n
}

// castFloat is Java's narrowing of a double: to the nearest int or long, and from int to what is smaller.
func castFloat(f float64, to Kind) any {
	switch to {
	case KindFloat32:
		return float32(f)
	case KindFloat64:
		return f
	case KindInt64, KindBoolean:
		return castInteger(saturated(f, math.MinInt64, math.MaxInt64), to)
	}
	return castInteger(saturated(f, math.MinInt32, math.MaxInt32), to)
}

// saturated is f without its fraction, or the bound that it passes; 0 of what is no number.
func saturated(f float64, low, high int64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f <= float64(low):
		return low
	case f >= float64(high):
		return high
	}
	return int64(f)
}

// javaFloat is what Java's Float and Double read in decimal.
var javaFloat = regexp.MustCompile(`^[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)$`)

// castParsed reads a text.
func castParsed(text string, to Kind) (any, error) {
	wrong := fmt.Errorf("value (%s) was out of range for requested data type", text)
	switch to {
	case KindBoolean:
		return strings.EqualFold(text, "true"), nil
	case KindFloat32, KindFloat64:
		trimmed := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
		if !javaFloat.MatchString(trimmed) {
			return nil, wrong
		}
		if !strings.HasSuffix(trimmed, "y") { // Infinity
			trimmed = strings.TrimRight(trimmed, "fFdD")
		}
		if to == KindFloat32 {
			f, _ := strconv.ParseFloat(trimmed, 32) // beyond its range it is infinite, as in Java
			return float32(f), nil
		}
		f, _ := strconv.ParseFloat(trimmed, 64)
		return f, nil
	}
	n, err := strconv.ParseInt(text, 10, map[Kind]int{KindInt8: 8, KindInt16: 16, KindInt32: 32, KindInt64: 64}[to])
	if err != nil {
		return nil, wrong
	}
	return n, nil
}

// castDecimal takes the lower 64 bits of a BigDecimal's whole part, or the nearest double.
func castDecimal(s *Schema, unscaled []byte, to Kind) any {
	text := bigDecimal(s, unscaled)
	if to == KindFloat32 || to == KindFloat64 {
		v, _ := castParsed(text, to) // a BigDecimal's text is a number
		return v
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return int64(0)
	}
	whole := new(big.Int).Quo(number.Num(), number.Denom())
	low := new(big.Int).And(whole, new(big.Int).SetUint64(math.MaxUint64)) // of two's complement
	return castInteger(int64(low.Uint64()), to)
}
