package debezium

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// testdata/connectors has configurations of connectors of the shapes that people write, with what is refused of each.
func TestImportedConnectorsStart(t *testing.T) {
	files, err := filepath.Glob("testdata/connectors/*.json")
	if err != nil || len(files) < 12 {
		t.Fatal("no connectors", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c struct {
				Refused   []string
				Connector json.RawMessage
			}
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			toml, _, err := Import(c.Connector)
			if err != nil {
				t.Fatal(err)
			}
			given, refused := map[string]string{}, []string{}
			for line := range strings.Lines(toml) {
				line = strings.TrimSuffix(line, "\n")
				if name, ok := strings.CutPrefix(line, "# "); ok {
					if name, _, ok = strings.Cut(name, ": not taken over"); ok {
						refused = append(refused, name)
					}
					continue
				}
				if name, value, ok := strings.Cut(line, " = "); ok {
					name, _ = strconv.Unquote(name)
					given[name], _ = strconv.Unquote(value)
				}
			}
			o, err := ParseOptions(given)
			if err != nil {
				t.Fatalf("it does not start: %v\n%s", err, toml)
			}
			if _, err := NewEncoder(o, JSONFormat(JSONOptions{}), nil, nil); err != nil {
				t.Errorf("no encoder: %v\n%s", err, toml)
			}
			slices.Sort(refused)
			if !slices.Equal(refused, c.Refused) {
				t.Errorf("refused %q, want %q\n%s", refused, c.Refused, toml)
			}
		})
	}
}
