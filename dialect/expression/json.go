package expression

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// MySQL's errors on JSON.
const (
	errJSONText     = 3141
	errJSONPath     = 3143
	errJSONType     = 3146
	errJSONWildcard = 3149
	errJSONCharset  = 3144
	errJSONRoot     = 3153
	errJSONOneOrAll = 3154
	errJSONNullKey  = 3158
	errJSONDepth    = 3157
)

type nodeKind uint8

// The kinds of JSON values, in the order in which MySQL compares values of different kinds.
const (
	jsonNull nodeKind = iota + 1
	jsonNumber
	jsonString
	jsonObject
	jsonArray
	jsonBool
)

// node is a JSON value. text holds a string without quotes, or a number or word as it is printed.
type node struct {
	kind    nodeKind
	text    []byte
	items   []*node  // of an array
	members []member // of an object, by CompareJSONKeys
}

type member struct {
	key   []byte
	value *node
}

// parseJSON reads a document. The error is schemas' *JSONError.
func parseJSON(text []byte) (*node, error) {
	normal, err := schemas.NormalizeJSON(nil, text)
	if err != nil {
		return nil, err
	}
	p := nodeParser{text: normal}
	return p.value(), nil
}

// nodeParser reads JSON in normal form, which needs no checks.
type nodeParser struct {
	text []byte
	at   int
}

func (p *nodeParser) space() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *nodeParser) value() *node {
	p.space()
	if p.at >= len(p.text) {
		return &node{kind: jsonNull, text: []byte("null")}
	}
	switch p.text[p.at] {
	case '{':
		return p.object()
	case '[':
		return p.array()
	case '"':
		return &node{kind: jsonString, text: p.str()}
	}
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != ',' && p.text[p.at] != ']' && p.text[p.at] != '}' && p.text[p.at] != ' ' {
		p.at++
	}
	word := p.text[start:p.at]
	switch string(word) {
	case "null":
		return &node{kind: jsonNull, text: word}
	case "true", "false":
		return &node{kind: jsonBool, text: word}
	}
	return &node{kind: jsonNumber, text: word}
}

// more skips to the next item, and reports false at the end of the array or object.
func (p *nodeParser) more(end byte) bool {
	p.space()
	if p.at >= len(p.text) || p.text[p.at] == end {
		p.at++
		return false
	}
	if p.text[p.at] == ',' {
		p.at++
		p.space()
	}
	return true
}

func (p *nodeParser) array() *node {
	n := &node{kind: jsonArray}
	p.at++
	for p.more(']') {
		n.items = append(n.items, p.value())
	}
	return n
}

func (p *nodeParser) object() *node {
	n := &node{kind: jsonObject}
	p.at++
	for p.more('}') {
		key := p.str()
		p.space()
		p.at++ // the colon
		n.members = append(n.members, member{key: key, value: p.value()})
	}
	return n
}

func (p *nodeParser) str() []byte {
	p.at++
	start := p.at
	escaped := false
	for p.at < len(p.text) && p.text[p.at] != '"' {
		if p.text[p.at] == '\\' {
			escaped = true
			p.at++
		}
		p.at++
	}
	raw := p.text[start:min(p.at, len(p.text))]
	p.at++
	if !escaped {
		return raw
	}
	return unescapeJSON(raw)
}

// unescapeJSON undoes the escapes of AppendJSONString.
func unescapeJSON(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			out = append(out, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			if i+4 < len(raw) {
				c, _ := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
				out = append(out, string(rune(c))...)
				i += 4
			}
		default:
			out = append(out, raw[i])
		}
	}
	return out
}

// append appends the value in normal form.
func (n *node) append(dst []byte) []byte {
	switch n.kind {
	case jsonString:
		return schemas.AppendJSONString(dst, n.text)
	case jsonArray:
		dst = append(dst, '[')
		for i, x := range n.items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = x.append(dst)
		}
		return append(dst, ']')
	case jsonObject:
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(schemas.AppendJSONString(dst, m.key), ": "...)
			dst = m.value.append(dst)
		}
		return append(dst, '}')
	}
	return append(dst, n.text...)
}

func (n *node) value() txn.Value { return txn.Text(n.append(nil)) }

func findMember(members []member, key []byte) (int, bool) {
	return slices.BinarySearchFunc(members, key, func(m member, key []byte) int { return schemas.CompareJSONKeys(m.key, key) })
}

func (n *node) get(key []byte) *node {
	if i, ok := findMember(n.members, key); ok {
		return n.members[i].value
	}
	return nil
}

// put sets a member of an object.
func (n *node) put(key []byte, value *node) {
	i, ok := findMember(n.members, key)
	if ok {
		n.members[i].value = value
		return
	}
	n.members = slices.Insert(n.members, i, member{key: key, value: value})
}

func (n *node) clone() *node {
	c := *n
	c.items = make([]*node, len(n.items))
	for i, x := range n.items {
		c.items[i] = x.clone()
	}
	c.members = make([]member, len(n.members))
	for i, m := range n.members {
		c.members[i] = member{key: m.key, value: m.value.clone()}
	}
	return &c
}

func (n *node) depth() int {
	most := 0
	for _, x := range n.items {
		most = max(most, x.depth())
	}
	for _, m := range n.members {
		most = max(most, m.value.depth())
	}
	return most + 1
}

// isInteger reports whether a number has neither fraction nor exponent.
func (n *node) isInteger() bool { return !bytes.ContainsAny(n.text, ".eE") }

// compareNodes is MySQL's order of JSON values.
func compareNodes(a, b *node) int {
	if a.kind != b.kind {
		return int(a.kind) - int(b.kind)
	}
	switch a.kind {
	case jsonNumber:
		x, _ := parseDec(a.text)
		y, _ := parseDec(b.text)
		if !a.isInteger() && !b.isInteger() {
			f, _ := parseFloat(a.text)
			g, _ := parseFloat(b.text)
			return int(compareOrdered(f, g).Int64())
		}
		return x.compare(y)
	case jsonArray:
		for i := range min(len(a.items), len(b.items)) {
			if c := compareNodes(a.items[i], b.items[i]); c != 0 {
				return c
			}
		}
		return len(a.items) - len(b.items)
	case jsonObject:
		if len(a.members) != len(b.members) {
			return len(a.members) - len(b.members)
		}
		for i := range a.members {
			if c := schemas.CompareJSONKeys(a.members[i].key, b.members[i].key); c != 0 {
				return c
			}
			if c := compareNodes(a.members[i].value, b.members[i].value); c != 0 {
				return c
			}
		}
		return 0
	case jsonBool:
		return len(b.text) - len(a.text) // "false" is longer, and less
	}
	return bytes.Compare(a.text, b.text)
}

// document reads argument n, from 1, of a function as JSON. The error is MySQL's 3141 or 3146.
func document(v txn.Value, n int, function string) (*node, error) {
	if v.Kind() != txn.KindText {
		return nil, mysqlerr.New(errJSONType, n, function)
	}
	d, err := parseJSON(v.Bytes())
	if err == nil {
		return d, nil
	}
	var e *schemas.JSONError
	if errors.As(err, &e) && e.Reason != schemas.ErrJSONDepth {
		return nil, mysqlerr.New(errJSONText, n, function, e.Reason, e.Offset)
	}
	return nil, mysqlerr.New(errJSONDepth)
}

// valueNode is a node from JSON text that asJSONValue made.
func valueNode(v txn.Value) *node {
	if v.IsNull() {
		return &node{kind: jsonNull, text: []byte("null")}
	}
	p := nodeParser{text: v.Bytes()}
	return p.value()
}

// jsonValueFunction is marmot_to_json(x, kind): a value of SQL as JSON; NULL is null.
func jsonValueFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	v, kind := args[0], string(args[1].Bytes())
	if v.IsNull() {
		return txn.TextString("null"), nil
	}
	switch kind {
	case "bool":
		if r.float(v) != 0 {
			return txn.TextString("true"), nil
		}
		return txn.TextString("false"), nil
	case "number", "scalar":
		switch v.Kind() {
		case txn.KindInteger:
			return txn.Text(textOf(v)), nil
		case txn.KindReal:
			return txn.Text(schemas.AppendJSONDouble(nil, v.Float64())), nil
		}
		if kind == "number" {
			return r.dec(v).value(), nil
		}
	case "time", "datetime":
		return txn.Text(schemas.AppendJSONString(nil, sixDigits(v.Bytes()))), nil
	case "blob", "bit":
		code := "base64:type15:"
		if kind == "bit" {
			code = "base64:type16:"
		}
		return txn.TextString(`"` + code + base64.StdEncoding.EncodeToString(bytesOfBit(v)) + `"`), nil
	}
	return txn.Text(schemas.AppendJSONString(nil, textOf(v))), nil
}

func bytesOfBit(v txn.Value) []byte {
	if v.Kind() != txn.KindInteger {
		return v.Bytes()
	}
	n := uint64(v.Int64())
	var out []byte
	for n > 0 || len(out) == 0 {
		out = append([]byte{byte(n)}, out...)
		n >>= 8
	}
	return out
}

// sixDigits gives the text of a time six fraction digits, as JSON shows times.
func sixDigits(b []byte) []byte {
	have := 0
	out := append(make([]byte, 0, len(b)+7), b...)
	if i := bytes.IndexByte(b, '.'); i >= 0 {
		have = len(b) - i - 1
	} else {
		out = append(out, '.')
	}
	for range 6 - have {
		out = append(out, '0')
	}
	return out
}

// castJSONFunction is marmot_cast_json(x): text parsed as a document.
func castJSONFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	v := args[0]
	switch v.Kind() {
	case txn.KindNull:
		return v, nil
	case txn.KindInteger, txn.KindReal:
		return jsonValueFunction(r, []txn.Value{v, txn.TextString("number")})
	case txn.KindBlob:
		return txn.Null(), mysqlerr.New(errJSONCharset, "binary")
	}
	d, err := document(v, 1, "cast_as_json")
	if err != nil {
		return txn.Null(), err
	}
	return d.value(), nil
}

// notJSON is marmot_not_json(x): the place of an argument that has to be JSON and is of another type.
func notJSON(r *runtime, args []txn.Value) (txn.Value, error) {
	switch v := args[0]; v.Kind() {
	case txn.KindNull:
		return v, nil
	default:
		return txn.Blob(textOf(v)), nil // which document() refuses with 3146
	}
}

func jsonNumberFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	return txn.Real(r.jsonFloat(valueNode(args[0]))), nil
}

func (r *runtime) jsonFloat(n *node) float64 {
	switch n.kind {
	case jsonNumber, jsonString:
		f, clean := parseFloat(n.text)
		if !clean {
			r.warn(mysqlerr.New(errJSONCast, "DOUBLE", "", 1))
		}
		return f
	case jsonBool:
		if n.text[0] == 't' {
			return 1
		}
		return 0
	}
	r.warn(mysqlerr.New(errJSONCast, "DOUBLE", "", 1))
	return 0
}

// errJSONCast is MySQL's "Invalid JSON value for CAST to …".
const errJSONCast = 3156

// jsonTruth: everything but 0, false and null is true.
func jsonTruth(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	switch n := valueNode(args[0]); n.kind {
	case jsonNumber:
		f, _ := parseFloat(n.text)
		return boolValue(f != 0), nil
	case jsonBool:
		return boolValue(n.text[0] == 't'), nil
	}
	return txn.Int(1), nil
}

// jsonCompareFunction is marmot_json_compare(a, b).
func jsonCompareFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || args[1].IsNull() {
		return txn.Null(), nil
	}
	return txn.Int(int64(compareNodes(valueNode(args[0]), valueNode(args[1])))), nil
}

// jsonKeyFunction is marmot_json_key(x): bytes that order and equal as JSON values do, objects and
// arrays by their size and text.
func jsonKeyFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	return txn.Blob(valueNode(args[0]).appendKey(nil)), nil
}

func (n *node) appendKey(dst []byte) []byte {
	dst = append(dst, byte(n.kind))
	switch n.kind {
	case jsonNumber:
		f, _ := parseFloat(n.text)
		bits := math.Float64bits(f)
		if f == 0 {
			bits = 0
		}
		if bits>>63 != 0 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		for i := 7; i >= 0; i-- {
			dst = append(dst, byte(bits>>(8*i)))
		}
		return dst
	case jsonBool:
		return append(dst, byte('z'-len(n.text)))
	case jsonArray:
		for _, x := range n.items {
			dst = x.appendKey(append(dst, 1))
		}
		return append(dst, 0)
	case jsonObject:
		dst = strconv.AppendInt(append(dst, byte(len(strconv.Itoa(len(n.members))))), int64(len(n.members)), 10)
		return n.append(dst)
	}
	return append(dst, n.text...)
}
