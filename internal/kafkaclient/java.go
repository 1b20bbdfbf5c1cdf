package kafkaclient

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"marmot/internal/credentials"
)

// setJava takes one setting by the name that Kafka's Java clients have.
func (p *parser) setJava(name, value string) error {
	t := &p.s.TLS
	ignored, known := java[name]
	if !known {
		return errors.New("there is no such setting")
	}
	if ignored || value == "" && name != "ssl.endpoint.identification.algorithm" {
		return nil
	}
	switch name {
	case "sasl.jaas.config":
		return p.setJAAS(value)
	case "ssl.truststore.type", "ssl.keystore.type":
		if !strings.EqualFold(value, "PEM") {
			return pemWanted(name[len("ssl.") : len(name)-len(".type")])
		}
	case "ssl.truststore.location":
		t.AuthoritiesFile = value
		p.note(caFileName, name)
		return p.pem("truststore")
	case "ssl.truststore.certificates":
		t.Authorities = credentials.Secret(value)
		p.note(caFileName, name)
		return p.pem("truststore")
	case "ssl.keystore.location":
		t.CertificateFile = value
		p.note(certificateFileName, name)
		return p.pem("keystore")
	case "ssl.keystore.certificate.chain":
		t.Certificate = credentials.Secret(value)
		p.note(certificateFileName, name)
		return p.pem("keystore")
	case "ssl.keystore.key":
		t.Key = credentials.Secret(value)
		p.note(keyFileName, name)
		return p.pem("keystore")
	case "ssl.key.password":
		return errors.New("only keys without a password are read: write it out with `openssl pkey -in KEY -out PLAIN` and let nobody else read the file")
	case "ssl.endpoint.identification.algorithm":
		if value != "" && !strings.EqualFold(value, "https") {
			return errors.New("want https, or nothing for a certificate of any name")
		}
		t.AnyName = value == ""
	default:
		return errors.New("classes of Java and Kerberos are not there; want PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or OAUTHBEARER with sasl.token_file")
	}
	return nil
}

// pem wants a store to be in PEM, which Go reads and JKS and PKCS12 are not.
func (p *parser) pem(kind string) error {
	if strings.EqualFold(strings.TrimSpace(p.given["ssl."+kind+".type"].Value), "PEM") {
		return nil
	}
	return pemWanted(kind)
}

func pemWanted(kind string) error {
	how := "keytool -exportcert -rfc -keystore STORE -alias NAME -file ca.pem"
	if kind == "keystore" {
		how = "openssl pkcs12 -in STORE -nodes -out client.pem, after keytool -importkeystore -deststoretype PKCS12 for a JKS"
	}
	return fmt.Errorf("only PEM is read: write the %s out as PEM (%s) and set ssl.%s.type = PEM", kind, how, kind)
}

// setJAAS reads the login module of sasl.jaas.config: org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";
func (p *parser) setJAAS(text string) error {
	module, options, err := parseJAAS(text)
	if err != nil {
		return err
	}
	switch module {
	case "PlainLoginModule", "ScramLoginModule":
	case "OAuthBearerLoginModule":
		return nil // the token comes from sasl.token_file
	default:
		return fmt.Errorf("login module %s: want PlainLoginModule, ScramLoginModule or OAuthBearerLoginModule", module)
	}
	for _, option := range slices.Sorted(maps.Keys(options)) {
		switch option {
		case "username":
			if p.s.Username, err = credentials.Secret(options[option]).Reveal(); err != nil {
				return fmt.Errorf("username: %w", err)
			}
			p.note(usernameName, "sasl.jaas.config")
		case "password":
			p.s.Password = credentials.Secret(options[option])
			p.note(passwordName, "sasl.jaas.config")
		case "tokenauth", "serviceName":
		default:
			return fmt.Errorf("login module %s has no option %s here", module, option)
		}
	}
	return nil
}

// parseJAAS reads one login module with its options. Errors hold nothing of the text.
func parseJAAS(text string) (module string, options map[string]string, err error) {
	words, err := jaasWords(text)
	if err != nil {
		return "", nil, err
	}
	if len(words) < 2 || !slices.Contains([]string{"required", "requisite", "sufficient", "optional"}, strings.ToLower(words[1])) {
		return "", nil, errors.New(`want a login module, as in: org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";`)
	}
	options = map[string]string{}
	for _, word := range words[2:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return "", nil, errors.New(`want options as name="value" behind the login module`)
		}
		options[name] = value
	}
	return words[0][strings.LastIndexByte(words[0], '.')+1:], options, nil
}

// jaasWords splits a text at blanks that are in no quotation marks, up to its semicolon.
func jaasWords(text string) (words []string, err error) {
	var word strings.Builder
	var quote byte
	begun := false
	end := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, begun = c, true
		case c == ';':
			end()
			if strings.TrimSpace(text[i+1:]) != "" {
				return nil, errors.New("want one login module, and nothing behind its semicolon")
			}
			return words, nil
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			end()
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quotation mark is not closed")
	}
	return nil, errors.New("a semicolon is missing at the end")
}

// Translation is what settings of a Java client are by own names.
type Translation struct {
	Name, Value string
	Secret      bool // Value is a secret, and is not to be written down
}

// Translate gives settings of a Java client by own names, in order; those that have one. Stores that stand in the configuration itself keep their names.
func Translate(given map[string]string) ([]Translation, error) {
	in := map[string]Given{}
	for name, value := range given {
		in[name] = Given{name, value}
	}
	s, err := Parse("", in)
	if err != nil {
		return nil, err
	}
	var list []Translation
	add := func(name, value string) {
		if value != "" {
			list = append(list, Translation{Name: name, Value: value})
		}
	}
	add(protocolName, s.Protocol)
	add(mechanismName, s.Mechanism)
	add(usernameName, s.Username)
	if s.Password != "" {
		list = append(list, Translation{passwordName, string(s.Password), !credentials.IsReference(string(s.Password))})
	}
	add(passwordFileName, s.PasswordFile)
	add(tokenFileName, s.TokenFile)
	add(caFileName, s.TLS.AuthoritiesFile)
	add(certificateFileName, s.TLS.CertificateFile)
	add(keyFileName, s.TLS.KeyFile)
	add(serverNameName, s.TLS.ServerName)
	for _, name := range []string{"ssl.truststore.certificates", "ssl.keystore.certificate.chain", "ssl.keystore.key"} {
		if value := given[name]; value != "" {
			list = append(list, Translation{name, value, name == "ssl.keystore.key" && !credentials.IsReference(value)})
			kind := strings.Split(name, ".")[1]
			list = append(list, Translation{Name: "ssl." + kind + ".type", Value: "PEM"})
		}
	}
	if s.TLS.AnyName {
		list = append(list, Translation{Name: "ssl.endpoint.identification.algorithm"})
	}
	slices.SortFunc(list, func(a, b Translation) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(list, func(a, b Translation) bool { return a.Name == b.Name }), nil
}

// String describes a translation as a line of a configuration would; a secret does not show.
func (t Translation) String() string {
	if t.Secret {
		return strconv.Quote(t.Name) + ` = "…"`
	}
	return strconv.Quote(t.Name) + " = " + strconv.Quote(t.Value)
}
