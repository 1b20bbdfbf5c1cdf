package golden

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Other is a recording of other statements under several settings at once, each by a connector of its own beside the others. A setting's name is its
// topic.prefix.
type Other struct {
	Name string
	// Variables are global variables of the server that the recording had.
	Variables map[string]string
	// RowsQuery: the server logged the text of statements.
	RowsQuery bool
	// Least is, for each setting, the share of all events in percent that is known to be identical.
	Least map[string]float64
	// Avro: what AvroData made of the events was recorded too.
	Avro bool
}

// Others returns the other recordings.
func Others() []Other {
	return []Other{
		// What differs: dates and times inside JSON, which a stored document does not tell from text; STORAGE and COLUMN_FORMAT in SHOW CREATE TABLE.
		{Name: "types", Least: map[string]float64{"ta": 98, "tb": 98, "tc": 98.5, "td": 98.5, "te": 98.5, "tf": 98}},
		// What differs: the least normal float in a VECTOR, and the default of a FLOAT as Avro.
		{Name: "odd", Avro: true, Least: map[string]float64{"oa": 95, "ob": 95, "oc": 94}},
		// What differs: values of a column whose character set ALTER TABLE … DEFAULT CHARACTER SET gave, which the connector decodes by another; CREATE TABLE …
		// SELECT without rows, which is no transaction here; the default character set of a database that was made without one; ALTER DATABASE … READ ONLY, which is
		// refused here; an escape under NO_BACKSLASH_ESCAPES.
		{Name: "ddl", Least: map[string]float64{"da": 97.5, "db": 97.2, "dc": 97.5, "dd": 97.9}},
		// What differs: the order of rows in statements that change many rows of a partitioned table or rows of children; partitions by HASH of an expression, and by KEY of a text with an order of its own; as in ddl, character sets.
		{Name: "tables", Least: map[string]float64{"ua": 93.5, "ub": 93.5, "uc": 91.7}},
		// What differs: the order of rows that a foreign key or a trigger changes, and of a statement on several tables.
		{Name: "rows", Avro: true, Least: map[string]float64{"ra": 97.5, "rb": 97.3, "rc": 95.5, "rd": 97.5, "re": 97.5, "rf": 98.3}},
		// The statements of the Runs under further settings. What differs is said there.
		{Name: "settings", Variables: map[string]string{"time_zone": "-03:30"}, RowsQuery: true, Least: map[string]float64{
			"sa": 98, "sb": 98.5, "sc": 98.5, "sd": 98.5, "se": 98.5, "sf": 98.5, "sg": 98.5, "sh": 98.5,
		}},
	}
}

// Settings returns the names of a recording's settings.
func (o *Other) Settings() []string {
	var list []string
	for name := range o.Least {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Properties are a setting's, as an emitter takes them: those of its file, and what all recordings have in common.
func (o *Other) Properties(setting string) (map[string]string, error) {
	b, err := testdata.ReadFile(path.Join("testdata/other", o.Name, setting+".properties"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{
		"topic.prefix": setting, "provide.transaction.metadata": "true", "include.schema.changes": "true", "skipped.operations": "none",
		"notification.enabled.channels": "sink", "notification.sink.topic.name": setting + ".notifications", "errors.tolerance": "all",
		"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true",
		"key.converter.replace.null.with.default": "true", "value.converter.replace.null.with.default": "true",
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s: %q is no property", setting, line)
		}
		all[name] = strings.ReplaceAll(value, `\\`, `\`) // as Java reads them
		if name == "value.converter" {                   // the others are JsonConverter's
			delete(all, name+".schemas.enable")
			delete(all, name+".replace.null.with.default")
		}
	}
	return all, nil
}

// Statements returns those of a recording's file, with the files that it names put in.
func (o *Other) Statements(file string) ([]string, error) {
	script, err := scriptIn(path.Join("testdata/other", o.Name), file)
	return Statements(script), err
}

// Recorded returns a setting's events but notifications and heartbeats, which have recordings of their own.
func (o *Other) Recorded(setting string) ([]Event, error) {
	events, err := Recorded(path.Join("other", o.Name, setting))
	return rows(events), err
}

// RecordedAvro is Recorded as AvroData wrote the events, and the topics with events that it refused.
func (o *Other) RecordedAvro(setting string) ([]Event, map[string]bool, error) {
	events, refused, err := RecordedAvro(path.Join("other", o.Name, setting))
	return rows(events), refused, err
}

// rows leaves out notifications and heartbeats.
func rows(events []Event) []Event {
	return slices.DeleteFunc(events, func(e Event) bool { return strings.HasSuffix(e.Topic, ".notifications") || isHeartbeat(e.Topic) })
}
