package node

import (
	"fmt"
	"strings"
	"testing"

	"marmot/internal/kafkaclient"
)

const (
	logOverSASL = `log.kind = "kafka"
log.brokers = "a:1,b:2"
log.security.protocol = "SASL_SSL"
log.sasl.mechanism = "SCRAM-SHA-512"
log.sasl.username = "marmot"
log.sasl.password_file = "/log/password"
`
	openSesame = "open-sesame-secret"
)

// described tells how a client gets in.
func described(s *kafkaclient.Security) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s%s %s", s.Protocol, s.Mechanism, s.Username, s.PasswordFile, string(s.Password), s.TLS.AuthoritiesFile))
}

func TestEmittersReachKafkaAsTheLogOrAsTheySay(t *testing.T) {
	const asLog = "SASL_SSL SCRAM-SHA-512 marmot /log/password"
	jaas := `x.ScramLoginModule required username=\"connect\" password=\"` + openSesame + `\";`
	for name, c := range map[string]struct {
		table           string
		environ         []string
		events, signals string
	}{
		"nothing said":           {"", nil, asLog, asLog},
		"the log's brokers":      {`brokers = "b:2"`, nil, asLog, asLog},
		"others":                 {`brokers = "c:3"`, nil, "", ""},
		"one of them is another": {`brokers = "a:1,c:3"`, nil, "", ""},
		"own settings": {`brokers = "c:3"
"security.protocol" = "SSL"
"ssl.ca_file" = "/ca"`, nil, "SSL    /ca", "SSL    /ca"},
		"without TLS at the log's": {`"security.protocol" = "PLAINTEXT"`, nil, "PLAINTEXT", "PLAINTEXT"},
		"Java's": {`brokers = "c:3"
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "SCRAM-SHA-256"
"sasl.jaas.config" = "` + jaas + `"`, nil, "SASL_SSL SCRAM-SHA-256 connect " + openSesame, "SASL_SSL SCRAM-SHA-256 connect " + openSesame},
		"a connector's": {`brokers = "c:3"
"producer.override.security.protocol" = "SASL_SSL"
"producer.override.sasl.mechanism" = "SCRAM-SHA-256"
"producer.override.sasl.jaas.config" = "` + jaas + `"
"producer.override.ssl.truststore.type" = "PEM"
"producer.override.ssl.truststore.location" = "/ca"
"producer.override.linger.ms" = "5"
"signal.consumer.security.protocol" = "SSL"`, nil, "SASL_SSL SCRAM-SHA-256 connect " + openSesame + " /ca", "SSL"},
		"both together": {`brokers = "c:3"
"producer.override.security.protocol" = "SASL_SSL"
"sasl.mechanism" = "PLAIN"
"sasl.username" = "u"
"sasl.password" = "${env:HIDDEN}"`, nil, "SASL_SSL PLAIN u ${env:HIDDEN}", "SASL_SSL PLAIN u ${env:HIDDEN}"},
		"signals elsewhere": {`"signal.enabled.channels" = "kafka"
"signal.kafka.bootstrap.servers" = "d:4"`, nil, asLog, ""},
		"signals at the log's": {`brokers = "c:3"
"signal.enabled.channels" = "kafka"
"signal.kafka.bootstrap.servers" = "a:1"`, nil, "", asLog},
	} {
		t.Run(name, func(t *testing.T) {
			for _, table := range []string{"[debezium]\n", "[emitters.x]\n"} {
				config, err := load(t, logOverSASL+table+c.table, c.environ)
				if err != nil {
					t.Fatalf("%s: %v", table, err)
				}
				list, err := emitterConfigs(config)
				if err != nil {
					t.Fatalf("%s: %v", table, err)
				}
				e := list[len(list)-1]
				if got := described(e.security); got != c.events {
					t.Errorf("%s events: %q, want %q", table, got, c.events)
				}
				if got := described(e.signalSecurity); got != c.signals {
					t.Errorf("%s signals: %q, want %q", table, got, c.signals)
				}
				if shown := strings.Join(config.Effective(), "\n"); strings.Contains(shown, openSesame) {
					t.Errorf("config check shows the secret:\n%s", shown)
				}
			}
		})
	}
}

func TestThePasswordComesFromTheEnvironment(t *testing.T) {
	file := strings.Replace(logOverSASL, "log.sasl.password_file = \"/log/password\"\n", "", 1)
	c, err := load(t, file+"[debezium]\nbrokers = \"c:3\"\n\"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"PLAIN\"\n\"sasl.username\" = \"u\"\n",
		[]string{"MARMOT_LOG_SASL_PASSWORD=" + openSesame, "MARMOT_DEBEZIUM_SASL_PASSWORD=" + openSesame + "2"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := emitterConfigs(c)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := logSecurity(c)
	if err != nil || string(shared.Password) != openSesame || string(list[0].security.Password) != openSesame+"2" {
		t.Errorf("the passwords are not those of the environment: %v", err)
	}
	if shown := strings.Join(c.Effective(), "\n") + fmt.Sprintf("%+v %#v", shared, list); strings.Contains(shown, openSesame) {
		t.Errorf("shown:\n%s", shown)
	}
}

func TestSecurityThatCannotBeIsRefusedByKeyAndHidesSecrets(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"of the log":         {"log.security.protocol = \"TLS\"", `configuration key log.security.protocol = "TLS" (from file `},
		"in the clear":       {strings.Replace(logOverSASL, "SASL_SSL", "SASL_PLAINTEXT", 1), `log.security.protocol = "SASL_PLAINTEXT" (from file`},
		"of main":            {"[debezium]\nbrokers = \"c:3\"\n\"sasl.mechanism\" = \"PLAIN\"", "debezium.security.protocol"},
		"of another":         {"[emitters.x]\nbrokers = \"c:3\"\n\"sasl.mechanism\" = \"PLAIN\"", "emitters.x.security.protocol"},
		"main in the clear":  {"[debezium]\nbrokers = \"c:3\"\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\"sasl.mechanism\" = \"PLAIN\"\n\"sasl.username\" = \"u\"\n\"sasl.password\" = \"" + openSesame + "\"", "debezium.security.allow_insecure = true"},
		"twice":              {"[emitters.x]\nbrokers = \"c:3\"\n\"security.protocol\" = \"SSL\"\n\"producer.override.security.protocol\" = \"SSL\"", "set this or emitters.x.producer.override.security.protocol"},
		"a connector's":      {"[emitters.x]\nbrokers = \"c:3\"\n\"producer.override.ssl.truststore.location\" = \"/t.jks\"", "emitters.x.producer.override.ssl.truststore.location"},
		"a broken login":     {"[emitters.x]\nbrokers = \"c:3\"\n\"producer.override.sasl.jaas.config\" = \"x required password=" + openSesame + "\"", "emitters.x.producer.override.sasl.jaas.config = \"…\""},
		"a misspelt name":    {"[emitters.x]\nbrokers = \"c:3\"\n\"sasl.pasword\" = \"" + openSesame + "\"", "emitters.x.sasl.pasword = \"…\""},
		"nothing to connect": {"[emitters.x]\n\"security.protocol\" = \"SSL\"", "set emitters.x.brokers"},
	} {
		_, err := load(t, c.file, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), openSesame) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	// A connector's properties that have nothing to do here are left aside.
	if _, err := load(t, "[debezium]\n\"producer.override.security.protocol\" = \"SSL\"", nil); err != nil {
		t.Error(err)
	}
}
