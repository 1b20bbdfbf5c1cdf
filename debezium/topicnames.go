package debezium

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// naming is topic.naming.strategy: how the topics of tables are named.
type naming struct {
	withoutDatabase bool // of Debezium's strategies for databases with schemas, of which MySQL has none
	unicode         bool // what Kafka does not take is escaped, and an underscore too
	routes          bool // names go through a pattern
	topic           *javaPattern
	replacement     string
	keyField        string // a field of keys that tells the table; empty: none
	key             *javaPattern
	keyReplacement  string
}

const strategies = "io.debezium.schema."

// parseNaming reads topic.naming.strategy with what the strategy obeys.
func (o *Options) parseNaming(given map[string]string) error {
	class := strings.TrimSpace(given["topic.naming.strategy"])
	if class == "" {
		return nil
	}
	name, ok := strings.CutPrefix(class, strategies)
	kind, isStrategy := strings.CutSuffix(name, "TopicNamingStrategy")
	rest, schema := strings.CutPrefix(kind, "Schema")
	if !schema {
		rest, ok = strings.CutPrefix(kind, "Default")
	}
	if !ok || !isStrategy || rest != "" && rest != "Regex" && rest != "Unicode" {
		return &PropertyError{"topic.naming.strategy", class, "want one of " + strategies + "{Default,Schema}{,Regex,Unicode}TopicNamingStrategy"}
	}
	o.naming = naming{withoutDatabase: schema, unicode: rest == "Unicode", routes: rest == "Regex"}
	if o.naming.routes {
		return o.naming.parseRegex(given)
	}
	return nil
}

// parseRegex reads the properties of a strategy that routes.
func (n *naming) parseRegex(given map[string]string) error {
	value := func(name string) string { return strings.TrimSpace(given[name]) }
	compile := func(name, replacement string, required bool) (*javaPattern, error) {
		if value(name) == "" && !required {
			return nil, nil
		}
		p, err := compileJava(value(name))
		if err == nil && value(name) == "" {
			err = errors.New("must be given")
		}
		if err != nil {
			return nil, &PropertyError{name, value(name), err.Error()}
		}
		err = p.check(value(replacement))
		if err == nil && value(replacement) == "" {
			err = fmt.Errorf("must not be empty if %s is given", name)
		}
		if err != nil {
			return nil, &PropertyError{replacement, value(replacement), err.Error()}
		}
		return p, nil
	}
	var err error
	if n.topic, err = compile("topic.regex", "topic.replacement", true); err != nil {
		return err
	}
	if n.key, err = compile("topic.key.field.regex", "topic.key.field.replacement", false); err != nil {
		return err
	}
	n.replacement, n.keyReplacement = value("topic.replacement"), value("topic.key.field.replacement")
	unique := true
	if text := value("topic.key.enforce.uniqueness"); text != "" {
		if unique, err = parseFlag(text); err != nil {
			return &PropertyError{"topic.key.enforce.uniqueness", text, err.Error()}
		}
	}
	if unique {
		if n.keyField = value("topic.key.field.name"); n.keyField == "" {
			n.keyField = "__dbz__physicalTableIdentifier"
		}
	}
	return nil
}

// namingProperties are those that a strategy obeys.
var namingProperties = map[string]bool{"topic.naming.strategy": true, "topic.regex": true, "topic.replacement": true, "topic.key.enforce.uniqueness": true,
	"topic.key.field.name": true, "topic.key.field.regex": true, "topic.key.field.replacement": true}

// tableTopic is the topic of a table, and what a key has in the strategy's field.
func (o *Options) tableTopic(database, table string) (topic, identifier string) {
	parts := []string{o.TopicPrefix, database, table}
	if o.naming.withoutDatabase {
		parts = []string{o.TopicPrefix, table}
	}
	delimiter := o.TopicDelimiter
	if delimiter == "" {
		delimiter = "."
	}
	origin := strings.Join(parts, delimiter)
	switch {
	case o.naming.unicode:
		return escapeTopic(origin), ""
	case !o.naming.routes:
		return sanitizeTopic(origin), ""
	}
	topic = sanitizeTopic(origin)
	if replaced, ok, err := o.naming.topic.replace(topic, o.naming.replacement); err == nil && ok && replaced != "" {
		topic = replaced
	}
	identifier = origin
	if o.naming.key != nil {
		if replaced, ok, err := o.naming.key.replace(origin, o.naming.keyReplacement); err == nil && ok {
			identifier = replaced
		}
	}
	return topic, identifier
}

// escapeTopic writes _u and the UTF-16 unit for what Kafka does not take.
func escapeTopic(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		switch {
		case u >= 'a' && u <= 'z', u >= 'A' && u <= 'Z', u >= '0' && u <= '9', u == '.', u == '-':
			b.WriteByte(byte(u))
		default:
			b.WriteString(unicodeEscape(u))
		}
	}
	name := b.String()
	return name[:min(len(name), maxTopicLength)]
}
