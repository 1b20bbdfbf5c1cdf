package golden

import (
	"bufio"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"strings"
)

//go:embed testdata
var testdata embed.FS

// Run is one recorded setting.
type Run struct {
	Name string
	// Properties are the connector's, converters included, as `marmot` takes them below debezium.
	Properties map[string]string
	// Variables are global variables of the server that the recording had.
	Variables map[string]string
	// RowsQuery: the server logged the text of statements.
	RowsQuery bool
	// Least is the share of the stream's events, in percent, that is known to be identical. What differs: a row of an XA transaction that
	// was rolled back after its PREPARE, which the connector emits all the same; the comment of a table made
	// by CREATE TABLE … LIKE, which the connector forgets. CREATE TABLE … SELECT is two transactions here, which no topic by itself shows.
	Least float64
	// LeastWhole is the same of all events that were recorded.
	LeastWhole float64
}

// Runs returns the recorded settings.
func Runs() []Run {
	common := map[string]string{
		"topic.prefix": "gold", "provide.transaction.metadata": "true", "include.schema.changes": "true", "skipped.operations": "t",
		"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true",
		"key.converter.replace.null.with.default": "true", "value.converter.replace.null.with.default": "true",
	}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(common)
		maps.Copy(all, more)
		return all
	}
	return []Run{
		{Name: "default", Least: 98.8, LeastWhole: 99, Properties: with(map[string]string{"skipped.operations": "none"})},
		{Name: "alt1", Least: 98.3, LeastWhole: 98.7, Variables: map[string]string{"time_zone": "+02:00"}, RowsQuery: true, Properties: with(map[string]string{
			"skipped.operations": "none", "decimal.handling.mode": "string", "binary.handling.mode": "base64", "time.precision.mode": "connect",
			"bigint.unsigned.handling.mode": "precise", "include.query": "true", "include.schema.comments": "true", "gtid": "off",
			"key.converter.replace.null.with.default": "false", "value.converter.replace.null.with.default": "false"})},
		{Name: "alt2", Least: 98.9, LeastWhole: 98.9, Properties: with(map[string]string{
			"decimal.handling.mode": "double", "binary.handling.mode": "hex", "time.precision.mode": "isostring", "tombstones.on.delete": "false",
			"schema.name.adjustment.mode": "avro", "field.name.adjustment.mode": "avro", "column.propagate.source.type": ".*"})},
	}
}

// Event is a record on a topic: recorded, or read back from Kafka. Key and Value are JSON, nil where the record has none.
type Event struct {
	Topic      string
	Key, Value []byte
	Headers    []Header
}

// Header is a header of an event; Value is the text of the header's payload.
type Header struct{ Name, Value string }

// Recorded returns the events of a run in the order in which the connector sent them.
func Recorded(run string) ([]Event, error) {
	var events []Event
	err := eachLine(run+".jsonl.gz", func(text []byte) error {
		e, err := recordedEvent(text)
		if err != nil {
			return fmt.Errorf("%s, event %d: %w", run, len(events)+1, err)
		}
		events = append(events, e)
		return nil
	})
	return events, err
}

// recordedEvent reads a line of a recording.
func recordedEvent(text []byte) (Event, error) {
	var line struct {
		Topic      string
		Key, Value json.RawMessage
		Headers    []struct {
			Key   string
			Value struct{ Payload json.RawMessage }
		}
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return Event{}, err
	}
	e := Event{Topic: line.Topic, Key: present(line.Key), Value: present(line.Value)}
	for _, h := range line.Headers {
		value := string(h.Value.Payload)
		if text := ""; json.Unmarshal(h.Value.Payload, &text) == nil {
			value = text // SimpleHeaderConverter writes text as it is
		}
		e.Headers = append(e.Headers, Header{h.Key, value})
	}
	return e, nil
}

// eachLine hands over the lines of a recorded file.
func eachLine(name string, each func([]byte) error) error {
	file, err := testdata.Open("testdata/" + name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // embedded
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func present(b json.RawMessage) []byte {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	return b
}

// Streamed returns what a run recorded of 10_stream.sql and 90_end.sql: neither the snapshot before nor the signals after,
// neither notifications nor heartbeats.
func Streamed(run string) ([]Event, error) {
	all, err := Recorded(run)
	var events []Event
	var signalled bool
	for _, e := range all {
		switch value := string(e.Value); {
		case strings.HasSuffix(e.Topic, ".notifications"), isHeartbeat(e.Topic), ofSnapshot(value):
			continue
		case strings.Contains(e.Topic, ".dbz_signal"):
			if !signalled { // its BEGIN came before
				events = events[:len(events)-1]
			}
			signalled = true
		case strings.Contains(value, `"table":"sentinel"`), strings.Contains(value, ".sentinel"), strings.Contains(e.Topic, ".sentinel"):
			signalled = false
		}
		if !signalled {
			events = append(events, e)
		}
	}
	return events, err
}

func isHeartbeat(topic string) bool { return strings.HasPrefix(topic, "__") }

// ofSnapshot reports whether an event comes from a snapshot.
func ofSnapshot(value string) bool {
	return strings.Contains(value, `"snapshot":"`) && !strings.Contains(value, `"snapshot":"false"`)
}

// Script returns a script of testdata/sql, the files that it names put in.
func Script(name string) (string, error) { return scriptIn("testdata/sql", name) }

// scriptIn returns a script. A file that it names lies where the path from its own directory leads.
func scriptIn(directory, name string) (string, error) {
	name = path.Join(directory, name)
	b, err := testdata.ReadFile(name)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for line := range strings.Lines(string(b)) {
		if inner, ok := strings.CutPrefix(line, "SOURCE "); ok {
			included, err := scriptIn(path.Dir(name), strings.TrimSpace(inner))
			if err != nil {
				return "", err
			}
			line = included
		}
		text.WriteString(line)
	}
	return text.String(), nil
}

// Statements parts a script as the mysql client does: at semicolons outside quotes, with the comment that follows on the
// same line, and without those before.
func Statements(script string) []string {
	var list []string
	for script != "" {
		end := endOfStatement(script)
		statement := script[:end]
		script = strings.TrimPrefix(script[end:], ";")
		line, rest, _ := strings.Cut(script, "\n")
		if comment := strings.TrimLeft(line, " "); strings.HasPrefix(comment, "-- ") {
			statement += line
			script = rest
		}
		if statement = withoutComments(statement); statement != "" {
			list = append(list, statement)
		}
	}
	return list
}

// endOfStatement is where the first statement ends.
func endOfStatement(s string) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == '\\' && quote != '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case strings.HasPrefix(s[i:], "-- "):
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				i += n
			} else {
				return len(s)
			}
		case c == ';':
			return i
		}
	}
	return len(s)
}

// withoutComments drops lines of comment and blank ones from the beginning.
func withoutComments(s string) string {
	for {
		s = strings.TrimSpace(s)
		if !strings.HasPrefix(s, "-- ") {
			return s
		}
		_, s, _ = strings.Cut(s, "\n")
	}
}
