package debezium

import (
	"fmt"
	"strconv"
	"strings"
)

// setOpen takes a property whose name is not fixed, and reports whether there is such a one.
func (o *Options) setOpen(name, value string) (bool, error) {
	switch {
	case strings.HasPrefix(name, "column.truncate.to."), strings.HasPrefix(name, "column.mask."):
		r, err := parseRewrite(name, value)
		if err == nil {
			o.Rewrites = append(o.Rewrites, r)
		}
		return true, err
	case name == selectOverrides, strings.HasPrefix(name, selectOverrides+"."):
		return true, o.setSelect(name, value)
	case isFormatProperty(name), isTransformProperty(name):
		return true, nil // parseFormats and parseTransforms read them together
	}
	return false, nil
}

// parseRewrite reads column.truncate.to.<length>.chars, column.mask.with.<length>.chars,
// column.mask.hash.<algorithm>.with.salt.<salt> and column.mask.hash.v2.….
func parseRewrite(name, value string) (Rewrite, error) {
	columns, err := ParseNameSet(value)
	if err != nil {
		return Rewrite{}, err
	}
	r := Rewrite{Columns: columns}
	if rest, ok := strings.CutPrefix(name, "column.mask.hash."); ok {
		r.Kind = RewriteHash
		rest, r.Version2 = strings.CutPrefix(rest, "v2.")
		algorithm, salt, ok := strings.Cut(rest, ".with.salt.")
		if !ok || salt == "" {
			return r, fmt.Errorf("want column.mask.hash.<algorithm>.with.salt.<salt>")
		}
		if _, ok := hashes[algorithm]; !ok {
			return r, fmt.Errorf("algorithm %q: want MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512", algorithm)
		}
		r.Algorithm, r.Salt = algorithm, salt
		return r, nil
	}
	length, ok := strings.CutPrefix(name, "column.truncate.to.")
	if !ok {
		if length, ok = strings.CutPrefix(name, "column.mask.with."); !ok {
			return r, fmt.Errorf("want column.truncate.to.<length>.chars, column.mask.with.<length>.chars or column.mask.hash.<algorithm>.with.salt.<salt>")
		}
		r.Kind = RewriteMask
	}
	length, ok = strings.CutSuffix(length, ".chars")
	n, err := strconv.ParseUint(length, 10, 31)
	if !ok || err != nil {
		return r, fmt.Errorf("want a length, as in %s.10.chars", strings.TrimSuffix(name[:strings.LastIndex(name, ".")], "."+length))
	}
	r.Length = int(n)
	return r, nil
}

// ignored are properties of the connector, of Kafka Connect and of its JDBC driver that have no meaning here, with the
// reason. One that ends in a full stop stands for all that begin with it.
var ignored = map[string]string{
	"name":                                        "the emitter has its name from the configuration",
	"connector.class":                             "there is no connector to load",
	"tasks.max":                                   "an emitter is one task",
	"database.hostname":                           "the events come from the cluster itself",
	"database.port":                               "the events come from the cluster itself",
	"database.user":                               "the emitter needs no account",
	"database.password":                           "the emitter needs no account",
	"database.server.id":                          "the emitter is no replica; source.server_id is that of the cluster",
	"database.server.id.offset":                   "the emitter is no replica",
	"database.protocol":                           "the events come from the cluster itself",
	"database.jdbc.driver":                        "there is no JDBC driver",
	"database.ssl.":                               "the events come from the cluster itself",
	"driver.":                                     "there is no JDBC driver",
	"database.connectionTimeZone":                 "TIMESTAMP is kept in UTC",
	"database.query.timeout.ms":                   "snapshots read the store, not a connection",
	"database.initial.statements":                 "there is no connection",
	"connect.timeout.ms":                          "there is no connection",
	"connect.keep.alive":                          "there is no connection",
	"connect.keep.alive.interval.ms":              "there is no connection",
	"use.nongraceful.disconnect":                  "there is no connection",
	"schema.history.internal":                     "every node keeps the history of all definitions",
	"schema.history.internal.":                    "every node keeps the history of all definitions",
	"snapshot.locking.mode":                       "a snapshot takes no locks",
	"snapshot.lock.timeout.ms":                    "a snapshot takes no locks",
	"snapshot.max.threads":                        "a snapshot is read by one thread",
	"snapshot.query.mode":                         "a snapshot reads the store",
	"snapshot.isolation.mode":                     "a snapshot is of one position of the log",
	"signal.kafka.groupId":                        "the emitter keeps the offset of signals with its progress",
	"signal.kafka.poll.timeout.ms":                "signals are read when they come",
	"signal.consumer.":                            "the emitter's consumer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"incremental.snapshot.allow.":                 "definitions may always change during an incremental snapshot",
	"min.row.count.to.stream.results":             "rows are always read as a stream",
	"inconsistent.schema.handling.mode":           "the history of definitions is always consistent",
	"gtid.source.":                                "the log has one source",
	"gtid.new.channel.position":                   "the log has one source",
	"binlog.buffer.size":                          "transactions are read from the log, where they are whole",
	"max.queue.size":                              "a batch is handed on as it is made",
	"max.queue.size.in.bytes":                     "a batch is handed on as it is made",
	"poll.interval.ms":                            "events are sent when they come",
	"event.deserialization.failure.handling.mode": "the old name of event.processing.failure.handling.mode",
	"enable.time.adjuster":                        "years have four digits here",
	"retriable.restart.connector.wait.ms":         "the emitter tries again by itself",
	"offset.":                                     "progress is kept beside the events",
	"offsets.storage.topic":                       "progress is kept beside the events",
	"transaction.boundary":                        "a batch ends where it is full",
	"transaction.boundary.interval.ms":            "a batch ends where it is full",
	"header.converter":                            "headers are written as SimpleHeaderConverter does",
	"config.action.reload":                        "the configuration is read at start",
	"topic.creation.":                             "debezium.topic.partitions and debezium.topic.replication say how topics are made",
	"topic.naming.strategy":                       "topics are named as DefaultTopicNamingStrategy does",
	"topic.cache.size":                            "there is no such cache",
	"producer.override.":                          "the emitter's producer is fixed, but for how it reaches Kafka (security.protocol, sasl.*, ssl.*)",
	"incremental.snapshot.allow.schema.changes":   "definitions may always change during an incremental snapshot",
	"custom.metric.tags":                          "metrics carry the emitter's name",
	"advanced.metrics.enable":                     "metrics are those of the node",
	"sourceinfo.struct.maker":                     "the source block is the connector's",
	"provide.transaction.metadata.":               "the topic of transactions is always the connector's",
}

// IsIgnored returns why a property of a connector's configuration has no meaning here, or "" if it has one or is unknown.
func IsIgnored(name string) string {
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
var missing = []string{"snapshot.", "incremental.snapshot.",
	"exactly.once.support", "max.batch.size"}

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
	return "no such property of the MySQL connector"
}
