package debezium

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// columnConverter is one of `converters`: it gives columns that it selects another type. full is database.table.column; false: it leaves the
// column to the next.
type columnConverter func(c *schemas.Column, full string, base column) (column, bool)

// columnConverterClasses are the converters that the connector has built in.
var columnConverterClasses = map[string]func(p *propertyReader) columnConverter{
	"io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter": newTinyIntConverter,
	"io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter":  newTinyIntConverter,
	"io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter":   newSinkTypesConverter,
	"io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter":    newSinkTypesConverter,
	"io.debezium.connector.binlog.converters.ZeroDateFallbackConverter":    newZeroDateConverter,
}

// parseConverters reads what stands below the names of converters.
func (o *Options) parseConverters(given map[string]string) error {
	for _, name := range o.converterNames {
		p := newPropertyReader(name+".", below(given, name+"."))
		class := p.text("type", "")
		build := columnConverterClasses[class]
		if build == nil {
			return &PropertyError{name + ".type", class, "it is a class of Java that is not here; there are TinyIntOneToBooleanConverter, JdbcSinkDataTypesConverter and ZeroDateFallbackConverter of the connector"}
		}
		c := build(p)
		if err := p.finish(); err != nil {
			return err
		}
		o.converters = append(o.converters, c)
	}
	return nil
}

// isConverterProperty reports whether a property belongs to converters.
func (o *Options) isConverterProperty(name string) bool {
	return name == "converters" || slices.ContainsFunc(o.converterNames, func(c string) bool { return strings.HasPrefix(name, c+".") })
}

// converted is the column as the first of the converters that takes it has it.
func (o *Options) converted(col column, def *schemas.Table, i int) column {
	c := &def.Columns[i]
	for _, convert := range o.converters {
		if other, ok := convert(c, def.Database+"."+def.Name+"."+c.Name, col); ok {
			other.schema.Doc = col.schema.Doc
			return other
		}
	}
	return col
}

// nameSet reads a list of expressions; nil if it is not given.
func (p *propertyReader) nameSet(name string) *NameSet {
	text := strings.TrimSpace(p.text(name, ""))
	if text == "" {
		return nil
	}
	set, err := ParseNameSet(text)
	if err != nil {
		p.fail(name, err.Error())
	}
	return set
}

// changed is a column of another type: change makes the values of the new one.
func (c column) changed(s Schema, zero any, change func(v any) any) column {
	s.Optional = c.schema.Optional
	if c.schema.Default != nil {
		s.Default = change(c.schema.Default)
	}
	base := c
	return column{schema: &s, zero: zero, null: c.null, convert: func(v txn.Value) (any, bool) {
		data, ok := base.convert(v)
		if !ok || data == nil {
			return nil, ok
		}
		return change(data), true
	}}
}

// newTinyIntConverter is TinyIntOneToBooleanConverter: TINYINT(1), or every TINYINT, as a boolean.
func newTinyIntConverter(p *propertyReader) columnConverter {
	selector := p.nameSet("selector")
	checked := !p.has("length.checker") || strings.EqualFold(p.text("length.checker", ""), "true") || p.text("length.checker", "") == ""
	return func(c *schemas.Column, full string, base column) (column, bool) {
		name := typeName(c.Type)
		length, _ := lengthAndScale(c.Type)
		if name != "TINYINT" && name != "TINYINT UNSIGNED" || checked && length != int64(1) || selector != nil && !selector.Has(full) {
			return base, false
		}
		boolean := base.changed(Schema{Kind: KindBoolean}, false, func(v any) any { return isPositive(base.schema, v) })
		if c.Type.Unsigned { // of which the binary log has the byte, with a sign
			boolean.read = boolean.convert
			boolean.convert = func(v txn.Value) (any, bool) { return int8(v.Int64()) > 0, true }
		}
		return boolean, true
	}
}

// isPositive reports whether a value is a positive number, a text of one, or true.
func isPositive(s *Schema, v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v > 0
	case float32:
		return int64(v) > 0
	case float64:
		return int64(v) > 0
	case string:
		if n, err := strconv.ParseInt(v, 10, 32); err == nil {
			return n > 0
		}
		return strings.EqualFold(v, "true")
	case []byte:
		if s.Name == decimalName {
			return castDecimal(s, v, KindInt32).(int64) > 0
		}
	}
	return false
}

// newSinkTypesConverter is JdbcSinkDataTypesConverter: columns as the types that JDBC sinks like.
func newSinkTypesConverter(p *propertyReader) columnConverter {
	booleans, reals, texts := p.nameSet("selector.boolean"), p.nameSet("selector.real"), p.nameSet("selector.string")
	double := p.text("treat.real.as.double", "") == "" || strings.EqualFold(p.text("treat.real.as.double", ""), "true")
	return func(c *schemas.Column, full string, base column) (column, bool) {
		if reals.Has(full) && (c.Type.Kind == schemas.Float || c.Type.Kind == schemas.Double) { // what the table has, whatever it was declared as
			base.convert = func(v txn.Value) (any, bool) { return realOf(v), true }
		}
		switch {
		case booleans.Has(full):
			return base.changed(Schema{Kind: KindInt16}, int64(0), func(v any) any {
				if isPositive(base.schema, v) {
					return int64(1)
				}
				return int64(0)
			}), true
		case reals.Has(full) && double:
			return base.changed(Schema{Kind: KindFloat64}, float64(0), func(v any) any { return realFrom(base.schema, v, KindFloat64, float64(0)) }), true
		case reals.Has(full):
			return base.changed(Schema{Kind: KindFloat32}, float32(0), func(v any) any { return realFrom(base.schema, v, KindFloat32, float32(0)) }), true
		case texts.Has(full):
			s := Schema{Kind: KindString, Parameters: []Parameter{{"__debezium.source.column.character_set", nullParameter}}}
			if charset, ok := charsetName(c.Type).(string); ok {
				s.Parameters = []Parameter{{"__debezium.source.column.character_set", charset}}
			}
			if c.Type.Kind == schemas.Vector {
				base.convert = func(v txn.Value) (any, bool) { return append([]byte{}, v.Bytes()...), true }
			}
			return base.changed(s, "", func(v any) any {
				text, err := castText(base.schema, v)
				if b, ok := v.([]byte); ok && base.schema.Name != decimalName {
					return javaUTF8(b)
				}
				if err != nil {
					return ""
				}
				return text
			}), true
		}
		return base, false
	}
}

// realFrom makes a number with a fraction of a number or a text; fallback of all else.
func realFrom(s *Schema, v any, to Kind, fallback any) any {
	switch v.(type) {
	case bool, []any:
		return fallback
	}
	if n, err := castValue(s, v, to); err == nil {
		return n
	}
	return fallback
}

// zeroDates is ZeroDateFallbackConverter: a day in place of NULL and of 0000-00-00.
type zeroDates struct {
	selector  *NameSet
	targets   []string
	fallbacks map[string]any // by type: DATE, DATETIME, TIMESTAMP; nil: null
	columns   map[string]string
}

// zeroDateForms are how fallbacks are written.
var zeroDateForms = map[string]string{"DATE": "2006-01-02", "DATETIME": "2006-01-02 15:04:05", "TIMESTAMP": time.RFC3339Nano}

func newZeroDateConverter(p *propertyReader) columnConverter {
	z := &zeroDates{targets: splitList(strings.ToUpper(p.text("target.types", "DATE,DATETIME,TIMESTAMP"))), fallbacks: map[string]any{}, columns: map[string]string{}}
	if text := strings.TrimSpace(p.text("selector", ".*")); text != ".*" {
		z.selector = p.nameSet("selector")
	}
	for _, kind := range []string{"DATE", "DATETIME", "TIMESTAMP"} {
		property := "fallback." + strings.ToLower(kind)
		at, err := fallbackTime(kind, p.text(property, ""))
		if err != nil {
			p.fail(property, err.Error())
		}
		z.fallbacks[kind] = at
	}
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		of, ok := strings.CutPrefix(name, "column.")
		if of, is := strings.CutSuffix(of, ".fallback"); ok && is {
			z.columns[of] = p.text(name, "")
			if !slices.ContainsFunc([]string{"DATE", "DATETIME", "TIMESTAMP"}, func(kind string) bool { _, err := fallbackTime(kind, z.columns[of]); return err == nil }) {
				p.fail(name, "want a date, a date and a time, a time of a zone, or NULL")
			}
		}
	}
	return z.convert
}

// fallbackTime reads a fallback; nil of none and of NULL.
func fallbackTime(kind, text string) (any, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "NULL") {
		return nil, nil
	}
	at, err := time.Parse(zeroDateForms[kind], text)
	if err != nil {
		return nil, fmt.Errorf("want it as %s", zeroDateForms[kind])
	}
	return at.UTC(), nil
}

// convert changes columns with a date.
func (z *zeroDates) convert(c *schemas.Column, full string, base column) (column, bool) {
	kind := map[schemas.Kind]string{schemas.Date: "DATE", schemas.DateTime: "DATETIME", schemas.Timestamp: "TIMESTAMP"}[c.Type.Kind]
	if !slices.Contains(z.targets, kind) || z.selector != nil && !z.selector.Has(full) {
		return base, false
	}
	at := z.fallbacks[kind]
	if text, ok := z.columns[full]; ok {
		if own, err := fallbackTime(kind, text); err == nil {
			at = own
		}
	}
	plain := baseColumn(c.Type, &Options{Time: TimeAdaptiveMicroseconds})
	s := *plain.schema
	fallback := fallbackData(&s, at)
	s.Optional = c.Nullable || fallback == nil
	if base.schema.Default != nil {
		s.Default = fallback // and not the column's own
	}
	return column{schema: &s, null: fallback, zero: fallback, convert: func(v txn.Value) (any, bool) {
		data, ok := plain.convert(v)
		if !ok {
			return fallback, true
		}
		if text, is := data.(string); is && strings.Contains(text, ".") { // which this converter writes without zeros at the end
			data = strings.TrimRight(strings.TrimRight(strings.TrimSuffix(text, "Z"), "0"), ".") + "Z"
		}
		return data, true
	}}, true
}

// fallbackData is a fallback as data of a schema.
func fallbackData(s *Schema, at any) any {
	t, ok := at.(time.Time)
	switch {
	case !ok:
		return nil
	case s.Kind == KindInt32:
		return floorDiv(t.Unix(), 86400)
	case s.Kind == KindInt64 && strings.HasSuffix(s.Name, ".MicroTimestamp"):
		return t.UnixMicro()
	case s.Kind == KindInt64:
		return t.UnixMilli()
	}
	return t.Format(time.RFC3339Nano)
}
