package debezium

import (
	"math/big"
	"strconv"
)

const decimalName = "org.apache.kafka.connect.data.Decimal"

// bigDecimal spells an unscaled number of a Decimal as Java's BigDecimal.toString does: without exponent unless that is below -6.
func bigDecimal(s *Schema, unscaled []byte) string {
	scale, _ := strconv.Atoi(s.parameter("scale", "0"))
	n := new(big.Int).SetBytes(unscaled)
	if len(unscaled) > 0 && unscaled[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(unscaled))))
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Abs(n)
	}
	digits := n.String()
	exponent := len(digits) - 1 - scale
	switch {
	case scale == 0:
		return sign + digits
	case scale < 0 || exponent < -6:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		text := sign + digits
		switch {
		case exponent > 0:
			text += "E+" + strconv.Itoa(exponent)
		case exponent < 0:
			text += "E" + strconv.Itoa(exponent)
		}
		return text
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// numeral is the text of a number in JSON.
type numeral string

// decimals makes numbers of Decimals: JsonConverter's decimal.format = NUMERIC. It remembers the schemas, whose defaults change.
type decimals struct{ known map[*Schema]*Schema }

// schema returns s with numbers for defaults; s itself if it has no Decimal.
func (d *decimals) schema(s *Schema) *Schema {
	if known, ok := d.known[s]; ok {
		return known
	}
	if len(d.known) >= 2*maxTables {
		clear(d.known)
	}
	made := s
	change := func() *Schema {
		if made == s {
			c := *s
			c.Fields = append([]Field{}, s.Fields...)
			made = &c
		}
		return made
	}
	if unscaled, ok := s.Default.([]byte); ok && s.Name == decimalName {
		change().Default = numeral(bigDecimal(s, unscaled))
	}
	for i, f := range s.Fields {
		if of := d.schema(f.Schema); of != f.Schema {
			change().Fields[i].Schema = of
		}
	}
	if s.Items != nil {
		if of := d.schema(s.Items); of != s.Items {
			change().Items = of
		}
	}
	d.known[s] = made
	return made
}

// value returns v with numbers in place of Decimals.
func (d *decimals) value(s *Schema, v any) any {
	switch v := v.(type) {
	case []byte:
		if s.Name == decimalName {
			return numeral(bigDecimal(s, v))
		}
	case []any:
		if s.Kind == KindMap {
			return v // of texts
		}
		list := make([]any, len(v))
		for i := range v {
			of := s.Items
			if s.Kind == KindStruct {
				of = s.Fields[i].Schema
			}
			list[i] = d.value(of, v[i])
		}
		return list
	}
	return v
}
