package golden

import (
	"strings"
	"testing"
)

func TestARecordingEqualsItself(t *testing.T) {
	for _, run := range Runs() {
		events, err := Recorded(run.Name)
		if err != nil {
			t.Fatal(err)
		}
		if r := Compare(events, events); r.Percent() != 100 || r.Identical < 500 {
			t.Errorf("%s: %s", run.Name, r.Summary())
		}
	}
}

// TestSpoiltEventsAreSeen: a comparison that finds nothing proves nothing.
func TestSpoiltEventsAreSeen(t *testing.T) {
	for name, spoil := range map[string]func(events []Event) []Event{
		"a value":       func(e []Event) []Event { return replaced(e, "gold.inv.customers", `"Sally"`, `"Sall"`) },
		"a field":       func(e []Event) []Event { return replaced(e, "gold.inv.customers", `,"field":"email"`, ``) },
		"an operation":  func(e []Event) []Event { return replaced(e, "gold.inv.customers", `"op":"r"`, `"op":"c"`) },
		"a missing one": func(e []Event) []Event { return e[:len(e)-1] },
		"one twice":     func(e []Event) []Event { return append(e, e[len(e)-3]) },
		"a header": func(e []Event) []Event {
			e[5].Headers = e[5].Headers[1:]
			return e
		},
		"a marker": func(e []Event) []Event {
			return replaced(e, "gold.inv.customers", `"snapshot":"first_in_data_collection"`, `"snapshot":"true"`)
		},
	} {
		events, err := Recorded("default")
		if err != nil {
			t.Fatal(err)
		}
		want, _ := Recorded("default")
		r := Compare(want, spoil(events))
		if n := len(r.Different) + len(r.Missing) + len(r.Extra); n != 1 {
			t.Errorf("%s: %d events differ, want 1", name, n)
		}
	}
}

// replaced changes the first event of a topic that has old.
func replaced(events []Event, topic, old, with string) []Event {
	for i, e := range events {
		if e.Topic == topic && strings.Contains(string(e.Value), old) {
			events[i].Value = []byte(strings.Replace(string(e.Value), old, with, 1))
			return events
		}
	}
	return events
}

func TestScriptsArePartedAsTheClientDoes(t *testing.T) {
	got := Statements("-- first\nA 'x;''y';   -- no change\nB; C;\n-- c\nD -- in\n E;")
	want := []string{"A 'x;''y'   -- no change", "B", "C", "D -- in\n E"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
	script, err := Script("10_stream.sql")
	if err != nil || strings.Contains(script, "SOURCE") || len(Statements(script)) < 150 {
		t.Errorf("%d statements, %v", len(Statements(script)), err)
	}
}
