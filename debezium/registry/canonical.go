package registry

import (
	"encoding/json"
	"reflect"
	"strings"
)

// sameForm reports whether messages of both schemas have the same bytes: for Avro equal in the parts that Avro's canonical form keeps,
// else equal as texts.
func sameForm(t Type, a, b string) bool {
	if t != Avro {
		return a == b
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return reflect.DeepEqual(canonical(x, ""), canonical(y, ""))
}

// canonical leaves of a schema in JSON what decides the bytes of a datum, with full names.
func canonical(schema any, space string) any {
	switch s := schema.(type) {
	case string:
		return fullName(s, space)
	case []any:
		list := make([]any, len(s))
		for i := range s {
			list[i] = canonical(s[i], space)
		}
		return list
	case map[string]any:
		return canonicalObject(s, space)
	}
	return schema
}

func canonicalObject(s map[string]any, space string) any {
	kind, plain := s["type"].(string)
	if !plain {
		return canonical(s["type"], space)
	}
	if given, ok := s["namespace"].(string); ok {
		space = given
	}
	out := map[string]any{"type": kind}
	if name, ok := s["name"].(string); ok {
		name = fullName(name, space)
		out["name"], space = name, name[:max(0, strings.LastIndexByte(name, '.'))]
	}
	switch kind {
	case "record":
		fields, _ := s["fields"].([]any)
		list := make([]any, 0, len(fields))
		for _, f := range fields {
			field, _ := f.(map[string]any)
			list = append(list, []any{field["name"], canonical(field["type"], space)})
		}
		out["fields"] = list
	case "array":
		out["items"] = canonical(s["items"], space)
	case "map":
		out["values"] = canonical(s["values"], space)
	case "enum":
		out["symbols"] = s["symbols"]
	case "fixed":
		out["size"] = s["size"]
	default:
		return fullName(kind, space)
	}
	return out
}

// fullName puts the namespace before a name that has none; the primitive types have none.
func fullName(name, space string) string {
	switch name {
	case "null", "boolean", "int", "long", "float", "double", "bytes", "string":
		return name
	}
	if space == "" || strings.Contains(name, ".") {
		return name
	}
	return space + "." + name
}
