package replay

import (
	"encoding/json"
	"testing"
)

// FuzzParseEvent reads lines of event files and the values in them, as a damaged file may have them.
func FuzzParseEvent(f *testing.F) {
	for _, c := range []string{
		`{"name":"a","typeName":"TIME","length":6}`, `{"name":"a","typeName":"TIME","length":7}`, `{"name":"a","typeName":"DATETIME","length":-1}`,
		`{"name":"a","typeName":"DECIMAL","scale":40000000}`, `{"name":"a","typeName":"DECIMAL","scale":-3}`, `{"name":"a","typeName":"BIT","length":64}`,
		`{"name":"a","typeName":"BIGINT UNSIGNED"}`, `{"name":"a","typeName":"JSON"}`, `{"name":"a","typeName":"TIMESTAMP"}`, `{"name":"a","typeName":"BLOB"}`,
	} {
		for _, v := range []string{`1`, `"AQIDBAUGBwgJ"`, `null`, `-5`, `""`, `true`} {
			f.Add([]byte(`{"topic":"m.s.t","offset":1,"value":{"op":"c","after":{"a":` + v + `},"tableChanges":[{"type":"CREATE","table":{"columns":[` + c + `]}}]}}`))
		}
	}
	f.Add([]byte(`{"topic":"m.s.t","offset":1,"value":{"schema":{},"payload":{"op":"d"}}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := parseEvent(line)
		if err != nil || e == nil {
			return
		}
		for _, change := range e.Changes {
			if change.Table == nil {
				continue
			}
			for i := range change.Table.Columns {
				c := &change.Table.Columns[i]
				c.defaultValue()
				for _, row := range []map[string]json.RawMessage{e.Before, e.After} {
					v, err := c.value(row[c.Name])
					if err == nil && v == nil && len(row[c.Name]) > 0 && string(row[c.Name]) != "null" {
						t.Errorf("%s became NULL", row[c.Name])
					}
				}
			}
		}
	})
}
