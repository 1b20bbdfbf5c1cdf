package debezium

import (
	"strings"
	"time"
)

// Modes of options with a few values, by Debezium's names.
const (
	DecimalPrecise = "precise" // decimal.handling.mode
	DecimalString  = "string"
	DecimalDouble  = "double"

	BinaryBytes         = "bytes" // binary.handling.mode
	BinaryBase64        = "base64"
	BinaryBase64URLSafe = "base64-url-safe"
	BinaryHex           = "hex"

	TimeAdaptiveMicroseconds = "adaptive_time_microseconds" // time.precision.mode
	TimeConnect              = "connect"
	TimeISOString            = "isostring"
	TimeMicroseconds         = "microseconds"
	TimeNanoseconds          = "nanoseconds"

	UnsignedLong    = "long" // bigint.unsigned.handling.mode
	UnsignedPrecise = "precise"

	AdjustNone        = "none" // schema.name.adjustment.mode, field.name.adjustment.mode
	AdjustAvro        = "avro"
	AdjustAvroUnicode = "avro_unicode"

	GTIDOn  = "on" // gtid
	GTIDOff = "off"
)

// Options are the settings of one emitter, by the connector's names. ParseOptions fills them and knows the defaults; the
// zero value of a mode is the connector's default.
type Options struct {
	// Topics.
	TopicPrefix      string // topic.prefix
	TopicDelimiter   string // topic.delimiter; empty: a full stop
	TransactionTopic string // topic.transaction: name behind the prefix; empty: transaction

	// What is emitted.
	Databases         Filter // database.include.list, database.exclude.list
	Tables            Filter // table.include.list, table.exclude.list: database.table
	Columns           Filter // column.include.list, column.exclude.list: database.table.column
	ExcludeBuiltin    bool   // table.ignore.builtin: leave out mysql, sys, performance_schema and information_schema
	SkippedOperations string // skipped.operations: letters of c, u, d, t
	SkipUnchanged     bool   // skip.messages.without.change
	// Tombstones follows each delete by a record without value: tombstones.on.delete.
	Tombstones bool
	// TransactionMetadata emits BEGIN and END and the transaction block: provide.transaction.metadata.
	TransactionMetadata bool
	// SchemaChanges emits DDL on the topic <prefix>: include.schema.changes.
	SchemaChanges  bool
	SchemaComments bool // include.schema.comments
	// OnlyCapturedDDL leaves schema changes of tables out whose rows are not emitted: schema.history.internal.store.only.captured.tables.ddl.
	OnlyCapturedDDL bool
	// OnlyCapturedDatabasesDDL leaves those of databases out that are not emitted: schema.history.internal.store.only.captured.databases.ddl.
	OnlyCapturedDatabasesDDL bool
	// IncludeQuery fills source.query where the log has the statement's text: include.query.
	IncludeQuery    bool
	ExtendedHeaders bool // extended.headers.enabled

	// How values appear.
	Decimal, Binary, Time, UnsignedBigInt string // modes; empty: the connector's default
	SchemaNames, FieldNames               string // schema.name.adjustment.mode, field.name.adjustment.mode
	ExactYears                            bool   // enable.time.adjuster = false: years below 100 are what they are
	MessageKeys                           []MessageKey
	converterNames                        []string // converters
	converters                            []columnConverter
	naming                                naming             // topic.naming.strategy
	Rewrites                              []Rewrite          // column.truncate.to…, column.mask…, in order
	PropagateColumns                      *NameSet           // column.propagate.source.type; nil: none
	PropagateTypes                        *NameSet           // datatype.propagate.source.type; nil: none
	Formats                               Formats            // *.converter
	Transforms                            []TransformOptions // transforms, in order
	Failures                              Failures           // event.processing.failure.handling.mode, errors.*
	Snapshot                              Snapshot           // snapshot.*, incremental.snapshot.*
	Signals                               Signals            // signal.*
	Notifications                         Notifications
	// Heartbeat is heartbeat.interval.ms; 0: none.
	Heartbeat            time.Duration
	HeartbeatQuery       string        // heartbeat.action.query
	HeartbeatTopicPrefix string        // topic.heartbeat.prefix; empty: __debezium-heartbeat
	HeartbeatTopic       string        // topic.heartbeat.name: the whole name; empty: prefix and topic.prefix
	topicGroups          []topicGroup  // topic.creation.groups
	topicDefaults        TopicSettings // topic.creation.default
	notifySink           bool          // notification.enabled.channels has sink
	WithoutGTID          bool          // gtid = off: source.gtid is null, transactions are named file=…,pos=…
	ServerID             int64         // source.server_id: database.server.id of the node
	ClusterUUID, Version string        // the GTID's source; source.version
	RunID                string        // names this run of the emitter in the headers
}

// Formats is what *.converter says, for NewFormat.
type Formats struct{ Key, Value, Header ConverterOptions }

// ConverterOptions is one converter: its kind and properties without the prefix key.converter or value.converter.
type ConverterOptions struct {
	// Kind is json, avro, apicurio, cloudevents, string, bytes, binary, boolean, short, integer, long, float or double; of headers also simple, or
	// empty for it; protobuf and jsonschema are refused.
	Kind       string
	Properties map[string]string
}

func (o *Options) skips(op string) bool { return strings.Contains(o.SkippedOperations, op) }

// topicName joins parts to a name that Kafka takes: what it does not becomes an underscore, one for
// each UTF-16 unit, and names are cut at 249 characters.
func (o *Options) topicName(parts ...string) string {
	delimiter := o.TopicDelimiter
	if delimiter == "" {
		delimiter = "."
	}
	return sanitizeTopic(strings.Join(parts, delimiter))
}

func (o *Options) transactionTopic() string {
	name := o.TransactionTopic
	if name == "" {
		name = "transaction"
	}
	return o.topicName(o.TopicPrefix, name)
}

func sanitizeTopic(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			b.WriteRune(r)
		case r > 0xffff:
			b.WriteString("__")
		default:
			b.WriteByte('_')
		}
	}
	name := b.String()
	return name[:min(len(name), maxTopicLength)]
}

// maxTopicLength is Kafka's own limit.
const maxTopicLength = 249
