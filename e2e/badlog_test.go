package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kafka is a real Kafka of one broker, with a client that does what people do to it.
type kafka struct {
	t       *testing.T
	brokers string
	client  *kgo.Client
	admin   *kadm.Client
}

func startKafka(t *testing.T) *kafka {
	t.Helper()
	script := filepath.Join(needE2E(t), "scripts", "kafka.sh")
	dir := filepath.Join(t.TempDir(), "kafka")
	t.Cleanup(func() {
		if out, err := exec.Command(script, "destroy", "--dir", dir).CombinedOutput(); err != nil {
			t.Errorf("kafka.sh destroy: %v\n%s", err, out)
		}
	})
	out, err := exec.Command(script, "start", "--brokers", "1", "--dir", dir, "--port", fmt.Sprint(ports())).Output()
	if err != nil {
		t.Fatalf("kafka.sh start: %v", err)
	}
	k := &kafka{t: t, brokers: strings.TrimSpace(string(out))}
	if k.client, err = kgo.NewClient(kgo.SeedBrokers(k.brokers), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.client.Close)
	k.admin = kadm.NewClient(k.client)
	return k
}

func (k *kafka) context() context.Context {
	ctx, cancel := context.WithTimeout(k.t.Context(), 30*time.Second)
	k.t.Cleanup(cancel)
	return ctx
}

// topic creates a topic by hand, with settings such as retention.ms=1000.
func (k *kafka) topic(name string, partitions int32, settings ...string) {
	k.t.Helper()
	configs := map[string]*string{}
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		configs[key] = &value
	}
	if _, err := k.admin.CreateTopic(k.context(), partitions, 1, configs, name); err != nil {
		k.t.Fatalf("create %s: %v", name, err)
	}
}

// set alters a setting of a topic.
func (k *kafka) set(topic, key, value string) {
	k.t.Helper()
	responses, err := k.admin.AlterTopicConfigs(k.context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, topic)
	if err == nil {
		_, err = responses.On(topic, func(r *kadm.AlterConfigsResponse) error { return r.Err })
	}
	if err != nil {
		k.t.Fatalf("%s of %s: %v", key, topic, err)
	}
}

func (k *kafka) remove(topics ...string) {
	k.t.Helper()
	if _, err := k.admin.DeleteTopics(k.context(), topics...); err != nil {
		k.t.Fatal(err)
	}
}

// flags are those of a cluster with a log on this Kafka.
func (k *kafka) flags(cluster string, more ...string) []string {
	return append([]string{"--cluster.name", cluster, "--log.kind", "kafka", "--log.brokers", k.brokers, "--log.replication", "1", "--log.allow_unsafe", "true"}, more...)
}

// init runs marmot log init.
func (k *kafka) init(cluster string, more ...string) *process {
	k.t.Helper()
	return startProcess(k.t, marmot(k.t, nil, append([]string{"log", "init"}, k.flags(cluster, more...)...)...))
}

// in is k for a subtest.
func (k *kafka) in(t *testing.T) *kafka {
	c := *k
	c.t = t
	return &c
}

func (k *kafka) initialised(cluster string) {
	k.t.Helper()
	p := k.init(cluster)
	if code := p.exit(60 * time.Second); code != 0 {
		k.t.Fatalf("log init of %s ended with %d:\n%s", cluster, code, p.output)
	}
}

func (k *kafka) node(cluster string, more ...string) *node {
	k.t.Helper()
	return newNode(k.t, filepath.Join(k.t.TempDir(), "data"), k.flags(cluster, more...)...)
}

// topics of a cluster's log.
func order(cluster string) string   { return "_marmot." + cluster + ".order" }
func changes(cluster string) string { return "_marmot." + cluster + ".changes" }

const soon = 60 * time.Second

// TestAWrongLogIsRefused has every wrong log that people make of a Kafka.
func TestAWrongLogIsRefused(t *testing.T) {
	k := startKafka(t)
	t.Run("no genesis", func(t *testing.T) {
		k := k.in(t)
		k.node("none").launch().refuses(soon, 1, "no genesis", "_marmot.none.", "marmot log init")
	})
	t.Run("init twice", func(t *testing.T) {
		k := k.in(t)
		k.initialised("twice")
		k.init("twice").refuses(soon, 1, `"twice" is there already`, "nothing was changed", "--if-missing")
		k.init("twice", "--log.partitions", "3").refuses(soon, 1, "log.partitions is 3", "16", "fixed at creation")
		p := k.init("twice", "--if-missing")
		if code := p.exit(soon); code != 0 {
			t.Errorf("--if-missing ended with %d", code)
		}
		k.node("twice").start().stop()
	})
	t.Run("too few brokers", func(t *testing.T) {
		k := k.in(t)
		k.init("few", "--log.replication", "3").refuses(soon, 1, "number of brokers is 1, want 3 or more", "log.replication", "log.allow_unsafe")
		k.init("few", "--log.allow_unsafe", "false").refuses(soon, 1, "log.replication is 1, want 3 or more", "log.allow_unsafe")
	})
	t.Run("another number of partitions", func(t *testing.T) {
		k := k.in(t)
		k.node("twice", "--log.partitions", "5").launch().refuses(soon, 1, "log.partitions is 5", changes("twice"), "fixed at creation")
	})
	t.Run("unsafe settings", func(t *testing.T) {
		k := k.in(t)
		k.initialised("unsafe")
		k.set(order("unsafe"), "retention.ms", "86400000")
		k.node("unsafe", "--log.allow_unsafe", "false").launch().refuses(soon, 1, order("unsafe"), "retention.ms is 86400000, want -1",
			"kafka-configs --alter --topic "+order("unsafe"), "replication factor is 1", "log.allow_unsafe")
		k.set(changes("unsafe"), "cleanup.policy", "compact")
		k.node("unsafe").launch().refuses(soon, 1, changes("unsafe"), "cleanup.policy is compact, want delete", "kafka-configs")
	})
	t.Run("an order topic by hand with two partitions", func(t *testing.T) {
		k := k.in(t)
		k.topic(order("hand"), 2, "cleanup.policy=compact")
		k.init("hand").refuses(soon, 1, order("hand"), "number of partitions is 2, want 1", "cleanup.policy is compact, want delete")
		k.node("hand").launch().refuses(soon, 1, order("hand"), "number of partitions is 2, want 1")
	})
	t.Run("an order topic of somebody else", func(t *testing.T) {
		k := k.in(t)
		k.topic(order("else"), 1, "max.message.bytes=9437184")
		k.foreign(order("else"))
		k.init("else").refuses(soon, 1, "another program wrote its first record", "cluster.name")
	})
	t.Run("a data directory of another cluster", func(t *testing.T) {
		k := k.in(t)
		data := seed(t)
		n := newNode(t, data, k.flags("twice")...)
		n.launch().refuses(soon, 1, "data.dir", data, "holds cluster", "the log belongs to cluster", "empty data.dir")
		p := newNode(t, data).start()
		p.stop()
	})
	t.Run("another node's id", func(t *testing.T) {
		k := k.in(t)
		n := k.node("twice")
		n.start()
		twin := k.node("twice")
		twin.launch().refuses(soon, 1, `node.id = "n1"`, "live member", "another node.id")
		n.exec(0, "", "CREATE DATABASE goes_on")
	})
	t.Run("records of another program", func(t *testing.T) { k.in(t).mixed() })
	t.Run("topics that are deleted", func(t *testing.T) { k.in(t).gone() })
}

// foreign writes a record into a topic that no marmot wrote.
func (k *kafka) foreign(topic string) {
	k.t.Helper()
	record := &kgo.Record{Topic: topic, Partition: 0, Value: []byte("hello from somebody else")}
	if err := k.client.ProduceSync(k.context(), record).FirstErr(); err != nil {
		k.t.Fatal(err)
	}
}

// mixed: records that another program writes into the order topic are counted and stop nobody.
func (k *kafka) mixed() {
	k.initialised("mixed")
	n := k.node("mixed")
	p := n.start()
	n.exec(0, "", "CREATE DATABASE shop")
	k.foreign(order("mixed"))
	n.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY)", "INSERT INTO item VALUES (1)")
	k.foreign(order("mixed"))
	n.exec(0, "shop", "INSERT INTO item VALUES (2)")
	n.expectRows(2)
	if got := n.metric("marmot_foreign_records_total"); got != "2" {
		k.t.Errorf("%s foreign records are counted, want 2", got)
	}
	p.stop()
	n.start()
	n.expectRows(2)
}

// gone: topics that are deleted under a running node, and made anew by people who mean well, never continue its history.
func (k *kafka) gone() {
	k.initialised("gone")
	n := k.node("gone")
	p := n.start()
	n.exec(0, "", "CREATE DATABASE shop")
	n.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY)", "INSERT INTO item VALUES (1)")
	k.remove(order("gone"), changes("gone"))
	p.refuses(2*soon, 1, "created anew")
	n.launch().refuses(soon, 1, "marmot log init")
	k.initialised("gone")
	n.launch().refuses(soon, 1, "data.dir", "the log belongs to cluster")
}
