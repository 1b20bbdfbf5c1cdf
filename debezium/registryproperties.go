package debezium

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"marmot/debezium/registry"
	"marmot/internal/credentials"
)

// registryOptions are the settings of a converter that works with a schema registry, by the names that Confluent's converters have.
type registryOptions struct {
	part     string // key or value
	strategy string // <part>.subject.name.strategy, without its package
	mode     registry.Mode
	registry registry.Options
	avro     avroOptions
}

// The subject name strategies of Confluent.
const (
	topicNames       = "TopicNameStrategy"
	recordNames      = "RecordNameStrategy"
	topicRecordNames = "TopicRecordNameStrategy"
)

// registryParser reads the properties of one converter.
type registryParser struct {
	o                    registryOptions
	given                map[string]string
	lookUp, latest       bool
	userInfo, userSource string
	proxyHost, proxyPort string
}

// parseRegistryOptions reads the properties of io.confluent.connect.avro.AvroConverter; part is key or value.
func parseRegistryOptions(part string, given map[string]string) (registryOptions, error) {
	p := registryParser{o: registryOptions{part: part, strategy: topicNames}, given: given, userSource: "URL"}
	name := func(property string) string { return part + ".converter." + property }
	for _, property := range slices.Sorted(maps.Keys(given)) {
		known, err := p.set(property, strings.TrimSpace(given[property]))
		if err == nil && !known {
			err = errors.New("no such property of the converter")
		}
		if err != nil {
			value := given[property]
			if IsSecret(property, value) {
				value = "…"
			}
			return p.o, &PropertyError{name(property), value, err.Error()}
		}
	}
	if len(p.o.registry.URLs) == 0 {
		return p.o, &PropertyError{name("schema.registry.url"), "", "must name the registry, as http://host:port"}
	}
	if err := p.login(); err != nil {
		return p.o, &PropertyError{name("basic.auth.user.info"), "…", err.Error()}
	}
	if p.proxyHost != "" {
		p.o.registry.Proxy = &url.URL{Scheme: "http", Host: p.proxyHost + ":" + p.proxyPort}
	}
	switch {
	case p.latest:
		p.o.mode = registry.Latest
	case p.lookUp:
		p.o.mode = registry.LookUp
	}
	return p.o, nil
}

// login takes the user that basic.auth.credentials.source names.
func (p *registryParser) login() (err error) {
	if p.userSource == "USER_INFO" {
		p.o.registry.UserInfo = credentials.Secret(p.userInfo)
		if !credentials.HasReference(p.userInfo) { // what lies elsewhere is looked at when it is needed
			_, err = registry.ParseUser(p.userInfo)
		}
	}
	return err
}

// set takes one property, and reports whether there is such a one.
func (p *registryParser) set(name, value string) (known bool, err error) {
	r := &p.o.registry
	switch name {
	case "schema.registry.url":
		if value != "" {
			r.URLs, err = registry.ParseURLs(value)
		}
	case "auto.register.schemas":
		p.lookUp, err = parseFlag(value)
		p.lookUp = !p.lookUp
	case "use.latest.version":
		p.latest, err = parseFlag(value)
	case "normalize.schemas":
		r.Normalize, err = parseFlag(value)
	case "connect.meta.data":
		p.o.avro.withoutMeta, err = parseFlag(value)
		p.o.avro.withoutMeta = !p.o.avro.withoutMeta
	case "scrub.invalid.names":
		p.o.avro.scrub, err = parseFlag(value)
	case "ignore.default.for.nullables":
		p.o.avro.fill, err = parseFlag(value)
		p.o.avro.fill = !p.o.avro.fill
	case "key.subject.name.strategy", "value.subject.name.strategy":
		err = p.setStrategy(strings.TrimSuffix(name, ".subject.name.strategy"), value)
	case "proxy.host":
		p.proxyHost = value
	case "proxy.port":
		p.proxyPort = value
	default:
		if rest, ok := strings.CutPrefix(name, "schema.registry.ssl."); ok {
			return p.setTLS(rest, value)
		}
		if known, err = p.setLogin(strings.TrimPrefix(name, "schema.registry."), value); known {
			return true, err
		}
		return setConstant(name, value)
	}
	return true, err
}

// setStrategy reads the class of a strategy. That of the other part means nothing here.
func (p *registryParser) setStrategy(part, class string) error {
	name := class[strings.LastIndexByte(class, '.')+1:]
	if name != topicNames && name != recordNames && name != topicRecordNames {
		return fmt.Errorf("want %s, %s or %s", topicNames, recordNames, topicRecordNames)
	}
	if part == p.o.part {
		p.o.strategy = name
	}
	return nil
}

// setLogin reads how this client proves who it is.
func (p *registryParser) setLogin(name, value string) (known bool, err error) {
	switch name {
	case "basic.auth.credentials.source":
		if p.userSource = strings.ToUpper(value); p.userSource != "URL" && p.userSource != "USER_INFO" {
			err = errors.New("want URL or USER_INFO")
		}
	case "basic.auth.user.info":
		p.userInfo = value
	case "bearer.auth.credentials.source":
		if value != "STATIC_TOKEN" {
			err = errors.New("want STATIC_TOKEN")
		}
	case "bearer.auth.token":
		p.o.registry.Bearer = credentials.Secret(value)
	default:
		return false, nil
	}
	return true, err
}

// setTLS reads certificates, which Go takes in PEM alone.
func (p *registryParser) setTLS(name, value string) (known bool, err error) {
	t := &p.o.registry.TLS
	pem := func(kind string) error {
		if value == "" || !strings.EqualFold(p.given["schema.registry.ssl."+kind+".type"], "PEM") {
			return fmt.Errorf("only PEM is read: want schema.registry.ssl.%s.type = PEM and a file in PEM", kind)
		}
		return nil
	}
	switch name {
	case "truststore.location":
		t.AuthoritiesFile, err = value, pem("truststore")
	case "truststore.certificates":
		t.Authorities, err = credentials.Secret(value), pem("truststore")
	case "keystore.location":
		t.CertificateFile, err = value, pem("keystore")
	case "keystore.certificate.chain":
		t.Certificate, err = credentials.Secret(value), pem("keystore")
	case "keystore.key":
		t.Key, err = credentials.Secret(value), pem("keystore")
	case "truststore.type", "keystore.type":
		if !strings.EqualFold(value, "PEM") {
			err = errors.New("only PEM is read")
		}
	case "endpoint.identification.algorithm":
		t.AnyName = value == ""
		if value != "" && !strings.EqualFold(value, "https") {
			err = errors.New("want https, or nothing for a certificate of any name")
		}
	case "protocol", "enabled.protocols", "provider", "cipher.suites", "secure.random.implementation", "trustmanager.algorithm", "keymanager.algorithm":
	default:
		return false, nil
	}
	return true, err
}

// constants are properties of Confluent's converters with the only value that is taken; * takes any, since it decides nothing here:
// how much is remembered and how often a registry is asked again is fixed, and no event has unions, enums or optional keys of maps.
var constants = map[string]string{
	"schemas.cache.config": "*", "schemas.cache.size": "*", "max.schemas.per.subject": "*", "latest.cache.size": "*", "latest.cache.ttl.sec": "*",
	"missing.id.cache.ttl.sec": "*", "missing.version.cache.ttl.sec": "*", "missing.schema.cache.ttl.sec": "*", "missing.cache.size": "*",
	"http.connect.timeout.ms": "*", "http.read.timeout.ms": "*", "max.retries": "*", "retries.wait.ms": "*", "retries.max.wait.ms": "*",
	"enhanced.avro.schema.support": "*", "generalized.sum.type.support": "*", "flatten.unions": "*", "flatten.singleton.unions": "*",
	"allow.optional.map.keys": "*", "specific.avro.reader": "*", "specific.avro.key.type": "*", "specific.avro.value.type": "*",
	"avro.remove.java.properties": "false", "avro.reflection.allow.null": "false", "avro.use.logical.type.converters": "false", "schema.reflection": "false",
	"discard.type.doc.default": "false", "propagate.schema.tags": "false", "use.schema.id": "-1",
	"latest.compatibility.strict": "true", "id.compatibility.strict": "true",
}

func setConstant(name, value string) (known bool, err error) {
	only, known := constants[name]
	if known && only != "*" && !strings.EqualFold(only, value) {
		err = fmt.Errorf("this release has %s alone", only)
	}
	return known, err
}

// IsSecret reports whether a property's value must not be shown: by its name, or because it is an address with a user.
func IsSecret(name, value string) bool {
	if credentials.IsReference(value) {
		return false // it names where the secret lies
	}
	name = strings.ToLower(name)
	for _, part := range []string{"password", "secret", "user.info", "jaas", "auth.token", "keystore.key"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.Contains(value, "://") && strings.Contains(value, "@")
}
