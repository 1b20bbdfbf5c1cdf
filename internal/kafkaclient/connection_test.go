package kafkaclient_test

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"marmot/internal/kafkaclient"
	"marmot/internal/kafkatest"
)

// stage has a directory with certificates, and brokers of each protocol that know user anna.
type stage struct {
	dir       string
	authority *kafkatest.Authority
	brokers   map[string][]string
}

const rightPassword, wrongPassword = "anna-may-come-in", "anna-may-not"

func newStage(t *testing.T) *stage {
	s := &stage{dir: t.TempDir(), authority: kafkatest.NewAuthority(t, "the brokers' authority"), brokers: map[string][]string{}}
	other := kafkatest.NewAuthority(t, "another authority")
	kafkatest.Write(t, s.path("ca.pem"), s.authority.PEM)
	kafkatest.Write(t, s.path("other-ca.pem"), other.PEM)
	kafkatest.Write(t, s.path("none.pem"), []byte("no certificate"))
	for name, issued := range map[string]func() ([]byte, []byte){
		"client":  func() ([]byte, []byte) { return s.authority.Issue("anna", time.Hour) },
		"foreign": func() ([]byte, []byte) { return other.Issue("anna", time.Hour) },
		"expired": func() ([]byte, []byte) { return s.authority.Issue("anna", -time.Minute) },
	} {
		certificate, key := issued()
		kafkatest.Write(t, s.path(name+".pem"), certificate)
		kafkatest.Write(t, s.path(name+".key"), key)
		kafkatest.Write(t, s.path(name+"-both.pem"), append(key, certificate...))
	}
	kafkatest.Write(t, s.path("right"), []byte(rightPassword+"\n"))
	kafkatest.Write(t, s.path("wrong"), []byte(wrongPassword+"\n"))
	kafkatest.Write(t, s.path("empty"), nil)
	server := func(valid time.Duration, hosts ...string) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{s.authority.Pair("broker", valid, hosts...)}}
	}
	mutual := server(time.Hour)
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, s.authority.Pool()
	users := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "anna", rightPassword), kfake.Superuser("SCRAM-SHA-256", "anna", rightPassword), kfake.Superuser("SCRAM-SHA-512", "anna", rightPassword)}
	for name, options := range map[string][]kfake.Opt{
		"PLAINTEXT": nil, "SSL": {kfake.TLS(server(time.Hour))}, "mTLS": {kfake.TLS(mutual)}, "SASL_PLAINTEXT": users, "SASL_SSL": append(users, kfake.TLS(server(time.Hour))),
		"expired": {kfake.TLS(server(-time.Minute))}, "named": {kfake.TLS(server(time.Hour, "kafka.example"))},
	} {
		c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		c.ControlKey(saslAuthenticateKey, func(request kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			response := refused(request.(*kmsg.SASLAuthenticateRequest))
			return response, nil, response != nil
		})
		s.brokers[name] = c.ListenAddrs()
	}
	return s
}

const saslAuthenticateKey = 36

// refused answers a wrong login by PLAIN as Kafka does, for kfake hangs up; nil: the login is right.
func refused(r *kmsg.SASLAuthenticateRequest) kmsg.Response {
	if text := string(r.SASLAuthBytes); !strings.Contains(text, wrongPassword) && !strings.Contains(text, "\x00nobody\x00") {
		return nil
	}
	response := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
	response.ErrorCode = kerr.SaslAuthenticationFailed.Code
	response.ErrorMessage = kmsg.StringPtr("Authentication failed: Invalid username or password")
	return response
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// security reads settings written as name=value with blanks between; @ is the directory.
func (s *stage) security(t *testing.T, text string) *kafkaclient.Security {
	t.Helper()
	given := map[string]kafkaclient.Given{}
	for _, part := range strings.Fields(strings.ReplaceAll(text, "@", s.dir+"/")) {
		name, value, _ := strings.Cut(part, "=")
		given[name] = kafkaclient.Given{Name: "log." + name, Value: value}
	}
	security, err := kafkaclient.Parse("log.", given)
	if err != nil {
		t.Fatal(err)
	}
	return security
}

// reach asks a broker for its topics, as one that has to log in for it.
func reach(t *testing.T, brokers []string, security *kafkaclient.Security) error {
	t.Helper()
	client, err := kgo.NewClient(append(security.Options(), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return security.Explain(client.Ping(ctx))
}

func TestClientsReachBrokersBehindTLSAndSASL(t *testing.T) {
	s := newStage(t)
	t.Setenv("MARMOT_TEST_PASSWORD", rightPassword)
	for _, c := range []struct{ broker, settings string }{
		{"PLAINTEXT", ""},
		{"SSL", "security.protocol=SSL ssl.ca_file=@ca.pem"},
		{"SSL", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@client.pem ssl.key_file=@client.key"}, // it does not ask
		{"named", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.server_name=kafka.example"},
		{"named", "security.protocol=SSL ssl.truststore.type=PEM ssl.truststore.location=@ca.pem ssl.endpoint.identification.algorithm="},
		{"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@client.pem ssl.key_file=@client.key"},
		{"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@client-both.pem"},
		{"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN sasl.username=anna sasl.password_file=@right"},
		{"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.mechanism=SCRAM-SHA-256 sasl.username=anna sasl.password=" + rightPassword},
		{"SASL_SSL", "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.mechanism=SCRAM-SHA-512 sasl.username=anna sasl.password_file=@right"},
		{"SASL_SSL", "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.mechanism=SCRAM-SHA-256 sasl.username=anna sasl.password=${env:MARMOT_TEST_PASSWORD}"},
		{"SASL_SSL", "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.mechanism=PLAIN sasl.username=anna sasl.password=${directory:" + s.dir + ":right}"},
	} {
		security := s.security(t, c.settings)
		if err := security.Check(s.brokers[c.broker]); err != nil {
			t.Errorf("%s with %q: check: %v", c.broker, c.settings, err)
		}
		if err := security.CheckFiles(); err != nil {
			t.Errorf("%s with %q: files: %v", c.broker, c.settings, err)
		}
		if err := reach(t, s.brokers[c.broker], security); err != nil {
			t.Errorf("%s with %q: %v", c.broker, c.settings, err)
		}
	}
}

func TestErrorsNameSettingValueAndRemedy(t *testing.T) {
	s := newStage(t)
	scram := "sasl.mechanism=SCRAM-SHA-512 sasl.username=anna "
	plain := "sasl.mechanism=PLAIN sasl.username=anna "
	for name, c := range map[string]struct{ broker, settings, setting, want string }{
		"wrong password":                {"SASL_SSL", "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.password=" + wrongPassword + " " + plain, `log.sasl.password = "…"`, `refuses user "anna" by PLAIN`},
		"wrong password in a file":      {"SASL_SSL", "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.password_file=@wrong " + plain, `log.sasl.password_file = "@wrong"`, `refuses user "anna"`},
		"no such user":                  {"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN sasl.username=nobody sasl.password_file=@right", `log.sasl.password_file = "@right"`, `refuses user "nobody" by PLAIN`},
		"no password in the file":       {"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.password_file=@empty " + scram, `log.sasl.password_file = "@empty"`, "is empty"},
		"no such variable":              {"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.password=${env:MARMOT_TEST_NONE} " + scram, `log.sasl.password = "…"`, "no such environment variable"},
		"unknown authority":             {"SSL", "security.protocol=SSL ssl.ca_file=@other-ca.pem", `log.ssl.ca_file = "@other-ca.pem"`, "put the certificate of the brokers' authority into the file"},
		"unknown authority, system's":   {"SSL", "security.protocol=SSL", `log.ssl.ca_file = ""`, "signed by an authority that is not among these"},
		"unknown authority, any name":   {"SSL", "security.protocol=SSL ssl.endpoint.identification.algorithm=", `log.ssl.ca_file = ""`, "signed by an authority that is not among these"},
		"no authority in the file":      {"SSL", "security.protocol=SSL ssl.ca_file=@none.pem", `log.ssl.ca_file = "@none.pem"`, "no certificate in PEM"},
		"no such file":                  {"SSL", "security.protocol=SSL ssl.ca_file=@absent.pem", `log.ssl.ca_file = "@absent.pem"`, "no such file"},
		"another name":                  {"named", "security.protocol=SSL ssl.ca_file=@ca.pem", `log.ssl.server_name = ""`, "of another name"},
		"the broker's has expired":      {"expired", "security.protocol=SSL ssl.ca_file=@ca.pem", `log.security.protocol = "SSL"`, "certificate has expired"},
		"this client's has expired":     {"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@expired.pem ssl.key_file=@expired.key", `log.ssl.certificate_file = "@expired.pem"`, "has expired"},
		"this client's is foreign":      {"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@foreign.pem ssl.key_file=@foreign.key", `log.ssl.certificate_file = "@foreign.pem"`, "does not take this client's certificate"},
		"this client has none":          {"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem", `log.ssl.certificate_file = ""`, "certificate"},
		"another's key":                 {"mTLS", "security.protocol=SSL ssl.ca_file=@ca.pem ssl.certificate_file=@client.pem ssl.key_file=@foreign.key", `log.ssl.certificate_file = "@client.pem"`, "private key does not match"},
		"none where there is TLS":       {"SSL", "", `log.security.protocol = "PLAINTEXT"`, "SSL"},
		"SASL where TLS is too":         {"SASL_SSL", "security.protocol=SASL_PLAINTEXT sasl.password_file=@right " + scram, `log.security.protocol = "SASL_PLAINTEXT"`, "SASL_SSL"},
		"no SASL where there is":        {"SASL_PLAINTEXT", "", `log.security.protocol = "PLAINTEXT"`, "SASL_PLAINTEXT"},
		"no SASL where there is, TLS":   {"SASL_SSL", "security.protocol=SSL ssl.ca_file=@ca.pem", `log.security.protocol = "SSL"`, "SASL_SSL"},
		"a mechanism that is not there": {"SASL_PLAINTEXT", "security.protocol=SASL_PLAINTEXT sasl.mechanism=OAUTHBEARER sasl.token_file=@right", `log.sasl.mechanism = "OAUTHBEARER"`, "sasl.enabled.mechanisms"},
	} {
		t.Run(name, func(t *testing.T) {
			err := reach(t, s.brokers[c.broker], s.security(t, c.settings))
			if !kafkaclient.IsTrouble(err) {
				t.Fatalf("%v is no Trouble", err)
			}
			text := strings.ReplaceAll(err.Error(), s.dir+"/", "@")
			if !strings.Contains(text, c.setting+": ") || !strings.Contains(text, c.want) {
				t.Errorf("%s\nwant %s: …%s…", text, c.setting, c.want)
			}
			if strings.Contains(text, rightPassword) || strings.Contains(text, wrongPassword) {
				t.Errorf("the error tells a password: %s", text)
			}
		})
	}
}

// TestAListenerWithoutTLS: Kafka hangs up at TLS's first word, others may wait for more of it, as a broker does that stands still.
func TestAListenerWithoutTLS(t *testing.T) {
	s := newStage(t)
	security := s.security(t, "security.protocol=SSL ssl.ca_file=@ca.pem")
	if err := reach(t, s.brokers["PLAINTEXT"], security); err == nil || kafkaclient.IsTrouble(err) || !strings.Contains(err.Error(), "its listener speaks no TLS") {
		t.Errorf("one that waits: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() { // ends with the listener
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4))
			_ = conn.Close()
		}
	}()
	err = reach(t, []string{listener.Addr().String()}, security)
	if !kafkaclient.IsTrouble(err) || !strings.Contains(err.Error(), `log.security.protocol = "SSL"`) || !strings.Contains(err.Error(), "want PLAINTEXT") {
		t.Errorf("one that hangs up: %v", err)
	}
}

func TestWhatIsRenewedOnDiskIsUsedAtTheNextConnection(t *testing.T) {
	s := newStage(t)
	t.Run("password", func(t *testing.T) {
		file := kafkatest.Write(t, s.path("password"), []byte(wrongPassword))
		security := s.security(t, "security.protocol=SASL_SSL ssl.ca_file=@ca.pem sasl.mechanism=PLAIN sasl.username=anna sasl.password_file=@password")
		if err := reach(t, s.brokers["SASL_SSL"], security); !kafkaclient.IsTrouble(err) {
			t.Fatalf("a wrong password: %v", err)
		}
		kafkatest.Write(t, file, []byte(rightPassword))
		if err := reach(t, s.brokers["SASL_SSL"], security); err != nil {
			t.Error(err)
		}
	})
	t.Run("certificate", func(t *testing.T) {
		certificate, key := s.authority.Issue("anna", -time.Minute)
		kafkatest.Write(t, s.path("mine.pem"), append(certificate, key...))
		kafkatest.Write(t, s.path("authorities.pem"), []byte("nothing yet"))
		security := s.security(t, "security.protocol=SSL ssl.ca_file=@authorities.pem ssl.certificate_file=@mine.pem")
		if err := reach(t, s.brokers["mTLS"], security); err == nil || !strings.Contains(err.Error(), "authorities.pem") {
			t.Fatalf("no authority: %v", err)
		}
		kafkatest.Write(t, s.path("authorities.pem"), s.authority.PEM)
		if err := reach(t, s.brokers["mTLS"], security); err == nil || !strings.Contains(err.Error(), "has expired") {
			t.Fatalf("an expired certificate: %v", err)
		}
		certificate, key = s.authority.Issue("anna", time.Hour)
		kafkatest.Write(t, s.path("mine.pem"), append(certificate, key...))
		if err := reach(t, s.brokers["mTLS"], security); err != nil {
			t.Error(err)
		}
	})
}
