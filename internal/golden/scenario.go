package golden

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// usualLeast leaves room for a signal that meets a chunk of rows at another moment than in the recording; on a quiet machine all are identical.
const usualLeast = 95

// Scenario is a run in steps, of which the connector's events were recorded: statements, and what is done to the connector between them.
//
// Its file testdata/scenarios/<name>.sql has statements as Script has, and lines of comment that say something:
//
//	-- property: name = value    of the connector, from its next start on; without a value it is taken away
//	-- start                     the connector starts
//	-- stop                      it ends in order
//	-- until: KIND, text, times  waits until so many (1) notifications of a type that have the text have come
//	-- seen: topic, text, times  waits until so many events of a topic have the text
//	-- signal: {…}               a signal that no row is: a line of the connector's file of signals, here CALL marmot.signal
//	-- unstreamed                the run ends with the last step; others with a row in inv.sentinel
//	-- least: percent            of events that are identical, where it is not usualLeast
type Scenario struct {
	Name       string
	Steps      []Step
	Unstreamed bool
	Least      float64
}

// Step is a statement, or what a line of comment says.
type Step struct{ Kind, Text string }

// Kinds of steps.
const (
	stepSQL      = "sql"
	stepProperty = "property"
	stepStart    = "start"
	stepStop     = "stop"
	stepUntil    = "until"
	stepSeen     = "seen"
	stepSignal   = "signal"
)

// Scenarios returns the names of all.
func Scenarios() []string {
	files, err := fs.Glob(testdata, "testdata/scenarios/*.sql")
	if err != nil {
		return nil
	}
	for i := range files {
		files[i] = strings.TrimSuffix(path.Base(files[i]), ".sql")
	}
	return files
}

// LoadScenario reads a scenario.
func LoadScenario(name string) (*Scenario, error) {
	b, err := testdata.ReadFile("testdata/scenarios/" + name + ".sql")
	if err != nil {
		return nil, err
	}
	s := &Scenario{Name: name, Least: usualLeast}
	var script strings.Builder
	flush := func() {
		for _, statement := range Statements(script.String()) {
			s.Steps = append(s.Steps, Step{stepSQL, statement})
		}
		script.Reset()
	}
	for line := range strings.Lines(string(b)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		kind, rest, _ := strings.Cut(text, ":")
		rest = strings.TrimSpace(rest)
		if !ok {
			script.WriteString(line)
			continue
		}
		switch kind {
		case stepProperty, stepStart, stepStop, stepUntil, stepSeen, stepSignal:
			flush()
			s.Steps = append(s.Steps, Step{kind, rest})
		case "unstreamed":
			s.Unstreamed = true
		case "least":
			if s.Least, err = strconv.ParseFloat(rest, 64); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, line, err)
			}
		}
	}
	flush()
	if !s.Unstreamed {
		s.Steps = append(s.Steps, Step{stepSQL, "CREATE TABLE inv.sentinel (id INT PRIMARY KEY, note VARCHAR(10))"}, Step{stepSQL, "INSERT INTO inv.sentinel VALUES (1, 'end')"})
	}
	return s, nil
}

// condition reads the text of a step of the kind until or seen.
func (s Step) condition() (kind, text string, times int) {
	parts := strings.Split(s.Text, ",")
	times = 1
	if n, err := strconv.Atoi(strings.TrimSpace(parts[len(parts)-1])); err == nil && len(parts) > 1 {
		times, parts = n, parts[:len(parts)-1]
	}
	return parts[0], strings.TrimSpace(strings.Join(parts[1:], ",")), times
}

// scenarioProperties are those that all scenarios begin with.
func scenarioProperties() map[string]string {
	return map[string]string{
		"topic.prefix": "gold", "provide.transaction.metadata": "true", "include.schema.changes": "true", "signal.data.collection": "inv.dbz_signal",
		"notification.enabled.channels": "sink", "notification.sink.topic.name": "gold.notifications", "incremental.snapshot.chunk.size": "2",
		"skipped.operations": "t", // the connector's default
	}
}

// setProperty heeds a step of the kind property.
func setProperty(properties map[string]string, text string) {
	name, value, given := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if value = strings.TrimSpace(value); !given {
		delete(properties, name)
		return
	}
	properties[name] = value
}

// sees reports whether so many events of a topic have a text.
func sees(topic, text string, times int) func([]Event) bool {
	return func(events []Event) bool {
		n := 0
		for _, e := range events {
			if e.Topic == topic && strings.Contains(string(e.Value), text) {
				n++
			}
		}
		return n >= times
	}
}

// withoutRepeats leaves out what a connector that was started again emitted once more: the END of the transaction before. Nothing is emitted
// twice here.
func withoutRepeats(events []Event) []Event {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
		if e.Topic != "gold.transaction" {
			return false
		}
		again := seen[string(e.Value)]
		seen[string(e.Value)] = true
		return again
	})
}

// isSentinel reports whether the last row of a scenario and the end of its transaction are among events.
func isSentinel(events []Event) bool {
	row := slices.ContainsFunc(events, func(e Event) bool {
		return e.Topic == "gold.inv.sentinel" && strings.Contains(string(e.Value), `"note":"end"`)
	})
	return row && slices.ContainsFunc(events, func(e Event) bool {
		return e.Topic != "gold.transaction" || strings.Contains(string(e.Value), "inv.sentinel")
	})
}
