package kafkaclient

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"marmot/internal/credentials"
)

// Setting is one setting of a client.
type Setting struct {
	Name, Default, Doc string
	Words              []string // that are taken; nil: any text
	Secret             bool
}

// The protocols.
const (
	Plaintext     = "PLAINTEXT"
	SSL           = "SSL"
	SASLPlaintext = "SASL_PLAINTEXT"
	SASLSSL       = "SASL_SSL"
)

// The mechanisms.
const (
	Plain       = "PLAIN"
	SCRAM256    = "SCRAM-SHA-256"
	SCRAM512    = "SCRAM-SHA-512"
	OAuthBearer = "OAUTHBEARER"
)

// Names of settings.
const (
	protocolName        = "security.protocol"
	allowInsecureName   = "security.allow_insecure"
	mechanismName       = "sasl.mechanism"
	usernameName        = "sasl.username"
	passwordName        = "sasl.password"
	passwordFileName    = "sasl.password_file"
	tokenFileName       = "sasl.token_file"
	caFileName          = "ssl.ca_file"
	certificateFileName = "ssl.certificate_file"
	keyFileName         = "ssl.key_file"
	serverNameName      = "ssl.server_name"
)

var ownSettings = []Setting{
	{protocolName, Plaintext, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, as the brokers' listener is", []string{Plaintext, SSL, SASLPlaintext, SASLSSL}, false},
	{allowInsecureName, "false", "send SASL's credentials without TLS to hosts beyond loopback", []string{"true", "false"}, false},
	{mechanismName, "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER", []string{"", Plain, SCRAM256, SCRAM512, OAuthBearer}, false},
	{usernameName, "", "user of PLAIN and SCRAM", nil, false},
	{passwordName, "", "its password; better in sasl.password_file or the environment, or as ${file:PATH:KEY}, ${directory:PATH:NAME}, ${env:NAME}", nil, true},
	{passwordFileName, "", "file with nothing but the password, read at each new connection", nil, false},
	{tokenFileName, "", "file with nothing but the token of OAUTHBEARER, read at each new connection", nil, false},
	{caFileName, "", "PEM file with the authorities that sign the brokers' certificates; empty: the system's", nil, false},
	{certificateFileName, "", "PEM file with this client's certificate, and its key where ssl.key_file is empty", nil, false},
	{keyFileName, "", "PEM file with that certificate's key", nil, false},
	{serverNameName, "", "name that the brokers' certificates have; empty: the host that is dialled", nil, false},
}

// Settings lists the settings by their own names. The caller must not write to it.
func Settings() []Setting { return ownSettings }

// java are the names of Kafka's Java clients beyond those that are the same; true: it decides nothing here.
var java = map[string]bool{
	"sasl.jaas.config": false, "ssl.truststore.type": false, "ssl.truststore.location": false, "ssl.truststore.certificates": false, "ssl.truststore.password": true,
	"ssl.keystore.type": false, "ssl.keystore.location": false, "ssl.keystore.certificate.chain": false, "ssl.keystore.key": false, "ssl.keystore.password": true,
	"ssl.key.password": false, "ssl.endpoint.identification.algorithm": false,
	"ssl.protocol": true, "ssl.provider": true, "ssl.enabled.protocols": true, "ssl.cipher.suites": true, "ssl.secure.random.implementation": true,
	"ssl.trustmanager.algorithm": true, "ssl.keymanager.algorithm": true, "sasl.login.class": false, "sasl.client.callback.handler.class": false,
	"sasl.login.callback.handler.class": false, "sasl.kerberos.service.name": false,
}

// IsSetting reports whether there is a setting of the name, an own one or one of Kafka's Java clients.
func IsSetting(name string) bool {
	_, isJava := java[name]
	return isJava || slices.ContainsFunc(ownSettings, func(s Setting) bool { return s.Name == name })
}

// IsSecret reports whether the value of a setting may be a secret.
func IsSecret(name string) bool {
	switch name {
	case passwordName, "sasl.jaas.config", "ssl.keystore.key", "ssl.key.password", "ssl.keystore.password", "ssl.truststore.password":
		return true
	}
	return false
}

// SettingError is a setting that cannot be used. Value is empty of a secret.
type SettingError struct{ Name, Value, Reason string }

// Error names the setting, its value and what is wanted.
func (e *SettingError) Error() string { return fmt.Sprintf("%s = %q: %s", e.Name, e.Value, e.Reason) }

// Security is how a client reaches brokers. The zero value is PLAINTEXT. It is not written to once it is in use.
type Security struct {
	Protocol      string // empty: PLAINTEXT
	AllowInsecure bool
	Mechanism     string
	Username      string
	Password      credentials.Secret
	PasswordFile  string
	TokenFile     string
	TLS           credentials.TLS
	names         map[string]string // of the settings as they were given, by own name
	prefix        string            // of those that were not
}

// Given is one setting as it stands in a configuration.
type Given struct {
	Name  string // in the configuration, for errors
	Value string
}

// Parse reads settings, by own or Java names. Prefix opens the names of settings that were not given, where an error names one: "log.".
func Parse(prefix string, given map[string]Given) (*Security, error) {
	p := parser{s: &Security{prefix: prefix, names: map[string]string{}}, given: given}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := strings.TrimSpace(given[name].Value)
		if IsSecret(name) {
			value = given[name].Value
		}
		if err := p.set(name, value); err != nil {
			return nil, p.wrong(name, err.Error())
		}
	}
	return p.s, p.agree()
}

// parser reads settings.
type parser struct {
	s     *Security
	given map[string]Given
}

// wrong makes the error of a setting.
func (p *parser) wrong(name, reason string) error {
	g, ok := p.given[name]
	if !ok {
		g.Name = p.s.name(name)
	}
	if IsSecret(name) {
		g.Value = ""
		if ok {
			g.Value = "…"
		}
	}
	return &SettingError{g.Name, g.Value, reason}
}

// name returns a setting's name as the configuration has it.
func (s *Security) name(own string) string {
	if given, ok := s.names[own]; ok {
		return given
	}
	return s.prefix + own
}

// set takes one setting.
func (p *parser) set(name, value string) (err error) {
	s := p.s
	into := map[string]*string{
		protocolName: &s.Protocol, mechanismName: &s.Mechanism, usernameName: &s.Username, passwordFileName: &s.PasswordFile, tokenFileName: &s.TokenFile,
		caFileName: &s.TLS.AuthoritiesFile, certificateFileName: &s.TLS.CertificateFile, keyFileName: &s.TLS.KeyFile, serverNameName: &s.TLS.ServerName,
	}
	switch field, isText := into[name]; {
	case name == protocolName, name == mechanismName:
		value = strings.ToUpper(value)
		if !slices.Contains(wordsOf(name), value) && value != "" {
			if value == "GSSAPI" {
				return fmt.Errorf("this release has no Kerberos; want %s", strings.Join(wordsOf(name)[1:], ", "))
			}
			return fmt.Errorf("want %s", strings.TrimPrefix(strings.Join(wordsOf(name), ", "), ", "))
		}
		*field = value
	case name == allowInsecureName:
		if value != "true" && value != "false" {
			return fmt.Errorf("want true or false")
		}
		s.AllowInsecure = value == "true"
	case name == passwordName:
		s.Password = credentials.Secret(value)
	case isText:
		*field = value
	default:
		return p.setJava(name, value)
	}
	p.note(name, name)
	return nil
}

// note remembers under which name an own setting was given, if it was given a value.
func (p *parser) note(own, name string) {
	if p.given[name].Value != "" {
		p.s.names[own] = p.given[name].Name
	}
}

func wordsOf(name string) []string {
	for _, s := range ownSettings {
		if s.Name == name {
			return s.Words
		}
	}
	return nil
}

// agree checks what depends on several settings.
func (p *parser) agree() error {
	s := p.s
	usesSASL, usesTLS := s.usesSASL(), s.usesTLS()
	switch {
	case !usesSASL && (s.Mechanism != "" || s.Username != "" || s.Password != "" || s.PasswordFile != "" || s.TokenFile != ""):
		return p.wrong(protocolName, "credentials of SASL are given: want SASL_SSL, or SASL_PLAINTEXT where there is no TLS")
	case !usesSASL && s.AllowInsecure:
		return p.wrong(allowInsecureName, s.name(protocolName)+" = "+s.protocol()+" has no credentials: want SASL_PLAINTEXT, or leave this out")
	case !usesTLS && (s.TLS != credentials.TLS{}):
		return p.wrong(protocolName, "certificates are given: want SSL or SASL_SSL")
	case usesSASL && s.Mechanism == "":
		return p.wrong(mechanismName, "security.protocol = "+s.Protocol+" needs one: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER")
	case s.Mechanism == OAuthBearer && s.TokenFile == "":
		return p.wrong(tokenFileName, "OAUTHBEARER needs a file with the token")
	case s.Mechanism == OAuthBearer:
	case usesSASL && s.Username == "":
		return p.wrong(usernameName, s.Mechanism+" needs a user")
	case usesSASL && s.Password == "" && s.PasswordFile == "":
		return p.wrong(passwordFileName, s.Mechanism+" needs a password: name a file with it, or set "+s.name(passwordName)+" in the environment")
	case s.Password != "" && s.PasswordFile != "":
		return p.wrong(passwordFileName, "set this or "+s.name(passwordName)+", not both")
	case s.TLS.KeyFile != "" && s.TLS.CertificateFile == "":
		return p.wrong(certificateFileName, "a key is given: name the file with its certificate")
	}
	return nil
}

func (s *Security) usesSASL() bool { return s.Protocol == SASLPlaintext || s.Protocol == SASLSSL }
func (s *Security) usesTLS() bool  { return s.Protocol == SSL || s.Protocol == SASLSSL }

// protocol is never empty.
func (s *Security) protocol() string {
	if s.Protocol == "" {
		return Plaintext
	}
	return s.Protocol
}
