package kafkatest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/internal/kafkaclient"
)

// Brokers gives a real Kafka where MARMOT_TEST_KAFKA names one, with what a client needs to reach it, else one of a single broker in process.
func Brokers(t testing.TB) (addresses []string, security *kafkaclient.Security) {
	t.Helper()
	if addresses, security = Real(t); len(addresses) > 0 {
		return addresses, security
	}
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake.ListenAddrs(), security
}

// Real gives the brokers of MARMOT_TEST_KAFKA and what a client needs to reach them, or nothing.
func Real(t testing.TB) (addresses []string, security *kafkaclient.Security) {
	t.Helper()
	list := os.Getenv("MARMOT_TEST_KAFKA")
	if list == "" {
		return nil, &kafkaclient.Security{}
	}
	return strings.Split(list, ","), Security(t, os.Getenv("MARMOT_TEST_KAFKA_CLIENT"))
}

// Administrator is what somebody needs who may do everything at the brokers of Brokers.
func Administrator(t testing.TB) *kafkaclient.Security {
	t.Helper()
	file := os.Getenv("MARMOT_TEST_KAFKA_CLIENT")
	if file != "" {
		file = filepath.Join(filepath.Dir(file), "admin.properties")
	}
	return Security(t, file)
}

// Security reads a file of lines name=value, as scripts/kafka.sh writes them; without a file it is PLAINTEXT.
func Security(t testing.TB, file string) *kafkaclient.Security {
	t.Helper()
	given := map[string]kafkaclient.Given{}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
				given[name] = kafkaclient.Given{Name: name, Value: value}
			}
		}
	}
	security, err := kafkaclient.Parse("", given)
	if err != nil {
		t.Fatal(err)
	}
	return security
}

// Client makes a client of such a Kafka.
func Client(addresses []string, security *kafkaclient.Security, more ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(append([]kgo.Opt{kgo.SeedBrokers(addresses...)}, security.Options()...), more...)...)
}
