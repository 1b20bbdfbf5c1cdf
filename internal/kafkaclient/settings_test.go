package kafkaclient

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// parse reads settings named log.….
func parse(given map[string]string) (*Security, error) {
	in := map[string]Given{}
	for name, value := range given {
		in[name] = Given{"log." + name, value}
	}
	return Parse("log.", in)
}

type table map[string]string

const hunter = "hunter2-is-secret"

func TestSettingsThatAgreeAreTaken(t *testing.T) {
	jaas := func(module string) string {
		return "org.apache.kafka.common.security." + module + ` required username="anna" password="` + hunter + `";`
	}
	for name, c := range map[string]struct {
		given table
		want  Security
	}{
		"nothing":             {table{}, Security{}},
		"defaults":            {table{"security.protocol": "PLAINTEXT", "sasl.mechanism": "", "sasl.username": "", "security.allow_insecure": "false"}, Security{Protocol: Plaintext}},
		"small letters":       {table{"security.protocol": "ssl"}, Security{Protocol: SSL}},
		"scram":               {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "scram-sha-512", "sasl.username": "anna", "sasl.password_file": "/p"}, Security{Protocol: SASLSSL, Mechanism: SCRAM512, Username: "anna", PasswordFile: "/p"}},
		"token":               {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "sasl.token_file": "/t"}, Security{Protocol: SASLSSL, Mechanism: OAuthBearer, TokenFile: "/t"}},
		"java, scram":         {table{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256", "sasl.jaas.config": jaas("scram.ScramLoginModule")}, Security{Protocol: SASLPlaintext, Mechanism: SCRAM256, Username: "anna", Password: hunter}},
		"java, plain":         {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.jaas.config": jaas("plain.PlainLoginModule")}, Security{Protocol: SASLSSL, Mechanism: Plain, Username: "anna", Password: hunter}},
		"java, quoted":        {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.jaas.config": "PlainLoginModule  required\n username='a b'\tpassword=\"x\\\"y;z\" ;"}, Security{Protocol: SASLSSL, Mechanism: Plain, Username: "a b", Password: `x"y;z`}},
		"a space is a secret": {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": " u ", "sasl.password": " p "}, Security{Protocol: SASLSSL, Mechanism: Plain, Username: "u", Password: " p "}},
	} {
		got, err := parse(c.given)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.names, got.prefix = nil, ""
		if fmt.Sprint(revealed(got)) != fmt.Sprint(revealed(&c.want)) {
			t.Errorf("%s: %v, want %v", name, revealed(got), revealed(&c.want))
		}
		if shown := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(shown, hunter) {
			t.Errorf("%s: printed, it shows its password: %s", name, shown)
		}
	}
	s, err := parse(table{"security.protocol": "SSL", "ssl.truststore.type": "pem", "ssl.truststore.location": "/ca", "ssl.keystore.type": "PEM", "ssl.keystore.location": "/c",
		"ssl.endpoint.identification.algorithm": "", "ssl.truststore.password": "x", "ssl.enabled.protocols": "TLSv1.2"})
	if err != nil || s.TLS.AuthoritiesFile != "/ca" || s.TLS.CertificateFile != "/c" || !s.TLS.AnyName {
		t.Errorf("PEM stores: %+v, %v", s, err)
	}
}

func revealed(s *Security) []any {
	return []any{s.Protocol, s.AllowInsecure, s.Mechanism, s.Username, string(s.Password), s.PasswordFile, s.TokenFile, s.TLS.AuthoritiesFile}
}

func TestSettingsThatDoNotAgreeAreRefusedByName(t *testing.T) {
	scram := func(more table) table {
		all := table{"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "anna", "sasl.password": hunter}
		for name, value := range more {
			if all[name] = value; value == "-" {
				delete(all, name)
			}
		}
		return all
	}
	for name, c := range map[string]struct {
		given      table
		setting    string
		wantReason string
	}{
		"no such protocol":         {table{"security.protocol": "TLS"}, "log.security.protocol", "want PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"},
		"no such mechanism":        {scram(table{"sasl.mechanism": "MD5"}), "log.sasl.mechanism", "want PLAIN, SCRAM-SHA-256"},
		"kerberos":                 {scram(table{"sasl.mechanism": "GSSAPI"}), "log.sasl.mechanism", "no Kerberos"},
		"no mechanism":             {scram(table{"sasl.mechanism": "-"}), "log.sasl.mechanism", "needs one"},
		"password, no protocol":    {scram(table{"security.protocol": "-"}), "log.security.protocol", "credentials of SASL are given"},
		"certificate, no protocol": {table{"ssl.ca_file": "/ca"}, "log.security.protocol", "certificates are given"},
		"no user":                  {scram(table{"sasl.username": "-"}), "log.sasl.username", "needs a user"},
		"no password":              {scram(table{"sasl.password": "-"}), "log.sasl.password_file", "needs a password"},
		"two passwords":            {scram(table{"sasl.password_file": "/p"}), "log.sasl.password_file", "not both"},
		"no token":                 {table{"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"}, "log.sasl.token_file", "needs a file with the token"},
		"key alone":                {table{"security.protocol": "SSL", "ssl.key_file": "/k"}, "log.ssl.certificate_file", "name the file with its certificate"},
		"jks":                      {table{"security.protocol": "SSL", "ssl.truststore.location": "/x.jks"}, "log.ssl.truststore.location", "only PEM is read"},
		"jks by name":              {table{"security.protocol": "SSL", "ssl.keystore.type": "JKS"}, "log.ssl.keystore.type", "openssl pkcs12"},
		"key with a password":      {table{"security.protocol": "SSL", "ssl.key.password": hunter}, "log.ssl.key.password", "openssl pkey"},
		"kerberos' module":         {scram(table{"sasl.jaas.config": "com.sun.security.auth.module.Krb5LoginModule required;"}), "log.sasl.jaas.config", "Krb5LoginModule"},
		"no end":                   {scram(table{"sasl.jaas.config": `ScramLoginModule required username="a" password="` + hunter + `"`}), "log.sasl.jaas.config", "semicolon"},
		"open quotation":           {scram(table{"sasl.jaas.config": `ScramLoginModule required username="a" password="` + hunter + `;`}), "log.sasl.jaas.config", "quotation mark"},
		"two modules":              {scram(table{"sasl.jaas.config": `A required; B required x="` + hunter + `";`}), "log.sasl.jaas.config", "nothing behind"},
		"a class":                  {scram(table{"sasl.login.class": "x"}), "log.sasl.login.class", "classes"},
		"unknown":                  {table{"sasl.colour": "red"}, "log.sasl.colour", "no such setting"},
	} {
		_, err := parse(c.given)
		var wrong *SettingError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v, want a SettingError", name, err)
			continue
		}
		if wrong.Name != c.setting || !strings.Contains(wrong.Reason, c.wantReason) {
			t.Errorf("%s: %v; want %s: …%s…", name, err, c.setting, c.wantReason)
		}
		if strings.Contains(err.Error(), hunter) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func TestCredentialsInTheClearNeedLeaveBeyondLoopback(t *testing.T) {
	for _, c := range []struct {
		protocol, allow string
		brokers         []string
		refused         bool
	}{
		{"SASL_PLAINTEXT", "false", []string{"127.0.0.1:9092", "localhost:9092", "[::1]:9092"}, false},
		{"SASL_PLAINTEXT", "false", []string{"127.0.0.1:9092", "kafka-1:9092"}, true},
		{"SASL_PLAINTEXT", "false", []string{"10.0.0.7:9092"}, true},
		{"SASL_PLAINTEXT", "true", []string{"10.0.0.7:9092"}, false},
		{"SASL_SSL", "false", []string{"10.0.0.7:9092"}, false},
	} {
		s, err := parse(table{"security.protocol": c.protocol, "security.allow_insecure": c.allow, "sasl.mechanism": "PLAIN", "sasl.username": "u", "sasl.password": "p"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(c.brokers); (err != nil) != c.refused || err != nil && !strings.Contains(err.Error(), "log.security.allow_insecure = true") {
			t.Errorf("%+v: %v", c, err)
		}
		if c.refused {
			// Also where a broker is named by others.
			if _, err := s.dial(t.Context(), "tcp", c.brokers[len(c.brokers)-1]); !IsTrouble(err) {
				t.Errorf("dialling %s: %v", c.brokers, err)
			}
		}
	}
}

func TestTranslationsHaveOwnNamesAndMarkSecrets(t *testing.T) {
	list, err := Translate(map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "ssl.truststore.type": "PEM", "ssl.truststore.location": "/ca",
		"sasl.jaas.config": `x.PlainLoginModule required username="anna" password="` + hunter + `";`})
	if err != nil {
		t.Fatal(err)
	}
	want := `["sasl.mechanism" = "PLAIN" "sasl.password" = "…" "sasl.username" = "anna" "security.protocol" = "SASL_SSL" "ssl.ca_file" = "/ca"]`
	if fmt.Sprint(list) != want {
		t.Errorf("%v, want %s", list, want)
	}
	list, err = Translate(map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
		"sasl.jaas.config": `x.PlainLoginModule required username="anna" password="${file:/secrets:kafka}";`})
	if err != nil || !strings.Contains(fmt.Sprint(list), `"sasl.password" = "${file:/secrets:kafka}"`) {
		t.Errorf("a reference is no secret: %v, %v", list, err)
	}
}
