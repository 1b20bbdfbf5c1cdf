package expression

import (
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/mysql/icuregex"
)

// errSchemaReference: MySQL supports no references to other schemas either.
const errSchemaReference = 1235

// jsonSchemaFunctions validate documents against JSON Schema draft 4, as MySQL does.
func jsonSchemaFunctions() []function {
	const group = "JSON"
	return []function{
		{names: "json_schema_valid", group: group, least: 2, most: 2, args: "j", result: resultBool, run: jsonSchemaValid},
		{names: "json_schema_validation_report", group: group, least: 2, most: 2, args: "j", result: resultJSON, run: jsonSchemaReport},
	}
}

// violation is where and by which keyword a document fails.
type violation struct{ keyword, document, schema string }

func (r *runtime) validate(args []txn.Value, function string) (*violation, error) {
	schema, err := document(args[0], 1, function)
	if err != nil {
		return nil, err
	}
	if schema.kind != jsonObject {
		return nil, mysqlerr.Newf(errJSONType, "Invalid JSON type in argument 1 to function %s; an object is required.", function)
	}
	doc, err := document(args[1], 2, function)
	if err != nil {
		return nil, err
	}
	v := schemaValidator{patterns: r.patterns}
	bad := v.check(schema, doc, "#", "#")
	return bad, v.err
}

func jsonSchemaValid(r *runtime, args []txn.Value) (txn.Value, error) {
	bad, err := r.validate(args, "json_schema_valid")
	return boolValue(bad == nil), err
}

func jsonSchemaReport(r *runtime, args []txn.Value) (txn.Value, error) {
	bad, err := r.validate(args, "json_schema_validation_report")
	if err != nil {
		return txn.Null(), err
	}
	out := &node{kind: jsonObject}
	if bad == nil {
		out.put([]byte("valid"), &node{kind: jsonBool, text: []byte("true")})
		return out.value(), nil
	}
	set := func(key, text string) { out.put([]byte(key), &node{kind: jsonString, text: []byte(text)}) }
	out.put([]byte("valid"), &node{kind: jsonBool, text: []byte("false")})
	set("reason", "The JSON document location '"+bad.document+"' failed requirement '"+bad.keyword+"' at JSON Schema location '"+bad.schema+"'")
	set("schema-location", bad.schema)
	set("document-location", bad.document)
	set("schema-failed-keyword", bad.keyword)
	return out.value(), nil
}

// schemaValidator checks one document; err is what is wrong with the schema itself.
type schemaValidator struct {
	patterns *patternCache
	err      error
}

// check returns the first violation of a schema by a value, or nil.
func (v *schemaValidator) check(schema, n *node, place, at string) *violation {
	for _, m := range schema.members {
		if v.err != nil {
			return nil
		}
		keyword := string(m.key)
		var bad *violation
		ok := true
		switch keyword {
		case "$ref":
			v.err = mysqlerr.New(errSchemaReference, "references in JSON Schema")
		case "type":
			ok = typeMatches(m.value, n)
		case "enum":
			ok = holds(m.value, n)
		case "allOf", "anyOf", "oneOf", "not":
			ok, bad = v.combine(keyword, m.value, n, place, at)
		default:
			switch n.kind {
			case jsonNumber:
				ok = numberMatches(keyword, schema, m.value, n)
			case jsonString:
				ok = v.stringMatches(keyword, m.value, n)
			case jsonArray:
				ok, bad = v.arrayMatches(keyword, schema, m.value, n, place, at)
			case jsonObject:
				ok, bad = v.objectMatches(keyword, schema, m.value, n, place, at)
			}
		}
		if bad != nil {
			return bad
		}
		if !ok {
			return &violation{keyword: keyword, document: at, schema: place}
		}
	}
	return nil
}

func typeMatches(want, n *node) bool {
	for _, w := range itemsOf(want) {
		switch string(w.text) {
		case "integer":
			if n.kind == jsonNumber && n.isInteger() {
				return true
			}
		default:
			name := map[nodeKind]string{jsonNull: "null", jsonNumber: "number", jsonString: "string", jsonObject: "object", jsonArray: "array", jsonBool: "boolean"}[n.kind]
			if name == string(w.text) {
				return true
			}
		}
	}
	return false
}

func holds(list, n *node) bool {
	for _, x := range itemsOf(list) {
		if compareNodes(x, n) == 0 {
			return true
		}
	}
	return false
}

func (v *schemaValidator) combine(keyword string, list, n *node, place, at string) (bool, *violation) {
	matched := 0
	items := itemsOf(list)
	for _, s := range items {
		bad := v.check(s, n, place+"/"+keyword, at)
		if bad != nil && keyword == "allOf" {
			return false, bad
		}
		if bad == nil {
			matched++
		}
	}
	switch keyword {
	case "anyOf":
		return matched > 0, nil
	case "oneOf":
		return matched == 1, nil
	case "not":
		return matched == 0, nil
	}
	return true, nil
}

func numberMatches(keyword string, schema, limit, n *node) bool {
	x, _ := parseDec(n.text)
	y, _ := parseDec(limit.text)
	exclusive := func(name string) bool {
		e := schema.get([]byte(name))
		return e != nil && string(e.text) == "true"
	}
	switch keyword {
	case "minimum":
		c := x.compare(y)
		return c > 0 || c == 0 && !exclusive("exclusiveMinimum")
	case "maximum":
		c := x.compare(y)
		return c < 0 || c == 0 && !exclusive("exclusiveMaximum")
	case "multipleOf":
		return y.sign() == 0 || x.remainder(y).sign() == 0
	}
	return true
}

func intOf(n *node) int {
	d, _ := parseDec(n.text)
	return clampInt(d.rescale(0).int64())
}

func (v *schemaValidator) stringMatches(keyword string, limit, n *node) bool {
	switch keyword {
	case "minLength":
		return utf8.RuneCount(n.text) >= intOf(limit)
	case "maxLength":
		return utf8.RuneCount(n.text) <= intOf(limit)
	case "pattern":
		return v.matches(limit.text, n.text)
	}
	return true
}

func (v *schemaValidator) matches(pattern, text []byte) bool {
	p, err := v.patterns.regexp(string(pattern), 0)
	if err != nil {
		v.err = err
		return true
	}
	m := icuregex.NewMatcher(p)
	m.ResetString(string(text))
	found, err := m.Find()
	if err != nil {
		v.err = matchError(err)
	}
	return found
}

func (v *schemaValidator) arrayMatches(keyword string, schema, limit, n *node, place, at string) (bool, *violation) {
	switch keyword {
	case "minItems":
		return len(n.items) >= intOf(limit), nil
	case "maxItems":
		return len(n.items) <= intOf(limit), nil
	case "uniqueItems":
		if string(limit.text) != "true" {
			return true, nil
		}
		for i, x := range n.items {
			for _, y := range n.items[:i] {
				if compareNodes(x, y) == 0 {
					return false, nil
				}
			}
		}
	case "additionalItems":
		items := schema.get([]byte("items"))
		if string(limit.text) == "false" && items != nil && items.kind == jsonArray {
			return len(n.items) <= len(items.items), nil
		}
	case "items":
		for i, x := range n.items {
			s := limit
			if limit.kind == jsonArray {
				if i >= len(limit.items) {
					break
				}
				s = limit.items[i]
			}
			if bad := v.check(s, x, place+"/items", at+"/"+itoa(i)); bad != nil {
				return false, bad
			}
		}
	}
	return true, nil
}

func (v *schemaValidator) objectMatches(keyword string, schema, limit, n *node, place, at string) (bool, *violation) {
	switch keyword {
	case "minProperties":
		return len(n.members) >= intOf(limit), nil
	case "maxProperties":
		return len(n.members) <= intOf(limit), nil
	case "required":
		for _, key := range itemsOf(limit) {
			if n.get(key.text) == nil {
				return false, nil
			}
		}
	case "properties":
		for _, m := range limit.members {
			if x := n.get(m.key); x != nil {
				if bad := v.check(m.value, x, place+"/properties/"+string(m.key), at+"/"+string(m.key)); bad != nil {
					return false, bad
				}
			}
		}
	case "patternProperties":
		for _, m := range limit.members {
			for _, x := range n.members {
				if !v.matches(m.key, x.key) {
					continue
				}
				if bad := v.check(m.value, x.value, place+"/patternProperties/"+string(m.key), at+"/"+string(x.key)); bad != nil {
					return false, bad
				}
			}
		}
	case "additionalProperties":
		return v.additionalMatches(schema, limit, n, place, at)
	case "dependencies":
		for _, m := range limit.members {
			if n.get(m.key) == nil {
				continue
			}
			for _, key := range itemsOf(m.value) {
				if key.kind == jsonString && n.get(key.text) == nil {
					return false, nil
				}
			}
		}
	}
	return true, nil
}

func (v *schemaValidator) additionalMatches(schema, limit, n *node, place, at string) (bool, *violation) {
	known := func(key []byte) bool {
		if p := schema.get([]byte("properties")); p != nil && p.get(key) != nil {
			return true
		}
		if p := schema.get([]byte("patternProperties")); p != nil {
			for _, m := range p.members {
				if v.matches(m.key, key) {
					return true
				}
			}
		}
		return false
	}
	for _, m := range n.members {
		if known(m.key) {
			continue
		}
		if strings.EqualFold(string(limit.text), "false") {
			return false, nil
		}
		if limit.kind == jsonObject {
			if bad := v.check(limit, m.value, place+"/additionalProperties", at+"/"+string(schemas.AppendJSONString(nil, m.key))); bad != nil {
				return false, bad
			}
		}
	}
	return true, nil
}
