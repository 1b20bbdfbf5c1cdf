package debezium

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Property is one property of the connector that an emitter obeys.
type Property struct {
	Name    string
	Default string
	// Connector is the connector's own default where Default is another: a configuration taken over from it says so.
	Connector string
	Doc       string
	Kind      PropertyKind
	Values    []string // of a word: those that are taken
	set       func(o *Options, value string) error
}

// PropertyKind is the form of a property's value.
type PropertyKind uint8

// The forms.
const (
	TextProperty PropertyKind = iota
	WordProperty
	BooleanProperty
)

// PropertyError is a property that cannot be used.
type PropertyError struct{ Name, Value, Reason string }

// Error names the property, its value and what is wanted.
func (e *PropertyError) Error() string { return fmt.Sprintf("%s = %q: %s", e.Name, e.Value, e.Reason) }

// Properties lists the properties with a fixed name. The caller must not write to it.
func Properties() []Property { return properties }

// Property constructors for the table.
func flag(name, def, doc string, field func(*Options) *bool) Property {
	return Property{Name: name, Default: def, Doc: doc, Kind: BooleanProperty, set: func(o *Options, v string) error {
		b, err := parseFlag(v)
		*field(o) = b
		return err
	}}
}

func parseFlag(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("want true or false")
}

func word(name, def, doc string, values []string, field func(*Options) *string) Property {
	return Property{Name: name, Default: def, Doc: doc, Kind: WordProperty, Values: values, set: func(o *Options, v string) error {
		for _, w := range values {
			if strings.EqualFold(v, w) {
				*field(o) = w
				return nil
			}
		}
		return fmt.Errorf("want %s", strings.Join(values, ", "))
	}}
}

func words(values ...string) []string { return values }

func textProperty(name, def, doc string, field func(*Options) *string) Property {
	return Property{Name: name, Default: def, Doc: doc, set: func(o *Options, v string) error { *field(o) = v; return nil }}
}

func names(name, doc string, field func(*Options) **NameSet) Property {
	return Property{Name: name, Doc: doc, set: func(o *Options, v string) error {
		set, err := ParseNameSet(v)
		*field(o) = set
		return err
	}}
}

// connectors gives the connector's own default where it differs.
func (p Property) connectors(value string) Property {
	p.Connector = value
	return p
}

// properties are those with a fixed name, by groups.
var properties = slices.Concat(topicProperties, contentProperties, valueProperties, snapshotProperties, signalProperties, failureProperties)

var topicProperties = []Property{
	textProperty("topic.prefix", "", "prefix of the topics", func(o *Options) *string { return &o.TopicPrefix }),
	textProperty("topic.delimiter", ".", "between the parts of a topic's name", func(o *Options) *string { return &o.TopicDelimiter }),
	textProperty("topic.transaction", "transaction", "name of the topic of transactions, behind the prefix", func(o *Options) *string { return &o.TransactionTopic }),
}

var contentProperties = []Property{
	names("database.include.list", "regular expressions of the databases that are emitted", func(o *Options) **NameSet { return &o.Databases.Include }),
	names("database.exclude.list", "regular expressions of the databases that are not emitted", func(o *Options) **NameSet { return &o.Databases.Exclude }),
	names("table.include.list", "regular expressions of database.table that are emitted", func(o *Options) **NameSet { return &o.Tables.Include }),
	names("table.exclude.list", "regular expressions of database.table that are not emitted", func(o *Options) **NameSet { return &o.Tables.Exclude }),
	names("column.include.list", "regular expressions of database.table.column that values contain", func(o *Options) **NameSet { return &o.Columns.Include }),
	names("column.exclude.list", "regular expressions of database.table.column that values leave out", func(o *Options) **NameSet { return &o.Columns.Exclude }),
	flag("table.ignore.builtin", "true", "leave out the databases of MySQL itself", func(o *Options) *bool { return &o.ExcludeBuiltin }),
	{Name: "skipped.operations", Default: "none", Connector: "t", Doc: "letters of c, u, d, t that are not emitted, separated by commas; none: all are emitted", set: func(o *Options, v string) (err error) {
		o.SkippedOperations, err = parseSkippedOperations(v)
		return err
	}},
	flag("skip.messages.without.change", "false", "leave out updates of columns that are not emitted", func(o *Options) *bool { return &o.SkipUnchanged }),
	flag("tombstones.on.delete", "true", "follow each delete by a record without value", func(o *Options) *bool { return &o.Tombstones }),
	flag("provide.transaction.metadata", "true", "emit BEGIN and END on <prefix>.transaction", func(o *Options) *bool { return &o.TransactionMetadata }).connectors("false"),
	flag("include.schema.changes", "true", "emit DDL on the topic <prefix>", func(o *Options) *bool { return &o.SchemaChanges }),
	flag("schema.history.internal.store.only.captured.tables.ddl", "false", "leave out DDL of tables whose rows are not emitted", func(o *Options) *bool { return &o.OnlyCapturedDDL }),
	flag("schema.history.internal.store.only.captured.databases.ddl", "false", "leave out DDL of databases that are not emitted", func(o *Options) *bool { return &o.OnlyCapturedDatabasesDDL }),
	flag("include.schema.comments", "false", "comments of tables and columns in schema changes", func(o *Options) *bool { return &o.SchemaComments }),
	flag("include.query", "false", "fill source.query; needs log.rows_query", func(o *Options) *bool { return &o.IncludeQuery }),
	flag("extended.headers.enabled", "true", "headers that name the emitter and its run", func(o *Options) *bool { return &o.ExtendedHeaders }),
	{Name: "gtid", Default: GTIDOn, Doc: "on, or off: source.gtid is null and transactions are named by file and position", Kind: WordProperty, Values: words(GTIDOn, GTIDOff), set: func(o *Options, v string) error {
		o.WithoutGTID = strings.EqualFold(v, GTIDOff)
		return nil
	}},
}

var valueProperties = []Property{
	word("decimal.handling.mode", DecimalPrecise, "DECIMAL as precise (bytes), string or double", words(DecimalPrecise, DecimalString, DecimalDouble), func(o *Options) *string { return &o.Decimal }),
	word("binary.handling.mode", BinaryBytes, "binary columns as bytes or text", words(BinaryBytes, BinaryBase64, BinaryBase64URLSafe, BinaryHex), func(o *Options) *string { return &o.Binary }),
	word("time.precision.mode", TimeAdaptiveMicroseconds, "form of dates and times", words(TimeAdaptiveMicroseconds, TimeConnect, TimeISOString, TimeMicroseconds, TimeNanoseconds), func(o *Options) *string { return &o.Time }),
	word("bigint.unsigned.handling.mode", UnsignedLong, "BIGINT UNSIGNED as long, which wraps, or precise (bytes)", words(UnsignedLong, UnsignedPrecise), func(o *Options) *string { return &o.UnsignedBigInt }),
	word("schema.name.adjustment.mode", AdjustNone, "names of schemas for Avro", words(AdjustNone, AdjustAvro, AdjustAvroUnicode), func(o *Options) *string { return &o.SchemaNames }),
	word("field.name.adjustment.mode", AdjustNone, "names of fields for Avro", words(AdjustNone, AdjustAvro, AdjustAvroUnicode), func(o *Options) *string { return &o.FieldNames }),
	{Name: "message.key.columns", Doc: "database.table:column,…;…: columns of the key", set: func(o *Options, v string) (err error) {
		o.MessageKeys, err = parseMessageKeys(v)
		return err
	}},
	{Name: "enable.time.adjuster", Default: "true", Doc: "a year below 100 of a DATE or DATETIME is one of two digits", Kind: BooleanProperty, set: func(o *Options, v string) error {
		adjusts, err := parseFlag(v)
		o.ExactYears = !adjusts
		return err
	}},
	names("column.propagate.source.type", "regular expressions of columns whose type and length stand in the schema", func(o *Options) **NameSet { return &o.PropagateColumns }),
	names("datatype.propagate.source.type", "regular expressions of database.table.type for the same", func(o *Options) **NameSet { return &o.PropagateTypes }),
}

// parseSkippedOperations reads "none", or letters separated by commas.
func parseSkippedOperations(text string) (string, error) {
	if text == "none" || text == "" {
		return "", nil
	}
	var letters strings.Builder
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if len(part) != 1 || !strings.Contains("cudt", part) {
			return "", fmt.Errorf("want none, or a list of c, u, d, t")
		}
		letters.WriteString(part)
	}
	return letters.String(), nil
}

// ParseOptions reads properties by the connector's names. Those that are not given have their Default. An
// unknown one is a *PropertyError; IsIgnored tells what may be given and means nothing here.
func ParseOptions(given map[string]string) (Options, error) {
	var o Options
	byName := map[string]bool{}
	for i := range properties {
		p := &properties[i]
		byName[p.Name] = true
		value, ok := given[p.Name]
		if !ok {
			value = p.Default
		}
		if value = strings.TrimSpace(value); value == "" && (p.Default == "" || p.Kind != TextProperty) {
			if value = p.Default; value == "" {
				continue
			}
		}
		if err := p.set(&o, value); err != nil {
			return o, &PropertyError{p.Name, value, err.Error()}
		}
	}
	o.converterNames = splitList(given["converters"])
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if byName[name] {
			continue
		}
		if reason, ok := fixedReason(name, given[name]); ok {
			if reason != "" {
				return o, &PropertyError{name, given[name], reason}
			}
			continue
		}
		if known, err := o.setOpen(name, given[name]); err != nil {
			return o, &PropertyError{name, given[name], err.Error()}
		} else if reason := unknownReason(name); !known && reason != "" {
			return o, &PropertyError{name, given[name], reason}
		}
	}
	return o, o.agree(given)
}

// agree checks what depends on several properties.
func (o *Options) agree(given map[string]string) error {
	for _, pair := range [][2]string{{"database.include.list", "database.exclude.list"}, {"table.include.list", "table.exclude.list"}, {"column.include.list", "column.exclude.list"}} {
		if given[pair[0]] != "" && given[pair[1]] != "" {
			return &PropertyError{pair[1], given[pair[1]], "give this or " + pair[0] + ", not both"}
		}
	}
	if err := o.agreeOnSignals(given); err != nil {
		return err
	}
	if err := o.parseNaming(given); err != nil {
		return err
	}
	if err := o.parseConverters(given); err != nil {
		return err
	}
	if err := o.parseTransforms(given); err != nil {
		return err
	}
	if err := o.parseTopicCreation(given); err != nil {
		return err
	}
	return o.parseFormats(given)
}
