package kafkaclient_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/internal/kafkaclient"
	"marmot/internal/kafkatest"
)

// TestARealKafkaRefusesClearly reaches brokers that scripts/kafka.sh has started with --secure, in all the ways that are right and some that are not.
func TestARealKafkaRefusesClearly(t *testing.T) {
	brokers, _ := kafkatest.Real(t)
	client := os.Getenv("MARMOT_TEST_KAFKA_CLIENT")
	if client == "" {
		t.Skip("MARMOT_TEST_KAFKA_CLIENT names no configuration of a client; kfake has been tested")
	}
	host, port, _ := strings.Cut(brokers[0], ":")
	first, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	mutual := []string{host + ":" + strconv.Itoa(first+10)} // as the script says
	s := &stage{dir: filepath.Dir(client)}
	wrong := kafkatest.Write(t, filepath.Join(t.TempDir(), "wrong"), []byte(wrongPassword))
	foreign, key := kafkatest.NewAuthority(t, "another").Issue("client", time.Hour)
	foreign = append(foreign, key...)
	other := kafkatest.Write(t, filepath.Join(t.TempDir(), "foreign.pem"), foreign)
	const login = "ssl.ca_file=@ca.pem sasl.username=marmot sasl.mechanism="
	for name, c := range map[string]struct {
		brokers        []string
		settings, want string
	}{
		"SCRAM-SHA-512":           {brokers, "security.protocol=SASL_SSL sasl.password_file=@marmot.password " + login + "SCRAM-SHA-512", ""},
		"SCRAM-SHA-256":           {brokers, "security.protocol=SASL_SSL sasl.password_file=@marmot.password " + login + "SCRAM-SHA-256", ""},
		"PLAIN":                   {brokers, "security.protocol=SASL_SSL sasl.password_file=@marmot.password " + login + "PLAIN", ""},
		"certificate":             {mutual, "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@client.pem ssl.key_file=@client.key", ""},
		"wrong password, SCRAM":   {brokers, "security.protocol=SASL_SSL sasl.password_file=" + wrong + " " + login + "SCRAM-SHA-512", `log.sasl.password_file = "` + wrong + `": the broker refuses user "marmot" by SCRAM-SHA-512`},
		"wrong password, PLAIN":   {brokers, "security.protocol=SASL_SSL sasl.password=" + wrongPassword + " " + login + "PLAIN", `log.sasl.password = "…": the broker refuses user "marmot" by PLAIN`},
		"a mechanism it has not":  {brokers, "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.mechanism=OAUTHBEARER sasl.token_file=@marmot.password", `log.sasl.mechanism = "OAUTHBEARER"`},
		"unknown authority":       {brokers, "security.protocol=SASL_SSL sasl.mechanism=PLAIN sasl.username=marmot sasl.password_file=@marmot.password", `log.ssl.ca_file = ""`},
		"plaintext":               {brokers, "", `log.security.protocol = "PLAINTEXT"`},
		"SASL without TLS":        {brokers, "security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN sasl.username=marmot sasl.password_file=@marmot.password", `log.security.protocol = "SASL_PLAINTEXT"`},
		"TLS without SASL":        {brokers, "security.protocol=SSL ssl.ca_file=@ca.pem", `log.security.protocol = "SSL"`},
		"no certificate":          {mutual, "security.protocol=SSL ssl.ca_file=@ca.pem", `log.ssl.certificate_file = ""`},
		"a foreign certificate":   {mutual, "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=" + other, `log.ssl.certificate_file = "` + other + `"`},
		"SASL where there is TLS": {mutual, "security.protocol=SASL_SSL ssl.certificate_file=@client.pem ssl.key_file=@client.key sasl.password_file=@marmot.password " + login + "PLAIN", `log.security.protocol = "SASL_SSL"`},
		"no rights":               {brokers, "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.username=stranger sasl.mechanism=SCRAM-SHA-512 sasl.password_file=@stranger.password", `log.sasl.username = "stranger": user "stranger" lacks a right on the topic`},
	} {
		t.Run(name, func(t *testing.T) {
			err := makeTopic(t, c.brokers, s.security(t, c.settings))
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!kafkaclient.IsTrouble(err) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), wrongPassword) {
				t.Errorf("the error tells a password: %v", err)
			}
		})
	}
}

// makeTopic asks for something that wants a login and a right.
func makeTopic(t *testing.T, brokers []string, security *kafkaclient.Security) error {
	t.Helper()
	client, err := kgo.NewClient(append(security.Options(), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	admin := kadm.NewClient(client)
	topic := "test-security-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	r, err := admin.CreateTopic(ctx, 1, 1, nil, topic)
	if err == nil {
		err = r.Err
	}
	return security.Explain(err)
}
