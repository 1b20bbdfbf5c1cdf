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
	for alias, reason := range refusedAliases(given) {
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if strings.HasPrefix(name, "transforms."+alias+".") {
				refused++
				fmt.Fprintf(&comments, "# %s: not taken over: %s\n", name, reason)
				delete(given, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if reason := IsIgnored(name); reason != "" {
			fmt.Fprintf(&comments, "# %s: %s\n", name, reason)
			continue
		}
		var wrong *PropertyError
		if _, err := ParseOptions(alone(name, given)); errors.As(err, &wrong) && wrong.Name == name {
			refused++
			fmt.Fprintf(&comments, "# %s: not taken over: %s\n", name, wrong.Reason)
			continue
		}
		if IsSecret(name, given[name]) {
			refused++
			fmt.Fprintf(&comments, "# %s: not taken over: a secret; write it into the file by hand\n", name)
			continue
		}
		write(name, given[name])
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

// refusedAliases takes the transforms that are not built in out of `transforms`, and returns the reason for each.
func refusedAliases(given map[string]string) map[string]string {
	reasons := map[string]string{}
	var kept []string
	for _, alias := range splitList(given["transforms"]) {
		if _, err := transformBuilder(given["transforms."+alias+".type"]); err != nil {
			reasons[alias] = err.Error()
			continue
		}
		kept = append(kept, alias)
	}
	switch {
	case len(reasons) > 0 && len(kept) == 0:
		delete(given, "transforms")
	case len(reasons) > 0:
		given["transforms"] = strings.Join(kept, ",")
	}
	return reasons
}

// alone are the properties that a look at one of them needs: it, and the converter or the transforms that it belongs to.
func alone(name string, given map[string]string) map[string]string {
	some := map[string]string{name: given[name]}
	if isTransformProperty(name) {
		for other, value := range given {
			if isTransformProperty(other) {
				some[other] = value
			}
		}
	}
	for _, part := range []string{"key.converter", "value.converter", "header.converter"} {
		if class, ok := given[part]; ok && strings.HasPrefix(name, part+".") {
			some[part] = class
		}
	}
	return some
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
