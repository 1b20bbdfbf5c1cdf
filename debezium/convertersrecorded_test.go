package debezium

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// TestConvertersWriteWhatThoseOfConnectDo compares with what the converters of Debezium 3.6.1 and Kafka Connect 4.3 made of the recorded
// events. What has no text here, bytes and Java's dates, has some there that says nothing ([B@4461c7e3).
func TestConvertersWriteWhatThoseOfConnectDo(t *testing.T) {
	for _, c := range []struct {
		file, run, part, kind string
		properties            map[string]string
		least                 int
	}{
		{"cloudevents.alt1", "alt1", "value", "cloudevents", map[string]string{"json.replace.null.with.default": "true"}, 600},
		{"cloudevents.default", "default", "value", "cloudevents", map[string]string{"json.schemas.enable": "false"}, 600},
		{"cloudevents.alt2", "alt2", "value", "cloudevents", map[string]string{"json.schemas.enable": "false", "extension.attributes.enable": "false"}, 500},
		{"string.alt1", "alt1", "value", "string", nil, 500},
		{"string-key.alt1", "alt1", "key", "string", nil, 600},
		{"decimal.default", "default", "value", "json", map[string]string{"decimal.format": "NUMERIC", "schemas.enable": "true", "replace.null.with.default": "true"}, 600},
	} {
		t.Run(c.file, func(t *testing.T) {
			converter, err := newConverter(c.part+".converter", ConverterOptions{c.kind, c.properties})
			if err != nil {
				t.Fatal(err)
			}
			recorded := recordedParts(t, c.run, c.part)
			compared := 0
			lines(t, "testdata/"+c.file+".jsonl.gz", func(line []byte) {
				var want struct {
					Seq int
					Out *string
				}
				if err := json.Unmarshal(line, &want); err != nil {
					t.Fatal(err)
				}
				if want.Out != nil {
					if c.kind != "cloudevents" && readOfMap.MatchString(*want.Out) {
						return // the order is that of the map that Java has read the recording into
					}
				}
				got, err := converter.Convert(t.Context(), "x", recordedDatum(t, recorded[want.Seq]))
				switch {
				case err != nil:
					if c.kind != "string" || !strings.HasSuffix(err.Error(), "no text") {
						t.Errorf("event %d: %v", want.Seq, err)
					}
					return
				case want.Out == nil:
					if got != nil {
						t.Errorf("event %d: %s, want null", want.Seq, got)
					}
				case string(got) != *want.Out:
					t.Errorf("event %d:\n got %s\nwant %s", want.Seq, got, *want.Out)
				}
				compared++
			})
			if compared < c.least {
				t.Errorf("%d compared, want %d", compared, c.least)
			}
		})
	}
}

// readOfMap finds maps whose order is no longer that of the recording.
var readOfMap = regexp.MustCompile(`additional_data"?[:=]{"?last_processed_key`)

// recordedParts are the keys or values of a run, from 1.
func recordedParts(t *testing.T, run, part string) []json.RawMessage {
	t.Helper()
	parts := []json.RawMessage{nil}
	lines(t, recordings+run+".jsonl.gz", func(line []byte) {
		var e struct{ Key, Value json.RawMessage }
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if part == "key" {
			e.Value = e.Key
		}
		parts = append(parts, e.Value)
	})
	return parts
}

func TestBytesAreHandedOn(t *testing.T) {
	bytes, text := &Schema{Kind: KindBytes}, &Schema{Kind: KindString}
	decimal := &Schema{Kind: KindBytes, Name: decimalName}
	for _, c := range []struct {
		name       string
		kind       string
		properties map[string]string
		d          Datum
		want       string // or empty: an error
	}{
		{"bytes", "bytes", nil, Datum{bytes, []byte("a\x00")}, "a\x00"},
		{"text", "bytes", nil, Datum{text, "a"}, ""},
		{"a decimal", "bytes", nil, Datum{decimal, []byte{1}}, ""},
		{"bytes", "binary", nil, Datum{bytes, []byte("a\x00")}, "a\x00"},
		{"text without delegate", "binary", nil, Datum{text, "a"}, ""},
		{"text", "binary", map[string]string{"delegate.converter.type": "org.apache.kafka.connect.json.JsonConverter"}, Datum{text, "a"}, `"a"`},
		{"text with schema", "binary", map[string]string{"delegate.converter.type": "org.apache.kafka.connect.json.JsonConverter", "delegate.converter.type.schemas.enable": "true"},
			Datum{text, "a"}, `{"schema":{"type":"string","optional":false},"payload":"a"}`},
	} {
		converter, err := newConverter("value.converter", ConverterOptions{c.kind, c.properties})
		if err != nil {
			t.Fatal(err)
		}
		got, err := converter.Convert(t.Context(), "x", c.d)
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s by %s: %q, %v, want %q", c.name, c.kind, got, err, c.want)
		}
		if b, err := converter.Convert(t.Context(), "x", Datum{}); b != nil || err != nil {
			t.Errorf("nothing by %s: %q, %v", c.kind, b, err)
		}
	}
}

func TestConvertersRefuseByName(t *testing.T) {
	for name, value := range map[string]string{
		"key.converter": "cloudevents", "value.converter": "io.confluent.connect.protobuf.ProtobufConverter",
		"value.converter.serializer.type": "avro", "value.converter.metadata.source": "header", "value.converter.decimal.format": "TEXT",
		"value.converter.delegate.converter.type": "my.Converter", "value.converter.delegate.converter.type.schemas.enable": "x",
		"value.converter.converter.encoding": "UTF-16",
	} {
		given := map[string]string{"topic.prefix": "x", name: value}
		switch {
		case strings.Contains(name, "delegate."):
			given["value.converter"] = "binary"
			if strings.HasSuffix(name, "enable") {
				given["value.converter.delegate.converter.type"] = "json"
			}
		case strings.Contains(name, "encoding"):
			given["value.converter"] = "string"
		case strings.Contains(name, "type"), strings.Contains(name, "metadata"):
			given["value.converter"] = "cloudevents"
		}
		_, err := ParseOptions(given)
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != name {
			t.Errorf("%s = %s: %v", name, value, err)
		}
	}
}
