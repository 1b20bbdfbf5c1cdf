package debezium

import (
	"errors"
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
	var err error
	format.Header, err = newHeaderConverter(f.Header)
	return format, err
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
	return newPlain(name, o)
}

// newPlain builds the converters that need no registry.
func newPlain(name string, o ConverterOptions) (Converter, error) {
	wrong := func(property, reason string) error {
		return &PropertyError{name + "." + property, o.Properties[property], reason}
	}
	switch o.Kind {
	case "string":
		for property, value := range o.Properties {
			if property != "converter.encoding" || !strings.EqualFold(value, "UTF-8") && !strings.EqualFold(value, "UTF8") {
				return nil, wrong(property, "this release has converter.encoding = UTF-8 alone")
			}
		}
		return stringConverter{}, nil
	case "bytes":
		for property := range o.Properties {
			return nil, wrong(property, "no such property of the converter")
		}
		return byteArrayConverter{}, nil
	case "boolean", "short", "integer", "long", "float", "double":
		for property := range o.Properties {
			return nil, wrong(property, "no such property of the converter")
		}
		return numberConverter{numberKinds[o.Kind]}, nil
	case "binary":
		return newBinary(name, o)
	case "cloudevents":
		if name != "value.converter" {
			return nil, &PropertyError{name, o.Kind, "a key has no CloudEvent"}
		}
		return newCloudEvents(name, o)
	}
	return nil, &PropertyError{name, o.Kind, "this release does not have it; JsonConverter, AvroConverter, CloudEventsConverter, StringConverter, ByteArrayConverter and BinaryDataConverter it has"}
}

// newBinary builds a BinaryDataConverter with its delegate.
func newBinary(name string, o ConverterOptions) (Converter, error) {
	const key = "delegate.converter.type"
	class := o.Properties[key]
	inner := ConverterOptions{Kind: converterKinds[class], Properties: below(o.Properties, key+".")}
	for property, value := range o.Properties {
		if property != key && !strings.HasPrefix(property, key+".") || class == "" {
			return nil, &PropertyError{name + "." + property, value, "want " + key + ", and what lies below it"}
		}
	}
	if class == "" {
		return byteArrayConverter{}, nil
	}
	delegate, err := newConverter(name, inner)
	var wrong *PropertyError
	switch {
	case errors.As(err, &wrong) && wrong.Name == name:
		return nil, &PropertyError{name + "." + key, class, wrong.Reason}
	case errors.As(err, &wrong):
		return nil, &PropertyError{name + "." + key + strings.TrimPrefix(wrong.Name, name), wrong.Value, wrong.Reason}
	}
	return byteArrayConverter{delegate}, err
}

// newCloudEvents builds a CloudEventsConverter.
func newCloudEvents(name string, o ConverterOptions) (Converter, error) {
	options := cloudEventsOptions{schemas: true, extensions: true}
	for property, value := range o.Properties {
		var err error
		switch property {
		case "json.schemas.enable":
			options.schemas, err = parseFlag(value)
		case "json.replace.null.with.default":
			options.fill, err = parseFlag(value)
		case "extension.attributes.enable":
			options.extensions, err = parseFlag(value)
		case "serializer.type", "data.serializer.type":
			if !strings.EqualFold(value, "json") {
				err = errors.New("this release has json alone")
			}
		case "opentelemetry.tracing.attributes.enable":
			if !strings.EqualFold(value, "false") {
				err = errors.New("this release has false alone")
			}
		case "schema.name.adjustment.mode", "json.schemas.cache.size": // of schemas that are not written
		default:
			err = errors.New("this release does not have it")
		}
		if err != nil {
			return nil, &PropertyError{name + "." + property, value, err.Error()}
		}
	}
	return newCloudEventsConverter(options), nil
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
		case "decimal.format":
			json.DecimalNumbers = strings.EqualFold(value, "NUMERIC")
			if !json.DecimalNumbers && !strings.EqualFold(value, "BASE64") {
				err = fmt.Errorf("want BASE64 or NUMERIC")
			}
		case "schemas.cache.size":
		default:
			err = fmt.Errorf("no such property of JsonConverter")
		}
		if err != nil {
			return nil, &PropertyError{name + "." + property, value, err.Error()}
		}
	}
	return NewJSONConverter(json), nil
}
