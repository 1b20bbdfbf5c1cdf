package debezium

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Signal is a signal to an emitter, whichever way it came.
type Signal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data string `json:"data,omitempty"`
	// Thread is the connection whose row it came as; 0: it came another way.
	Thread int64 `json:"thread,omitempty"`
}

// Types of signals.
const (
	signalExecute       = "execute-snapshot"
	signalStop          = "stop-snapshot"
	signalPause         = "pause-snapshot"
	signalResume        = "resume-snapshot"
	signalLog           = "log"
	signalSchemaChanges = "schema-changes"
	signalWindowOpen    = "snapshot-window-open"
	signalWindowClose   = "snapshot-window-close"
)

// Limits of what a signal asks for.
const (
	maxSignalBytes   = 1 << 20
	maxSignalTables  = 10_000
	maxWaiting       = 100 // blocking snapshots that wait
	maxWindowIDBytes = 42  // the column id of the signalling table
)

// snapshotOrder is the data of execute-snapshot, stop-snapshot, pause-snapshot and resume-snapshot.
type snapshotOrder struct {
	DataCollections []string `json:"data-collections"`
	Type            string   `json:"type"`
	Conditions      []struct {
		DataCollection string `json:"data-collection"`
		Filter         string `json:"filter"`
	} `json:"additional-conditions"`
	Condition string `json:"additional-condition"` // the older form, for all tables
	Surrogate string `json:"surrogate-key"`
}

// parseOrder reads the data of a signal about snapshots.
func parseOrder(data string) (snapshotOrder, error) {
	var o snapshotOrder
	if len(data) > maxSignalBytes {
		return o, fmt.Errorf("%d bytes, more than %d", len(data), maxSignalBytes)
	}
	if strings.TrimSpace(data) == "" {
		data = "{}"
	}
	if err := json.Unmarshal([]byte(data), &o); err != nil {
		return o, err
	}
	if len(o.DataCollections) > maxSignalTables {
		return o, fmt.Errorf("%d data-collections, more than %d", len(o.DataCollections), maxSignalTables)
	}
	switch o.Type = strings.ToLower(o.Type); o.Type {
	case "":
		o.Type = "incremental"
	case "incremental", "blocking":
	default:
		return o, fmt.Errorf("type %q: want incremental or blocking", o.Type)
	}
	return o, nil
}

// filter is the condition on a table's rows.
func (o *snapshotOrder) filter(table string) string {
	for _, c := range o.Conditions {
		set, err := ParseNameSet(strings.ReplaceAll(c.DataCollection, ",", `\,`))
		if strings.EqualFold(c.DataCollection, table) || err == nil && set.Has(table) {
			return c.Filter
		}
	}
	return o.Condition
}

// tables are the tables that the order names: those of all that there are whose name an expression matches, in the order of the
// expressions; an expression that matches none stands for itself.
func (o *snapshotOrder) tables(all []string) []wantedTable {
	var list []wantedTable
	taken := map[string]bool{}
	add := func(name string) {
		if !taken[name] && len(list) < maxSignalTables {
			taken[name] = true
			list = append(list, wantedTable{Name: name, Filter: o.filter(name), Surrogate: o.Surrogate})
		}
	}
	for _, pattern := range o.DataCollections {
		set, err := ParseNameSet(strings.ReplaceAll(pattern, ",", `\,`))
		found := false
		for _, name := range all {
			if strings.EqualFold(pattern, name) || err == nil && set.Has(name) {
				add(name)
				found = true
			}
		}
		if !found {
			add(pattern)
		}
	}
	return list
}

// ParseSignal reads the value of a record of the topic of signals.
func ParseSignal(value []byte) (Signal, error) {
	var s struct {
		ID   string          `json:"id"`
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if len(value) > maxSignalBytes {
		return Signal{}, fmt.Errorf("%d bytes, more than %d", len(value), maxSignalBytes)
	}
	if err := json.Unmarshal(value, &s); err != nil {
		return Signal{}, err
	}
	data := string(s.Data)
	text := ""
	if json.Unmarshal(s.Data, &text) == nil { // given as a text
		data = text
	}
	return Signal{ID: s.ID, Type: s.Type, Data: data}, nil
}
