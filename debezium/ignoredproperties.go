package debezium

import (
	"fmt"
	"maps"
	"strings"
)

// ignored are properties of the connector, of Kafka Connect and of its JDBC driver that have no meaning here, with the
// reason. One that ends in a full stop stands for all that begin with it.
var ignored = map[string]string{
	"name":                                   "the emitter has its name from the configuration",
	"connector.class":                        "there is no connector to load",
	"tasks.max":                              "an emitter is one task",
	"database.hostname":                      "the events come from the cluster itself",
	"database.port":                          "the events come from the cluster itself",
	"database.user":                          "the emitter needs no account",
	"database.password":                      "the emitter needs no account",
	"database.server.id":                     "the emitter is no replica; source.server_id is that of the cluster",
	"database.server.id.offset":              "the emitter is no replica",
	"database.protocol":                      "the events come from the cluster itself",
	"database.jdbc.driver":                   "there is no JDBC driver",
	"database.ssl.":                          "the events come from the cluster itself",
	"driver.":                                "there is no JDBC driver",
	"database.connectionTimeZone":            "TIMESTAMP is kept in UTC",
	"database.query.timeout.ms":              "snapshots read the store, not a connection",
	"database.initial.statements":            "there is no connection",
	"connect.timeout.ms":                     "there is no connection",
	"connect.keep.alive":                     "there is no connection",
	"connect.keep.alive.interval.ms":         "there is no connection",
	"use.nongraceful.disconnect":             "there is no connection",
	"schema.history.internal":                "every node keeps the history of all definitions",
	"schema.history.internal.":               "every node keeps the history of all definitions",
	"snapshot.locking.mode":                  "a snapshot takes no locks",
	"snapshot.lock.timeout.ms":               "a snapshot takes no locks",
	"snapshot.max.threads":                   "a snapshot is read by one thread",
	"snapshot.query.mode":                    "a snapshot reads the store",
	"snapshot.isolation.mode":                "a snapshot is of one position of the log",
	"signal.kafka.groupId":                   "the emitter keeps the offset of signals with its progress",
	"signal.kafka.poll.timeout.ms":           "signals are read when they come",
	"signal.consumer.":                       "the emitter's consumer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"incremental.snapshot.allow.":            "definitions may always change during an incremental snapshot",
	"min.row.count.to.stream.results":        "rows are always read as a stream",
	"inconsistent.schema.handling.mode":      "the history of definitions is always consistent",
	"gtid.source.":                           "the log has one source",
	"gtid.new.channel.position":              "the log has one source",
	"binlog.buffer.size":                     "transactions are read from the log, where they are whole",
	"max.queue.size":                         "a batch is handed on as it is made",
	"max.queue.size.in.bytes":                "a batch is handed on as it is made",
	"poll.interval.ms":                       "events are sent when they come",
	"retriable.restart.connector.wait.ms":    "the emitter tries again by itself",
	"offset.":                                "progress is kept beside the events",
	"offsets.storage.topic":                  "progress is kept beside the events",
	"transaction.boundary":                   "a batch ends where it is full",
	"transaction.boundary.interval.ms":       "a batch ends where it is full",
	"config.action.reload":                   "the configuration is read at start",
	"topic.cache.size":                       "there is no such cache",
	"producer.override.":                     "the emitter's producer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"custom.metric.tags":                     "metrics carry the emitter's name",
	"advanced.metrics.enable":                "metrics are those of the node",
	"provide.transaction.metadata.":          "the topic of transactions is always the connector's",
	"connector.plugin.version":               "there is no connector to load",
	"tasks.max.enforce":                      "an emitter is one task",
	"hostname":                               "the events come from the cluster itself",
	"port":                                   "the events come from the cluster itself",
	"user":                                   "the emitter needs no account",
	"password":                               "the emitter needs no account",
	"dbname":                                 "MySQL has no such name",
	"database.dbname":                        "MySQL has no such name",
	"schema.include.list":                    "MySQL has databases and no schemas; the connector overlooks it too",
	"schema.exclude.list":                    "MySQL has databases and no schemas; the connector overlooks it too",
	"initial.statements":                     "there is no connection",
	"connection.":                            "there is no connection",
	"binlog.net.":                            "there is no connection",
	"query.fetch.size":                       "snapshots read the store, not a connection",
	"query.timeout.ms":                       "snapshots read the store, not a connection",
	"custom.sanitize.pattern":                "the log shows no property that is a secret",
	"ddl.parser.type":                        "definitions come from the cluster, not from a parser",
	"event.converting.failure.handling.mode": "values always are of their columns' types",
	"executor.shutdown.timeout.ms":           "there is no executor",
	"gtid.ignore.on.recovery":                "the log has one source",
	"guardrail.collections.":                 "the memory that tables take is bounded",
	"internal.":                              "it is a knob within the connector",
	"legacy.snapshot.max.threads":            "a snapshot is read by one thread",
	"snapshot.max.threads.multiplier":        "a snapshot is read by one thread",
	"snapshot.locking.mode.custom.name":      "a snapshot takes no locks",
	"snapshot.query.mode.custom.name":        "a snapshot reads the store",
	"memory.management.":                     "the memory that tables take is bounded",
	"queue.provider.":                        "a batch is handed on as it is made",
	"max.batch.size":                         "a batch is as large as Kafka takes, and handed on at once",
	"signal.file":                            "there is no channel file; CALL marmot.signal is one of the node itself",
	"statistics.metrics.enabled":             "metrics are those of the node",
	"streaming.delay.ms":                     "a snapshot and what follows it are read from one log",
	"unavailable.value.placeholder":          "rows are always whole",
	"exactly.once.support":                   "delivery says it, and is exactly_once unless told otherwise",
	"openlineage.integration.":               "there is no lineage",
	"header.converter.plugin.version":        "converters are built in",
	"key.converter.plugin.version":           "converters are built in",
	"value.converter.plugin.version":         "converters are built in",
	// Of a worker of Kafka Connect, which people put beside the connector's.
	"bootstrap.servers":                "brokers names the brokers",
	"group.id":                         "there are no workers",
	"plugin.path":                      "there are no plug-ins",
	"plugin.discovery":                 "there are no plug-ins",
	"config.storage.":                  "the configuration is a file",
	"config.providers":                 "the configuration is a file",
	"config.providers.":                "the configuration is a file",
	"status.storage.":                  "the status is in the log",
	"internal.key.converter":           "there are no workers",
	"internal.value.converter":         "there are no workers",
	"rest.":                            "there are no workers",
	"listeners":                        "there are no workers",
	"producer.":                        "the emitter's producer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"consumer.":                        "the emitter's consumer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"admin.override.":                  "the emitter's clients are fixed",
	"database.history":                 "every node keeps the history of all definitions",
	"database.history.":                "every node keeps the history of all definitions",
	"database.useSSL":                  "the events come from the cluster itself",
	"database.allowPublicKeyRetrieval": "the events come from the cluster itself",
	"database.serverTimezone":          "TIMESTAMP is kept in UTC",
	"database.characterEncoding":       "the events come from the cluster itself",
	"database.server.timezone":         "TIMESTAMP is kept in UTC",
	"database.serverTimeZone":          "TIMESTAMP is kept in UTC",
	"database.zeroDateTimeBehavior":    "there is no JDBC driver",
	"database.tinyInt1isBit":           "there is no JDBC driver",
	"snapshot.new.tables":              "an incremental snapshot reads new tables",
}

// fixed are properties that have one value here, or several that come to the same. Another would change the events, and is refused.
var fixed = map[string]struct {
	values []string
	reason string
}{
	"sourceinfo.struct.maker":         {[]string{"io.debezium.connector.mysql.MySqlSourceInfoStructMaker"}, "the source block is the connector's"},
	"transaction.metadata.factory":    {[]string{"io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory"}, "the topic of transactions is the connector's"},
	"post.processors":                 {nil, "there are no post processors; rows are whole, so that ReselectColumnsPostProcessor has nothing to do"},
	"topic.creation.enable":           {[]string{"true"}, "topics are made by the emitter"},
	"openlineage.integration.enabled": {[]string{"false"}, "there is no lineage"},
	"snapshot.events.as.inserts":      {[]string{"false"}, "the transform ReadToInsertEvent does this"},
}

// fixedReason says why a property with one value cannot have another; ok is false of all others.
func fixedReason(name, value string) (reason string, ok bool) {
	f, ok := fixed[name]
	if !ok || strings.TrimSpace(value) == "" {
		return "", ok
	}
	for _, v := range f.values {
		if strings.EqualFold(v, strings.TrimSpace(value)) {
			return "", true
		}
	}
	if len(f.values) == 0 {
		return f.reason, true
	}
	return fmt.Sprintf("want %s: %s", f.values[0], f.reason), true
}

// aliases are older names of properties, which Import translates.
var aliases = map[string]string{
	"heartbeat.topics.prefix":                     "topic.heartbeat.prefix",
	"event.deserialization.failure.handling.mode": "event.processing.failure.handling.mode",
	"database.server.name":                        "topic.prefix",
	"table.whitelist":                             "table.include.list",
	"table.blacklist":                             "table.exclude.list",
	"database.whitelist":                          "database.include.list",
	"database.blacklist":                          "database.exclude.list",
	"column.whitelist":                            "column.include.list",
	"column.blacklist":                            "column.exclude.list",
	"sanitize.field.names":                        "field.name.adjustment.mode",
	"transaction.topic":                           "topic.transaction",
}

// renamed gives the properties of a connector's configuration their newer names.
func renamed(given map[string]string) map[string]string {
	newer := maps.Clone(given)
	for old, name := range aliases {
		value, ok := newer[old]
		if !ok {
			continue
		}
		delete(newer, old)
		if old == "sanitize.field.names" {
			value = map[bool]string{true: AdjustAvro, false: AdjustNone}[strings.EqualFold(strings.TrimSpace(value), "true")]
		}
		if _, both := newer[name]; !both {
			newer[name] = value
		}
	}
	return newer
}

// IsIgnored returns why a property of a connector's configuration has no meaning here, or "" if it has one or is unknown.
func IsIgnored(name string) string {
	if _, ok := fixed[name]; ok {
		return "" // some values of it are refused
	}
	for i := range properties {
		if properties[i].Name == name { // of a group that is ignored otherwise
			return ""
		}
	}
	if reason := ignored[name]; reason != "" {
		return reason
	}
	for prefix, reason := range ignored {
		if strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) {
			return reason
		}
	}
	return ""
}

// missing are properties of the connector that have a meaning here, and are not obeyed yet.
var missing = []string{"snapshot.", "incremental.snapshot."}

// unknownReason says why a property that no table has is refused, or "" if it may be given.
func unknownReason(name string) string {
	if IsIgnored(name) != "" {
		return ""
	}
	for _, m := range missing {
		if strings.HasPrefix(name, m) {
			return "this release does not have it"
		}
	}
	if newer := aliases[name]; newer != "" {
		return "its name is " + newer + " now"
	}
	return "no such property of the MySQL connector"
}
