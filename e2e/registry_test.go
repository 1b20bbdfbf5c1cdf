package e2e

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
)

// schemaRegistry is a real schema registry that a test starts when it wants to.
type schemaRegistry struct {
	t           *testing.T
	script, dir string
	port        int
}

func newSchemaRegistry(t *testing.T) *schemaRegistry {
	t.Helper()
	r := &schemaRegistry{t, filepath.Join(needE2E(t), "scripts", "registry.sh"), filepath.Join(t.TempDir(), "registry"), ports() + 60}
	t.Cleanup(func() {
		if out, err := exec.Command(r.script, "destroy", "--dir", r.dir).CombinedOutput(); err != nil {
			t.Errorf("registry.sh destroy: %v\n%s", err, out)
		}
	})
	return r
}

// url is the registry's address, whether it runs or not.
func (r *schemaRegistry) url() string {
	return fmt.Sprintf("http://127.0.0.1:%d/apis/ccompat/v7", r.port)
}

func (r *schemaRegistry) start() {
	r.t.Helper()
	out, err := exec.Command(r.script, "start", "--dir", r.dir, "--port", fmt.Sprint(r.port)).Output()
	if err != nil || strings.TrimSpace(string(out)) != r.url() {
		r.t.Fatalf("registry.sh start: %v, it prints %q", err, out)
	}
}

// TestAvroOnARealRegistry emits rows in Avro to a real Kafka and reads them back with goavro by the schemas that a real registry has.
// The registry starts after the rows are written: the events wait for it. A change of the table makes a second version of its schemas.
func TestAvroOnARealRegistry(t *testing.T) {
	k, registry := startKafka(t), newSchemaRegistry(t)
	k.initialised("avro")
	file := filepath.Join(t.TempDir(), "marmot.toml")
	var config strings.Builder
	config.WriteString("[debezium]\n")
	for _, part := range []string{"key.converter", "value.converter"} {
		fmt.Fprintf(&config, "%q = \"io.confluent.connect.avro.AvroConverter\"\n%q = %q\n", part, part+".schema.registry.url", registry.url())
	}
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	n := k.node("avro", "--config", file)
	p := n.start()
	ddl, err := os.ReadFile(filepath.Join(n.root, "schemas", "avro", "signal.sql"))
	if err != nil {
		t.Fatal(err)
	}
	n.exec(0, "", "CREATE DATABASE shop")
	n.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2) NOT NULL DEFAULT 1.50, at DATETIME(6))", string(ddl),
		"INSERT INTO item VALUES (1, 'one', 1.25, '2024-01-01 10:20:30.123456'), (2, NULL, -7, NULL)")
	deadline := time.Now().Add(time.Minute)
	for n.metric(`marmot_emitter_retries_total{emitter="main",node="n1"}`) == "0" {
		if time.Now().After(deadline) {
			t.Fatal("nothing waits for a registry that is not there")
		}
		time.Sleep(50 * time.Millisecond)
	}
	registry.start()
	n.exec(0, "shop", "UPDATE item SET name = 'two' WHERE id = 2", "ALTER TABLE item ADD COLUMN more INT", "INSERT INTO item VALUES (3, 'three', 0, NULL, 3)", "DELETE FROM item WHERE id = 1")
	got := readAvroRows(t, k, registry.url(), "avro.shop.item", 6)
	want := []string{
		"c 1: one 1.25 1704104430123456 -",
		"c 2: - -7.00 - -",
		"u 2: two -7.00 - -",
		"c 3: three 0.00 - 3",
		"d 1: -",
		"tombstone 1",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("the rows' events are\n%s\nwant\n%s", g, w)
	}
	client, err := sr.NewClient(sr.URLs(registry.url()))
	if err != nil {
		t.Fatal(err)
	}
	for subject, versions := range map[string]int{"avro.shop.item-key": 1, "avro.shop.item-value": 2, "avro.transaction-value": 1, "avro-value": 1} {
		if list, err := client.SubjectVersions(t.Context(), subject); err != nil || len(list) != versions {
			t.Errorf("versions of %s: %v, %v, want %d", subject, list, err, versions)
		}
	}
	p.stop()
}

// readAvroRows reads n records of a topic and says what they hold.
func readAvroRows(t *testing.T, k *kafka, url, topic string, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(k.brokers), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	client, err := sr.NewClient(sr.URLs(url))
	if err != nil {
		t.Fatal(err)
	}
	decode := func(b []byte) map[string]any {
		schema, err := client.SchemaByID(ctx, int(binary.BigEndian.Uint32(b[1:])))
		if err != nil {
			t.Fatal(err)
		}
		codec, err := goavro.NewCodec(schema.Schema)
		if err != nil {
			t.Fatal(err)
		}
		native, rest, err := codec.NativeFromBinary(b[5:])
		if err != nil || len(rest) > 0 {
			t.Fatalf("% x: %v, %d bytes left", b, err, len(rest))
		}
		return native.(map[string]any)
	}
	var rows []string
	for len(rows) < n {
		fetches := consumer.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("after %d of %d records of %s: %v", len(rows), n, topic, fetches.Err())
		}
		fetches.EachRecord(func(r *kgo.Record) {
			id := decode(r.Key)["id"]
			if r.Value == nil {
				rows = append(rows, fmt.Sprintf("tombstone %v", id))
				return
			}
			event := decode(r.Value)
			rows = append(rows, fmt.Sprintf("%v %v: %s", event["op"], id, itemText(event["after"], topic)))
		})
	}
	return rows
}

// itemText spells the columns of an item besides its key; - is NULL, or a column that the table did not have yet.
func itemText(after any, topic string) string {
	if after == nil {
		return "-"
	}
	row := after.(map[string]any)[topic+".Value"].(map[string]any)
	optional := func(column, branch string) any {
		if value, ok := row[column].(map[string]any); ok {
			return value[branch]
		}
		return "-"
	}
	return fmt.Sprintf("%v %s %v %v", optional("name", "string"), row["price"].(*big.Rat).FloatString(2), optional("at", "long"), optional("more", "int"))
}
