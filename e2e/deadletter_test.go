package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
)

// poison is a kind of event that cannot be emitted. Two emitters meet it: NAME_all goes on behind it, NAME_none stops at it.
type poison struct {
	name       string
	properties []string // of both emitters; NAME is the name of the emitter
	topic      string   // of the rows, behind the prefix
	before     []string // statements whose events are well
	poisonous  []string
	after      []string
	rows       []string // what the topic of the one that stops has before, texts of the values
	passed     []string // what the one that goes on has
	letters    []string // what is in its dead letters
	stage      string
	class      string
	exception  string
	cause      string // in the message
	mend       func()
	mended     []string // what the one that stopped has then
}

const smallTopic = 20_000 // max.message.bytes of a topic that somebody else has made

// TestDeadLettersOfARunningNode: a transform that refuses, a record that is larger than its topic takes, and a schema that a real registry
// refuses, on a real Kafka. Where it is tolerated a consumer of the dead letters gets them with their cause and the others go on; else
// the emitter stops, says so, and goes on once the cause is mended. Nobody else notices.
func TestDeadLettersOfARunningNode(t *testing.T) {
	k, registry := startKafka(t), newSchemaRegistry(t)
	registry.start()
	client, err := sr.NewClient(sr.URLs(registry.url()))
	if err != nil {
		t.Fatal(err)
	}
	list := poisons(t, k, client, registry.url())
	var config strings.Builder
	fmt.Fprintf(&config, "[debezium]\nbrokers = %q\n\"topic.replication\" = 1\n\"table.include.list\" = 'shop[.]well'\n", k.brokers)
	for _, p := range list {
		for _, tolerance := range []string{"all", "none"} {
			name := p.name + "_" + tolerance
			fmt.Fprintf(&config, "[emitters.%s]\nbrokers = %q\n\"topic.replication\" = 1\n\"topic.prefix\" = %[1]q\n\"errors.tolerance\" = %[3]q\n\"table.include.list\" = 'shop[.]%[4]s'\n"+
				"\"errors.deadletterqueue.topic.name\" = \"dead-%[4]s\"\n\"errors.deadletterqueue.context.headers.enable\" = true\n%[5]s\n", name, k.brokers, tolerance, p.name, strings.ReplaceAll(strings.Join(p.properties, "\n"), "NAME", name))
		}
	}
	file := filepath.Join(t.TempDir(), "marmot.toml")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tolerance := range []string{"all", "none"} {
		k.topic("large_"+tolerance+".shop.large", 1, fmt.Sprintf("max.message.bytes=%d", smallTopic))
	}
	n := newNode(t, filepath.Join(t.TempDir(), "data"), "--config", file)
	process := n.start()
	n.exec(0, "", "CREATE DATABASE shop", "CREATE TABLE shop.well (id INT PRIMARY KEY)")
	for _, p := range list {
		n.exec(0, "shop", p.before...)
	}
	for _, p := range list {
		for _, tolerance := range []string{"all", "none"} {
			k.expect(p.name+"_"+tolerance+"."+p.topic, p.rows[:1])
		}
	}
	for _, tolerance := range []string{"all", "none"} {
		for _, result := range client.SetCompatibility(t.Context(), sr.SetCompatibility{Level: sr.CompatBackward}, "avro_"+tolerance+".shop.avro-value") {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
		}
	}
	for _, p := range list {
		n.exec(0, "shop", append(p.poisonous, p.after...)...)
	}
	for _, p := range list {
		t.Run(p.name, func(t *testing.T) {
			n, k := n.in(t), k.in(t)
			n.goesOn(k, p)
			n.stopsAt(k, p)
		})
	}
	n.exec(0, "shop", "INSERT INTO well VALUES (1)")
	k.expect("marmot.shop.well", []string{`{"id":1}`})
	says(t, process.output.String(), "an emitter failed and is tried again", "mend the cause, or set errors.tolerance = all to go on behind it")
	process.stop()
}

// goesOn looks at the emitter that tolerates the poison.
func (n *node) goesOn(k *kafka, p poison) {
	n.t.Helper()
	name := p.name + "_all"
	k.expect(name+"."+p.topic, p.passed)
	letters := k.expect("dead-"+p.name, p.letters)
	for i, letter := range letters {
		headers := map[string]string{}
		for _, h := range letter.Headers {
			headers[h.Key] = string(h.Value)
		}
		for header, want := range map[string]string{"connector.name": name, "task.id": "0", "stage": p.stage, "class.name": p.class, "exception.class.name": p.exception} {
			if got := headers["__connect.errors."+header]; got != want {
				n.t.Errorf("dead letter %d: header %s is %q, want %q", i, header, got, want)
			}
		}
		if !strings.HasSuffix(headers["__connect.errors.topic"], ".shop."+p.name) || headers["__connect.errors.offset"] == "" || !strings.Contains(headers["__connect.errors.exception.message"], p.cause) {
			n.t.Errorf("dead letter %d has the headers %v", i, headers)
		}
		var whole struct{ Schema, Payload json.RawMessage }
		if err := json.Unmarshal(letter.Value, &whole); p.stage != "KAFKA_PRODUCE" && (err != nil || len(whole.Schema) < 10 || len(whole.Payload) < 10) {
			n.t.Errorf("dead letter %d is not JSON with its schema: %v, %s", i, err, letter.Value)
		}
	}
	if got, want := n.metric(fmt.Sprintf(`marmot_emitter_refused_events_total{emitter=%q,node="n1"}`, name)), fmt.Sprint(len(p.letters)); got != want {
		n.t.Errorf("%s events are refused, want %s", got, want)
	}
	if s := n.emitters(0)[name]; s.State != "emitting" || s.Error != "" || n.metric(fmt.Sprintf(`marmot_emitter_stalled{emitter=%q,node="n1"}`, name)) != "0" {
		n.t.Errorf("%s is %+v", name, s)
	}
}

var atPosition = regexp.MustCompile(` at (\d+) `)

// stopsAt looks at the emitter that stops, mends what is wrong, and looks again.
func (n *node) stopsAt(k *kafka, p poison) {
	n.t.Helper()
	name := p.name + "_none"
	var s emitterState
	n.within(30*time.Second, name+" stops", func() bool {
		s = n.emitters(0)[name]
		return s.State == "failed"
	})
	says(n.t, s.Error, p.stage, p.cause, name+".shop."+p.name)
	if got := n.metric(fmt.Sprintf(`marmot_emitter_stalled{emitter=%q,node="n1"}`, name)); got != "1" {
		n.t.Errorf("marmot_emitter_stalled of %s is %s", name, got)
	}
	k.expect(name+"."+p.topic, p.rows)
	out, err := exec.Command(filepath.Join(n.root, "bin", "marmot"), "emitters", "list", "--admin", n.Admin[0]).CombinedOutput()
	line := ""
	for each := range strings.Lines(string(out)) {
		if strings.HasPrefix(each, name+" ") {
			line = each
		}
	}
	if err != nil || !strings.Contains(line, " failed ") || !strings.Contains(line, p.cause) {
		n.t.Errorf("marmot emitters list says of %s %q, %v:\n%s", name, line, err, out)
	}
	if p.mend != nil {
		p.mend()
	} else {
		at := atPosition.FindStringSubmatch(s.Error)
		if at == nil {
			n.t.Fatalf("%q does not say where the event is", s.Error)
		}
		n.order(0, "reset", "--emitter", name, "--to", at[1])
	}
	n.within(time.Minute, name+" goes on", func() bool {
		s := n.emitters(0)[name]
		return s.State == "emitting" && s.Error == "" && s.Lag == 0
	})
	k.expect(name+"."+p.topic, p.mended)
	if got := n.metric(fmt.Sprintf(`marmot_emitter_stalled{emitter=%q,node="n1"}`, name)); got != "0" {
		n.t.Errorf("marmot_emitter_stalled of %s is %s once it goes on", name, got)
	}
}

// poisons are the kinds of it.
func poisons(t *testing.T, k *kafka, client *sr.Client, registry string) []poison {
	converter := func(part string) string {
		return fmt.Sprintf("%q = \"io.confluent.connect.avro.AvroConverter\"\n%q = %q", part, part+".schema.registry.url", registry)
	}
	large := make([]byte, 2*smallTopic) // that LZ4 does not make smaller
	for i := range large {
		large[i] = byte('a' + rand.IntN(26))
	}
	const relational = "\"provide.transaction.metadata\" = false\n\"include.schema.changes\" = false"
	return []poison{
		{
			name: "outbox", topic: "order", stage: "TRANSFORMATION", class: "io.debezium.transforms.outbox.EventRouter",
			properties: []string{relational, `"transforms" = "outbox"`, `"transforms.outbox.type" = "io.debezium.transforms.outbox.EventRouter"`,
				`"transforms.outbox.table.op.invalid.behavior" = "fatal"`, `"transforms.outbox.route.topic.replacement" = "NAME.${routedByValue}"`},
			before:    []string{"CREATE TABLE outbox (id INT PRIMARY KEY, aggregatetype VARCHAR(20), aggregateid VARCHAR(20), payload VARCHAR(100))", "INSERT INTO outbox VALUES (1, 'order', 'a', 'first')"},
			poisonous: []string{"INSERT INTO outbox VALUES (2, 'order', 'b', 'second')", "UPDATE outbox SET payload = 'other' WHERE id = 1"}, after: []string{"INSERT INTO outbox VALUES (3, 'order', 'b', 'third')"},
			rows: []string{"first", "second"}, passed: []string{"first", "second", "third"}, mended: []string{"first", "second", "third"}, letters: []string{`"payload":"other"`},
			exception: "org.apache.kafka.connect.errors.ConnectException", cause: "unexpected update",
		},
		{
			name: "large", topic: "shop.large", stage: "KAFKA_PRODUCE", properties: []string{relational},
			before:    []string{"CREATE TABLE large (id INT PRIMARY KEY, v MEDIUMTEXT)", "INSERT INTO large VALUES (1, 'first')"},
			poisonous: []string{"INSERT INTO large VALUES (0, 'second')", fmt.Sprintf("INSERT INTO large VALUES (2, '%s')", large)}, after: []string{"INSERT INTO large VALUES (3, 'third')"},
			rows: []string{"first", "second"}, passed: []string{"first", "second", "third"}, letters: []string{string(large)}, mended: []string{"first", "second", string(large), "third"},
			exception: "org.apache.kafka.common.errors.RecordTooLargeException", cause: "more than max.message.bytes",
			mend: func() { k.set("large_none.shop.large", "max.message.bytes", "1000000") },
		},
		{
			name: "avro", topic: "shop.avro", stage: "VALUE_CONVERTER", class: "io.confluent.connect.avro.AvroConverter",
			properties: []string{relational, converter("key.converter"), converter("value.converter")},
			before:     []string{"CREATE TABLE avro (id INT PRIMARY KEY, v INT NOT NULL)", "INSERT INTO avro VALUES (1, 1)"},
			poisonous:  []string{"INSERT INTO avro VALUES (0, 0)", "ALTER TABLE avro MODIFY v VARCHAR(20) NOT NULL", "INSERT INTO avro VALUES (2, 'second')"}, after: []string{"INSERT INTO avro VALUES (3, 'third')"},
			rows: []string{"", ""}, passed: []string{"", ""}, letters: []string{"second", "third"}, mended: []string{"", "", "second", "third"},
			exception: "org.apache.kafka.connect.errors.DataException", cause: "refused",
			mend: func() {
				for _, result := range client.SetCompatibility(t.Context(), sr.SetCompatibility{Level: sr.CompatNone}, "avro_none.shop.avro-value") {
					if result.Err != nil {
						t.Fatal(result.Err)
					}
				}
			},
		},
	}
}

// in is n for a subtest.
func (n *node) in(t *testing.T) *node {
	c := *n.cluster
	c.t = t
	return &node{cluster: &c, args: n.args}
}

// expect reads the committed records of a topic until there are as many as texts, and a little on, and compares: each value has its text.
func (k *kafka) expect(topic string, texts []string) []*kgo.Record {
	k.t.Helper()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(k.brokers), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(100*time.Millisecond), kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(500*time.Millisecond))
	if err != nil {
		k.t.Fatal(err)
	}
	defer consumer.Close()
	var records []*kgo.Record
	for deadline := time.Now().Add(time.Minute); ; {
		enough := len(records) >= len(texts)
		wait := 2 * time.Second
		if enough {
			wait = 300 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(k.t.Context(), wait)
		more := consumer.PollFetches(ctx).Records()
		cancel()
		records = append(records, more...)
		if enough && len(more) == 0 {
			break
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("%s has %d records, want %d: %s", topic, len(records), len(texts), values(records))
		}
	}
	differ := len(records) != len(texts)
	for i := 0; !differ && i < len(texts); i++ {
		differ = !strings.Contains(string(records[i].Value), texts[i])
	}
	if differ {
		k.t.Errorf("%s has %d records, want %d: %s", topic, len(records), len(texts), values(records))
	}
	return records
}

func values(records []*kgo.Record) string {
	var list []string
	for _, r := range records {
		list = append(list, string(r.Value[:min(len(r.Value), 300)]))
	}
	return strings.Join(slices.Clip(list), "\n")
}
