package golden

import (
	"encoding/binary"
	"maps"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

func TestARecordingInAvroEqualsItself(t *testing.T) {
	for _, run := range Runs() {
		events, refused, err := RecordedAvro(run.Name)
		if err != nil {
			t.Fatal(err)
		}
		if r := Compare(events, events); r.Percent() != 100 || r.Identical < 500 || len(refused) > 1 {
			t.Errorf("%s: %s, refused %v", run.Name, r.Summary(), refused)
		}
	}
}

// TestWholeRunsInAvroAreTheConnectors takes the steps of each recording with AvroConverter, and compares schemas and datums of all topics with
// those that AvroData made.
func TestWholeRunsInAvroAreTheConnectors(t *testing.T) {
	for _, run := range Runs() {
		t.Run(run.Name, func(t *testing.T) {
			t.Parallel()
			want, refused, err := RecordedAvro(run.Name)
			if err != nil {
				t.Fatal(err)
			}
			registry := srfake.New()
			defer registry.Close()
			run = inAvro(Whole(run), registry.URL())
			got := wholeRun(t, &run, &server{decode: avroDecoder(t, registry.URL())})
			r := Compare(want, without(got, refused))
			t.Logf("%s", r.Summary())
			if least := run.LeastWhole - 1; r.Percent() < least { // the same differ as in JSON, of a few events less
				report(t, r)
				t.Errorf("%.2f %% of the events are the connector's, want %.0f", r.Percent(), least)
			}
		})
	}
}

// inAvro is a run with AvroConverter in place of JsonConverter.
func inAvro(run Run, registry string) Run {
	maps.DeleteFunc(run.Properties, func(name, _ string) bool {
		return strings.HasPrefix(name, "key.converter.") || strings.HasPrefix(name, "value.converter.")
	})
	for _, part := range []string{"key.converter", "value.converter"} {
		run.Properties[part] = "io.confluent.connect.avro.AvroConverter"
		run.Properties[part+".schema.registry.url"] = registry
		run.Properties[part+".ignore.default.for.nullables"] = "false"
	}
	run.Properties["errors.tolerance"] = "all" // a table's columns have names that Avro refuses
	return run
}

// avroDecoder makes the text of what the registry has the schemas of.
func avroDecoder(t *testing.T, registry string) func(Event) Event {
	client, err := sr.NewClient(sr.URLs(registry))
	if err != nil {
		t.Fatal(err)
	}
	known := map[uint32]*AvroSchema{}
	text := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		if len(b) < 5 || b[0] != 0 {
			t.Fatalf("% x is no message with a schema's number", b)
		}
		id := binary.BigEndian.Uint32(b[1:])
		if known[id] == nil {
			s, err := client.SchemaByID(t.Context(), int(id))
			if err != nil {
				t.Fatal(err)
			}
			if known[id], err = ParseAvro(s.Schema); err != nil {
				t.Fatal(err)
			}
		}
		text, err := known[id].Text(b[5:])
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	return func(e Event) Event {
		e.Key, e.Value = text(e.Key), text(e.Value)
		return e
	}
}

func FuzzAvroText(f *testing.F) {
	const schema = `{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"]},{"name":"b","type":{"type":"array","items":"long"}},{"name":"c","type":{"type":"map","values":"double"}}]}`
	f.Add(schema, []byte("\x02\x04hi\x02\x0e\x00\x00"))
	f.Add(`["null",{"type":"bytes","connect.name":"x"}]`, []byte("\x02\x02a"))
	f.Fuzz(func(t *testing.T, schema string, datum []byte) {
		s, err := ParseAvro(schema)
		if err != nil || len(datum) > 1<<10 {
			return
		}
		if text, err := s.Text(datum); err == nil && len(text) < len(schema) {
			t.Errorf("%q of %q", text, datum)
		}
	})
}
