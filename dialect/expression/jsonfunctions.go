package expression

import (
	"bytes"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// jsonFunctions make and read JSON; jsonChangeFunctions change it.
func jsonFunctions() []function {
	const group = "JSON"
	return []function{
		{names: "json_extract", group: group, least: 2, most: -1, args: "js", traits: givesNull, result: resultJSON, run: jsonExtract},
		{names: "json_unquote", group: group, least: 1, most: 1, args: "r", result: resultUnquoted, run: jsonUnquote},
		{names: "json_quote", group: group, least: 1, most: 1, args: "t", result: resultQuotedJSON, run: jsonQuote},
		{names: "json_object", group: group, least: 0, most: -1, build: jsonObjectOperand},
		{names: "json_array", group: group, least: 0, most: -1, args: "v", traits: takesNull | givesNull, result: resultJSON, run: jsonArrayOf},
		{names: "json_valid", group: group, least: 1, most: 1, args: "r", traits: givesNull, result: resultBool, run: jsonValid},
		{names: "json_type", group: group, least: 1, most: 1, args: "j", result: resultText(51), run: jsonTypeOf},
		{names: "json_depth", group: group, least: 1, most: 1, args: "j", result: resultBigint, run: jsonDepth},
		{names: "json_length", group: group, least: 1, most: 2, args: "js", traits: givesNull, result: resultBigint, run: jsonLength},
		{names: "json_keys", group: group, least: 1, most: 2, args: "js", traits: givesNull, result: resultJSON, run: jsonKeys},
		{names: "json_contains", group: group, least: 2, most: 3, args: "jjs", traits: givesNull, result: resultBool, run: jsonContains},
		{names: "json_contains_path", group: group, least: 3, most: -1, args: "jss", traits: givesNull, result: resultBool, run: jsonContainsPath},
		{names: "json_overlaps", group: group, least: 2, most: 2, args: "j", result: resultBool, run: jsonOverlaps},
		{names: "member_of", group: group, least: 2, most: 2, args: "vj", traits: givesNull, result: resultBool, run: jsonMemberOf},
		{names: "json_search", group: group, least: 3, most: -1, args: "jssss", traits: takesNull | givesNull, result: resultJSON, run: jsonSearch},
		{names: "json_value", group: group, least: 2, most: 2, args: "js", traits: givesNull, result: resultText(512), run: jsonValueOf},
		{names: "json_pretty", group: group, least: 1, most: 1, args: "j", result: resultText(-1), run: jsonPretty},
		{names: "json_storage_size", group: group, least: 1, most: 1, args: "j", result: resultBigint, run: jsonStorageSize},
		{names: "json_storage_free", group: group, least: 1, most: 1, args: "j", result: resultBigint, run: jsonStorageFree},
	}
}

func resultUnquoted([]Operand) schemas.Type { return text(-1, "utf8mb4_bin") }

func resultQuotedJSON(args []Operand) schemas.Type {
	n := textLength(args[0].Type)
	if n >= 0 {
		n = n*6 + 2
	}
	return text(n, "")
}

func jsonExtract(r *runtime, args []txn.Value) (txn.Value, error) {
	doc, err := document(args[0], 1, "json_extract")
	if err != nil {
		return txn.Null(), err
	}
	var found []*node
	many := len(args) > 2
	for _, a := range args[1:] {
		p, err := parsePath(a)
		if err != nil {
			return txn.Null(), err
		}
		many = many || p.hasWildcard()
		found = append(found, p.find(doc, nil)...)
	}
	switch {
	case len(found) == 0:
		return txn.Null(), nil
	case many:
		return (&node{kind: jsonArray, items: found}).value(), nil
	}
	return found[0].value(), nil
}

func jsonUnquote(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return txn.Text(b), nil
	}
	n, err := document(txn.Text(b), 1, "json_unquote")
	if err != nil {
		return txn.Null(), err
	}
	return txn.Text(n.text), nil
}

func jsonQuote(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Text(schemas.AppendJSONString(nil, textOf(args[0]))), nil
}

// jsonObjectOperand is JSON_OBJECT(key, value, …).
func jsonObjectOperand(args []Operand) (Operand, error) {
	if len(args)%2 == 1 {
		return Operand{}, mysqlerr.New(errParameterCount, "json_object")
	}
	sqls := make([]string, len(args))
	for i, a := range args {
		if i%2 == 1 {
			sqls[i] = asJSONValue(a)
			continue
		}
		key, err := asText(a)
		if err != nil {
			return key, err
		}
		sqls[i] = key.SQL
	}
	return Operand{SQL: call("marmot_json_object_of", sqls...), Type: jsonType(), Nullable: true, Coercibility: Implicit}, nil
}

// errParameterCount is MySQL's "Incorrect parameter count in the call to native function".
const errParameterCount = 1582

func jsonObjectOf(r *runtime, args []txn.Value) (txn.Value, error) {
	n := &node{kind: jsonObject}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i].IsNull() {
			return txn.Null(), mysqlerr.New(errJSONNullKey)
		}
		n.put(bytes.Clone(textOf(args[i])), valueNode(args[i+1]))
	}
	return n.value(), nil
}

func jsonArrayOf(r *runtime, args []txn.Value) (txn.Value, error) {
	n := &node{kind: jsonArray}
	for _, a := range args {
		n.items = append(n.items, valueNode(a))
	}
	return n.value(), nil
}

func jsonValid(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].Kind() != txn.KindText {
		return txn.Int(0), nil
	}
	_, err := parseJSON(args[0].Bytes())
	return boolValue(err == nil), nil
}

func jsonTypeOf(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_type")
	if err != nil {
		return txn.Null(), err
	}
	switch n.kind {
	case jsonNull:
		return txn.TextString("NULL"), nil
	case jsonBool:
		return txn.TextString("BOOLEAN"), nil
	case jsonString:
		return txn.TextString("STRING"), nil
	case jsonArray:
		return txn.TextString("ARRAY"), nil
	case jsonObject:
		return txn.TextString("OBJECT"), nil
	}
	if !n.isInteger() {
		return txn.TextString("DOUBLE"), nil
	}
	if d, _ := parseDec(n.text); d.big != nil || d.fits(false) && d.int64() > 1<<32-1 { // as text that is parsed gives it
		return txn.TextString("UNSIGNED INTEGER"), nil
	}
	return txn.TextString("INTEGER"), nil
}

func jsonDepth(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_depth")
	if err != nil {
		return txn.Null(), err
	}
	return txn.Int(int64(n.depth())), nil
}

// at reads the document in argument 0 and follows the path in argument i, if there is one. A nil
// node means that nothing is there.
func at(args []txn.Value, i int, function string) (*node, error) {
	n, err := document(args[0], 1, function)
	if err != nil || i >= len(args) {
		return n, err
	}
	p, err := parsePath(args[i])
	if err != nil {
		return nil, err
	}
	if p.hasWildcard() {
		return nil, mysqlerr.New(errJSONWildcard)
	}
	found := p.find(n, nil)
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

func jsonLength(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := at(args, 1, "json_length")
	if err != nil || n == nil {
		return txn.Null(), err
	}
	switch n.kind {
	case jsonArray:
		return txn.Int(int64(len(n.items))), nil
	case jsonObject:
		return txn.Int(int64(len(n.members))), nil
	}
	return txn.Int(1), nil
}

func jsonKeys(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := at(args, 1, "json_keys")
	if err != nil || n == nil || n.kind != jsonObject {
		return txn.Null(), err
	}
	keys := &node{kind: jsonArray}
	for _, m := range n.members {
		keys.items = append(keys.items, &node{kind: jsonString, text: m.key})
	}
	return keys.value(), nil
}

func jsonContains(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := at(args, 2, "json_contains")
	if err != nil || n == nil {
		return txn.Null(), err
	}
	candidate, err := document(args[1], 2, "json_contains")
	if err != nil {
		return txn.Null(), err
	}
	return boolValue(contains(n, candidate)), nil
}

func contains(n, candidate *node) bool {
	switch {
	case n.kind == jsonArray && candidate.kind == jsonArray:
		for _, x := range candidate.items {
			if !contains(n, x) {
				return false
			}
		}
		return true
	case n.kind == jsonArray:
		for _, x := range n.items {
			if contains(x, candidate) {
				return true
			}
		}
		return false
	case n.kind == jsonObject && candidate.kind == jsonObject:
		for _, m := range candidate.members {
			if have := n.get(m.key); have == nil || !contains(have, m.value) {
				return false
			}
		}
		return true
	}
	return compareNodes(n, candidate) == 0
}

// oneOrAll reads the argument 'one' or 'all'.
func oneOrAll(v txn.Value, function string) (one bool, err error) {
	switch strings.ToLower(string(textOf(v))) {
	case "one":
		return true, nil
	case "all":
		return false, nil
	}
	return false, mysqlerr.New(errJSONOneOrAll, function)
}

func jsonContainsPath(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_contains_path")
	if err != nil {
		return txn.Null(), err
	}
	one, err := oneOrAll(args[1], "json_contains_path")
	if err != nil {
		return txn.Null(), err
	}
	for _, a := range args[2:] {
		p, err := parsePath(a)
		if err != nil {
			return txn.Null(), err
		}
		if found := len(p.find(n, nil)) > 0; found == one {
			return boolValue(found), nil
		}
	}
	return boolValue(!one), nil
}

func jsonOverlaps(r *runtime, args []txn.Value) (txn.Value, error) {
	a, err := document(args[0], 1, "json_overlaps")
	if err != nil {
		return txn.Null(), err
	}
	b, err := document(args[1], 2, "json_overlaps")
	if err != nil {
		return txn.Null(), err
	}
	if a.kind == jsonObject && b.kind == jsonObject {
		for _, m := range a.members {
			if have := b.get(m.key); have != nil && compareNodes(have, m.value) == 0 {
				return txn.Int(1), nil
			}
		}
		return txn.Int(0), nil
	}
	for _, x := range itemsOf(a) {
		for _, y := range itemsOf(b) {
			if compareNodes(x, y) == 0 {
				return txn.Int(1), nil
			}
		}
	}
	return txn.Int(0), nil
}

// itemsOf are the items of an array; another value is its own only item.
func itemsOf(n *node) []*node {
	if n.kind == jsonArray {
		return n.items
	}
	return []*node{n}
}

func jsonMemberOf(r *runtime, args []txn.Value) (txn.Value, error) {
	array, err := document(args[1], 2, "member of")
	if err != nil {
		return txn.Null(), err
	}
	want := valueNode(args[0])
	for _, x := range itemsOf(array) {
		if compareNodes(x, want) == 0 {
			return txn.Int(1), nil
		}
	}
	return txn.Int(0), nil
}

// jsonSearch is JSON_SEARCH(doc, one_or_all, pattern[, escape[, path …]]).
func jsonSearch(r *runtime, args []txn.Value) (txn.Value, error) {
	for i, a := range args {
		if i != 3 && a.IsNull() {
			return txn.Null(), nil
		}
	}
	n, err := document(args[0], 1, "json_search")
	if err != nil {
		return txn.Null(), err
	}
	one, err := oneOrAll(args[1], "json_search")
	if err != nil {
		return txn.Null(), err
	}
	escape := []byte{'\\'}
	if len(args) > 3 && len(textOf(args[3])) > 0 {
		escape = textOf(args[3])
	}
	pattern := r.patterns.like(textOf(args[2]), escape, schemas.LookupCollation("utf8mb4_bin"))
	within := []*node{n}
	if len(args) > 4 {
		within = nil
		for _, a := range args[4:] {
			p, err := parsePath(a)
			if err != nil {
				return txn.Null(), err
			}
			within = p.find(n, within)
		}
	}
	out := &node{kind: jsonArray}
	searchNode(n, "$", false, within, func(text []byte, place string) bool {
		if pattern.Match(text) {
			out.items = append(out.items, &node{kind: jsonString, text: []byte(place)})
		}
		return !one || len(out.items) == 0
	})
	switch len(out.items) {
	case 0:
		return txn.Null(), nil
	case 1:
		return out.items[0].value(), nil
	}
	return out.value(), nil
}

// searchNode hands each string below the nodes of within to visit, with its path, until that
// returns false.
func searchNode(n *node, place string, inside bool, within []*node, visit func(text []byte, place string) bool) bool {
	for _, w := range within {
		inside = inside || w == n
	}
	if n.kind == jsonString && inside && !visit(n.text, place) {
		return false
	}
	for i, x := range n.items {
		if !searchNode(x, place+"["+itoa(i)+"]", inside, within, visit) {
			return false
		}
	}
	for _, m := range n.members {
		if !searchNode(m.value, place+"."+pathKey(m.key), inside, within, visit) {
			return false
		}
	}
	return true
}

// pathKey is a key as a path spells it, quoted unless it is a plain name.
func pathKey(key []byte) string {
	p := pathParser{text: key}
	if l, ok := p.member(); ok && l.kind == legMember && p.at == len(key) && key[0] != '"' {
		return string(key)
	}
	return string(schemas.AppendJSONString(nil, key))
}

// jsonValueOf is JSON_VALUE(doc, path) as text; RETURNING is a Cast of it.
func jsonValueOf(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_value")
	if err != nil {
		return txn.Null(), err
	}
	p, err := parsePath(args[1])
	if err != nil {
		return txn.Null(), err
	}
	found := p.find(n, nil)
	if len(found) != 1 || found[0].kind == jsonNull || found[0].kind == jsonArray || found[0].kind == jsonObject {
		return txn.Null(), nil
	}
	return txn.Text(found[0].text), nil
}

func jsonPretty(r *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_pretty")
	if err != nil {
		return txn.Null(), err
	}
	out := n.appendPretty(nil, 0)
	if len(out) > maxPacket {
		return r.tooLong("json_pretty")
	}
	return txn.Text(out), nil
}

// appendPretty stops somewhere behind maxPacket bytes: indentation makes a hundred of one.
func (n *node) appendPretty(dst []byte, indent int) []byte {
	if len(dst) > maxPacket {
		return dst
	}
	line := func(dst []byte, depth int) []byte {
		return append(append(dst, '\n'), strings.Repeat("  ", depth)...)
	}
	switch {
	case n.kind == jsonArray && len(n.items) > 0:
		dst = append(dst, '[')
		for i, x := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = x.appendPretty(line(dst, indent+1), indent+1)
		}
		return append(line(dst, indent), ']')
	case n.kind == jsonObject && len(n.members) > 0:
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(schemas.AppendJSONString(line(dst, indent+1), m.key), ": "...)
			dst = m.value.appendPretty(dst, indent+1)
		}
		return append(line(dst, indent), '}')
	}
	return n.append(dst)
}

func jsonStorageFree(r *runtime, args []txn.Value) (txn.Value, error) {
	_, err := document(args[0], 1, "json_storage_free")
	return txn.Int(0), err
}
