package debezium

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/txn"

	"github.com/linkedin/goavro/v2"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// avroFormat is Avro for keys and values with a registry in process.
func avroFormat(t testing.TB, registry *srfake.Registry, more map[string]string) Format {
	t.Helper()
	properties := map[string]string{"schema.registry.url": registry.URL()}
	for name, value := range more {
		properties[name] = value
	}
	f, err := NewFormat(Formats{Key: ConverterOptions{"avro", properties}, Value: ConverterOptions{"avro", properties}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newRegistry(t testing.TB, o ...srfake.Option) *srfake.Registry {
	r := srfake.New(o...)
	t.Cleanup(r.Close)
	return r
}

func avroEncoder(t testing.TB, f Format, o Options, h schemas.History) *Encoder {
	t.Helper()
	e, err := NewEncoder(o, f, h, func() time.Time { return time.UnixMicro(1_700_000_001_000_001) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestAvroMessagesAreReadByAnotherImplementation reads all messages of the recorded transactions with goavro by the schemas that
// the registry has, and writes them again.
func TestAvroMessagesAreReadByAnotherImplementation(t *testing.T) {
	registry := newRegistry(t)
	e := avroEncoder(t, avroFormat(t, registry, nil), recordedOptions(), recordedTables())
	messages := 0
	for n, events := range recordedTransactions() {
		for _, r := range encodeAll(t, e, commitOf(txn.Position(n+10), events...), 0) {
			for part, b := range map[string][]byte{"key": r.Key, "value": r.Value} {
				if b == nil {
					continue
				}
				readAvro(t, registry, r.Topic+"-"+part, b)
				messages++
			}
		}
	}
	if messages < 30 {
		t.Errorf("%d messages were read", messages)
	}
}

// readAvro checks a message against the latest schema of its subject.
func readAvro(t *testing.T, registry *srfake.Registry, subject string, b []byte) map[string]any {
	t.Helper()
	latest, ok := registry.GetSchema(subject, 1)
	if !ok {
		t.Fatalf("the registry has no subject %s", subject)
	}
	if len(b) < 6 || b[0] != 0 || int(binary.BigEndian.Uint32(b[1:])) != latest.ID {
		t.Fatalf("%s: the message begins with % x, want 0 and the number %d", subject, b[:5], latest.ID)
	}
	codec, err := goavro.NewCodec(latest.Schema.Schema)
	if err != nil {
		t.Fatalf("%s: %v in %s", subject, err, latest.Schema.Schema)
	}
	native, rest, err := codec.NativeFromBinary(b[5:])
	if err != nil || len(rest) > 0 {
		t.Fatalf("%s: %v, %d bytes left of %q", subject, err, len(rest), b)
	}
	again, err := codec.BinaryFromNative(nil, native)
	if err != nil || !bytes.Equal(again, b[5:]) {
		t.Errorf("%s: %v\n it writes %q\nwhere it read %q", subject, err, again, b[5:])
	}
	return native.(map[string]any)
}

func TestAvroKeepsNullUnlessToldOtherwise(t *testing.T) {
	h := history{1: {Database: "d", Name: "t", Columns: []schemas.Column{{Name: "a", Type: schemas.Type{Kind: schemas.Int}, Nullable: true, Default: &schemas.Default{Literal: txn.Int(7), Text: "7"}}}}}
	for ignore, want := range map[string]any{"true": nil, "false": map[string]any{"int": int32(7)}} {
		registry := newRegistry(t)
		e := avroEncoder(t, avroFormat(t, registry, map[string]string{"ignore.default.for.nullables": ignore}), Options{TopicPrefix: "x"}, h)
		r := encodeAll(t, e, commitOf(9, txn.RowEvent{Table: 1, Op: txn.Insert, After: []txn.Value{txn.Null()}}), 0)[0]
		after := readAvro(t, registry, "x.d.t-value", r.Value)["after"].(map[string]any)["x.d.t.Value"].(map[string]any)
		if got := after["a"]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("ignore.default.for.nullables = %s: NULL is written as %v, want %v", ignore, got, want)
		}
	}
}

func TestSubjectsAreNamedByTheStrategy(t *testing.T) {
	for strategy, want := range map[string]string{
		"": "gold.inv.k_comp-value",
		"io.confluent.kafka.serializers.subject.TopicNameStrategy":       "gold.inv.k_comp-value",
		"io.confluent.kafka.serializers.subject.RecordNameStrategy":      "gold.inv.k_comp.Envelope",
		"io.confluent.kafka.serializers.subject.TopicRecordNameStrategy": "gold.inv.k_comp-gold.inv.k_comp.Envelope",
	} {
		registry := newRegistry(t)
		more := map[string]string{}
		if strategy != "" {
			more["value.subject.name.strategy"] = strategy
		}
		e := avroEncoder(t, avroFormat(t, registry, more), recordedOptions(), recordedTables())
		encodeAll(t, e, commitOf(9, recordedTransactions()[2]...), 0)
		if !registry.SubjectExists(want) || !registry.SubjectExists("gold.inv.k_comp-key") {
			t.Errorf("%s: no subject %s, or none of the key", strategy, want)
		}
	}
}

// encodeError encodes a row of k_comp and returns the error.
func encodeError(t *testing.T, e *Encoder) error {
	t.Helper()
	return e.Encode(t.Context(), commitOf(9, recordedTransactions()[2]...), 0, func(Record) error { return nil }, func(uint64) error { return nil })
}

func TestOneQuestionForEachSchema(t *testing.T) {
	registry, asked := newRegistry(t), 0
	registry.Intercept(func(http.ResponseWriter, *http.Request) bool { asked++; return false })
	e := avroEncoder(t, avroFormat(t, registry, nil), recordedOptions(), recordedTables())
	for range 20 {
		if err := encodeError(t, e); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 4 { // key and value of the transaction and of the row
		t.Errorf("the registry was asked %d times, want 4", asked)
	}
}

func TestARegistryThatIsDownMakesTheEmitterWait(t *testing.T) {
	registry, down := newRegistry(t), true
	registry.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return down
	})
	e := avroEncoder(t, avroFormat(t, registry, nil), recordedOptions(), recordedTables())
	var temporary *PublishError
	var bad *ConversionError
	if err := encodeError(t, e); !errors.As(err, &temporary) || errors.As(err, &bad) {
		t.Errorf("an answer of 503: %v", err)
	}
	down = false
	if err := encodeError(t, e); err != nil {
		t.Errorf("the registry is back: %v", err)
	}
	gone := avroEncoder(t, avroFormat(t, registry, map[string]string{"schema.registry.url": "http://127.0.0.1:1"}), recordedOptions(), recordedTables())
	if err := encodeError(t, gone); !errors.As(err, &temporary) || errors.As(err, &bad) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestASchemaThatIsRefusedIsTheEventsError(t *testing.T) {
	answer := func(status int, body string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "k_comp-value") {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	incompatible := newRegistry(t)
	incompatible.Intercept(answer(409, `{"error_code":409,"message":"Schema being registered is incompatible with an earlier schema"}`))
	other := newRegistry(t)
	other.SeedSchema("gold.inv.k_comp-value", 1, 1, sr.Schema{Schema: `{"type":"record","name":"Envelope","namespace":"gold.inv.k_comp","fields":[]}`})
	for name, c := range map[string]struct {
		registry *srfake.Registry
		more     map[string]string
		want     string
	}{
		"incompatible":       {incompatible, nil, "subject gold.inv.k_comp-value: refused: Schema being registered is incompatible with an earlier schema (409, error 409)"},
		"not there":          {newRegistry(t), map[string]string{"auto.register.schemas": "false"}, "refused: "},
		"no latest":          {newRegistry(t), map[string]string{"use.latest.version": "true"}, "refused: "},
		"the latest differs": {other, map[string]string{"use.latest.version": "true", "provide": ""}, "version 1 is not the schema of the event"},
	} {
		delete(c.more, "provide")
		o := recordedOptions()
		o.TransactionMetadata = false
		f := avroFormat(t, c.registry, c.more)
		f.Key = NewJSONConverter(JSONOptions{})
		err := encodeError(t, avroEncoder(t, f, o, recordedTables()))
		var bad *ConversionError
		var temporary *PublishError
		if !errors.As(err, &bad) || errors.As(err, &temporary) || bad.Part != "value" || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestTheLatestVersionIsTaken: what bytes do not tell, as connect.name and defaults, may differ.
func TestTheLatestVersionIsTaken(t *testing.T) {
	first := newRegistry(t)
	e := avroEncoder(t, avroFormat(t, first, nil), recordedOptions(), recordedTables())
	if err := encodeError(t, e); err != nil {
		t.Fatal(err)
	}
	second := newRegistry(t)
	for n, subject := range []string{"gold.transaction-key", "gold.transaction-value", "gold.inv.k_comp-key", "gold.inv.k_comp-value"} {
		known, _ := first.GetSchema(subject, 1)
		plain := strings.ReplaceAll(known.Schema.Schema, `"connect.`, `"other.`)
		second.SeedSchema(subject, 3, 40+n, sr.Schema{Schema: plain})
	}
	for _, more := range []map[string]string{{"use.latest.version": "true"}, {"use.latest.version": "true", "connect.meta.data": "false"}} {
		e = avroEncoder(t, avroFormat(t, second, more), recordedOptions(), recordedTables())
		records := encodeAll(t, e, commitOf(9, recordedTransactions()[2]...), 0)
		if got := records[1].Value[:5]; !bytes.Equal(got, []byte{0, 0, 0, 0, 43}) {
			t.Errorf("%v: the message begins with % x, want number 43", more, got)
		}
	}
}

func TestTheRegistrysUserIsGiven(t *testing.T) {
	for name, more := range map[string]map[string]string{
		"user info": {"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "anna:pass"},
		"older":     {"schema.registry.basic.auth.credentials.source": "USER_INFO", "schema.registry.basic.auth.user.info": "anna:pass"},
		"address":   {"schema.registry.url": "http://anna:pass@"},
		"token":     {"bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.token": "anna"},
		"nobody":    {},
		"stranger":  {"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "anna:word"},
	} {
		expected := "Basic YW5uYTpwYXNz"
		if name == "token" {
			expected = "Bearer anna"
		}
		registry := newRegistry(t, srfake.WithAuth(expected))
		if address := more["schema.registry.url"]; address != "" {
			more["schema.registry.url"] = address + strings.TrimPrefix(registry.URL(), "http://")
		}
		err := encodeError(t, avroEncoder(t, avroFormat(t, registry, more), recordedOptions(), recordedTables()))
		if refused := name == "nobody" || name == "stranger"; (err != nil) != refused {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(fmt.Sprint(err), "word") {
			t.Errorf("%s: a password in %v", name, err)
		}
	}
}

// TestNamesThatAvroRefuses: the converter refuses them unless it may scrub them.
func TestNamesThatAvroRefuses(t *testing.T) {
	h := history{1: {Database: "d", Name: "t", Columns: []schemas.Column{{Name: "with space", Type: schemas.Type{Kind: schemas.Int}}}}}
	row := txn.RowEvent{Table: 1, Op: txn.Insert, After: []txn.Value{txn.Int(1)}}
	registry := newRegistry(t)
	e := avroEncoder(t, avroFormat(t, registry, nil), Options{TopicPrefix: "x"}, h)
	err := e.Encode(t.Context(), commitOf(9, row), 0, func(Record) error { return nil }, func(uint64) error { return nil })
	var bad *ConversionError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), `illegal character in the name "with space"`) {
		t.Errorf("a column with a blank: %v", err)
	}
	e = avroEncoder(t, avroFormat(t, registry, map[string]string{"scrub.invalid.names": "true"}), Options{TopicPrefix: "x"}, h)
	r := encodeAll(t, e, commitOf(9, row), 0)[0]
	after := readAvro(t, registry, "x.d.t-value", r.Value)["after"].(map[string]any)["x.d.t.Value"].(map[string]any)
	if after["with_space"] != int32(1) {
		t.Errorf("scrubbed: %v", after)
	}
	for name, want := range map[string]string{"héé": "h_C3_A9_C3_A9", "1num": "x1num", "a-b.c": "a_b_c", "_x~": "_x_7E"} {
		if got := scrubName(name); got != want {
			t.Errorf("%q is scrubbed to %q, want %q", name, got, want)
		}
	}
}
