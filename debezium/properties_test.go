package debezium

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestPropertiesAreReadByTheConnectorsNames(t *testing.T) {
	o, err := ParseOptions(map[string]string{
		"topic.prefix": "shop", "table.include.list": `shop\.(orders|items), other\..*`, "column.exclude.list": "shop.orders.secret",
		"skipped.operations": "t, d", "time.precision.mode": "ISOSTRING", "message.key.columns": `shop.orders:id,code;shop\.log.*:at`,
		"column.truncate.to.5.chars": "shop.orders.note", "column.mask.with.3.chars": "shop.orders.card",
		"column.mask.hash.v2.SHA-256.with.salt.aB": "shop.orders.mail", "database.hostname": "db", "schema.history.internal.kafka.topic": "x",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"an included table":      o.takesTable("shop", "ORDERS"),
		"a name with more":       !o.takesTable("shop", "orders2"),
		"MySQL's own database":   !o.takesTable("mysql", "user"),
		"a column":               o.Columns.Takes("shop.orders.id") && !o.Columns.Takes("shop.orders.secret"),
		"operations":             o.skips("t") && o.skips("d") && !o.skips("c"),
		"a mode in any case":     o.Time == TimeISOString,
		"a default":              o.Tombstones && o.ExtendedHeaders && o.Decimal == DecimalPrecise,
		"keys":                   len(o.MessageKeys) == 3 && o.MessageKeys[1].Column.Has("shop.orders.code") && o.MessageKeys[2].Column.Has("shop.log7.at"),
		"rewrites":               len(o.Rewrites) == 3,
		"a salt in its own case": func() bool { r := o.Rewrites[0]; return r.Salt == "aB" && r.Version2 }(),
		"a converter":            o.Formats.Value.Kind == "json" && o.Formats.Value.Properties["schemas.enable"] == "false",
	} {
		if !ok {
			t.Errorf("%s is read wrongly: %+v", name, o)
		}
	}
}

func TestWrongPropertiesAreNamed(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"decimal.handling.mode", "exact", "want precise, string, double"},
		{"skipped.operations", "x", "want none, or a list of c, u, d, t"},
		{"tombstones.on.delete", "yes", "want true or false"},
		{"table.include.list", "a(b", "no regular expression"},
		{"message.key.columns", "shop.orders", "want database.table:column"},
		{"column.truncate.to.x.chars", "a.b.c", "want a length"},
		{"column.mask.hash.CRC.with.salt.a", "a.b.c", "algorithm \"CRC\""},
		{"snapshot.mode", "custom", "this release does not have it"},
		{"snapshot.modes", "x", "this release does not have it"},
		{"decimal.handling.mod", "x", "no such property"},
		{"key.converter", "my.Converter", "JsonConverter"},
	} {
		_, err := ParseOptions(map[string]string{"topic.prefix": "x", c.name: c.value})
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != c.name || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.name, c.value, err, c.want)
		}
	}
	if _, err := ParseOptions(map[string]string{"table.include.list": "a", "table.exclude.list": "b"}); err == nil {
		t.Error("two lists of tables are taken")
	}
}

func TestWrongTransformsAreNamed(t *testing.T) {
	base := map[string]string{
		"topic.prefix": "x", "transforms": "unwrap, route", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
		"transforms.route.type": "RegexRouter", "transforms.route.regex": "(?<all>.*)-(.*)", "transforms.route.replacement": "${all}.$2",
		"transforms.route.predicate": "named", "transforms.route.negate": "true",
		"predicates": "named", "predicates.named.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches", "predicates.named.pattern": "a.*",
	}
	o, err := ParseOptions(base)
	if err != nil || len(o.Transforms) != 2 || o.Transforms[1].Predicate == nil || !o.Transforms[1].Negate {
		t.Fatalf("%+v, %v", o.Transforms, err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"transforms.unwrap.type", "io.debezium.transforms.Filter", "a script of the Java virtual machine"},
		{"transforms.unwrap.type", "com.example.Mine", "not built in: there are the transforms of Debezium for MySQL"},
		{"transforms.unwrap.type", "", "want the class"},
		{"transforms.unwrap.delete.tombstone.handling.mode", "keep", "want drop, tombstone, rewrite"},
		{"transforms.unwrap.add.field", "op", "no such property of it"},
		{"transforms.unwrap.add.fields", "a.b.c", "want field, struct.field"},
		{"transforms.route.regex", "(", "no regular expression"},
		{"transforms.route.replacement", "$3", "number of a group; there are 2"},
		{"transforms.route.replacement", "${none}", "no group with name {none}"},
		{"transforms.route.predicate", "other", "predicates does not have it"},
		{"transforms.other.type", "RegexRouter", "transforms does not have other"},
		{"predicates.named.type", "mine", "TopicNameMatches, HasHeaderKey or RecordIsTombstone"},
		{"predicates.named.pattern", "", "must not be empty"},
		{"transforms", "unwrap,unwrap", "has unwrap twice"},
	} {
		given := maps.Clone(base)
		given[c.name] = c.value
		_, err := ParseOptions(given)
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != c.name || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.name, c.value, err, c.want)
		}
	}
}

func TestTransformsAreImported(t *testing.T) {
	toml, refused, err := Import([]byte(`{"config": {"transforms": "unwrap,script", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
		"transforms.unwrap.add.fields": "op", "transforms.script.type": "io.debezium.transforms.Filter", "transforms.script.condition": "value.op == 'u'"}}`))
	if err != nil || refused != 2 {
		t.Fatalf("%d refused, %v", refused, err)
	}
	for _, want := range []string{"\"transforms\" = \"unwrap\"\n", "\"transforms.unwrap.add.fields\" = \"op\"\n", "# transforms.script.condition: not taken over"} {
		if !strings.Contains(toml, want) {
			t.Errorf("no %q in\n%s", want, toml)
		}
	}
}

func TestConnectorsAreImported(t *testing.T) {
	toml, refused, err := Import([]byte(`{"name": "inventory", "config": {"connector.class": "io.debezium.connector.mysql.MySqlConnector",
		"database.hostname": "db", "database.password": "hidden", "topic.prefix": "shop", "tombstones.on.delete": false,
		"snapshot.mode": "custom", "value.converter": "org.apache.kafka.connect.json.JsonConverter"}}`))
	if err != nil || refused != 1 {
		t.Fatalf("%d refused, %v", refused, err)
	}
	for _, want := range []string{"[debezium]\n", "\"topic.prefix\" = \"shop\"\n", "\"tombstones.on.delete\" = \"false\"\n", "\"skipped.operations\" = \"t\"\n",
		"\"provide.transaction.metadata\" = \"false\"\n", "\"value.converter.schemas.enable\" = \"true\"\n", "# database.hostname: ", "# snapshot.mode: not taken over"} {
		if !strings.Contains(toml, want) {
			t.Errorf("no %q in\n%s", want, toml)
		}
	}
	if strings.Contains(toml, "hidden") || strings.Contains(toml, "key.converter") {
		t.Errorf("too much in\n%s", toml)
	}
	for _, bad := range []string{"", "[]", `{"config": 1}`, `{"a": {}}`, `{"connector.class": "io.debezium.connector.postgresql.PostgresConnector"}`} {
		if _, _, err := Import([]byte(bad)); err == nil {
			t.Errorf("%s is imported", bad)
		}
	}
}

func TestHowAConnectorReachesKafkaIsImported(t *testing.T) {
	jaas := func(password string) string {
		return `org.apache.kafka.common.security.scram.ScramLoginModule required username=\"connect\" password=\"` + password + `\";`
	}
	for name, c := range map[string]struct {
		json    string
		refused int
		want    []string
	}{
		"a producer's": {`"producer.override.security.protocol": "SASL_SSL", "producer.override.sasl.mechanism": "SCRAM-SHA-512", "producer.override.sasl.jaas.config": "` + jaas("hidden") + `",
			"producer.override.ssl.truststore.type": "PEM", "producer.override.ssl.truststore.location": "/ca.pem", "producer.override.bootstrap.servers": "k:9093",
			"producer.override.linger.ms": "5", "schema.history.internal.producer.security.protocol": "SSL"`, 1,
			[]string{"\"brokers\" = \"k:9093\"\n", "\"security.protocol\" = \"SASL_SSL\"\n", "\"sasl.mechanism\" = \"SCRAM-SHA-512\"\n", "\"sasl.username\" = \"connect\"\n", "\"ssl.ca_file\" = \"/ca.pem\"\n",
				"# sasl.password: not taken over: a secret; write it into a file and name that in \"sasl.password_file\"", "# producer.override.linger.ms: "}},
		"a reference": {`"producer.override.security.protocol": "SASL_SSL", "producer.override.sasl.mechanism": "PLAIN", "producer.override.sasl.jaas.config": "` +
			strings.Replace(jaas("${file:/secrets/kafka.properties:password}"), "scram.Scram", "plain.Plain", 1) + `"`, 0,
			[]string{"\"sasl.password\" = \"${file:/secrets/kafka.properties:password}\"\n"}},
		"a JKS": {`"producer.override.security.protocol": "SSL", "producer.override.ssl.truststore.location": "/t.jks", "producer.override.ssl.truststore.password": "hidden"`, 1,
			[]string{"# producer.override.ssl.truststore.location: not taken over, nor the others of producer.override.: only PEM is read"}},
		"the signals'": {`"signal.consumer.security.protocol": "SASL_SSL", "signal.consumer.sasl.mechanism": "SCRAM-SHA-512", "signal.consumer.sasl.jaas.config": "` + jaas("hidden") + `"`, 1,
			[]string{"\"signal.consumer.security.protocol\" = \"SASL_SSL\"\n", "name that in \"signal.consumer.sasl.password_file\""}},
		"the history's": {`"schema.history.internal.kafka.bootstrap.servers": "k:9093", "schema.history.internal.producer.security.protocol": "SASL_SSL",
			"schema.history.internal.producer.sasl.mechanism": "SCRAM-SHA-512", "schema.history.internal.producer.sasl.jaas.config": "` + jaas("hidden") + `"`, 0,
			[]string{"# schema.history.internal.producer.: every node keeps", "#   brokers = \"k:9093\"\n", "#   \"security.protocol\" = \"SASL_SSL\"\n", "#   \"sasl.password\" = \"…\"\n"}},
	} {
		toml, refused, err := Import([]byte(`{"topic.prefix": "shop", ` + c.json + `}`))
		if err != nil || refused != c.refused || strings.Contains(toml, "hidden") {
			t.Errorf("%s: %d refused, %v\n%s", name, refused, err, toml)
		}
		for _, want := range c.want {
			if !strings.Contains(toml, want) {
				t.Errorf("%s: no %q in\n%s", name, want, toml)
			}
		}
	}
}

func TestAConnectorWithAvroIsImported(t *testing.T) {
	toml, refused, err := Import([]byte(`{"connector.class": "io.debezium.connector.mysql.MySqlConnector", "topic.prefix": "shop",
		"key.converter": "io.confluent.connect.avro.AvroConverter", "key.converter.schema.registry.url": "http://anna:hidden@registry:8081",
		"value.converter": "io.confluent.connect.avro.AvroConverter", "value.converter.schema.registry.url": "http://registry:8081",
		"value.converter.basic.auth.credentials.source": "USER_INFO", "value.converter.basic.auth.user.info": "anna:hidden",
		"value.converter.schemas.cache.config": 100, "value.converter.ignore.default.for.nullables": true}`))
	if err != nil || refused != 2 {
		t.Fatalf("%d refused, %v\n%s", refused, err, toml)
	}
	for _, want := range []string{"\"key.converter\" = \"io.confluent.connect.avro.AvroConverter\"\n", "\"value.converter.schema.registry.url\" = \"http://registry:8081\"\n",
		"\"key.converter.ignore.default.for.nullables\" = \"false\"\n", "\"value.converter.ignore.default.for.nullables\" = \"true\"\n", "\"value.converter.schemas.cache.config\" = \"100\"\n",
		"# value.converter.basic.auth.user.info: not taken over: a secret", "# key.converter.schema.registry.url: not taken over: a secret"} {
		if !strings.Contains(toml, want) {
			t.Errorf("no %q in\n%s", want, toml)
		}
	}
	if strings.Contains(toml, "hidden") {
		t.Errorf("a password in\n%s", toml)
	}
}

func TestConvertersWithARegistryAreChecked(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"schema.registry.url", "registry", "want addresses as http://host:port"},
		{"schema.registry.url", "", "must name the registry"},
		{"auto.register.schemas", "yes", "want true or false"},
		{"value.subject.name.strategy", "my.Strategy", "want TopicNameStrategy"},
		{"schema.registry.ssl.truststore.location", "/a.jks", "only PEM is read"},
		{"basic.auth.credentials.source", "SASL_INHERIT", "want URL or USER_INFO"},
		{"use.schema.id", "7", "this release has -1 alone"},
		{"schema.registry.ulr", "http://a:1", "no such property"},
	} {
		given := map[string]string{"topic.prefix": "x", "value.converter": "io.confluent.connect.avro.AvroConverter", "value.converter.schema.registry.url": "http://a:1"}
		given["value.converter."+c.name] = c.value
		_, err := ParseOptions(given)
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != "value.converter."+c.name || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.name, c.value, err, c.want)
		}
	}
	_, err := ParseOptions(map[string]string{"topic.prefix": "x", "value.converter": "avro", "value.converter.schema.registry.url": "http://a:1",
		"value.converter.basic.auth.credentials.source": "USER_INFO", "value.converter.basic.auth.user.info": "hidden"})
	if err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a user without password: %v", err)
	}
}

// TestFormatsDocument: docs/formats.md names the converters that are taken, and what it says of a property holds.
func TestFormatsDocument(t *testing.T) {
	b, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	document := string(b)
	for class, kind := range converterKinds {
		if !strings.Contains(class, ".") {
			continue
		}
		_, err := NewFormat(Formats{Key: ConverterOptions{Kind: "json"}, Value: ConverterOptions{Kind: kind}})
		var wrong *PropertyError
		taken := !errors.As(err, &wrong) || wrong.Name != "value.converter"
		if listed := strings.Contains(document, "`"+class+"` | `"+kind+"`"); listed != taken {
			t.Errorf("%s is listed: %v, taken: %v", class, listed, taken)
		}
	}
	_, avro, _ := strings.Cut(document, "## AvroConverter")
	avro, _, _ = strings.Cut(avro, "## CloudEventsConverter")
	for _, name := range regexp.MustCompile("`([a-z]+(?:\\.[a-z]+)+)`").FindAllStringSubmatch(avro, -1) {
		if known := (&registryParser{given: map[string]string{}}); strings.HasPrefix(name[1], "apicurio.") || strings.HasPrefix(name[1], "errors.") || strings.HasPrefix(name[1], "connect.name") {
			continue
		} else if ok, _ := known.set(name[1], ""); !ok {
			t.Errorf("%s is documented and not known", name[1])
		}
	}
}
