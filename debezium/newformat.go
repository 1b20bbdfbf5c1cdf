package debezium

import (
	"fmt"
	"strings"
)

// NewFormat builds the converters that a configuration names.
func NewFormat(f Formats) (Format, error) {
	var format Format
	for _, part := range []struct {
		name    string
		options ConverterOptions
		to      *Converter
	}{{"key.converter", f.Key, &format.Key}, {"value.converter", f.Value, &format.Value}} {
		c, err := newConverter(part.name, part.options)
		if err != nil {
			return format, err
		}
		*part.to = c
	}
	return format, nil
}

// newConverter builds a converter; name is key.converter or value.converter.
func newConverter(name string, o ConverterOptions) (Converter, error) {
	part := strings.TrimSuffix(name, ".converter")
	switch o.Kind {
	case "json":
		return newJSON(name, o)
	case "avro", "apicurio":
		parse := parseRegistryOptions
		if o.Kind == "apicurio" {
			parse = parseApicurioOptions
		}
		options, err := parse(part, o.Properties)
		if err != nil {
			return nil, err
		}
		return newAvroConverter(options), nil
	}
	return nil, &PropertyError{name, o.Kind, "this release has JsonConverter and AvroConverter alone"}
}

func newJSON(name string, o ConverterOptions) (Converter, error) {
	var json JSONOptions
	for property, value := range o.Properties {
		var err error
		switch property {
		case "schemas.enable":
			json.SchemasEnable, err = parseFlag(value)
		case "replace.null.with.default":
			json.ReplaceNullWithDefault, err = parseFlag(value)
		case "decimal.format", "schemas.cache.size":
		default:
			err = fmt.Errorf("no such property of JsonConverter")
		}
		if err != nil {
			return nil, &PropertyError{name + "." + property, value, err.Error()}
		}
	}
	return NewJSONConverter(json), nil
}
