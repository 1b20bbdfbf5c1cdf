package debezium

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestAvroIsAvroDatas converts what the connector emitted as JSON to Avro, and compares the schemas' texts and the datums with those that
// AvroData made of the same events.
func TestAvroIsAvroDatas(t *testing.T) {
	for run, least := range map[string]int{"default": 1000, "alt1": 1000, "alt2": 1000} {
		t.Run(run, func(t *testing.T) {
			schemas := recordedAvroSchemas(t, run)
			compared := 0
			both(t, run, func(seq int, topic string, plain, avro json.RawMessage) {
				if string(avro) == "null" || string(plain) == "null" {
					return
				}
				var want struct{ Schema, B64, Error string }
				if err := json.Unmarshal(avro, &want); err != nil {
					t.Fatal(err)
				}
				d := recordedDatum(t, plain)
				made, text, err := avroSchema(d.Schema, avroOptions{fill: true})
				if (err != nil) != (want.Error != "") {
					t.Fatalf("event %d of %s: error %v, want %q", seq, topic, err, want.Error)
				}
				if err != nil {
					return
				}
				if text != schemas[want.Schema] {
					t.Fatalf("event %d of %s:\n got %s\nwant %s", seq, topic, text, schemas[want.Schema])
				}
				got, err := made.appendAvro(nil, d.Value)
				if err != nil {
					t.Fatalf("event %d of %s: %v", seq, topic, err)
				}
				if b, _ := base64.StdEncoding.DecodeString(want.B64); !bytes.Equal(got, b) {
					t.Errorf("event %d of %s:\n got %q\nwant %q", seq, topic, got, b)
				}
				compared++
			})
			if compared < least {
				t.Errorf("%d keys and values compared, want %d", compared, least)
			}
		})
	}
}

const recordings = "../internal/golden/testdata/"

// recordedAvroSchemas returns the schemas of a run by their files' names, without blanks.
func recordedAvroSchemas(t *testing.T, run string) map[string]string {
	t.Helper()
	schemas := map[string]string{}
	lines(t, recordings+run+".avsc.jsonl.gz", func(line []byte) {
		var file struct {
			Name   string
			Schema json.RawMessage
		}
		if err := json.Unmarshal(line, &file); err != nil {
			t.Fatal(err)
		}
		schemas[file.Name] = string(file.Schema)
	})
	return schemas
}

// both hands over the keys and values of a run, as JSON and as Avro.
func both(t *testing.T, run string, each func(seq int, topic string, plain, avro json.RawMessage)) {
	t.Helper()
	type event struct {
		Topic      string
		Key, Value json.RawMessage
	}
	var plain []event
	lines(t, recordings+run+".jsonl.gz", func(line []byte) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		plain = append(plain, e)
	})
	at := 0
	lines(t, recordings+run+".avro.jsonl.gz", func(line []byte) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		each(at+1, e.Topic, plain[at].Key, e.Key)
		each(at+1, e.Topic, plain[at].Value, e.Value)
		at++
	})
}

func lines(t *testing.T, path string, each func([]byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(plain)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		each(scanner.Bytes())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}

// recordedDatum reads what JsonConverter wrote.
func recordedDatum(t *testing.T, text []byte) Datum {
	t.Helper()
	var outer struct {
		Schema  json.RawMessage
		Payload json.RawMessage
	}
	if err := json.Unmarshal(text, &outer); err != nil {
		t.Fatal(err)
	}
	s := recordedSchema(t, outer.Schema)
	return Datum{s, recordedValue(t, s, outer.Payload)}
}

func recordedSchema(t *testing.T, text []byte) *Schema {
	t.Helper()
	var given struct {
		Type       string
		Optional   bool
		Name, Doc  string
		Version    int
		Parameters json.RawMessage
		Default    json.RawMessage
		Items      json.RawMessage
		Values     json.RawMessage
		Fields     []json.RawMessage
	}
	if err := json.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	s := &Schema{Kind: Kind(given.Type), Optional: given.Optional, Name: given.Name, Doc: given.Doc, Version: given.Version}
	if given.Parameters != nil {
		d := json.NewDecoder(bytes.NewReader(given.Parameters)) // keeps the order
		_, _ = d.Token()
		for d.More() {
			name, _ := d.Token()
			value, _ := d.Token()
			s.Parameters = append(s.Parameters, Parameter{name.(string), value.(string)})
		}
	}
	if given.Items != nil {
		s.Items = recordedSchema(t, given.Items)
	}
	if given.Values != nil {
		s.Items = recordedSchema(t, given.Values)
	}
	for _, f := range given.Fields {
		var name struct{ Field string }
		if err := json.Unmarshal(f, &name); err != nil {
			t.Fatal(err)
		}
		s.Fields = append(s.Fields, Field{name.Field, recordedSchema(t, f)})
	}
	if given.Default != nil {
		s.Default = recordedValue(t, s, given.Default)
	}
	return s
}

func recordedValue(t *testing.T, s *Schema, text json.RawMessage) any {
	t.Helper()
	if len(text) == 0 || string(text) == "null" {
		return nil
	}
	read := func(v any) {
		if err := json.Unmarshal(text, v); err != nil {
			t.Fatalf("%s as %s: %v", text, s.Kind, err)
		}
	}
	switch s.Kind {
	case KindInt16, KindInt32, KindInt64:
		var v int64
		read(&v)
		return v
	case KindFloat32:
		var v float32
		read(&v)
		return v
	case KindFloat64:
		var v float64
		read(&v)
		return v
	case KindBoolean:
		return string(text) == "true"
	case KindString:
		var v string
		read(&v)
		return v
	case KindBytes:
		var v []byte
		read(&v)
		return append([]byte{}, v...)
	case KindArray:
		var list []json.RawMessage
		read(&list)
		values := []any{}
		for _, e := range list {
			values = append(values, recordedValue(t, s.Items, e))
		}
		return values
	case KindMap:
		d := json.NewDecoder(bytes.NewReader(text))
		_, _ = d.Token()
		values := []any{}
		for d.More() {
			name, _ := d.Token()
			value, _ := d.Token()
			values = append(values, []any{name, value})
		}
		return values
	case KindStruct:
		var object map[string]json.RawMessage
		read(&object)
		values := []any{}
		for _, f := range s.Fields {
			values = append(values, recordedValue(t, f.Schema, object[f.Name]))
		}
		return values
	}
	t.Fatalf("a value of type %s in %s", s.Kind, strings.TrimSpace(string(text)))
	return nil
}
