package debezium

import (
	"fmt"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// columnConverter is one of converters: it gives columns another schema.
type columnConverter struct {
	tiny                  bool // TinyIntOneToBooleanConverter; else JdbcSinkDataTypesConverter
	selector              *NameSet
	anyLength             bool
	booleans, reals, text *NameSet
	single                bool // reals are single floats
}

const mysqlConverters = "io.debezium.connector.mysql.converters."

// parseConverters reads converters and what stands below their names.
func (o *Options) parseConverters(given map[string]string) error {
	for _, name := range o.converterNames {
		properties := below(given, name+".")
		c := columnConverter{}
		class := strings.TrimSpace(properties["type"])
		known := map[string]**NameSet{}
		flags := map[string]func(bool){}
		switch class {
		case mysqlConverters + "TinyIntOneToBooleanConverter", "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter":
			c.tiny = true
			known["selector"] = &c.selector
			flags["length.checker"] = func(on bool) { c.anyLength = !on }
		case mysqlConverters + "JdbcSinkDataTypesConverter", "io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter":
			known["selector.boolean"], known["selector.real"], known["selector.string"] = &c.booleans, &c.reals, &c.text
			flags["treat.real.as.double"] = func(on bool) { c.single = !on }
		default:
			return &PropertyError{name + ".type", class, "want TinyIntOneToBooleanConverter or JdbcSinkDataTypesConverter of " + mysqlConverters}
		}
		for property, value := range properties {
			if err := setConverter(property, strings.TrimSpace(value), known, flags); err != nil {
				return &PropertyError{name + "." + property, value, err.Error()}
			}
		}
		o.converters = append(o.converters, c)
	}
	return nil
}

func setConverter(property, value string, sets map[string]**NameSet, flags map[string]func(bool)) error {
	switch set, flag := sets[property], flags[property]; {
	case property == "type" || value == "" && (set != nil || flag != nil):
		return nil
	case set != nil:
		parsed, err := ParseNameSet(value)
		*set = parsed
		return err
	case flag != nil:
		on, err := parseFlag(value)
		flag(on)
		return err
	}
	return fmt.Errorf("no such property of the converter")
}

// isConverterProperty reports whether a property belongs to converters.
func (o *Options) isConverterProperty(name string) bool {
	if name == "converters" {
		return true
	}
	for _, c := range o.converterNames {
		if strings.HasPrefix(name, c+".") {
			return true
		}
	}
	return false
}

// converted is the column as the first of the converters that takes it has it.
func (o *Options) converted(col column, def *schemas.Table, i int) column {
	c := &def.Columns[i]
	full := def.Database + "." + def.Name + "." + c.Name
	for k := range o.converters {
		switch conv := &o.converters[k]; {
		case conv.tiny:
			length, _ := lengthAndScale(c.Type)
			name := typeName(c.Type)
			if (name == "TINYINT" || name == "TINYINT UNSIGNED") && (conv.anyLength || length == int64(1)) && (conv.selector == nil || conv.selector.Has(full)) {
				return col.as(c, &Schema{Kind: KindBoolean}, func(data any) any { return isPositive(data) }, false)
			}
		case conv.booleans.Has(full):
			return col.as(c, &Schema{Kind: KindInt16}, func(data any) any {
				if isPositive(data) {
					return int64(1)
				}
				return int64(0)
			}, int64(0))
		case conv.reals.Has(full) && conv.single:
			return col.as(c, &Schema{Kind: KindFloat32}, func(data any) any { return float32(floatOf(data)) }, float32(0))
		case conv.reals.Has(full):
			return col.as(c, &Schema{Kind: KindFloat64}, func(data any) any { return floatOf(data) }, float64(0))
		case conv.text.Has(full):
			s := &Schema{Kind: KindString}
			if charset, ok := charsetName(c.Type).(string); ok {
				s.Parameters = []Parameter{{"__debezium.source.column.character_set", charset}}
			}
			return col.as(c, s, textOf, "")
		}
	}
	return col
}

// as is the column with another schema; form makes its data of those that it has.
func (c column) as(def *schemas.Column, s *Schema, form func(any) any, zero any) column {
	s.Optional, s.Doc = def.Nullable, c.schema.Doc
	if c.schema.Default != nil {
		s.Default = form(c.schema.Default)
	}
	wrap := func(convert func(txn.Value) (any, bool)) func(txn.Value) (any, bool) {
		if convert == nil {
			return nil
		}
		return func(v txn.Value) (any, bool) {
			data, ok := convert(v)
			if !ok {
				return nil, false
			}
			return form(data), true
		}
	}
	return column{schema: s, convert: wrap(c.convert), read: wrap(c.read), zero: zero}
}

func isPositive(data any) bool {
	switch v := data.(type) {
	case bool:
		return v
	case int64:
		return v > 0
	case float32:
		return v > 0
	case float64:
		return v > 0
	case string:
		n, err := strconv.ParseInt(v, 10, 32)
		return err == nil && n > 0 || strings.EqualFold(v, "true")
	}
	return false
}

func floatOf(data any) float64 {
	switch v := data.(type) {
	case int64:
		return float64(v)
	case float32:
		return float64(v)
	case float64:
		return v
	case string:
		f, _ := strconv.ParseFloat(v, 64) // what is no number is zero
		return f
	}
	return 0
}

func textOf(data any) any {
	switch v := data.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return string(appendDouble(nil, float64(v), 32))
	case float64:
		return string(appendDouble(nil, v, 64))
	}
	return ""
}
