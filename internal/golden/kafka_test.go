package golden

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
)

// leastOnKafka is the share of events, in percent, that are to be the connector's when they have gone through a real Kafka, in each
// setting and format.
const leastOnKafka = 98

// TestWholeRunsOnARealKafkaAreTheConnectors takes the steps of each recording with an emitter into the Kafka that MARMOT_TEST_KAFKA
// names, as JSON and as Avro with the schema registry that MARMOT_TEST_REGISTRY names, and compares what a consumer reads there.
func TestWholeRunsOnARealKafkaAreTheConnectors(t *testing.T) {
	brokers, registry := os.Getenv("MARMOT_TEST_KAFKA"), os.Getenv("MARMOT_TEST_REGISTRY")
	if brokers == "" || registry == "" {
		t.Skip("MARMOT_TEST_KAFKA names no brokers, or MARMOT_TEST_REGISTRY no schema registry; the mirror has been tested")
	}
	if os.Getenv("MARMOT_TEST_GOLDEN_WAIT") == "" {
		t.Setenv("MARMOT_TEST_GOLDEN_WAIT", "3m") // three programs share the machine
	}
	for _, recorded := range Runs() {
		t.Run(recorded.Name+" JSON", func(t *testing.T) {
			run := Whole(recorded)
			want, err := Recorded(run.Name)
			if err != nil {
				t.Fatal(err)
			}
			judge(t, Compare(want, wholeRun(t, &run, onKafka(t, brokers))))
		})
		t.Run(recorded.Name+" Avro", func(t *testing.T) {
			want, refused, err := RecordedAvro(recorded.Name)
			if err != nil {
				t.Fatal(err)
			}
			forget(t, registry)
			run := inAvro(Whole(recorded), registry)
			s := onKafka(t, brokers)
			s.decode = avroDecoder(t, registry)
			judge(t, Compare(want, without(wholeRun(t, &run, s), refused)))
		})
	}
}

func judge(t *testing.T, r *Result) {
	t.Helper()
	t.Logf("%s", r.Summary())
	if r.Percent() < leastOnKafka {
		report(t, r)
		t.Errorf("%.2f %% of the events are the connector's, want %d", r.Percent(), leastOnKafka)
	}
}

// onKafka is a server that emits into a real Kafka in which no earlier run has left topics. Its progress has a name of its own.
func onKafka(t *testing.T, brokers string) *server {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	admin := kadm.NewClient(client)
	left := func() []string {
		t.Helper()
		topics, err := admin.ListTopics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(topics.Names(), func(topic string) bool {
			return !strings.HasPrefix(strings.TrimPrefix(topic, "__debezium-heartbeat."), "gold")
		})
	}
	if topics := left(); len(topics) > 0 {
		responses, err := admin.DeleteTopics(t.Context(), topics...)
		if err == nil {
			err = responses.Error()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(patience()); len(left()) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("topics of an earlier run are still there: %v", left())
		}
	}
	return &server{brokers: brokers, cluster: fmt.Sprintf("golden%d", time.Now().UnixNano())}
}

// forget removes what earlier runs have registered.
func forget(t *testing.T, registry string) {
	t.Helper()
	client, err := sr.NewClient(sr.URLs(registry))
	if err != nil {
		t.Fatal(err)
	}
	subjects, err := client.Subjects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range subjects {
		if _, err := client.DeleteSubject(t.Context(), subject, sr.SoftDelete); err != nil {
			t.Fatal(err)
		}
	}
}
