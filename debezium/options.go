package debezium

import (
	"fmt"
	"strings"
)

// DecimalMode says how DECIMAL appears: decimal.handling.mode.
type DecimalMode string

// The modes of decimal.handling.mode.
const (
	DecimalPrecise DecimalMode = "precise"
	DecimalString  DecimalMode = "string"
	DecimalDouble  DecimalMode = "double"
)

// Options are settings of the connector, by Debezium's names.
type Options struct {
	TopicPrefix string // topic.prefix
	// Tombstones follows each delete by a record without value: tombstones.on.delete.
	Tombstones bool
	// TransactionMetadata emits BEGIN and END and the transaction block: provide.transaction.metadata.
	TransactionMetadata bool
	// SchemaChanges emits DDL on the topic <prefix>: include.schema.changes.
	SchemaChanges bool
	// SchemasEnable puts the Connect schema into each key and value: schemas.enable of JsonConverter.
	SchemasEnable bool
	// ReplaceNullWithDefault writes a column's default in place of NULL, as JsonConverter does unless
	// told otherwise. It loses the NULL, so it is off here unless asked for.
	ReplaceNullWithDefault bool
	// SkippedOperations are letters of c, u, d, t that are not emitted: skipped.operations.
	SkippedOperations string
	// Decimal is decimal.handling.mode; empty is precise.
	Decimal DecimalMode
	// ServerID is source.server_id.
	ServerID int64
	// ClusterUUID is the GTID's source; Version appears as source.version.
	ClusterUUID, Version string
	// RunID names this run of the emitter in the headers.
	RunID string
	// IncludeQuery fills source.query where the log has the statement's text: include.query.
	IncludeQuery bool
}

// Validate checks the values and names the key of a wrong one.
func (o *Options) Validate() error {
	if o.TopicPrefix == "" {
		return fmt.Errorf("topic.prefix must not be empty")
	}
	switch o.Decimal {
	case "", DecimalPrecise, DecimalString, DecimalDouble:
	default:
		return fmt.Errorf("decimal.handling.mode = %q: want precise, string or double", o.Decimal)
	}
	if strings.Trim(o.SkippedOperations, "cudt") != "" {
		return fmt.Errorf("skipped.operations = %q: want letters of c, u, d, t, or none", o.SkippedOperations)
	}
	return nil
}

// ParseSkippedOperations reads skipped.operations: "none", or letters separated by commas.
func ParseSkippedOperations(text string) (string, error) {
	if text == "none" || text == "" {
		return "", nil
	}
	var letters strings.Builder
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if len(part) != 1 || !strings.Contains("cudt", part) {
			return "", fmt.Errorf("skipped.operations = %q: want none, or a list of c, u, d, t", text)
		}
		letters.WriteString(part)
	}
	return letters.String(), nil
}

func (o *Options) skips(op string) bool { return strings.Contains(o.SkippedOperations, op) }

// topicName makes a name that Kafka takes: what it does not becomes an underscore, one for
// each UTF-16 unit, and names are cut at 249 characters.
func topicName(parts ...string) string {
	var b strings.Builder
	for _, r := range strings.Join(parts, ".") {
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
