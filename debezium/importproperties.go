package debezium

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Import translates the configuration of a connector, as Kafka Connect takes it over HTTP ({"name": …, "config": {…}}) or the
// inner object alone, into the table [debezium] of a configuration file. What has no meaning here stands there as a comment
// with its reason, and so does what this release refuses; refused counts the latter. The connector's own defaults are written
// out where they are others than here.
func Import(text []byte) (toml string, refused int, err error) {
	given, err := connectorProperties(text)
	if err != nil {
		return "", 0, err
	}
	if class := given["connector.class"]; class != "" && class != "io.debezium.connector.mysql.MySqlConnector" && class != "MySqlConnector" {
		return "", 0, &PropertyError{"connector.class", class, "only configurations of io.debezium.connector.mysql.MySqlConnector are translated"}
	}
	given = renamed(given)
	var b, comments strings.Builder
	b.WriteString("[debezium]\n")
	write := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", strconv.Quote(name), strconv.Quote(value)) }
	security := importSecurity(given)
	refused += security.refused
	comments.WriteString(security.comments.String())
	for _, taken := range security.taken {
		write(taken.Name, taken.Value)
	}
	reasons := settle(given)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch reason, wrong := reasons[name]; {
		case wrong:
			refused++
			fmt.Fprintf(&comments, "# %s: not taken over: %s\n", name, reason)
		case IsIgnored(name) != "":
			fmt.Fprintf(&comments, "# %s: %s\n", name, IsIgnored(name))
		case IsSecret(name, given[name]):
			refused++
			fmt.Fprintf(&comments, "# %s: not taken over: a secret; write it into the file by hand\n", name)
		case given[name] != "" || !slices.Contains(aliasLists, name):
			write(name, given[name])
		}
	}
	for _, p := range Properties() {
		if _, ok := given[p.Name]; !ok && p.Connector != "" {
			write(p.Name, p.Connector)
		}
	}
	for _, part := range []string{"key.converter", "value.converter", "header.converter"} {
		// A converter that is not named is the worker's own, whose settings are not here.
		for _, p := range converterDefaults[converterKinds[given[part]]] {
			if _, ok := given[part+"."+p.name]; !ok {
				write(part+"."+p.name, p.value)
			}
		}
	}
	return b.String() + comments.String(), refused, nil
}

// converterDefaults are the defaults that Connect's converters have and those of here do not, by kind.
var converterDefaults = map[string][]struct{ name, value string }{
	"json":        {{"schemas.enable", "true"}, {"replace.null.with.default", "true"}},
	"avro":        {{"ignore.default.for.nullables", "false"}},
	"cloudevents": {{"json.replace.null.with.default", "true"}},
	"apicurio":    {{"ignore.default.for.nullables", "false"}},
}

// aliasLists are the properties that list names, below which more properties stand.
var aliasLists = []string{"transforms", "predicates", "converters"}

// settle finds the properties without which the others are taken, with the reason for each. What a list names and is not taken is taken out of the
// list, and so is a transform whose predicate is not: without it the transform would change more than it should.
func settle(given map[string]string) map[string]string {
	reasons := map[string]string{}
	for range 2*len(given) + 1 {
		kept := map[string]string{}
		for name, value := range given {
			if _, wrong := reasons[name]; !wrong && IsIgnored(name) == "" {
				kept[name] = value
			}
		}
		_, err := ParseOptions(kept)
		var wrong *PropertyError
		if !errors.As(err, &wrong) || !refuse(given, kept, reasons, wrong) {
			break
		}
	}
	return reasons
}

// refuse notes what is wrong; false if nothing is left to note.
func refuse(given, kept, reasons map[string]string, wrong *PropertyError) bool {
	list, prefix, alias := aliasOf(kept, wrong.Name)
	_, there := kept[wrong.Name]
	own := strings.TrimPrefix(wrong.Name, prefix)
	if list == "" || there && own != "type" && own != "predicate" {
		reasons[wrong.Name] = wrong.Reason
		return there
	}
	given[list] = strings.Join(slices.DeleteFunc(splitList(given[list]), func(name string) bool { return name == alias }), ",")
	for name := range kept {
		if strings.HasPrefix(name, prefix) {
			reasons[name] = wrong.Reason
		}
	}
	return true
}

// aliasOf finds the list that names the alias to which a property belongs, and what its properties begin with.
func aliasOf(given map[string]string, property string) (list, prefix, alias string) {
	for _, list := range aliasLists {
		for _, alias := range splitList(given[list]) {
			prefix := list + "." + alias + "."
			if list == "converters" {
				prefix = alias + "."
			}
			if strings.HasPrefix(property, prefix) {
				return list, prefix, alias
			}
		}
	}
	return "", "", ""
}

// connectorProperties reads the JSON of a connector. Values are texts there, and numbers and booleans are taken too.
func connectorProperties(text []byte) (map[string]string, error) {
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(text, &outer); err != nil {
		return nil, fmt.Errorf("want the JSON of a connector's configuration: %w", err)
	}
	if inner, ok := outer["config"]; ok {
		outer = nil
		if err := json.Unmarshal(inner, &outer); err != nil {
			return nil, fmt.Errorf("config: want an object of properties: %w", err)
		}
	}
	given := map[string]string{}
	for name, raw := range outer {
		value := ""
		if json.Unmarshal(raw, &value) != nil {
			value = string(raw)
			if strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
				return nil, fmt.Errorf("%s: want a text, a number, true or false", name)
			}
		}
		given[name] = value
	}
	return given, nil
}
