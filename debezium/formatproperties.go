package debezium

import "strings"

// isFormatProperty reports whether a property belongs to a converter.
func isFormatProperty(name string) bool {
	for _, p := range []string{"key.converter", "value.converter", "header.converter"} {
		if name == p || strings.HasPrefix(name, p+".") {
			return true
		}
	}
	return false
}

// converterKinds are the converters of Kafka Connect, by class.
var converterKinds = map[string]string{
	"org.apache.kafka.connect.json.JsonConverter":            "json",
	"io.confluent.connect.avro.AvroConverter":                "avro",
	"io.apicurio.registry.utils.converter.AvroConverter":     "apicurio",
	"io.confluent.connect.protobuf.ProtobufConverter":        "protobuf",
	"io.debezium.converters.CloudEventsConverter":            "cloudevents",
	"org.apache.kafka.connect.storage.StringConverter":       "string",
	"org.apache.kafka.connect.converters.ByteArrayConverter": "bytes",
	"io.confluent.connect.json.JsonSchemaConverter":          "jsonschema",
	"io.debezium.converters.BinaryDataConverter":             "binary",
	"io.debezium.converters.ByteArrayConverter":              "binary",
	"org.apache.kafka.connect.converters.BooleanConverter":   "boolean",
	"org.apache.kafka.connect.converters.ShortConverter":     "short",
	"org.apache.kafka.connect.converters.IntegerConverter":   "integer",
	"org.apache.kafka.connect.converters.LongConverter":      "long",
	"org.apache.kafka.connect.converters.FloatConverter":     "float",
	"org.apache.kafka.connect.converters.DoubleConverter":    "double",
	"org.apache.kafka.connect.storage.SimpleHeaderConverter": "simple",
	"boolean": "boolean", "short": "short", "integer": "integer", "long": "long", "float": "float", "double": "double", "simple": "simple",
	"json": "json", "avro": "avro", "apicurio": "apicurio", "protobuf": "protobuf", "cloudevents": "cloudevents", "string": "string", "bytes": "bytes", "binary": "binary",
}

// parseFormats reads key.converter and value.converter with what lies below them.
func (o *Options) parseFormats(given map[string]string) error {
	for prefix, c := range map[string]*ConverterOptions{"key.converter": &o.Formats.Key, "value.converter": &o.Formats.Value, "header.converter": &o.Formats.Header} {
		if c.Kind = "json"; prefix == "header.converter" {
			c.Kind = "simple"
		}
		if class := given[prefix]; class != "" {
			if c.Kind = converterKinds[class]; c.Kind == "" {
				return &PropertyError{prefix, class, "want JsonConverter, AvroConverter, CloudEventsConverter, StringConverter, ByteArrayConverter, BinaryDataConverter or one of a number by its class, or json, avro, apicurio, cloudevents, string, bytes, binary, boolean, short, integer, long, float, double"}
			}
		}
		c.Properties = below(given, prefix+".")
	}
	_, err := NewFormat(o.Formats)
	return err
}

// below returns the properties that begin with prefix, without it.
func below(given map[string]string, prefix string) map[string]string {
	found := map[string]string{}
	for name, value := range given {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			found[rest] = value
		}
	}
	return found
}
