package debezium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// jsonPayload makes structs of JSON text, with a schema that it infers, as table.expand.json.payload does.
type jsonPayload struct {
	nulls       bool    // fields that are null are optional bytes
	emptyArrays bool    // empty arrays are of optional texts
	names       Options // how fields are named
}

// jsonObject is an object with its order.
type jsonObject struct {
	names  []string
	values map[string]any
}

// maxJSONDepth bounds nesting, as Jackson does.
const maxJSONDepth = 1000

// expand reads text, which has to be an object. name is that of the schema.
func (j *jsonPayload) expand(name, text string) (Datum, error) {
	if !strings.HasPrefix(text, "{") {
		return Datum{}, fmt.Errorf("it is no JSON object")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	tree, err := readJSON(decoder, 0)
	if err != nil {
		return Datum{}, err
	}
	s, err := j.schema(name, tree)
	if err != nil {
		return Datum{}, err
	}
	v, err := j.value(s, tree)
	return Datum{s, v}, err
}

// readJSON reads one value: nil, bool, json.Number, string, []any or *jsonObject.
func readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("it is nested deeper than %d levels", maxJSONDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		o := &jsonObject{values: map[string]any{}}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			if _, twice := o.values[name.(string)]; !twice {
				o.names = append(o.names, name.(string))
			}
			o.values[name.(string)] = v
		}
		_, err = d.Token()
		return o, err
	}
	return token, nil
}

// schema infers the schema of a value; nil of one that is left out.
func (j *jsonPayload) schema(name string, v any) (*Schema, error) {
	switch v := v.(type) {
	case nil:
		if j.nulls {
			return &Schema{Kind: KindBytes, Optional: true}, nil
		}
		return nil, nil
	case string:
		return &Schema{Kind: KindString, Optional: true}, nil
	case bool:
		return &Schema{Kind: KindBoolean, Optional: true}, nil
	case json.Number:
		return &Schema{Kind: numberKind(v), Optional: true}, nil
	case []any:
		if len(v) == 0 {
			if j.emptyArrays {
				return &Schema{Kind: KindArray, Optional: true, Items: &Schema{Kind: KindString, Optional: true}}, nil
			}
			return nil, nil
		}
		items, err := j.items(name, v)
		return &Schema{Kind: KindArray, Optional: true, Items: items}, err
	case *jsonObject:
		s := &Schema{Kind: KindStruct, Name: name, Optional: true, Fields: []Field{}}
		for _, n := range v.names {
			field := j.names.fieldName(n)
			path := field
			if strings.TrimSpace(name) != "" {
				path = name + "." + field
			}
			f, err := j.schema(path, v.values[n])
			if err != nil {
				return nil, err
			}
			if f != nil && s.index(field) < 0 {
				s.Fields = append(s.Fields, Field{field, f})
			}
		}
		return s, nil
	}
	return nil, fmt.Errorf("it has a value of no kind of JSON")
}

// numberKind is Jackson's: int, long or double.
func numberKind(n json.Number) Kind {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		if i == int64(int32(i)) {
			return KindInt32
		}
		return KindInt64
	}
	return KindFloat64
}

// items is the schema of an array's members, which have to be of one kind; objects are put together.
func (j *jsonPayload) items(name string, list []any) (*Schema, error) {
	var sample any
	for _, v := range list {
		if v == nil {
			continue
		}
		if sample == nil {
			sample = v
		}
		if jsonKind(v) != jsonKind(sample) {
			return nil, fmt.Errorf("field is not a homogenous array (%s x %s)", jsonKind(sample), jsonKind(v))
		}
	}
	if _, ok := sample.(*jsonObject); !ok {
		s, err := j.schema("", sample)
		if err == nil && s == nil {
			err = fmt.Errorf("array %q has unrecognized member schema", name)
		}
		return s, err
	}
	var merged *Schema
	seen := map[string]bool{}
	for _, v := range list {
		if v == nil {
			continue
		}
		s, err := j.schema(name, v)
		if err != nil {
			return nil, err
		}
		if text := string(appendSchema(nil, s, "")); !seen[text] {
			seen[text] = true
			merged = mergeSchemas(merged, s)
		}
	}
	return merged, nil
}

// jsonKind names the kind of a value, with the kinds of numbers apart.
func jsonKind(v any) string {
	switch v := v.(type) {
	case string:
		return "STRING"
	case bool:
		return "BOOLEAN"
	case json.Number:
		return string(numberKind(v))
	case []any:
		return "ARRAY"
	}
	return "OBJECT"
}

// mergeSchemas adds the fields of right that left lacks, or knows only as null.
func mergeSchemas(left, right *Schema) *Schema {
	if left == nil {
		return right
	}
	merged := left.basics()
	for _, f := range right.Fields {
		i := merged.index(f.Name)
		switch {
		case i < 0:
			merged.Fields = append(merged.Fields, f)
		case merged.Fields[i].Schema.Kind == KindBytes && f.Schema.Kind != KindBytes:
			merged.Fields[i] = f
		}
	}
	return merged
}

// value makes the data of a schema.
func (j *jsonPayload) value(s *Schema, v any) (any, error) {
	wrong := fmt.Errorf("a %s is found where %s is expected", jsonKind(v), s.Kind)
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if s.Kind != KindString {
			return nil, wrong
		}
		return v, nil
	case bool:
		if s.Kind != KindBoolean {
			return nil, wrong
		}
		return v, nil
	case json.Number:
		return numberOf(s, v)
	case []any:
		if s.Kind != KindArray {
			return nil, wrong
		}
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = j.value(s.Items, v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *jsonObject:
		if s.Kind != KindStruct {
			return nil, wrong
		}
		row := make([]any, len(s.Fields))
		for i, f := range s.Fields { // a field whose name was adjusted is null, as it is in Debezium
			var err error
			if row[i], err = j.value(f.Schema, v.values[f.Name]); err != nil {
				return nil, err
			}
		}
		return row, nil
	}
	return nil, wrong
}

func numberOf(s *Schema, n json.Number) (any, error) {
	if s.Kind != numberKind(n) {
		return nil, fmt.Errorf("a %s is found where %s is expected", numberKind(n), s.Kind)
	}
	if s.Kind == KindFloat64 {
		if !bytes.ContainsAny([]byte(n), ".eE") {
			return nil, fmt.Errorf("the number %s is too large", n)
		}
		return strconv.ParseFloat(string(n), 64)
	}
	return strconv.ParseInt(string(n), 10, 64)
}
