package debezium

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marmot/txn"
)

// testdata/transforms has events of the connector and of an outbox table (*.in.jsonl.gz), configurations of transforms, and what
// the Java classes of Debezium 3.6.1 and Kafka Connect 4.3.0 made of the events (*.out.jsonl.gz), one line for each event:
// null if it was dropped, or its error, or the record. Values are spliced in as JsonConverter wrote them; "none" stands for none.

// betterHere are events of which the Java classes make an error, by scenario and line.
var betterHere = map[string]string{
	// A payload that is an array, or has a number beyond a long, is expanded halfway, and the converter fails; the documentation says
	// that such an event is emitted as it is.
	"outbox-expand/7": "", "outbox-expand/14": "", "outbox-expand-nulls/7": "", "outbox-expand-nulls/14": "",
}

// failsInJava are errors of the Java classes that events do not deserve: of a column beside the one that is meant, and of a null where a
// schema allows none, which goes out here.
var failsInJava = []string{"class java.math.BigDecimal cannot be cast to class java.nio.ByteBuffer", "class [B cannot be cast to class java.nio.ByteBuffer",
	"null value for field that is required and has no default value"}

func TestTransformsDoWhatTheJavaClassesDo(t *testing.T) {
	files, err := filepath.Glob("testdata/transforms/*.properties")
	if err != nil || len(files) < 120 {
		t.Fatal("no scenarios", err)
	}
	met := map[string]bool{}
	inputs := map[string][]Message{} // which no transform may change
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".properties")
		t.Run(name, func(t *testing.T) {
			given := readProperties(t, file)
			input, schemas := given["input"], given["schemas"] != "false"
			delete(given, "input")
			delete(given, "schemas")
			want := readLines(t, "testdata/transforms/"+name+".out.jsonl.gz")
			given["topic.prefix"] = "gold"
			o, err := ParseOptions(given)
			if err != nil {
				t.Fatal(err)
			}
			transform, err := NewTransforms(o.Transforms, nil)
			if err != nil {
				t.Fatal(err)
			}
			if o.Formats.Header.Kind == "json" && given["header.converter.schemas.enable"] == "" {
				o.Formats.Header.Properties = map[string]string{"schemas.enable": "true", "replace.null.with.default": "true"} // as there
			}
			named, err := NewFormat(o.Formats)
			if err != nil {
				t.Fatal(err)
			}
			format := JSONFormat(JSONOptions{SchemasEnable: schemas})
			format.Header = named.Header
			if given["key.converter"] != "" {
				format.Key = hexConverter{named.Key}
			}
			if given["value.converter"] != "" {
				format.Value = hexConverter{named.Value}
			}
			if inputs[input] == nil {
				for _, line := range readLines(t, "testdata/transforms/"+input+".in.jsonl.gz") {
					inputs[input] = append(inputs[input], messageOf(t, line))
				}
			}
			for i, m := range inputs[input] {
				place := fmt.Sprintf("%s/%d", name, i+1)
				got := transformed(t, transform, format, m)
				switch _, better := betterHere[place]; {
				case better:
					met[place] = true
					if !strings.HasPrefix(want[i], `{"error"`) || strings.HasPrefix(got, `{"error"`) {
						t.Errorf("line %d is no exception: %s, Java %s", i+1, got, want[i])
					}
				case strings.HasPrefix(want[i], `{"error"`) && strings.HasPrefix(got, `{"error"`):
				case slices.ContainsFunc(failsInJava, func(text string) bool {
					return strings.HasPrefix(want[i], `{"error"`) && strings.Contains(want[i], text)
				}):
				case got != want[i]:
					at := 0
					for at < min(len(got), len(want[i])) && got[at] == want[i][at] {
						at++
					}
					at = max(0, at-200)
					t.Errorf("line %d\n got …%.600s\nwant …%.600s", i+1, got[at:], want[i][min(at, len(want[i])):])
				}
			}
		})
	}
	if len(met) != len(betterHere) {
		t.Errorf("of the exceptions only %v were met", slices.Sorted(maps.Keys(met)))
	}
}

// transformed is what a transform makes of an event, as testdata has it.
func transformed(t *testing.T, transform Transform, format Format, m Message) string {
	t.Helper()
	out, keep, err := transform.Apply(m)
	if err != nil {
		var wrapped *transformError
		if !errors.As(err, &wrapped) {
			t.Errorf("%v does not name its transform", err)
		}
		return `{"error":` + string(appendString(nil, err.Error())) + "}"
	}
	if !keep {
		return "null"
	}
	r, err := format.record(t.Context(), out)
	if err != nil {
		return `{"error":` + string(appendString(nil, err.Error())) + "}"
	}
	b := append([]byte(`{"topic":`), appendString(nil, r.Topic)...)
	number := func(name string, n int64, set bool) {
		text := "null"
		if set {
			text = fmt.Sprint(n)
		}
		b = append(b, `,"`+name+`":`+text...)
	}
	number("partition", int64(r.Partition), r.Partition >= 0)
	number("timestamp", r.Timestamp, r.Timestamp != 0)
	b = append(b, `,"headers":[`...)
	for i, h := range r.Headers {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(append(b, '['), h.Name), ',')
		if h.Value == nil {
			b = append(b, "null]"...)
			continue
		}
		b = append(appendString(b, string(h.Value)), ']')
	}
	b = append(b, `],"key":`...)
	b = append(b, orNone(r.Key)...)
	b = append(b, `,"value":`...)
	b = append(b, orNone(r.Value)...)
	return string(append(b, '}'))
}

// hexConverter writes bytes as text in hexadecimal.
type hexConverter struct{ inner Converter }

func (c hexConverter) Convert(ctx context.Context, topic string, d Datum) ([]byte, error) {
	b, err := c.inner.Convert(ctx, topic, d)
	if b != nil {
		b = fmt.Appendf(nil, "%q", fmt.Sprintf("%x", b))
	}
	return b, err
}

func orNone(b []byte) []byte {
	if b == nil {
		return []byte(`"none"`)
	}
	return b
}

func readProperties(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			given[name] = strings.ReplaceAll(value, `\\`, `\`)
		}
	}
	return given
}

func readLines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // read only
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, 1<<20)
	var list []string
	for lines.Scan() {
		list = append(list, lines.Text())
	}
	if lines.Err() != nil || len(list) == 0 {
		t.Fatal(file, lines.Err())
	}
	return list
}

// wireDatum is {"schema": …, "payload": …} of JsonConverter.
type wireDatum struct {
	Schema  *wireSchema     `json:"schema"`
	Payload json.RawMessage `json:"payload"`
}

type wireSchema struct {
	Type       string          `json:"type"`
	Optional   bool            `json:"optional"`
	Name       string          `json:"name"`
	Version    int             `json:"version"`
	Doc        string          `json:"doc"`
	Parameters json.RawMessage `json:"parameters"`
	Default    json.RawMessage `json:"default"`
	Field      string          `json:"field"`
	Fields     []wireSchema    `json:"fields"`
	Items      *wireSchema     `json:"items"`
	Values     *wireSchema     `json:"values"`
}

// messageOf reads an event of testdata.
func messageOf(t *testing.T, line string) Message {
	t.Helper()
	var in struct {
		Topic      string
		Partition  *int32
		Key, Value *wireDatum
		Headers    []struct {
			Key   string
			Value wireDatum
		}
	}
	if err := json.Unmarshal([]byte(line), &in); err != nil {
		t.Fatal(err)
	}
	m := Message{Topic: in.Topic, Partition: -1, Key: in.Key.datum(t), Value: in.Value.datum(t)}
	if in.Partition != nil {
		m.Partition = *in.Partition
	}
	for _, h := range in.Headers {
		m.Headers = append(m.Headers, MessageHeader{h.Key, h.Value.datum(t)})
	}
	return m
}

func (w *wireDatum) datum(t *testing.T) Datum {
	t.Helper()
	if w == nil || w.Schema == nil {
		return Datum{}
	}
	s := w.Schema.schema(t)
	return Datum{s, wireValue(t, s, w.Payload)}
}

func (w *wireSchema) schema(t *testing.T) *Schema {
	t.Helper()
	s := &Schema{Kind: Kind(w.Type), Optional: w.Optional, Name: w.Name, Version: w.Version, Doc: w.Doc}
	if len(w.Parameters) > 0 {
		d := json.NewDecoder(bytes.NewReader(w.Parameters))
		for {
			token, err := d.Token()
			if err != nil || token == json.Delim('}') {
				break
			}
			if name, ok := token.(string); ok {
				value, _ := d.Token()
				s.Parameters = append(s.Parameters, Parameter{name, value.(string)})
			}
		}
	}
	for i := range w.Fields {
		s.Fields = append(s.Fields, Field{w.Fields[i].Field, w.Fields[i].schema(t)})
	}
	if w.Items != nil {
		s.Items = w.Items.schema(t)
	}
	if w.Values != nil {
		s.Items = w.Values.schema(t)
	}
	if len(w.Default) > 0 {
		s.Default = wireValue(t, s, w.Default)
	}
	return s
}

// wireValue reads a payload.
func wireValue(t *testing.T, s *Schema, raw json.RawMessage) any {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	read := func(to any) {
		if err := json.Unmarshal(raw, to); err != nil {
			t.Fatal(err)
		}
	}
	switch s.Kind {
	case KindInt8, KindInt16, KindInt32, KindInt64:
		var n int64
		read(&n)
		return n
	case KindFloat32:
		var f float32
		read(&f)
		return f
	case KindFloat64:
		var f float64
		read(&f)
		return f
	case KindBoolean:
		var b bool
		read(&b)
		return b
	case KindString:
		var text string
		read(&text)
		return text
	case KindBytes:
		var text string
		read(&text)
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	case KindArray:
		var list []json.RawMessage
		read(&list)
		values := make([]any, len(list))
		for i := range list {
			values[i] = wireValue(t, s.Items, list[i])
		}
		return values
	case KindMap: // of one entry: Java's order of more is that of its hashes
		entries := map[string]json.RawMessage{}
		read(&entries)
		values := []any{}
		for name, raw := range entries {
			values = append(values, []any{name, wireValue(t, s.Items, raw)})
		}
		return values
	case KindStruct:
		fields := map[string]json.RawMessage{}
		read(&fields)
		values := make([]any, len(s.Fields))
		for i, f := range s.Fields {
			values[i] = wireValue(t, f.Schema, fields[f.Name])
		}
		return values
	}
	t.Fatalf("kind %s", s.Kind)
	return nil
}

func TestTransformsStandBetweenEncoderAndConverters(t *testing.T) {
	o := recordedOptions()
	o.Transforms = []TransformOptions{{Name: "unwrap", Type: "io.debezium.transforms.ExtractNewRecordState", Properties: map[string]string{"delete.tombstone.handling.mode": "drop"}}}
	e := newPlainEncoder(t, o, recordedTables())
	var got []string
	for i, events := range recordedTransactions() {
		for _, r := range encodeAll(t, e, commitOf(txn.Position(i+1), events...), 0) {
			if r.Topic != "gold.transaction" {
				got = append(got, r.Topic+" "+string(r.Value))
			}
		}
	}
	if len(got) != 7 { // the delete is dropped, a key change is an insert
		t.Errorf("%d records: %s", len(got), got)
	}
	if want := `gold.inv.k_comp {"a":100,"b":"x","c":11}`; got[6] != want {
		t.Errorf("%s, want %s", got[6], want)
	}
}

func TestFieldsThatAHeaderNamesAreDropped(t *testing.T) {
	transform, err := NewTransforms([]TransformOptions{{Name: "u", Type: "ExtractNewRecordState",
		Properties: map[string]string{"drop.fields.header.name": "gone", "drop.fields.from.key": "true", "drop.fields.keep.schema.compatible": "false"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	for _, line := range readLines(t, "testdata/transforms/rows.in.jsonl.gz") {
		if m = messageOf(t, line); m.Topic == "gold.inv.k_comp" {
			break
		}
	}
	m.Headers = append(m.Headers, MessageHeader{"gone", Datum{&Schema{Kind: KindArray, Items: plainText}, []any{"a", "c"}}})
	out, keep, err := transform.Apply(m)
	if err != nil || !keep || len(out.Value.Schema.Fields) != 1 || len(out.Key.Schema.Fields) != 1 || out.Value.Schema.Fields[0].Name != "b" {
		t.Errorf("%v, %v, %+v", keep, err, out)
	}
}

// TestATombstoneHasTheHeadersThatItsDeleteGot: Java has one object for both, to which some transforms add. Behind one that makes a new record they
// add to a copy.
func TestATombstoneHasTheHeadersThatItsDeleteGot(t *testing.T) {
	unwrap := TransformOptions{Name: "unwrap", Type: "ExtractNewRecordState", Properties: map[string]string{
		"delete.tombstone.handling.mode": "rewrite-with-tombstone", "add.headers": "source.table,op"}}
	changed := TransformOptions{Name: "changed", Type: "ExtractChangedRecordState", Properties: map[string]string{"header.changed.name": "changed"}}
	route := func(regex string) TransformOptions {
		return TransformOptions{Name: "route", Type: "RegexRouter", Properties: map[string]string{"regex": regex, "replacement": "x"}}
	}
	for _, c := range []struct {
		want       string // names of the tombstone's headers
		transforms []TransformOptions
	}{
		{"__source_table __op __op", []TransformOptions{unwrap}},
		{"changed __source_table __op __op", []TransformOptions{changed, unwrap}},
		{"__source_table __op __op", []TransformOptions{route("nothing"), unwrap}},
		{"__op", []TransformOptions{route(".*"), unwrap}},
		{"changed __op", []TransformOptions{changed, route(".*"), unwrap}},
		{"", nil},
	} {
		o := recordedOptions()
		o.ExtendedHeaders, o.TransactionMetadata, o.Transforms = false, false, c.transforms
		for _, change := range []int{4, 5} { // of a key, and a delete
			records := encodeAll(t, newPlainEncoder(t, o, recordedTables()), commitOf(1, recordedTransactions()[change]...), 0)
			var got []string
			for _, h := range records[1].Headers {
				if h.Name != "__debezium.newkey" {
					got = append(got, h.Name)
				}
			}
			if records[1].Value != nil || strings.Join(got, " ") != c.want {
				t.Errorf("transaction %d: %s has headers %s, want %s", change, records[1].Value, got, c.want)
			}
		}
	}
}
