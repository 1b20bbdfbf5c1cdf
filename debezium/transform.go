package debezium

import (
	"fmt"
	"strings"
)

// Transform changes a message between encoder and converters, as a single message transform of Kafka Connect does.
type Transform interface {
	// Apply returns the message to go on with; false drops it. It may keep nothing of m and must not write to what m points at.
	// One transform serves one goroutine.
	Apply(m Message) (Message, bool, error)
}

// TransformOptions is one transform of `transforms`.
type TransformOptions struct {
	Name       string            // behind transforms.
	Type       string            // class, as in transforms.<name>.type
	Properties map[string]string // without the prefix transforms.<name>.
	// Predicate, if not nil, says which messages are transformed.
	Predicate *PredicateOptions
	Negate    bool
}

// PredicateOptions is one predicate of `predicates`.
type PredicateOptions struct {
	Name, Type string
	Properties map[string]string // without the prefix predicates.<name>.
}

// transformError is a transform that could not take a message.
type transformError struct {
	name, class string
	cause       error
}

// Error names the transform.
func (e *transformError) Error() string { return "transform " + e.name + ": " + e.cause.Error() }

// Unwrap returns the cause.
func (e *transformError) Unwrap() error { return e.cause }

// step is a transform with its predicate.
type step struct {
	name, class string
	transform   Transform
	takes       predicate // nil: all
	negate      bool
}

// chain is a list of transforms, in order.
type chain []step

// NewTransforms builds what `transforms` says: one Transform for all, nil if there are none. warn is told of events that
// a transform drops because they should not be there.
func NewTransforms(list []TransformOptions, warn func(text string)) (Transform, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if warn == nil {
		warn = func(string) {}
	}
	c := make(chain, 0, len(list))
	for i := range list {
		o := &list[i]
		s := step{name: o.Name, class: o.Type, negate: o.Negate}
		p := newPropertyReader("transforms."+o.Name+".", o.Properties)
		build, err := transformBuilder(o.Type)
		if err != nil {
			return nil, &PropertyError{"transforms." + o.Name + ".type", o.Type, err.Error()}
		}
		s.transform = build(p, warn)
		if err := p.finish(); err != nil {
			return nil, err
		}
		if o.Predicate != nil {
			if s.takes, err = newPredicate(o.Predicate); err != nil {
				return nil, err
			}
		}
		c = append(c, s)
	}
	return c, nil
}

// Apply implements Transform.
func (c chain) Apply(m Message) (Message, bool, error) {
	for i := range c {
		s := &c[i]
		if s.takes != nil {
			takes, err := s.takes(&m)
			if err != nil {
				return m, false, &transformError{s.name, s.class, err}
			}
			if takes == s.negate {
				continue
			}
		}
		had := m.headersAdded()
		next, keep, err := s.transform.Apply(m)
		if err != nil {
			return m, false, &transformError{s.name, s.class, err}
		}
		if !keep {
			return m, false, nil
		}
		if !next.is(&m, next.headersAdded()-had) {
			next.added = nil
		}
		m = next
	}
	return m, true, nil
}

// transformFunc is a transform that needs no state.
type transformFunc func(m Message) (Message, bool, error)

// Apply implements Transform.
func (f transformFunc) Apply(m Message) (Message, bool, error) { return f(m) }

// builder makes a transform of its properties; what is wrong with them p remembers.
type builder func(p *propertyReader, warn func(string)) Transform

const (
	debeziumTransforms = "io.debezium.transforms."
	mysqlTransforms    = "io.debezium.connector.mysql.transforms."
	connectTransforms  = "org.apache.kafka.connect.transforms."
)

// transformBuilders are the transforms that are built in, by class.
var transformBuilders = map[string]builder{
	debeziumTransforms + "ExtractNewRecordState": newUnwrap,
	debeziumTransforms + "outbox.EventRouter":    newOutbox,
	debeziumTransforms + "ByLogicalTableRouter":  logicalRouterBuilder("__dbz__physicalTableIdentifier"),
	debeziumTransforms + "ToLogicalTopicRouter":  logicalRouterBuilder("__dbz__sourceIdentifier"),
	connectTransforms + "RegexRouter":            newRegexRouter,
	connectTransforms + "Filter":                 newFilter,
	connectTransforms + "InsertField$Key":        onKey(newInsertField),
	connectTransforms + "InsertField$Value":      onValue(newInsertField),
	connectTransforms + "ReplaceField$Key":       onKey(newReplaceField),
	connectTransforms + "ReplaceField$Value":     onValue(newReplaceField),
	connectTransforms + "ExtractField$Key":       onKey(newExtractField),
	connectTransforms + "ExtractField$Value":     onValue(newExtractField),
	connectTransforms + "HoistField$Key":         onKey(newHoistField),
	connectTransforms + "HoistField$Value":       onValue(newHoistField),
	connectTransforms + "MaskField$Key":          onKey(newMaskField),
	connectTransforms + "MaskField$Value":        onValue(newMaskField),
	connectTransforms + "ValueToKey":             newValueToKey,
	connectTransforms + "InsertHeader":           newInsertHeader,
	connectTransforms + "DropHeaders":            newDropHeaders,

	connectTransforms + "Cast$Key":                     onKey(newCast),
	connectTransforms + "Cast$Value":                   onValue(newCast),
	connectTransforms + "Flatten$Key":                  onKey(newFlatten),
	connectTransforms + "Flatten$Value":                onValue(newFlatten),
	connectTransforms + "HeaderFrom$Key":               headersBuilder(true),
	connectTransforms + "HeaderFrom$Value":             headersBuilder(false),
	connectTransforms + "SetSchemaMetadata$Key":        onKey(newSetSchemaMetadata),
	connectTransforms + "SetSchemaMetadata$Value":      onValue(newSetSchemaMetadata),
	connectTransforms + "TimestampConverter$Key":       onKey(newTimestampConverter),
	connectTransforms + "TimestampConverter$Value":     onValue(newTimestampConverter),
	connectTransforms + "TimestampRouter":              newTimestampRouter,
	debeziumTransforms + "ExtractChangedRecordState":   newChangedState,
	debeziumTransforms + "ExtractSchemaToNewRecord":    newSourceSchema,
	debeziumTransforms + "HeaderToValue":               newHeaderToValue,
	debeziumTransforms + "SchemaChangeEventFilter":     newSchemaChangeFilter,
	debeziumTransforms + "TimezoneConverter":           newTimezoneConverter,
	debeziumTransforms + "partitions.PartitionRouting": newPartitionRouting,
	debeziumTransforms + "SwapGeometryCoordinates":     newSwapCoordinates,
	debeziumTransforms + "GeometryFormatTransformer":   newGeometryFormat,
	debeziumTransforms + "VectorToJsonConverter":       newVectorToJSON,
	debeziumTransforms + "EnforceRecordSize":           newRecordSize,
	mysqlTransforms + "ReadToInsertEvent":              newReadToInsert,
}

// refusedTransforms are those that people use and that are not here, with the reason.
var refusedTransforms = map[string]string{
	debeziumTransforms + "DecodeLogicalDecodingMessageContent":                        "MySQL has no logical decoding messages",
	"io.debezium.connector.mongodb.transforms.ExtractNewDocumentState":                "it is for MongoDB",
	"io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter":                "it is for MongoDB",
	"io.debezium.connector.postgresql.transforms.timescaledb.TimescaleDb":             "it is for PostgreSQL",
	"io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent": "MySQL has no logical decoding messages",
	"io.debezium.connector.jdbc.transforms.CollectionNameTransformation":              "it is for sinks",
	"io.debezium.connector.jdbc.transforms.FieldNameTransformation":                   "it is for sinks",
	"io.debezium.ai.embeddings.FieldToEmbedding":                                      "there are no language models",
	debeziumTransforms + "Filter":                                                     "its condition is a script of the Java virtual machine; table.include.list, skipped.operations and Connect's Filter with a predicate do not need one",
	debeziumTransforms + "ContentBasedRouter":                                         "its topic is a script of the Java virtual machine; route.by.field, RegexRouter and ByLogicalTableRouter do not need one",
	debeziumTransforms + "tracing.ActivateTracingSpan":                                "there is no tracing",
	debeziumTransforms + "openlineage.OpenLineage":                                    "there is no lineage",
}

// transformBuilder finds a class, or the alias that Connect gives it: its name without the package.
func transformBuilder(class string) (builder, error) {
	if class == "" {
		return nil, fmt.Errorf("want the class of a transform")
	}
	for _, prefix := range []string{"", debeziumTransforms, debeziumTransforms + "outbox.", debeziumTransforms + "partitions.", mysqlTransforms, connectTransforms} {
		if b := transformBuilders[prefix+class]; b != nil && (prefix == "" || !strings.Contains(class, ".")) {
			return b, nil
		}
	}
	if reason := refusedTransforms[class]; reason != "" {
		return nil, fmt.Errorf("not built in: %s", reason)
	}
	if strings.HasPrefix(class, connectTransforms) && !strings.HasSuffix(class, "$Key") && transformBuilders[class+"$Value"] != nil {
		return nil, fmt.Errorf("want %s$Key or %s$Value", class, class)
	}
	return nil, fmt.Errorf("not built in: there are the transforms of Debezium for MySQL and those of Apache Kafka")
}
